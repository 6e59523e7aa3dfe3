"""Runs in a SQL database: who made them, in which state they are, what they measured.

Every change of state is one ``UPDATE ... WHERE state = <the state it leaves>``: of two processes that
try, exactly one sees a row changed. So several servers and command lines may share a database.
"""

import json
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, and_, case, delete, func, insert, or_, select, update
from sqlalchemy.engine import RowMapping

from bert_explorer.errors import QueueFullError, RunNotFoundError, RunStateError
from bert_explorer.results import TrainingMetric
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.run import LogLine, Run, RunState, hash_owner
from bert_explorer.training.schema import open_database, run_log, run_metrics, runs, store_info

__all__ = ["LogLine", "Run", "RunState", "RunStore", "hash_owner", "new_run_id"]

ACTIVE = (RunState.QUEUED, RunState.RUNNING)
# Analyses are short: a training lets those pass that come within this time after it, and no later ones.
TRAININGS_WAIT_S = 300.0
_TURN = runs.c.queued_at + case((runs.c.question.is_(None), TRAININGS_WAIT_S), else_=0.0)


def new_run_id() -> str:
    """12 random hex digits."""
    return secrets.token_hex(6)


class RunStore:
    """Thread-safe; cheap to make. Opens the database, and creates it where it is missing.

    Runs in the bin (see shelf) are found by nothing but the shelf.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = open_database(database_url)

    @property
    def engine(self) -> Engine:
        """The database, for the other modules of the store."""
        return self._engine

    def close(self) -> None:
        self._engine.dispose()

    # -- reading ------------------------------------------------------------------------------

    def get(self, run_id: str, owner: str | None = None) -> Run:
        """One run. With ``owner`` given, only if it is theirs or shared; else RunNotFoundError.

        Analyses of runs, which are no runs to anybody who asks in their own name, only without ``owner``.
        """
        with self._engine.connect() as connection:
            wanted = and_(runs.c.id == run_id, runs.c.deleted_at.is_(None))
            row = connection.execute(select(runs).where(wanted)).mappings().first()
        if row is not None:
            run = to_run(row)
            is_theirs = owner is not None and (run.shared or run.belongs_to(owner))
            if owner is None or (is_theirs and not run.is_analysis):
                return run
        raise RunNotFoundError(f"There is no run '{run_id}', or it belongs to somebody else.")

    def list(self, owner: str | None = None, *, include_shared: bool = False) -> tuple[Run, ...]:
        """Runs of this owner (and, on request, those others share), the newest first; None: all runs.

        Analyses of runs are none (see analyses).
        """
        is_kept = and_(runs.c.deleted_at.is_(None), runs.c.question.is_(None))
        query = select(runs).where(is_kept).order_by(runs.c.created_at.desc(), runs.c.id)
        if owner is not None:
            is_theirs = runs.c.owner == hash_owner(owner)
            query = query.where(or_(is_theirs, runs.c.shared) if include_shared else is_theirs)
        return self._select_runs(query)

    def running(self) -> tuple[Run, ...]:
        return self._select_runs(select(runs).where(runs.c.state == RunState.RUNNING))

    def waiting(self) -> tuple[Run, ...]:
        """The next to start first, trainings and analyses."""
        queued = select(runs).where(runs.c.state == RunState.QUEUED)
        return self._select_runs(queued.order_by(_TURN, runs.c.id))

    def position(self, run_id: str) -> int | None:
        """1 for the next run to start, None for a run that is not waiting."""
        ids = [run.id for run in self.waiting()]
        return ids.index(run_id) + 1 if run_id in ids else None

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
        return tuple(LogLine(at=_to_time(row["at"]), text=row["text"]) for row in rows)

    # -- making, sharing, deleting ------------------------------------------------------------

    def create(
        self,
        *,
        owner: str,
        name: str,
        filename: str,
        config: FineTuneConfig,
        run_id: str | None = None,
        labels: Sequence[str] = (),
        expected_s: float | None = None,
        tags: Sequence[str] = (),
        max_queued: int | None = None,
    ) -> Run:
        """A new run at the end of the queue. Raises QueueFullError past ``max_queued``.

        ``expected_s`` is how long it is expected to take; while it trains, ``eta_s`` says what is left of it.
        """
        now = time.time()
        values = {
            "id": run_id or new_run_id(),
            "owner": hash_owner(owner),
            "name": name,
            "state": RunState.QUEUED,
            "config": config.to_json(),
            "filename": filename,
            "labels": json.dumps(list(labels)),
            "tags": json.dumps(list(tags)),
            "eta_s": expected_s,
            "created_at": now,
            "queued_at": now,
        }
        with self.one_at_a_time() as connection:
            check_room(connection, max_queued)
            connection.execute(insert(runs).values(values))
        return self.get(str(values["id"]))

    def share(self, run_id: str, shared: bool) -> None:
        """Lets everybody see the run and use its model, or its owner alone."""
        with self._engine.begin() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(shared=shared))

    def delete(self, run_id: str) -> None:
        """Forgets a run that is neither waiting nor running; RunStateError otherwise."""
        with self._engine.begin() as connection:
            gone = connection.execute(
                delete(runs).where(and_(runs.c.id == run_id, runs.c.state.not_in(ACTIVE)))
            )
            if gone.rowcount:
                connection.execute(delete(run_metrics).where(run_metrics.c.run_id == run_id))
                connection.execute(delete(run_log).where(run_log.c.run_id == run_id))
        if not gone.rowcount:
            state = self.get(run_id).state
            raise RunStateError(f"The run is {state}. Cancel it before you delete it.")

    # -- changes of state ---------------------------------------------------------------------

    def claim_next(self, max_running: int, *, only: str | None = None) -> Run | None:
        """The first waiting run (or the one called ``only``), now running; None if ``max_running`` are."""
        with self.one_at_a_time() as connection:
            if _count(connection, RunState.RUNNING) >= max_running:
                return None
            waiting = select(runs.c.id).where(runs.c.state == RunState.QUEUED)
            if only is not None:
                waiting = waiting.where(runs.c.id == only)
            run_id = connection.execute(waiting.order_by(_TURN, runs.c.id).limit(1)).scalar()
            if run_id is None:
                return None
            now = time.time()
            values = {"started_at": now, "heartbeat_at": now, "phase": "starting", "handle": None}
            if not _move(connection, run_id, RunState.QUEUED, RunState.RUNNING, **values):
                return None
        return self.get(run_id)

    def request_cancel(self, run_id: str) -> Run:
        """A waiting run is cancelled at once; a running one is asked to stop.

        Asking twice changes nothing. RunStateError for a run that has ended in another way.
        """
        with self._engine.begin() as connection:
            if not _move(connection, run_id, RunState.QUEUED, RunState.CANCELLED, ended_at=time.time()):
                is_running = and_(runs.c.id == run_id, runs.c.state == RunState.RUNNING)
                asked_at = func.coalesce(runs.c.cancel_requested_at, time.time())
                values = {"cancel_requested_at": asked_at, "phase": "stopping"}
                connection.execute(update(runs).where(is_running).values(**values))
        run = self.get(run_id)
        if run.state not in (RunState.RUNNING, RunState.CANCELLED):
            raise RunStateError(f"The run is {run.state}. Only a waiting or running one can be cancelled.")
        return run

    def finish(self, run_id: str, metrics: dict[str, Any]) -> bool:
        """These four end a running run. They return False where it was not running any more."""
        values = {"metrics": json.dumps(metrics), "progress": 1.0, "eta_s": 0.0}
        return self._end(run_id, RunState.FINISHED, **values)

    def fail(self, run_id: str, error: str) -> bool:
        return self._end(run_id, RunState.FAILED, error=error)

    def mark_cancelled(self, run_id: str) -> bool:
        return self._end(run_id, RunState.CANCELLED)

    def mark_interrupted(self, run_id: str, error: str) -> bool:
        return self._end(run_id, RunState.INTERRUPTED, error=error)

    def requeue(self, run_id: str, *, max_queued: int | None = None) -> Run:
        """An interrupted run goes back to the end of the queue; RunStateError for any other."""
        with self.one_at_a_time() as connection:
            check_room(connection, max_queued)
            values = {"queued_at": time.time(), "ended_at": None, "error": None, "cancel_requested_at": None}
            moved = _move(connection, run_id, RunState.INTERRUPTED, RunState.QUEUED, **values)
        run = self.get(run_id)
        if not moved:
            raise RunStateError(f"The run is {run.state}. Only an interrupted run can be resumed.")
        return run

    # -- what the worker reports --------------------------------------------------------------

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

    # -- inside -------------------------------------------------------------------------------

    def _end(self, run_id: str, state: RunState, **values: Any) -> bool:
        with self._engine.begin() as connection:
            ended = {"ended_at": time.time(), "phase": "", "handle": None, **values}
            return _move(connection, run_id, RunState.RUNNING, state, **ended)

    def _select_runs(self, query: Any) -> tuple[Run, ...]:
        with self._engine.connect() as connection:
            return tuple(to_run(row) for row in connection.execute(query).mappings())

    @contextmanager
    def one_at_a_time(self) -> Iterator[Connection]:
        """A transaction that counts before it writes: no other of its kind overlaps with it."""
        with self._engine.begin() as connection:
            connection.execute(update(store_info).values(num_changes=store_info.c.num_changes + 1))
            yield connection


def _move(connection: Connection, run_id: str, source: RunState, target: RunState, **values: Any) -> bool:
    """Compare and set: True if this very statement moved the run from ``source`` to ``target``."""
    in_source = and_(runs.c.id == run_id, runs.c.state == source)
    return connection.execute(update(runs).where(in_source).values(state=target, **values)).rowcount == 1


def _count(connection: Connection, state: RunState) -> int:
    return connection.execute(
        select(func.count()).select_from(runs).where(runs.c.state == state)
    ).scalar_one()


def check_room(connection: Connection, max_queued: int | None) -> None:
    """Raises QueueFullError where ``max_queued`` are waiting."""
    num_waiting = _count(connection, RunState.QUEUED)
    if max_queued is not None and num_waiting >= max_queued:
        raise QueueFullError(
            f"{num_waiting} runs and measurements are waiting, the most that are kept. Try again when some "
            "have finished, or cancel one."
        )


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


def _to_time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)
