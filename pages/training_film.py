"""Film of a training: when did the model learn what?"""

import streamlit as st

from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.run_choice import choose_run
from bert_explorer.ui.texts import training_film as text
from bert_explorer.ui.training_film_views import load_film, show_film

show_heading(text.PAGE)
code, files = None, None
owner = current_owner()
with guard():
    run = choose_run(owner) if owner is not None else None
    if run is not None and owner is not None:
        code = f"python -m bert_explorer runs film {run.id} --json"
        is_own = run.belongs_to(owner)
        film = load_film(run, is_own=is_own)
        st.caption(text.TASK_NOTES[film.task])
        files = show_film(film, is_own=is_own)
show_explanation(text.EXPLANATION, code=code, language="bash", downloads=files)
