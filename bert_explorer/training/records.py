"""Runs as rows of the table ``runs``: read, counted, moved from state to state, removed."""

import json
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, select, update
from sqlalchemy.engine import RowMapping

from bert_explorer.errors import QueueFullError
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.run import LogLine, Run, RunState, hash_owner
from bert_explorer.training.schema import run_log, run_metrics, runs

ACTIVE = (RunState.QUEUED, RunState.RUNNING)
# Analyses are short: a training lets those pass that come within this time after it, and no later ones.
TRAININGS_WAIT_S = 300.0
TURN = runs.c.queued_at + case((runs.c.question.is_(None), TRAININGS_WAIT_S), else_=0.0)


def new_row(
    run_id: str, *, owner: str, name: str, filename: str, config: FineTuneConfig, **values: Any
) -> dict[str, Any]:
    """A row of the table ``runs`` that waits from now on; ``values`` are its other columns, and win."""
    now = time.time()
    return {
        "id": run_id,
        "owner": hash_owner(owner),
        "name": name,
        "state": RunState.QUEUED,
        "config": config.to_json(),
        "filename": filename,
        "created_at": now,
        "queued_at": now,
        **values,
    }


def to_run(row: RowMapping) -> Run:
    """A row of the table ``runs``."""
    values = {name: value for name, value in row.items() if name != "queued_at"}
    for name in ("created_at", "started_at", "ended_at", "heartbeat_at", "cancel_requested_at", "deleted_at"):
        values[name] = _to_time(values[name]) if values[name] is not None else None
    values["state"] = RunState(values["state"])
    values["config"] = FineTuneConfig.from_json(values["config"])
    values["metrics"] = json.loads(values["metrics"]) if values["metrics"] else None
    values["labels"] = tuple(json.loads(values["labels"]))
    values["tags"] = tuple(json.loads(values["tags"]))
    return Run(**values)


def to_log_line(row: RowMapping) -> LogLine:
    """A row of the table ``run_log``."""
    return LogLine(at=_to_time(row["at"]), text=row["text"])


def count_in(connection: Connection, state: RunState) -> int:
    """How many runs and analyses are in this state."""
    return connection.execute(
        select(func.count()).select_from(runs).where(runs.c.state == state)
    ).scalar_one()


def check_room(connection: Connection, max_queued: int | None) -> None:
    """Raises QueueFullError where ``max_queued`` are waiting."""
    num_waiting = count_in(connection, RunState.QUEUED)
    if max_queued is not None and num_waiting >= max_queued:
        raise QueueFullError(
            f"{num_waiting} runs and measurements are waiting, the most that are kept. Try again when some "
            "have finished, or cancel one."
        )


def move(connection: Connection, run_id: str, source: RunState, target: RunState, **values: Any) -> bool:
    """Compare and set: True if this very statement moved the run from ``source`` to ``target``."""
    in_source = and_(runs.c.id == run_id, runs.c.state == source)
    return connection.execute(update(runs).where(in_source).values(state=target, **values)).rowcount == 1


def remove(connection: Connection, run_id: str, condition: ColumnElement[bool]) -> bool:
    """Removes a run with its curve and its log where the condition holds; False where it does not."""
    if not connection.execute(delete(runs).where(and_(runs.c.id == run_id, condition))).rowcount:
        return False
    for table in (run_metrics, run_log):
        connection.execute(delete(table).where(table.c.run_id == run_id))
    return True


def _to_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
