"""Fine-tune: can BERT learn to sort your texts?"""

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.training.config import TASKS
from bert_explorer.ui import state
from bert_explorer.ui.doctor_views import show_doctor
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.run_choice import choose_run
from bert_explorer.ui.run_files import files_of
from bert_explorer.ui.run_group import show_group
from bert_explorer.ui.run_views import show_run
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts.task_explanations import EXPLANATIONS
from bert_explorer.ui.training_code import fine_tune_code
from bert_explorer.ui.training_data import ask_columns, ask_file, show_preview
from bert_explorer.ui.training_form import ask_settings, show_start
from bert_explorer.ui.training_split import ask_split


def show_training(model: ModelInfo) -> None:
    """Inputs of a new run, and its start."""
    st.query_params.pop(state.RUN_PARAMETER, None)
    code, task = None, TASKS[0]
    with guard():
        with st.container(horizontal=True, key="data-row"):
            file = ask_file()
            columns = ask_columns(file) if file is not None else None
        if file is not None and columns is not None:
            task = file.task
            preview, doctor = st.container(), st.container()
            config = ask_settings(model, columns, file.task)
            file, config = ask_split(file, config)
            if config.task == "text-classification":
                with doctor:
                    file = show_doctor(file, config, model)
            code = fine_tune_code(file.name, config)
            with preview:
                data = show_preview(file, config)
            show_start(file, data, config, model)
    show_explanation(EXPLANATIONS[task], code=code, language="bash")


def show_runs() -> None:
    """The chosen run of this browser, live or ended."""
    files, code, task = None, None, TASKS[0]
    owner = current_owner()
    with guard():
        run = choose_run(owner) if owner is not None else None
        if run is not None and owner is not None:
            code, task = fine_tune_code(run.filename, run.config), run.config.task
            show_group(run, owner)
            show_run(run, owner)
            files = files_of(run)
    show_explanation(EXPLANATIONS[task], code=code, language="bash", downloads=files)


show_heading(text.PAGE)
chosen = require_model()
if state.RUN_TO_SHOW in st.session_state:  # a run has just been started
    st.session_state[state.TRAIN_TAB] = text.RUNS_TAB
new_tab, runs_tab = st.tabs(text.TABS, key=state.TRAIN_TAB, on_change="rerun", bind="query-params")
if new_tab.open:
    with new_tab:
        show_training(chosen)
if runs_tab.open:
    with runs_tab:
        show_runs()
