"""Since when a calendar is gone: what its account lacks since before then may lie in it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_agent.engine.store.types import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("calendar", sa.Column("gone_since", Instant(), nullable=True))


def downgrade() -> None:
    op.drop_column("calendar", "gone_since")
