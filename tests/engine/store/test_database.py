"""Opening a profile's database: made, migrated, refused with one clear sentence, and never changed when refused."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

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
