"""How expected a whole text is: every token hidden in turn.

Salazar et al. 2020, "Masked Language Model Scoring":

    PLL(W)  = sum_t log p(w_t | W without w_t)          pseudo-log-likelihood, natural logarithm
    PPPL(W) = exp(-PLL(W) / number of tokens)           pseudo-perplexity
    surprisal of w_t = -log2 p(w_t | W without w_t)     bits

A piece of a word is easy to guess from the word's other pieces, so that a word of several pieces looks too
expected. Words are therefore also scored with the pieces to the right hidden too, which gives the word
its own probability by the chain rule (Kauf & Ivanova 2023, "A Better Way to Do Masked Language Model
Scoring"):

    log p(word) = sum_i log p(piece_i | text outside the word, pieces before i)

None of this is the probability of the text: a masked model has none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bert_explorer.analysis.text_windows import Window, cut_windows
from bert_explorer.errors import EmptyTextError, InputError, MaskError
from bert_explorer.models.requests import MaskedCopiesRequest, MaskedCopy, TokenizeRequest
from bert_explorer.results import CopyScores, FloatArray, TextScore, Tokens

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

MAX_TOKENS = 3_000  # of one text: some minutes on two cores
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Plan:
    """What to ask about one window: each scored token alone, then the pieces that others of a word follow."""

    window: Window
    alone: tuple[MaskedCopy, ...]
    chained: tuple[MaskedCopy, ...]

    @property
    def request(self) -> MaskedCopiesRequest:
        tokens = self.window.tokens
        cut = tokens.num_dropped > 0  # the text after a window's start is read up to the limit
        return MaskedCopiesRequest(tokens.text, truncate=cut, copies=(*self.alone, *self.chained))


def score_text(engine: "Engine", text: str, *, progress: Progress | None = None) -> TextScore:
    """Every token's surprisal. Longer texts than the model reads at once go through in windows.

    Raises MaskError where the text itself has a mask, EmptyTextError without a word, InputError beyond
    ``MAX_TOKENS``.
    """
    windows = cut_windows(engine, text, max_tokens=MAX_TOKENS)
    plans = [plan_copies(engine, window) for window in windows]
    answers = []
    for done, answer in enumerate(engine.score_copies([plan.request for plan in plans]), start=1):
        answers.append(answer)
        if progress is not None:
            progress(done, len(plans))
    return _join_windows(engine, text, plans, answers)


def score_texts(
    engine: "Engine", texts: Sequence[str], *, progress: Progress | None = None
) -> Iterator[tuple[int, TextScore]]:
    """(index, score) of each text as soon as it is there; texts of one length together, shortest first.

    Words are not scored, tokens are: ``left_to_right`` is None.

    ``progress`` is called with (texts done, texts). Texts must fit the model: TextTooLongError else.
    """
    read = list(engine.map(TokenizeRequest(text) for text in texts))
    order = sorted(range(len(texts)), key=lambda i: len(read[i]))
    plans = {i: plan_copies(engine, Window.of_whole(read[i]), by_word=False) for i in order}
    answers = engine.score_copies([plans[i].request for i in order])
    for done, (i, answer) in enumerate(zip(order, answers, strict=True), start=1):
        yield i, replace(_join_windows(engine, texts[i], [plans[i]], [answer]), left_to_right=None)
        if progress is not None:
            progress(done, len(texts))


def plan_copies(engine: "Engine", window: Window, *, by_word: bool = True) -> _Plan:
    """The copies of one window. Raises MaskError for a mask in it, EmptyTextError where no word is."""
    tokens = window.tokens
    if engine.info.mask_token in tokens.tokens:
        raise MaskError(
            "The text has a mask. A whole text is scored with all its words: write the word in its place."
        )
    positions = window.scored
    if len(positions) == 0:
        raise EmptyTextError("The text has no word to score. Type at least one.")
    chained = [(i, later) for i in positions if by_word and (later := _later_pieces(tokens, i))]
    return _Plan(
        window,
        tuple(MaskedCopy(i) for i in positions),
        tuple(MaskedCopy(i, hidden=later) for i, later in chained),
    )


def _later_pieces(tokens: Tokens, position: int) -> tuple[int, ...]:
    """Positions of the same word's pieces after this one."""
    word, later = tokens.word_ids[position], position + 1
    while later < len(tokens) and tokens.word_ids[later] == word and tokens.sequence_ids[later] is not None:
        later += 1
    return tuple(range(position + 1, later))


def _join_windows(
    engine: "Engine", text: str, plans: Sequence[_Plan], answers: Sequence[CopyScores]
) -> TextScore:
    tokens, words, starts, ends, chains = [], [], [], [], []
    for plan, answer in zip(plans, answers, strict=True):
        read, scored = plan.window.tokens, plan.window.scored
        tokens += [read.tokens[i] for i in scored]
        words += [(plan.window.start, read.word_ids[i]) for i in scored]
        starts.append(read.offsets[scored, 0] + plan.window.start)
        ends.append(read.offsets[scored, 1] + plan.window.start)
        chains.append(_chain(plan, answer))
    alone = [slice(len(plan.alone)) for plan in plans]
    guesses = np.concatenate([a.best_ids[part, 0] for a, part in zip(answers, alone, strict=True)])
    return TextScore(
        text=text,
        tokens=tuple(tokens),
        word_ids=_number(words),
        starts=np.concatenate(starts),
        ends=np.concatenate(ends),
        log_probabilities=_collect("log_probabilities", answers, alone),
        left_to_right=np.concatenate(chains),
        ranks=_collect("ranks", answers, alone),
        guesses=tuple(engine.vocabulary[i] for i in guesses.tolist()),
        guess_log_probabilities=_collect("best_log_probabilities", answers, alone).ravel(),
        num_windows=len(plans),
    )


def _collect(name: str, answers: Sequence[CopyScores], parts: Sequence[slice]) -> Any:
    return np.concatenate([getattr(a, name)[part] for a, part in zip(answers, parts, strict=True)])


def _chain(plan: _Plan, answer: CopyScores) -> FloatArray:
    """(num_scored,): alone, except for pieces that others of their word follow."""
    chained = answer.log_probabilities[: len(plan.alone)].copy()
    places = {copy.position: i for i, copy in enumerate(plan.alone)}
    for copy, value in zip(plan.chained, answer.log_probabilities[len(plan.alone) :], strict=True):
        chained[places[copy.position]] = value
    return chained


def _number(words: Sequence[tuple[int, int | None]]) -> tuple[int, ...]:
    """Consecutive numbers of the words; a token outside all words is one of its own."""
    numbers: list[int] = []
    for i, word in enumerate(words):
        same = i > 0 and word == words[i - 1] and word[1] is not None
        numbers.append(numbers[-1] if same else (numbers[-1] + 1 if numbers else 0))
    return tuple(numbers)


def check_count(texts: Sequence[str], limit: int, what: str) -> None:
    """InputError where there are more than ``limit``."""
    if len(texts) > limit:
        raise InputError(f"There are {len(texts):,} {what}; the limit is {limit:,}. Keep fewer.")
