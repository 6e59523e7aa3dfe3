"""Which run the page Fine-tune shows: one of this browser's, or a shared one that a link names."""

import streamlit as st

from bert_explorer.errors import RunNotFoundError
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.guard import escape_markdown
from bert_explorer.ui.runs import get_run_store, visible_run


def choose_run(owner: str) -> Run | None:
    """Draw the choice among this owner's runs, newest first; None where there is none."""
    runs = {run.id: run for run in get_run_store().list(owner)}
    linked = _linked_run(owner)
    if linked is not None:
        runs.setdefault(linked.id, linked)
    if not runs:
        st.caption(
            "You have not trained a model yet. Your runs will be listed here; only this browser sees them."
        )
        return None
    started = st.session_state.pop(state.RUN_TO_SHOW, None)
    if started in runs:
        st.session_state[state.RUN_CHOICE] = started
    elif st.session_state.get(state.RUN_CHOICE) not in runs:
        st.session_state[state.RUN_CHOICE] = linked.id if linked is not None else next(iter(runs))
    chosen = st.selectbox(
        "Run",
        list(runs),
        format_func=lambda run_id: describe_run(runs[run_id]),
        key=state.RUN_CHOICE,
        label_visibility="collapsed",
    )
    st.query_params[state.RUN_PARAMETER] = chosen
    return runs[chosen]


def describe_run(run: Run) -> str:
    """One line of the list. Not the state: the line names the choice, and must not change under it."""
    return f"{run.name} · {run.created_at:%d %B %Y, %H:%M} UTC · {run.id[:4]}"


def _linked_run(owner: str) -> Run | None:
    """The run of the link, if this browser may see it; otherwise say so, once."""
    run_id = st.query_params.get(state.RUN_PARAMETER)
    if run_id is None:
        return None
    try:
        return visible_run(run_id, owner)
    except RunNotFoundError as error:
        st.warning(escape_markdown(str(error)))
        st.query_params.pop(state.RUN_PARAMETER)
        return None
