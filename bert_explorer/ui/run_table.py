"""All runs of this browser as one table: filtered, and one or several chosen."""

import hashlib
from collections.abc import Sequence

import streamlit as st

from bert_explorer.intervals import wilson_interval
from bert_explorer.training.run import Run
from bert_explorer.ui import state
from bert_explorer.ui.texts import fine_tune as texts

CLASSES = "text-classification"
MAX_COMPARED = 7  # as many as there are colours


def choose_runs(runs: Sequence[Run]) -> list[Run]:
    """Draw filter and table; returns the chosen runs in the order of the table."""
    wanted = st.text_input(
        "Find", key=state.RUNS_FILTER, bind="query-params", placeholder="a name, tag, label, file or state"
    )
    found = [run for run in runs if matches(run, wanted)]
    if not found:
        st.markdown("No run matches. Clear the field above to see all.")
        return []
    linked = set(st.query_params.get(state.RUNS_PARAMETER, "").split(","))
    default = [index for index, run in enumerate(found) if run.id in linked][:MAX_COMPARED]
    event = st.dataframe(
        run_columns(found),
        hide_index=True,
        height="content" if len(found) < 12 else 420,
        key=f"{state.RUNS_TABLE}-{_key(found)}",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": default}},
        column_config={"Score": st.column_config.NumberColumn(format="%.3f")},
        alt="Your runs; choose rows by their boxes",
    )
    chosen = [found[index] for index in event["selection"]["rows"] if index < len(found)]
    if chosen:
        st.query_params[state.RUNS_PARAMETER] = ",".join(run.id for run in chosen)
    else:
        st.query_params.pop(state.RUNS_PARAMETER, None)
    if len(chosen) > MAX_COMPARED:
        st.caption(f"The first {MAX_COMPARED} of the chosen runs are compared.")
    return chosen[:MAX_COMPARED]


def matches(run: Run, wanted: str) -> bool:
    """Whether each word is somewhere in the name, tags, note, labels, file, model or state."""
    places = (run.name, run.note, run.filename, run.config.model, texts.STATES[run.state], run.id)
    haystack = "\n".join([*places, *run.tags, *run.labels]).casefold()
    return all(word in haystack for word in wanted.casefold().split())


def run_columns(runs: Sequence[Run]) -> dict[str, list[object]]:
    """The table, by column. A run that has not finished has no scores, rather than zeros."""
    return {
        "Name": [run.name for run in runs],
        "State": [texts.STATES[run.state] for run in runs],
        "Measure": [measure_of(run) for run in runs],
        "Score": [(run.metrics or {}).get(_headline(run)) for run in runs],
        "95 % interval": [_interval(run) for run in runs],
        "File": [run.filename for run in runs],
        "Model": [run.config.model for run in runs],
        "Kept fixed": [run.config.freeze for run in runs],
        "Epochs": [run.config.epochs for run in runs],
        "Minutes": [_minutes(run) for run in runs],
        "Tags": [", ".join(run.tags) for run in runs],
        "Note": [run.note for run in runs],
        "Started": [f"{run.created_at:%Y-%m-%d %H:%M}" for run in runs],
    }


def measure_of(run: Run) -> str:
    """What the score of a run is; nothing for a run without one."""
    return texts.TASK_FIGURES[_headline(run)] if run.metrics else ""


def _headline(run: Run) -> str:
    return str((run.metrics or {}).get("headline", "accuracy"))


def _interval(run: Run) -> str:
    metrics, name = run.metrics or {}, _headline(run)
    if name in metrics.get("intervals", {}):
        lowest, highest = metrics["intervals"][name]
    elif run.config.task == CLASSES and name in metrics and metrics.get("num_held_out"):
        count = metrics["num_held_out"]
        lowest, highest = wilson_interval(round(metrics[name] * count), count)
    else:
        return ""
    return f"{lowest:.2f} to {highest:.2f}"


def _minutes(run: Run) -> float | None:
    if run.started_at is None or run.ended_at is None:
        return None
    return round((run.ended_at - run.started_at).total_seconds() / 60, 1)


def _key(runs: Sequence[Run]) -> str:
    """Changes with the rows, so that a choice never slips to another run."""
    return hashlib.sha256("".join(run.id for run in runs).encode()).hexdigest()[:12]
