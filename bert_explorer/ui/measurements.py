"""Measurements that take minutes: a button, the place in the queue, a bar with Stop, and the result.

Of a finished run they go through the run queue, and what was found is kept with the run: a reload, another
page and another day find it. Models that nobody trained here have no folder to keep anything in; theirs run
in a thread of the server and last as long as the session.
"""

import contextlib
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from bert_explorer.errors import RunNotFoundError, RunStateError
from bert_explorer.run_analyses.kept import Kept, find_kept
from bert_explorer.run_analyses.questions import RunQuestion, write_question
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run, RunState
from bert_explorer.ui.background import BackgroundJob, Progress, Stopped, start_job
from bert_explorer.ui.durations import format_duration
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.runs import get_run_queue, visible_run
from bert_explorer.ui.waiting import describe_waiting

LOOK_AGAIN_S = 1.0
STOPPED = "The measurement was stopped."
OLD = (
    "This was measured before, on {when}, but the files of the base model or the way of measuring have "
    "changed since. Measure again."
)
T = TypeVar("T")


def measured_of_run(run_id: str, question: RunQuestion) -> Any | None:
    """The kept answer about a run that this browser may see, also while it is measured anew; else None."""
    owner = current_owner()
    if owner is None:
        return None
    run = visible_run(run_id, owner)
    asked = write_question(question)
    job = get_run_queue().analyses.latest(run_id, asked)
    kept = find_kept(run_id, question, get_settings())
    if job is not None and job.state.is_active:
        _watch_queue(job.id, job.belongs_to(owner) or run.belongs_to(owner))
        if kept is not None and kept.answer is not None:
            st.caption(_describe_kept(kept))
    else:
        _show_start(run_id, asked, kept)
        if job is not None and (kept is None or _ended_after(job, kept)):
            _show_failure(job)
    return None if kept is None else kept.answer


def _show_start(run_id: str, asked: str, kept: Kept | None) -> None:
    """The button, beside it when the answer below was found."""
    has_answer = kept is not None and kept.answer is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Measure again" if has_answer else "Measure",
            type="secondary" if has_answer else "primary",
            on_click=_ask,
            args=(run_id, asked),
        )
        if kept is not None:
            st.caption(_describe_kept(kept))


def _describe_kept(kept: Kept) -> str:
    when = f"{kept.measured_at:%d %B %Y, %H:%M} UTC"
    if kept.answer is None:
        return OLD.format(when=when)
    return f"Measured on {when}, in {format_duration(kept.elapsed_s)}; kept with the run."


def _show_failure(job: Run) -> None:
    if job.state is RunState.CANCELLED:
        st.info(STOPPED)
    elif job.state is RunState.INTERRUPTED:
        st.warning(escape_markdown(job.error or "The measurement was interrupted."))
    elif job.state is RunState.FAILED:
        st.error(escape_markdown(job.error or "The measurement failed."))


def _ended_after(job: Run, kept: Kept) -> bool:
    return job.ended_at is not None and job.ended_at > kept.measured_at


def _ask(run_id: str, asked: str) -> None:
    owner = current_owner()
    if owner is not None:
        with guard():
            get_run_queue().analyse(run_id, asked, owner)


@st.fragment(run_every=LOOK_AGAIN_S)
def _watch_queue(job_id: str, may_stop: bool) -> None:
    """Progress of a waiting or running analysis; the whole page runs again when it has ended."""
    with guard():
        try:
            job = get_run_queue().store.get(job_id)
        except RunNotFoundError:  # its run was deleted, or it was asked anew
            st.rerun()
        if not job.state.is_active:
            st.rerun()
        asked = job.cancel_requested_at is not None
        stop = partial(_cancel, job_id) if may_stop else None
        _show_bar(job.progress, "Stopping" if asked else _describe(job), stop, is_stopping=asked)


def _describe(job: Run) -> str:
    if job.state is RunState.QUEUED:
        return describe_waiting(job)
    if job.phase != "measuring":
        return "Reading the model"
    left = f", about {format_duration(job.eta_s)} left" if job.eta_s else ""
    return f"{job.progress:.0%} measured{left}"


def _cancel(job_id: str) -> None:
    owner = current_owner()
    if owner is not None:
        with guard(), contextlib.suppress(RunStateError):  # it came to its end just before
            get_run_queue().cancel(job_id, owner)


def measured_here(asked: Hashable, work: Callable[[Progress], T], key: str) -> T | None:
    """The result of the session's job under ``key``, if it is this one; else as above, in a thread."""
    job = st.session_state.get(key)
    start = partial(_start_thread, asked, work, key)
    if not isinstance(job, BackgroundJob) or job.asked != asked:
        st.button("Measure", type="primary", on_click=start)
        return None
    if not job.future.done():
        _watch_thread(job)
        return None
    st.button("Measure again", on_click=start)
    if job.future.cancelled() or isinstance(job.future.exception(), Stopped):
        st.info(STOPPED)
        return None
    found: T = job.future.result()
    return found


def _start_thread(asked: Hashable, work: Callable[[Progress], Any], key: str) -> None:
    last = st.session_state.get(key)
    if isinstance(last, BackgroundJob):
        last.stop()
    st.session_state[key] = start_job(asked, work)


@st.fragment(run_every=LOOK_AGAIN_S)
def _watch_thread(job: "BackgroundJob[Any]") -> None:
    with guard():
        if job.future.done():
            st.rerun()
        stopping = job.stopping.is_set()
        label = f"{job.done:,} of {job.total:,}" if job.total else "Starting"
        _show_bar(job.share, "Stopping" if stopping else label, job.stop, is_stopping=stopping)


def _show_bar(share: float, label: str, stop: Callable[[], None] | None, *, is_stopping: bool) -> None:
    with st.container(key="live"):
        st.progress(min(1.0, max(0.0, share)), text=label)
        if stop is not None:
            st.button("Stop", on_click=stop, disabled=is_stopping)
