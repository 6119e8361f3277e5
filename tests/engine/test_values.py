"""Ids, natural keys and the canonical values of fields."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.sessions import SessionStatus
from connectors.vocabulary.times import WallSpan
from sync_agent.engine.ids import event_uid, meeting_marker, uuid7
from sync_agent.engine.session_fields import span_of, value_of, when_value, with_value
from sync_agent.engine.values import PLATFORM_GROUPS, FieldGroup, Session

_SESSIONS = st.builds(
    Session,
    id=st.just("s"),
    when=st.builds(
        WallSpan,
        st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(lambda at: at.replace(microsecond=0)),
        st.sampled_from(["Europe/Berlin", "Pacific/Apia", "UTC"]),
        st.integers(1, 86399).map(lambda seconds: timedelta(seconds=seconds)),
    ),
    title=st.text(max_size=20),
    subject=st.text(max_size=20),
    place=st.text(max_size=20),
    online=st.booleans(),
    notes=st.text(max_size=20),
    status=st.sampled_from(SessionStatus),
    chargeable=st.booleans(),
    students=st.lists(st.text(max_size=5), max_size=3, unique=True).map(lambda ids: tuple(sorted(ids))),
)


@given(st.permutations(["mia", "noah", "zoe"]))
def test_the_order_of_students_is_no_edit(students: list[str]) -> None:
    """A platform may list them as it likes."""
    span = WallSpan(datetime(2026, 11, 26, 15), "Europe/Berlin", timedelta(hours=1))
    sorted_, other = (Session("s", span, "Maths", students=tuple(who)) for who in (sorted(students), students))

    assert value_of(other, FieldGroup.STUDENTS) == value_of(sorted_, FieldGroup.STUDENTS)


@given(_SESSIONS, _SESSIONS)
def test_a_value_that_is_set_is_the_value_that_is_there(one: Session, other: Session) -> None:
    """Group by group: setting all of another session's values gives that session."""
    made = one
    for group in PLATFORM_GROUPS:
        made = with_value(made, group, value_of(other, group))
        assert value_of(made, group) == value_of(other, group)

    assert made == other


@given(_SESSIONS)
def test_a_time_reads_back(one: Session) -> None:
    """Hour on the wall, zone, seconds."""
    assert span_of(when_value(one.when)) == one.when


def test_the_link_is_no_field_of_a_session() -> None:
    """It is derived from the meeting; asking for it is a fault of ours."""
    session = Session("s", WallSpan(datetime(2026, 1, 1, 9), "UTC", timedelta(hours=1)), "x")

    with pytest.raises(ValueError, match="derived"):
        value_of(session, FieldGroup.LINK)
    with pytest.raises(ValueError, match="derived"):
        with_value(session, FieldGroup.LINK, "")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.binary(min_size=10, max_size=10))
def test_an_id_is_a_uuid_of_version_seven_with_its_time(at: datetime, entropy: bytes) -> None:
    """RFC 9562, section 5.7."""
    now = at.replace(tzinfo=UTC)

    made = uuid.UUID(uuid7(now, entropy=entropy))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == int(now.timestamp() * 1000)


@given(st.lists(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), min_size=2, max_size=2, unique=True))
def test_ids_sort_by_time(times: list[datetime]) -> None:
    """To the millisecond."""
    early, late = sorted(at.replace(tzinfo=UTC) for at in times)

    if late - early >= timedelta(milliseconds=1):
        assert uuid7(early) < uuid7(late)


def test_a_creation_has_the_same_key_after_every_retry() -> None:
    """And another one in another calendar, for another tenant, for the next incarnation."""
    same = {event_uid("t", "s", "c", 0) for _ in range(3)}
    others = {event_uid("u", "s", "c", 0), event_uid("t", "x", "c", 0), event_uid("t", "s", "d", 0)}
    others.add(event_uid("t", "s", "c", 1))

    assert len(same) == 1
    assert len(others) == 4
    assert not same & others


def test_the_key_of_a_creation_is_the_name_that_the_standard_gives() -> None:
    """RFC 9562, section 5.5: events of earlier versions bear it."""
    ours = UUID("6f2f5f0e-3c1c-5b7a-9a52-7d1a4be7c0de")

    assert event_uid("t", "ü", "c", 3) == str(uuid5(ours, "t\nü\nc\n3"))


def test_a_meeting_s_marker_tells_nothing_of_the_session() -> None:
    """It stands in a vendor's database."""
    marker = meeting_marker("tenant", "session-id")

    assert "session-id" not in marker
    assert "tenant" not in marker
    assert marker == meeting_marker("tenant", "session-id") != meeting_marker("other", "session-id")
