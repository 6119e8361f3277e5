"""Laws of calendars that nobody wrote by hand: as text, through the whole reading, beside the oracle.

`tests/engine/busy/test_oracle.py` compares expansions; here the same objects go through a file first.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from connectors.vocabulary.events import Event
from connectors.vocabulary.times import Moment, MomentKind
from tests.engine.busy.builders import BERLIN, an_event, at, expanded, floating, on, utc
from tests.engine.busy.test_oracle import WINDOW, explained, matching_rules, objects, oracle, text_of
from tests.engine.samples.reading import read_file

WINDOWS_NAMES = {
    "Europe/Berlin": "W. Europe Standard Time",
    "America/New_York": "Eastern Standard Time",
    "Asia/Kolkata": "India Standard Time",
    "Australia/Sydney": "AUS Eastern Standard Time",
}


def as_exchange_writes(text: str) -> str:
    """The same with Windows' names for the zones."""
    for zone, name in WINDOWS_NAMES.items():
        text = text.replace(f"TZID={zone}:", f"TZID={name}:")
    return text


@settings(max_examples=60)
@given(events=objects(), exchange=st.booleans(), line_end=st.sampled_from(["\r\n", "\n"]))
def test_samples_at_random_are_read_as_they_were_meant(events: list[Event], exchange: bool, line_end: str) -> None:
    """Written, read, expanded: what the oracle finds, and what the events say themselves.

    Not where DTSTART and DTEND lie on two sides of a clock change: then every instance lasts exactly as long as the
    first (section 3.8.5.3), and the oracle keeps the hour on the wall.
    """
    assume(not any(crosses_a_change(event) for event in events))
    text = text_of(events).replace("\r\n", line_end)
    zone = BERLIN if events[0].start.is_date else events[0].start.zone

    read = read_file(as_exchange_writes(text) if exchange else text)

    ours = {(busy.lo, busy.hi) for busy in read.busy(WINDOW)}
    assert not read.doubts
    assert ours == {(busy.lo, busy.hi) for busy in expanded(*events, window=WINDOW).intervals}
    assert explained(ours, zone) == explained(oracle(events), zone)


def crosses_a_change(event: Event) -> bool:
    """Whether the clocks change between an event's start and its end."""
    if event.start.zone is None:
        return False
    zone = ZoneInfo(event.start.zone)
    return zone.utcoffset(event.start.local) != zone.utcoffset(event.end.local)


@st.composite
def starts_of_any_kind(draw: st.DrawFn) -> Moment:
    day = draw(st.dates(date(2025, 6, 1), date(2026, 12, 1)))
    local = datetime.combine(day, time(draw(st.integers(4, 21)), draw(st.sampled_from([0, 30]))))
    kind = draw(st.sampled_from(list(MomentKind)))
    match kind:
        case MomentKind.DATE:
            return on(day)
        case MomentKind.UTC:
            return utc(local)
        case MomentKind.FLOATING:
            return floating(local)
        case MomentKind.ZONED:
            return at(local, draw(st.sampled_from(sorted(WINDOWS_NAMES))))


@settings(max_examples=60)
@given(data=st.data(), start=starts_of_any_kind(), many=st.integers(1, 40))
def test_an_end_by_date_is_the_end_by_number(data: st.DataObject, start: Moment, many: int) -> None:
    """UNTIL the n-th occurrence says what COUNT=n says, in the kind that section 3.3.10 asks for."""
    rule = data.draw(matching_rules(start.local)).partition(";COUNT=")[0]
    rule = rule if "INTERVAL" in rule else f"{rule};INTERVAL=1"
    far = (datetime(2025, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
    counted = expanded(an_event(start, rrule=(f"{rule};COUNT={many}",)), window=far).intervals
    last = counted[-1].lo

    bounded = expanded(an_event(start, rrule=(f"{rule};UNTIL={until(start, last)}",)), window=far).intervals

    assert bounded == counted


def until(start: Moment, last: datetime) -> str:
    """The last start, as UNTIL must spell it beside this DTSTART."""
    match start.kind:
        case MomentKind.DATE:
            return f"{last.astimezone(ZoneInfo(BERLIN)):%Y%m%d}"
        case MomentKind.FLOATING:
            return f"{last.astimezone(ZoneInfo(BERLIN)):%Y%m%dT%H%M%S}"
        case MomentKind.UTC | MomentKind.ZONED:
            return f"{last:%Y%m%dT%H%M%SZ}"


@settings(max_examples=60)
@given(events=objects(), days=st.integers(1, 60))
def test_samples_mean_the_same_whatever_lies_beside_them(events: list[Event], days: int) -> None:
    """Neither a neighbour before nor one behind changes what an object takes."""
    text = text_of(events)
    other = text_of([an_event(on(date(2026, 3, 1) + timedelta(days=days)), uid="other", summary="Other")])
    both = text.replace("END:VCALENDAR\r\n", "") + other[other.index("BEGIN:VEVENT") :]

    alone, together = read_file(text).busy(WINDOW), read_file(both).busy(WINDOW)

    assert [busy for busy in together if busy.uid != "other"] == alone
