"""Several runs side by side: one curve each, and the settings in which they differ."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

import streamlit as st

from bert_explorer.results import TrainingMetric
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.downloads import show_figure, show_figure_downloads, show_table_download
from bert_explorer.ui.inputs import choice
from bert_explorer.ui.runs import get_run_store
from bert_explorer.ui.texts import runs as text
from bert_explorer.ui.texts.fine_tune import TASK_FIGURES as FIGURES

HALVES = ("entity_precision", "entity_recall")  # of the F1 of names, which is drawn


def show_comparison(runs: Sequence[Run]) -> None:
    """Curves above, settings and results below."""
    from bert_explorer.plots.run_comparison import plot_runs

    st.subheader("Side by side", anchor=False)
    names = unique_names(runs)
    metrics = {name: get_run_store().metrics(run.id) for name, run in zip(names, runs, strict=True)}
    curves = curves_of(metrics.values())
    if st.session_state.get(state.RUNS_CURVE) not in curves:  # of other runs
        st.session_state.pop(state.RUNS_CURVE, None)
    curve = choice("Curve", list(curves), state.RUNS_CURVE)
    metric = curves[curve]
    show_figure(
        plot_runs(metrics, metric, begin_small(curve)), "runs", alt=f"{curve} of the chosen runs by epoch"
    )
    st.markdown("**What differs**")
    st.dataframe(compare_settings(runs, names), hide_index=True, height="content")


def show_comparison_files(runs: Sequence[Run]) -> None:
    """The figure and both tables."""
    from bert_explorer.plots.run_comparison import plot_runs

    names = unique_names(runs)
    metrics = {name: get_run_store().metrics(run.id) for name, run in zip(names, runs, strict=True)}
    curves = curves_of(metrics.values())
    curve = st.session_state.get(state.RUNS_CURVE) or next(iter(curves))
    metric = curves[curve]
    show_figure_downloads(plot_runs(metrics, metric, begin_small(curve)), "runs")
    header = ("run", "step", "epoch", "metric", "value")
    rows = [(name, m.step, m.epoch, m.name, m.value) for name, points in metrics.items() for m in points]
    show_table_download("runs", header, lambda: rows)


def curves_of(runs: Iterable[Sequence[TrainingMetric]]) -> dict[str, str]:
    """Title -> metric of every curve that one of the runs has; the scores first, then the losses."""
    measured = {point.name for points in runs for point in points}
    scores = {
        f"Held-out {begin_small(title)}": f"eval_{name}"
        for name, title in FIGURES.items()
        if name not in HALVES
    }
    found = {title: name for title, name in (scores | text.LOSSES).items() if name in measured}
    return found or text.LOSSES


def begin_small(title: str) -> str:
    """For the middle of a line: "macro F1", but "F1 of names"."""
    return title if title.startswith("F1") else title[0].lower() + title[1:]


def unique_names(runs: Sequence[Run]) -> list[str]:
    """Names for people; runs that are called the same get the beginning of their id, too."""
    names = [run.name for run in runs]
    return [f"{run.name} ({run.id[:4]})" if names.count(run.name) > 1 else run.name for run in runs]


def compare_settings(runs: Sequence[Run], names: Sequence[str]) -> dict[str, list[str]]:
    """A row for each setting in which the runs differ, and for each result; a column a run."""
    settings = [asdict(run.config) | {"file": run.filename} for run in runs]
    labels = {"file": "File"} | text.SETTING_NAMES
    keys = [key for key in settings[0] if len({str(values.get(key)) for values in settings}) > 1]
    rows = [(labels.get(key, key), [_show(values.get(key)) for values in settings]) for key in keys]
    results = {
        key: title for key, title in FIGURES.items() if any(key in (run.metrics or {}) for run in runs)
    }
    for key, title in (results | {"num_held_out": "Held-out texts"}).items():
        rows.append((title, [_show((run.metrics or {}).get(key)) for run in runs]))
    return {"": [title for title, _ in rows]} | {
        name: [cells[index] for _, cells in rows] for index, name in enumerate(names)
    }


def _show(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
