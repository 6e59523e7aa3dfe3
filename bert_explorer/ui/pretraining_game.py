"""The game of hidden words: the corrupted text, the reader's guesses, then the model's and the score.

A round is one corrupted text of one model. It is over when the reader has compared; its score counts once,
and the session's sum goes on over all rounds.
"""

from collections.abc import Hashable, Sequence

import streamlit as st

from bert_explorer.analysis.restoration import MASK
from bert_explorer.plots.labels import format_token
from bert_explorer.results import Restoration
from bert_explorer.ui import state
from bert_explorer.ui.components.token_strip import StripToken, token_strip
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.texts import pretraining as text

FIGURE = "restoration"
HEADER = (
    "Position",
    "Token",
    "What was done",
    "Read as",
    "Your guess",
    "BERT's guess",
    "Probability",
    "Rank",
)


def play(restoration: Restoration, round_key: Hashable) -> None:
    """Draw a round as far as it has gone."""
    masks = masked_places(restoration)[: text.MAX_GUESSES]
    token_strip(
        _hidden_tokens(restoration, masks), label="The corrupted text", key=state.GAME_STRIP, select="none"
    )
    rounds = state.game_rounds()
    if masks:
        guesses = _ask_guesses(len(masks), round_key)
        if guesses is not None:
            rounds[round_key] = count_hits(restoration, guesses)
    else:
        st.info(text.NO_MASKS)
    if round_key in rounds or not masks:
        _show_solution(restoration, current_guesses(len(masks), round_key))
        _show_score(rounds.get(round_key), list(rounds.values()))


def masked_places(restoration: Restoration) -> list[int]:
    """Indices, among the chosen tokens, of those behind [MASK]."""
    return [i for i, treatment in enumerate(restoration.corrupted.treatments) if treatment == MASK]


def count_hits(restoration: Restoration, guesses: Sequence[str]) -> tuple[int, int, int]:
    """(the reader's hits, the model's hits, tokens asked for) among the masks that the reader was asked for.

    Pieces count with or without their ``##``; case does not count.
    """
    masks = masked_places(restoration)[: len(guesses)]
    reader = sum(
        bare(guess) == bare(restoration.truths[i].token) for guess, i in zip(guesses, masks, strict=True)
    )
    model = sum(restoration.truths[i].rank == 1 for i in masks)
    return reader, model, len(masks)


def bare(token: str) -> str:
    """A token as somebody would type it.

    >>> bare("##ing"), bare("Ġhouse"), bare(" The ")
    ('ing', 'house', 'the')
    """
    return format_token(token.strip()).removeprefix("##").casefold()


def current_guesses(count: int, round_key: Hashable) -> tuple[str, ...]:
    return tuple(str(st.session_state.get(_guess_key(i, round_key), "")) for i in range(count))


def _guess_key(number: int, round_key: Hashable) -> str:
    return f"{state.GAME_GUESS}{number}_{hash(round_key):x}"


def _ask_guesses(count: int, round_key: Hashable) -> tuple[str, ...] | None:
    """The guesses when the reader has just pressed the button, else None."""
    with st.form("game-form", border=False):
        st.caption(text.GAME_HINT)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            guesses = tuple(
                st.text_input(f"[MASK] {i + 1}", key=_guess_key(i, round_key), width=150, max_chars=60)
                for i in range(count)
            )
            pressed = st.form_submit_button("Compare with BERT", type="primary")
    return guesses if pressed else None


def _hidden_tokens(restoration: Restoration, masks: Sequence[int]) -> list[StripToken]:
    """The text as the model reads it: only the masks give away that they were chosen."""
    corrupted = restoration.corrupted
    numbers = {corrupted.positions[i]: str(number) for number, i in enumerate(masks, start=1)}
    special = corrupted.tokens.is_special
    return [
        StripToken("[MASK]", number=numbers[i], kind="masked")
        if i in numbers
        else StripToken(format_token(token), kind="special" if special[i] else "")
        for i, token in enumerate(corrupted.shown)
    ]


def _show_solution(restoration: Restoration, guesses: Sequence[str]) -> None:
    from bert_explorer.plots.pretraining import plot_restoration

    token_strip(_solved_tokens(restoration), label="The true text", key=state.GAME_SOLUTION, select="none")
    figure_column, table_column = st.columns([2, 3], gap="medium")
    with figure_column:
        alt = "Bars of the probability that the model gave to each chosen token"
        show_figure(plot_restoration(restoration), FIGURE, alt=alt)
    with table_column:
        rows = solution_rows(restoration, guesses)
        columns = {name: [row[i] for row in rows] for i, name in enumerate(HEADER)}
        config = {"Probability": st.column_config.NumberColumn(format="percent")}
        st.dataframe(columns, hide_index=True, column_config=config, height="content")


def _solved_tokens(restoration: Restoration) -> list[StripToken]:
    corrupted = restoration.corrupted
    chosen = {place: i for i, place in enumerate(corrupted.positions)}
    special = corrupted.tokens.is_special
    tokens = []
    for place, token in enumerate(corrupted.tokens.tokens):
        i = chosen.get(place)
        if i is None:
            tokens.append(StripToken(format_token(token), kind="special" if special[place] else ""))
            continue
        truth, guess = restoration.truths[i], restoration.guesses[i]
        lines = (
            text.WHAT_WAS_DONE[corrupted.treatments[i]],
            f"probability {truth.probability:.1%}, rank {truth.rank:,}",
            f"BERT's first guess: {format_token(guess.token)}",
        )
        share = f"{truth.probability:.0%}"
        tokens.append(StripToken(format_token(token), value=truth.probability, number=share, lines=lines))
    return tokens


def solution_rows(restoration: Restoration, guesses: Sequence[str]) -> list[tuple[object, ...]]:
    """Rows of the table, in the order of HEADER; positions count from 1."""
    corrupted = restoration.corrupted
    typed = dict(zip(masked_places(restoration), guesses, strict=False))
    return [
        (
            place + 1,
            format_token(truth.token),
            text.WHAT_WAS_DONE[treatment],
            format_token(corrupted.shown[place]),
            typed.get(i, ""),
            format_token(guess.token),
            truth.probability,
            truth.rank,
        )
        for i, (place, treatment, truth, guess) in enumerate(
            zip(
                corrupted.positions,
                corrupted.treatments,
                restoration.truths,
                restoration.guesses,
                strict=True,
            )
        )
    ]


def _show_score(this: tuple[int, int, int] | None, rounds: Sequence[tuple[int, int, int]]) -> None:
    if this is None:
        return
    reader, model, total = (sum(column) for column in zip(*rounds, strict=True))
    st.markdown(f"**This text:** you {this[0]}, BERT {this[1]}, of {this[2]} hidden tokens.")
    if len(rounds) > 1:
        st.markdown(f"**All {len(rounds)} rounds:** you {reader}, BERT {model}, of {total}.")


def show_game_files(restoration: Restoration, guesses: Sequence[str]) -> None:
    from bert_explorer.plots.pretraining import plot_restoration

    show_figure_downloads(plot_restoration(restoration), FIGURE)
    show_table_download(FIGURE, HEADER, lambda: solution_rows(restoration, guesses))
