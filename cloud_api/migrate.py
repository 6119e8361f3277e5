"""Brings a database to the schema of this version, and leaves one of a newer version alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from cloud_api.database import Database

VERSION_TABLE = "cloud_schema_version"
_SCRIPTS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x7475746F72  # "tutor": one process migrates at a time


class DatabaseTooNew(Exception):
    """The database was written by a newer TutorSync."""

    code = "database.newer"

    def __init__(self, revision: str) -> None:
        self.revision = revision
        super().__init__(
            f"This database was made by a newer version of TutorSync (schema {revision}). Nothing was changed; "
            "install the newer version, or restore the backup from before the update."
        )


def migrate(database: Database) -> str:
    """Bring the schema up to date; gives the revision that is there now.

    Raises:
        DatabaseTooNew: it knows revisions that this version does not. Nothing was changed.
    """
    with database.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        config = configuration(connection)
        scripts = ScriptDirectory.from_config(config)
        _require_known(connection, scripts)
        command.upgrade(config, "cloud@head")
        return scripts.get_current_head() or ""


def configuration(connection: Connection) -> Config:
    """Give Alembic's configuration for this open transaction."""
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _require_known(connection: Connection, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    for revision in context.get_current_heads():
        if revision not in known:
            raise DatabaseTooNew(revision)
