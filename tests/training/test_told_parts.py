"""The user's own split in files without columns, and two such files joined."""

import json
from collections.abc import Callable

import pytest

from bert_explorer.errors import DataError
from bert_explorer.settings import Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.examples import COLUMNS_OF, find_told_split, read_examples, split_examples
from bert_explorer.training.tables.parts import COLUMN
from bert_explorer.training.told_parts import join_examples

TAGS, ANSWERS = "token-classification", "question-answering"


def sentences(words: str) -> bytes:
    return "".join(f"{word}\tB-PER\nwas\tO\n\n" for word in words).encode()


def spans(words: str) -> bytes:
    lines = [{"text": f"{w} was", "spans": [{"start": 0, "end": 1, "label": "PER"}]} for w in words]
    return "\n".join(map(json.dumps, lines)).encode()


def squad(words: str) -> bytes:
    answer = {"text": "cat", "answer_start": 4}
    paragraphs = [
        {"context": f"the cat {word}", "qas": [{"question": f"{word} ?", "answers": [answer]}]}
        for word in words
    ]
    return json.dumps({"data": [{"paragraphs": paragraphs}]}).encode()


def questions(words: str) -> bytes:
    lines = [{"question": f"{w} ?", "context": f"the cat {w}", "answer": "cat"} for w in words]
    return "\n".join(map(json.dumps, lines)).encode()


def held_out(name: str, content: bytes, task: str) -> list[str]:
    """First letters of the texts that are measured with."""
    columns = COLUMNS_OF[task]
    config = FineTuneConfig(task=task, split_column=COLUMN, **columns)  # type: ignore[arg-type]  # all are texts
    examples = read_examples(name, content, config, Settings())
    split = split_examples(examples, config)
    assert len(split.train) + len(split.held_out) == len(examples)
    return [examples.texts[row][0] for row in split.held_out]


@pytest.mark.parametrize(
    ("make", "extension", "task"),
    [
        (sentences, ".conll", TAGS),
        (spans, ".jsonl", TAGS),
        (squad, ".json", ANSWERS),
        (questions, ".jsonl", ANSWERS),
    ],
)
def test_another_file_is_measured_with(make: Callable[[str], bytes], extension: str, task: str) -> None:
    first, second = make("abcdefghij"), make("xyz")
    name, content = join_examples(f"a{extension}", first, f"b{extension}", second)
    assert name == f"a and b{extension}"
    assert find_told_split(f"a{extension}", first, task) is None
    assert find_told_split(name, content, task) == COLUMN
    assert held_out(name, content, task) == ["x", "y", "z"]
    with pytest.raises(DataError, match=r"says of no example .* let chance choose"):
        held_out(f"a{extension}", first, task)


def test_a_file_tells_its_own_split() -> None:
    told = b"# split = train\n" + sentences("abcdefgh") + b"# split = dev\n" + sentences("yz")
    assert held_out("a.iob2", told, TAGS) == ["y", "z"], "no other rows to measure with"
    with pytest.raises(DataError, match=r"'tset' in the split .* Write train, test") as caught:
        held_out("a.iob2", told + b"# split = tset\n" + sentences("x"), TAGS)
    assert caught.value.line == 34, "of the first sentence below it"
    lines = questions("abcdefghij").decode().split("\n")
    lines[4] = json.dumps(json.loads(lines[4]) | {"split": "test"})
    assert held_out("a.jsonl", "\n".join(lines).encode(), ANSWERS) == ["e"]


def test_files_that_do_not_go_together() -> None:
    with pytest.raises(DataError, match=r"'b.jsonl', and the other one 'a.conll'.* save it as .conll"):
        join_examples("a.conll", sentences("a"), "b.jsonl", spans("b"))
    assert join_examples("a.conll", sentences("a"), "b.iob2", sentences("b"))[0] == "a and b.conll"
    with pytest.raises(DataError, match="The test file is not SQuAD's JSON"):
        join_examples("a.json", squad("a"), "b.json", b"[1]")
    _, broken = join_examples("a.jsonl", spans("abcdefghij"), "b.jsonl", b"not json")
    with pytest.raises(DataError, match="not a JSON object") as caught:
        held_out("a.jsonl", broken, TAGS)
    assert caught.value.line == 11
