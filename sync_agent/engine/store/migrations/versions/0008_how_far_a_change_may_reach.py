"""What was not yet looked at says how far it may reach, so that one question finds the sessions for all of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_agent.engine.store.types import Instant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Only what a process that died left behind stands there: a long time stands in for its own, and is looked at once.
    op.add_column("unchecked", sa.Column("since", Instant(), server_default="1900-01-01 00:00:00", nullable=False))
    op.add_column("unchecked", sa.Column("until", Instant(), server_default="2100-01-01 00:00:00", nullable=False))


def downgrade() -> None:
    op.drop_column("unchecked", "until")
    op.drop_column("unchecked", "since")
