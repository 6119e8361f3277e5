"""What was not understood, what the auditor found, and what the store knows about its own making."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_agent.engine.store.types import Instant, JsonText

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doubt",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("href_norm", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("starts", sa.Text(), server_default="", nullable=False),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.id"], name=op.f("fk_doubt_calendar_calendar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("calendar", "href_norm", "code", name=op.f("pk_doubt")),
    )
    op.create_table(
        "audit_run",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("equal", sa.Integer(), nullable=False),
        sa.Column("differences", JsonText(), nullable=False),
        sa.Column("not_read", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_audit_run_account_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_run")),
        sa.CheckConstraint("equal <= compared", name=op.f("ck_audit_run_counted")),
    )
    op.create_index("ix_audit_run_account_done_at", "audit_run", ["account", "done_at"])
    op.create_table(
        "store_fact",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_store_fact")),
    )
    op.add_column("calendar", sa.Column("all_day_blocks", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("calendar", sa.Column("compared_at", Instant(), nullable=True))


def downgrade() -> None:
    # Not in a batch: that makes the table anew, and dropping the old one would take along all that hangs on its rows.
    op.drop_column("calendar", "compared_at")
    op.drop_column("calendar", "all_day_blocks")
    op.drop_table("store_fact")
    op.drop_index("ix_audit_run_account_done_at", "audit_run")
    op.drop_table("audit_run")
    op.drop_table("doubt")
