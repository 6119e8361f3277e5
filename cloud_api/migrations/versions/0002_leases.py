"""Several laptops of one tutor: leases, link states, and what is known of each device's starts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_leases"
down_revision = "0001_first_floor"
branch_labels = None
depends_on = None

_Instant = sa.DateTime(timezone=True)
# No counter of a lease ever goes back, whatever a program of ours does: an old epoch must stay old.
_FELL = "NEW.epoch < OLD.epoch OR NEW.version < OLD.version OR NEW.links_version < OLD.links_version"
_WORDS = "the counters of a lease only rise"
_SQLITE_TRIGGER = f"""
CREATE TRIGGER calendar_leases_only_rise BEFORE UPDATE ON calendar_leases
WHEN {_FELL}
BEGIN SELECT RAISE(ABORT, '{_WORDS}'); END
"""
_POSTGRES_FUNCTION = f"""
CREATE FUNCTION calendar_leases_only_rise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {_FELL} THEN
        RAISE EXCEPTION '{_WORDS}' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""
_POSTGRES_TRIGGER = """
CREATE TRIGGER calendar_leases_only_rise BEFORE UPDATE ON calendar_leases
FOR EACH ROW EXECUTE FUNCTION calendar_leases_only_rise()
"""


def upgrade() -> None:
    with op.batch_alter_table("devices") as devices:
        devices.add_column(sa.Column("seen_at", _Instant, nullable=True, comment="When it last asked for leases."))
        devices.add_column(
            sa.Column(
                "start_counter",
                sa.BigInteger(),
                server_default="0",
                nullable=False,
                comment="The highest that it ever told.",
            )
        )
        devices.add_column(
            sa.Column("boot", sa.String(length=36), server_default="", nullable=False, comment="Of its newest start.")
        )
    _make_leases()
    _make_links()


def downgrade() -> None:
    op.drop_table("link_states")
    op.drop_table("calendar_leases")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION calendar_leases_only_rise()")
    with op.batch_alter_table("devices") as devices:
        for column in ("boot", "start_counter", "seen_at"):
            devices.drop_column(column)


def _make_leases() -> None:
    op.create_table(
        "calendar_leases",
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("tutor_id", sa.String(length=36), nullable=False),
        sa.Column(
            "key",
            sa.String(length=64),
            nullable=False,
            comment="A hash: which calendar it is, only the tutor's devices know.",
        ),
        sa.Column("holder", sa.String(length=36), nullable=True, comment="A device; empty once it was given back."),
        sa.Column(
            "epoch",
            sa.BigInteger(),
            nullable=False,
            comment="Rises with each change of holder; a trigger holds it up.",
        ),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="Rises with each change, renewals too."),
        sa.Column("expires_at", _Instant, nullable=False),
        sa.Column(
            "links_version",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="Rises with each write of links.",
        ),
        sa.CheckConstraint("epoch >= 1", name="ck_calendar_leases_epoch_counts"),
        sa.CheckConstraint("version >= 1", name="ck_calendar_leases_version_counts"),
        sa.ForeignKeyConstraint(
            ["tenant", "holder"], ["devices.tenant", "devices.id"], name="fk_calendar_leases_tenant_holder"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "tutor_id"], ["users.tenant", "users.id"], name="fk_calendar_leases_tenant_tutor_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_calendar_leases_tenant"),
        sa.PrimaryKeyConstraint("tenant", "tutor_id", "key", name="pk_calendar_leases"),
        comment="Which of a tutor's devices may write to a calendar. What has ended stays, so that its epoch goes on.",
    )
    op.create_index("ix_calendar_leases_tenant_holder", "calendar_leases", ["tenant", "holder"], unique=False)
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_POSTGRES_FUNCTION)
        op.execute(_POSTGRES_TRIGGER)
    else:
        op.execute(_SQLITE_TRIGGER)


def _make_links() -> None:
    op.create_table(
        "link_states",
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("tutor_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column(
            "session_id",
            sa.String(length=36),
            nullable=False,
            comment="Perhaps not here yet: it may have been made offline.",
        ),
        sa.Column("version", sa.BigInteger(), nullable=False, comment="The lease's links_version when it was written."),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("uid", sa.String(length=1024), nullable=False),
        sa.Column("href", sa.String(length=2048), nullable=False),
        sa.Column("etag", sa.String(length=1024), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("bases", sa.Text(), nullable=False, comment="JSON as it goes over the wire."),
        sa.Column("sent", sa.Text(), nullable=False, comment="Likewise."),
        sa.CheckConstraint("state IN ('want', 'live', 'held', 'closing', 'closed')", name="ck_link_states_state_known"),
        sa.ForeignKeyConstraint(
            ["tenant", "tutor_id", "key"],
            ["calendar_leases.tenant", "calendar_leases.tutor_id", "calendar_leases.key"],
            name="fk_link_states_tenant_tutor_id_key",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_link_states_tenant"),
        sa.PrimaryKeyConstraint("tenant", "tutor_id", "key", "session_id", name="pk_link_states"),
        comment="What the next holder of a lease must know. Our own fields only: nothing of foreign events.",
    )
    op.create_index(
        "ix_link_states_by_version",
        "link_states",
        ["tenant", "tutor_id", "key", "version", "session_id"],
        unique=True,
    )
