"""The Python half of the attention canvas; tests/e2e/test_attention_view.py has the browser's half."""

import base64
import json
import re

import numpy as np
import plotly.colors
import pytest

from bert_explorer.plots import theme
from bert_explorer.ui.components.attention_view import (
    DIVERGING,
    SEQUENTIAL,
    STEPS,
    Thumbnails,
    WeightsPicture,
    pack,
    shrink,
    view_html,
)

EVIL = "</script><img src=x onerror=alert(1)>"


def random_weights(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).dirichlet(np.ones(shape[-1]), size=shape[:-1]).astype(np.float32)


def unpack(data: dict[str, object], rows: int, cols: int) -> np.ndarray:
    steps = np.frombuffer(base64.b64decode(str(data["weights"])), dtype="<i2").reshape(rows, cols)
    return np.asarray(steps / STEPS * data["largest"])


def test_weights_keep_four_digits_of_the_largest() -> None:
    weights = random_weights(3, 5)
    picture = WeightsPicture(tuple("abcdefgh"), (0,) * 8, weights, (0, 1, 2), (3, 4, 5, 6, 7))
    data = pack(picture, view="map", label="a label", hint="")
    np.testing.assert_allclose(unpack(data, 3, 5), weights, atol=0.51 * weights.max() / STEPS)
    assert (data["rows"], data["cols"]) == ([0, 1, 2], [3, 4, 5, 6, 7])
    json.dumps(data, allow_nan=False)


def test_differences_keep_their_sign_and_nothing_at_all_is_no_error() -> None:
    weights = np.array([[0.0, -0.5], [0.25, 0.0]], dtype=np.float32)
    signed = pack(WeightsPicture(("a", "b"), (0, 0), weights, diverging=True), view="map", label="", hint="")
    np.testing.assert_allclose(unpack(signed, 2, 2), weights, atol=1e-4)
    empty = pack(WeightsPicture(("a",), (0,), np.zeros((1, 1), np.float32)), view="arcs", label="", hint="")
    assert empty["largest"] == 0
    np.testing.assert_array_equal(unpack(empty, 1, 1), [[0]])


def test_a_head_becomes_a_small_picture_of_its_largest_weights() -> None:
    weights = random_weights(2, 100, 100)
    small = shrink(weights, 48)
    assert small.shape == (2, 48, 48)
    starts = [i * 100 // 48 for i in range(48)] + [100]
    block = weights[1, starts[7] : starts[8], starts[47] : starts[48]]
    assert small[1, 7, 47] == block.max()
    np.testing.assert_array_equal(shrink(weights[:, :9, :9], 48), weights[:, :9, :9])
    picture = WeightsPicture(("x",) * 100, (0,) * 100, weights[0])
    heads = pack(picture, view="map", label="", hint="", heads=Thumbnails(weights, 1))["heads"]
    assert (heads["count"], heads["size"], heads["chosen"]) == (2, [48, 48], 1)
    assert len(base64.b64decode(heads["pixels"])) == 2 * 48 * 48


@pytest.mark.parametrize(("length", "limit"), [(32, 60_000), (128, 120_000), (512, 800_000)])
def test_what_is_sent_is_bounded(length: int, limit: int) -> None:
    weights = random_weights(12, length, length)
    picture = WeightsPicture(("[unused999]",) * length, (0,) * length, weights[0])
    assert len(json.dumps(pack(picture, view="map", label="", hint="", heads=Thumbnails(weights, 0)))) < limit


def as_hex(colour: str) -> str:
    """As plotly writes it, #440154 or rgb(68,1,84), to the former."""
    if colour.startswith("#"):
        return colour.lower()
    return "#" + "".join(f"{int(channel):02x}" for channel in plotly.colors.unlabel_rgb(colour))


@pytest.mark.parametrize(("ours", "name"), [(SEQUENTIAL, theme.SEQUENTIAL), (DIVERGING, theme.DIVERGING)])
def test_colours_are_those_of_the_figures(ours: str, name: str) -> None:
    scale = [colour for _, colour in plotly.colors.get_colorscale(name)]
    assert ours.split() == [as_hex(colour) for colour in scale]


def test_the_page_for_a_file_holds_no_markup_of_others_and_asks_nobody() -> None:
    picture = WeightsPicture((EVIL, "b"), (0, 0), random_weights(2, 2))
    page = view_html(picture, view="arcs", label=EVIL, hint=EVIL)
    plain = view_html(
        WeightsPicture(("a", "b"), (0, 0), random_weights(2, 2)), view="arcs", label="", hint=""
    )
    for tag in ("<script", "</script>", "<img"):
        assert page.count(tag) == plain.count(tag)
    assert "default-src 'none'" in page
    assert not re.search(r"(src|href)=[\"']?https?:", page)
