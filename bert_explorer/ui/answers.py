"""From a question to its answer: remembered, stored, or computed, and never a blocked first paint."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import streamlit as st

from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.opening import is_open, is_settled
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.progress import Progress, work_with_progress
from bert_explorer.ui.questions import LongQuestion, Question
from bert_explorer.ui.stored import BUNDLED, load_stored

LOOK_AGAIN_S = 0.7
T = TypeVar("T")


@dataclass(frozen=True)
class Remembered(Generic[T]):
    """The last answer of a page, and what it answers."""

    asked: Hashable
    answer: T


def answer(page: str, model: str, question: Question[T], *, keep: bool = True, note: bool = True) -> T | None:
    """The model's answer, or None while the model is being opened (a ``note`` is then on the page).

    Without ``keep`` the session does not hold on to it: an answer of many megabytes, which the model's own
    bounded memory knows for everyone.

    While the bundled model is being opened, its stored answer stands in where there is one.
    Raises what the question or the opening raises.
    """
    asked = (model, question)
    last = state.remembered_answers().get(page)
    if last is not None and last.asked == asked:
        return last.answer  # type: ignore[no-any-return]  # session state is untyped
    if not can_ask(model, note=note):
        return load_stored(question, get_settings()) if model == BUNDLED else None
    if not keep:
        return _compute(model, question)
    return remember(page, asked, lambda: _compute(model, question))


def long_answer(page: str, model: str, question: LongQuestion[T], label: str) -> T | None:
    """As ``answer`` for work that takes long: with a bar, and None where the reader stopped it too."""
    asked = (model, question)
    last = state.remembered_answers().get(page)
    if (last is not None and last.asked == asked) or current_owner() is None or not is_open(model):
        return answer(page, model, question)
    found = work_with_progress(asked, partial(_compute_long, model, question), label)
    return None if found is None else remember(page, asked, lambda: found)


def can_ask(model: str, *, note: bool = True) -> bool:
    """Whether the model is open; if not, a ``note`` is on the page that looks again until it is."""
    if current_owner() is not None and is_open(model):
        return True
    if note:
        _wait_for(model)
    return False


def remember(page: str, asked: Hashable, compute: Callable[[], T]) -> T:
    """``compute()``, or the last result of this page and session if it was asked the same."""
    answers = state.remembered_answers()
    last = answers.get(page)
    if last is None or last.asked != asked:
        last = answers[page] = Remembered(asked, compute())
    return last.answer  # type: ignore[no-any-return]  # session state is untyped


def is_remembered(page: str, asked: Hashable) -> bool:
    """Whether the last result of this page and session answers just this."""
    last = state.remembered_answers().get(page)
    return last is not None and last.asked == asked


def _compute(model: str, question: Question[T]) -> T:
    from bert_explorer.models.cache import open_model

    with st.spinner("Asking the model", show_time=False), open_model(model) as engine:
        return question.ask(engine)


def _compute_long(model: str, question: LongQuestion[T], progress: Progress) -> T:
    from bert_explorer.models.cache import open_model

    with open_model(model) as engine:
        return question.ask(engine, progress)


@st.fragment(run_every=LOOK_AGAIN_S)
def _wait_for(model: str) -> None:
    """A note that replaces itself by the page's answer as soon as the model is open."""
    if current_owner() is not None and is_settled(model):
        st.rerun()
    if model == BUNDLED:
        st.caption(
            "The model is being read into memory. Until then you see a stored answer where there is one."
        )
    else:
        hub = " A model from the hub is downloaded first, which can take minutes." if "/" in model else ""
        st.caption(f"The model {model} is being read into memory.{hub}")
