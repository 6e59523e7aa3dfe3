"""Every family recomputed from its weights, against what its own modules computed (hooks)."""

import numpy as np
import pytest

from bert_explorer.analysis.anatomy.order import compute_swap
from bert_explorer.analysis.anatomy.walk import (
    largest_difference,
    largest_gap,
    trace_layer,
    trace_text,
    trace_word,
)
from bert_explorer.errors import CapabilityError, EmptyTextError, InputError, TextTooLongError
from bert_explorer.models.families import FAMILIES, NOT_YET
from bert_explorer.models.memory import estimate_bytes
from tests.analysis.anatomy.conftest import OpenTiny

TEXT = "the cat sat on the [MASK] and looked at a new hospital ."
PAIR = "it was bad ."
TOLERANCE = 1e-4
SUPPORTED = sorted(set(FAMILIES) - set(NOT_YET))
VARIANTS = [(family, {}) for family in SUPPORTED] + [
    ("albert", {"num_hidden_layers": 4, "num_hidden_groups": 2, "inner_group_num": 2}),
    ("albert", {"hidden_act": "gelu_new"}),
    ("electra", {"embedding_size": 32}),  # as wide as the layers: no projection
    ("distilbert", {"activation": "relu"}),
    ("deberta-v2", {"legacy": False}),  # the head of version 3
    ("deberta-v2", {"share_att_key": False, "norm_rel_ebd": "none", "position_buckets": -1}),
    ("deberta-v2", {"pos_att_type": "c2p", "max_relative_positions": 20}),
    ("modernbert", {"num_hidden_layers": 4, "global_attn_every_n_layers": 3, "attention_bias": True}),
]
POST_NORM = {"query.output", "key.output", "value.output", "attention_norm.output", "output_norm.input"}
ALL = {"attentions", "attention_output.input", "up.output", "down.input", "down.output", "output"}


@pytest.mark.parametrize(("family", "options"), VARIANTS, ids=str)
def test_every_step_equals_the_models_own(
    family: str, options: dict[str, object], open_tiny: OpenTiny
) -> None:
    engine = open_tiny(family, **options)
    trace = trace_text(engine, TEXT, PAIR)
    assert len(trace.differences) == engine.info.num_layers + 1
    assert max(trace.differences) < TOLERANCE
    theirs = engine.hidden_states(TEXT, PAIR).hidden_states
    np.testing.assert_allclose(trace.hidden_states, theirs, rtol=0, atol=TOLERANCE)
    for layer in range(engine.info.num_layers):
        found = trace_layer(engine, trace, layer).differences
        assert (ALL if family == "modernbert" else ALL | POST_NORM) <= set(found)
        assert max(found.values()) < TOLERANCE, (layer, found)
    position = len(trace.tokens) - 2
    word = trace_word(engine, trace, position)
    assert max(word.differences.values()) < TOLERANCE
    assert all(word.absolutes[name] >= word.differences[name] for name in word.differences)
    assert np.exp(word.steps.log_probabilities).sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("family", SUPPORTED)
def test_the_word_of_the_walk_is_the_word_of_the_model(family: str, open_tiny: OpenTiny) -> None:
    engine = open_tiny(family)
    answer = engine.mask_logits(TEXT)
    word = trace_word(engine, trace_text(engine, TEXT), int(answer.positions[0]))
    np.testing.assert_allclose(word.steps.logits, answer.logits[0], atol=TOLERANCE)


def test_a_long_text_and_a_text_of_one_token(open_tiny: OpenTiny) -> None:
    """MPNet's and DeBERTa's distances widen, ModernBERT's windows cut, a typed pad moves RoBERTa's places."""
    for family in ("bert", "mpnet", "modernbert", "roberta", "deberta-v2"):
        engine = open_tiny(family)
        for text in ("the cat and the dog are at home " * 10, "we", f"the {engine.vocabulary[1]} cat"):
            assert max(trace_text(engine, text).differences) < TOLERANCE


@pytest.mark.parametrize("family", sorted(NOT_YET))
def test_a_family_that_is_not_described_is_refused_in_words(family: str, open_tiny: OpenTiny) -> None:
    engine = open_tiny(family)
    with pytest.raises(CapabilityError, match=f"cannot be shown yet: its family, {family}, .*modernbert"):
        trace_text(engine, TEXT)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"conv_kernel_size": 3}, "has a convolution"),
        ({"position_biased_input": True}, "adds places or segments"),
        ({"relative_attention": False}, "knows no distances"),
    ],
)
def test_a_variant_that_is_not_described_is_refused_in_words(
    options: dict[str, object], reason: str, open_tiny: OpenTiny
) -> None:
    engine = open_tiny("deberta-v2", **options)
    with pytest.raises(CapabilityError, match=f"cannot be shown yet: .* {reason}"):
        trace_text(engine, TEXT)


def test_what_is_not_there_is_refused_in_words(open_tiny: OpenTiny) -> None:
    engine = open_tiny("bert", head="encoder")
    trace = trace_text(engine, "the cat sat")
    with pytest.raises(CapabilityError, match=r"no masked-word head.*All its layers can be shown"):
        trace_word(engine, trace, 0)
    with pytest.raises(InputError, match="no layer 2"):
        trace_layer(engine, trace, 2)
    with pytest.raises(InputError, match=r"no token 5\. The text has the tokens 0 to 4"):
        trace_word(engine, trace, 5)
    with pytest.raises(TextTooLongError, match="129 tokens and the model reads 128"):
        trace_text(engine, "the " * 127)
    with pytest.raises(EmptyTextError):
        trace_text(engine, " ")
    with pytest.raises(InputError, match="Both places are 1"):
        compute_swap(engine, trace, 1, 1)


def test_without_positions_a_swap_changes_nothing(open_tiny: OpenTiny) -> None:
    engine = open_tiny("bert")
    swap = compute_swap(engine, trace_text(engine, TEXT), 2, 4)
    assert swap.without_positions is not None
    assert swap.without_positions.max() < 1e-5
    assert swap.changes.min(axis=1)[-1] > 1e-3  # with positions every token comes out different at the end
    untouched = np.delete(swap.changes[0], [2, 4])
    assert untouched.max() < 1e-6  # before the first layer only the two that moved
    assert swap.changes[0, [2, 4]].min() > 0.01


def test_a_swap_across_the_border_of_a_pair_takes_the_segments_along(open_tiny: OpenTiny) -> None:
    engine = open_tiny("bert")
    trace = trace_text(engine, "the cat sat", "we see")
    swap = compute_swap(engine, trace, 3, 5)  # [CLS] the cat sat [SEP] we see [SEP]
    assert trace.segment_ids[3] != trace.segment_ids[5]
    assert swap.without_positions is not None
    assert swap.without_positions.max() < 1e-5
    assert swap.changes[0, [3, 5]].min() > 0.01


def test_a_swap_equals_the_model_on_the_swapped_text(open_tiny: OpenTiny) -> None:
    engine = open_tiny("distilbert")
    trace = trace_text(engine, "the cat sat on")
    first, second = 2, 4  # [CLS] the cat sat on [SEP]
    swap = compute_swap(engine, trace, first, second)
    theirs = engine.hidden_states("the on sat cat").hidden_states
    before = engine.hidden_states("the cat sat on").hidden_states
    expected = np.linalg.norm(theirs[2, second] - before[2, first]) / np.linalg.norm(before[2, first])
    assert swap.changes[2, first] == pytest.approx(expected, rel=1e-3)
    assert swap.without_positions is not None


def test_weights_are_read_only_views_and_only_the_rows_asked_for(open_tiny: OpenTiny) -> None:
    engine = open_tiny("bert")
    weights = engine.weights("embeddings", token_ids=[7, 3, 7])
    assert weights.arrays["word.weight"].shape == (3, 32)
    assert np.array_equal(weights.arrays["word.weight"][0], weights.arrays["word.weight"][2])
    layer = engine.weights("layer", layer=1)
    again = engine.weights("layer", layer=1)
    assert np.shares_memory(layer.arrays["query.weight"], again.arrays["query.weight"])
    for array in [*weights.arrays.values(), *layer.arrays.values()]:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_what_the_modules_gave_is_weighed_and_not_kept(open_tiny: OpenTiny) -> None:
    engine = open_tiny("bert")
    steps = engine.steps(TEXT, part="layer", layer=0)
    assert estimate_bytes(steps) > sum(array.nbytes for array in steps.arrays.values())
    assert engine.steps(TEXT, part="layer", layer=0) is not steps
    assert engine.hidden_states(TEXT) is engine.hidden_states(TEXT)


def test_a_difference_is_measured_by_the_largest_number_of_its_vector() -> None:
    ours, theirs = np.array([[100, 0], [0, 0]]), np.array([[100.02, 0.01], [0, 1e-4]])
    assert largest_difference(ours, theirs) == pytest.approx(0.0002, rel=1e-3)
    assert largest_difference(ours[1:], theirs[1:]) == pytest.approx(1e-4)
    assert largest_gap(ours, theirs) == pytest.approx(0.02, rel=1e-3)
    with pytest.raises(ValueError, match="shapes differ"):
        largest_difference(ours, theirs[:1])


def test_repeated_steps_are_remembered(open_tiny: OpenTiny) -> None:
    engine = open_tiny("bert")
    trace = trace_text(engine, "the cat")
    assert trace_text(engine, "the cat") is trace
    assert trace_layer(engine, trace, 1) is trace_layer(engine, trace, 1)
