"""The engine's tables. Every row has an owner; what may exist once is held by the database.

Used by two homes: the laptop's store and the cloud's workers. So no SQLite speciality stands here but partial indexes,
which PostgreSQL has too.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from sync_agent.engine.store.partial import for_postgres, partial_index
from sync_agent.engine.store.types import Instant, JsonText

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_ID = String(64)


def _owner() -> Column[str]:
    return Column("owner", _ID, nullable=False)


student = Table(
    "student",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("email", Text, nullable=False, server_default=""),
    Column("provider", Text, nullable=False, server_default=""),
)

session = Table(
    "session",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("series_id", _ID),
    Column("subject", Text, nullable=False),
    Column("start_wall", String(19), nullable=False),
    Column("zone", Text, nullable=False),
    Column("duration_s", Integer, nullable=False),
    # Derived from the wall time with today's tzdata, for questions of "when"; rebuilt when tzdata changes.
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("online", Boolean, nullable=False),
    Column("notes", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("chargeable", Boolean, nullable=False),
    Column("origins", JsonText, nullable=False),
    Column("ended_reason", Text, nullable=False, server_default=""),
    # At which version every link was at rest; only a hint that saves work, a full pass does not believe it. Below zero:
    # every link but those in calendars that were left alone then.
    Column("settled_version", Integer),
    CheckConstraint("duration_s > 0 AND duration_s < 86400", name="lasts"),
    CheckConstraint("status IN ('planned','completed','cancelled','no_show')", name="status"),
    Index("ix_session_owner_starts_at", "owner", "starts_at"),
    partial_index("ix_session_unsettled", "owner", "starts_at", where="settled_version IS NULL"),
)

session_student = Table(
    "session_student",
    metadata,
    Column("session", _ID, ForeignKey("session.id", ondelete="CASCADE"), nullable=False),
    Column("student", _ID, nullable=False),
    PrimaryKeyConstraint("session", "student"),
)

account = Table(
    "account",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("provider", String(32), nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("display", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("settings", JsonText, nullable=False),
    Column("held_by", String(8), nullable=False, server_default="device"),
    Column("created_at", Instant, nullable=False),
    Column("last_success_at", Instant),
    Column("failing_since", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("error_code", Text, nullable=False, server_default=""),
    Column("error_words", Text, nullable=False, server_default=""),
    Column("remedy", Text, nullable=False, server_default=""),
    Column("next_try_at", Instant),
    Column("latency_ms", Integer),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("quirks", JsonText, nullable=False),
    UniqueConstraint("owner", "provider", "issuer", "subject"),
)

calendar = Table(
    "calendar",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("account", _ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("incarnation", Integer, nullable=False, server_default="0"),
    Column("name", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("access", String(8), nullable=False),
    Column("state", String(16), nullable=False, server_default="ok"),
    Column("confirmed", Boolean, nullable=False, server_default=false()),
    Column("read_at", Instant),
    # Whether whole days that are shown as busy take the tutor's time: a choice for each calendar.
    Column("all_day_blocks", Boolean, nullable=False, server_default=true()),
    # When every ETag was last compared, instead of asking what changed.
    Column("compared_at", Instant),
    # From when on all other calendars of its account were read without it; nothing was moved there since.
    Column("gone_since", Instant),
    UniqueConstraint("account", "remote_id", "incarnation"),
)

# Under which epoch of the platform's lease the bases of a remote calendar were taken over, and when. Who holds it until
# when is the platform's to say (`sync.rights`).
lease = Table(
    "lease",
    metadata,
    _owner(),
    Column("remote_calendar_key", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("is_planned", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("owner", "remote_calendar_key"),
)

cursor = Table(
    "cursor",
    metadata,
    Column("calendar", _ID, ForeignKey("calendar.id", ondelete="CASCADE"), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("token", Text, nullable=False),
    Column("params_hash", Text, nullable=False, server_default=""),
    Column("window", Text, nullable=False, server_default=""),
    Column("round", Integer, nullable=False, server_default="0"),
    Column("next_page", Text),
    Column("seen_complete", Boolean, nullable=False, server_default=false()),
)

remote_obj = Table(
    "remote_obj",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("calendar", _ID, ForeignKey("calendar.id", ondelete="CASCADE"), nullable=False),
    Column("href_norm", Text, nullable=False),
    Column("href_raw", Text, nullable=False),
    Column("uid", Text, nullable=False),
    Column("recurrence_id", Text, nullable=False, server_default=""),
    Column("etag", Text),
    Column("body", Text, nullable=False),
    # For an object that is ours: group -> {words, value, since, until}. For a foreign one: empty.
    Column("fields", JsonText, nullable=False),
    # Session id in a valid marker, "" for a foreign object.
    Column("marks_session", _ID, nullable=False, server_default=""),
    Column("shape", String(16), nullable=False, server_default="single"),
    Column("last_round", Integer, nullable=False, server_default="0"),
    Column("refetch", Boolean, nullable=False, server_default=false()),
    Column("gone_at", Instant),
    Column("first_settled_at", Instant),
    UniqueConstraint("calendar", "href_norm"),
    Index("ix_remote_obj_uid", "uid"),
    partial_index("ix_remote_obj_marks_session", "marks_session", where="marks_session <> ''"),
    partial_index("ix_remote_obj_refetch", "calendar", where="refetch = 1"),
)

link = Table(
    "link",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("session", _ID, ForeignKey("session.id", ondelete="CASCADE"), nullable=False),
    Column("calendar", _ID, ForeignKey("calendar.id", ondelete="CASCADE"), nullable=False),
    Column("obj", _ID, ForeignKey("remote_obj.id", ondelete="SET NULL")),
    Column("recurrence_id", Text, nullable=False, server_default=""),
    Column("incarnation", Integer, nullable=False),
    Column("uid", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("closed_why", Text, nullable=False, server_default=""),
    # Before-image of the last object that we deleted, so that undo brings alarms and attendees back.
    Column("template", Text),
    # Hash of what the platform was last told of this link.
    Column("told", String(64), nullable=False, server_default=""),
    CheckConstraint("state IN ('want','live','held','closing','closed')", name="state"),
    partial_index("uq_link_session_calendar_open", "session", "calendar", where="state <> 'closed'", unique=True),
    partial_index("uq_link_obj_open", "obj", where="state <> 'closed' AND obj IS NOT NULL", unique=True),
    Index("ix_link_session", "session"),
    Index("ix_link_calendar_state", "calendar", "state"),
    Index("ix_link_uid", "uid"),
)

link_base = Table(
    "link_base",
    metadata,
    Column("link", _ID, ForeignKey("link.id", ondelete="CASCADE"), nullable=False),
    Column("field_group", String(16), nullable=False),
    Column("hub_value", Text),
    Column("hub_origin", JsonText),
    Column("side_words", Text),
    Column("side_etag", Text),
    Column("settled_by", _ID),
    PrimaryKeyConstraint("link", "field_group"),
)

# What a query says in the very words of a partial index is answered from it: what is bound to it later is not known to
# be what the index speaks of.
CLOSED = text("'closed'")
NOBODYS = text("''")
UNSETTLED = text("state IN ('sent','unknown')")
intent = Table(
    "intent",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    # What the write touches: "calendar-id/href" or "meeting/session-id". One unsettled write per object.
    Column("obj_key", Text, nullable=False),
    Column("account", _ID, nullable=False),
    Column("calendar", _ID),
    Column("session", _ID, nullable=False),
    Column("link", _ID),
    Column("verb", String(8), nullable=False),
    Column("href", Text, nullable=False, server_default=""),
    # group -> {"hub": value, "words": what it is on that side}
    Column("fields", JsonText, nullable=False),
    Column("if_match", Text),
    Column("before", Text),
    # To the platform: the whole session as sent.
    Column("record", JsonText),
    Column("cause", Text, nullable=False),
    Column("lease_epoch", Integer, nullable=False, server_default="0"),
    Column("state", String(8), nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("answered_at", Instant),
    Column("answer_etag", Text),
    Column("tries", Integer, nullable=False, server_default="0"),
    CheckConstraint("state IN ('sent','unknown','settled','given_up')", name="state"),
    partial_index("uq_intent_obj_key_unsettled", "obj_key", where=UNSETTLED.text, unique=True),
    Index("ix_intent_account_state", "account", "state"),
    Index("ix_intent_sent_at", "sent_at"),
)

echo = Table(
    "echo",
    metadata,
    Column("obj_key", Text, nullable=False),
    Column("field_group", String(16), nullable=False),
    Column("words_hash", String(64), nullable=False),
    # The hub value that was sent; NULL: what only stood beside it, or a whole text.
    Column("value", Text),
    Column("until", Instant, nullable=False),
    PrimaryKeyConstraint("obj_key", "field_group", "words_hash"),
)

meeting = Table(
    "meeting",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("session", _ID, ForeignKey("session.id", ondelete="CASCADE"), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("account", _ID, nullable=False),
    Column("remote_id", Text, nullable=False, server_default=""),
    Column("join_url", Text, nullable=False, server_default=""),
    Column("topic", Text, nullable=False, server_default=""),
    Column("when_value", Text, nullable=False, server_default=""),
    Column("state", String(16), nullable=False),
    Column("sweep_after", Instant),
    Index("ix_meeting_session", "session"),
    partial_index("uq_meeting_session_live", "session", where="state IN ('wanted','live')", unique=True),
)

busy = Table(
    "busy",
    metadata,
    _owner(),
    Column("calendar", _ID, ForeignKey("calendar.id", ondelete="CASCADE"), nullable=False),
    Column("uid", Text, nullable=False),
    Column("recurrence_id", Text, nullable=False, server_default=""),
    Column("lo", Instant, nullable=False),
    Column("hi", Instant, nullable=False),
    Column("opaque", Boolean, nullable=False),
    Column("summary", Text, nullable=False, server_default=""),
    Column("recurring", Boolean, nullable=False),
    Column("src_hash", String(64), nullable=False, server_default=""),
    # Written as a date: whether it blocks is also a choice for its calendar (`all_day_blocks`).
    Column("all_day", Boolean, nullable=False, server_default=false()),
    # Why it does not block by itself ("transparent", "declined", "cancelled", "taken_out"); "" if it does.
    Column("why_free", String(16), nullable=False, server_default=""),
    # Longer than two days. All others are found near their beginning, however many there are; these have an index of
    # their own, because without a bound for its length an interval that touches may have begun at any time.
    Column("is_long", Boolean, nullable=False, server_default=false()),
    CheckConstraint("lo <= hi", name="ordered"),
    Index("ix_busy_owner_lo_hi", "owner", "lo", "hi"),
    partial_index("ix_busy_long", "owner", "lo", "hi", where="is_long = 1"),
    Index("ix_busy_calendar_uid", "calendar", "uid"),
)

# What changed and was not yet looked at for double bookings: written with the change, dropped with the look.
unchecked = Table(
    "unchecked",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    _owner(),
    Column("lo", Instant, nullable=False),
    Column("hi", Instant, nullable=False),
    Column("session", _ID, nullable=False, server_default=""),
    # Between these two a session must begin to be touched at all: bounds for an index, not the answer.
    Column("since", Instant, nullable=False, server_default="1900-01-01 00:00:00"),
    Column("until", Instant, nullable=False, server_default="2100-01-01 00:00:00"),
)

series_src = Table(
    "series_src",
    metadata,
    Column("calendar", _ID, ForeignKey("calendar.id", ondelete="CASCADE"), nullable=False),
    Column("uid", Text, nullable=False),
    Column("text_hash", String(64), nullable=False),
    Column("events", JsonText, nullable=False),
    Column("expanded_to", Instant, nullable=False),
    PrimaryKeyConstraint("calendar", "uid"),
    Index("ix_series_src_expanded_to", "expanded_to"),
)

# What could not be understood of an object, for health: its title, its date, and why. Gone with the cause.
doubt = Table(
    "doubt",
    metadata,
    _owner(),
    Column("calendar", _ID, ForeignKey("calendar.id", ondelete="CASCADE"), nullable=False),
    Column("href_norm", Text, nullable=False),
    Column("code", String(32), nullable=False),
    Column("title", Text, nullable=False, server_default=""),
    # As the event spells it: nobody may know what instant that is.
    Column("starts", Text, nullable=False, server_default=""),
    Column("facts", JsonText, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("calendar", "href_norm", "code"),
)

# What the tutor said about foreign events: "this one does not block". Foreign objects themselves are never written.
free_mark = Table(
    "free_mark",
    metadata,
    _owner(),
    Column("calendar", _ID, ForeignKey("calendar.id", ondelete="CASCADE"), nullable=False),
    Column("uid", Text, nullable=False),
    Column("recurrence_id", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    PrimaryKeyConstraint("calendar", "uid", "recurrence_id"),
)

conflict = Table(
    "conflict",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    # Keys of the two sides: "session:ID" or "event:CALENDAR:UID:RECURRENCE-ID"; a is always a session.
    Column("a", Text, nullable=False),
    Column("b", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("facts", JsonText, nullable=False),
    Column("opened", Instant, nullable=False),
    Column("closed", Instant),
    Column("closed_why", Text, nullable=False, server_default=""),
    # Times of both sides when the tutor said "keep both": it holds as long as they hold.
    Column("kept_times", Text),
    Column("reason", Text, nullable=False, server_default=""),
    partial_index("uq_conflict_owner_a_b_open", "owner", "a", "b", where="closed IS NULL", unique=True),
    partial_index("ix_conflict_b_open", "owner", "b", where="closed IS NULL"),
    partial_index("ix_conflict_kept", "owner", "a", "b", where="kept_times IS NOT NULL"),
)

activity = Table(
    "activity",
    metadata,
    _owner(),
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("id", _ID, nullable=False, unique=True),
    Column("at", Instant, nullable=False),
    Column("cause", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("session", _ID),
    Column("calendar", _ID),
    Column("kind", String(32), nullable=False),
    Column("field_group", String(16), nullable=False, server_default=""),
    Column("before", Text),
    Column("after", Text),
    Column("lost_value", Text),
    Column("undo_of", _ID),
    Column("facts", JsonText, nullable=False),
    Index("ix_activity_session", "session"),
    Index("ix_activity_undo_of", "undo_of"),
)

question = Table(
    "question",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("cause_key", Text, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("frozen_set", JsonText, nullable=False),
    Column("facts", JsonText, nullable=False),
    Column("opened", Instant, nullable=False),
    Column("answer", String(8)),
    Column("answered_at", Instant),
    Column("closed_why", Text, nullable=False, server_default=""),
    UniqueConstraint("owner", "cause_key"),
)

# What the auditor found of an account: how many fields it compared, how many were equal, and which were not.
audit_run = Table(
    "audit_run",
    metadata,
    _owner(),
    Column("id", _ID, primary_key=True),
    Column("account", _ID, ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("done_at", Instant, nullable=False),
    Column("compared", Integer, nullable=False),
    Column("equal", Integer, nullable=False),
    Column("differences", JsonText, nullable=False),
    Column("not_read", Text, nullable=False, server_default=""),
    CheckConstraint("equal <= compared", name="counted"),
    Index("ix_audit_run_account_done_at", "account", "done_at"),
)

# What the store knows about its own making: by which zone rules its instants were derived, …
store_fact = Table(
    "store_fact",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

device = Table(
    "device",
    metadata,
    Column("id", _ID, primary_key=True),
    Column("start_counter", Integer, nullable=False),
    Column("epoch", Integer, nullable=False, server_default="0"),
)

feed = Table(
    "feed",
    metadata,
    Column("tenant", _ID, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("session", _ID, nullable=False),
    Column("version", Integer, nullable=False),
    Column("origin", JsonText),
    Column("kind", String(16), nullable=False),
    PrimaryKeyConstraint("tenant", "seq"),
)

for_postgres(metadata)
