"""The Developer API, on SQLite and on PostgreSQL."""
