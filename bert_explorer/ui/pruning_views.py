"""The curve "how many heads can go": started by a button, measured in the background, then drawn."""

from collections.abc import Callable, Hashable, Iterator
from typing import TYPE_CHECKING

import streamlit as st

from bert_explorer.analysis.head_importance import can_measure_importance
from bert_explorer.results import Capability, ModelInfo, PruningCurve
from bert_explorer.settings import get_settings
from bert_explorer.ui import state
from bert_explorer.ui.background import BackgroundJob, Progress, Stopped, start_job
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.texts import ablation as text

if TYPE_CHECKING:
    from bert_explorer.analysis.head_importance import Row
    from bert_explorer.models.engine import Engine

FIGURE = "heads-gone"
HEADER = ("heads off", "order", "measure", "value", "gone in this step")
LOOK_AGAIN_S = 1.0


def show_pruning(model: ModelInfo) -> Callable[[], None] | None:
    """Draw inputs, progress and result; returns what draws the download buttons once there is a result."""
    guesses = Capability.MASKED_LM in model.capabilities
    if not can_measure_importance(model) or not (guesses or model.ref.startswith("run:")):
        st.info(text.CURVE_NONE)
        return None
    st.caption(text.CURVE_SOURCE_MASKED if guesses else text.CURVE_SOURCE_CLASSES)
    count = int(choice("Texts", tuple(map(str, text.COUNTS)), state.PRUNING_COUNT, width="content"))
    asked: Hashable = (model.ref, count)
    job = current_job()
    if job is None or job.asked != asked:
        st.button("Measure", type="primary", on_click=_start, args=(model, count, asked))
        return None
    if not job.future.done():
        _watch(job)
        return None
    return _show_end(job, model, count)


def pruning_code(model: ModelInfo) -> str:
    """The measurement as a program."""
    guesses = Capability.MASKED_LM in model.capabilities
    rows = text.CODE_MASKED if guesses else text.CODE_CLASSES
    return text.CURVE_CODE.format(model=repr(model.ref), rows=rows.format(run=repr(model.ref[4:])))


def current_job() -> "BackgroundJob[PruningCurve] | None":
    """The last job of this session."""
    job = st.session_state.get(state.PRUNING)
    return job if isinstance(job, BackgroundJob) else None


def _start(model: ModelInfo, count: int, asked: Hashable) -> None:
    last = current_job()
    if last is not None:
        last.stop()

    def work(progress: Progress) -> PruningCurve:
        from bert_explorer.analysis.pruning import measure_pruning
        from bert_explorer.models.cache import open_model

        with open_model(model.ref) as engine:
            return measure_pruning(engine, _collect_rows(engine, count), progress=progress)

    st.session_state[state.PRUNING] = start_job(asked, work)


def _collect_rows(engine: "Engine", count: int) -> "list[Row]":
    """Held-out rows of the run that made the model, or sentences of the bundled treebank."""
    from bert_explorer.analysis.head_importance import Row
    from bert_explorer.analysis.pruning import masked_rows
    from bert_explorer.analysis.treebank import read_bundled_treebank, spread_sentences
    from bert_explorer.training.predictions import read_predictions
    from bert_explorer.training.run_folder import run_folder

    info, settings = engine.info, get_settings()
    if Capability.MASKED_LM in info.capabilities:
        sentences = spread_sentences(read_bundled_treebank(settings), count)
        return masked_rows(engine, [sentence.text for sentence in sentences])
    held_out = read_predictions(run_folder(info.ref.removeprefix("run:"), settings))
    rows = [Row(row.text, row.pair, label=info.labels.index(row.true_label)) for row in held_out]
    return rows[:count]


@st.fragment(run_every=LOOK_AGAIN_S)
def _watch(job: "BackgroundJob[PruningCurve]") -> None:
    if job.future.done():
        st.rerun()
    with st.container(key="live"):
        label = f"{job.done} of {job.total} measurements" if job.total else "Starting"
        st.progress(min(1.0, job.share), text="Stopping" if job.stopping.is_set() else label)
        st.button("Stop", on_click=job.stop, disabled=job.stopping.is_set())


def _show_end(job: "BackgroundJob[PruningCurve]", model: ModelInfo, count: int) -> Callable[[], None] | None:
    """The curve, or a way to start again. Raises what the work raised."""
    st.button("Measure again", on_click=_start, args=(model, count, job.asked))
    if job.future.cancelled() or isinstance(job.future.exception(), Stopped):
        st.info("The measurement was stopped.")
        return None
    curve = job.future.result()
    _show_curve(curve)
    return lambda: _show_files(curve)


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
