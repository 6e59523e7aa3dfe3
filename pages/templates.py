"""Two templates: what does one word change in the guesses for another?"""

from functools import partial

import streamlit as st

from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.explanations import show_explanation
from bert_explorer.ui.frame import show_heading
from bert_explorer.ui.guard import guard
from bert_explorer.ui.inputs import show_examples, two_boxes
from bert_explorer.ui.model_bar import require_model
from bert_explorer.ui.texts import writing as text
from bert_explorer.ui.writing_questions import TemplatesQuestion
from bert_explorer.ui.writing_views import show_templates, show_templates_files

NUM_WORDS = 10  # of each side, named in the figure and listed


def ask_templates() -> TemplatesQuestion:
    show_examples(
        "templates",
        {
            item.name: {state.TEMPLATE_FIRST: item.first, state.TEMPLATE_SECOND: item.second}
            for item in text.TEMPLATES
        },
    )
    opening = text.TEMPLATES[0]
    first, second = two_boxes(
        "templates-form",
        ("First sentence, with [MASK]", opening.first, state.TEMPLATE_FIRST),
        ("Second sentence, with [MASK]", opening.second, state.TEMPLATE_SECOND),
        "Compare",
    )
    return TemplatesQuestion(first, second)


def show_page(model: ModelInfo) -> None:
    question, comparison = ask_templates(), None
    with guard():
        comparison = answer("templates", model.ref, question)
        if comparison is not None:
            show_templates(comparison, NUM_WORDS)
            st.caption("Models repeat the biases of the texts that they were trained on.")
    files = None if comparison is None else partial(show_templates_files, comparison, NUM_WORDS)
    show_explanation(
        text.TEMPLATES_EXPLANATION, code=question.code(model.ref, count=NUM_WORDS), downloads=files
    )


show_heading(text.TEMPLATES_PAGE)
show_page(require_model(Capability.MASKED_LM))
