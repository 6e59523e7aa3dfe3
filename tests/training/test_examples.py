"""Labelled files of every task: guessed, read, split; and what is said of those that teach nothing."""

import json
from dataclasses import replace

import numpy as np
import pytest

from bert_explorer.errors import DataError
from bert_explorer.settings import REPOSITORY, Settings
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.examples import guess_task, read_examples, split_examples
from bert_explorer.training.question_texts import read_questions
from bert_explorer.training.tagged_texts import read_tagged, to_entities

DATASETS = REPOSITORY / "assets" / "datasets"
CONFIG = FineTuneConfig(text_column="text", label_column="label")
SETTINGS = Settings()


@pytest.mark.parametrize(
    ("filename", "task"),
    [
        ("sms_spam_200.tsv", "text-classification"),
        ("subjectivity_400.tsv", "text-classification"),
        ("banking_pairs_400.csv", "text-classification"),
        ("sentence_traits_400.tsv", "multi-label"),
        ("similarity_300.tsv", "regression"),
        ("names_400.iob2", "token-classification"),
        ("parts_of_speech_200.conll", "token-classification"),
        ("en_pud-ud-test.conllu", "token-classification"),
        ("xquad_en_sample.json", "question-answering"),
    ],
)
def test_the_task_is_guessed_from_the_file(filename: str, task: str) -> None:
    assert guess_task(filename, (DATASETS / filename).read_bytes(), SETTINGS) == task


def test_stars_and_sentences_are_classes() -> None:
    stars = "text,stars\n" + "\n".join(f"a text {i},{i % 5 + 1}" for i in range(20))
    assert guess_task("a.csv", stars.encode(), SETTINGS) == "text-classification"
    spans = b'{"text": "Ada was here.", "spans": []}\n'
    assert guess_task("a.jsonl", spans, SETTINGS) == "token-classification"


def tagged(*lines: dict[str, object]) -> bytes:
    rest = [{"text": "Ada was in London.", "spans": [{"start": 0, "end": 3, "label": "PER"}]}] * 12
    return "\n".join(json.dumps(line) for line in [*lines, *rest]).encode()


def span(start: object, end: object, label: object = "PER") -> dict[str, object]:
    return {"start": start, "end": end, "label": label}


def test_spans_become_tags_of_words() -> None:
    text = "Ada Lovelace was in London."
    rows = read_tagged("a.jsonl", tagged({"text": text, "spans": [span(20, 26, "LOC"), span(0, 12)]}))
    assert rows.rows[0].tags == ("B-PER", "I-PER", "O", "O", "B-LOC", "O")
    assert to_entities(rows.rows[0].tags) == {("PER", 0, 1), ("LOC", 4, 4)}
    assert rows.marks_entities


@pytest.mark.parametrize(
    ("spans", "message"),
    [
        ([span(0, 99)], r"0 to 99 does not lie in the text, which has 18 characters"),
        ([span(5, 2)], "5 to 2 does not lie"),
        ([span(1, 3)], r"'da'\) begins or ends inside a word"),
        ([span(0, 4)], "begins or ends inside a word or at a blank"),
        ([span(0, 3), span(0, 7)], "overlaps with another one"),
        ([span(0, "3")], "whole numbers"),
        ([span(True, 3)], "whole numbers"),
        ([span(0, 3, " ")], "empty label"),
        (["x"], "whole numbers"),
        (None, "missing"),
    ],
)
def test_wrong_spans_are_named_with_their_line(spans: object, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_tagged("a.jsonl", tagged({"text": "Ada was in London.", "spans": spans}))
    assert caught.value.line == 1


def test_columns() -> None:
    """Word and tag, also where words are counted and other columns follow; comments and CRLF."""
    plain = "-DOCSTART-\tO\n\n" + "Ada\tB-PER\r\nwas\tO\r\n\r\n" * 10
    counted = "# a comment\n" + "1\tAda\tB-PER\t-\t-\n2\twas\tO\t-\t-\n\n" * 10
    for content in (plain, counted):
        rows = read_tagged("a.conll", content.encode()).rows
        assert len(rows) == 10
        assert (rows[3].text, rows[3].tags) == ("Ada was", ("B-PER", "O"))
    with pytest.raises(DataError, match="A word and its tag") as caught:
        read_tagged("a.conll", (plain + "alone\n").encode())
    assert caught.value.line == 33


def squad(answer: str, start: int) -> bytes:
    questions = [
        {"context": f"Context {i}: the cat sat.", "qas": [{"question": "who?", "answers": []}]}
        for i in range(10)
    ]
    questions[3]["qas"] = [{"question": "who?", "answers": [{"text": answer, "answer_start": start}]}]
    return json.dumps({"data": [{"paragraphs": questions}]}).encode()


def test_answers_have_to_be_where_they_are_said_to_be() -> None:
    assert read_questions("a.json", squad("the cat", 11)).rows[3].start == 11
    for answer, start in (("the cat", 10), ("the dog", 11), ("the cat", 999), ("the cat", -5)):
        with pytest.raises(
            DataError, match=f"'{answer}' is not in the context at character {start}"
        ) as caught:
            read_questions("a.json", squad(answer, start))
        assert caught.value.line == 4
    with pytest.raises(DataError, match="not SQuAD's JSON"):
        read_questions("a.json", b'{"data": [1]}')
    lines = [{"question": "who?", "context": f"{i} the cat", "answer": "the cat"} for i in range(10)]
    content = "\n".join(map(json.dumps, lines)).encode()
    assert [row.start for row in read_questions("a.jsonl", content).rows] == [2] * 10


def table(labels: list[str]) -> bytes:
    rows = [f'text number {i},"{label}"' for i, label in enumerate(labels)]
    return "\n".join(["text,label", *rows]).encode()


@pytest.mark.parametrize(
    ("task", "labels", "message", "line"),
    [
        ("regression", ["1.5"] * 9 + ["2,5"], "'2,5' in column 'label' is not a number", 11),
        ("regression", ["nan", *["1"] * 9], "'nan'.*is not a number", 2),
        ("regression", ["3"] * 12, "there is nothing to learn", None),
        ("multi-label", ["a|b"] * 9 + ["a|c"], "Only one row has the label 'c'", 11),
        ("multi-label", ["a"] * 12, "1 different labels", None),
        ("multi-label", [f"{i}|a" for i in range(600)], "601 different labels", None),
        ("text-classification", [str(i) for i in range(5000)], "5,000 different labels in 5,000 rows", None),
        ("text-classification", [f"{i / 7:.3f}" for i in range(40)], "40 different labels", None),
        ("text-classification", ["a"] * 9 + ["b"] * 9 + ["c"], "Only one row has the label 'c'", 20),
    ],
)
def test_labels_that_cannot_be_learned(task: str, labels: list[str], message: str, line: int | None) -> None:
    with pytest.raises(DataError, match=message) as caught:
        read_examples("a.csv", table(labels), replace(CONFIG, task=task), SETTINGS)
    assert caught.value.line == line


def test_splits_keep_contexts_and_copies_on_one_side() -> None:
    config = replace(CONFIG, task="question-answering")
    questions = read_examples("q.json", (DATASETS / "xquad_en_sample.json").read_bytes(), config, SETTINGS)
    split = split_examples(questions, config)
    contexts = np.array(questions.pairs)
    assert not set(contexts[split.train]) & set(contexts[split.held_out])
    assert sorted([*split.train, *split.held_out]) == list(range(177))
    assert 20 <= len(split.held_out) <= 36
