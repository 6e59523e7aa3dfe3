"""Byte-level tokens against the tokenizer library's own alphabet."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import pre_tokenizers
from transformers import AutoTokenizer

from bert_explorer.models.cache import ModelCache
from bert_explorer.models.token_names import read_bytes, token_reader

TEXTS = ("Ein Café in Łódź", "日本語 text", "naïve – “quotes” 🙂", "عربى")


def write_bytes(text: str) -> str:
    pieces = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)
    return "".join(piece for piece, _ in pieces)


@given(st.text(alphabet=st.characters(exclude_categories=("Cs",)), min_size=1))
def test_characters_come_back_and_what_is_ascii_stays_as_it_is_written(text: str) -> None:
    expected = [character if ord(character) >= 0x80 else write_bytes(character) for character in text]
    assert read_bytes(write_bytes(text)) == "".join(expected)


def test_a_part_of_a_character_stays_and_so_do_markers() -> None:
    assert read_bytes("ĠcafÃ©") == "Ġcafé"
    assert read_bytes("Ã") == "Ã"
    assert read_bytes("Ġword") == "Ġword"
    assert read_bytes("ĊĠ") == "ĊĠ"


@pytest.mark.parametrize("family", ["roberta", "modernbert"])
def test_an_engine_names_tokens_as_people_read_them(family: str, cache: ModelCache) -> None:
    with cache.lease(f"local:{family}") as engine:
        for text in TEXTS:
            tokens = engine.tokenize(text)
            assert all(
                engine.vocabulary[i] == token
                for i, token in zip(tokens.input_ids, tokens.tokens, strict=True)
            )


def test_other_vocabularies_are_left_alone(checkpoints: Path) -> None:
    for family, is_bytes in (
        ("bert", False),
        ("xlm-roberta", False),
        ("roberta", True),
        ("modernbert", True),
    ):
        reader = token_reader(AutoTokenizer.from_pretrained(checkpoints / "models" / family))
        assert (reader("Ã©") == "é") is is_bytes
