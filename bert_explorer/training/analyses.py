"""Analyses of finished runs, which wait in the same queue as trainings.

An analysis is a row of the table of runs with a ``subject``, the run that is looked into, and a ``question``.
So it has the states, the worker and the heartbeat of a run, and the bounds of the queue count it. Of equal
questions about one run one row is kept, the last. What an analysis found lies in the folder of its subject.
"""

import shutil
import time
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select

from bert_explorer.errors import QueueFullError, RunError
from bert_explorer.settings import Settings
from bert_explorer.training.records import ACTIVE, check_room, new_row
from bert_explorer.training.run import Run, RunState, hash_owner, new_run_id
from bert_explorer.training.run_folder import run_folder
from bert_explorer.training.schema import run_log, runs
from bert_explorer.training.store import RunStore

KEPT_AFTER_END_S = 24 * 3600.0  # that a browser which comes back reads what became of its analysis
MAX_OF_ONE_OWNER = 3  # active at a time: analyses go before trainings, and the places are everybody's


class RunAnalyses:
    """Acts on analyses by their id: whoever calls has asked before whose the run is (see RunQueue)."""

    def __init__(self, store: RunStore, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    def accept(self, run: Run, owner: str, question: str) -> Run:
        """A new analysis at the end of the queue, or the one of the same question that is under way.

        Raises RunError where there is no place for its folder, and QueueFullError past ``max_queued_runs``
        waiting trainings and analyses, or MAX_OF_ONE_OWNER active analyses of this owner.
        """
        folder = run_folder(new_run_id(), self._settings).path
        try:
            folder.mkdir(mode=0o700)
            job = self._create(run, owner, question, analysis_id=folder.name)
        except OSError as error:
            raise RunError(f"The measurement has no place in {folder}: {error.strerror}.") from error
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if job.id != folder.name:
            folder.rmdir()
        # Only now: a refused question leaves what became of the last one, and how long that took is known.
        self.forget([last for last in self._ended(run.id, question) if last.id != job.id])
        return job

    def latest(self, run_id: str, question: str) -> Run | None:
        """The analysis of just this question, at whatever point it is."""
        found = self._select(_asks(run_id, question))
        return found[-1] if found else None

    def of_run(self, run_id: str) -> tuple[Run, ...]:
        """All of one run, the oldest first."""
        return self._select(runs.c.subject == run_id)

    def outdated(self) -> tuple[Run, ...]:
        """Those that ended long ago."""
        return self._select(
            and_(runs.c.question.is_not(None), runs.c.ended_at < time.time() - KEPT_AFTER_END_S)
        )

    def forget(self, analyses: Sequence[Run]) -> None:
        """Removes ended analyses with the folders of their workers; what they found stays with the run."""
        analysis_ids = [analysis.id for analysis in analyses]
        chosen = and_(runs.c.id.in_(analysis_ids), runs.c.question.is_not(None), runs.c.state.not_in(ACTIVE))
        with self._store.engine.begin() as connection:
            connection.execute(delete(runs).where(chosen))
            connection.execute(delete(run_log).where(run_log.c.run_id.in_(analysis_ids)))
        for analysis_id in analysis_ids:
            shutil.rmtree(run_folder(analysis_id, self._settings).path, ignore_errors=True)

    def _create(self, run: Run, owner: str, question: str, *, analysis_id: str) -> Run:
        row = new_row(
            analysis_id,
            owner=owner,
            name=run.name,
            filename=run.filename,
            config=run.config,
            eta_s=self._last_duration_s(question),
            subject=run.id,
            question=question,
        )
        same = and_(_asks(run.id, question), runs.c.state.in_(ACTIVE))
        with self._store.one_at_a_time() as connection:
            under_way = connection.execute(select(runs.c.id).where(same)).scalar()
            if under_way is None:
                check_room(connection, self._settings.max_queued_runs)
                _check_share(connection, hash_owner(owner))
                connection.execute(insert(runs).values(row))
        return self._store.get(under_way or analysis_id)

    def _ended(self, run_id: str, question: str) -> tuple[Run, ...]:
        """Earlier analyses of the same question: a new one takes their place."""
        return tuple(found for found in self._select(_asks(run_id, question)) if not found.state.is_active)

    def _last_duration_s(self, question: str) -> float | None:
        """Seconds that this question took last, of any run; None where it was not asked lately."""
        answered = and_(runs.c.question == question, runs.c.state == RunState.FINISHED)
        query = select(runs.c.started_at, runs.c.ended_at).where(answered)
        with self._store.engine.connect() as connection:
            row = connection.execute(query.order_by(runs.c.ended_at.desc()).limit(1)).first()
        return row.ended_at - row.started_at if row is not None else None

    def _select(self, condition: ColumnElement[bool]) -> tuple[Run, ...]:
        return self._store.select_runs(select(runs).where(condition).order_by(runs.c.created_at, runs.c.id))


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
