"""Texts to tokens: against the transformers tokenizer, with what users type."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import transformers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bert_explorer.errors import BertExplorerError, EmptyTextError, TextTooLongError
from bert_explorer.models.cache import ModelCache
from bert_explorer.models.engine import Engine
from bert_explorer.settings import Settings
from tests.models.conftest import plain
from tests.tiny_models import FAMILIES, build_tiny, wordpiece_vocab

NAUGHTY = [
    base64.b64decode(item).decode("utf-8", "surrogateescape")
    for item in json.loads((Path(__file__).parent.parent / "data" / "blns.base64.json").read_text())
]
TEXTS = ["the cat sat on zebras.", "naïve CAFÉ — 東京", "a\u200bb\tc\n d", "the [MASK] is [MASK]", "🙂🙃 ok"]


@pytest.mark.parametrize("family", FAMILIES)
def test_ids_words_and_offsets_equal_those_of_transformers(
    family: str, cache: ModelCache, checkpoints: Path
) -> None:
    _, tokenizer = plain(checkpoints / "models" / family, "AutoModel")
    with cache.lease(f"local:{family}") as engine:
        for texts in [(text,) for text in TEXTS] + [(TEXTS[0], TEXTS[1])]:
            tokens = engine.tokenize(*texts)
            read = [text.replace("[MASK]", tokenizer.mask_token) for text in texts]
            right = tokenizer(*read, return_offsets_mapping=True)
            assert tokens.input_ids.tolist() == right["input_ids"]
            assert list(tokens.word_ids) == right.word_ids()
            assert list(tokens.sequence_ids) == right.sequence_ids()
            assert tokens.offsets.tolist() == [list(span) for span in right["offset_mapping"]]
            assert list(tokens.tokens) == tokenizer.convert_ids_to_tokens(right["input_ids"])
            assert (tokens.text, tokens.pair) == (read[0], read[1] if len(read) > 1 else None)


def test_offsets_and_sequences_point_into_the_right_text(engine: Engine) -> None:
    tokens = engine.tokenize("the cat", "a Dog sat")
    assert tokens.tokens == ("[CLS]", "the", "cat", "[SEP]", "a", "dog", "sat", "[SEP]")
    assert tokens.sequence_ids == (None, 0, 0, None, 1, 1, 1, None)
    assert tokens.word_ids == (None, 0, 1, None, 0, 1, 2, None)
    start, end = tokens.offsets[5]
    assert "a Dog sat"[start:end] == "Dog"
    assert tokens.is_special.tolist() == [True, False, False, True, False, False, False, True]


@pytest.mark.parametrize("family", ["roberta", "xlm-roberta", "camembert", "mpnet"])
def test_bert_s_mask_is_translated_for_every_family(family: str, cache: ModelCache) -> None:
    with cache.lease(f"local:{family}") as engine:
        generic = engine.mask_logits("the [MASK] sat")
        own = engine.mask_logits("the <mask> sat")
    assert generic.tokens.text == "the <mask> sat"
    np.testing.assert_array_equal(generic.logits, own.logits)


def test_a_typed_separator_is_read_as_transformers_reads_it(engine: Engine, checkpoints: Path) -> None:
    """It becomes the special token, at its place, and belongs to the text of the user."""
    _, tokenizer = plain(checkpoints / "models" / "pretraining", "AutoModel")
    text = "the cat [SEP] a dog [CLS] [PAD] ."
    tokens = engine.tokenize(text)
    assert tokens.input_ids.tolist() == tokenizer(text)["input_ids"]
    assert tokens.tokens[3] == "[SEP]"
    assert tokens.sequence_ids[3] == 0
    assert text[slice(*tokens.offsets[3])] == "[SEP]"


@pytest.mark.parametrize("family", ["bert", "roberta", "mpnet", "deberta-v2"])
def test_a_typed_pad_token_in_a_padded_batch_changes_nothing(
    family: str, new_engine: Callable[..., Engine]
) -> None:
    """The attention mask follows lengths; RoBERTa's positions follow ids, with and without neighbours."""
    engine = new_engine(family)
    text = f"the cat {'<pad>' if family in ('roberta', 'mpnet') else '[PAD]'} sat"
    alone = engine.pooled([text], layer=2)[0]
    together = engine.pooled([text, "the dog was not in the garden", "we"], layer=2)[0]
    np.testing.assert_allclose(alone, together, atol=1e-4)


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u200b", "\x00\x01", "\u00ad\u200d"])
def test_a_text_of_nothing_is_refused(text: str, engine: Engine) -> None:
    with pytest.raises(EmptyTextError, match="Type at least one word"):
        engine.tokenize(text)
    with pytest.raises(EmptyTextError, match="second text"):
        engine.tokenize("the cat", text)


def test_a_long_text_is_refused_with_limit_and_place_of_the_cut(engine: Engine) -> None:
    text = "start " + "the cat " * 100
    with pytest.raises(TextTooLongError) as caught:
        engine.tokenize(text)
    message = str(caught.value)
    kept = engine.tokenize(text, truncate=True)
    assert f"{len(kept) + kept.num_dropped} tokens and the model reads 128 at once" in message
    end = int(kept.offsets[-2][1])
    assert (
        f"after character {end} of the text: '...{text[end - 30 : end]}' | '{text[end : end + 30]}...'"
        in message
    )


def test_of_a_pair_the_message_names_the_text_that_is_cut(engine: Engine) -> None:
    with pytest.raises(TextTooLongError, match="of the second text"):
        engine.tokenize("the cat", "we are " * 100)
    with pytest.raises(TextTooLongError, match="of the first text"):
        engine.tokenize("we are " * 100, "the cat")


def test_a_text_beyond_all_measure_is_refused_before_it_is_read(new_engine: Callable[..., Engine]) -> None:
    engine = new_engine(max_text_chars=50)
    with pytest.raises(TextTooLongError, match="51 characters; the limit is 50"):
        engine.tokenize("x" * 51, truncate=True)


@pytest.mark.parametrize("family", ["pretraining", "roberta", "deberta-v2"])
def test_naughty_strings_are_answered_or_refused_with_an_error_of_ours(
    family: str, cache: ModelCache
) -> None:
    answered = 0
    with cache.lease(f"local:{family}") as engine:
        for text in NAUGHTY:
            try:
                states = engine.hidden_states(text, layers=[2], truncate=True)
            except EmptyTextError:
                assert not any(character.isalnum() for character in text), text
                continue
            assert np.isfinite(states.hidden_states).all(), text
            answered += 1
    assert answered > 640


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec=None), max_size=80), pair=st.none() | st.text(max_size=40))
def test_any_text_is_answered_or_refused(text: str, pair: Any, engine: Engine) -> None:
    try:
        tokens = engine.tokenize(text, pair, truncate=True)
    except BertExplorerError:
        return
    assert tokens.sequence_ids[0] is None
    for (start, end), sequence in zip(tokens.offsets, tokens.sequence_ids, strict=True):
        read = tokens.pair if sequence == 1 else tokens.text
        assert 0 <= start <= end <= len(read or "")


def test_a_chinese_vocabulary_is_read_by_characters(tmp_path: Path) -> None:
    """As bert-base-chinese and the multilingual BERTs: every character is a word."""
    folder = build_tiny("bert", tmp_path / "models" / "chinese")
    names = list(wordpiece_vocab())
    vocab = {token: i for i, token in enumerate([*names[:-3], "北", "京", "市"])}
    transformers.BertTokenizer(vocab=vocab).save_pretrained(folder)
    cache = ModelCache(Settings(home=tmp_path, device="cpu", num_threads=1))
    with cache.lease("local:chinese") as engine:
        answer = engine.mask_logits("北[MASK]市。", "京 a")
        assert answer.tokens.tokens == ("[CLS]", "北", "[MASK]", "市", "[UNK]", "[SEP]", "京", "a", "[SEP]")
        assert answer.tokens.word_ids[1:5] == (0, 1, 2, 3)
        assert answer.positions.tolist() == [2]
        assert engine.vocabulary[-3:] == ("北", "京", "市")
    cache.close()


def test_lone_surrogates_are_replaced(engine: Engine) -> None:
    tokens = engine.tokenize("the \ud83d cat")
    assert tokens.text == "the \ufffd cat"
    assert tokens.tokens[-2] == "cat"
