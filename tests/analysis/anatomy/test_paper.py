"""The cases of the docstrings: 2 tokens, 2 dimensions, 1 head, worked out on paper."""

import numpy as np
import pytest

from bert_explorer.analysis.anatomy.arithmetic import activate, gelu, layer_norm, linear, softmax
from bert_explorer.analysis.anatomy.attention import (
    attention_scores,
    attention_weights,
    distance_buckets,
    join_heads,
    mix,
    project,
    rotate,
    split_heads,
)
from bert_explorer.analysis.anatomy.disentangled import distance_rows, score_distances, token_rows
from bert_explorer.analysis.anatomy.embeddings import embed, position_ids, similarity
from bert_explorer.analysis.anatomy.encoder import compute_layer
from bert_explorer.analysis.anatomy.order import relative_changes
from bert_explorer.analysis.anatomy.word_head import name_word
from bert_explorer.errors import CapabilityError
from bert_explorer.results import Blueprint, Disentangled, FloatArray, PartWeights

BLUEPRINT = Blueprint("bert", num_layers=1, num_heads=1, activation="gelu", head_activation="gelu")
EYE = np.eye(2, dtype=np.float32)
ONES, ZEROS = np.ones(2, dtype=np.float32), np.zeros(2, dtype=np.float32)


def array(*rows: list[float]) -> FloatArray:
    return np.array(rows, dtype=np.float32)


def make(**arrays: FloatArray) -> PartWeights:
    """Weights whose norms have gain 1, shift 0 and epsilon 0; ``a__b`` stands for "a.b"."""
    norms = ("norm", "attention_norm", "output_norm")
    given = {name.replace("__", "."): value for name, value in arrays.items()}
    plain = {f"{name}.weight": ONES for name in norms} | {f"{name}.bias": ZEROS for name in norms}
    return PartWeights(plain | given, dict.fromkeys(norms, 0.0))


def test_arithmetic() -> None:
    weights = PartWeights(
        {
            "map.weight": array([1, 0], [1, 1]),
            "map.bias": array([0, 1])[0],
            "norm.weight": ONES,
            "norm.bias": array([0, 1])[0],
        },
        {"norm": 0.0},
    )
    assert linear(array([1, 2]), weights, "map").tolist() == [[1, 4]]
    assert layer_norm(array([1, 3]), weights, "norm").tolist() == [[-1, 2]]
    np.testing.assert_allclose(softmax(array([0, np.log(3)])), [[0.25, 0.75]], atol=1e-6)
    np.testing.assert_allclose(gelu(array([0, 1])), [[0, 0.8413]], atol=1e-4)
    with pytest.raises(CapabilityError, match=r"'sine'.*Known are: gelu"):
        activate(array([0, 1]), "sine")


def test_embeddings() -> None:
    weights = make(
        word__weight=array([1, 0], [0, 2]),
        position__weight=array([0, 1], [1, 1], [9, 9]),
        segment__weight=array([1, 0]),
    )
    steps = embed(np.array([0, 1]), np.array([0, 0]), weights, BLUEPRINT)
    assert steps.total.tolist() == [[2, 1], [2, 3]]
    assert steps.output.tolist() == [[1, -1], [-1, 1]]
    assert position_ids(np.array([5, 6, 1]), None).tolist() == [0, 1, 2]
    assert position_ids(np.array([5, 6, 1]), 1).tolist() == [2, 3, 1]
    np.testing.assert_allclose(similarity(array([1, 0], [1, 1])), [[1, 0.7071], [0.7071, 1]], atol=1e-4)
    assert similarity(array([0, 0], [1, 1])).tolist()[0] == [0, 0]


def attention_parts() -> tuple[FloatArray, PartWeights]:
    x = array([1, 0], [0, np.sqrt(2) * np.log(3)])
    return x, make(query__weight=EYE, key__weight=EYE, value__weight=EYE, attention_output__weight=EYE)


def test_attention() -> None:
    x, weights = attention_parts()
    parts = project(x, weights, BLUEPRINT, layer=0)
    np.testing.assert_allclose(attention_scores(parts)[0], [[0.7071, 0], [0, 1.7069]], atol=1e-4)
    a = attention_weights(parts)
    np.testing.assert_allclose(a[0], [[0.6698, 0.3302], [0.1536, 0.8464]], atol=1e-4)
    np.testing.assert_allclose(mix(parts, a)[0], [[0.6698, 0.5131], [0.1536, 1.3151]], atol=2e-4)


def test_heads_are_cut_from_neighbouring_dimensions() -> None:
    x = np.arange(12, dtype=np.float32).reshape(2, 6)  # 2 tokens, 3 heads of size 2
    heads = split_heads(x, 3)
    assert heads.shape == (3, 2, 2)
    assert heads[1].tolist() == [[2, 3], [8, 9]]
    assert np.array_equal(join_heads(heads), x)


def test_rotation_leaves_products_that_know_the_distance_alone() -> None:
    """Place 1 turns the pair (1, 0) by 1 radian; equal vectors one place apart give cos 1 everywhere."""
    turned = rotate(np.tile(array([1, 0]), (1, 4, 1)), base=10_000.0)
    np.testing.assert_allclose(turned[0, 1], [np.cos(1), np.sin(1)], atol=1e-6)
    products = turned[0] @ turned[0].T
    np.testing.assert_allclose(np.diagonal(products, 1), np.cos(1), atol=1e-6)


def test_distances_fall_into_buckets() -> None:
    assert distance_buckets(np.array([0, -3, 3, 200])).tolist() == [0, 3, 19, 31]


def test_deberta_s_distances_share_rows_where_they_are_far() -> None:
    distances = np.array([0, 3, -3, 40])
    assert distance_rows(distances, buckets=16, reach=128).tolist() == [0, 3, -3, 13]
    assert distance_rows(distances, buckets=0, reach=128).tolist() == [0, 3, -3, 40]
    asked = Disentangled(("c2p", "p2c"), span=2, buckets=0, reach=2)
    assert token_rows(4, asked)[0].tolist() == [2, 1, 0, 0]  # what lies behind the table takes its last row


def test_distances_are_scored_by_query_and_by_key() -> None:
    """2 tokens, rows 0 to 3 of which distance -1, 0, 1 are 1, 2, 3; every product is one number."""
    query, key = array([1, 0], [0, 2])[None], array([1, 1], [3, 0])[None]
    table = array([9, 9], [1, 0], [0, 1], [1, 1])[None]
    rows = np.array([[2, 1], [3, 2]])
    by_query = score_distances(query, key, table, None, rows)
    assert by_query.tolist() == [
        [[0, 1], [2, 2]]
    ]  # [1,0].[0,1]=0, [1,0].[1,0]=1, [0,2].[1,1]=2, [0,2].[0,1]=2
    by_key = score_distances(query, key, None, table, rows)
    assert by_key.tolist() == [[[1, 3], [2, 0]]]  # [1,1].[0,1]=1, [3,0].[1,0]=3, [1,1].[1,1]=2, [3,0].[0,1]=0


def test_one_layer() -> None:
    """x = [1, 0]; o = [1, 4] comes from the bias of the output projection, its weights being 0."""
    zero = np.zeros((2, 2), dtype=np.float32)
    weights = make(
        query__weight=zero,
        key__weight=zero,
        value__weight=zero,
        attention_output__weight=zero,
        attention_output__bias=array([1, 4])[0],
        up__weight=EYE,
        down__weight=EYE,
    )
    steps = compute_layer(array([1, 0]), weights, BLUEPRINT, layer=0)
    assert steps.attention_sum.tolist() == [[2, 4]]
    assert steps.middle.tolist() == [[-1, 1]]
    np.testing.assert_allclose(steps.active, [[-0.1587, 0.8413]], atol=1e-4)
    np.testing.assert_allclose(steps.output_sum, [[-1.1587, 1.8413]], atol=1e-4)
    np.testing.assert_allclose(steps.output, [[-1, 1]], atol=1e-6)


def test_the_word_head() -> None:
    weights = make(dense__weight=EYE, decoder__weight=EYE)
    steps = name_word(array([1, 0])[0], weights, BLUEPRINT)
    np.testing.assert_allclose(steps.active, [0.8413, 0], atol=1e-4)
    np.testing.assert_allclose(steps.logits, [1, -1], atol=1e-6)
    np.testing.assert_allclose(np.exp(steps.log_probabilities), [0.8808, 0.1192], atol=1e-4)


def test_changes_by_swapping() -> None:
    before, after = array([1], [4]), array([2], [3])
    np.testing.assert_allclose(relative_changes(before, after), [1, 0.25])
