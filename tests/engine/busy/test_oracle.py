"""The same objects as iCalendar text, expanded by recurring-ical-events: zero differences but those explained.

Where the oracle and RFC 5545 part, the strategies keep away from it, or `explained` says which section decides:

- section 3.8.5.3: with DTEND every instance lasts exactly as long as the first; the oracle keeps the wall time of the
  end instead, so across a clock change only the starts are compared;
- section 3.3.10: DTSTART always counts as the first of COUNT; the oracle does not count one that does not match. The
  rules here match their DTSTART.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.vocabulary.events import Event, EventStatus
from connectors.vocabulary.times import Moment, MomentKind
from tests.engine.busy.builders import BERLIN, HOUR, an_event, at, expanded, on, utc

WINDOW = (datetime(2026, 2, 1, tzinfo=UTC), datetime(2027, 4, 8, tzinfo=UTC))
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney")
Interval = tuple[datetime, datetime]


def text_of(events: list[Event]) -> str:
    """Write the object as a server would."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN"]
    for event in events:
        lines += ["BEGIN:VEVENT", f"UID:{event.uid}", "DTSTAMP:20260101T000000Z", f"SEQUENCE:{event.sequence}"]
        lines.append(line("DTSTART", event.start))
        lines.append(line("DTEND", event.end))
        lines += [f"RRULE:{rule}" for rule in event.rrule]
        lines += [line("RDATE", moment) for moment in event.rdates]
        lines += [line("EXDATE", moment) for moment in event.exdates]
        if event.recurrence_id is not None:
            ranged = ";RANGE=THISANDFUTURE" if event.this_and_future else ""
            lines.append(line(f"RECURRENCE-ID{ranged}", event.recurrence_id))
        lines += [f"STATUS:{event.status}", "END:VEVENT"]
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


def line(name: str, moment: Moment) -> str:
    match moment.kind:
        case MomentKind.DATE:
            return f"{name};VALUE=DATE:{moment.local:%Y%m%d}"
        case MomentKind.UTC:
            return f"{name}:{moment.local:%Y%m%dT%H%M%SZ}"
        case MomentKind.ZONED:
            return f"{name};TZID={moment.zone}:{moment.local:%Y%m%dT%H%M%S}"
        case MomentKind.FLOATING:
            return f"{name}:{moment.local:%Y%m%dT%H%M%S}"


def oracle(events: list[Event]) -> set[Interval]:
    """What the oracle finds, in UTC, cancelled ones left out."""
    calendar = icalendar.Calendar.from_ical(text_of(events))
    query = recurring_ical_events.of(calendar)
    found = query.between(WINDOW[0] - timedelta(days=3), WINDOW[1] + timedelta(days=3))
    spans = [(instant(event.start), instant(event.end)) for event in found if event.get("STATUS") != "CANCELLED"]
    return {(lo, hi) for lo, hi in spans if lo < WINDOW[1] and hi > WINDOW[0]}


def instant(value: date | datetime) -> datetime:
    whole = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (whole if whole.tzinfo else whole.replace(tzinfo=ZoneInfo(BERLIN))).astimezone(UTC)


def explained(found: set[Interval], zone: str | None) -> set[Interval]:
    """Cut the end off where the clocks change in between (section 3.8.5.3), or were set forward just before.

    A start that the clocks skip takes the offset before the gap and keeps its exact duration (section 3.3.5); the
    oracle reckons such an end on the wall.
    """
    if zone is None:
        return found
    clock = ZoneInfo(zone)

    def is_steady(lo: datetime, hi: datetime) -> bool:
        offsets = {at_.astimezone(clock).utcoffset() for at_ in (lo - HOUR, lo, hi)}
        return len(offsets) == 1

    return {(lo, hi if is_steady(lo, hi) else lo) for lo, hi in found}


@st.composite
def moments(draw: st.DrawFn) -> Moment:
    day = draw(st.dates(date(2025, 6, 1), date(2026, 12, 1)))
    kind = draw(st.sampled_from(["zoned", "zoned", "utc", "date"]))
    # From 4 to 22 o'clock: no clock change lies there.
    local = datetime.combine(day, time(draw(st.integers(4, 21)), draw(st.sampled_from([0, 15, 30]))))
    if kind == "date":
        return on(day)
    return utc(local) if kind == "utc" else at(local, draw(st.sampled_from(ZONES)))


@st.composite
def matching_rules(draw: st.DrawFn, start: datetime) -> str:
    """A rule that its DTSTART matches."""
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[start.weekday()]
    others = ",".join(draw(st.lists(st.sampled_from(["MO", "WE", "SA"]), max_size=2, unique=True)))
    nth = (start.day - 1) // 7 + 1
    pattern = draw(
        st.sampled_from(
            [
                "FREQ=DAILY",
                "FREQ=WEEKLY",
                f"FREQ=WEEKLY;BYDAY={weekday}{',' + others if others else ''};WKST=SU",
                f"FREQ=MONTHLY;BYDAY={nth}{weekday}",
                f"FREQ=MONTHLY;BYMONTHDAY={start.day}",
                "FREQ=MONTHLY",
                "FREQ=YEARLY",
                f"FREQ=YEARLY;BYMONTH={start.month};BYDAY={nth}{weekday}",
            ]
        )
    )
    ends = draw(st.sampled_from(["", f";COUNT={draw(st.integers(1, 70))}"]))
    return f"{pattern};INTERVAL={draw(st.integers(1, 3))}{ends}"


@st.composite
def objects(draw: st.DrawFn) -> list[Event]:
    """A series with exceptions, additional dates and overrides."""
    start = draw(moments())
    lasts = timedelta(days=draw(st.integers(1, 3))) if start.is_date else draw(st.integers(1, 60)) * HOUR / 2
    master = an_event(start, lasts=lasts, rrule=(draw(matching_rules(start.local)),))
    given = list(expanded(master, window=(WINDOW[0] - timedelta(days=400), WINDOW[1])).intervals)[:60]
    if not given:
        return [master]
    picked = draw(st.lists(st.sampled_from(given), max_size=5, unique=True))
    names = [named(busy.lo, start) for busy in picked]
    cut = draw(st.integers(0, len(names)))
    changed = [override(draw, name, lasts) for name in names[cut:]]
    extra = [
        Moment(start.kind, start.local + timedelta(days=n), start.zone, start.tzid)
        for n in draw(st.lists(st.integers(200, 300), max_size=2, unique=True))
    ]
    return [an_event(start, lasts=lasts, rrule=master.rrule, exdates=tuple(names[:cut]), rdates=tuple(extra)), *changed]


def named(instant_: datetime, like: Moment) -> Moment:
    if like.is_date:
        return on(instant_.astimezone(ZoneInfo(BERLIN)).date())
    local = instant_.astimezone(ZoneInfo(like.zone or "UTC")).replace(tzinfo=None)
    return Moment(like.kind, local, like.zone, like.tzid)


def override(draw: st.DrawFn, name: Moment, lasts: timedelta) -> Event:
    days = draw(st.integers(-20, 20))
    moved = Moment(name.kind, name.local + timedelta(days=days), name.zone, name.tzid)
    status = draw(st.sampled_from([EventStatus.CONFIRMED, EventStatus.TENTATIVE, EventStatus.CANCELLED]))
    return an_event(moved, lasts=lasts, recurrence_id=name, status=status, sequence=1)


@settings(max_examples=120)
@given(objects())
def test_series_are_expanded_as_the_oracle_does(events: list[Event]) -> None:
    """Rules, exceptions, additional dates, moved and cancelled instances; zoned, UTC and whole days."""
    zone = BERLIN if events[0].start.is_date else events[0].start.zone

    ours = {(busy.lo, busy.hi) for busy in expanded(*events, window=WINDOW).intervals}

    assert explained(ours, zone) == explained(oracle(events), zone)


@settings(max_examples=40)
@given(
    start=moments().filter(lambda m: not m.is_date),
    rule=st.sampled_from(["FREQ=WEEKLY;COUNT=60", "FREQ=DAILY;INTERVAL=2;COUNT=200"]),
    nth=st.integers(0, 30),
    hours=st.integers(-3, 2),
    lasts=st.integers(1, 3),
)
@example(start=at(datetime(2025, 6, 1, 4, 0), BERLIN), rule="FREQ=WEEKLY;COUNT=60", nth=0, hours=-2, lasts=1)
def test_this_and_future_is_expanded_as_the_oracle_does(
    start: Moment, rule: str, nth: int, hours: int, lasts: int
) -> None:
    """From one instance on, all are moved and lengthened (RFC 5545, section 3.2.13)."""
    step = timedelta(days=7 if "WEEKLY" in rule else 2)
    name = Moment(start.kind, start.local + nth * step, start.zone, start.tzid)
    moved = Moment(start.kind, name.local + hours * HOUR, start.zone, start.tzid)
    events = [
        an_event(start, rrule=(rule,)),
        an_event(moved, lasts=lasts * HOUR, recurrence_id=name, this_and_future=True, sequence=1),
    ]

    ours = {(busy.lo, busy.hi) for busy in expanded(*events, window=WINDOW).intervals}

    assert explained(ours, start.zone) == explained(oracle(events), start.zone)
