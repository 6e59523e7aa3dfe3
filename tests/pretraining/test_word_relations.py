from pathlib import Path

import pytest
from click.testing import CliRunner
from transformers import AutoTokenizer

from bert_explorer.errors import DataError
from bert_explorer.pretraining.cli import pretrain
from bert_explorer.pretraining.corpus import read_documents
from bert_explorer.pretraining.starting import load_tokenizer
from bert_explorer.pretraining.word_relations import write_relations

# offset lex_filenum ss_type w_cnt word lex_id... p_cnt (symbol offset pos source/target)... | gloss
NOUNS = """\
  1 This line stands for the licence, which is indented.
00000100 15 n 02 national_capital 0 capital_city 1 000 | the capital of a nation
00000200 15 n 02 France 0 French_Republic 0 000 | a republic
00000300 15 n 02 Paris 0 City_of_Light 0 02 @i 00000100 n 0000 #p 00000200 n 0000 | the capital of France
00000400 15 n 01 Atlantis 0 01 @i 00000100 n 0000 | a capital of nowhere
00000500 15 n 01 Lyon 0 01 #p 00000200 n 0000 | a city
"""
ADJECTIVES = """\
00000600 00 a 02 bad(p) 0 cool 0 02 ! 00000700 a 0101 = 00000200 n 0000 | low
00000700 00 a 01 good 0 01 ! 00000600 a 0101 | high
00000800 00 s 02 heart-whole 0 hot 0 01 ! 00000700 a 0101 | not one word
00000900 00 a 01 unheard 0 01 ! 00000600 a 0102 | not one token
"""


@pytest.fixture
def database(tmp_path: Path) -> Path:
    folder = tmp_path / "wordnet"
    folder.mkdir()
    for part, text in {"noun": NOUNS, "adj": ADJECTIVES, "verb": "", "adv": ""}.items():
        (folder / f"data.{part}").write_text(text, encoding="utf-8")
    return folder


def test_capitals_and_opposites_of_one_token_become_sentences(
    database: Path, tiny_bert: Path, tmp_path: Path
) -> None:
    vocabulary = AutoTokenizer.from_pretrained(tiny_bert).get_vocab()
    assert {"bad", "good"} <= set(vocabulary)
    output = tmp_path / "wordnet-relations.txt"
    arguments = ["relations", str(database), "--start", str(tiny_bert), "--output", str(output)]
    result = CliRunner().invoke(pretrain, arguments, catch_exceptions=False)
    assert "wrote 7 sentences" in result.output
    assert output.read_text(encoding="utf-8").splitlines() == [
        "Bad is the opposite of good.",
        "Good is the opposite of bad.",
        "Bad and good are opposites.",
        "Good and bad are opposites.",
        "France's capital is Paris.",
        "The capital city of France is called Paris.",
        "Paris, the capital of France, is a city.",
    ]


def test_facts_are_never_held_out(tmp_path: Path) -> None:
    for name, some_are in (("wordnet-relations.txt", False), ("wordnet-glosses.txt", True)):
        path = tmp_path / name
        path.write_text("\n".join(f"Fact {i} is a fact." for i in range(64 * 200)), encoding="utf-8")
        documents = read_documents([path])
        assert len(documents) == 200
        assert any(document.is_held_out for document in documents) is some_are


@pytest.mark.parametrize("text", ["nothing of the kind\n", "00000100 15 n zz word 0 000 | gloss\n"])
def test_another_file_is_refused(database: Path, tiny_bert: Path, tmp_path: Path, text: str) -> None:
    (database / "data.verb").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=r"data\.verb is not a file of WordNet's database.*data\.noun in it"):
        write_relations(database, load_tokenizer(tiny_bert), tmp_path / "out.txt")


def test_a_database_with_a_hole_is_refused(database: Path, tiny_bert: Path, tmp_path: Path) -> None:
    whole = (database / "data.noun").read_text(encoding="utf-8")
    (database / "data.noun").write_text(whole.replace("00000200 15", "00000201 15"), encoding="utf-8")
    with pytest.raises(DataError, match=r"lacks a synset .*00000200.* Copy it again"):
        write_relations(database, load_tokenizer(tiny_bert), tmp_path / "out.txt")


def test_a_folder_without_the_database_is_refused(tiny_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"data\.noun is not a file of WordNet's database"):
        write_relations(tmp_path, load_tokenizer(tiny_bert), tmp_path / "out.txt")
