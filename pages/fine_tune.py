"""Fine-tune: can BERT learn to sort your texts?"""

import streamlit as st

from bert_explorer.results import ModelInfo
from bert_explorer.training.run import Run
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.run_choice import choose_run
from bert_explorer.ui.run_results import results_files
from bert_explorer.ui.run_views import show_run
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.training_code import fine_tune_code
from bert_explorer.ui.training_data import ask_columns, ask_file, show_preview
from bert_explorer.ui.training_form import ask_settings, show_start


def show_training(model: ModelInfo) -> str | None:
    """Inputs of a new run; returns it as a command, or None until there is a file."""
    file = ask_file()
    if file is None:
        return None
    columns = ask_columns(file)
    preview = st.container()
    config = ask_settings(model, columns)
    with preview:
        data = show_preview(file, config)
    show_start(file, data, config, model)
    return fine_tune_code(file.name, config)


def show_runs() -> Run | None:
    """The chosen run of this browser, live or finished."""
    st.subheader("Your runs", anchor=False)
    owner = current_owner()
    if owner is None:
        return None
    run = choose_run(owner)
    if run is not None:
        show_run(run, owner)
    return run


show_heading(text.PAGE)
model = require_model()
code, run = None, None
with guard():
    code = show_training(model)
with guard():
    run = show_runs()
files = results_files(run) if run is not None and run.state == "finished" else None
show_explanation(text.EXPLANATION, code=code, language="bash", downloads=files)
