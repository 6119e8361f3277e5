"""What older versions kept of foreign events does not say whether they are whole days: they are read once more.

Only the next reading costs more. What was known stays in force until then, and nothing is taken as gone: cursors are
dropped and ETags forgotten, so every event is fetched, compared and stored anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_calendar = sa.table("calendar", sa.column("id"), sa.column("role"))
_remote_obj = sa.table("remote_obj", sa.column("calendar"), sa.column("body"), sa.column("etag"))
_cursor = sa.table("cursor", sa.column("calendar"))
_LASTS_LONG = {
    "sqlite": "UPDATE busy SET is_long = 1 WHERE julianday(hi) - julianday(lo) > 2",
    "postgresql": "UPDATE busy SET is_long = true WHERE hi - lo > interval '2 days'",
}


def upgrade() -> None:
    op.execute(sa.text(_LASTS_LONG[op.get_bind().dialect.name]))
    read = sa.select(_calendar.c.id).where(_calendar.c.role.not_in(("platform", "ignore"))).scalar_subquery()
    is_foreign = sa.and_(_remote_obj.c.body == "", _remote_obj.c.calendar.in_(read))
    op.execute(sa.update(_remote_obj).where(is_foreign).values(etag=None))
    op.execute(sa.delete(_cursor).where(_cursor.c.calendar.in_(read)))


def downgrade() -> None:
    """Nothing to take back: an older version reads on as it would after a dead token."""
