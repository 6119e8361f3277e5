"""The engine's tables and repositories. SQLAlchemy Core; rows never leave this room, frozen values do."""
