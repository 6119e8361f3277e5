"""The schema's history (Alembic), a branch of its own: the engine's tables have theirs."""
