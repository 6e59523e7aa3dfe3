"""The tables of the run store, and how to open them in any SQL database.

SQLite, the default, is opened in WAL mode: the pages read while a worker writes. Every commit is
flushed to the disk (synchronous=FULL), since an accepted run must survive a power cut.
"""

import time
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    event,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from bert_explorer.errors import SettingsError

SCHEMA_VERSION = 3
MIGRATIONS = {  # version -> what leads from it to the next
    1: (
        "ALTER TABLE runs ADD COLUMN note TEXT DEFAULT '' NOT NULL",
        "ALTER TABLE runs ADD COLUMN tags TEXT DEFAULT '[]' NOT NULL",
        "ALTER TABLE runs ADD COLUMN deleted_at DOUBLE PRECISION",
    ),
    2: (
        "ALTER TABLE runs ADD COLUMN subject VARCHAR(32)",
        "ALTER TABLE runs ADD COLUMN question TEXT",
    ),
}
BUSY_TIMEOUT_S = 30
OPEN_ATTEMPTS = 5
metadata = MetaData()

# One row. Changed at the beginning of every transaction that counts runs before it writes, so that
# such transactions happen one after the other in every database.
store_info = Table(
    "store_info",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("schema_version", Integer, nullable=False),
    Column("num_changes", Integer, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(64), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("config", Text, nullable=False),  # JSON of FineTuneConfig
    Column("filename", Text, nullable=False),
    Column("created_at", Double, nullable=False),  # this and all times: seconds since 1970, UTC
    Column("queued_at", Double, nullable=False),
    Column("started_at", Double),
    Column("ended_at", Double),
    Column("heartbeat_at", Double),
    Column("progress", Double, nullable=False, default=0.0),
    Column("eta_s", Double),
    Column("phase", Text, nullable=False, default=""),
    Column("error", Text),
    Column("metrics", Text),  # JSON, when finished
    Column("labels", Text, nullable=False, default="[]"),  # JSON list
    Column("shared", Boolean, nullable=False, default=False),
    Column("cancel_requested_at", Double),
    Column("handle", Text),
    Column("note", Text, nullable=False, default=""),
    Column("tags", Text, nullable=False, default="[]"),  # JSON list
    Column("deleted_at", Double),  # in the bin since then
    Column("subject", String(32)),  # of an analysis: the run that is looked into
    Column("question", Text),  # of an analysis: what is asked, as JSON; NULL for a training
)

run_metrics = Table(
    "run_metrics",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("epoch", Double, nullable=False),
    Column("value", Double, nullable=False),
)

run_log = Table(
    "run_log",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", String(32), nullable=False, index=True),
    Column("at", Double, nullable=False),
    Column("text", Text, nullable=False),
)


def open_database(url: str) -> Engine:
    """Engine of a database that has the tables. Raises SettingsError where it cannot be opened."""
    try:
        engine = _create_engine(url)
    except (ArgumentError, NoSuchModuleError, ImportError, OSError) as error:
        raise SettingsError(
            f"The run database cannot be used ({error}). Check BERT_EXPLORER_HOME and "
            "BERT_EXPLORER_DATABASE_URL (an example: sqlite:////data/explorer.sqlite3)."
        ) from error
    _create_tables(engine)
    _migrate(engine)
    _check_version(engine)
    return engine


def _create_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(parsed, connect_args={"timeout": BUSY_TIMEOUT_S})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_S * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _create_tables(engine: Engine) -> None:
    """Two processes may do this at once on a new database: the slower one finds the tables there."""
    for attempt in range(1, OPEN_ATTEMPTS + 1):
        try:
            metadata.create_all(engine)
            with engine.begin() as connection:
                if connection.execute(select(store_info.c.id)).first() is None:
                    row = {"id": 1, "schema_version": SCHEMA_VERSION, "num_changes": 0}
                    connection.execute(insert(store_info).values(row))
            return
        except DBAPIError as error:
            if attempt == OPEN_ATTEMPTS:
                raise SettingsError(
                    f"The run database {engine.url.render_as_string(hide_password=True)} cannot be opened: "
                    f"{error.orig}. Check BERT_EXPLORER_HOME and BERT_EXPLORER_DATABASE_URL."
                ) from error
            time.sleep(0.1 * attempt)


def _migrate(engine: Engine) -> None:
    """Old databases get what newer versions added, one version a transaction.

    The transaction begins with the change of the version, so of two processes that open an old database
    at once one migrates it, and the other one waits and finds nothing left to do.
    """
    for version, statements in sorted(MIGRATIONS.items()):
        is_old = store_info.c.schema_version == version
        with engine.begin() as connection:
            moved = connection.execute(update(store_info).where(is_old).values(schema_version=version + 1))
            for statement in statements if moved.rowcount else ():
                connection.execute(text(statement))


def _check_version(engine: Engine) -> None:
    with engine.connect() as connection:
        version = connection.execute(select(store_info.c.schema_version)).scalar_one()
    if version != SCHEMA_VERSION:
        raise SettingsError(
            f"The run database has version {version}; this program knows version {SCHEMA_VERSION}. Update "
            "the program, or point BERT_EXPLORER_HOME to a new folder."
        )
