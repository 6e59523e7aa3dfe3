"""What the owner may do with one run on the page Runs: name, tag, note, throw away, take back."""

from functools import partial

import streamlit as st

from bert_explorer.training.config import MASKED_WORDS
from bert_explorer.training.run import Run, RunState
from bert_explorer.training.shelf import MAX_NAME_CHARS, MAX_NOTE_CHARS, UNDO_S
from bert_explorer.ui import state
from bert_explorer.ui.before_after import show_ways_inside
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.inputs import split_words
from bert_explorer.ui.model_bar import open_model_in_bar
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.runs import get_run_queue


def show_run_details(run: Run) -> None:
    """One run: its name, tags and note to change, and what can be done with it."""
    st.subheader(escape_markdown(run.name), anchor=False)
    with st.form(f"keeping-{run.id}", border=False):
        with st.container(horizontal=True):
            name = st.text_input("Name", run.name, max_chars=MAX_NAME_CHARS, key=f"{state.RUN_NAME}-{run.id}")
            tags = st.text_input(
                "Tags, between commas", ", ".join(run.tags), key=f"{state.RUN_TAGS}-{run.id}"
            )
        note = st.text_area(
            "Note", run.note, max_chars=MAX_NOTE_CHARS, height=90, key=f"{state.RUN_NOTE}-{run.id}"
        )
        pressed = st.form_submit_button("Keep")
    owner = current_owner()
    if pressed and owner is not None:
        get_run_queue().annotate(run.id, owner, name=name, note=note, tags=split_words(tags))
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        if run.state is RunState.FINISHED:
            st.button("Open this model", type="primary", on_click=open_model_in_bar, args=(run.ref,))
        query = {"part": "Your runs", state.RUN_PARAMETER: run.id}
        st.page_link("pages/fine_tune.py", label="Its results on the page Fine-tune", query_params=query)
        if run.state is RunState.FINISHED and run.config.task != MASKED_WORDS:
            show_ways_inside(run)
        if not run.state.is_active:
            st.button("Delete", on_click=partial(discard_runs, (run.id,)), type="tertiary")


def discard_runs(run_ids: tuple[str, ...]) -> None:
    """Into the bin; for a callback. The queue refuses those of others."""
    owner = current_owner()
    if owner is not None:
        with guard():
            for run_id in run_ids:
                get_run_queue().discard(run_id, owner)


def show_bin(owner: str) -> None:
    """Runs thrown away a short while ago, each with the way back."""
    thrown = get_run_queue().shelf.discarded(owner)
    if not thrown:
        return
    with st.container(border=True, key="bin"):
        st.caption(
            f"Deleted runs can be taken back for {UNDO_S / 60:.0f} minutes; then they are gone for good."
        )
        for run in thrown:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{escape_markdown(run.name)} ({run.id[:4]}) is deleted.")
                st.button("Take it back", key=f"restore-{run.id}", on_click=_restore, args=(run.id,))


def _restore(run_id: str) -> None:
    owner = current_owner()
    if owner is not None:
        with guard():
            get_run_queue().shelf.restore(run_id, owner)
