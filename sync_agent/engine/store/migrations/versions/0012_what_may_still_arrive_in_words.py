"""What may still arrive, as it was sent: what a server cut of it is known by its words alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("echo", sa.Column("value", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("echo", "value")
