"""Opening a profile's database: made, migrated, refused with one clear sentence, and never changed when refused."""

from __future__ import annotations

import hashlib
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from sync_agent.engine.errors import StoreBroken, StoreFull, StoreTooNew
from sync_agent.engine.store.database import HEAD, alembic_config, open_file
from sync_agent.engine.store.store import Store
from sync_agent.engine.store.tables import metadata
from sync_agent.engine.values import Student


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_code_is_written_for_the_newest_revision() -> None:
    """Alembic is loaded only if the file says another one, so the number stands in the code, too."""
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_migrations_make_the_tables_that_the_code_names(store: Store) -> None:
    """On both databases, down to indexes."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_opened_again_it_has_what_was_kept(tmp_path: Path) -> None:
    """And is not migrated twice."""
    path = tmp_path / "tutorsync.db"
    first = Store(open_file(path), "me")
    with first.write() as connection:
        first.sessions.put_student(connection, Student("1", "李雨桐", "Asia/Shanghai"))
    first.close()

    second = Store(open_file(path), "me")

    with second.read() as connection:
        assert [student.name for student in second.sessions.students(connection)] == ["李雨桐"]
    second.close()


def test_a_profile_of_an_older_version_keeps_what_it_knew_and_reads_foreign_events_once_more(tmp_path: Path) -> None:
    """Whole days were not told apart then. What stands there stays in force until it is read; ours is not fetched."""
    path = tmp_path / "tutorsync.db"
    _as_of("0002", path)
    with sqlite3.connect(path) as raw:
        raw.executescript(_OLD_ROWS)
    raw.close()

    store = Store(open_file(path), "me")

    day = datetime(2026, 11, 26, tzinfo=UTC)
    with store.read() as connection:
        assert [row.uid for row in store.bookings.touching(connection, day, day + timedelta(hours=9))] == [
            "trip",
            "gym",
        ]
        assert list(store.accounts.cursors(connection)) == ["agency"]
        etags = connection.exec_driver_sql("SELECT id, etag FROM remote_obj ORDER BY id").all()
    assert [tuple(row) for row in etags] == [("foreign", None), ("ours", "2")]
    store.close()


def _as_of(revision: str, path: Path) -> None:
    """Make a database as an older version made it."""
    engine = create_engine(f"sqlite:///{path}")
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


_OLD_ROWS = """
INSERT INTO account (owner, id, provider, issuer, subject, name, display, base_url, settings, created_at, quirks)
    VALUES ('me', 'acc', 'caldav', 'i', 's', 'n', 'd', 'u', '{}', '2026-11-01 00:00:00', '{}');
INSERT INTO calendar (owner, id, account, remote_id, name, role, access)
    VALUES ('me', 'work', 'acc', 'w', 'Work', 'busy', 'write'), ('me', 'agency', 'acc', 'a', 'A', 'platform', 'write');
INSERT INTO cursor (calendar, kind, token) VALUES ('work', 'sync-token', '7'), ('agency', 'feed', '8');
INSERT INTO remote_obj (owner, id, calendar, href_norm, href_raw, uid, etag, body, fields)
    VALUES ('me', 'foreign', 'work', '/g', '/g', 'gym', '1', '', '{}'),
        ('me', 'ours', 'work', '/m', '/m', 'm', '2', 'x', '{}');
INSERT INTO busy (owner, calendar, uid, lo, hi, opaque, recurring) VALUES
    ('me', 'work', 'gym', '2026-11-26 08:00:00.000000', '2026-11-26 09:00:00.000000', 1, 0),
    ('me', 'work', 'trip', '2026-11-01 00:00:00.000000', '2026-12-01 00:00:00.000000', 1, 0);
"""


def test_bad_input_a_database_from_a_newer_version_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    """Downgraded by hand: the newer version must find everything as it was."""
    path = tmp_path / "tutorsync.db"
    open_file(path).dispose()
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0999'")
    raw.close()
    before = digest(path)

    with pytest.raises(StoreTooNew, match="newer version") as told:
        open_file(path)

    assert digest(path) == before
    assert told.value.code == "store.too_new"
    assert not path.with_name("tutorsync.db-wal").exists() or not path.with_name("tutorsync.db-wal").stat().st_size


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"This is a letter, no database.\n" * 100, id="another file"),
        pytest.param(b"SQLite format 3\x00" + b"\xff" * 8000, id="a damaged one"),
    ],
)
def test_bad_input_a_broken_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    """The disk was dying, or something else lies there."""
    path = tmp_path / "tutorsync.db"
    path.write_bytes(content)

    with pytest.raises(StoreBroken, match="cannot be read") as told:
        open_file(path)

    assert path.read_bytes() == content
    assert "tutorsync.db" in told.value.action or "tutorsync.db" in str(told.value.facts)


def test_bad_input_a_full_disk_keeps_what_was_kept(tmp_path: Path) -> None:
    """The unit of work that did not fit is not there, the one before is; and it goes on when there is room."""
    store = Store(open_file(tmp_path / "tutorsync.db"), "me")
    with store.write() as connection:
        store.sessions.put_student(connection, Student("1", "Mia", "Europe/Berlin"))
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(StoreFull, match="disk is full"):
        _store_many(store)

    with store.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
        store.sessions.put_student(connection, Student("2", "Ben", "Europe/Berlin"))
        assert [student.id for student in store.sessions.students(connection)] == ["2", "1"]
    store.close()


def _store_many(store: Store) -> None:
    with store.write() as connection:
        for number in range(5000):
            store.sessions.put_student(connection, Student(f"n{number}", "x" * 200, "Europe/Berlin"))
