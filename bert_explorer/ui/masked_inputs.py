"""Inputs of the page Masked words: the text, its words to click, and which words to look for."""

from dataclasses import dataclass

import streamlit as st

from bert_explorer.errors import InputError
from bert_explorer.ui import state
from bert_explorer.ui.components.token_strip import StripToken, token_strip
from bert_explorer.ui.inputs import number_slider, show_examples, split_words, text_box, two_boxes
from bert_explorer.ui.masked_questions import MaskedWordsQuestion
from bert_explorer.ui.pretraining_questions import NextSentenceQuestion
from bert_explorer.ui.texts import masked_words as text
from bert_explorer.ui.word_masking import toggle, words_of

MAX_STRIP = 200  # words to click; longer texts are masked by hand


@dataclass(frozen=True)
class Asked:
    """What the page asks; ``only_own`` where the reader's words alone are of interest."""

    question: MaskedWordsQuestion
    only_own: bool


def ask_masked_words() -> Asked:
    show_examples(
        "masked",
        {item.name: {state.TEXT: item.text, state.MASKED_TARGETS: item.targets} for item in text.EXAMPLES},
    )
    with st.form("masked-form", border=False):
        sentence = text_box("Text with [MASK]", text.EXAMPLES[0].text, state.TEXT)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            targets = st.text_input(
                "Words to look for (optional)",
                key=state.MASKED_TARGETS,
                bind="query-params",
                placeholder="she, he",
                help="Words of your own, separated by commas: you see how probable the model finds each.",
                width=320,
            )
            with st.container(width=220):
                top_k = number_slider("Words to show", 3, 50, text.DEFAULT_TOP_K, state.MASKED_TOP_K)
            st.form_submit_button("Predict", type="primary")
    show_words(sentence)
    listed = ask_list()
    return Asked(MaskedWordsQuestion(sentence, top_k, (*split_words(targets), *listed)), bool(listed))


def show_words(sentence: str) -> None:
    """The words of the text to click; each click hides one behind a mask, or shows it again."""
    words = words_of(sentence)
    if not words or len(words) > MAX_STRIP:
        return
    st.caption("Click a word to hide it, and again to see it.")
    token_strip(
        [StripToken(word.text, kind="masked" if word.is_mask else "") for word in words],
        label="Words of the text: press one to hide it or to show it again",
        key=state.MASKED_STRIP,
        selected=[i for i, word in enumerate(words) if word.is_mask],
        on_click=_hide_or_show,
    )


def _hide_or_show(index: int) -> None:
    """In a callback, and so before the box of the text is drawn."""
    sentence = str(st.session_state.get(state.TEXT) or text.EXAMPLES[0].text)
    if index >= len(words_of(sentence)):
        return
    known: dict[str, tuple[str | None, ...]] = st.session_state.setdefault(state.HIDDEN_WORDS, {})
    result = toggle(sentence, known.get(sentence, ()), index)
    known[result.text] = result.hidden
    st.session_state[state.TEXT] = result.text


def ask_list() -> tuple[str, ...]:
    """Words of a list to choose among; none for the whole vocabulary. Raises InputError."""
    kept = st.session_state.get(state.MASKED_LIST)
    with st.expander("Only certain words", expanded=kept not in (None, text.ALL_WORDS)):
        chosen = st.selectbox(
            "Which words may fill the mask?",
            [text.ALL_WORDS, *text.LISTS, text.OWN_LIST],
            key=state.MASKED_LIST,
            bind="query-params",
        )
        if chosen == text.OWN_LIST:
            return _read_file()
    return text.LISTS.get(str(chosen), ())


def _read_file() -> tuple[str, ...]:
    upload = st.file_uploader("A text file with one word a line", type=["txt"], key=state.MASKED_FILE)
    if upload is None:
        return ()
    from bert_explorer.analysis.word_scores import MAX_WORDS
    from bert_explorer.training.tables.decoding import decode_text

    words = tuple(line.strip() for line in decode_text(upload.getvalue())[0].splitlines() if line.strip())
    if not words:
        raise InputError(f"The file '{upload.name}' holds no word. Write one a line.")
    if len(words) > MAX_WORDS:
        raise InputError(
            f"The file '{upload.name}' holds {len(words):,} words; at most {MAX_WORDS:,} are ranked at once. "
            "Keep those that matter here, or choose the whole vocabulary."
        )
    return words


def ask_next_sentence() -> NextSentenceQuestion:
    show_examples(
        "next",
        {
            item.name: {state.NEXT_FIRST: item.first, state.NEXT_SECOND: item.second}
            for item in text.NEXT_EXAMPLES
        },
    )
    opening = text.NEXT_EXAMPLES[0]
    first, second = two_boxes(
        "next-form",
        ("First sentence", opening.first, state.NEXT_FIRST),
        ("Second sentence", opening.second, state.NEXT_SECOND),
        "Judge",
    )
    return NextSentenceQuestion(first, second)
