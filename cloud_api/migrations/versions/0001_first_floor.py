"""The first floor: tenants, people, sessions, clients and their tokens, devices, the feed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_first_floor"
down_revision = None
branch_labels = ("cloud",)
depends_on = None

_Instant = sa.DateTime(timezone=True)
_Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


_TABLES = (
    "feed",
    "feed_heads",
    "device_codes",
    "devices",
    "idempotency_keys",
    "tokens",
    "client_keys",
    "api_clients",
    "session_students",
    "sessions",
    "tutor_students",
    "guardian_students",
    "user_identities",
    "users",
    "tenants",
    "settings",
)


def upgrade() -> None:
    _make_installation()
    _make_people()
    _make_sessions()
    _make_clients()
    _make_devices()
    _make_feed()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)


def _make_installation() -> None:
    op.create_table(
        "settings",
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
        comment="What this installation made for itself: the key that signs cursors.",
    )
    op.create_table(
        "tenants",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("created_at", _Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
        sa.UniqueConstraint("name", name="uq_tenants_name"),
    )


def _make_people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=255), server_default="", nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", _Instant, nullable=False),
        sa.Column("updated_at", _Instant, nullable=False),
        sa.CheckConstraint("role IN ('tutor', 'student', 'guardian', 'admin')", name="ck_users_role_known"),
        sa.CheckConstraint("version >= 1", name="ck_users_version_counts"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_users_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_users"),
        comment="People. Single sign-on finds them by user_identities.",
    )
    op.create_index("ix_users_role", "users", ["tenant", "role", "id"], unique=False)
    op.create_table(
        "user_identities",
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "user_id"], ["users.tenant", "users.id"], name="fk_user_identities_tenant_user_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_user_identities_tenant"),
        sa.PrimaryKeyConstraint("tenant", "issuer", "subject", name="pk_user_identities"),
    )
    op.create_table(
        "guardian_students",
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("guardian_id", sa.String(length=36), nullable=False),
        sa.Column("student_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "guardian_id"], ["users.tenant", "users.id"], name="fk_guardian_students_tenant_guardian_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "student_id"], ["users.tenant", "users.id"], name="fk_guardian_students_tenant_student_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_guardian_students_tenant"),
        sa.PrimaryKeyConstraint("tenant", "guardian_id", "student_id", name="pk_guardian_students"),
    )
    op.create_index(
        "ix_guardian_students_tenant_student_id", "guardian_students", ["tenant", "student_id"], unique=False
    )
    op.create_table(
        "tutor_students",
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("tutor_id", sa.String(length=36), nullable=False),
        sa.Column("student_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "student_id"], ["users.tenant", "users.id"], name="fk_tutor_students_tenant_student_id"
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "tutor_id"], ["users.tenant", "users.id"], name="fk_tutor_students_tenant_tutor_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_tutor_students_tenant"),
        sa.PrimaryKeyConstraint("tenant", "tutor_id", "student_id", name="pk_tutor_students"),
        comment="Whom a tutor teaches or taught: what the tutor's devices may see of people.",
    )


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tutor_id", sa.String(length=36), nullable=False),
        sa.Column("series_id", sa.String(length=64), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=100), server_default="", nullable=False),
        sa.Column("start_wall", sa.String(length=19), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column(
            "starts_at", _Instant, nullable=False, comment="Derived from wall time and zone, for order and filters."
        ),
        sa.Column("ends_at", _Instant, nullable=False, comment="Derived likewise."),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=500), server_default="", nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("chargeable", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("chargeable_reason", sa.String(length=300), server_default="", nullable=False),
        sa.Column("meeting_provider", sa.String(length=50), server_default="", nullable=False),
        sa.Column("join_url", sa.String(length=2048), server_default="", nullable=False),
        sa.Column(
            "origins",
            sa.Text(),
            nullable=False,
            comment="JSON as it goes over the wire: a page of it is not read again.",
        ),
        sa.Column("created_at", _Instant, nullable=False),
        sa.Column("updated_at", _Instant, nullable=False),
        sa.CheckConstraint("(meeting_provider = '') = (join_url = '')", name="ck_sessions_meeting_whole"),
        sa.CheckConstraint(
            "status IN ('planned', 'completed', 'cancelled', 'no_show')", name="ck_sessions_status_known"
        ),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1439", name="ck_sessions_lasts_less_than_a_day"),
        sa.CheckConstraint("version >= 1", name="ck_sessions_version_counts"),
        sa.ForeignKeyConstraint(
            ["tenant", "tutor_id"], ["users.tenant", "users.id"], name="fk_sessions_tenant_tutor_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_sessions_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_sessions"),
        comment="There is no column for a host's link, on purpose.",
    )
    op.create_index("ix_sessions_by_start", "sessions", ["tenant", "starts_at", "id"], unique=False)
    op.create_index("ix_sessions_by_tutor", "sessions", ["tenant", "tutor_id", "starts_at", "id"], unique=False)
    op.create_table(
        "session_students",
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("student_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "session_id"],
            ["sessions.tenant", "sessions.id"],
            name="fk_session_students_tenant_session_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant", "student_id"], ["users.tenant", "users.id"], name="fk_session_students_tenant_student_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_session_students_tenant"),
        sa.PrimaryKeyConstraint("tenant", "session_id", "student_id", name="pk_session_students"),
    )
    op.create_index("ix_session_students_tenant_student_id", "session_students", ["tenant", "student_id"], unique=False)


def _make_clients() -> None:
    op.create_table(
        "api_clients",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=50), nullable=False),
        sa.Column("client_name", sa.String(length=100), nullable=False),
        sa.Column("client_email", sa.String(length=255), server_default="", nullable=False),
        sa.Column(
            "api_key_hash", sa.String(length=255), nullable=False, comment="Mirrors the current row of client_keys."
        ),
        sa.Column("permissions", _Json, nullable=False),
        sa.Column("rate_limit", sa.Integer(), server_default="1000", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("created_at", _Instant, nullable=False),
        sa.Column("updated_at", _Instant, nullable=False),
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "tutor_id",
            sa.String(length=36),
            nullable=True,
            comment="A device sees and changes this tutor's sessions only.",
        ),
        sa.CheckConstraint("(kind = 'agent') = (tutor_id IS NOT NULL)", name="ck_api_clients_agent_has_tutor"),
        sa.CheckConstraint("kind IN ('developer', 'agent', 'dashboard')", name="ck_api_clients_kind_known"),
        sa.ForeignKeyConstraint(
            ["tenant", "tutor_id"], ["users.tenant", "users.id"], name="fk_api_clients_tenant_tutor_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_api_clients_tenant"),
        sa.PrimaryKeyConstraint("id", name="pk_api_clients"),
        sa.UniqueConstraint("client_id", name="uq_api_clients_client_id"),
    )
    op.create_table(
        "client_keys",
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=50), nullable=False),
        sa.Column("created_at", _Instant, nullable=False),
        sa.Column(
            "expires_at",
            _Instant,
            nullable=True,
            comment="Set when a newer key takes over; the old one works until then.",
        ),
        sa.Column("revoked_at", _Instant, nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["api_clients.client_id"], name="fk_client_keys_client_id"),
        sa.PrimaryKeyConstraint("key_hash", name="pk_client_keys"),
    )
    op.create_index("ix_client_keys_client_id", "client_keys", ["client_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column(
            "family", sa.String(length=36), nullable=False, comment="All that came from one sign-in, ended together."
        ),
        sa.Column("client_id", sa.String(length=50), nullable=False),
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("scopes", _Json, nullable=False),
        sa.Column("issued_at", _Instant, nullable=False),
        sa.Column("expires_at", _Instant, nullable=False),
        sa.Column(
            "used_at", _Instant, nullable=True, comment="A refresh token works once; a second time ends its family."
        ),
        sa.Column("revoked_at", _Instant, nullable=True),
        sa.CheckConstraint("kind IN ('access', 'refresh')", name="ck_tokens_kind_known"),
        sa.ForeignKeyConstraint(["client_id"], ["api_clients.client_id"], name="fk_tokens_client_id"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_tokens_tenant"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_tokens"),
    )
    op.create_index("ix_tokens_client_id", "tokens", ["client_id"], unique=False)
    op.create_index("ix_tokens_expires_at", "tokens", ["expires_at"], unique=False)
    op.create_index("ix_tokens_family", "tokens", ["family"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("client_id", sa.String(length=50), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column(
            "claim",
            sa.String(length=36),
            nullable=False,
            comment="Who works on it; a claim that was taken over cannot settle.",
        ),
        sa.Column("claimed_at", _Instant, nullable=False),
        sa.Column("is_settled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", _Json, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["api_clients.client_id"], name="fk_idempotency_keys_client_id"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_idempotency_keys_tenant"),
        sa.PrimaryKeyConstraint("client_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_claimed_at", "idempotency_keys", ["claimed_at"], unique=False)


def _make_devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("tutor_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=50), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("paired_at", _Instant, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["api_clients.client_id"], name="fk_devices_client_id"),
        sa.ForeignKeyConstraint(
            ["tenant", "tutor_id"], ["users.tenant", "users.id"], name="fk_devices_tenant_tutor_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_devices_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_devices"),
        sa.UniqueConstraint("client_id", name="uq_devices_client_id"),
    )
    op.create_table(
        "device_codes",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("tutor_id", sa.String(length=36), nullable=False),
        sa.Column("created_at", _Instant, nullable=False),
        sa.Column("expires_at", _Instant, nullable=False),
        sa.Column("used_at", _Instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "tutor_id"], ["users.tenant", "users.id"], name="fk_device_codes_tenant_tutor_id"
        ),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_device_codes_tenant"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_device_codes"),
    )


def _make_feed() -> None:
    op.create_table(
        "feed_heads",
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("epoch", sa.String(length=36), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_feed_heads_tenant"),
        sa.PrimaryKeyConstraint("tenant", name="pk_feed_heads"),
        comment="Its row is the lock under which numbers are given: they become visible in their order.",
    )
    op.create_table(
        "feed",
        sa.Column("row", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=36), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=36), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "audience",
            sa.String(length=36),
            nullable=True,
            comment="The tutor whom it concerns; empty: everybody who knows the subject.",
        ),
        sa.Column("at", _Instant, nullable=False),
        sa.CheckConstraint("kind IN ('session', 'student')", name="ck_feed_kind_known"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], name="fk_feed_tenant"),
        sa.PrimaryKeyConstraint("row", name="pk_feed"),
        sa.UniqueConstraint("tenant", "seq", name="uq_feed_tenant_seq"),
    )
