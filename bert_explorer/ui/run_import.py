"""An exported model comes back, on the page Runs."""

import streamlit as st

from bert_explorer.settings import MB, get_settings
from bert_explorer.ui import state
from bert_explorer.ui.runs import get_run_queue


def show_import(owner: str) -> None:
    """Folded away. Raises DataError or ModelError for what is not an exported model."""
    limit = get_settings().max_import_bytes
    with st.expander("Bring back an exported model"):
        upload = st.file_uploader(
            "The ZIP file of a model that was exported here or on another computer",
            type="zip",
            max_upload_size=limit // MB,
            key=state.IMPORT_FILE,
        )
        if upload is not None and st.button("Add it to your runs", type="primary"):
            from bert_explorer.training.imports import import_run

            run = import_run(owner, upload.name, upload.getvalue(), get_run_queue())
            st.query_params[state.RUNS_PARAMETER] = run.id
            st.rerun()
