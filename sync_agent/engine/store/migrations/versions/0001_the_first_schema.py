"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from sync_agent.engine.store.types import Instant, JsonText

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("display", sa.Text(), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("settings", JsonText(), nullable=False),
        sa.Column("held_by", sa.String(length=8), server_default="device", nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("last_success_at", Instant(), nullable=True),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_code", sa.Text(), server_default="", nullable=False),
        sa.Column("error_words", sa.Text(), server_default="", nullable=False),
        sa.Column("remedy", sa.Text(), server_default="", nullable=False),
        sa.Column("next_try_at", Instant(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("quirks", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint(
            "owner", "provider", "issuer", "subject", name=op.f("uq_account_owner_provider_issuer_subject")
        ),
    )
    op.create_table(
        "activity",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=True),
        sa.Column("calendar", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("field_group", sa.String(length=16), server_default="", nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("lost_value", sa.Text(), nullable=True),
        sa.Column("undo_of", sa.String(length=64), nullable=True),
        sa.Column("facts", JsonText(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_activity")),
        sa.UniqueConstraint("id", name=op.f("uq_activity_id")),
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("ix_activity_session", ["session"], unique=False)
        batch_op.create_index("ix_activity_undo_of", ["undo_of"], unique=False)

    op.create_table(
        "conflict",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("a", sa.Text(), nullable=False),
        sa.Column("b", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("opened", Instant(), nullable=False),
        sa.Column("closed", Instant(), nullable=True),
        sa.Column("closed_why", sa.Text(), server_default="", nullable=False),
        sa.Column("kept_times", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conflict")),
    )
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.create_index(
            "uq_conflict_owner_a_b_open",
            ["owner", "a", "b"],
            unique=True,
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        )

    op.create_table(
        "device",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("start_counter", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_table(
        "echo",
        sa.Column("obj_key", sa.Text(), nullable=False),
        sa.Column("field_group", sa.String(length=16), nullable=False),
        sa.Column("words_hash", sa.String(length=64), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("obj_key", "field_group", "words_hash", name=op.f("pk_echo")),
    )
    op.create_table(
        "feed",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("origin", JsonText(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "seq", name=op.f("pk_feed")),
    )
    op.create_table(
        "intent",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("obj_key", sa.Text(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=True),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=True),
        sa.Column("verb", sa.String(length=8), nullable=False),
        sa.Column("href", sa.Text(), server_default="", nullable=False),
        sa.Column("fields", JsonText(), nullable=False),
        sa.Column("if_match", sa.Text(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("lease_epoch", sa.Integer(), server_default="0", nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("answer_etag", sa.Text(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("state IN ('sent','unknown','settled','given_up')", name=op.f("ck_intent_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent")),
    )
    with op.batch_alter_table("intent", schema=None) as batch_op:
        batch_op.create_index("ix_intent_account_state", ["account", "state"], unique=False)
        batch_op.create_index("ix_intent_sent_at", ["sent_at"], unique=False)
        batch_op.create_index(
            "uq_intent_obj_key_unsettled",
            ["obj_key"],
            unique=True,
            sqlite_where=sa.text("state IN ('sent','unknown')"),
            postgresql_where=sa.text("state IN ('sent','unknown')"),
        )

    op.create_table(
        "lease",
        sa.Column("remote_calendar_key", sa.Text(), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("remote_calendar_key", name=op.f("pk_lease")),
    )
    op.create_table(
        "question",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("cause_key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("frozen_set", JsonText(), nullable=False),
        sa.Column("facts", JsonText(), nullable=False),
        sa.Column("opened", Instant(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("closed_why", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
        sa.UniqueConstraint("owner", "cause_key", name=op.f("uq_question_owner_cause_key")),
    )
    op.create_table(
        "session",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("start_wall", sa.String(length=19), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("duration_s", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("chargeable", sa.Boolean(), nullable=False),
        sa.Column("origins", JsonText(), nullable=False),
        sa.Column("ended_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("settled_version", sa.Integer(), nullable=True),
        sa.CheckConstraint("status IN ('planned','completed','cancelled','no_show')", name=op.f("ck_session_status")),
        sa.CheckConstraint("duration_s > 0 AND duration_s < 86400", name=op.f("ck_session_lasts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index("ix_session_owner_starts_at", ["owner", "starts_at"], unique=False)
        batch_op.create_index(
            "ix_session_unsettled",
            ["owner", "starts_at"],
            unique=False,
            sqlite_where=sa.text("settled_version IS NULL"),
            postgresql_where=sa.text("settled_version IS NULL"),
        )

    op.create_table(
        "student",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("provider", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_student")),
    )
    op.create_table(
        "calendar",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("incarnation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("access", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="ok", nullable=False),
        sa.Column("confirmed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account"], ["account.id"], name=op.f("fk_calendar_account_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar")),
        sa.UniqueConstraint(
            "account", "remote_id", "incarnation", name=op.f("uq_calendar_account_remote_id_incarnation")
        ),
    )
    op.create_table(
        "meeting",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("remote_id", sa.Text(), server_default="", nullable=False),
        sa.Column("join_url", sa.Text(), server_default="", nullable=False),
        sa.Column("topic", sa.Text(), server_default="", nullable=False),
        sa.Column("when_value", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("sweep_after", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session"], ["session.id"], name=op.f("fk_meeting_session_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.create_index(
            "uq_meeting_session_live",
            ["session"],
            unique=True,
            sqlite_where=sa.text("state IN ('wanted','live')"),
            postgresql_where=sa.text("state IN ('wanted','live')"),
        )

    op.create_table(
        "session_student",
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("student", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["session"], ["session.id"], name=op.f("fk_session_student_session_session"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session", "student", name=op.f("pk_session_student")),
    )
    op.create_table(
        "busy",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("recurrence_id", sa.Text(), server_default="", nullable=False),
        sa.Column("lo", Instant(), nullable=False),
        sa.Column("hi", Instant(), nullable=False),
        sa.Column("opaque", sa.Boolean(), nullable=False),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("recurring", sa.Boolean(), nullable=False),
        sa.Column("src_hash", sa.String(length=64), server_default="", nullable=False),
        sa.CheckConstraint("lo <= hi", name=op.f("ck_busy_ordered")),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.id"], name=op.f("fk_busy_calendar_calendar"), ondelete="CASCADE"
        ),
    )
    with op.batch_alter_table("busy", schema=None) as batch_op:
        batch_op.create_index("ix_busy_calendar_uid", ["calendar", "uid"], unique=False)
        batch_op.create_index("ix_busy_owner_lo_hi", ["owner", "lo", "hi"], unique=False)

    op.create_table(
        "cursor",
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("params_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("window", sa.Text(), server_default="", nullable=False),
        sa.Column("round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_page", sa.Text(), nullable=True),
        sa.Column("seen_complete", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.id"], name=op.f("fk_cursor_calendar_calendar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("calendar", name=op.f("pk_cursor")),
    )
    op.create_table(
        "free_mark",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("recurrence_id", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.id"], name=op.f("fk_free_mark_calendar_calendar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("calendar", "uid", "recurrence_id", name=op.f("pk_free_mark")),
    )
    op.create_table(
        "remote_obj",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("href_norm", sa.Text(), nullable=False),
        sa.Column("href_raw", sa.Text(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("recurrence_id", sa.Text(), server_default="", nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("fields", JsonText(), nullable=False),
        sa.Column("marks_session", sa.String(length=64), server_default="", nullable=False),
        sa.Column("shape", sa.String(length=16), server_default="single", nullable=False),
        sa.Column("last_round", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refetch", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("gone_at", Instant(), nullable=True),
        sa.Column("first_settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.id"], name=op.f("fk_remote_obj_calendar_calendar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_obj")),
        sa.UniqueConstraint("calendar", "href_norm", name=op.f("uq_remote_obj_calendar_href_norm")),
    )
    with op.batch_alter_table("remote_obj", schema=None) as batch_op:
        batch_op.create_index(
            "ix_remote_obj_marks_session",
            ["marks_session"],
            unique=False,
            sqlite_where=sa.text("marks_session <> ''"),
            postgresql_where=sa.text("marks_session <> ''"),
        )
        batch_op.create_index(
            "ix_remote_obj_refetch",
            ["calendar"],
            unique=False,
            sqlite_where=sa.text("refetch = 1"),
            postgresql_where=sa.text("refetch"),
        )
        batch_op.create_index("ix_remote_obj_uid", ["uid"], unique=False)

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
    op.create_table(
        "series_src",
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("events", JsonText(), nullable=False),
        sa.Column("expanded_to", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.id"], name=op.f("fk_series_src_calendar_calendar"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("calendar", "uid", name=op.f("pk_series_src")),
    )
    with op.batch_alter_table("series_src", schema=None) as batch_op:
        batch_op.create_index("ix_series_src_expanded_to", ["expanded_to"], unique=False)

    op.create_table(
        "link",
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("session", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("obj", sa.String(length=64), nullable=True),
        sa.Column("recurrence_id", sa.Text(), server_default="", nullable=False),
        sa.Column("incarnation", sa.Integer(), nullable=False),
        sa.Column("uid", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("closed_why", sa.Text(), server_default="", nullable=False),
        sa.Column("template", sa.Text(), nullable=True),
        sa.CheckConstraint("state IN ('want','live','held','closing','closed')", name=op.f("ck_link_state")),
        sa.ForeignKeyConstraint(
            ["calendar"], ["calendar.id"], name=op.f("fk_link_calendar_calendar"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["obj"], ["remote_obj.id"], name=op.f("fk_link_obj_remote_obj"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["session"], ["session.id"], name=op.f("fk_link_session_session"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link")),
    )
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.create_index("ix_link_calendar_state", ["calendar", "state"], unique=False)
        batch_op.create_index("ix_link_uid", ["uid"], unique=False)
        batch_op.create_index(
            "uq_link_obj_open",
            ["obj"],
            unique=True,
            sqlite_where=sa.text("state <> 'closed' AND obj IS NOT NULL"),
            postgresql_where=sa.text("state <> 'closed' AND obj IS NOT NULL"),
        )
        batch_op.create_index(
            "uq_link_session_calendar_open",
            ["session", "calendar"],
            unique=True,
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )

    op.create_table(
        "link_base",
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.Column("field_group", sa.String(length=16), nullable=False),
        sa.Column("hub_value", sa.Text(), nullable=True),
        sa.Column("hub_origin", JsonText(), nullable=True),
        sa.Column("side_words", sa.Text(), nullable=True),
        sa.Column("side_etag", sa.Text(), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["link"], ["link.id"], name=op.f("fk_link_base_link_link"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("link", "field_group", name=op.f("pk_link_base")),
    )


def downgrade() -> None:
    op.drop_table("link_base")
    with op.batch_alter_table("link", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_link_session_calendar_open",
            sqlite_where=sa.text("state <> 'closed'"),
            postgresql_where=sa.text("state <> 'closed'"),
        )
        batch_op.drop_index(
            "uq_link_obj_open",
            sqlite_where=sa.text("state <> 'closed' AND obj IS NOT NULL"),
            postgresql_where=sa.text("state <> 'closed' AND obj IS NOT NULL"),
        )
        batch_op.drop_index("ix_link_uid")
        batch_op.drop_index("ix_link_calendar_state")

    op.drop_table("link")
    with op.batch_alter_table("series_src", schema=None) as batch_op:
        batch_op.drop_index("ix_series_src_expanded_to")

    op.drop_table("series_src")
    op.drop_table("seal")
    with op.batch_alter_table("remote_obj", schema=None) as batch_op:
        batch_op.drop_index("ix_remote_obj_uid")
        batch_op.drop_index(
            "ix_remote_obj_refetch", sqlite_where=sa.text("refetch = 1"), postgresql_where=sa.text("refetch")
        )
        batch_op.drop_index(
            "ix_remote_obj_marks_session",
            sqlite_where=sa.text("marks_session <> ''"),
            postgresql_where=sa.text("marks_session <> ''"),
        )

    op.drop_table("remote_obj")
    op.drop_table("free_mark")
    op.drop_table("cursor")
    with op.batch_alter_table("busy", schema=None) as batch_op:
        batch_op.drop_index("ix_busy_owner_lo_hi")
        batch_op.drop_index("ix_busy_calendar_uid")

    op.drop_table("busy")
    op.drop_table("session_student")
    with op.batch_alter_table("meeting", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_meeting_session_live",
            sqlite_where=sa.text("state IN ('wanted','live')"),
            postgresql_where=sa.text("state IN ('wanted','live')"),
        )

    op.drop_table("meeting")
    op.drop_table("calendar")
    op.drop_table("student")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_session_unsettled",
            sqlite_where=sa.text("settled_version IS NULL"),
            postgresql_where=sa.text("settled_version IS NULL"),
        )
        batch_op.drop_index("ix_session_owner_starts_at")

    op.drop_table("session")
    op.drop_table("question")
    op.drop_table("lease")
    with op.batch_alter_table("intent", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_intent_obj_key_unsettled",
            sqlite_where=sa.text("state IN ('sent','unknown')"),
            postgresql_where=sa.text("state IN ('sent','unknown')"),
        )
        batch_op.drop_index("ix_intent_sent_at")
        batch_op.drop_index("ix_intent_account_state")

    op.drop_table("intent")
    op.drop_table("feed")
    op.drop_table("echo")
    op.drop_table("device")
    with op.batch_alter_table("conflict", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_conflict_owner_a_b_open",
            sqlite_where=sa.text("closed IS NULL"),
            postgresql_where=sa.text("closed IS NULL"),
        )

    op.drop_table("conflict")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index("ix_activity_undo_of")
        batch_op.drop_index("ix_activity_session")

    op.drop_table("activity")
    op.drop_table("account")
