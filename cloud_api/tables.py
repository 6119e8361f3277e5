"""Every table of the Developer API, with the rules that the database itself holds.

Each row belongs to a tenant, and each key begins with it: no query can reach another tenant's row by its id alone.
The columns of `api_clients` are the customer's; the others stand beside them. Instants are UTC; a session's wall time
is text without a zone, because the hour on the wall is what was agreed (its zone stands beside it).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from cloud_api.database import Instant

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

_ID = String(36)
_Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite counts by itself only in a column of exactly this type.
_Counter = BigInteger().with_variant(Integer(), "sqlite")


def _tenant() -> Column[str]:
    return Column("tenant", _ID, ForeignKey("tenants.id"), nullable=False)


settings = Table(
    "settings",
    metadata,
    Column("name", String(50), primary_key=True),
    Column("value", Text, nullable=False),
    comment="What this installation made for itself: the key that signs cursors.",
)

tenants = Table(
    "tenants",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", _ID, nullable=False),
    _tenant(),
    Column("role", String(20), nullable=False),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("email", String(255), nullable=False, server_default=""),
    Column("zone", String(64), nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    CheckConstraint("role IN ('tutor', 'student', 'guardian', 'admin')", name="role_known"),
    CheckConstraint("version >= 1", name="version_counts"),
    Index("ix_users_role", "tenant", "role", "id"),
    comment="People. Single sign-on finds them by user_identities.",
)

user_identities = Table(
    "user_identities",
    metadata,
    _tenant(),
    Column("issuer", String(255), nullable=False),
    Column("subject", String(255), nullable=False),
    Column("user_id", _ID, nullable=False),
    PrimaryKeyConstraint("tenant", "issuer", "subject"),
    ForeignKeyConstraint(["tenant", "user_id"], ["users.tenant", "users.id"]),
)

guardian_students = Table(
    "guardian_students",
    metadata,
    _tenant(),
    Column("guardian_id", _ID, nullable=False),
    Column("student_id", _ID, nullable=False),
    PrimaryKeyConstraint("tenant", "guardian_id", "student_id"),
    ForeignKeyConstraint(["tenant", "guardian_id"], ["users.tenant", "users.id"]),
    ForeignKeyConstraint(
        ["tenant", "student_id"], ["users.tenant", "users.id"], name="fk_guardian_students_tenant_student_id"
    ),
    Index(None, "tenant", "student_id"),
)

tutor_students = Table(
    "tutor_students",
    metadata,
    _tenant(),
    Column("tutor_id", _ID, nullable=False),
    Column("student_id", _ID, nullable=False),
    PrimaryKeyConstraint("tenant", "tutor_id", "student_id"),
    ForeignKeyConstraint(["tenant", "tutor_id"], ["users.tenant", "users.id"]),
    ForeignKeyConstraint(
        ["tenant", "student_id"], ["users.tenant", "users.id"], name="fk_tutor_students_tenant_student_id"
    ),
    comment="Whom a tutor teaches or taught: what the tutor's devices may see of people.",
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", _ID, nullable=False),
    _tenant(),
    Column("version", Integer, nullable=False),
    Column("tutor_id", _ID, nullable=False),
    Column("series_id", String(64)),
    Column("title", String(300), nullable=False),
    Column("subject", String(100), nullable=False, server_default=""),
    Column("start_wall", String(19), nullable=False),
    Column("zone", String(64), nullable=False),
    Column("duration_minutes", Integer, nullable=False),
    Column("starts_at", Instant, nullable=False, comment="Derived from wall time and zone, for order and filters."),
    Column("ends_at", Instant, nullable=False, comment="Derived likewise."),
    Column("online", Boolean, nullable=False),
    Column("place", String(500), nullable=False, server_default=""),
    Column("status", String(20), nullable=False),
    Column("notes", Text, nullable=False, server_default=""),
    Column("chargeable", Boolean, nullable=False, server_default=true()),
    Column("chargeable_reason", String(300), nullable=False, server_default=""),
    Column("meeting_provider", String(50), nullable=False, server_default=""),
    Column("join_url", String(2048), nullable=False, server_default=""),
    Column("origins", Text, nullable=False, comment="JSON as it goes over the wire: a page of it is not read again."),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant", "tutor_id"], ["users.tenant", "users.id"]),
    CheckConstraint("status IN ('planned', 'completed', 'cancelled', 'no_show')", name="status_known"),
    CheckConstraint("duration_minutes BETWEEN 1 AND 1439", name="lasts_less_than_a_day"),
    CheckConstraint("version >= 1", name="version_counts"),
    CheckConstraint("(meeting_provider = '') = (join_url = '')", name="meeting_whole"),
    Index("ix_sessions_by_start", "tenant", "starts_at", "id"),
    Index("ix_sessions_by_tutor", "tenant", "tutor_id", "starts_at", "id"),
    comment="There is no column for a host's link, on purpose.",
)

session_students = Table(
    "session_students",
    metadata,
    _tenant(),
    Column("session_id", _ID, nullable=False),
    Column("student_id", _ID, nullable=False),
    Column("position", Integer, nullable=False),
    PrimaryKeyConstraint("tenant", "session_id", "student_id"),
    ForeignKeyConstraint(["tenant", "session_id"], ["sessions.tenant", "sessions.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["tenant", "student_id"], ["users.tenant", "users.id"], name="fk_session_students_tenant_student_id"
    ),
    Index(None, "tenant", "student_id"),
)

api_clients = Table(
    "api_clients",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("client_id", String(50), nullable=False, unique=True),
    Column("client_name", String(100), nullable=False),
    Column("client_email", String(255), nullable=False, server_default=""),
    Column("api_key_hash", String(255), nullable=False, comment="Mirrors the current row of client_keys."),
    Column("permissions", _Json, nullable=False),
    Column("rate_limit", Integer, nullable=False, server_default="1000"),
    Column("is_active", Boolean, nullable=False, server_default=true()),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    _tenant(),
    Column("kind", String(20), nullable=False),
    Column("tutor_id", _ID, comment="A device sees and changes this tutor's sessions only."),
    CheckConstraint("kind IN ('developer', 'agent', 'dashboard')", name="kind_known"),
    CheckConstraint("(kind = 'agent') = (tutor_id IS NOT NULL)", name="agent_has_tutor"),
    ForeignKeyConstraint(["tenant", "tutor_id"], ["users.tenant", "users.id"]),
)

client_keys = Table(
    "client_keys",
    metadata,
    Column("key_hash", String(64), primary_key=True),
    Column("client_id", String(50), ForeignKey("api_clients.client_id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, comment="Set when a newer key takes over; the old one works until then."),
    Column("revoked_at", Instant),
)

tokens = Table(
    "tokens",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("family", _ID, nullable=False, index=True, comment="All that came from one sign-in, ended together."),
    Column("client_id", String(50), ForeignKey("api_clients.client_id"), nullable=False, index=True),
    _tenant(),
    Column("scopes", _Json, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False, index=True),
    Column("used_at", Instant, comment="A refresh token works once; a second time ends its family."),
    Column("revoked_at", Instant),
    CheckConstraint("kind IN ('access', 'refresh')", name="kind_known"),
)

devices = Table(
    "devices",
    metadata,
    Column("id", _ID, nullable=False),
    _tenant(),
    Column("tutor_id", _ID, nullable=False),
    Column("client_id", String(50), ForeignKey("api_clients.client_id"), nullable=False, unique=True),
    Column("name", String(100), nullable=False),
    Column("paired_at", Instant, nullable=False),
    Column("seen_at", Instant, comment="When it last asked for leases."),
    Column("start_counter", BigInteger, nullable=False, server_default="0", comment="The highest that it ever told."),
    Column("boot", _ID, nullable=False, server_default="", comment="Of its newest start."),
    PrimaryKeyConstraint("tenant", "id"),
    ForeignKeyConstraint(["tenant", "tutor_id"], ["users.tenant", "users.id"]),
)

device_codes = Table(
    "device_codes",
    metadata,
    Column("code_hash", String(64), primary_key=True),
    _tenant(),
    Column("tutor_id", _ID, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("used_at", Instant),
    ForeignKeyConstraint(["tenant", "tutor_id"], ["users.tenant", "users.id"]),
)

calendar_leases = Table(
    "calendar_leases",
    metadata,
    _tenant(),
    Column("tutor_id", _ID, nullable=False),
    Column("key", String(64), nullable=False, comment="A hash: which calendar it is, only the tutor's devices know."),
    Column("holder", _ID, comment="A device; empty once it was given back."),
    Column("epoch", BigInteger, nullable=False, comment="Rises with each change of holder; a trigger holds it up."),
    Column("version", BigInteger, nullable=False, comment="Rises with each change, renewals too."),
    Column("expires_at", Instant, nullable=False),
    Column("links_version", BigInteger, nullable=False, server_default="0", comment="Rises with each write of links."),
    PrimaryKeyConstraint("tenant", "tutor_id", "key"),
    ForeignKeyConstraint(["tenant", "tutor_id"], ["users.tenant", "users.id"]),
    ForeignKeyConstraint(["tenant", "holder"], ["devices.tenant", "devices.id"]),
    CheckConstraint("epoch >= 1", name="epoch_counts"),
    CheckConstraint("version >= 1", name="version_counts"),
    Index(None, "tenant", "holder"),
    comment="Which of a tutor's devices may write to a calendar. What has ended stays, so that its epoch goes on.",
)

link_states = Table(
    "link_states",
    metadata,
    _tenant(),
    Column("tutor_id", _ID, nullable=False),
    Column("key", String(64), nullable=False),
    Column("session_id", _ID, nullable=False, comment="Perhaps not here yet: it may have been made offline."),
    Column("version", BigInteger, nullable=False, comment="The lease's links_version when it was written."),
    Column("incarnation", Integer, nullable=False),
    Column("uid", String(1024), nullable=False),
    Column("href", String(2048), nullable=False),
    Column("etag", String(1024)),
    Column("state", String(10), nullable=False),
    Column("bases", Text, nullable=False, comment="JSON as it goes over the wire."),
    Column("sent", Text, nullable=False, comment="Likewise."),
    Column("closed_why", String(40), nullable=False, server_default="", comment="In the device's own word."),
    PrimaryKeyConstraint("tenant", "tutor_id", "key", "session_id"),
    ForeignKeyConstraint(
        ["tenant", "tutor_id", "key"],
        ["calendar_leases.tenant", "calendar_leases.tutor_id", "calendar_leases.key"],
        ondelete="CASCADE",
    ),
    CheckConstraint("state IN ('want', 'live', 'held', 'closing', 'closed')", name="state_known"),
    Index("ix_link_states_by_version", "tenant", "tutor_id", "key", "version", "session_id", unique=True),
    comment="What the next holder of a lease must know. Our own fields only: nothing of foreign events.",
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("client_id", String(50), ForeignKey("api_clients.client_id"), nullable=False),
    Column("key", String(255), nullable=False),
    _tenant(),
    Column("fingerprint", String(64), nullable=False),
    Column("claim", _ID, nullable=False, comment="Who works on it; a claim that was taken over cannot settle."),
    Column("claimed_at", Instant, nullable=False),
    Column("is_settled", Boolean, nullable=False, server_default=false()),
    Column("status", Integer),
    Column("headers", _Json),
    Column("body", LargeBinary),
    PrimaryKeyConstraint("client_id", "key"),
    Index(None, "claimed_at"),
)

feed_heads = Table(
    "feed_heads",
    metadata,
    Column("tenant", _ID, ForeignKey("tenants.id"), primary_key=True),
    Column("epoch", _ID, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    comment="Its row is the lock under which numbers are given: they become visible in their order.",
)

feed = Table(
    "feed",
    metadata,
    Column("row", _Counter, primary_key=True, autoincrement=True),
    _tenant(),
    Column("seq", BigInteger, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("subject_id", _ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("audience", _ID, comment="The tutor whom it concerns; empty: everybody who knows the subject."),
    Column("at", Instant, nullable=False),
    UniqueConstraint("tenant", "seq"),
    CheckConstraint("kind IN ('session', 'student')", name="kind_known"),
)
