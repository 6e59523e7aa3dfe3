"""What moved: what did the training change?"""

import streamlit as st

from bert_explorer.run_analyses.questions import MovesQuestion, RunProbesQuestion
from bert_explorer.run_analyses.rows import describe_base, pin_base
from bert_explorer.settings import get_settings
from bert_explorer.training.config import MASKED_WORDS
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.before_after import show_before_after
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.measurements import measured_of_run
from bert_explorer.ui.model_bar import describe_for_browser
from bert_explorer.ui.moved_views import show_moves, show_probes
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.run_choice import choose_run
from bert_explorer.ui.texts import what_moved as text


def show_changes(run: Run | None) -> None:
    code, files = None, None
    if run is not None:
        with guard():
            base = describe_base(run, describe_for_browser)
            if run.config.task == MASKED_WORDS:
                st.info(text.NO_ROWS)
            else:
                code = text.CHANGES_CODE.format(run=run.id)
                st.caption(text.CHANGES_CAPTION)
                moves = measured_of_run(run.id, MovesQuestion(pin_base(base.ref, get_settings())))
                files = None if moves is None else show_moves(moves)
            show_before_after(run, base)
    show_explanation(text.EXPLANATION, code=code, language="bash", downloads=files)


def show_both_probes(run: Run | None) -> None:
    code, files = None, None
    if run is not None and run.config.task == MASKED_WORDS:
        st.info(text.NO_LABELS)
    elif run is not None:
        with guard():
            base = describe_base(run, describe_for_browser)
            question = RunProbesQuestion(pin_base(base.ref, get_settings()))
            code = text.PROBES_CODE.format(run=run.id)
            st.caption(text.PROBES_CAPTION)
            found = measured_of_run(run.id, question)
            files = None if found is None else show_probes(found)
    show_explanation(text.PROBE_EXPLANATION, code=code, language="bash", downloads=files)


show_heading(text.PAGE)
owner = current_owner()
chosen = None
with guard():
    chosen = choose_run(owner) if owner is not None else None
view = choice("Look at", text.VIEWS, state.MOVED_VIEW)
(show_changes if view == text.CHANGES else show_both_probes)(chosen)
