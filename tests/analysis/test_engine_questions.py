"""The thin entries against plain transformers: sentences, classes, attention, vectors."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer, BertForPreTraining, pipeline

from bert_explorer.analysis.attention import compute_attention, select_head
from bert_explorer.analysis.classification import classify, classify_all
from bert_explorer.analysis.embeddings import embed_texts, embed_tokens, embed_words, find_long
from bert_explorer.analysis.next_sentence import predict_next_sentence
from bert_explorer.errors import CapabilityError, EmptyTextError, InputError
from bert_explorer.models.cache import open_model
from bert_explorer.models.requests import POOLINGS, Pooling
from bert_explorer.settings import Settings
from tests.tiny_models import build_tiny

FIRST, SECOND = "the cat sat on the mat .", "it looked at the dog ."


@pytest.fixture
def plain(settings: Settings) -> tuple[BertForPreTraining, AutoTokenizer]:
    folder = settings.bundled_model_path
    model = BertForPreTraining.from_pretrained(folder, attn_implementation="eager").eval()
    return model, AutoTokenizer.from_pretrained(folder)


@torch.no_grad()
def test_next_sentence_agrees_with_transformers(plain: tuple[BertForPreTraining, AutoTokenizer]) -> None:
    model, tokenizer = plain
    logits = model(**tokenizer(FIRST, SECOND, return_tensors="pt")).seq_relationship_logits
    with open_model("bundled") as engine:
        answer = predict_next_sentence(engine, FIRST, SECOND)
        swapped = predict_next_sentence(engine, SECOND, FIRST)
    assert answer.is_next_probability == pytest.approx(float(logits.softmax(-1)[0, 0]), abs=1e-5)
    assert swapped.is_next_probability != answer.is_next_probability
    assert (answer.first, answer.second) == (FIRST, SECOND)


def test_classes_agree_with_the_pipeline(settings: Settings, tiny_classifier: Path) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    oracle = pipeline("text-classification", model=str(tiny_classifier), device="cpu")
    expected = {item["label"]: item["score"] for item in oracle(FIRST, top_k=None)}
    with open_model("local:classes") as engine:
        answer = classify(engine, FIRST)
    assert answer.labels == ("ham", "spam", "other")
    np.testing.assert_allclose(answer.probabilities, [expected[name] for name in answer.labels], atol=1e-5)
    assert answer.label == max(expected, key=lambda name: expected[name])


def test_many_texts_are_classified_in_their_order_and_cut_at_the_limit(
    settings: Settings, tiny_classifier: Path
) -> None:
    (settings.local_models_path / "classes").symlink_to(tiny_classifier)
    texts = [FIRST, "the dog " * 300, SECOND, FIRST]
    seen: list[tuple[int, int]] = []
    with open_model("local:classes") as engine:
        found = classify_all(engine, texts, progress=lambda *done: seen.append(done))
        pairs = classify_all(engine, [FIRST, FIRST], [SECOND, None])
        alone = [classify(engine, text) for text in (FIRST, SECOND)]
        paired = classify(engine, FIRST, SECOND)
    assert [item.text for item in found] == texts
    for index, expected in ((0, alone[0]), (2, alone[1]), (3, alone[0])):
        np.testing.assert_allclose(found[index].probabilities, expected.probabilities, atol=1e-5)
    np.testing.assert_allclose(pairs[0].probabilities, paired.probabilities, atol=1e-5)
    np.testing.assert_allclose(pairs[1].probabilities, alone[0].probabilities, atol=1e-5)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


@torch.no_grad()
def test_attention_agrees_with_transformers(plain: tuple[BertForPreTraining, AutoTokenizer]) -> None:
    model, tokenizer = plain
    expected = model(**tokenizer(FIRST, SECOND, return_tensors="pt"), output_attentions=True).attentions
    with open_model("bundled") as engine:
        attention = compute_attention(engine, FIRST, SECOND)
        second_layer = compute_attention(engine, FIRST, SECOND, layers=[1])
    np.testing.assert_allclose(attention.attentions, np.stack([item[0] for item in expected]), atol=1e-5)
    np.testing.assert_allclose(attention.attentions.sum(axis=-1), 1, atol=1e-5)
    np.testing.assert_allclose(select_head(second_layer, 1, 0), attention.attentions[1, 0], atol=1e-6)


def test_a_head_outside_the_answer_is_refused(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        attention = compute_attention(engine, FIRST, layers=[1])
    with pytest.raises(InputError, match="Layer 0 is not among the layers at hand: 1"):
        select_head(attention, 0, 0)
    for head in (-1, 2):
        with pytest.raises(InputError, match=f"Head {head} does not exist. Heads count from 0 to 1"):
            select_head(attention, 1, head)


@torch.no_grad()
@pytest.mark.parametrize("layer", [0, 2])
def test_vectors_agree_with_transformers(plain: tuple[BertForPreTraining, AutoTokenizer], layer: int) -> None:
    model, tokenizer = plain
    texts = [FIRST, "a dog .", SECOND]
    expected = [
        model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states[layer][0]
        for text in texts
    ]
    seen: list[tuple[int, int]] = []
    with open_model("bundled") as engine:
        mean = embed_texts(
            engine, texts, layer=layer, pooling="mean", progress=lambda *done: seen.append(done)
        )
        first = embed_texts(engine, texts, layer=layer, pooling="cls")
        largest = embed_texts(engine, texts, layer=layer, pooling="max")
        tokens = embed_tokens(engine, texts, layer)
        words = embed_tokens(engine, texts, layer, with_special=False)
    np.testing.assert_allclose(mean.vectors, [item.mean(0).numpy() for item in expected], atol=1e-5)
    np.testing.assert_allclose(first.vectors, [item[0].numpy() for item in expected], atol=1e-5)
    np.testing.assert_allclose(largest.vectors, [item.amax(0).numpy() for item in expected], atol=1e-5)
    np.testing.assert_allclose(tokens.vectors, torch.cat(expected).numpy(), atol=1e-5)
    assert (mean.items, mean.rows, mean.layer, mean.pooling) == (tuple(texts), (0, 1, 2), layer, "mean")
    assert tokens.items[:3] == ("[CLS]", "the", "cat")
    assert tokens.rows.count(1) == 5
    assert "[CLS]" not in words.items
    assert words.rows.count(1) == 3
    assert seen[-1] == (3, 3)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_many_texts_get_the_vectors_of_one_text_at_a_time(pooling: Pooling, settings: Settings) -> None:
    """Lengths from 3 tokens to beyond the limit, in an order that is not that of the batches."""
    assert settings.offline
    words = ["the", "cat", "sat", "on", "the", "mat", "and", "looked", "at", "the", "dog"]
    texts = [" ".join((words * 20)[: (7 * number) % 61 + 1]) for number in range(40)] + [" ".join(words * 20)]
    with open_model("bundled") as engine:
        together = embed_texts(engine, texts, layer=2, pooling=pooling, windows=True).vectors
        alone = [
            embed_texts(engine, [text], layer=2, pooling=pooling, windows=True).vectors for text in texts
        ]
        assert len(find_long(engine, texts)) == 1
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)
    assert len(np.unique(together.round(4), axis=0)) > 30


def test_texts_without_words_are_named_by_their_line(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        with pytest.raises(EmptyTextError, match="Text 2 is empty"):
            embed_texts(engine, ["a", "  "], layer=1, pooling="mean")
        with pytest.raises(EmptyTextError, match="no texts"):
            embed_texts(engine, [], layer=1, pooling="mean")
        with pytest.raises(InputError, match="layer 3"):
            embed_tokens(engine, ["a"], 3)


def test_classes_that_do_not_exclude_each_other_agree_with_the_pipeline(settings: Settings) -> None:
    folder = settings.local_models_path / "several"
    kind = "multi_label_classification"
    build_tiny("bert", folder, head="text-classification", labels=("a", "b", "c"), problem_type=kind)
    oracle = pipeline("text-classification", model=str(folder), device="cpu")
    expected = {item["label"]: item["score"] for item in oracle(FIRST, top_k=None)}
    with open_model("local:several") as engine:
        answer = classify(engine, FIRST)
    np.testing.assert_allclose(answer.probabilities, [expected[name] for name in "abc"], atol=1e-5)
    assert abs(answer.probabilities.sum() - 1) > 1e-3


@pytest.mark.parametrize(("labels", "kind"), [(("a", "b"), "regression"), (("a",), None)])
def test_a_model_that_gives_a_number_is_refused(
    settings: Settings, labels: tuple[str, ...], kind: str | None
) -> None:
    folder = settings.local_models_path / "number"
    build_tiny("bert", folder, head="text-classification", labels=labels, problem_type=kind)
    with open_model("local:number") as engine:
        for ask in (lambda: classify(engine, FIRST), lambda: classify_all(engine, [FIRST])):
            with pytest.raises(CapabilityError, match="gives a number and not classes"):
                ask()


@torch.no_grad()
def test_a_text_beyond_the_limit_is_read_in_windows_or_cut(
    plain: tuple[BertForPreTraining, AutoTokenizer],
) -> None:
    """Second road: every window by plain transformers, all their tokens pooled together."""
    model, tokenizer = plain
    long = "the cat sat on the mat and looked at the dog . " * 20
    with open_model("bundled") as engine:
        (pieces,) = engine.windows([long])
        seen: list[tuple[int, int]] = []
        found = {
            pooling: embed_texts(
                engine,
                [FIRST, long],
                layer=1,
                pooling=pooling,
                windows=True,
                progress=lambda *done: seen.append(done),
            ).vectors
            for pooling in ("mean", "max", "cls")
        }
        assert (seen[-1], {total for _, total in seen}) == ((2, 2), {2})
        cut = embed_texts(engine, [long], layer=1, pooling="mean").vectors
        assert find_long(engine, [FIRST, long]).tolist() == [1]
    assert len(pieces) == 2
    assert "".join(pieces) == long
    states = []
    for piece in pieces:
        inputs = tokenizer(piece, return_tensors="pt")
        assert inputs["input_ids"].shape[1] <= 128
        states.append(model(**inputs, output_hidden_states=True).hidden_states[1][0].numpy())
    together = np.concatenate(states)
    np.testing.assert_allclose(found["mean"][1], together.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found["max"][1], together.max(axis=0), atol=1e-5)
    np.testing.assert_allclose(found["cls"][1], np.mean([item[0] for item in states], axis=0), atol=1e-5)
    assert np.abs(cut[0] - found["mean"][1]).max() > 1e-3


def test_several_layers_are_averaged_and_a_words_pieces_too(settings: Settings) -> None:
    assert settings.offline
    with open_model("bundled") as engine:
        single = [embed_texts(engine, [FIRST], layer=i, pooling="mean").vectors for i in range(3)]
        mean = embed_texts(engine, [FIRST], layer=2, pooling="mean", num_layers=2).vectors
        every = embed_texts(engine, [FIRST], layer=2, pooling="mean", num_layers=9).vectors
        text = "the zebras sat"
        words = embed_words(engine, [FIRST, text], 1)
        tokens = embed_tokens(engine, [text], 1, with_special=False)
    np.testing.assert_allclose(mean, (single[1] + single[2]) / 2, atol=1e-5)
    np.testing.assert_allclose(every, sum(single) / 3, atol=1e-5)
    assert words.items[-3:] == ("the", "zebras", "sat")
    assert words.rows[-3:] == (1, 1, 1)
    np.testing.assert_allclose(words.vectors[-1], tokens.vectors[-1], atol=1e-5)
    np.testing.assert_allclose(words.vectors[-2], tokens.vectors[1:-1].mean(axis=0), atol=1e-5)
