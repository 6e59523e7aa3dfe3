"""Inputs and figures of the page Probes."""

import streamlit as st

from bert_explorer.errors import InputError
from bert_explorer.intervals import wilson_interval
from bert_explorer.plots.probes import SURFACE, plot_probes
from bert_explorer.results import ProbeReport
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.answers import can_ask, long_answer
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.embedding_questions import LabelsQuestion, TagsQuestion
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.stored import BUNDLED, load_stored
from bert_explorer.ui.text_sources import ask_collection
from bert_explorer.ui.texts import probes as text

FIGURE = "probes"
PAGE = "probes"
HEADER = ("layer", "accuracy", "low", "high", "control accuracy", "selectivity")
MAX_SEED = 999
ProbeQuestion = TagsQuestion | LabelsQuestion


def ask_probe() -> ProbeQuestion | None:
    """What to read off; None until there are texts. Raises InputError for texts without labels."""
    task = choice("What to read off", text.TASKS, state.PROBE_TASK)
    if task == text.TAGS:
        return TagsQuestion(_choose_seed())
    texts = ask_collection("Labelled texts", "Use these texts")
    if texts is None:
        return None
    if texts.labels is None:
        raise InputError("The texts have no labels. Write the label before each text, and a tab between.")
    return LabelsQuestion(texts.texts, texts.labels, _choose_seed())


def _choose_seed() -> int:
    seed = st.number_input(
        "Split",
        0,
        MAX_SEED,
        0,
        key=state.PROBE_SEED,
        bind="query-params",
        width=110,
        help="Which sentences are kept for measuring: each number draws others.",
    )
    return int(seed)


def find_report(
    model: str,
    question: ProbeQuestion,
    *,
    page: str = PAGE,
    label: str = "Probing",
    is_wanted: bool = False,
) -> ProbeReport | None:
    """The report if it is known already, else a button that starts the work, and its result.

    Where it ``is_wanted`` for certain, the work starts without the button.
    """
    asked = (model, question)
    last = state.remembered_answers().get(page)
    if last is not None and last.asked == asked:
        report: ProbeReport = last.answer
        return report
    stored: ProbeReport | None = load_stored(question, get_settings()) if model == BUNDLED else None
    if stored is not None:
        return stored
    if not can_ask(model):
        return None
    if not is_wanted:
        is_wanted = st.button("Start probing", type="primary", key=f"{state.PROBE_START}-{page}")
        st.caption("Every layer is probed twice, which takes from seconds to some minutes.")
    stopped = st.session_state.get(state.STOPPED) == asked
    return long_answer(page, model, question, label) if is_wanted or stopped else None


def show_report(report: ProbeReport) -> None:
    """The curves, what they come to in a sentence, and the table."""
    show_figure(plot_probes(report), FIGURE, alt="Accuracy of the probe and of its control task, by layer")
    best = max(range(len(report.hits)), key=lambda layer: report.hits[layer])
    count = report.num_test
    selectivity = (report.hits[best] - report.control_hits[best]) / count
    st.markdown(
        f"**Best in layer {best}: {report.hits[best] / count:.1%}** of {count:,} unseen "
        f"{report.kind}, trained "
        f"on {report.num_train:,}. Without vectors: {report.surface_hits / count:.1%} "
        f"({SURFACE[report.kind]}), {report.majority_hits / count:.1%} (most frequent label). Selectivity "
        f"{100 * selectivity:.0f} points. {len(report.labels)} labels, split {report.seed}."
    )
    st.dataframe(_table(report), hide_index=True, height="content")


def _table(report: ProbeReport) -> dict[str, list[object]]:
    """What the curves show, for reading."""
    rows = probe_rows(report)
    return {
        "Layer": [layer for layer, *_ in rows],
        "Accuracy": [f"{accuracy:.1%}" for _, accuracy, *_ in rows],
        "95 % interval": [f"{low:.1%} to {high:.1%}" for _, _, low, high, *_ in rows],
        "Control task": [f"{control:.1%}" for *_, control, _ in rows],
        "Selectivity": [f"{100 * selectivity:+.1f} points" for *_, selectivity in rows],
    }


def probe_rows(report: ProbeReport) -> list[tuple[float, ...]]:
    """One row a layer."""
    count = report.num_test
    rows: list[tuple[float, ...]] = []
    for layer, (hits, control) in enumerate(zip(report.hits, report.control_hits, strict=True)):
        low, high = wilson_interval(hits, count)
        values = (hits / count, low, high, control / count, (hits - control) / count)
        rows.append((layer, *(round(value, 4) for value in values)))
    return rows


def show_report_files(report: ProbeReport) -> None:
    show_figure_downloads(plot_probes(report), FIGURE)
    show_table_download(FIGURE, HEADER, lambda: probe_rows(report))
