"""The corpus is the same every time, whole, and of the shape that it promises."""

from __future__ import annotations

import icalendar
import pytest

from tests.benchmarks.corpus import CorpusObject, corpus, folded


@pytest.fixture(scope="module")
def hundred() -> list[CorpusObject]:
    """One round of every shape."""
    return list(corpus(100))


def test_the_same_number_gives_the_same_text(hundred: list[CorpusObject]) -> None:
    """Two runs, and two peers, get the same work; a longer corpus begins with the shorter one."""
    assert list(corpus(120))[:100] == hundred


def test_every_object_is_whole(hundred: list[CorpusObject]) -> None:
    """A library reads each, and finds its UID; names and UIDs are all different."""
    read = [icalendar.Calendar.from_ical(one.text) for one in hundred]

    assert [str(calendar.events[0]["UID"]) for calendar in read] == [one.uid for one in hundred]
    assert len({one.name for one in hundred}) == len({one.uid for one in hundred}) == 100


@pytest.mark.parametrize(
    ("mark", "share"),
    [("RRULE:", 20), ("VALUE=DATE:", 5), ("BEGIN:VALARM", 50), ("Join: https://", 30), ("ATTENDEE;", 60)],
)
def test_the_shape_is_a_tutors_calendar(mark: str, share: int, hundred: list[CorpusObject]) -> None:
    """So many of a hundred objects have it."""
    events = [one.text.replace("\r\n ", "").partition("BEGIN:VEVENT")[2] for one in hundred]

    assert sum(mark in text for text in events) == share


def test_lines_are_folded_between_characters() -> None:
    """No line is longer than 75 octets, and no character is torn (RFC 5545, section 3.1)."""
    line = "SUMMARY:" + "Łódź – " * 40

    rows = folded(line).split("\r\n")

    assert max(len(row.encode()) for row in rows) <= 75
    assert rows[0] + "".join(row[1:] for row in rows[1:]) == line
