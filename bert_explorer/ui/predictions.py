"""Draws answers of the page Masked words."""

from collections.abc import Iterator

import streamlit as st

from bert_explorer.plots.labels import format_token
from bert_explorer.results import MaskedWords, MaskPrediction, NextSentence, TokenProbability
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.guard import escape_markdown

HEADER = ("mask", "position", "rank", "token", "probability", "target")


def show_masks(words: MaskedWords) -> None:
    """A figure and a table for each mask."""
    several = len(words.masks) > 1
    for number, mask in enumerate(words.masks, start=1):
        if several:
            st.subheader(f"Mask {number}, token {mask.position + 1} of {len(words.tokens)}", anchor=False)
        _show_mask(mask, f"mask-{number}")
    if several:
        st.caption("Each mask is guessed on its own, while the others stay masks.")


def _show_mask(mask: MaskPrediction, name: str) -> None:
    from bert_explorer.plots.masked_words import plot_predictions

    best = mask.predictions[0]
    st.markdown(
        f"BERT's first guess is **{escape_markdown(format_token(best.token))}**, "
        f"with a probability of {100 * best.probability:.1f} %."
    )
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        alt = f"Bars of the probabilities of {len(mask.predictions)} words at this mask"
        show_figure(plot_predictions(mask), name, alt=alt)
    with table_column:
        if mask.targets:
            st.markdown("**Your words**")
            _show_table(mask.targets)
        st.markdown("**Most probable words**")
        _show_table(mask.predictions)


def _show_table(words: tuple[TokenProbability, ...]) -> None:
    rows = {
        "Rank": [word.rank for word in words],
        "Word": [format_token(word.token) for word in words],
        "Probability": [100 * word.probability for word in words],
    }
    columns = {
        "Rank": st.column_config.NumberColumn(format="localized", width="small"),
        "Probability": st.column_config.NumberColumn(format="%.4f %%"),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, height="content")


def show_masks_files(words: MaskedWords) -> None:
    """Download buttons for every mask's figure and for one table of them all."""
    from bert_explorer.plots.masked_words import plot_predictions

    for number, mask in enumerate(words.masks, start=1):
        if len(words.masks) > 1:
            st.markdown(f"**Mask {number}**")
        show_figure_downloads(plot_predictions(mask), f"mask-{number}")
    show_table_download("masked-words", HEADER, lambda: _rows(words))


def _rows(words: MaskedWords) -> Iterator[tuple[object, ...]]:
    for number, mask in enumerate(words.masks, start=1):
        for items, is_target in ((mask.predictions, "no"), (mask.targets, "yes")):
            for word in items:
                yield (number, mask.position + 1, word.rank, word.token, word.probability, is_target)


def show_next_sentence(answer: NextSentence) -> None:
    """The probability, and what it says in words."""
    percent = 100 * answer.is_next_probability
    with st.container(horizontal=True, vertical_alignment="center", gap="large"):
        st.metric("Probability that the second follows the first", f"{percent:.1f} %", width="content")
        st.markdown(_verdict(answer.is_next_probability))
    st.progress(answer.is_next_probability)


def show_next_sentence_files(answer: NextSentence) -> None:
    header = ("first", "second", "probability that it is next")
    rows = [(answer.first, answer.second, answer.is_next_probability)]
    show_table_download("next-sentence", header, lambda: rows)


def _verdict(probability: float) -> str:
    if probability >= 0.9:
        return "To the model these two look like neighbours in one text."
    if probability <= 0.1:
        return "To the model these two come from different texts."
    return "The model is undecided."
