"""Draws verdicts on sentence pairs, and the training of the bundled model."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from bert_explorer.analysis.sentence_pairs import KINDS, MAX_SENTENCES, count_right
from bert_explorer.results import PairVerdicts
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.texts import pretraining as text

PAIRS_FIGURE, CURVE_FIGURE = "sentence-pairs", "training-curve"
PAIRS_HEADER = ("Kind", "Follows", "First", "Second")
CURVE_HEADER = ("step", "tokens", "loss", "top1", "top5", "perplexity", "next_sentence_accuracy")
CURVE_FILE, CLOZE_FILE = "curve.json", "cloze.json"


def show_pairs(judged: PairVerdicts) -> None:
    """How many verdicts were right, a dot for each pair, and the pairs as a table."""
    from bert_explorer.plots.pretraining import plot_pairs

    if judged.num_sentences > MAX_SENTENCES:
        st.caption(f"Of the {judged.num_sentences} sentences, the first {MAX_SENTENCES} were used.")
    for column, kind in zip(st.columns(len(KINDS)), KINDS, strict=True):
        right, total = count_right(judged.pairs, kind)
        column.metric(text.KIND_NAMES[kind], f"{right} of {total} right")
    alt = "Dots of the probability that the second sentence follows, one row for each kind of pair"
    show_figure(plot_pairs(judged, text.KIND_NAMES), PAIRS_FIGURE, alt=alt)
    rows = pairs_rows(judged)
    columns = {name: [row[i] for row in rows] for i, name in enumerate(PAIRS_HEADER)}
    config = {PAIRS_HEADER[1]: st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)}
    st.dataframe(columns, hide_index=True, column_config=config)


def pairs_rows(judged: PairVerdicts) -> list[tuple[object, ...]]:
    return [
        (text.KIND_NAMES[pair.kind], pair.is_next_probability, pair.first, pair.second)
        for pair in judged.pairs
    ]


def show_pairs_files(judged: PairVerdicts) -> None:
    from bert_explorer.plots.pretraining import plot_pairs

    show_figure_downloads(plot_pairs(judged, text.KIND_NAMES), PAIRS_FIGURE)
    show_table_download(PAIRS_FIGURE, PAIRS_HEADER, lambda: pairs_rows(judged))


def show_history(folder: Path) -> None:
    """The curve of the model in ``folder``, and its answers on the way where they were kept."""
    from bert_explorer.plots.pretraining import plot_curve

    curve = read_record(folder / CURVE_FILE)
    last = [line for line in curve if "top1" in line][-1]
    st.markdown(
        f"After **{last['tokens'] / 1e6:.1f} million tokens**: the hidden word is right in "
        f"{last['top1']:.1%} of "
        f"{last['num_masks']:,} cases, among the first five in {last['top5']:.1%}; the verdict on two "
        f"sentences is "
        f"right in {last['next_sentence_accuracy']:.1%} of {last['num_pairs']:,}."
    )
    show_figure(plot_curve(curve), CURVE_FIGURE, alt="Loss and held-out accuracy against the tokens read")
    if (folder / CLOZE_FILE).is_file():
        _show_cloze(read_record(folder / CLOZE_FILE))
    with st.expander("The same as a table"):
        rows = curve_rows(curve)
        st.dataframe({name: [row[i] for row in rows] for i, name in enumerate(CURVE_HEADER)}, hide_index=True)


def curve_rows(curve: Sequence[Mapping[str, Any]]) -> list[tuple[object, ...]]:
    """The evaluations, in the order of CURVE_HEADER."""
    return [tuple(line.get(name) for name in CURVE_HEADER) for line in curve if "top1" in line]


def show_history_files(folder: Path) -> None:
    from bert_explorer.plots.pretraining import plot_curve

    curve = read_record(folder / CURVE_FILE)
    show_figure_downloads(plot_curve(curve), CURVE_FIGURE)
    show_table_download(CURVE_FIGURE, CURVE_HEADER, lambda: curve_rows(curve))


def read_record(path: Path) -> Any:
    """What the export of a training wrote beside the model."""
    return json.loads(path.read_text(encoding="utf-8"))


def _show_cloze(history: Mapping[str, Any]) -> None:
    """The answers to fixed sentences at one moment of the training, chosen by a slider."""
    checkpoints = history["checkpoints"]
    labels = [f"{item['tokens'] / 1e6:.2f} M tokens" for item in checkpoints]
    st.subheader("What it answered on the way", anchor=False)
    chosen = st.select_slider(
        "After reading", labels, value=labels[-1], key=state.CLOZE_STEP, bind="query-params"
    )
    answers = checkpoints[labels.index(chosen)]["answers"]
    st.dataframe(
        {
            "Sentence": [item["text"] for item in history["sentences"]],
            "First guesses": [", ".join(word for word, _ in answer["top"]) for answer in answers],
            "Expected": [item["expected"] for item in history["sentences"]],
            "Its probability": [answer["probability"] for answer in answers],
            "Its rank": [answer["rank"] for answer in answers],
        },
        hide_index=True,
        column_config={"Its probability": st.column_config.NumberColumn(format="percent")},
        height="content",
    )
