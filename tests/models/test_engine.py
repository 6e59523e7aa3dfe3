"""The engine as its callers see it: checks, memory of answers, shared passes, bulk work."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bert_explorer.errors import (
    BrokenModelError,
    CapabilityError,
    EmptyTextError,
    InputError,
    MaskError,
    TextTooLongError,
)
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.models.memory import ResultMemory
from bert_explorer.models.requests import (
    AttentionsRequest,
    HiddenStatesRequest,
    MaskLogitsRequest,
    PooledRequest,
    TokenizeRequest,
)
from bert_explorer.settings import Settings
from tests.models.conftest import break_forward, plain
from tests.tiny_models import build_tiny

TEXT = "the [MASK] sat on the mat ."
NewEngine = Callable[..., Engine]


@pytest.mark.parametrize(
    ("name", "ask", "head"),
    [
        ("classifier", lambda engine: engine.mask_logits(TEXT), "masked-word head"),
        ("electra-discriminator", lambda engine: engine.mask_logits(TEXT), "masked-word head"),
        ("encoder", lambda engine: engine.mask_logits(TEXT), "masked-word head"),
        ("bert", lambda engine: engine.next_sentence_logits("a", "b"), "next-sentence head"),
        ("bert", lambda engine: engine.class_logits(TEXT), "head for classes"),
        ("tagger", lambda engine: engine.class_logits(TEXT), "head for classes"),
    ],
)
def test_a_missing_head_is_named(name: str, ask: Callable[[Engine], Any], head: str, cache: Any) -> None:
    with (
        cache.lease(f"local:{name}") as engine,
        pytest.raises(CapabilityError, match=f"has no {head}.*It can do: .*Choose another model"),
    ):
        ask(engine)


def test_masks_are_required_and_limited(new_engine: NewEngine) -> None:
    engine = new_engine(max_masks=2)
    with pytest.raises(MaskError, match=r"no mask. Put \[MASK\]"):
        engine.mask_logits("the cat sat")
    with pytest.raises(MaskError, match="3 masks; the limit is 2"):
        engine.mask_logits("[MASK] [MASK] [MASK]")
    assert engine.mask_logits("[MASK] is [MASK]").logits.shape[0] == 2


def test_the_vocabulary_names_every_row(engine: Engine) -> None:
    tokens = engine.tokenize("the zebras [MASK]")
    assert tuple(engine.vocabulary[i] for i in tokens.input_ids) == tokens.tokens
    assert len(engine.vocabulary) == engine.mask_logits(TEXT).logits.shape[1]


@pytest.mark.parametrize("layers", [[], [2], [-1], [0, 9]])
def test_layers_that_do_not_exist_are_refused(layers: list[int], engine: Engine) -> None:
    with pytest.raises(InputError, match="layer"):
        engine.attentions(TEXT, layers=layers)


def test_an_unknown_pooling_is_refused(engine: Engine) -> None:
    with pytest.raises(InputError, match="Choose one of: mean, cls, max"):
        engine.pooled(["the cat"], layer=1, pooling="sum")  # type: ignore[arg-type]


def test_equal_questions_are_computed_once(new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = new_engine()
    engine._memory = engine._worker._memory = ResultMemory(10_000_000)
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    first = engine.mask_logits(TEXT)
    assert engine.mask_logits(TEXT) is first
    assert engine.attentions(TEXT, layers=[0]) is not engine.attentions(TEXT, layers=[1])
    assert engine.attentions(TEXT, layers=[0]) is engine.attentions(TEXT, layers=[0])
    assert len(sizes) == 3


def test_without_a_memory_every_question_is_computed(
    new_engine: NewEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    assert engine.mask_logits(TEXT) is not engine.mask_logits(TEXT)
    assert sizes == [1, 1]


def test_equal_questions_in_one_batch_are_computed_once(
    new_engine: NewEngine, hold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A class of 30 that clicks the same example at once."""
    engine = new_engine()
    release = hold(engine)
    futures = [engine.submit(MaskLogitsRequest(TEXT)) for _ in range(30)]
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    release.set()
    assert len({id(future.result(30)) for future in futures}) == 1
    assert sizes == [1]


def test_different_questions_about_texts_of_a_length_share_a_forward_pass(
    new_engine: NewEngine, hold: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = new_engine()
    release = hold(engine)
    futures = [
        engine.submit(MaskLogitsRequest("the [MASK]")),
        engine.submit(HiddenStatesRequest("the cat", layers=(0, 2))),
        engine.submit(PooledRequest(("the cat", "we"), (1,))),
        engine.submit(PooledRequest(("the cat", "we"), (1,))),
        engine.submit(TokenizeRequest("the cat")),
        engine.submit(AttentionsRequest("the cat", layers=(1,))),
    ]
    sizes = break_forward(engine, monkeypatch, "never", AssertionError())
    release.set()
    for future in futures:
        future.result(30)
    assert sizes == [1, 1, 1]  # masks need the last layer at a few places only, and go by themselves


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_pooled_vectors_are_those_of_single_texts_in_the_order_asked(
    pooling: Any, engine: Engine, checkpoints: Path
) -> None:
    """Second road: the formula over plain transformers' hidden states."""
    model, tokenizer = plain(checkpoints / "models" / "pretraining", "AutoModel")
    texts = ["the cat sat on the mat and looked at the dog", "we", "free prize " * 100, "yes , call now"]
    seen: list[tuple[int, int]] = []
    vectors = engine.pooled(texts, layer=1, pooling=pooling, progress=lambda *done: seen.append(done))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (4, 4)
    for text, vector in zip(texts, vectors, strict=True):
        inputs = tokenizer(text, truncation=True, max_length=128, return_tensors="pt")
        with torch.no_grad():
            hidden = model(**inputs, output_hidden_states=True).hidden_states[1][0].numpy()
        right = {"mean": hidden.mean(0), "cls": hidden[0], "max": hidden.max(0)}[pooling]
        np.testing.assert_allclose(vector, right, atol=1e-4)


def test_an_empty_text_among_many_is_named_by_its_number(engine: Engine) -> None:
    with pytest.raises(EmptyTextError, match="Text 2 of 3 is empty"):
        engine.pooled(["the cat", " ", "we"], layer=1)
    with pytest.raises(EmptyTextError, match="Text 3 of 3 is empty"):
        engine.pooled(["the cat", "we", "\u200b\x00"], layer=1)
    with pytest.raises(TextTooLongError, match="10,000,000 characters; the limit is 200,000"):
        engine.pooled(["the cat", "x" * 10_000_000], layer=1)
    assert engine.pooled([], layer=1).shape == (0, 32)


def test_map_gives_answers_in_order_and_cancels_the_rest_when_left(new_engine: NewEngine) -> None:
    engine = new_engine()
    asked: list[str] = []

    def requests() -> Iterator[TokenizeRequest]:
        for number in range(500):
            asked.append(f"the cat {number}")
            yield TokenizeRequest(asked[-1])

    answers = engine.map(requests())
    assert [next(answers).text for _ in range(3)] == ["the cat 0", "the cat 1", "the cat 2"]
    answers.close()  # type: ignore[attr-defined]
    assert len(asked) < 100
    assert [tokens.text for tokens in engine.map(requests())] == asked[-500:]


def test_a_bare_pooler_answers_as_plain_transformers_does(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "bare-pooler"
    build_tiny("mobilebert", folder, head="pretraining", classifier_activation=False)
    model, tokenizer = plain(folder, "AutoModelForPreTraining")
    with torch.no_grad():
        expected = model(**tokenizer("the cat", "a dog", return_tensors="pt")).seq_relationship_logits[0]
    cache = ModelCache(Settings(home=tmp_path, device="cpu", num_threads=1))
    with cache.lease("local:bare-pooler") as engine:
        answer = engine.next_sentence_logits("the cat", "a dog")
    cache.close()
    np.testing.assert_allclose(answer, expected.numpy(), atol=1e-4)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_answers_that_are_no_numbers_are_refused(value: float, new_engine: NewEngine) -> None:
    engine, classifier = new_engine(), new_engine("classifier")
    for each in (engine, classifier):
        network = each._worker._answerer._forward._network
        network.base_model.embeddings.LayerNorm.weight[0] = value
    asks: list[Callable[[], Any]] = [
        lambda: engine.mask_logits(TEXT),
        lambda: engine.next_sentence_logits("the cat", "a dog"),
        lambda: engine.attentions(TEXT),
        lambda: engine.hidden_states(TEXT, layers=[1]),
        lambda: engine.pooled(["the cat"], layer=0),
        lambda: classifier.class_logits(TEXT),
    ]
    for ask in asks:
        with pytest.raises(BrokenModelError, match=r"answers of '.*' are not all numbers"):
            ask()
