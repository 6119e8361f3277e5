"""Opening the store: pragmas, schema version, and the faults that a file can have, in words.

Alembic costs 0.6 s and 10 MiB to import, so it is loaded only when the schema is not the one of this version.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, inspect, text
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from sync_agent.engine.errors import StoreBroken, StoreFull, StoreTooNew

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

HEAD = "0012"
"""The schema revision that this code is written for; a test compares it with the migrations."""

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_TIMEOUT_MS = 15_000


def open_file(path: Path) -> Engine:
    """Open (and if needed create or migrate) the store in a file.

    Raises:
        StoreTooNew: written by a newer version; nothing was changed.
        StoreBroken: no database, or a damaged one; nothing was changed.
        StoreFull: no room for the schema.
    """
    engine = create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        connect_args={"check_same_thread": False, "cached_statements": 1024},
    )
    event.listen(engine, "connect", _set_pragmas)
    try:
        migrate(engine)
    except OperationalError as cause:
        engine.dispose()
        if is_full(cause):
            raise StoreFull from cause
        raise StoreBroken(reason=str(cause.orig), file=path.name) from cause
    except DatabaseError as cause:
        engine.dispose()
        raise StoreBroken(reason=str(cause.orig), file=path.name) from cause
    except StoreTooNew:
        engine.dispose()
        raise
    return engine


def migrate(engine: Engine) -> None:
    """Bring the schema to this version's.

    Raises:
        StoreTooNew: its revision is not one that this version knows.
    """
    found = _revision(engine)
    if found == HEAD:
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise StoreTooNew(found=found, ours=HEAD)
    with engine.begin() as connection:
        begin_writing(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def begin_writing(connection: Connection) -> None:
    """Begin a transaction that may write: it waits for other writers now, and never has to give up later.

    An event of SQLAlchemy could do it, but one listener makes every single statement a sixth dearer.
    """
    _begin(connection, "BEGIN IMMEDIATE")


def begin_reading(connection: Connection) -> None:
    """Begin a transaction that reads one consistent state and blocks no writer."""
    _begin(connection, "BEGIN")


def keep(connection: Connection) -> None:
    """Commit what was begun so."""
    if connection.dialect.name == "sqlite":
        _say(connection, "COMMIT")
    else:
        connection.commit()


def take_back(connection: Connection) -> None:
    """End what was begun so, and keep nothing of it."""
    if connection.dialect.name == "sqlite":
        _say(connection, "ROLLBACK")
    else:
        connection.rollback()


def _begin(connection: Connection, words: str) -> None:
    """Begin SQLite's transaction, past SQLAlchemy: each pass of an engine begins dozens.

    SQLAlchemy begins one of its own, of which SQLite hears nothing, and which goes on as long as the connection.
    """
    if connection.dialect.name != "sqlite":
        return
    if not connection.in_transaction():
        connection.begin()
    _say(connection, words)


def _say(connection: Connection, words: str) -> None:
    try:
        driver: Any = connection.connection.dbapi_connection
        driver.execute(words)
    except sqlite3.Error as cause:
        raise DBAPIError.instance(words, (), cause, sqlite3.Error) from cause


def alembic_config() -> Any:
    """Give Alembic's configuration for the engine's branch, without a file."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def is_full(cause: BaseException) -> bool:
    """Whether a database error means that the disk keeps nothing more (SQLITE_FULL, or an I/O error when growing)."""
    orig = getattr(cause, "orig", cause)
    code = getattr(orig, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        try:
            found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except DatabaseError:
            # Most probably it is new. Each start asks, so what SQLAlchemy knows of schemas is loaded only now.
            connection.rollback()
            if inspect(connection).has_table("alembic_version"):
                raise
            return None
        return found


def _set_pragmas(connection: sqlite3.Connection, record: object) -> None:
    # The driver's own transactions would begin late, at the first write: two readers that then both write would fail
    # with "database is locked" at once. We begin ourselves: `begin_writing`, `begin_reading`.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # FULL: an intention must be on the disk before its request leaves, also when the power goes (158 µs a commit).
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    # A first reading writes tens of megabytes: carried over to the file in few big strokes instead of many small ones.
    cursor.execute("PRAGMA wal_autocheckpoint = 4000")
    cursor.execute("PRAGMA cache_size = -8192")
    cursor.close()
