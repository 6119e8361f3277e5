"""Alembic's environment: runs on the connection that it is given (see store/database.py)."""

from __future__ import annotations

from alembic import context

from sync_agent.engine.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
