"""Statistics of heads: a text worked out by hand, loops over tokens, and scipy's distances."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon, pdist, squareform

from bert_explorer.analysis.head_distances import compute_entropy, map_distances, sum_divergences
from bert_explorer.analysis.head_importance import choose_positions, measure_importance, text_rows
from bert_explorer.analysis.head_statistics import (
    IMPORTANCE,
    STATISTICS,
    compute_atlas,
    divide_sums,
    sum_statistics,
)
from bert_explorer.analysis.pruning import masked_rows
from bert_explorer.errors import EmptyTextError, InputError
from bert_explorer.models.cache import open_model
from bert_explorer.models.requests import HeadGradientsRequest
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

TEXTS = ("the cat sat on the mat .", "we", "free prize ! call now to win money")


def test_statistics_of_a_text_worked_out_by_hand() -> None:
    """[CLS] a b [SEP]: a looks at [CLS] and b alike; b at a with 1/2, and 1/4 at itself and at [SEP]."""
    weights = np.array([[1, 0, 0, 0], [0.5, 0, 0.5, 0], [0, 0.5, 0.25, 0.25], [0.25] * 4])[None, None]
    values = divide_sums(sum_statistics(weights, np.array([True, False, False, True])))[:, 0, 0]
    by_name = dict(zip(STATISTICS, values, strict=True))
    assert by_name["entropy"] == pytest.approx((1 + 1.5) / 2)
    assert by_name["distance"] == pytest.approx((0.5 * 1 + 0.5 * 1) / (0.5 + 0.5 + 0.25))
    assert by_name["start"] == pytest.approx(0.25)
    assert by_name["separator"] == pytest.approx(0.125)
    assert by_name["self"] == pytest.approx(0.125)
    assert by_name["previous"] == pytest.approx(0.5)  # of b alone
    assert by_name["next"] == pytest.approx(0.5)  # of a alone


def test_a_word_alone_has_no_neighbours() -> None:
    weights = np.full((1, 1, 3, 3), 1 / 3)
    values = dict(
        zip(STATISTICS, divide_sums(sum_statistics(weights, np.array([1, 0, 1], bool))), strict=True)
    )
    assert np.isnan(values["previous"]).all()
    assert np.isnan(values["next"]).all()
    assert values["entropy"].item() == pytest.approx(np.log2(3))


def test_statistics_equal_loops_over_tokens() -> None:
    generator = np.random.default_rng(0)
    weights = generator.dirichlet(np.ones(8), size=(3, 2, 8))  # (3, 2, 8, 8)
    special = np.array([1, 0, 0, 0, 1, 0, 0, 1], dtype=bool)  # a pair
    values = divide_sums(sum_statistics(weights, special))
    ordinary = [i for i in range(8) if not special[i]]
    for layer, head in np.ndindex(3, 2):
        a = weights[layer, head]
        expected = {
            "entropy": np.mean([-sum(p * np.log2(p) for p in a[i]) for i in ordinary]),
            "distance": sum(a[i, j] * abs(i - j) for i in ordinary for j in ordinary)
            / sum(a[i, j] for i in ordinary for j in ordinary),
            "start": np.mean([a[i, 0] for i in ordinary]),
            "separator": np.mean([a[i, 4] + a[i, 7] for i in ordinary]),
            "self": np.mean([a[i, i] for i in ordinary]),
            "previous": np.mean([a[i, i - 1] for i in ordinary if not special[i - 1]]),
            "next": np.mean([a[i, i + 1] for i in ordinary if not special[i + 1]]),
        }
        for number, name in enumerate(STATISTICS):
            assert values[number, layer, head] == pytest.approx(expected[name])


def test_divergences_are_those_of_scipy() -> None:
    rows = np.random.default_rng(0).dirichlet(np.full(6, 0.3), size=(4, 5))  # 4 heads, 5 rows
    rows[0, 0], rows[1, 0] = [1, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0]
    found = sum_divergences(rows)
    for first, second in np.ndindex(4, 4):
        expected = sum(jensenshannon(rows[first, i], rows[second, i], base=2) ** 2 for i in range(5))
        assert found[first, second] == pytest.approx(expected, abs=1e-12)
    assert compute_entropy(np.array([0.0, 1.0])) == 0


def test_a_map_of_points_in_the_plane_keeps_their_distances() -> None:
    points = np.random.default_rng(0).normal(size=(7, 2))
    distances = squareform(pdist(points))
    np.testing.assert_allclose(squareform(pdist(map_distances(distances))), distances, atol=1e-6)
    assert map_distances(np.array([[0, 3], [3, 0]]), 1).tolist() == [[1.5], [-1.5]]
    assert map_distances(np.zeros((3, 3))).tolist() == [[0, 0]] * 3


def test_the_atlas_of_a_model_equals_means_over_its_attention(settings: Settings) -> None:
    assert settings.offline
    seen: list[tuple[int, int]] = []
    with open_model("bundled") as engine:
        atlas = compute_atlas(engine, TEXTS, progress=lambda *done: seen.append(done))
        attentions = [engine.attentions(text) for text in TEXTS]
        ordinary = [np.flatnonzero(~item.tokens.is_special) for item in attentions]
        rows = text_rows(TEXTS, ordinary, engine.info)
        gradients = [
            engine.submit(HeadGradientsRequest(row.text, positions=row.positions)).result(60) for row in rows
        ]
    assert atlas.statistics == (*STATISTICS, IMPORTANCE)
    assert atlas.values.shape == (8, 2, 2)
    assert (atlas.num_texts, atlas.num_tokens) == (3, sum(map(len, ordinary)))
    start = np.concatenate(
        [item.attentions[:, :, at, 0] for item, at in zip(attentions, ordinary, strict=True)], -1
    )
    np.testing.assert_allclose(atlas.statistic("start"), start.mean(axis=-1), atol=1e-6)
    np.testing.assert_allclose(atlas.statistic(IMPORTANCE), np.abs(gradients).mean(axis=0), atol=1e-5)
    first = [item.attentions[0, 0, at] for item, at in zip(attentions, ordinary, strict=True)]
    last = [item.attentions[1, 1, at] for item, at in zip(attentions, ordinary, strict=True)]
    squares = [
        jensenshannon(p, q, base=2) ** 2
        for one, other in zip(first, last, strict=True)
        for p, q in zip(one, other, strict=True)
    ]
    assert atlas.distances[0, 3] == pytest.approx(np.sqrt(np.mean(squares)), abs=1e-4)
    assert seen[-1] == (6, 6)


def test_the_same_text_hides_the_same_tokens() -> None:
    ordinary = np.arange(1, 21)
    chosen = choose_positions("a text", ordinary)
    assert len(chosen) == 3
    assert set(chosen) <= set(ordinary.tolist())
    assert chosen == choose_positions("a text", ordinary)
    assert chosen != choose_positions("another text", ordinary)
    assert len(choose_positions("x", np.array([4]))) == 1


def test_typed_special_tokens_are_no_words_to_guess(settings: Settings) -> None:
    assert settings.offline
    texts = ("the [MASK] [SEP] [MASK]", "[MASK] [SEP]", TEXTS[0])
    seen: list[tuple[int, int]] = []
    with open_model("bundled") as engine:
        rows = masked_rows(engine, texts)
        atlas = compute_atlas(engine, texts, progress=lambda *done: seen.append(done))
        expected = measure_importance(engine, rows)
        empty = compute_atlas(engine, ["[MASK]"])
    assert [row.text for row in rows] == [texts[0], TEXTS[0]]
    assert rows[0].positions == (1,)  # the only word
    np.testing.assert_allclose(atlas.statistic(IMPORTANCE), expected, atol=1e-6)
    assert seen[-1] == (6, 6)
    assert np.isnan(empty.statistic(IMPORTANCE)).all()


def test_a_model_without_a_loss_has_no_importance(settings: Settings) -> None:
    build_tiny("bert", settings.local_models_path / "plain", head="encoder")
    kind = "multi_label_classification"
    build_tiny("bert", settings.local_models_path / "several", head="text-classification", problem_type=kind)
    for ref in ("local:plain", "local:several"):
        with open_model(ref) as engine:
            assert compute_atlas(engine, TEXTS).statistics == STATISTICS


def test_importance_for_classes_is_about_the_likeliest_one(settings: Settings) -> None:
    build_tiny("bert", settings.local_models_path / "sorts", head="text-classification")
    with open_model("local:sorts") as engine:
        rows = text_rows(TEXTS, [np.arange(1, 3)] * 3, engine.info)
        assert all(row.positions == () and row.label is None for row in rows)
        found = measure_importance(engine, rows)
        likeliest = [int(engine.class_logits(text).argmax()) for text in TEXTS]
        gradients = [
            engine.submit(HeadGradientsRequest(text, label=label)).result(60)
            for text, label in zip(TEXTS, likeliest, strict=True)
        ]
    np.testing.assert_allclose(found, np.abs(gradients).mean(axis=0), atol=1e-6)


def test_texts_that_cannot_be_read_are_refused(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        with pytest.raises(EmptyTextError, match="Text 2 is empty"):
            compute_atlas(engine, ["the cat", " "])
        with pytest.raises(InputError, match="501 texts; at most 500"):
            compute_atlas(engine, ["the cat"] * 501)
