"""What the stops draw: real numbers of the model, in windows, whatever the family and the length."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from bert_explorer.analysis.anatomy.scene import Scene, set_scene
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.plots.anatomy import STOPS, draw_stop
from bert_explorer.plots.anatomy.stage import Stage
from bert_explorer.plots.matrices import MAX_DIMENSIONS, Matrix, Picture
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

TEXT = "the cat sat on the [MASK] ."
FAMILIES = ("bert", "distilbert", "roberta", "electra", "albert", "mpnet", "modernbert", "deberta-v2")
OpenFamily = Callable[[str], Engine]


@pytest.fixture(scope="module")
def open_family(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenFamily]:
    home = tmp_path_factory.mktemp("home")
    cache = ModelCache(Settings(home=home, offline=True, device="cpu", num_threads=1))
    leases = {}

    def open_one(family: str) -> Engine:
        if family not in leases:
            build_tiny(family, Path(home / "models" / family))
            lease = cache.lease(f"local:{family}")
            leases[family] = (lease, lease.__enter__())
        return leases[family][1]

    yield open_one
    for lease, _ in leases.values():
        lease.__exit__(None, None, None)
    cache.close()


def scene_of(engine: Engine, stop: str, text: str = TEXT, **options: int) -> Scene:
    chosen = {"layer": 1, "head": 1, "token": 2} | options
    return set_scene(engine, text, None, STOPS[stop].view, **chosen)


def draw(engine: Engine, stop: str, text: str = TEXT, **options: int) -> dict[str, Matrix]:
    picture = draw_stop(stop, Stage(scene_of(engine, stop, text, **options)))
    return {matrix.symbol: matrix for matrix in picture.matrices}


@pytest.mark.parametrize("family", FAMILIES)
def test_every_stop_is_drawn_for_every_family(family: str, open_family: OpenFamily) -> None:
    engine = open_family(family)
    for stop in STOPS:
        picture = draw_stop(stop, Stage(scene_of(engine, stop)))
        assert picture.difference < 1e-4
        for matrix in picture.matrices:
            check_shape(matrix)
        assert picture.note


def check_shape(matrix: Matrix) -> None:
    rows, columns = matrix.values.shape
    assert (len(matrix.rows), len(matrix.columns)) == (rows, columns)
    assert len(matrix.how) in (0, rows * columns)
    assert columns <= MAX_DIMENSIONS
    assert matrix.start[0] + rows <= matrix.shape[0]
    assert matrix.start[1] + columns <= matrix.shape[1]


def test_a_long_text_sends_a_window(open_family: OpenFamily) -> None:
    engine = open_family("bert")
    text = "the cat and the dog are at home " * 15
    for stop in STOPS:
        stage = Stage(scene_of(engine, stop, text, token=100), from_token=90, from_dimension=1000)
        picture = draw_stop(stop, stage)
        assert len(picture.tokens) > 100
        for matrix in picture.matrices:
            check_shape(matrix)
            assert matrix.values.size <= 24 * 32
    block = draw(engine, "words", text)["E"]
    moved = draw_stop("words", Stage(scene_of(engine, "words", text), from_token=90)).matrices[0]
    assert (block.start[0], moved.start[0]) == (0, 90)
    assert not np.array_equal(block.values, moved.values)


def test_the_numbers_are_the_models(open_family: OpenFamily) -> None:
    """Attention, mixtures and words from the engine; sums and products from each other."""
    engine = open_family("bert")
    attention = engine.attentions(TEXT, layers=[1]).attentions[0]  # (head, query, key)
    states = engine.hidden_states(TEXT).hidden_states
    parts = draw(engine, "sum")
    total = parts["E"].values + parts["P"].values + parts["S"].values
    np.testing.assert_allclose(parts["Σ"].values, total, atol=1e-6)
    np.testing.assert_allclose(parts["h"].values[0], states[0, 2, :32], atol=1e-4)
    products = draw(engine, "products")
    np.testing.assert_allclose(products["q k"].values, products["q"].values * products["k"].values, atol=1e-5)
    np.testing.assert_allclose(products["q·k"].values[0], products["q k"].values.sum(axis=1), atol=1e-5)
    softmax = draw(engine, "softmax")
    np.testing.assert_allclose(softmax["a"].values[0], attention[1, 2], atol=1e-4)
    np.testing.assert_allclose(softmax["A"].values, attention[1], atol=1e-4)
    assert softmax["A"].marked_row == 2
    np.testing.assert_allclose(draw(engine, "heads")["a"].values, attention[:, 2], atol=1e-4)
    mixture = draw(engine, "mixture")
    np.testing.assert_allclose(mixture["z"].values[0], attention[1, 2] @ mixture["v"].values, atol=1e-4)
    following = draw(engine, "next")
    np.testing.assert_allclose(following["y"].values[0], states[2, 2, :32], atol=1e-4)
    np.testing.assert_allclose(following["h"].values, states[:, 2, :32], atol=1e-4)


def test_the_last_stop_names_the_models_words(open_family: OpenFamily) -> None:
    engine = open_family("bert")
    answer = engine.mask_logits(TEXT)
    word = draw(engine, "word", token=int(answer.positions[0]))
    best = np.argsort(-answer.logits[0], kind="stable")[:10]
    assert word["p"].columns == tuple(engine.vocabulary[i] for i in best)
    np.testing.assert_allclose(word["l"].values[0], answer.logits[0][best], atol=1e-4)


def test_a_cell_says_what_it_came_from(open_family: OpenFamily) -> None:
    engine = open_family("bert")
    parts = draw(engine, "sum")
    first = [f"{parts[name].values[0, 0]:.3f}".replace("-", "−") for name in "EPS"]
    written = parts["Σ"].how[0].replace("(", "").replace(")", "")
    assert written == " + ".join(first)
    residual = draw_stop("residual", Stage(scene_of(engine, "residual")))
    assert [matrix.sign for matrix in residual.matrices] == ["", "+", "=", "→"]


def test_modernbert_masks_what_is_far_and_norms_before(open_family: OpenFamily) -> None:
    engine = open_family("modernbert")
    text = "the cat and the dog are at home " * 3
    drawn: Picture = draw_stop("scores", Stage(scene_of(engine, "scores", text, layer=1, token=1)))
    mask = drawn.matrices[2]
    assert np.isneginf(mask.values[0, 20])
    assert mask.values[0, 1] == 0
    assert "outside the window" in mask.how[20]
    assert [
        matrix.symbol for matrix in draw_stop("residual", Stage(scene_of(engine, "residual"))).matrices
    ] == [
        "x",
        "o",
        "Σ",
    ]
