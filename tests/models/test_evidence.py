"""Evidence, its slopes and edited copies, of every family and head, each by a second road."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from bert_explorer.errors import CapabilityError, InputError
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.models.evidence_requests import (
    EditedCopiesRequest,
    EvidenceRequest,
    PathGradientsRequest,
    TextEdit,
)
from bert_explorer.results import Capability, Target
from tests.models.conftest import plain
from tests.tiny_models import FAMILIES

TEXT, PAIR = "the cat sat on the [MASK] .", "and looked at the dog ."


@pytest.fixture(params=[name for name in FAMILIES if name != "electra-discriminator"])
def family_engine(request: pytest.FixtureRequest, cache: ModelCache) -> Iterator[Engine]:
    with cache.lease(f"local:{request.param}") as engine:
        yield engine


def log_odds(logits: np.ndarray, chosen: int) -> float:
    probabilities = np.exp(logits.astype(np.float64) - logits.max())
    share = probabilities[chosen] / probabilities.sum()
    return float(np.log(share / (1 - share)))


def ask(engine: Engine, *requests: EvidenceRequest) -> list[Any]:
    return list(engine.map(requests))


def masked_target(engine: Engine, pair: str | None = None) -> Target:
    return Target(40, int(engine.mask_logits(TEXT, pair).positions[0]))


def test_the_line_ends_at_the_text_and_slopes_are_those_of_its_heights(family_engine: Engine) -> None:
    target = masked_target(family_engine)
    step = 2e-3
    points = (0.5 - step, 0.5, 0.5 + step, 1.0)
    (found,) = ask(family_engine, PathGradientsRequest(TEXT, target=target, points=points))
    logits = family_engine.mask_logits(TEXT).logits[0]
    assert found.evidence[-1] == pytest.approx(log_odds(logits, 40), abs=1e-3)
    assert found.slopes.shape == (4, len(found.tokens))
    slope = (found.evidence[2] - found.evidence[0]) / (2 * step)
    assert found.slopes[1].sum() == pytest.approx(slope, rel=0.02, abs=0.02)
    keeps = found.tokens.is_special | (np.array(found.tokens.tokens) == family_engine.info.mask_token)
    assert np.abs(found.slopes[:, keeps]).max() < 1e-6 or family_engine.info.family == "mobilebert"
    assert np.abs(found.slopes[:, ~keeps]).max() > 1e-3


def test_the_line_from_masks_begins_where_all_words_are_hidden(family_engine: Engine) -> None:
    target = masked_target(family_engine, PAIR)
    tokens = family_engine.tokenize(TEXT, PAIR)
    words = tuple(np.flatnonzero(~tokens.is_special).tolist())
    line, hidden = ask(
        family_engine,
        PathGradientsRequest(TEXT, PAIR, target=target, baseline="mask", points=(0.0,)),
        EditedCopiesRequest(TEXT, PAIR, target=target, edits=(TextEdit(hidden=words),)),
    )
    assert line.evidence[0] == pytest.approx(float(hidden[0]), abs=1e-4)


def test_edited_copies_are_the_texts_written_so(family_engine: Engine) -> None:
    tokens = family_engine.tokenize(TEXT)
    groups = [[i for i, word in enumerate(tokens.word_ids) if word == chosen] for chosen in range(3)]
    edits = (TextEdit(), TextEdit(hidden=tuple(groups[1])), TextEdit(dropped=tuple(groups[2])))
    (found,) = ask(family_engine, EditedCopiesRequest(TEXT, target=masked_target(family_engine), edits=edits))
    masks = " ".join(["[MASK]"] * len(groups[1]))
    for evidence, text, mask in (
        (found[0], TEXT, 0),
        (found[1], TEXT.replace("cat", masks), len(groups[1])),
        (found[2], TEXT.replace("sat ", ""), 0),
    ):
        logits = family_engine.mask_logits(text).logits[mask]
        assert float(evidence) == pytest.approx(log_odds(logits, 40), abs=1e-3)


def test_a_padded_batch_is_each_text_alone(cache: ModelCache) -> None:
    with cache.lease("local:roberta-classifier") as engine:
        texts = ("we", "the cat sat on the mat and looked at the dog .")
        requests = [
            PathGradientsRequest(text, target=Target(number), points=(0.25, 1.0)[: number + 1])
            for number, text in enumerate(texts)
        ]
        alone = [
            engine._worker._answerer.answer([(item, engine._worker._encoder.encode(item.text))])[0]
            for item in requests
        ]
        both = engine._worker._answerer.answer(
            [(item, engine._worker._encoder.encode(item.text)) for item in requests]
        )
    for single, answer in zip(alone, both, strict=True):
        np.testing.assert_allclose(answer.slopes, single.slopes, atol=1e-4)
        np.testing.assert_allclose(answer.evidence, single.evidence, atol=1e-4)


@pytest.mark.parametrize(
    ("name", "auto_class", "pair", "target"),
    [
        ("classifier", "AutoModelForSequenceClassification", None, Target(1)),
        ("tagger", "AutoModelForTokenClassification", None, Target(2, 3)),
        ("reader", "AutoModelForQuestionAnswering", PAIR, Target(1, 9)),
    ],
)
def test_evidence_and_slopes_of_every_head_are_those_of_transformers_and_autograd(
    name: str, auto_class: str, pair: str | None, target: Target, cache: ModelCache, checkpoints: Path
) -> None:
    text = "the cat sat on the mat ."
    with cache.lease(f"local:{name}") as engine:
        (found,) = ask(engine, PathGradientsRequest(text, pair, target=target, baseline="origin"))
        if name != "classifier":
            shown = engine.token_logits(text, pair)
    model, tokenizer = plain(checkpoints / "models" / name, auto_class)
    encoded = tokenizer(text, pair, return_tensors="pt")
    seen: list[torch.Tensor] = []

    def keep(_module: Any, _args: Any, output: torch.Tensor) -> None:
        output.retain_grad()
        seen.append(output)

    model.base_model.embeddings.register_forward_hook(keep)
    output = model(**encoded)
    if name == "reader":
        choices, chosen = output.end_logits[0], target.position
    else:
        choices = output.logits[0] if target.position is None else output.logits[0, target.position]
        chosen = target.index
    if name != "classifier":
        whole = (
            torch.stack((output.start_logits, output.end_logits), -1) if name == "reader" else output.logits
        )
        np.testing.assert_allclose(shown, whole[0].detach().numpy(), atol=1e-5)
    share = choices.softmax(-1)[chosen]
    evidence = torch.log(share / (1 - share))
    evidence.backward()
    expected = (seen[0] * seen[0].grad).sum(-1)[0].detach().numpy()
    assert found.evidence[0] == pytest.approx(float(evidence.detach()), abs=1e-4)
    np.testing.assert_allclose(found.slopes[0], expected, atol=1e-4)


def test_labels_on_their_own_and_numbers_are_not_weighed_against_others(tmp_path: Path) -> None:
    from bert_explorer.models.inspection import inspect_folder
    from bert_explorer.models.loader import load_model
    from bert_explorer.settings import Settings
    from tests.tiny_models import build_tiny

    for kind in ("multi_label_classification", "regression"):
        folder = build_tiny(
            "bert", tmp_path / kind, head="text-classification", labels=("a", "b"), problem_type=kind
        )
        settings = Settings(home=tmp_path, device="cpu", num_threads=1)
        engine = Engine(load_model(folder, inspect_folder(folder, "local:x", "x"), settings), settings)
        try:
            request = EditedCopiesRequest("the cat", target=Target(1), edits=(TextEdit(),))
            assert ask(engine, request)[0][0] == pytest.approx(engine.class_logits("the cat")[1], abs=1e-5)
        finally:
            engine.close()


@pytest.mark.parametrize(
    ("name", "request_", "message"),
    [
        ("classifier", EvidenceRequest("the cat", target=Target(9)), "no prediction 9"),
        ("classifier", EvidenceRequest("the cat", target=Target(0, 1)), "whole text"),
        ("tagger", EvidenceRequest("the cat", target=Target(0)), "stands at one token"),
        ("tagger", PathGradientsRequest("the cat", target=Target(0, 50)), "no token 50"),
        ("tagger", EditedCopiesRequest("the cat", target=Target(0, 1)), "No edit"),
        (
            "tagger",
            EditedCopiesRequest("the cat", target=Target(0, 1), edits=(TextEdit(dropped=(1,)),)),
            "cannot be left out",
        ),
        ("classifier", PathGradientsRequest("the cat", points=()), "No point"),
        ("classifier", PathGradientsRequest("the cat", baseline="fog"), "no baseline 'fog'"),  # type: ignore[arg-type]
    ],
)
def test_impossible_questions_are_refused_in_words(
    name: str, request_: EvidenceRequest, message: str, cache: ModelCache
) -> None:
    with cache.lease(f"local:{name}") as engine, pytest.raises(InputError, match=message):
        ask(engine, request_)


def test_a_model_without_predictions_says_so(cache: ModelCache) -> None:
    with cache.lease("local:encoder") as engine, pytest.raises(CapabilityError, match="predicts nothing"):
        ask(engine, EvidenceRequest("the cat"))
    with cache.lease("local:classifier") as engine, pytest.raises(CapabilityError, match="answers to quest"):
        engine.token_logits("the cat")


def test_the_model_is_as_before(cache: ModelCache) -> None:
    with cache.lease("local:classifier") as engine:
        before = engine.class_logits("the dog")
        ask(engine, PathGradientsRequest("the cat", points=(0.1, 0.9)))
        network = engine._worker._answerer._forward._network
        assert isinstance(network, transformers.PreTrainedModel)
        assert not any(module._forward_hooks or module._forward_pre_hooks for module in network.modules())
        again = engine._worker._answerer.answer(
            [(type_of_classes("the dog"), engine._worker._encoder.encode("the dog"))]
        )[0]
    np.testing.assert_array_equal(again, before)
    assert Capability.SEQUENCE_CLASSIFICATION in engine.info.capabilities


def type_of_classes(text: str) -> Any:
    from bert_explorer.models.requests import ClassLogitsRequest

    return ClassLogitsRequest(text)
