"""When the bases of a remote calendar were taken over, so that no plan is made before the calendar was read since."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_agent.engine.store.types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("lease")
    op.create_table(
        "lease",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("remote_calendar_key", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "remote_calendar_key", name=op.f("pk_lease")),
    )
    op.add_column("link", sa.Column("told", sa.String(length=64), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("link", "told")
    op.drop_table("lease")
    op.create_table(
        "lease",
        sa.Column("remote_calendar_key", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("remote_calendar_key", name=op.f("pk_lease")),
    )
