"""Draws answers of the page Sentence scores."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from bert_explorer.plots.labels import format_token, show_characters
from bert_explorer.results import TextScore
from bert_explorer.ui import state
from bert_explorer.ui.components.token_strip import StripToken, token_strip
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.guard import escape_markdown

if TYPE_CHECKING:
    from bert_explorer.analysis.minimal_pairs import Accuracy, JudgedPair
    from bert_explorer.analysis.rescoring import Ranked

FULL_COLOUR_BITS = 14.0  # about the surprisal of a word drawn blindly from 16,000
SCORE, RANKING, PAIRS = "surprisal", "ranking", "minimal-pairs"
SCORE_HEADER = (
    "position",
    "token",
    "surprisal in bits",
    "probability",
    "rank",
    "first guess",
    "its probability",
)


def show_score(score: TextScore, *, by_word: bool) -> None:
    """The coloured text, its sums, and a bar and a row for each token."""
    from bert_explorer.plots.sentence_scores import plot_surprisal

    if score.num_windows > 1:
        st.info(
            f"The text is longer than the model reads at once. It was read in {score.num_windows} windows "
            "that overlap by half, and every token was scored in the one where it stands nearest the middle."
        )
    token_strip(
        _words(score) if by_word else _tokens(score),
        label="The text, darker where a word is less expected, with its surprisal in bits",
        key=state.SCORE_STRIP,
        select="none",
    )
    st.caption("The darker, the less expected. The numbers are bits: each bit halves the probability.")
    with st.container(horizontal=True, gap="large"):
        st.metric("Pseudo-log-likelihood", f"{score.pseudo_log_likelihood:.2f}", width="content")
        st.metric("Pseudo-perplexity", f"{score.pseudo_perplexity:.2f}", width="content")
        st.metric("Bits per token", f"{score.surprisal_bits.mean():.2f}", width="content")
    show_figure(plot_surprisal(score), SCORE, alt=f"Bars of the surprisal of {len(score.tokens)} tokens")
    with st.expander("As a table"):
        _show_score_table(score)


def _show_score_table(score: TextScore) -> None:
    rows = {
        "Token": [format_token(token) for token in score.tokens],
        "Bits": score.surprisal_bits.tolist(),
        "Rank": score.ranks.tolist(),
        "First guess": [format_token(token) for token in score.guesses],
        "Its probability": (100 * np.exp(score.guess_log_probabilities)).tolist(),
    }
    columns = {
        "Bits": st.column_config.NumberColumn(format="%.2f"),
        "Rank": st.column_config.NumberColumn(format="localized"),
        "Its probability": st.column_config.NumberColumn(format="%.1f %%"),
    }
    st.dataframe(rows, hide_index=True, column_config=columns, height=320)


def _tokens(score: TextScore) -> list[StripToken]:
    return [
        _coloured(
            format_token(token),
            bits,
            f"rank {rank:,}; first guess: {format_token(guess)} ({100 * np.exp(best):.1f} %)",
        )
        for token, bits, rank, guess, best in zip(
            score.tokens,
            score.surprisal_bits.tolist(),
            score.ranks.tolist(),
            score.guesses,
            score.guess_log_probabilities.tolist(),
            strict=True,
        )
    ]


def _words(score: TextScore) -> list[StripToken]:
    """Whole words: their pieces filled from left to right."""
    assert score.left_to_right is not None  # the page asks for one text with its words
    numbers = np.array(score.word_ids)
    words = []
    for word in dict.fromkeys(score.word_ids):
        places = np.flatnonzero(numbers == word)
        bits = float(-score.left_to_right[places].sum() / np.log(2))
        name = score.text[int(score.starts[places[0]]) : int(score.ends[places[-1]])].strip()
        pieces = " + ".join(format_token(score.tokens[i]) for i in places)
        words.append(_coloured(name, bits, f"{len(places)} pieces: {pieces}" if len(places) > 1 else ""))
    return words


def _coloured(label: str, bits: float, line: str) -> StripToken:
    first = f"{bits:.2f} bits: a probability of {100 * 2**-bits:.3g} %"
    value = min(1.0, bits / FULL_COLOUR_BITS)
    return StripToken(label, value=value, number=f"{bits:.1f}", lines=(first, line) if line else (first,))


def show_score_files(score: TextScore) -> None:
    from bert_explorer.plots.sentence_scores import plot_surprisal

    show_figure_downloads(plot_surprisal(score), SCORE)
    columns = zip(
        range(1, len(score.tokens) + 1),
        score.tokens,
        score.surprisal_bits.tolist(),
        np.exp(score.log_probabilities).tolist(),
        score.ranks.tolist(),
        score.guesses,
        np.exp(score.guess_log_probabilities).tolist(),
        strict=True,
    )
    rows = list(columns)
    show_table_download(SCORE, SCORE_HEADER, lambda: rows)


def show_ranking(ranked: Sequence["Ranked"]) -> None:
    """The sentences in their new order, with the parts of their scores."""
    from bert_explorer.plots.sentence_scores import plot_ranking

    best = ranked[0]
    moved = f", which was number {best.place}" if best.place > 1 else ", as before"
    st.markdown(f"First is now **{escape_markdown(best.hypothesis.text)}**{moved}.")
    show_figure(plot_ranking(ranked), RANKING, alt=f"Total scores of {len(ranked)} sentences")
    rows: dict[str, list[object]] = {
        "Now": list(range(1, len(ranked) + 1)),
        "Was": [item.place for item in ranked],
        "Sentence": [show_characters(item.hypothesis.text) for item in ranked],
    }
    if ranked[0].hypothesis.own_score is not None:
        rows["Own score"] = [item.hypothesis.own_score for item in ranked]
    rows["Pseudo-log-likelihood"] = [item.score.pseudo_log_likelihood for item in ranked]
    rows["Pseudo-perplexity"] = [item.score.pseudo_perplexity for item in ranked]
    rows["Total"] = [item.total for item in ranked]
    st.dataframe(rows, hide_index=True, height="content", column_config=NUMBERS)


NUMBERS = {
    "Now": st.column_config.NumberColumn(width=50),
    "Was": st.column_config.NumberColumn(width=50),
    "Sentence": st.column_config.TextColumn(width="large"),
    **{
        name: st.column_config.NumberColumn(format="%.2f")
        for name in ("Own score", "Pseudo-log-likelihood", "Pseudo-perplexity", "Total")
    },
}


def show_ranking_files(ranked: Sequence["Ranked"]) -> None:
    from bert_explorer.plots.sentence_scores import plot_ranking

    show_figure_downloads(plot_ranking(ranked), RANKING)
    header = ("now", "was", "sentence", "own score", "pseudo-log-likelihood", "pseudo-perplexity", "total")
    rows = [
        (
            place,
            item.place,
            item.hypothesis.text,
            item.hypothesis.own_score,
            item.score.pseudo_log_likelihood,
            item.score.pseudo_perplexity,
            item.total,
        )
        for place, item in enumerate(ranked, start=1)
    ]
    show_table_download(RANKING, header, lambda: rows)


def show_accuracies(judged: Sequence["JudgedPair"], accuracies: Sequence["Accuracy"]) -> None:
    """Accuracy by phenomenon with its interval, and every pair."""
    from bert_explorer.plots.sentence_scores import plot_accuracies

    num_right = sum(item.is_right for item in judged)
    st.markdown(
        f"**{num_right:,} of {len(judged):,} pairs are right** ({100 * num_right / len(judged):.1f} %): the "
        "model finds the right sentence likelier. Guessing gets half of them."
    )
    show_figure(plot_accuracies(accuracies), PAIRS, alt=f"Accuracy on {len(accuracies)} phenomena")
    rows = {
        "Phenomenon": [show_characters(item.phenomenon) for item in accuracies],
        "Right": [f"{item.num_right} of {item.num_pairs}" for item in accuracies],
        "Accuracy": [100 * item.share for item in accuracies],
        "95 % interval": [f"{100 * item.low:.1f} to {100 * item.high:.1f} %" for item in accuracies],
    }
    columns = {"Accuracy": st.column_config.NumberColumn(format="%.1f %%")}
    st.dataframe(rows, hide_index=True, height="content", column_config=columns)
    with st.expander("Every pair"):
        pairs = sorted(judged, key=lambda item: item.good_score - item.bad_score)
        st.dataframe(
            {
                "Right sentence": [show_characters(item.pair.good) for item in pairs],
                "Wrong sentence": [show_characters(item.pair.bad) for item in pairs],
                "Difference": [item.good_score - item.bad_score for item in pairs],
            },
            hide_index=True,
            height=320,
            column_config={"Difference": st.column_config.NumberColumn(format="%.2f")},
        )


def show_accuracies_files(judged: Sequence["JudgedPair"], accuracies: Sequence["Accuracy"]) -> None:
    from bert_explorer.plots.sentence_scores import plot_accuracies

    show_figure_downloads(plot_accuracies(accuracies), PAIRS)
    header = (
        "phenomenon",
        "right sentence",
        "wrong sentence",
        "score of right",
        "score of wrong",
        "is right",
    )
    rows = [
        (i.pair.phenomenon, i.pair.good, i.pair.bad, i.good_score, i.bad_score, "yes" if i.is_right else "no")
        for i in judged
    ]
    show_table_download(PAIRS, header, lambda: rows)
