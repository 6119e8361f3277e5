"""A session in a calendar's words and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.ical.scan import read_object
from connectors.ical.write import new_object
from connectors.vocabulary.events import Event, EventDraft, EventStatus
from connectors.vocabulary.times import Moment, MomentKind, WallSpan, zone_named
from sync_agent.engine.naming import Naming
from sync_agent.engine.session_fields import value_of, where_value
from sync_agent.engine.sync.spell import (
    block_of,
    description_of,
    is_rewriting,
    join_url_of,
    link_value,
    link_words,
    marker_for,
    own_fields,
    shape_of,
    unescaped,
    values_of,
    without_block,
    words_of,
)
from sync_agent.engine.values import CALENDAR_GROUPS, FieldGroup, Session
from tests.engine.sync.builders import NOW, T15, T16, a_session, a_span, an_event, at

NAMING = Naming("t", frozenset({"t"}), {"work": "k"})
URL = "https://zoom.us/j/5551234567?pwd=a.b"
_TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=60).map(str.strip)
_ALL = frozenset({*CALENDAR_GROUPS, FieldGroup.LINK})


def written(session: Session, *, url: str = "") -> Event:
    """Give the event as a calendar holds it after we made it."""
    marker = marker_for(session, naming=NAMING, calendar="work", uid="u", version=1)
    fields = own_fields(session, join_url=url, groups=_ALL, marker=marker)
    return read_object(new_object(EventDraft("u", fields, None), now=NOW))[0]


@given(
    title=_TEXTS.filter(bool),
    notes=_TEXTS,
    place=_TEXTS.map(lambda text: text.replace("\n", " ")),
    start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    minutes=st.integers(1, 1439),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"]),
    url=st.sampled_from(["", URL]),
)
def test_what_is_written_reads_back_as_it_was(
    title: str, notes: str, place: str, start: datetime, minutes: int, zone: str, url: str
) -> None:
    """Any text, any hour, any zone, with and without a link: a fresh copy is never an edit."""
    span = a_span(start.replace(second=0, microsecond=0), minutes=minutes, zone=zone)
    session = a_session(when=span, title=title, notes=notes, place=place, online=False)

    event = written(session, url=url)

    values = values_of(event, session, own_links=frozenset({URL}))
    if span.start == _shown(span):
        assert values[FieldGroup.WHEN] == value_of(session, FieldGroup.WHEN)
    for group in (FieldGroup.WHERE, FieldGroup.TITLE, FieldGroup.NOTES):
        assert values[group] == value_of(session, group)
    assert words_of(event)[FieldGroup.LINK] == link_words(event)


def _shown(span: WallSpan) -> datetime:
    """Give the wall time that the span's instant has: another one in the hour that a clock change skips."""
    return span.starts_at.astimezone(zone_named(span.zone)).replace(tzinfo=None)


def test_our_own_link_in_the_location_is_no_place() -> None:
    """Nor is an older one of the same session; another address is."""
    session = a_session()
    own = frozenset({URL, "https://zoom.us/j/1"})

    for location, place in [(URL, ""), ("https://zoom.us/j/1", ""), (f" {URL} ", ""), ("Library", "Library")]:
        read = values_of(an_event(location=location), session, own_links=own)
        assert read[FieldGroup.WHERE] == where_value(online=True, place=place)


def test_a_place_goes_before_the_link() -> None:
    """A session with a place shows it even if there is a link as well."""
    assert written(a_session(place="Library"), url=URL).location == "Library"
    assert written(a_session(), url=URL).location == URL


@pytest.mark.parametrize(
    ("description", "notes"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("Bring the book", "Bring the book", id="only notes"),
        pytest.param(block_of(URL), "", id="only our block"),
        pytest.param(description_of("Bring the book", URL), "Bring the book", id="notes and block"),
        pytest.param(description_of("Bring", URL) + "\n\nAdded below", "Bring\n\nAdded below", id="written below it"),
        pytest.param(f"Before\n{block_of(URL)}\nafter", "Before\nafter", id="written around it"),
        pytest.param("— TutorSync — is great", "— TutorSync — is great", id="our name in a sentence"),
        pytest.param(description_of("a", URL).replace("\n——", "\n———— "), "a", id="a client that lengthens dashes"),
    ],
)
def test_our_block_is_stripped_from_what_a_person_wrote(description: str, notes: str) -> None:
    """Whatever a phone does around it."""
    assert without_block(description) == notes


def test_only_an_edit_of_the_hour_is_an_edit_of_the_hour() -> None:
    """A zone that a vendor renamed, or UTC at the same instant, reads as the same time in the session's zone."""
    session = a_session()
    renamed = an_event()
    renamed = replace(renamed, start=replace(renamed.start, tzid="W. Europe Standard Time"))
    utc = an_event()
    utc = replace(utc, start=Moment(MomentKind.UTC, T15 - timedelta(hours=1)))
    abroad = an_event(T15 - timedelta(hours=6), zone="America/New_York")

    for event in (renamed, utc, abroad):
        assert values_of(event, session, own_links=frozenset())[FieldGroup.WHEN] == at(T15)
    assert len({words_of(event)[FieldGroup.WHEN] for event in (renamed, utc, abroad)}) == 3


@pytest.mark.parametrize(
    ("differing", "shape"),
    [
        pytest.param({}, "single", id="as we made it"),
        pytest.param({"status": EventStatus.CANCELLED}, "cancelled", id="status"),
        pytest.param({"declined": True}, "cancelled", id="declined"),
        pytest.param({"rrule": ("FREQ=WEEKLY",)}, "series", id="repeats"),
        pytest.param({"start": Moment(MomentKind.DATE, datetime(2026, 11, 26))}, "all_day", id="a day"),
        pytest.param({"start": Moment(MomentKind.FLOATING, T15)}, "floating", id="no zone"),
        pytest.param({"duration": timedelta(0)}, "zero", id="nothing"),
        pytest.param({"duration": timedelta(hours=24)}, "long", id="a day long"),
        pytest.param({"start": Moment(MomentKind.UTC, datetime(9999, 12, 31, 23))}, "unreal", id="the end of time"),
        pytest.param({"start": Moment(MomentKind.UTC, datetime(1, 1, 1))}, "unreal", id="its beginning"),
        pytest.param({"duration": timedelta(hours=23, minutes=59)}, "single", id="nearly a day"),
    ],
)
def test_the_shapes_of_an_event(differing: dict[str, object], shape: str) -> None:
    """Only a single, timed event can be a session's."""
    assert shape_of((replace(an_event(), **differing),)) == shape
    assert shape_of(()) == "empty"
    assert shape_of((an_event(), an_event())) == "series"


@pytest.mark.parametrize(
    ("group", "sent", "got", "may"),
    [
        (FieldGroup.TITLE, "Maths", "Maths", True),
        (FieldGroup.TITLE, "Maths  with   Emma", "Maths with Emma", True),
        (FieldGroup.TITLE, "Maths", "Physics", False),
        (FieldGroup.TITLE, "Maths with Emma", "Maths", False),
        (FieldGroup.NOTES, "x" * 300, "x" * 200, True),
        (FieldGroup.NOTES, "Bring the book", "<html><p>Bring the book</p></html>", True),
        (FieldGroup.WHERE, where_value(online=True, place="A  B"), where_value(online=True, place="A B"), True),
        (FieldGroup.WHERE, where_value(online=True, place="A"), where_value(online=True, place="B"), False),
        (FieldGroup.WHEN, at(T15), at(T15), True),
        (FieldGroup.WHEN, at(T15), at(T16), False),
        (FieldGroup.WHEN, at(T15), at(T15, minutes=61), False),
    ],
)
def test_what_a_server_may_have_made_of_our_words(group: FieldGroup, sent: str, got: str, may: bool) -> None:
    """Cut, trimmed, wrapped in HTML; a short beginning of what was sent is an edit."""
    assert is_rewriting(group, sent, got) is may


@pytest.mark.parametrize(
    ("group", "said", "sent"),
    [
        (FieldGroup.TITLE, "a &amp; b", ("a & b",)),
        (FieldGroup.NOTES, "&lt;b&gt;", ("<b>",)),
        (FieldGroup.TITLE, "a & b", ()),
        (
            FieldGroup.WHERE,
            where_value(online=False, place="a &amp; b"),
            (where_value(online=False, place="a & b"), where_value(online=True, place="a & b")),
        ),
        (FieldGroup.WHERE, where_value(online=False, place="home"), ()),
        (FieldGroup.WHEN, "a &amp; b", ()),
    ],
)
def test_what_was_sent_where_a_server_escapes_it(group: FieldGroup, said: str, sent: tuple[str, ...]) -> None:
    assert unescaped(group, said) == sent


def test_the_marker_names_each_group_s_hash() -> None:
    """After a lost store they tell what nobody touched since we wrote it."""
    one = dict(marker_for(a_session(), naming=NAMING, calendar="work", uid="u", version=1).hashes)
    other = dict(marker_for(a_session(T16), naming=NAMING, calendar="work", uid="u", version=2).hashes)

    assert set(one) == {group.value for group in CALENDAR_GROUPS}
    assert {name for name in one if one[name] != other[name]} == {"when"}


@given(st.text(max_size=80))
def test_a_link_value_reads_back(url: str) -> None:
    """Whatever a vendor puts into an address."""
    assert join_url_of(link_value(url)) == url
