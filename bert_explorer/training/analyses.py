"""Analyses of finished runs, which wait in the same queue as trainings.

An analysis is a row of the table of runs with a ``subject``, the run that is looked into, and a ``question``.
So it has the states, the worker and the heartbeat of a run, and the bounds of the queue count it. Of equal
questions about one run one row is kept, the last. What an analysis found lies in the folder of its subject.
"""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from bert_explorer.errors import QueueFullError
from bert_explorer.training.run import Run, RunState, hash_owner
from bert_explorer.training.schema import run_log, runs
from bert_explorer.training.store import ACTIVE, RunStore, check_room, to_run

KEPT_AFTER_END_S = 24 * 3600.0  # that a browser which comes back reads what became of its analysis
MAX_OF_ONE_OWNER = 3  # active at a time: analyses go before trainings, and the places are everybody's


class RunAnalyses:
    """Acts on analyses by their id: whoever calls has asked before whose the run is (see RunQueue)."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def create(self, run: Run, owner: str, question: str, *, analysis_id: str, max_queued: int) -> Run:
        """A new analysis at the end of the queue, or the one of the same question that is under way.

        Raises QueueFullError past ``max_queued`` waiting trainings and analyses, or MAX_OF_ONE_OWNER active
        analyses of this owner.
        """
        now = time.time()
        values = {
            "id": analysis_id,
            "owner": hash_owner(owner),
            "name": run.name,
            "state": RunState.QUEUED,
            "config": run.config.to_json(),
            "filename": run.filename,
            "eta_s": self._last_duration_s(question),
            "created_at": now,
            "queued_at": now,
            "subject": run.id,
            "question": question,
        }
        same = and_(_asks(run.id, question), runs.c.state.in_(ACTIVE))
        with self._store.one_at_a_time() as connection:
            under_way = connection.execute(select(runs.c.id).where(same)).scalar()
            if under_way is None:
                check_room(connection, max_queued)
                _check_share(connection, hash_owner(owner))
                connection.execute(insert(runs).values(values))
        return self._store.get(under_way or analysis_id)

    def latest(self, run_id: str, question: str) -> Run | None:
        """The analysis of just this question, at whatever point it is."""
        found = self._select(_asks(run_id, question))
        return found[-1] if found else None

    def of_run(self, run_id: str) -> tuple[Run, ...]:
        """All of one run, the oldest first."""
        return self._select(runs.c.subject == run_id)

    def ended(self, run_id: str, question: str) -> tuple[Run, ...]:
        """Earlier analyses of the same question: a new one takes their place."""
        return tuple(found for found in self._select(_asks(run_id, question)) if not found.state.is_active)

    def outdated(self) -> tuple[Run, ...]:
        """Those that ended long ago."""
        return self._select(
            and_(runs.c.question.is_not(None), runs.c.ended_at < time.time() - KEPT_AFTER_END_S)
        )

    def forget(self, analysis_ids: Sequence[str]) -> None:
        """Removes their rows; nothing happens to those that are active."""
        chosen = and_(runs.c.id.in_(analysis_ids), runs.c.question.is_not(None), runs.c.state.not_in(ACTIVE))
        with self._store.engine.begin() as connection:
            connection.execute(delete(runs).where(chosen))
            connection.execute(delete(run_log).where(run_log.c.run_id.in_(analysis_ids)))

    def _last_duration_s(self, question: str) -> float | None:
        """Seconds that this question took last, of any run; None where it was not asked lately."""
        answered = and_(runs.c.question == question, runs.c.state == RunState.FINISHED)
        query = select(runs.c.started_at, runs.c.ended_at).where(answered)
        with self._store.engine.connect() as connection:
            row = connection.execute(query.order_by(runs.c.ended_at.desc()).limit(1)).first()
        return row.ended_at - row.started_at if row is not None else None

    def _select(self, condition: ColumnElement[bool]) -> tuple[Run, ...]:
        query: Any = select(runs).where(condition).order_by(runs.c.created_at, runs.c.id)
        with self._store.engine.connect() as connection:
            return tuple(to_run(row) for row in connection.execute(query).mappings())


def _check_share(connection: Connection, owner: str) -> None:
    """Raises QueueFullError where this owner (a hash) has as many active analyses as one may have."""
    own = and_(runs.c.owner == owner, runs.c.question.is_not(None), runs.c.state.in_(ACTIVE))
    num_active = connection.execute(select(func.count()).select_from(runs).where(own)).scalar_one()
    if num_active >= MAX_OF_ONE_OWNER:
        raise QueueFullError(
            f"{num_active} measurements of yours are waiting or running, the most that one browser may have. "
            "Wait until one has ended, or stop one."
        )


def _asks(run_id: str, question: str) -> ColumnElement[bool]:
    return and_(runs.c.subject == run_id, runs.c.question == question)
