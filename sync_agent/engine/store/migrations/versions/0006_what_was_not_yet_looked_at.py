"""What came in and was not yet looked at for double bookings, so that a crash forgets nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_agent.engine.store.types import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unchecked",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("lo", Instant(), nullable=False),
        sa.Column("hi", Instant(), nullable=False),
        sa.Column("session", sa.String(length=64), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unchecked")),
    )


def downgrade() -> None:
    op.drop_table("unchecked")
