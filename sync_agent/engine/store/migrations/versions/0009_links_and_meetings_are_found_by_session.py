"""Links and meetings of a session are found by it, however many there are."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_link_session", "link", ["session"])
    op.create_index("ix_meeting_session", "meeting", ["session"])


def downgrade() -> None:
    op.drop_index("ix_meeting_session", "meeting")
    op.drop_index("ix_link_session", "link")
