"""The task "question-answering": where in a text is the answer to a question?

Follows Devlin et al. 2018, section 4.2: two vectors give every token a score for beginning and one for
ending the answer; the best pair with start <= end is given. A long text is read in windows that overlap, and
the best answer of all windows counts. A window without the answer is taught to point to its first token,
which also stands for "the text does not tell" (as for SQuAD 2.0).
"""

from pathlib import Path
from typing import Any, cast

import numpy as np
from transformers import AutoModelForQuestionAnswering, PreTrainedModel, PreTrainedTokenizerFast

from bert_explorer.results import FloatArray, IntArray, ModelInfo
from bert_explorer.training.course import follow
from bert_explorer.training.encoder_head import load_with_head
from bert_explorer.training.examples import Examples
from bert_explorer.training.job import Job
from bert_explorer.training.predictions import HeldOutRow
from bert_explorer.training.question_texts import Question, QuestionTexts
from bert_explorer.training.recipe import Answers, Material, Recipe, in_file_order
from bert_explorer.training.scores import score_answers
from bert_explorer.training.task_report import complete_report

MAX_ANSWER_TOKENS = 30
MAX_CANDIDATES = 20
OVERLAP_SHARE = 3  # a third of a window is read twice
MAX_QUESTION_SHARE = 2  # of the window; the end of a longer question is not read
NO_ANSWER = (0, 0)
MISSING_ANSWERS = "answers_may_be_missing"  # in the model's config: "" is an answer that it has learned


def fine_tune(job: Job) -> dict[str, Any]:
    """See course.follow and task_report."""
    return complete_report(job, follow(RECIPE, job))


def _load(folder: Path, info: ModelInfo, examples: Examples, _train: IntArray) -> PreTrainedModel:
    missing = any(not row.answers for row in cast(QuestionTexts, examples).rows)
    return load_with_head(AutoModelForQuestionAnswering, folder, info, **{MISSING_ANSWERS: missing})


def prepare(tokenizer: PreTrainedTokenizerFast, examples: Examples, max_length: int) -> Material:
    """One feature a window, with the tokens of the answer as its labels."""
    rows = cast(QuestionTexts, examples).rows
    encoded = encode_windows(
        tokenizer, [row.question for row in rows], [row.context for row in rows], max_length
    )
    example_of = np.array(encoded["overflow_to_sample_mapping"])
    model_inputs = [name for name in tokenizer.model_input_names if name in encoded]
    features, notes = [], []
    for index, example in enumerate(example_of):
        offsets = context_offsets(encoded, index)
        start, end = _label(rows[example], offsets)
        notes.append(offsets)
        inputs = {name: encoded[name][index] for name in model_inputs}
        features.append({**inputs, "start_positions": start, "end_positions": end})
    return Material(examples, features, example_of, num_truncated=0, notes=notes)


def encode_windows(
    tokenizer: PreTrainedTokenizerFast, questions: list[str], contexts: list[str], max_length: int
) -> Any:
    """Windows: the question and a part of its context, with offsets.

    ``overflow_to_sample_mapping`` tells whose a window is.
    """
    longest = max_length // MAX_QUESTION_SHARE
    encoded = tokenizer(
        [_shorten(tokenizer, question, longest) for question in questions],
        contexts,
        truncation="only_second",
        max_length=max_length,
        stride=max_length // MAX_QUESTION_SHARE // OVERLAP_SHARE,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
    )
    tokenizer.backend_tokenizer.no_truncation()  # or it would be saved with the model
    return encoded


def _shorten(tokenizer: PreTrainedTokenizerFast, question: str, num_tokens: int) -> str:
    offsets = tokenizer(question, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    return question if len(offsets) <= num_tokens else question[: offsets[num_tokens - 1][1]]


def context_offsets(encoded: Any, index: int) -> list[tuple[int, int] | None]:
    """For each token of a window its characters in the context; None for question and special tokens."""
    offsets, parts = encoded["offset_mapping"][index], encoded.sequence_ids(index)
    return [tuple(offset) if part == 1 else None for offset, part in zip(offsets, parts, strict=True)]


def _label(row: Question, offsets: list[tuple[int, int] | None]) -> tuple[int, int]:
    """The tokens of the answer, where all of it is in this window."""
    if not row.answers:
        return NO_ANSWER
    begin, end = row.start, row.start + len(row.answers[0])
    inside = [i for i, span in enumerate(offsets) if span and span[0] < end and span[1] > begin]
    seen = [span for span in offsets if span]
    if not inside or seen[0][0] > begin or seen[-1][1] < end:
        return NO_ANSWER
    return inside[0], inside[-1]


def best_span(
    starts: FloatArray, ends: FloatArray, offsets: list[tuple[int, int] | None]
) -> tuple[float, tuple[int, int] | None, tuple[int, int]]:
    """Of the best answer of a window: its score over that of no answer, its characters, its two tokens.

    Where no span is allowed, the characters are None, and the tokens those of no answer.
    ``starts`` and ``ends`` (num_tokens,) are logits.
    """
    allowed = np.array([span is not None for span in offsets])
    best, where = -np.inf, None
    for first in _candidates(starts, allowed):
        for last in _candidates(ends, allowed):
            score = float(starts[first] + ends[last])
            if first <= last < first + MAX_ANSWER_TOKENS and score > best:
                best, where = score, (first, last)
    if where is None:
        return -np.inf, None, NO_ANSWER
    begin, end = cast(tuple[int, int], offsets[where[0]]), cast(tuple[int, int], offsets[where[1]])
    return best - float(starts[0] + ends[0]), (begin[0], end[1]), where


def _candidates(logits: FloatArray, allowed: Any) -> list[int]:
    order = np.argsort(-np.where(allowed, logits, -np.inf), kind="stable")[:MAX_CANDIDATES]
    return [int(index) for index in order if allowed[index]]


def read_answers(answers: Answers) -> dict[int, str]:
    """Example -> the best answer of all its windows.

    "" only where the text does not tell, which a model can know only if some examples were so.
    """
    rows = cast(QuestionTexts, answers.material.examples).rows
    may_be_silent = any(not row.answers for row in rows)
    starts, ends = answers.outputs[:2]
    best: dict[int, tuple[float, str]] = {}
    for index, feature, place in in_file_order(answers):
        offsets = answers.material.notes[feature]
        length = len(offsets)
        score, span, _ = best_span(starts[place][:length], ends[place][:length], offsets)
        text = (
            "" if span is None or (may_be_silent and score <= 0) else rows[index].context[span[0] : span[1]]
        )
        best[index] = max(best.get(index, (-np.inf, "")), (score, text.strip()))
    return {index: text for index, (_, text) in best.items()}


def _judge(answers: Answers) -> dict[str, Any]:
    rows = cast(QuestionTexts, answers.material.examples).rows
    given = read_answers(answers)
    return dict(score_answers([rows[index].answers for index in given], list(given.values())))


def _describe(answers: Answers) -> list[HeldOutRow]:
    rows = cast(QuestionTexts, answers.material.examples).rows
    return [
        HeldOutRow(
            line=rows[index].line,
            text=rows[index].question,
            pair=rows[index].context,
            true_label=" / ".join(dict.fromkeys(rows[index].answers)),
            predicted_label=text,
            probabilities=(),
            true_labels=rows[index].answers,
        )
        for index, text in read_answers(answers).items()
    ]


RECIPE = Recipe(_load, prepare, _judge, _describe, headline="f1")
