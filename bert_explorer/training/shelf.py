"""What people do with runs that have ended: name them, note, tag, throw them away, take them back.

A run in the bin is invisible to everything else, its model included; nothing of it is removed until
UNDO_S later, when the queue empties the bin.
"""

import json
import time
from collections.abc import Sequence

from sqlalchemy import and_, insert, select, update

from bert_explorer.errors import InputError, RunNotFoundError, RunStateError
from bert_explorer.training.manifest import Imported
from bert_explorer.training.records import ACTIVE, new_row, remove
from bert_explorer.training.run import Run, RunState, hash_owner
from bert_explorer.training.schema import runs
from bert_explorer.training.store import RunStore

UNDO_S = 600.0
MAX_NAME_CHARS = 100
MAX_NOTE_CHARS = 2_000
MAX_TAGS = 10
MAX_TAG_CHARS = 30
IMPORTED_TAG = "imported"


class RunShelf:
    """Acts on runs by their id: whoever calls has asked before whose they are (see RunQueue)."""

    def __init__(self, store: RunStore) -> None:
        self._store = store
        self._engine = store.engine

    def annotate(
        self,
        run_id: str,
        *,
        name: str | None = None,
        note: str | None = None,
        tags: Sequence[str] | None = None,
    ) -> None:
        """Changes what is given. Raises InputError where something is too long or too much."""
        values: dict[str, str] = {}
        if name is not None:
            values["name"] = _checked("name", name.strip(), MAX_NAME_CHARS)
            if not values["name"]:
                raise InputError("The name is empty. Type at least one letter.")
        if note is not None:
            values["note"] = _checked("note", note.strip(), MAX_NOTE_CHARS)
        if tags is not None:
            values["tags"] = json.dumps(_clean_tags(tags))
        if values:
            with self._engine.begin() as connection:
                connection.execute(update(runs).where(runs.c.id == run_id).values(**values))

    def add_imported(self, *, run_id: str, owner: str, name: str, filename: str, imported: Imported) -> None:
        """A finished run whose model came from elsewhere."""
        row = new_row(
            run_id,
            owner=owner,
            name=name[:MAX_NAME_CHARS],
            filename=filename,
            config=imported.config,
            state=RunState.FINISHED,
            labels=json.dumps(list(imported.labels)),
            metrics=json.dumps(imported.metrics),
            tags=json.dumps([IMPORTED_TAG]),
            progress=1.0,
        )
        row["started_at"] = row["ended_at"] = row["created_at"]
        with self._engine.begin() as connection:
            connection.execute(insert(runs).values(row))

    def discard(self, run_id: str) -> None:
        """Into the bin. RunStateError for a run that is waiting or running."""
        may_go = and_(runs.c.id == run_id, runs.c.deleted_at.is_(None), runs.c.state.not_in(ACTIVE))
        with self._engine.begin() as connection:
            moved = connection.execute(
                update(runs).where(may_go).values(deleted_at=time.time(), shared=False)
            )
        if not moved.rowcount:
            raise RunStateError("The run is waiting or running. Cancel it before you delete it.")

    def discarded(self, owner: str) -> tuple[Run, ...]:
        """This owner's runs in the bin that can still be taken back, the last thrown away first."""
        theirs = and_(runs.c.owner == hash_owner(owner), runs.c.deleted_at > time.time() - UNDO_S)
        query = select(runs).where(theirs).order_by(runs.c.deleted_at.desc(), runs.c.id)
        return self._store.select_runs(query)

    def restore(self, run_id: str, owner: str) -> None:
        """Out of the bin again. RunNotFoundError where this owner has no such run there."""
        theirs = and_(
            runs.c.id == run_id, runs.c.owner == hash_owner(owner), runs.c.deleted_at > time.time() - UNDO_S
        )
        with self._engine.begin() as connection:
            moved = connection.execute(update(runs).where(theirs).values(deleted_at=None))
        if not moved.rowcount:
            raise RunNotFoundError("This run cannot be taken back any more: it was removed for good.")

    def expired(self) -> tuple[str, ...]:
        """Ids of runs that nobody can take back any more."""
        query = select(runs.c.id).where(runs.c.deleted_at <= time.time() - UNDO_S)
        with self._engine.connect() as connection:
            return tuple(connection.execute(query).scalars())

    def forget(self, run_id: str) -> bool:
        """Removes an expired run from the database. False where somebody else just did."""
        with self._engine.begin() as connection:
            return remove(connection, run_id, runs.c.deleted_at <= time.time() - UNDO_S)


def _clean_tags(tags: Sequence[str]) -> list[str]:
    """In their order, without blanks around them, each once."""
    kept = list(dict.fromkeys(_checked("tag", tag.strip(), MAX_TAG_CHARS) for tag in tags if tag.strip()))
    if len(kept) > MAX_TAGS:
        raise InputError(f"There are {len(kept)} tags; at most {MAX_TAGS} fit. Leave some out.")
    return kept


def _checked(what: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise InputError(f"The {what} has {len(text):,} characters; at most {limit:,} fit.")
    return text
