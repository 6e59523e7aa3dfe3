"""Answers without heads, and how many can go, against models whose heads are cut out of the weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer, pipeline

from bert_explorer.analysis.ablation import ask_without, compare_heads, pseudo_perplexity
from bert_explorer.analysis.head_importance import Row, measure_importance
from bert_explorer.analysis.pruning import measure_pruning, normalize_layers
from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import TEXTS, build_tiny

TEXT = "the cat sat on the [MASK] ."
OFF = ((0, 1), (1, 0))
ALL = ((0, 0), (0, 1), (1, 0), (1, 1))


def cut_out(model: torch.nn.Module, heads: tuple[tuple[int, int], ...]) -> None:
    """Zero the columns of the output projections that read these heads of a tiny BERT."""
    for layer, head in heads:
        weight = model.base_model.encoder.layer[layer].attention.output.dense.weight
        with torch.no_grad():
            weight[:, 16 * head : 16 * head + 16] = 0


@torch.no_grad()
def mean_loss(folder: Path, rows: list[Row], heads: tuple[tuple[int, int], ...]) -> float:
    model = AutoModelForMaskedLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    cut_out(model, heads)
    losses = []
    for row in rows:
        inputs = tokenizer(row.text, return_tensors="pt")
        true_ids = inputs["input_ids"][0, list(row.positions)].clone()
        inputs["input_ids"][0, list(row.positions)] = tokenizer.mask_token_id
        logits = model(**inputs).logits[0, list(row.positions)]
        losses.append(-logits.log_softmax(-1).gather(1, true_ids[:, None]))
    return float(torch.cat(losses).mean())


def test_words_and_perplexity_without_heads_are_those_of_the_cut_model(settings: Settings) -> None:
    folder = settings.bundled_model_path
    model = AutoModelForMaskedLM.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    cut_out(model, OFF)
    oracle = pipeline("fill-mask", model=model, tokenizer=tokenizer, device="cpu", top_k=5)
    with open_model("bundled") as engine:
        target = engine.vocabulary.index("mat")
        got = ask_without(engine, TEXT, ablated=OFF, top_k=5, targets=((target,),))
        whole = ask_without(engine, TEXT, top_k=5)
    assert got.words is not None
    assert whole.words is not None
    (mask,) = got.words.masks
    assert [word.token for word in mask.predictions] == [item["token_str"] for item in oracle(TEXT)]
    for word, item in zip(mask.predictions, oracle(TEXT), strict=True):
        assert word.probability == pytest.approx(item["score"], abs=1e-5)
    assert mask.targets[0].token == "mat"
    assert whole.words.masks[0].predictions[0].probability != pytest.approx(mask.predictions[0].probability)
    ids = tokenizer(TEXT, return_tensors="pt")["input_ids"]
    hidden = [i for i in range(1, ids.shape[1] - 1) if ids[0, i] != tokenizer.mask_token_id]
    losses = [mean_loss_at(model, ids, i, tokenizer.mask_token_id) for i in hidden]
    assert got.perplexity == pytest.approx(np.exp(np.mean(losses)), rel=1e-4)
    assert got.probabilities is None


def test_each_mask_is_compared_on_its_own_words(settings: Settings) -> None:
    assert settings.offline
    text = "the [MASK] sat on the mat [MASK]"
    with open_model("bundled") as engine:
        found = compare_heads(engine, text, ablated=OFF, top_k=3)
        alone = [ask_without(engine, text, ablated=heads, top_k=3).words for heads in ((), OFF)]
    expected = [
        {word.token_id for words in alone if words is not None for word in words.masks[mask].predictions}
        for mask in (0, 1)
    ]
    assert expected[0] != expected[1]
    for answer in (found.whole, found.without):
        assert answer.words is not None
        assert [{word.token_id for word in mask.targets} for mask in answer.words.masks] == expected


@torch.no_grad()
def mean_loss_at(model: torch.nn.Module, ids: torch.Tensor, position: int, mask_id: int) -> float:
    copy = ids.clone()
    copy[0, position] = mask_id
    return -float(model(copy).logits[0, position].log_softmax(-1)[ids[0, position]])


def test_texts_without_and_of_masks_alone(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        assert ask_without(engine, "the cat").words is None
        assert ask_without(engine, "the cat").perplexity is not None
        assert pseudo_perplexity(engine, "[MASK]") is None


def test_classes_without_heads_are_those_of_the_cut_model(settings: Settings, tiny_classifier: Path) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    model = AutoModelForSequenceClassification.from_pretrained(tiny_classifier).eval()
    cut_out(model, OFF)
    inputs = AutoTokenizer.from_pretrained(tiny_classifier)("free prize !", return_tensors="pt")
    with open_model("local:classes") as engine, torch.no_grad():
        got = ask_without(engine, "free prize !", ablated=OFF)
        np.testing.assert_allclose(got.probabilities, model(**inputs).logits[0].softmax(-1), atol=1e-5)
    assert (got.words, got.perplexity) == (None, None)
    build_tiny("bert", settings.local_models_path / "number", head="text-classification", labels=("a",))
    with open_model("local:number") as engine, pytest.raises(CapabilityError, match="gives a number"):
        ask_without(engine, "free prize !")


def masked_rows() -> list[Row]:
    return [Row(text, positions=(2, 4)) for text in TEXTS]


def test_the_curves_of_losses_are_those_of_cut_models(settings: Settings) -> None:
    rows, folder = masked_rows(), settings.bundled_model_path
    seen: list[tuple[int, int]] = []
    with open_model("bundled") as engine:
        curve = measure_pruning(engine, rows, progress=lambda *done: seen.append(done))
        again = measure_pruning(engine, rows)
        first = normalize_layers(measure_importance(engine, rows[::2]))
        second = normalize_layers(measure_importance(engine, rows[::2], ablated=curve.order[:1]))
    assert (curve.measure, curve.num_off.tolist(), curve.num_measured) == ("loss", [0, 1, 2, 3, 4], 3)
    assert sorted(curve.order) == list(ALL)
    assert curve.order[0] == min(ALL, key=lambda head: first[head])
    assert curve.order[1] == min(curve.order[1:], key=lambda head: second[head])
    for number, value in enumerate(curve.greedy):
        assert value == pytest.approx(mean_loss(folder, rows[1::2], curve.order[:number]), abs=1e-4)
    assert curve.random.shape == (3, 5)
    np.testing.assert_allclose(curve.random[:, [0, 4]], [[curve.greedy[0], curve.greedy[4]]] * 3, atol=1e-5)
    np.testing.assert_array_equal(again.random, curve.random)
    assert seen == [(done, 21) for done in range(1, 22)]


def test_the_curve_of_a_classifier_is_its_accuracy(settings: Settings, tiny_classifier: Path) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    rows = [Row(text, label=i % 3) for i, text in enumerate(TEXTS)]
    with open_model("local:classes") as engine:
        curve = measure_pruning(engine, rows)
        right = [int(engine.class_logits(row.text).argmax()) == row.label for row in rows[1::2]]
    assert curve.measure == "accuracy"
    assert curve.greedy[0] == pytest.approx(np.mean(right))


def test_whoever_stops_the_progress_stops_the_work(settings: Settings) -> None:
    assert settings.offline
    seen: list[int] = []

    def stop(done: int, _total: int) -> None:
        seen.append(done)
        if done == 3:
            raise KeyboardInterrupt

    with open_model("bundled") as engine:
        with pytest.raises(KeyboardInterrupt):
            measure_pruning(engine, masked_rows(), progress=stop)
        assert engine.idle
    assert seen == [1, 2, 3]


def test_too_few_texts_are_refused(settings: Settings) -> None:
    assert settings.offline
    with (
        open_model("bundled") as engine,
        pytest.raises(InputError, match="3 texts to measure on; at least 4"),
    ):
        measure_pruning(engine, masked_rows()[:3])


def test_layers_are_weighed_alike() -> None:
    found = normalize_layers(np.array([[3.0, 4.0], [0.0, 0.0], [0.3, 0.4]]))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0], [0.6, 0.8]])
