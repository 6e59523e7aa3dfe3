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


def marked_squad(words: str, part: str) -> bytes:
    data = json.loads(squad(words))
    for paragraph in data["data"][0]["paragraphs"]:
        paragraph["qas"][0][COLUMN] = part
    return json.dumps(data).encode()


@pytest.mark.parametrize(
    ("make", "extension", "task"),
    [
        (lambda words, part: f"# split = {part}\n".encode() + sentences(words), ".iob2", TAGS),
        (
            lambda words, part: sentences(words).replace(b"\n\n", f"\n#split={part}\r\n".encode()),
            ".bio",
            TAGS,
        ),
        (marked_squad, ".json", ANSWERS),
    ],
)
def test_what_two_files_tell_themselves_does_not_count(
    make: Callable[[str, str], bytes], extension: str, task: str
) -> None:
    """The first says test of its examples, the second train."""
    files = (f"a{extension}", make("abcdefghij", "test"), f"b{extension}", make("xyz", "train"))
    assert held_out(*join_examples(*files), task) == ["x", "y", "z"]


def test_lines_of_the_first_file_keep_their_numbers() -> None:
    first = b"# split = test\n" + sentences("abcdefghij") + b"word\n"
    _, joined = join_examples("a.conll", first, "b.conll", sentences("xyz"))
    with pytest.raises(DataError, match="word and its tag are needed") as caught:
        held_out("a.conll", joined, TAGS)
    assert caught.value.line == 32


@pytest.mark.parametrize("part", ["train", None, "unlabeled", "", 3])
def test_a_word_that_is_no_split_is_none(part: str | int | None) -> None:
    for make, task in ((spans, TAGS), (questions, ANSWERS)):
        lines = [json.loads(line) | {"split": part} for line in make("abcdefghij").decode().split("\n")]
        assert find_told_split("a.jsonl", "\n".join(map(json.dumps, lines)).encode(), task) is None


def test_a_mark_ends_the_sentence_above_it() -> None:
    content = sentences("abcdefgh") + b"i\tB-PER\n#split=test\nj\tB-PER\nwas\tO\n# split = train\n"
    assert held_out("a.conll", content + sentences("k"), TAGS) == ["j"]


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
