"""What was sent to the platform: asked what became of it, the platform needs the very same request once more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_agent.engine.store.types import JsonText

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("intent", sa.Column("record", JsonText(), nullable=True))


def downgrade() -> None:
    op.drop_column("intent", "record")
