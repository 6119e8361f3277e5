"""Alembic's entry: runs within the transaction that `cloud_api.migrate` opened."""

from __future__ import annotations

from alembic import context

from cloud_api.migrate import VERSION_TABLE
from cloud_api.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
context.run_migrations()
