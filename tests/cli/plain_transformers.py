"""Exported models opened by plain transformers: python plain_transformers.py QUESTIONS.json ANSWERS.json

Imports nothing of this project. Each question is {"folder", "task", "texts", "pairs", "max_length"}; an
answer is one text a row. Tags are read at the first piece of each split word; answers to questions as in the
tutorial of transformers: windows, 20 best starts and ends, the best span of all windows.
"""

import io
import json
import runpy
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import torch
import transformers

N_BEST, LONGEST_ANSWER = 20, 30
PROGRAM_ROWS = 4


def open_model(question: dict[str, Any], kind: str) -> tuple[Any, Any]:
    model = getattr(transformers, kind).from_pretrained(question["folder"], dtype="float32").eval()
    return transformers.AutoTokenizer.from_pretrained(question["folder"]), model


def sort_texts(question: dict[str, Any]) -> list[str]:
    """A label, a set of labels, or a number."""
    tokenizer, model = open_model(question, "AutoModelForSequenceClassification")
    answers = []
    limit = {"truncation": True, "max_length": question["max_length"], "return_tensors": "pt"}
    for text, pair in zip(question["texts"], question["pairs"], strict=True):
        inputs = tokenizer(text, pair, **limit)
        logits = model(**inputs).logits[0]
        if question["task"] == "regression":
            answers.append(f"{logits.item():.4g}")
        elif question["task"] == "multi-label":
            chosen = (logits.sigmoid() > 0.5).nonzero()[:, 0].tolist()
            answers.append(", ".join(model.config.id2label[index] for index in chosen))
        else:
            answers.append(model.config.id2label[int(logits.argmax())])
    return answers


def tag_words(question: dict[str, Any]) -> list[str]:
    """The tags of all words; one beyond the limit gets what the question calls it."""
    tokenizer, model = open_model(question, "AutoModelForTokenClassification")
    answers = []
    for text in question["texts"]:
        words = text.split(" ")
        inputs = tokenizer(
            words,
            is_split_into_words=True,
            return_tensors="pt",
            truncation=True,
            max_length=question["max_length"],
        )
        tags = [question["unread"]] * len(words)
        chosen = model(**inputs).logits[0].argmax(-1).tolist()
        for place, word in reversed(list(enumerate(inputs.word_ids()))):
            if word is not None:
                tags[word] = model.config.id2label[chosen[place]]
        answers.append(" ".join(tags))
    return answers


def find_answers(question: dict[str, Any]) -> list[str]:
    tokenizer, model = open_model(question, "AutoModelForQuestionAnswering")
    return [
        find_answer(tokenizer, model, text, context, question)
        for text, context in zip(question["texts"], question["pairs"], strict=True)
    ]


def find_answer(tokenizer: Any, model: Any, text: str, context: str, question: dict[str, Any]) -> str:
    pieces = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    longest = question["max_length"] // 2  # of the question; its end is not read
    windows = tokenizer(
        text[: pieces[:longest][-1][1]],
        context,
        truncation="only_second",
        max_length=question["max_length"],
        stride=question["stride"],
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    best = (float("-inf"), "")
    for index, offsets in enumerate(windows["offset_mapping"]):
        inputs = {name: torch.tensor([windows[name][index]]) for name in tokenizer.model_input_names}
        outputs = model(**inputs)
        starts, ends = outputs.start_logits[0], outputs.end_logits[0]
        inside = [part == 1 for part in windows.sequence_ids(index)]
        for first in largest(starts, inside):
            for last in largest(ends, inside):
                if first <= last < first + LONGEST_ANSWER:
                    score = float(starts[first] + ends[last] - starts[0] - ends[0])
                    best = max(best, (score, context[offsets[first][0] : offsets[last][1]].strip()))
    return best[1]


def largest(logits: torch.Tensor, inside: Sequence[bool]) -> list[int]:
    allowed = logits.masked_fill(~torch.tensor(inside), float("-inf"))
    return [int(place) for place in allowed.argsort(descending=True)[:N_BEST] if inside[place]]


def run_its_program(question: dict[str, Any]) -> list[str]:
    """The first cells of what the exported predict.py prints for the first texts."""
    pairs = [pair or "" for pair in question["pairs"]]
    lines = ["\t".join(filter(None, pair)) for pair in zip(question["texts"], pairs, strict=True)][
        :PROGRAM_ROWS
    ]
    Path("texts.txt").write_text("\n".join(lines), encoding="utf-8")
    written = io.StringIO()
    sys.argv = ["predict.py", "texts.txt"]
    with redirect_stdout(written):
        runpy.run_path(str(Path(question["folder"]) / "predict.py"), run_name="__main__")
    return [line.split("\t")[0] for line in written.getvalue().splitlines()]


READERS = {"token-classification": tag_words, "question-answering": find_answers}

if __name__ == "__main__":
    assert not any(name.startswith("bert_explorer") for name in sys.modules)
    answers = Path(sys.argv[2])
    questions = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with torch.inference_mode():
        found = [READERS.get(question["task"], sort_texts)(question) for question in questions]
    programs = [run_its_program(question) for question in questions]
    answers.write_text(json.dumps([found, programs]), encoding="utf-8")
