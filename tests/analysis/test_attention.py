"""Words, rollout and rank agreement by hand; summaries against the engine's own numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from scipy import stats

from bert_explorer.analysis import attention_summaries as summaries
from bert_explorer.analysis.attention import compute_whole_attention, mean_weights
from bert_explorer.analysis.attention_difference import align_tokens
from bert_explorer.analysis.attention_words import (
    Units,
    hide_special,
    merge_scores,
    merge_units,
    select_block,
    token_units,
    word_units,
)
from bert_explorer.analysis.rank_agreement import agreement, kendall, spearman
from bert_explorer.analysis.rollout import compute_rollout
from bert_explorer.errors import CapabilityError, InputError, TargetError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

PIECES = np.array([[0.5, 0.2, 0.3], [0.4, 0.1, 0.5], [0.2, 0.1, 0.7]], dtype=np.float32)
TWO_WORDS = Units(("embed", "it"), ((0, 1), (2,)), (0, 0), (False, False))


def random_weights(*shape: int) -> np.ndarray:
    weights = np.random.default_rng(0).dirichlet(np.ones(shape[-1]), size=shape[:-1])
    return np.asarray(weights, dtype=np.float32)


def test_words_as_in_the_docstring() -> None:
    np.testing.assert_allclose(merge_units(PIECES, TWO_WORDS), [[0.6, 0.4], [0.3, 0.7]], atol=1e-6)
    np.testing.assert_allclose(merge_scores(np.array([1.0, 2.0, 4.0]), TWO_WORDS), [3, 4])


def test_words_of_many_heads_are_sums_and_means_written_out() -> None:
    weights = random_weights(2, 3, 5, 5)
    units = Units(("a", "bcd", "e"), ((0,), (1, 2, 3), (4,)), (0, 0, 1), (False,) * 3)
    merged = merge_units(weights, units)
    assert merged.shape == (2, 3, 3, 3)
    for i, from_unit in enumerate(units.groups):
        for j, to_unit in enumerate(units.groups):
            expected = np.mean(
                [[sum(head[q, k] for k in to_unit) for q in from_unit] for head in weights[1]], 1
            )
            np.testing.assert_allclose(merged[1, :, i, j], expected, atol=1e-6)
    np.testing.assert_allclose(merged.sum(axis=-1), 1, atol=1e-5)


def test_hidden_special_tokens_leave_rows_that_sum_to_one() -> None:
    units = Units(
        ("[CLS]", "a", "b", "[SEP]"), ((0,), (1,), (2,), (3,)), (0,) * 4, (True, False, False, True)
    )
    weights = np.array([[1, 0, 0, 0], [0.5, 0.1, 0.3, 0.1], [0.6, 0, 0, 0.4], [1, 0, 0, 0]], dtype=np.float32)
    shares, rest = hide_special(weights, units)
    assert rest.names == ("a", "b")
    np.testing.assert_allclose(shares, [[0.25, 0.75], [0, 0]], atol=1e-6)


def test_words_of_a_pair_are_named_as_they_stand_in_the_text(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        tokens = engine.tokenize("The embedded cat", "it's xylophones .")
    units = word_units(tokens)
    assert units.names[0] == "[CLS]"
    assert "embedded" in units.names
    assert "xylophones" in units.names
    assert sum(map(len, units.groups)) == len(tokens)
    assert [i for group in units.groups for i in group] == list(range(len(tokens)))
    assert units.has_pair
    assert [units.names[i] for i, special in enumerate(units.is_special) if special] == [
        "[CLS]",
        "[SEP]",
        "[SEP]",
    ]
    looking, seen = select_block(units, "A>B")
    assert units.names[looking[-1]] == "[SEP]"
    assert units.names[seen[0]] == "it"
    assert select_block(units, "all") == (list(range(len(units))),) * 2
    assert len(token_units(tokens)) == len(tokens)


def test_a_word_typed_twice_stays_two_words(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        units = word_units(engine.tokenize("dog dog", "dog"))
    assert units.names == ("[CLS]", "dog", "dog", "[SEP]", "dog", "[SEP]")
    assert units.sides == (0, 0, 0, 0, 1, 1)


def test_rollout_as_in_the_docstring() -> None:
    layer = np.array([[0.6, 0.4], [0.2, 0.8]], dtype=np.float32)
    rollout = compute_rollout(np.stack([layer, layer])[:, None])
    np.testing.assert_allclose(rollout[0], [[0.8, 0.2], [0.1, 0.9]], atol=1e-6)
    np.testing.assert_allclose(rollout[1], [[0.66, 0.34], [0.17, 0.83]], atol=1e-6)


def test_rollout_is_a_sum_over_all_paths() -> None:
    """A second road: every path of tokens through three layers, multiplied and added up."""
    attentions = random_weights(3, 2, 4, 4)
    steps = [0.5 * layer.mean(axis=0) + 0.5 * np.eye(4) for layer in attentions]
    expected = np.zeros((4, 4))
    for last in range(4):
        for second in range(4):
            for first in range(4):
                for start in range(4):
                    expected[last, start] += (
                        steps[2][last, second] * steps[1][second, first] * steps[0][first, start]
                    )
    rollout = compute_rollout(attentions)
    np.testing.assert_allclose(rollout[2], expected, atol=1e-6)
    np.testing.assert_allclose(rollout.sum(axis=-1), 1, atol=1e-5)
    with pytest.raises(ValueError, match="layers, heads, query, key"):
        compute_rollout(attentions[0])


def test_agreement_as_in_the_docstring() -> None:
    assert spearman([1, 2, 3, 4], [1, 2, 4, 3]) == pytest.approx(0.8)
    assert kendall([1, 2, 3, 4], [1, 2, 4, 3]) == pytest.approx(2 / 3)
    assert spearman([1, 2], [1, 2]) is None
    assert kendall([1, 1, 1], [1, 2, 3]) is None
    assert agreement([[1, 2, 3], [3, 2, 1]], spearman)[0] == [pytest.approx(1), pytest.approx(-1)]


@hypothesis_settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=3, max_size=25))
def test_agreement_is_scipys(pairs: list[tuple[int, int]]) -> None:
    first, second = zip(*pairs, strict=True)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert spearman(first, second) is None
        assert kendall(first, second) is None
        return
    assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic, abs=1e-9)
    assert kendall(first, second) == pytest.approx(stats.kendalltau(first, second).statistic, abs=1e-9)


def test_means_of_heads_and_layers(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        whole = engine.attentions("the cat sat").attentions
        compact = compute_whole_attention(engine, "the cat sat")
    np.testing.assert_allclose(mean_weights(compact, [0, 1], [1]), whole[:, 1].mean(axis=0), atol=1e-3)
    np.testing.assert_allclose(mean_weights(compact, [1]), whole[1].mean(axis=0), atol=1e-3)
    with pytest.raises(InputError, match="Head 7"):
        mean_weights(compact, [0], [7])
    with pytest.raises(InputError, match="Layer 5"):
        mean_weights(compact, [5])
    with pytest.raises(InputError, match="at least one"):
        mean_weights(compact, [])


def test_summaries_of_a_masked_word(settings: Settings) -> None:
    assert settings.offline
    text = "the [MASK] sat on the mat ."
    with open_model("bundled") as engine:
        found = summaries.compute_summaries(engine, text, target="dog")
        attentions = engine.attentions(text).attentions
        norms = engine.value_norms(text)
        gradients = engine.attention_gradients(
            text, target=engine.vocabulary.index("dog"), position=found.position
        )
        best = summaries.compute_summaries(engine, text)
    assert (found.methods, found.prediction, found.position) == (summaries.METHODS, "dog", 2)
    mean, rollout, by_norm, slope = found.scores
    np.testing.assert_allclose(mean, attentions[:, :, 2].mean(axis=(0, 1)), atol=1e-3)
    np.testing.assert_allclose(rollout, compute_rollout(attentions)[-1, 2], atol=1e-3)
    shares = [layer[2] / layer[2].sum() for layer in norms.mixed_norms]
    np.testing.assert_allclose(by_norm, np.mean(shares, axis=0), atol=1e-5)
    np.testing.assert_allclose(slope, gradients.products.sum(axis=(0, 1, 2)), atol=1e-5)
    assert found.log_probability is not None
    assert best.log_probability is not None
    assert best.log_probability >= found.log_probability


def test_summaries_of_a_class_and_of_nothing(settings: Settings, tiny_classifier: Path) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    with open_model("local:classes") as engine:
        found = summaries.compute_summaries(engine, "the cat sat", target="spam")
        assert (found.prediction, found.position, len(found.methods)) == ("spam", 0, 4)
        likeliest = summaries.compute_summaries(engine, "the cat sat")
        assert likeliest.prediction == engine.info.labels[int(engine.class_logits("the cat sat").argmax())]
        with pytest.raises(InputError, match="ham, spam, other"):
            summaries.compute_summaries(engine, "the cat sat", target="eggs")
    with open_model("bundled") as engine:
        assert summaries.compute_summaries(engine, "the cat sat").methods == summaries.METHODS[:3]
        with pytest.raises(CapabilityError, match=r"\[MASK\]"):
            summaries.compute_summaries(engine, "the cat sat", target="dog")
        with pytest.raises(InputError, match="no mask 3"):
            summaries.compute_summaries(engine, "the [MASK] sat", mask=2)
        with pytest.raises(TargetError):
            summaries.compute_summaries(engine, "the [MASK] sat", target="xylophones")


@pytest.mark.parametrize("options", [{"labels": ("a",)}, {"problem_type": "regression"}])
def test_a_model_of_numbers_has_the_methods_that_need_no_class(
    options: dict[str, Any], settings: Settings
) -> None:
    build_tiny("bert", settings.local_models_path / "number", head="text-classification", **options)
    with open_model("local:number") as engine:
        found = summaries.compute_summaries(engine, "the cat sat")
        with pytest.raises(CapabilityError, match="gives a number"):
            summaries.compute_summaries(engine, "the cat sat", target=engine.info.labels[0])
    assert (found.methods, found.position) == (summaries.METHODS[:3], 0)
    assert found.log_probability is None


def test_two_texts_share_an_axis_where_they_are_alike(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        texts = ("the cat sat", "the dog sat", "the cat sat .", "we is see", "we is sat")
        first, same, longer, other, one_alike = map(engine.tokenize, texts)
        pair = engine.tokenize("the", "sat")
    assert align_tokens(first, same) == ("[CLS]", "the", "cat/dog", "sat", "[SEP]")
    for second, part in (
        (longer, "5 tokens and the second 6"),
        (other, "only 0 of 3"),
        (one_alike, "only 1 of 3"),  # 3 of 5 with [CLS] and [SEP]
        (pair, "begins at another token"),
    ):
        with pytest.raises(InputError, match=part):
            align_tokens(first, second)
