"""Alembic revisions of the engine's branch: one a change, reversible."""
