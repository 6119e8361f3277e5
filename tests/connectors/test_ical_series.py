"""Ending a series: nothing begins from an instant on, and what was before stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.ical.errors import Unreadable
from connectors.ical.scan import read_object
from connectors.ical.series import ended_rule
from connectors.ical.write import patched
from connectors.vocabulary.events import OwnFields

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CUT = datetime(2026, 11, 24, 9, tzinfo=UTC)


def series(*components: str) -> str:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\n"
    return head + "".join(f"BEGIN:VEVENT\r\nUID:mia\r\n{one}END:VEVENT\r\n" for one in components) + "END:VCALENDAR\r\n"


MASTER = (
    "DTSTART;TZID=Europe/Berlin:20261110T150000\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=9;BYDAY=TU\r\n"
    "SUMMARY:Mia\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
)
EARLIER = "RECURRENCE-ID;TZID=Europe/Berlin:20261117T150000\r\nDTSTART;TZID=Europe/Berlin:20261117T160000\r\n"
LATER = "RECURRENCE-ID:20261208T140000Z\r\nDTSTART;TZID=Europe/Berlin:20261208T170000\r\n"


@pytest.mark.parametrize(
    ("rule", "becomes"),
    [
        ("FREQ=WEEKLY", "FREQ=WEEKLY;UNTIL=20261124T085959Z"),
        ("FREQ=WEEKLY;COUNT=9;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261124T085959Z"),
        ("FREQ=WEEKLY;UNTIL=20270101T000000Z;BYDAY=TU", "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261124T085959Z"),
        ("FREQ=WEEKLY;UNTIL=20261101", "FREQ=WEEKLY;UNTIL=20261101"),
    ],
)
def test_a_rule_ends_before_an_instant(rule: str, becomes: str) -> None:
    assert ended_rule(rule, CUT) == becomes


def test_a_series_that_ends_keeps_what_was() -> None:
    """The exception of the past stays, the one to come goes; alarm and title are as they were."""
    text = series(MASTER, EARLIER, LATER)

    ended = patched(text, OwnFields(ends_before=CUT), now=NOW)

    events = read_object(ended)
    assert [event.start.local.isoformat() for event in events] == ["2026-11-10T15:00:00", "2026-11-17T16:00:00"]
    assert events[0].rrule == ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261124T085959Z",)
    assert "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n" in ended


def test_a_series_whose_later_dates_were_changed_at_once_is_not_ended() -> None:
    text = series(MASTER, LATER.replace("RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE"))
    with pytest.raises(Unreadable):
        patched(text, OwnFields(ends_before=CUT), now=NOW)


def test_an_object_is_put_back_as_a_whole() -> None:
    assert patched(series(MASTER), OwnFields(whole="as it was"), now=NOW) == "as it was"
