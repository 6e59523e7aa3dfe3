"""The curve "how many heads can go": started by a button, measured in the background, then drawn."""

from collections.abc import Callable, Iterator

import streamlit as st

from bert_explorer.analysis.head_importance import can_measure_importance
from bert_explorer.results import Capability, ModelInfo, PruningCurve
from bert_explorer.run_analyses.questions import PruningQuestion
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.background import Progress
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.measurements import measured_here, measured_of_run
from bert_explorer.ui.texts import ablation as text

FIGURE = "heads-gone"
HEADER = ("heads off", "order", "measure", "value", "gone in this step")


def show_pruning(model: ModelInfo) -> Callable[[], None] | None:
    """Draw inputs, progress and result; returns what draws the download buttons once there is a result."""
    guesses = Capability.MASKED_LM in model.capabilities
    if not can_measure_importance(model) or not (guesses or model.ref.startswith("run:")):
        st.info(text.CURVE_NONE)
        return None
    st.caption(text.CURVE_SOURCE_MASKED if guesses else text.CURVE_SOURCE_CLASSES)
    count = int(choice("Texts", tuple(map(str, text.COUNTS)), state.PRUNING_COUNT, width="content"))
    curve = _measured(model, count)
    if curve is None:
        return None
    _show_curve(curve)
    return lambda: _show_files(curve)


def _measured(model: ModelInfo, count: int) -> PruningCurve | None:
    """Of a run through the queue; of a model without a folder of its own in a thread of the server."""
    if model.ref.startswith("run:"):
        found: PruningCurve | None = measured_of_run(model.ref.removeprefix("run:"), PruningQuestion(count))
        return found

    def work(progress: Progress) -> PruningCurve:
        from bert_explorer.analysis.pruning import measure_pruning, treebank_rows
        from bert_explorer.models.cache import open_model

        with open_model(model.ref) as engine:
            rows = treebank_rows(engine, count, get_settings())
            return measure_pruning(engine, rows, progress=progress)

    return measured_here((model.ref, count), work, state.PRUNING)


def pruning_code(model: ModelInfo) -> str:
    """The measurement as a program."""
    guesses = Capability.MASKED_LM in model.capabilities
    rows = text.CODE_MASKED if guesses else text.CODE_CLASSES
    return text.CURVE_CODE.format(model=repr(model.ref), rows=rows.format(run=repr(model.ref[4:])))


def _show_curve(curve: PruningCurve) -> None:
    from bert_explorer.plots.ablation import plot_pruning

    st.markdown(describe_curve(curve))
    figure_column, table_column = st.columns([3, 2], gap="medium")
    with figure_column:
        alt = f"{curve.measure} while heads are switched off, least important first and at random"
        show_figure(plot_pruning(curve), FIGURE, alt=alt)
    with table_column:
        rows = list(curve_rows(curve))
        half = len(rows) // 2
        table = {
            "Heads off": [row[0] for row in rows[:half]],
            "Least important first": [row[3] for row in rows[:half]],
            "Random order": [row[3] for row in rows[half:]],
            "Gone in this step": [row[4] for row in rows[:half]],
        }
        number = st.column_config.NumberColumn(format="%.3f")
        columns = {"Least important first": number, "Random order": number}
        st.dataframe(table, hide_index=True, column_config=columns, height="content")


def describe_curve(curve: PruningCurve) -> str:
    """How many heads can go before the model is one tenth worse: of the loss, or of the accuracy."""
    start = float(curve.greedy[0])
    if curve.measure == "loss":
        fits, worse = curve.greedy <= 1.1 * start, "its loss is a tenth higher"
    else:
        fits, worse = curve.greedy >= 0.9 * start, "a tenth of its right answers is lost"
    steps = len(fits) if fits.all() else int(fits.argmin())
    return (
        f"**{int(curve.num_off[steps - 1])} of {int(curve.num_off[-1])} heads** can go, the least important "
        f"first, before {worse}. Measured on {curve.num_measured} texts."
    )


def curve_rows(curve: PruningCurve) -> Iterator[tuple[object, ...]]:
    """Rows of HEADER: first the greedy way, then the mean of the random ones."""
    before = 0
    for number, value in zip(curve.num_off.tolist(), curve.greedy.tolist(), strict=True):
        gone = ", ".join(f"{layer + 1}-{head + 1}" for layer, head in curve.order[before:number])
        yield number, "least important first", curve.measure, value, gone
        before = number
    for number, value in zip(curve.num_off.tolist(), curve.random.mean(axis=0).tolist(), strict=True):
        yield number, "random, mean", curve.measure, value, ""


def _show_files(curve: PruningCurve) -> None:
    from bert_explorer.plots.ablation import plot_pruning

    show_figure_downloads(plot_pruning(curve), FIGURE)
    show_table_download(FIGURE, HEADER, lambda: curve_rows(curve))
