"""Runs in a SQL database: who made them, in which state they are, what they measured (see journal).

Every change of state is one ``UPDATE ... WHERE state = <the state it leaves>``: of two processes that
try, exactly one sees a row changed. So several servers and command lines may share a database.
"""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select, and_, func, insert, or_, select, update

from bert_explorer.errors import RunNotFoundError, RunStateError
from bert_explorer.training.config import FineTuneConfig
from bert_explorer.training.journal import RunJournal
from bert_explorer.training.records import (
    ACTIVE,
    TURN,
    check_room,
    count_in,
    move,
    new_row,
    remove,
    to_run,
)
from bert_explorer.training.run import Run, RunState, hash_owner, new_run_id
from bert_explorer.training.schema import runs, store_info


class RunStore(RunJournal):
    """Runs, and what is noted of them (see journal).

    Runs in the bin (see shelf) are found by nothing but the shelf.
    """

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
        return self.select_runs(query)

    def running(self) -> tuple[Run, ...]:
        return self.select_runs(select(runs).where(runs.c.state == RunState.RUNNING))

    def waiting(self) -> tuple[Run, ...]:
        """The next to start first, trainings and analyses."""
        queued = select(runs).where(runs.c.state == RunState.QUEUED)
        return self.select_runs(queued.order_by(TURN, runs.c.id))

    def position(self, run_id: str) -> int | None:
        """1 for the next run to start, None for a run that is not waiting."""
        ids = [run.id for run in self.waiting()]
        return ids.index(run_id) + 1 if run_id in ids else None

    def select_runs(self, query: Select[Any]) -> tuple[Run, ...]:
        """The runs that a query on the table ``runs`` finds, in its order."""
        with self._engine.connect() as connection:
            return tuple(to_run(row) for row in connection.execute(query).mappings())

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
        row = new_row(
            run_id or new_run_id(),
            owner=owner,
            name=name,
            filename=filename,
            config=config,
            labels=json.dumps(list(labels)),
            tags=json.dumps(list(tags)),
            eta_s=expected_s,
        )
        with self.one_at_a_time() as connection:
            check_room(connection, max_queued)
            connection.execute(insert(runs).values(row))
        return self.get(row["id"])

    def share(self, run_id: str, shared: bool) -> None:
        """Lets everybody see the run and use its model, or its owner alone."""
        with self._engine.begin() as connection:
            connection.execute(update(runs).where(runs.c.id == run_id).values(shared=shared))

    def delete(self, run_id: str) -> None:
        """Forgets a run that is neither waiting nor running; RunStateError otherwise."""
        with self._engine.begin() as connection:
            gone = remove(connection, run_id, runs.c.state.not_in(ACTIVE))
        if not gone:
            state = self.get(run_id).state
            raise RunStateError(f"The run is {state}. Cancel it before you delete it.")

    def claim_next(self, max_running: int, *, only: str | None = None) -> Run | None:
        """The first waiting run (or the one called ``only``), now running; None if ``max_running`` are."""
        with self.one_at_a_time() as connection:
            if count_in(connection, RunState.RUNNING) >= max_running:
                return None
            waiting = select(runs.c.id).where(runs.c.state == RunState.QUEUED)
            if only is not None:
                waiting = waiting.where(runs.c.id == only)
            run_id = connection.execute(waiting.order_by(TURN, runs.c.id).limit(1)).scalar()
            if run_id is None:
                return None
            now = time.time()
            values = {"started_at": now, "heartbeat_at": now, "phase": "starting", "handle": None}
            if not move(connection, run_id, RunState.QUEUED, RunState.RUNNING, **values):
                return None
        return self.get(run_id)

    def request_cancel(self, run_id: str) -> Run:
        """A waiting run is cancelled at once; a running one is asked to stop.

        Asking twice changes nothing. RunStateError for a run that has ended in another way.
        """
        with self._engine.begin() as connection:
            if not move(connection, run_id, RunState.QUEUED, RunState.CANCELLED, ended_at=time.time()):
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
            moved = move(connection, run_id, RunState.INTERRUPTED, RunState.QUEUED, **values)
        run = self.get(run_id)
        if not moved:
            raise RunStateError(f"The run is {run.state}. Only an interrupted run can be resumed.")
        return run

    def _end(self, run_id: str, state: RunState, **values: Any) -> bool:
        with self._engine.begin() as connection:
            ended = {"ended_at": time.time(), "phase": "", "handle": None, **values}
            return move(connection, run_id, RunState.RUNNING, state, **ended)

    @contextmanager
    def one_at_a_time(self) -> Iterator[Connection]:
        """A transaction that counts before it writes: no other of its kind overlaps with it."""
        with self._engine.begin() as connection:
            connection.execute(update(store_info).values(num_changes=store_info.c.num_changes + 1))
            yield connection
