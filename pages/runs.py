"""Runs: which of your models is best, and why?"""

from functools import partial

import streamlit as st

from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.run_comparison import show_comparison, show_comparison_files
from bert_explorer.ui.run_files import show_model_files
from bert_explorer.ui.run_import import show_import
from bert_explorer.ui.run_keeping import show_bin, show_run_details
from bert_explorer.ui.run_table import choose_runs
from bert_explorer.ui.runs import get_run_store
from bert_explorer.ui.texts import runs as text
from bert_explorer.ui.training_code import fine_tune_code

show_heading(text.PAGE)
code, files = "python -m bert_explorer runs", None
owner = current_owner()
with guard():
    runs = get_run_store().list(owner) if owner is not None else ()
    if owner is not None:
        show_bin(owner)
        if not runs:
            st.caption(text.EMPTY)
    chosen = choose_runs(runs) if runs else []
    if len(chosen) == 1:
        code = fine_tune_code(chosen[0].filename, chosen[0].config)
        show_run_details(chosen[0])
        files = partial(show_model_files, chosen[0]) if chosen[0].state == "finished" else None
    elif chosen:
        files = partial(show_comparison_files, chosen)
        show_comparison(chosen)
    elif runs:
        st.caption("Choose a run by the box before it, or several to compare them.")
if owner is not None:
    with guard():
        show_import(owner)
show_explanation(text.EXPLANATION, code=code, language="bash", downloads=files)
