"""Events as JSON: what is as with most events is left out, and rows of earlier versions are read all the same."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.vocabulary.events import Event, EventStatus
from connectors.vocabulary.times import Moment, MomentKind
from sync_agent.engine.store.event_json import event_from_json, event_to_json

_START = Moment(MomentKind.ZONED, datetime(2027, 1, 24, 13, 30), "Europe/Berlin", "Europe/Berlin")
_END = Moment(MomentKind.ZONED, datetime(2027, 1, 24, 14, 30), "Europe/Berlin", "W. Europe Standard Time")


def test_a_plain_event_says_only_what_makes_it_one() -> None:
    event = Event("u", _START, _END, timedelta(hours=1), summary="Maths")

    spelled = event_to_json(event)

    assert sorted(spelled) == ["duration", "end", "start", "summary", "uid"]
    assert event_from_json(spelled) == event


def test_whatever_an_event_says_comes_back() -> None:
    day = Moment(MomentKind.DATE, datetime(2027, 1, 25))
    event = Event(
        "u", _START, _END, timedelta(), "Maths", "Room 4", "notes", "https://a.test", "https://b.test",
        EventStatus.CANCELLED, False, True, 3, _START, True, ("FREQ=DAILY",), (day,),
        (None, timedelta(hours=2)), (_END,),
    )  # fmt: skip

    assert event_from_json(event_to_json(event)) == event


def test_a_row_of_an_earlier_version_is_read_which_left_nothing_out() -> None:
    moments = {"start": ["zoned", "2027-01-24T13:30:00", "Europe/Berlin", "Europe/Berlin"]}
    moments["end"] = ["zoned", "2027-01-24T14:30:00", "Europe/Berlin", "W. Europe Standard Time"]
    texts = {"uid": "u", "summary": "Maths", "location": "", "description": "", "url": "", "conference": ""}
    rest = {"status": "CONFIRMED", "opaque": True, "declined": False, "sequence": 0, "recurrence_id": None}
    lists = {"this_and_future": False, "rrule": [], "rdates": [], "rdate_durations": [], "exdates": []}

    read = event_from_json({**moments, **texts, **rest, **lists, "duration": 3600.0})

    assert read == Event("u", _START, _END, timedelta(hours=1), summary="Maths")
