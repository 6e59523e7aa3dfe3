"""The model of a finished run at work: on a text."""

import streamlit as st

from bert_explorer.results import Classification
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.questions import ClassificationQuestion
from bert_explorer.ui.texts import fine_tune as text


def show_model(run: Run) -> None:
    """A text, or a pair, and its label."""
    st.subheader("Try your model", anchor=False)
    with st.form("try-form", border=False):
        sentence = st.text_area("A text to sort", text.TRY_TEXT, height=82, key=state.TRY_TEXT)
        pair = None
        if run.config.pair_column is not None:
            pair = st.text_area("Its second text", text.TRY_TEXT, height=82, key=state.TRY_PAIR)
        st.form_submit_button("Sort it", type="primary")
    with guard():
        sorted_text = answer("try", run.ref, ClassificationQuestion(sentence, pair))
        if sorted_text is not None:
            _show_classification(sorted_text)


def _show_classification(sorted_text: Classification) -> None:
    label = escape_markdown(sorted_text.label)
    st.markdown(f"The model says **{label}**, with a probability of {100 * sorted_text.probability:.1f} %.")
    order = sorted_text.probabilities.argsort()[::-1][:10]
    rows = {
        "Label": [sorted_text.labels[i] for i in order],
        "Probability": [100 * float(sorted_text.probabilities[i]) for i in order],
    }
    columns = {"Probability": st.column_config.ProgressColumn(format="%.2f %%", min_value=0, max_value=100)}
    st.dataframe(rows, hide_index=True, column_config=columns, height="content", width=420)
