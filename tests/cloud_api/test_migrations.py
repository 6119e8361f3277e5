"""The schema's history: what it makes is what the code expects, forth and back."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from cloud_api.database import Database
from cloud_api.migrate import VERSION_TABLE, configuration, migrate
from cloud_api.tables import api_clients, metadata

# The customer's columns: none is dropped or renamed.
API_CLIENTS = [
    "id",
    "client_id",
    "client_name",
    "client_email",
    "api_key_hash",
    "permissions",
    "rate_limit",
    "is_active",
    "created_at",
    "updated_at",
]


def test_the_history_leads_to_the_tables_of_the_code(database: Database) -> None:
    """Nobody forgot a revision."""
    with database.writing() as connection:
        options = {"version_table": VERSION_TABLE, "include_object": _is_ours, "compare_type": False}
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, metadata) == []


def test_migrating_twice_is_migrating_once(database: Database) -> None:
    """Each start of the server does it."""
    assert migrate(database) == migrate(database)


def test_every_revision_can_be_taken_back(tmp_path: object) -> None:
    """Down to nothing, and up again."""
    database = Database(f"sqlite:///{tmp_path}/history.db")
    migrate(database)

    with database.writing() as connection:
        command.downgrade(configuration(connection), "base")
        left = set(inspect(connection).get_table_names())
    revision = migrate(database)

    assert left == {VERSION_TABLE}
    with database.reading() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one() == revision
    database.close()


def test_the_customers_columns_are_there() -> None:
    """More may stand beside them."""
    assert [name for name in API_CLIENTS if name not in api_clients.c] == []
    assert api_clients.c.client_id.type.length == 50


def _is_ours(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return not (kind == "table" and name == VERSION_TABLE)
