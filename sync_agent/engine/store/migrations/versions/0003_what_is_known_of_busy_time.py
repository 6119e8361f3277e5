"""Intervals are found however many there are, and say whether they are whole days and why they do not block.

The table of seals goes: nothing ever stood in it. When a session was last checked follows from when its calendars
were last read (conflicts/seal.py), because the two are noted in one transaction; a row for each session and calendar
would say the same again and cost a write at each idle poll.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_agent.engine.store.types import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OPEN = sa.text("closed IS NULL")
_KEPT = sa.text("kept_times IS NOT NULL")


def upgrade() -> None:
    op.add_column("busy", sa.Column("all_day", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("busy", sa.Column("why_free", sa.String(length=16), server_default="", nullable=False))
    op.add_column("busy", sa.Column("is_long", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_busy_long",
        "busy",
        ["owner", "lo", "hi"],
        sqlite_where=sa.text("is_long = 1"),
        postgresql_where=sa.text("is_long"),
    )
    op.create_index("ix_conflict_b_open", "conflict", ["owner", "b"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_conflict_kept", "conflict", ["owner", "a", "b"], sqlite_where=_KEPT, postgresql_where=_KEPT)
    op.drop_table("seal")


def downgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("read_started", Instant(), nullable=False),
        sa.Column("read_done", Instant(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.id"], name=op.f("fk_seal_calendar_calendar"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["session"], ["session.id"], name=op.f("fk_seal_session_session"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("session", "calendar", name=op.f("pk_seal")),
    )
    op.drop_index("ix_conflict_kept", "conflict")
    op.drop_index("ix_conflict_b_open", "conflict")
    op.drop_index("ix_busy_long", "busy")
    op.drop_column("busy", "is_long")
    op.drop_column("busy", "why_free")
    op.drop_column("busy", "all_day")
