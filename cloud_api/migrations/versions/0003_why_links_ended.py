"""Why a link ended: no other device makes anew what a person let go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_why_links_ended"
down_revision = "0002_leases"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("link_states") as links:
        links.add_column(
            sa.Column(
                "closed_why",
                sa.String(length=40),
                nullable=False,
                server_default="",
                comment="In the device's own word.",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("link_states") as links:
        links.drop_column("closed_why")
