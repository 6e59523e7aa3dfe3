"""What a training changed: each measure by its definition, and the claim about the top layers by hand."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from bert_explorer.analysis import moved
from bert_explorer.analysis.alignment import linear_cka
from bert_explorer.analysis.moved import (
    check_claim,
    check_comparable,
    compute_moves,
    count_fixed,
    jensen_shannon,
    layer_changes,
)
from bert_explorer.analysis.run_probes import probe_both
from bert_explorer.errors import InputError, RunError
from bert_explorer.models.cache import open_model
from bert_explorer.models.catalog import describe_model
from bert_explorer.models.weight_changes import compare_weights, plain_name
from bert_explorer.results import ProbeRow
from bert_explorer.settings import Settings
from tests.tiny_models import TEXTS, build_tiny


def test_cka_by_its_properties() -> None:
    chance = np.random.default_rng(0)
    x = chance.normal(size=(400, 6)) + 3
    turn = np.linalg.qr(chance.normal(size=(6, 6)))[0]
    assert linear_cka(x, x) == pytest.approx(1)
    assert linear_cka(x, 5 * x @ turn - 2) == pytest.approx(1), "turned, scaled and moved"
    stretched = x * np.array([10, 1, 1, 1, 1, 1])
    assert linear_cka(x, stretched) < 0.7, "not each axis by itself"
    assert linear_cka(x, chance.normal(size=(400, 9))) < 0.1, "independent noise"
    assert np.isnan(linear_cka(x, np.ones((400, 2))))
    with pytest.raises(ValueError, match="belong together"):
        linear_cka(x, x[:-1])


@pytest.mark.parametrize("count", [5, 40])
def test_cka_by_its_definition_with_kernels(count: int) -> None:
    """HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)) with K = X X^T and H = I - 1/n, few rows and many."""
    chance = np.random.default_rng(count)
    x, y = chance.normal(size=(count, 7)), chance.normal(size=(count, 3))
    y[:, 0] += x[:, 0]
    centre = np.eye(count) - 1 / count
    k, el = (centre @ m @ m.T @ centre for m in (x, y))
    expected = np.trace(k @ el) / np.sqrt(np.trace(k @ k) * np.trace(el @ el))
    assert linear_cka(x, y) == pytest.approx(expected)


def test_divergences_by_hand() -> None:
    """Half and half against the first alone: H(3/4, 1/4) - 1/2 = 0.8113 - 0.5."""
    p = np.array([[1.0, 0.0], [0.5, 0.5], [0.5, 0.5]])
    q = np.array([[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]])
    np.testing.assert_allclose(jensen_shannon(p, q), [1, 0, 0.311278], atol=1e-6)


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=6), st.integers(0, 99))
def test_divergences_are_symmetric_and_bounded(weights: list[float], seed: int) -> None:
    p = np.array(weights) / sum(weights)
    q = np.random.default_rng(seed).dirichlet(np.ones(len(p)))
    found = jensen_shannon(p, q)
    assert 0 <= found <= 1
    assert found == pytest.approx(jensen_shannon(q, p))


def test_the_claim_by_hand() -> None:
    """Six layers: the thirds are two layers each."""
    rising = check_claim([1, 2, 3, 4, 5, 6])
    assert rising is not None
    assert (rising.correlation, rising.bottom, rising.top, rising.verdict) == (
        pytest.approx(1), 1.5, 5.5, moved.HOLDS
    )  # fmt: skip
    verdicts = [check_claim(values) for values in ([6, 5, 4, 3, 2, 1], [1, 9, 9, 1, 1, 9], [2, 2, 2])]
    assert [claim.verdict for claim in verdicts if claim] == [moved.REFUTED, moved.UNDECIDED, moved.UNDECIDED]
    tied = check_claim([1, 1, 3, 4])  # ranks 0.5, 0.5, 2, 3 against 0, 1, 2, 3
    assert tied is not None
    assert tied.correlation == pytest.approx(np.corrcoef([0, 1, 2, 3], [0.5, 0.5, 2, 3])[0, 1])
    assert check_claim([1, 2]) is None
    assert check_claim([1, np.nan, 2]) is None
    assert [count_fixed(weights) for weights in ([0, 0, 3, 0], [1, 0], [0, 0])] == [2, 0, 2]


def change_one_head(settings: Settings) -> Path:
    """A copy of the tiny BERT, layer 1's second head of 16 dimensions with other queries."""
    tuned = settings.local_models_path / "tuned"
    build_tiny("bert", tuned, head="pretraining")
    weights = load_file(tuned / "model.safetensors")
    weights["bert.encoder.layer.1.attention.self.query.weight"][16:] *= -2.0
    save_file(weights, tuned / "model.safetensors", metadata={"format": "pt"})
    return tuned


def test_one_head_of_one_layer_has_changed(settings: Settings) -> None:
    tuned = change_one_head(settings)
    info = describe_model("local:tuned", settings)
    weights = compare_weights(settings.bundled_model_path, tuned, info)
    assert weights.embeddings == 0
    assert (weights.layers > 0).tolist() == [False, True]
    assert (weights.heads > 0).tolist() == [[False, False], [False, True]]
    before = load_file(settings.bundled_model_path / "model.safetensors")
    layer = [w for name, w in before.items() if name.startswith("bert.encoder.layer.1.")]
    query = before["bert.encoder.layer.1.attention.self.query.weight"][16:]
    expected = 3 * float(query.norm()) / sum(float(w.square().sum()) for w in layer) ** 0.5
    assert weights.layers[1] == pytest.approx(expected, rel=1e-4)
    with open_model("bundled") as base, open_model("local:tuned") as other:
        moves = compute_moves(base, other, TEXTS, None, weights)
        again = compute_moves(base, base, TEXTS, None, weights)
        with pytest.raises(InputError, match="no held-out text"):
            compute_moves(base, other, (), None, weights)
    assert (moves.divergences > 1e-6).tolist() == [[False, False], [False, True]]
    np.testing.assert_allclose(moves.similarities[:2], 1, atol=1e-6)
    assert moves.similarities[2] < 1 - 1e-6
    assert (moves.num_texts, moves.num_tokens) == (6, sum(len(again_tokens(t)) for t in TEXTS))
    np.testing.assert_allclose(again.similarities, 1, atol=1e-6)
    assert not again.divergences.any()
    assert layer_changes(moves)["attention"][1] == pytest.approx(moves.divergences[1].mean())


def again_tokens(text: str) -> list[str]:
    """The tiny vocabulary knows every word of the texts; [CLS] and [SEP] are rows as well."""
    return ["[CLS]", *text.split(), "[SEP]"]


def test_strangers_are_not_compared(settings: Settings) -> None:
    build_tiny("bert", settings.local_models_path / "deeper", num_hidden_layers=3)
    with open_model("bundled") as base, open_model("local:deeper") as other:
        weights = compare_weights(settings.bundled_model_path, settings.bundled_model_path, base.info)
        with pytest.raises(RunError, match="num layers is 3 and 2"):
            compute_moves(base, other, TEXTS, None, weights)


def test_another_vocabulary_is_no_base(settings: Settings) -> None:
    info = describe_model("bundled", settings)
    check_comparable(info, info)
    with pytest.raises(RunError, match=f"vocab size is 7 and {info.vocab_size}.*exchanged"):
        check_comparable(info, replace(info, vocab_size=7))


def test_names_of_weights() -> None:
    assert plain_name("embeddings.LayerNorm.beta") == "embeddings.LayerNorm.bias"
    assert plain_name("roberta.encoder.layer.0.output.dense.weight") == "encoder.layer.0.output.dense.weight"


def test_probes_of_both_models_on_the_split_of_the_run(settings: Settings) -> None:
    """One word gives the class away: it can be read off [CLS] once attention has mixed the words."""
    rows = [
        ProbeRow(f"the {animal} sat on the mat {i % 7}", None, (animal,))
        for i in range(20)
        for animal in ("cat", "dog")
    ]
    held_out = np.arange(40) >= 28
    told: list[tuple[int, int]] = []
    assert settings.offline
    with open_model("bundled") as engine:
        found = probe_both(engine, engine, "the classes", rows, held_out, progress=lambda *x: told.append(x))
        assert (found.num_train, found.num_test, found.majority_hits) == (28, 12, 6)
        assert found.base_hits == found.tuned_hits
        assert found.base_hits[0] == 6, "[CLS] is the same in every text before attention"
        assert found.base_hits[-1] == 12
        assert told[-1] == (80, 80)
        words = [ProbeRow("the cat sat", None, ("d", "n", "v"), ((0, 3), (4, 7), (8, 11)))] * 12
        tags = probe_both(engine, engine, "the tags", words, np.arange(12) >= 8)
        assert (tags.num_train, tags.num_test, tags.tuned_hits[0]) == (24, 12, 12)
        with pytest.raises(InputError, match="0 held-out rows"):
            probe_both(engine, engine, "the classes", rows, np.zeros(40, dtype=bool))
        with pytest.raises(InputError, match="one label"):
            probe_both(engine, engine, "the classes", rows[::2] * 2, held_out)
