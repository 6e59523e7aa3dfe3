"""Writing: what comes out when BERT's guesses are written down, one after the other?"""

from functools import partial

import streamlit as st

from bert_explorer.analysis.writing import MAX_PLACES, Recipe
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import choice, number_slider
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.texts import writing as text
from bert_explorer.ui.writing_questions import WritingQuestion
from bert_explorer.ui.writing_views import show_writing, show_writing_files


def ask_recipe() -> WritingQuestion:
    start = Recipe("The old man")
    with st.form("writing-form", border=False):
        prompt = st.text_input(
            "Beginning (may be empty)",
            start.prompt,
            max_chars=500,
            key=state.WRITE_PROMPT,
            bind="query-params",
        )
        with st.container(horizontal=True, gap="large"):
            with st.container(width=220):
                places = number_slider("Words to write", 1, MAX_PLACES, start.places, state.WRITE_PLACES)
            with st.container(width=220):
                passes = number_slider("Times each is drawn", 1, 10, start.passes, state.WRITE_PASSES)
            temperature = st.slider(
                "Temperature",
                0.1,
                2.0,
                start.temperature,
                0.1,
                key=state.WRITE_TEMPERATURE,
                bind="query-params",
                width=220,
            )
        with st.expander("More"):
            order = choice("The first pass goes", text.ORDERS, state.WRITE_ORDER)
            top_k = number_slider("Draw among the likeliest", 1, 200, start.top_k, state.WRITE_TOP_K)
            seed = number_slider("Seed", 0, 100, start.seed, state.WRITE_SEED)
        st.form_submit_button("Write", type="primary")
    return WritingQuestion(Recipe(prompt, places, passes, temperature, top_k, order == text.IN_ORDER, seed))


def show_page(model: ModelInfo) -> None:
    question, steps = ask_recipe(), None
    with guard():
        steps = answer("writing", model.ref, question)
        if steps is not None:
            show_writing(steps, len(steps[0].tokens) - question.recipe.places)
    files = None if steps is None else partial(show_writing_files, steps)
    show_explanation(text.WRITING_EXPLANATION, code=question.code(model.ref), downloads=files)


show_heading(text.WRITING_PAGE)
show_page(require_model(Capability.MASKED_LM))
