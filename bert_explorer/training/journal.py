"""What is noted of a run while it trains: its worker, its progress, its curve, its log."""

import json
import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Engine, and_, delete, insert, select, update

from bert_explorer.results import TrainingMetric
from bert_explorer.training.records import to_log_line
from bert_explorer.training.run import LogLine, RunState
from bert_explorer.training.schema import open_database, run_log, run_metrics, runs


class RunJournal:
    """Thread-safe; cheap to make. Opens the database, and creates it where it is missing."""

    def __init__(self, database_url: str) -> None:
        self._engine = open_database(database_url)

    @property
    def engine(self) -> Engine:
        """The database, for the other modules of the store."""
        return self._engine

    def close(self) -> None:
        self._engine.dispose()

    def metrics(self, run_id: str) -> tuple[TrainingMetric, ...]:
        """What was measured so far, in the order of steps."""
        query = select(run_metrics).where(run_metrics.c.run_id == run_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query.order_by(run_metrics.c.step, run_metrics.c.name)).mappings().all()
        return tuple(TrainingMetric(row["step"], row["epoch"], row["name"], row["value"]) for row in rows)

    def log_lines(self, run_id: str) -> tuple[LogLine, ...]:
        query = select(run_log).where(run_log.c.run_id == run_id).order_by(run_log.c.id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return tuple(to_log_line(row) for row in rows)

    def set_handle(self, run_id: str, handle: str) -> None:
        """Keeps the executor's name for the worker of a running run."""
        is_running = and_(runs.c.id == run_id, runs.c.state == RunState.RUNNING)
        with self._engine.begin() as connection:
            connection.execute(update(runs).where(is_running).values(handle=handle))

    def report(self, run_id: str, metrics: Sequence[TrainingMetric] = (), **progress: Any) -> bool:
        """Writes progress (``progress``, ``eta_s``, ``phase``, ``labels``) and metrics, and is a heartbeat.

        Returns False, and writes nothing, where the run is no longer running.
        """
        is_running = and_(runs.c.id == run_id, runs.c.state == RunState.RUNNING)
        rows = [
            {"run_id": run_id, "step": item.step, "name": item.name, "epoch": item.epoch, "value": item.value}
            for item in metrics
        ]
        if "labels" in progress:
            progress["labels"] = json.dumps(list(progress["labels"]))
        with self._engine.begin() as connection:
            values = {"heartbeat_at": time.time(), **progress}
            if not connection.execute(update(runs).where(is_running).values(**values)).rowcount:
                return False
            if rows:
                connection.execute(insert(run_metrics), rows)
        return True

    def forget_metrics(self, run_id: str, *, after_step: int) -> None:
        """Removes what was measured after the checkpoint that the run now goes on from."""
        with self._engine.begin() as connection:
            later = and_(run_metrics.c.run_id == run_id, run_metrics.c.step > after_step)
            connection.execute(delete(run_metrics).where(later))

    def add_log_line(self, run_id: str, text: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(run_log).values(run_id=run_id, at=time.time(), text=text))

    def should_stop(self, run_id: str) -> bool:
        """True once the run is asked to stop, or is not running any more, or is gone."""
        query = select(runs.c.state, runs.c.cancel_requested_at).where(runs.c.id == run_id)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return row is None or row.state != RunState.RUNNING or row.cancel_requested_at is not None
