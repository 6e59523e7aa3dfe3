"""bertviz's views without a browser: what is in the page, and what is refused."""

import json
import re

import numpy as np
import pytest
import torch
from bertviz import head_view, model_view

from bert_explorer.errors import InputError
from bert_explorer.plots import bertviz
from bert_explorer.plots.bertviz import (
    head_view_height,
    head_view_html,
    model_view_height,
    model_view_html,
)
from bert_explorer.results import Attention
from tests.plots.conftest import MakeAttention

TOKENS = ["[CLS]", "the", "cat", "[SEP]", "sat", "down", "[SEP]"]


def packed_params(page: str) -> dict[str, object]:
    found = re.search(r"unpackParams\((\{.*\})\);", page)
    assert found is not None
    params: dict[str, object] = json.loads(found.group(1))
    return params


def test_weights_are_written_once_in_thousandths(make_attention: MakeAttention) -> None:
    attention = make_attention(TOKENS, second=4)
    page = head_view_html(attention)
    params = packed_params(page)
    assert page.count('"thousandths"') == 1
    np.testing.assert_allclose(np.array(params["thousandths"]) / 1000, attention.attentions, atol=0.0005001)


def test_pairs_have_the_four_directions_of_bertviz(make_attention: MakeAttention) -> None:
    attention = make_attention(TOKENS, second=4)
    views = {view["name"]: view for view in packed_params(model_view_html(attention))["views"]}
    assert list(views) == ["All", *(f"Sentence {a} → Sentence {b}" for a, b in ("AA", "BB", "AB", "BA"))]
    crossing = views["Sentence A → Sentence B"]
    assert (crossing["left"], crossing["right"]) == ([0, 4], [4, 7])
    assert [view["name"] for view in packed_params(head_view_html(make_attention(TOKENS)))["views"]] == [
        "All"
    ]


def test_layers_and_heads_are_counted_from_one_on_the_page(make_attention: MakeAttention) -> None:
    whole = make_attention(TOKENS, num_layers=6)
    chosen = Attention(whole.tokens, (2, 5), whole.attentions[[2, 5]])
    params = packed_params(head_view_html(chosen, layer=5, heads=[0, 3]))["params"]
    assert (params["include_layers"], params["layer"], params["heads"]) == ([3, 6], 6, [0, 3])
    model = packed_params(model_view_html(chosen, heads=[1, 3]))
    assert model["params"]["include_heads"] == [2, 4]
    np.testing.assert_allclose(
        np.array(model["thousandths"]) / 1000, chosen.attentions[:, [1, 3]], atol=0.0005001
    )
    with pytest.raises(ValueError, match="layer 0 is not among"):
        head_view_html(chosen, layer=0)


def test_nothing_of_the_page_lies_elsewhere(make_attention: MakeAttention) -> None:
    for page in (head_view_html(make_attention(TOKENS)), model_view_html(make_attention(TOKENS))):
        assert "cdnjs" not in page
        assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", page)
        assert "default-src 'none'" in page


@pytest.mark.parametrize(
    "evil",
    [
        "</script><script>window.hacked=1</script>",
        "<!--<script>",
        "\u2028'\"`${1}",
        "PYTHON_PARAMS",
        "\ud800",
    ],
)
def test_a_token_cannot_leave_its_string(make_attention: MakeAttention, evil: str) -> None:
    tokens = ["[CLS]", evil, "[SEP]"]
    page = head_view_html(make_attention(tokens))
    page.encode("utf-8")
    plain = head_view_html(make_attention(["[CLS]", "word", "[SEP]"]))
    for tag in ("<script", "</script>", "<!--"):
        assert page.count(tag) == plain.count(tag)
    assert packed_params(page)["tokens"][0] == "[CLS]"
    assert "hacked=1</" not in page


def test_long_tokens_fit_their_column(make_attention: MakeAttention) -> None:
    page = head_view_html(make_attention(["[CLS]", "Ġinternationalization", "[SEP]"]))
    assert packed_params(page)["tokens"][1] == "international…"


def test_more_lines_than_a_browser_can_draw_are_refused(make_attention: MakeAttention) -> None:
    attention = make_attention(["t"] * 160, num_layers=2, num_heads=12)
    with pytest.raises(InputError, match=r"307,200 lines \(160 tokens, 12 heads\)"):
        head_view_html(attention)
    with pytest.raises(InputError, match="fewer layers"):
        model_view_html(attention)
    assert model_view_html(attention, heads=[0, 1])


def test_a_page_too_large_to_send_is_refused(
    make_attention: MakeAttention, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bertviz, "MAX_HTML_BYTES", 100_000)
    with pytest.raises(InputError, match=r"MB large, more than 0 MB"):
        head_view_html(make_attention(TOKENS))


# bertviz leaves the file of its script open
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(("seq_len", "share"), [(32, 0.2), (96, 0.1)])
def test_pages_are_a_fraction_of_bertvizs_own(
    make_attention: MakeAttention, seq_len: int, share: float
) -> None:
    attention = make_attention(["word"] * seq_len, num_layers=6, num_heads=12)
    tensors = [torch.from_numpy(layer)[None] for layer in attention.attentions]
    own = head_view(tensors, list(attention.tokens.tokens), html_action="return").data
    assert len(head_view_html(attention)) < share * len(own)


def test_heights_cover_what_is_drawn(make_attention: MakeAttention) -> None:
    attention = make_attention(["word"] * 40, num_layers=2, num_heads=12)
    assert head_view_height(attention) > 40 * 22.5 + 30
    assert model_view_height(attention) > 40 * 18 + 55
    tall = make_attention(["word"] * 40, num_layers=12, num_heads=12)
    assert model_view_height(tall) > 12 * 40 * 7


def test_another_version_of_bertviz_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bertviz, "PARAMS_MARKER", "const params = OTHER;")
    bertviz._read_bertviz.cache_clear()
    with pytest.raises(RuntimeError, match=r"another head_view\.js"):
        bertviz._read_bertviz("head_view.js")
    bertviz._read_bertviz.cache_clear()


def test_bertviz_still_has_the_views_that_are_wrapped() -> None:
    assert callable(head_view)
    assert callable(model_view)
