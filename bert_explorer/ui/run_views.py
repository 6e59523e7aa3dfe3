"""Draws one run: live while it trains, with its results and its model when it is finished."""

import streamlit as st

from bert_explorer.training.run import Run, RunState
from bert_explorer.training.shelf import UNDO_S
from bert_explorer.ui import state
from bert_explorer.ui.cloze_views import read_answers, show_latest_answers
from bert_explorer.ui.downloads import show_figure
from bert_explorer.ui.durations import format_duration
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.model_bar import open_model_in_bar
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.run_gradients import show_gradients
from bert_explorer.ui.run_results import show_results
from bert_explorer.ui.run_task_results import headline_of
from bert_explorer.ui.runs import get_run_queue, get_run_store, visible_run
from bert_explorer.ui.stored import BUNDLED
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.waiting import describe_waiting

LOOK_AGAIN_S = 1.5


def show_run(run: Run, owner: str) -> None:
    """Everything about a run that this browser may see."""
    if run.state.is_active:
        _show_live(run.id, owner)
    elif run.state == RunState.FINISHED:
        show_results(run, is_own=run.belongs_to(owner))
    else:
        _show_ended(run, is_own=run.belongs_to(owner))
    if not run.state.is_active and run.belongs_to(owner):
        _show_keeping(run)


@st.fragment(run_every=LOOK_AGAIN_S)
def _show_live(run_id: str, owner: str) -> None:
    """Progress of a waiting or running run; the whole page runs again when it has ended."""
    with guard(), st.container(key="live"):
        run = visible_run(run_id, owner)
        if not run.state.is_active:
            st.rerun()
        st.progress(min(1.0, max(0.0, run.progress)), text=_describe_progress(run))
        if run.state == RunState.RUNNING:
            _show_curves(run)
        if run.belongs_to(owner):
            if (answers := read_answers(run)) is not None:
                show_latest_answers(answers)
            asked = run.cancel_requested_at is not None
            label = "Cancelling" if asked else "Cancel this run"
            st.button(label, disabled=asked, on_click=_cancel, args=(run_id,), key=f"cancel-{run_id}")


def _describe_progress(run: Run) -> str:
    if run.state == RunState.QUEUED:
        return describe_waiting(run)
    left = f", about {format_duration(run.eta_s)} left" if run.eta_s else ""
    return f"{run.phase or text.STATES[run.state]}{left}"


def _show_curves(run: Run) -> None:
    from bert_explorer.plots.training import plot_training

    metrics = get_run_store().metrics(run.id)
    headline = headline_of(run.config.task, metrics)
    scores = [metric.value for metric in metrics if metric.name == f"eval_{headline}"]
    score = "–" if not scores else f"{scores[-1]:.1%}" if headline == "accuracy" else f"{scores[-1]:.3f}"
    last = {metric.name: metric.value for metric in metrics}  # they come in the order of steps
    with st.container(horizontal=True, gap="large"):
        st.metric("Loss", f"{last['loss']:.3f}" if "loss" in last else "–", width="content")
        st.metric(f"Held-out {text.TASK_FIGURES[headline].lower()}", score, width="content")
        if "learning_rate" in last:
            st.metric("Learning rate", f"{last['learning_rate']:.2g}", width="content")
        if "examples_per_s" in last:
            st.metric("Texts a second", f"{last['examples_per_s']:.0f}", width="content")
    if metrics:
        alt = "Loss and held-out score while the model trains"
        show_figure(plot_training(metrics, score=headline), "training", alt=alt)
    show_gradients(metrics)


def _cancel(run_id: str) -> None:
    owner = current_owner()
    if owner is not None:
        with guard():
            get_run_queue().cancel(run_id, owner)


def _show_ended(run: Run, *, is_own: bool) -> None:
    """A run without a model: why, how far it came, and what can be done."""
    if run.state == RunState.FAILED:
        st.error(escape_markdown(run.error or "The run failed; its log below says where."))
    elif run.state == RunState.INTERRUPTED:
        st.warning(escape_markdown(run.error or "The run was interrupted before it ended."))
        if is_own:
            st.button("Go on where it stopped", on_click=_resume, args=(run.id,), type="primary")
    else:
        st.info("This run was cancelled. Its model was not kept.")
    _show_curves(run)
    if is_own:
        _show_log(run)


def _show_log(run: Run) -> None:
    lines = get_run_store().log_lines(run.id)
    if lines:
        with st.expander("What happened, step by step"):
            st.code(
                "\n".join(f"{line.at:%H:%M:%S}  {line.text}" for line in lines),
                language=None,
                wrap_lines=True,
            )


def _show_keeping(run: Run) -> None:
    """What the owner alone may do with a run that has ended: share it, delete it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.state == RunState.FINISHED:
            key = f"share-{run.id}"
            st.session_state[key] = run.shared  # what is so, not what this tab last knew
            label = "Let everybody on this server use this model"
            st.toggle(label, key=key, on_change=_share, args=(run.id, key))
        with st.popover("Delete this run"):
            st.markdown(
                "Its model, its figures and the uploaded file go. On the page Runs you can take them back "
                f"for {UNDO_S / 60:.0f} minutes; then they are removed for good."
            )
            st.button("Delete", on_click=_delete, args=(run.id,), type="primary")


def _share(run_id: str, key: str) -> None:
    owner = current_owner()
    if owner is not None:
        with guard():
            get_run_queue().share(run_id, st.session_state[key], owner)


def _resume(run_id: str) -> None:
    owner = current_owner()
    if owner is not None:
        with guard():
            get_run_queue().resume(run_id, owner)


def _delete(run_id: str) -> None:
    owner = current_owner()
    if owner is None:
        return
    with guard():
        get_run_queue().discard(run_id, owner)
        if st.session_state.get(state.MODEL) == f"run:{run_id}":
            open_model_in_bar(BUNDLED)
        st.session_state.pop(state.RUN_CHOICE, None)
