"""Draws answers of the page Masked words."""

from collections.abc import Iterator

import streamlit as st

from bert_explorer.plots.labels import format_token, show_characters
from bert_explorer.results import MaskedWords, MaskPrediction, NextSentence, TokenProbability, WordScore
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.guard import escape_markdown

HEADER = ("mask", "position", "rank", "word", "pieces", "probability", "your word")
MAX_BARS = 50
COLUMNS = {
    "Rank": st.column_config.NumberColumn(format="localized", width="small"),
    "Probability": st.column_config.NumberColumn(format="%.4f %%"),
    "Of these": st.column_config.NumberColumn(format="%.1f %%"),
}


def show_masks(words: MaskedWords, *, only_own: bool = False, suffix: str = "") -> None:
    """A figure and a table for each mask; of the reader's own words alone where ``only_own``.

    ``suffix`` tells the figures of a second model apart.
    """
    several = len(words.masks) > 1
    for number, mask in enumerate(words.masks, start=1):
        if several:
            st.subheader(f"Mask {number}, token {mask.position + 1} of {len(words.tokens)}", anchor=False)
        own = words.words_at(number - 1)
        if only_own and own:
            _show_own_words(own, f"mask-{number}{suffix}")
        else:
            _show_mask(mask, own, f"mask-{number}{suffix}")
    if several:
        st.caption("Each mask is guessed on its own, while the others stay masks.")


def _show_mask(mask: MaskPrediction, own: tuple[WordScore, ...], name: str) -> None:
    from bert_explorer.plots.masked_words import plot_predictions

    best = mask.predictions[0]
    st.markdown(
        f"BERT's first guess is **{escape_markdown(format_token(best.token))}**, "
        f"with a probability of {100 * best.probability:.1f} %."
    )
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        alt = f"Bars of the probabilities of {len(mask.predictions)} words at this mask"
        show_figure(plot_predictions(mask, own[:MAX_BARS]), name, alt=alt)
    with table_column:
        if own:
            st.markdown("**Your words**")
            _show_own_table(own)
        st.markdown("**Most probable words**")
        _show_table(mask.predictions)


def _show_own_words(own: tuple[WordScore, ...], name: str) -> None:
    from bert_explorer.plots.masked_words import plot_words

    ranked = sorted(own, key=lambda item: -item.log_probability)
    together = sum(item.probability for item in own)
    st.markdown(
        f"Of these {len(own)} words BERT prefers **{escape_markdown(show_characters(ranked[0].word))}**. "
        f"Together they have a probability of {100 * together:.1f} %."
    )
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        alt = f"Bars of the probabilities of {min(len(own), MAX_BARS)} chosen words at this mask"
        show_figure(plot_words(ranked[:MAX_BARS]), name, alt=alt)
    with table_column:
        _show_own_table(tuple(ranked), share=together)


def _show_table(words: tuple[TokenProbability, ...]) -> None:
    rows = {
        "Rank": [word.rank for word in words],
        "Word": [format_token(word.token) for word in words],
        "Probability": [100 * word.probability for word in words],
    }
    st.dataframe(rows, hide_index=True, column_config=COLUMNS, height="content")


def _show_own_table(words: tuple[WordScore, ...], share: float | None = None) -> None:
    """With ``share``, the probability of all words together, each word's part of it is shown too."""
    rows: dict[str, list[object]] = {
        "Rank": [word.rank for word in words],
        "Word": [show_characters(word.word) for word in words],
        "Probability": [100 * word.probability for word in words],
    }
    if share:
        rows["Of these"] = [100 * word.probability / share for word in words]
    if any(len(word.pieces) > 1 for word in words):
        rows["Pieces"] = [" ".join(map(format_token, word.pieces)) for word in words]
    st.dataframe(rows, hide_index=True, column_config=COLUMNS, height="content" if len(words) <= 12 else 400)


def show_masks_files(words: MaskedWords, *, only_own: bool = False, suffix: str = "") -> None:
    """Download buttons for every mask's figure and for one table of them all."""
    from bert_explorer.plots.masked_words import plot_predictions, plot_words

    for number, mask in enumerate(words.masks, start=1):
        if len(words.masks) > 1:
            st.markdown(f"**Mask {number}**")
        own = words.words_at(number - 1)
        figure = plot_words(own[:MAX_BARS]) if only_own and own else plot_predictions(mask, own[:MAX_BARS])
        show_figure_downloads(figure, f"mask-{number}{suffix}")
    show_table_download(f"masked-words{suffix}", HEADER, lambda: _rows(words))


def _rows(words: MaskedWords) -> Iterator[tuple[object, ...]]:
    for number, mask in enumerate(words.masks, start=1):
        place = (number, mask.position + 1)
        for item in mask.predictions:
            yield (*place, item.rank, item.token, item.token, item.probability, "no")
        for word in words.words_at(number - 1):
            yield (*place, word.rank, word.word, " ".join(word.pieces), word.probability, "yes")


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
