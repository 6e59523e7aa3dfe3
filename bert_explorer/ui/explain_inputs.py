"""Inputs of the page Explain, which follow what the model predicts."""

from collections.abc import Sequence

import streamlit as st

from bert_explorer.analysis.classification import gives_number
from bert_explorer.models.evidence_requests import explained_head
from bert_explorer.results import Capability, ModelInfo
from bert_explorer.ui import state
from bert_explorer.ui.explain_questions import ExplainQuestion
from bert_explorer.ui.held_out import own_held_out
from bert_explorer.ui.inputs import choice, fill_widgets, show_examples, text_box
from bert_explorer.ui.model_bar import open_model_in_bar
from bert_explorer.ui.owner import current_owner
from bert_explorer.ui.texts import explain as text

MASK = "[MASK]"
MAX_ROWS = 200  # offered of the held-out ones
ROW_WIDTH = 90  # characters of each


def show_hint(model: ModelInfo) -> None:
    """For a model that was not fine-tuned: this browser's own runs, and the way to one."""
    if explained_head(model) != Capability.MASKED_LM:
        return
    st.caption(text.TRAIN_HINT)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("pages/fine_tune.py", label="Train one on the page Fine-tune")
        for ref, name in list(_own_runs().items())[:3]:
            st.button(
                f"Open {name}", on_click=open_model_in_bar, args=(ref,), type="tertiary", key=f"open-{ref}"
            )


def _own_runs() -> dict[str, str]:
    owner = current_owner()
    if owner is None:
        return {}
    from bert_explorer.ui.runs import own_models

    return own_models(owner)


def ask_question(model: ModelInfo) -> ExplainQuestion:
    """Texts, prediction and settings."""
    head = explained_head(model)
    sentence, pair = _ask_texts(model, head)
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        target, word, mask = _ask_target(model, head, sentence)
        by_words = choice("Show", text.UNITS, state.EXPLAIN_UNITS, width="content") == text.WORDS
    with st.expander("Where the methods start"):
        baseline = choice("Integrated gradients begin with", tuple(text.BASELINES), state.EXPLAIN_BASELINE)
        removal = choice("Occlusion: a word is", tuple(text.REMOVALS), state.EXPLAIN_REMOVAL)
    return ExplainQuestion(
        sentence, pair, target, word, mask, by_words, text.BASELINES[baseline], text.REMOVALS[removal]
    )


def _ask_texts(model: ModelInfo, head: Capability) -> tuple[str, str | None]:
    examples = text.EXAMPLES[head]
    _forget_other_examples(head)
    fills = {item.name: {state.EXPLAIN_TEXT: item.text, state.EXPLAIN_PAIR: item.pair} for item in examples}
    show_examples("explain", fills)
    _offer_rows(model)
    asks = head == Capability.QUESTION_ANSWERING
    with st.form("explain-form", border=False):
        first, second = st.columns([3, 2])
        with first:
            label = "Question" if asks else "Text with a mask" if head == Capability.MASKED_LM else "Text"
            sentence = text_box(label, examples[0].text, state.EXPLAIN_TEXT)
        with second:
            label = "Text that holds the answer" if asks else "Second text (optional)"
            pair = text_box(label, examples[0].pair, state.EXPLAIN_PAIR)
        st.form_submit_button("Explain", type="primary")
    return sentence, pair.strip() or None


def _forget_other_examples(head: Capability) -> None:
    """An example of another kind of model gives way to this one's; what the reader wrote stays."""
    others = {item.text for of, items in text.EXAMPLES.items() if of != head for item in items}
    if st.session_state.get(state.EXPLAIN_TEXT) in others:
        for key in (state.EXPLAIN_TEXT, state.EXPLAIN_PAIR):
            st.session_state.pop(key, None)


def _offer_rows(model: ModelInfo) -> None:
    """A box that fills the text with a row that the training did not see."""
    rows = own_held_out(model)[:MAX_ROWS]
    if rows:
        st.selectbox(
            "Or a held-out row",
            range(len(rows)),
            index=None,
            format_func=lambda i: f"{rows[i][0][:ROW_WIDTH]}",
            key=state.EXPLAIN_ROW,
            placeholder=f"one of {len(rows)} texts that the training did not see",
            on_change=lambda: _take_row(rows),
        )


def _take_row(rows: Sequence[tuple[str, str | None]]) -> None:
    chosen = st.session_state.get(state.EXPLAIN_ROW)
    if isinstance(chosen, int):
        fill_widgets({state.EXPLAIN_TEXT: rows[chosen][0], state.EXPLAIN_PAIR: rows[chosen][1] or ""})


def _ask_target(model: ModelInfo, head: Capability, sentence: str) -> tuple[str | None, int | None, int]:
    """Name of the prediction, word and mask; None for what the model says."""
    if head == Capability.MASKED_LM:
        return (*_ask_masked(sentence.count(MASK)),)
    if head == Capability.QUESTION_ANSWERING:
        end = choice("Of the answer", ("start", "end"), state.EXPLAIN_END, width="content")
        return end, None, 0
    if gives_number(model):
        return None, None, 0
    target = _ask_label("Tag" if head == Capability.TOKEN_CLASSIFICATION else "Class", model.labels)
    if head != Capability.TOKEN_CLASSIFICATION:
        return target, None, 0
    word = st.number_input(
        "Word (0: the first name)", 0, 10_000, 0, key=state.EXPLAIN_WORD, bind="query-params", width=180
    )
    return target, int(word) - 1 if word else None, 0


def _ask_label(title: str, labels: Sequence[str]) -> str | None:
    options = (text.LIKELIEST, *labels)
    if st.session_state.get(state.EXPLAIN_TARGET) not in options:
        st.session_state.pop(state.EXPLAIN_TARGET, None)  # a class of another model
    chosen = st.selectbox(title, options, key=state.EXPLAIN_TARGET, bind="query-params", width=240)
    return None if chosen == text.LIKELIEST else str(chosen)


def _ask_masked(masks: int) -> tuple[str | None, None, int]:
    mask = 1
    if masks > 1:
        mask = st.selectbox(
            "Mask", list(range(1, masks + 1)), key=state.EXPLAIN_MASK, bind="query-params", width=100
        )
    word = st.text_input(
        "Word (empty: the first guess)", key=state.EXPLAIN_WORD_NAME, bind="query-params", width=240
    )
    return word.strip() or None, None, mask - 1
