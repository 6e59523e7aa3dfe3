import lzma
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from bert_explorer.errors import DataError
from bert_explorer.pretraining.corpus import (
    LINES_A_CHUNK,
    Document,
    is_held_out,
    load_tokenized,
    read_documents,
    save_tokenized,
    tokenize_documents,
)


def test_blank_lines_separate_documents_and_repeated_paragraphs_are_read_once(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("front matter\none\n\n\nfront matter\ntwo\n", encoding="utf-8")
    with lzma.open(tmp_path / "b.txt.xz", "wt", encoding="utf-8") as file:
        file.write("café\n")
    documents = read_documents([tmp_path / "a.txt", tmp_path / "b.txt.xz"])
    assert [d.paragraphs for d in documents] == [("front matter", "one"), ("two",), ("café",)]
    assert all(d.is_connected for d in documents)


def test_a_sentence_file_has_chunks_of_unconnected_lines(tmp_path: Path) -> None:
    path = tmp_path / "tatoeba-english.txt"
    path.write_text("\n".join(f"Sentence {i}." for i in range(LINES_A_CHUNK + 1)), encoding="utf-8")
    documents = read_documents([path])
    assert [len(d.paragraphs) for d in documents] == [LINES_A_CHUNK, 1]
    assert not any(d.is_connected for d in documents)


def test_a_file_named_twice_is_read_twice_and_its_held_out_documents_once(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("\n".join(f"chapter {i}\n" for i in range(300)), encoding="utf-8")
    once, twice = read_documents([path]), read_documents([path, path])
    for is_held_out_document, times in ((False, 2), (True, 1)):
        chosen = [d for d in once if d.is_held_out is is_held_out_document]
        assert chosen
        assert all(twice.count(document) == times for document in chosen)


def test_bytes_that_are_not_text_are_refused_with_the_file_name(tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(DataError, match=r"bad\.txt.*UTF-8"):
        read_documents([tmp_path / "bad.txt"])
    (tmp_path / "empty.txt").write_text("\n\n", encoding="utf-8")
    with pytest.raises(DataError, match="no text"):
        read_documents([tmp_path / "empty.txt"])


def test_about_five_per_cent_are_held_out_and_always_the_same() -> None:
    held_out = [is_held_out([f"text {i}"]) for i in range(4000)]
    assert 0.04 < sum(held_out) / len(held_out) < 0.06
    assert held_out == [is_held_out((f"text {i}",)) for i in range(4000)]


def test_what_else_is_in_the_corpus_does_not_move_a_document(tmp_path: Path) -> None:
    texts = [f"front matter\nchapter {i}\n" for i in range(300)]
    (tmp_path / "book.txt").write_text("\n".join(texts), encoding="utf-8")
    (tmp_path / "other.txt").write_text("front matter\n", encoding="utf-8")
    alone = read_documents([tmp_path / "book.txt"])
    later = read_documents([tmp_path / "other.txt", tmp_path / "book.txt"])[1:]
    assert any(document.is_held_out for document in alone)
    assert [d.is_held_out for d in alone] == [d.is_held_out for d in later]


def test_token_ids_survive_saving_and_equal_those_of_each_sentence(tmp_path: Path, tiny_bert: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(tiny_bert)
    documents = [
        Document(("The cat sat. The dog looked.", "She said that."), True, False),
        Document(("\u200b",), True, False),
        Document(("Paris",), False, False),
    ]
    save_tokenized(tokenize_documents(documents, tokenizer), tmp_path / "ids.npz")
    tokenized = load_tokenized(tmp_path / "ids.npz")
    for number, texts in enumerate([["The cat sat.", "The dog looked.", "She said that."], ["Paris"]]):
        expected = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
        assert [s.tolist() for s in tokenized.sentences(number)] == expected
    assert tokenized.is_connected.tolist() == [True, False]
