"""The model of a finished run at work: on a text, or a pair of texts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from bert_explorer.results import Classification
from bert_explorer.settings import get_settings
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.answers import answer, is_remembered, remember
from bert_explorer.ui.guard import escape_markdown, guard
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.runs import check_may_open
from bert_explorer.ui.texts import fine_tune as text
from bert_explorer.ui.texts import task_results

if TYPE_CHECKING:
    from bert_explorer.models.engine import Engine

BY_CLASSES = ("text-classification", "multi-label")  # what has a probability for each label
BOX_HEIGHT = 82
Answer = tuple[str, float | None]


@dataclass(frozen=True)
class ClassificationQuestion:
    """Which of its own labels does a fine-tuned model give to ``text``, or to the pair?"""

    text: str
    pair: str | None = None

    def ask(self, engine: "Engine") -> Classification:
        from bert_explorer.analysis.classification import classify

        return classify(engine, self.text, self.pair)


def show_model(run: Run) -> None:
    """A text, or a pair, and what the model gives it."""
    st.subheader("Try your model", anchor=False)
    task = run.config.task
    label, pair_label, button = task_results.TRY_LABELS[task]
    is_pairs = task == "text-classification" and run.config.pair_column is not None
    kind = task_results.TRY_PAIR if is_pairs else task
    first, second = task_results.TRY_TEXTS.get(kind, (text.TRY_TEXT, ""))
    with st.form("try-form", border=False):
        sentence = st.text_area(label, first, height=BOX_HEIGHT, key=f"{state.TRY_TEXT}-{kind}")
        pair = None
        if run.config.pair_column is not None:
            pair = st.text_area(pair_label, second, height=BOX_HEIGHT, key=f"{state.TRY_PAIR}-{kind}")
        pressed = st.form_submit_button(button, type="primary")
    with guard():
        if task in BY_CLASSES:
            sorted_text = answer("try", run.ref, ClassificationQuestion(sentence, pair))
            if sorted_text is not None:
                _show_classification(sorted_text, several=task == "multi-label")
            return
        asked = (run.ref, sentence, pair)
        if pressed or is_remembered("try", asked):
            _show_answer(task, *remember("try", asked, lambda: _predict(run, sentence, pair)))


def _predict(run: Run, sentence: str, pair: str | None) -> Answer:
    """Tags, a number or an answer. Raises InputError for what is empty."""
    from bert_explorer.errors import InputError
    from bert_explorer.models.catalog import describe_model, find_folder
    from bert_explorer.models.reference import parse_reference
    from bert_explorer.training.apply import predict_texts

    if not sentence.strip() or (pair is not None and not pair.strip()):
        raise InputError("The text is empty. Write something, then ask again.")
    check_may_open(run.id, current_owner() or "")
    settings = get_settings()
    with st.spinner("Asking the model", show_time=False):
        folder = find_folder(parse_reference(run.ref), settings)
        info = describe_model(run.ref, settings)
        return predict_texts(folder, info, [sentence], None if pair is None else [pair])[0]


def _show_answer(task: str, given: str, certainty: float | None) -> None:
    nothing = {"token-classification": "No names.", "question-answering": "The text does not tell."}
    shown = f"**{escape_markdown(given)}**" if given else nothing.get(task, "Nothing.")
    sure = "" if certainty is None else f", with a probability of {100 * certainty:.1f} %"
    if task == "token-classification" and certainty is not None:
        sure = f". The least sure of its tags has a probability of {100 * certainty:.1f} %"
    st.markdown(f"The model says: {shown}{sure}{'.' if certainty is not None else ''}")


def _show_classification(sorted_text: Classification, *, several: bool) -> None:
    if several:
        chosen = [
            label
            for label, value in zip(sorted_text.labels, sorted_text.probabilities, strict=True)
            if value > 0.5
        ]
        given = ", ".join(f"**{escape_markdown(label)}**" for label in chosen) or "none of its labels"
        st.markdown(f"The model gives {given}. Each label has a probability of its own.")
    else:
        label = escape_markdown(sorted_text.label)
        percent = 100 * sorted_text.probability
        st.markdown(f"The model says **{label}**, with a probability of {percent:.1f} %.")
    order = sorted_text.probabilities.argsort()[::-1][:10]
    rows = {
        "Label": [sorted_text.labels[i] for i in order],
        "Probability": [100 * float(sorted_text.probabilities[i]) for i in order],
    }
    columns = {"Probability": st.column_config.ProgressColumn(format="%.2f %%", min_value=0, max_value=100)}
    st.dataframe(rows, hide_index=True, column_config=columns, height="content", width=420)
