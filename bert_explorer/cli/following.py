"""Watching a run from the command line until it ends."""

import time
from typing import Any

from bert_explorer.cli.output import write_note
from bert_explorer.errors import RunError
from bert_explorer.training.queue import RunQueue
from bert_explorer.training.run import Run, RunState

POLL_S = 0.25
RESUME_COMMAND = "python -m bert_explorer runs resume"


def follow_run(queue: RunQueue, run_id: str) -> Run:
    """Wait for the end of a run, its log on stderr. Raises RunError unless it finishes."""
    seen, position = 0, None
    try:
        while True:
            run = queue.store.get(run_id)
            lines = queue.store.log_lines(run_id)
            for line in lines[seen:]:
                write_note(line.text)
            seen = len(lines)
            if not run.state.is_active:
                return _check_end(run)
            if run.state is RunState.QUEUED and (now := queue.position(run_id)) != position:
                position = now
                write_note(f"Waiting; place in the queue: {position}")
            time.sleep(POLL_S)
    except KeyboardInterrupt:
        write_note(f"The run {run_id} is interrupted. To go on with it: {RESUME_COMMAND} {run_id}")
        raise


def _check_end(run: Run) -> Run:
    if run.state is RunState.FINISHED:
        return run
    reason = run.error or "see runs show"
    raise RunError(f"The run {run.id} is {run.state}: {reason}")


def describe_run(run: Run) -> dict[str, Any]:
    """A run as JSON values; times as ISO 8601 in UTC. The owner is left out."""
    from dataclasses import asdict

    times = {name: getattr(run, name) for name in ("created_at", "started_at", "ended_at")}
    return {
        "id": run.id,
        "ref": run.ref,
        "name": run.name,
        "state": str(run.state),
        "phase": run.phase,
        "progress": run.progress,
        "eta_s": run.eta_s,
        "error": run.error,
        "metrics": run.metrics,
        "labels": list(run.labels),
        "note": run.note,
        "tags": list(run.tags),
        "filename": run.filename,
        "config": asdict(run.config),
        **{name: value.isoformat() if value else None for name, value in times.items()},
    }
