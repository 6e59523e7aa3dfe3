"""Predictions by a second road: the fill-mask pipeline, and softmax by hand."""

from pathlib import Path

import numpy as np
import pytest
from transformers import pipeline

from bert_explorer.analysis.masked_words import predict_masks, rank_of, rank_tokens, softmax
from bert_explorer.errors import CapabilityError, InputError, MaskError
from bert_explorer.models.cache import open_model
from bert_explorer.settings import Settings
from tests.tiny_models import FAMILIES, build_tiny

TEXT = "the capital of [MASK] is paris ."
FAMILIES_WITH_MASKS = [family for family in FAMILIES if family != "electra-discriminator"]


@pytest.fixture(scope="module")
def family_folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("families")
    for family in FAMILIES_WITH_MASKS:
        build_tiny(family, folder / family)
    return folder


def test_softmax_by_hand() -> None:
    np.testing.assert_allclose(softmax(np.array([0, np.log(3)], np.float32)), [0.25, 0.75], rtol=1e-6)
    np.testing.assert_allclose(softmax(np.array([[1e4, 1e4], [-1e4, 1e4]], np.float32)), [[0.5, 0.5], [0, 1]])


def test_ranks_agree_with_the_sorted_order_ties_included() -> None:
    logits = np.random.default_rng(0).integers(0, 5, size=50).astype(np.float32)
    order = np.argsort(-logits, kind="stable").tolist()
    assert [rank_of(logits, token_id) for token_id in order] == list(range(1, 51))


def test_rank_tokens_by_hand() -> None:
    logits = np.log(np.array([0.1, 0.6, 0.3], np.float32))
    prediction = rank_tokens(logits, ["a", "b", "c"], 4, top_k=2, target_ids=[0])
    assert [(item.token, item.rank) for item in prediction.predictions] == [("b", 1), ("c", 2)]
    assert prediction.predictions[0].probability == pytest.approx(0.6)
    assert (prediction.targets[0].token, prediction.targets[0].rank) == ("a", 3)
    assert prediction.targets[0].probability == pytest.approx(0.1)
    assert prediction.position == 4


def test_a_row_without_a_token_is_printed_by_its_number() -> None:
    prediction = rank_tokens(np.array([0, 1], np.float32), ["a", ""], 0, top_k=1)
    assert prediction.predictions[0].token == "[row 1]"


@pytest.mark.parametrize("family", FAMILIES_WITH_MASKS)
def test_every_family_agrees_with_the_pipeline(settings: Settings, family_folders: Path, family: str) -> None:
    (settings.local_models_path / family).symlink_to(family_folders / family)
    oracle = pipeline("fill-mask", model=str(family_folders / family), device="cpu")
    expected = oracle(TEXT.replace("[MASK]", oracle.tokenizer.mask_token), top_k=8)
    with open_model(f"local:{family}") as engine:
        answer = predict_masks(engine, TEXT, top_k=8)
    (mask,) = answer.masks
    assert answer.tokens.input_ids[mask.position] == oracle.tokenizer.mask_token_id
    assert [item.token_id for item in mask.predictions] == [item["token"] for item in expected]
    assert [item.token for item in mask.predictions] == oracle.tokenizer.convert_ids_to_tokens(
        [item["token"] for item in expected]
    )
    np.testing.assert_allclose(
        [item.probability for item in mask.predictions], [item["score"] for item in expected], rtol=1e-3
    )


def test_targets_agree_with_the_pipeline_and_with_the_full_ranking(settings: Settings) -> None:
    oracle = pipeline("fill-mask", model=str(settings.bundled_model_path), device="cpu")
    expected = {item["token_str"]: item["score"] for item in oracle(TEXT, targets=["france", "italy"])}
    with open_model("bundled") as engine:
        (mask,) = predict_masks(engine, TEXT, top_k=engine.info.vocab_size, targets=("france", "Italy")).masks
    full = {item.token: item for item in mask.predictions}
    assert sum(item.probability for item in mask.predictions) == pytest.approx(1)
    assert [item.token for item in mask.targets] == ["france", "italy"]
    for item in mask.targets:
        assert item.probability == pytest.approx(expected[item.token], rel=1e-3)
        assert item == full[item.token]


def test_several_masks_and_masks_in_the_second_text(settings: Settings) -> None:
    oracle = pipeline("fill-mask", model=str(settings.bundled_model_path), device="cpu")
    text = "the [MASK] sat on the [MASK] ."
    expected = oracle(text, top_k=3)
    with open_model("bundled") as engine:
        answer = predict_masks(engine, text, top_k=3)
        of_pair = predict_masks(engine, "the cat sat .", pair="it [MASK] .", top_k=1)
    assert [[item.token for item in mask.predictions] for mask in answer.masks] == [
        [item["token_str"] for item in items] for items in expected
    ]
    assert [mask.position for mask in answer.masks] == [2, 6]
    (mask,) = of_pair.masks
    assert of_pair.tokens.sequence_ids[mask.position] == 1


def test_bad_questions_are_refused(settings: Settings, tiny_classifier: Path) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    with open_model("bundled") as engine:
        for top_k in (0, -1, engine.info.vocab_size + 1):
            with pytest.raises(InputError, match=f"is {top_k}. Choose between 1 and"):
                predict_masks(engine, TEXT, top_k=top_k)
        with pytest.raises(MaskError):
            predict_masks(engine, "no mask here")
    with open_model("local:classes") as engine, pytest.raises(CapabilityError):
        predict_masks(engine, TEXT)
