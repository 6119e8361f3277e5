"""The coverage seal as documents: when a time was last checked, against which calendars, and what was not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_agent.engine.conflicts.words import seal_words, sealed_words
from sync_agent.laptop.documents.times import instant

if TYPE_CHECKING:
    from sync_agent.engine.conflicts.seal import CalendarSeal, Seal


def coverage_document(seal: Seal, zone: str) -> dict[str, Any]:
    """Give **Coverage**: a calendar that was not read lately makes the answer "not checked since", never "none"."""
    return {
        "complete": seal.is_whole,
        "checked_at": instant(seal.checked_at, zone),
        "words": seal_words(seal, zone=zone),
        "stale": [_calendar(one, zone) for one in seal.calendars if one.stale is not None],
        "calendars": [_calendar(one, zone) for one in seal.calendars],
    }


def session_coverage_document(seal: Seal, zone: str) -> dict[str, Any]:
    """Give the coverage of one session, whose `stale` names calendars only."""
    return coverage_document(seal, zone) | {"stale": [one.name for one in seal.stale]}


def _calendar(one: CalendarSeal, zone: str) -> dict[str, Any]:
    return {
        "calendar": one.calendar,
        "name": one.name,
        "last_read_at": instant(one.read_at, zone),
        "why": one.stale.value if one.stale is not None else "",
        "words": sealed_words(one, zone=zone),
        "but_for": list(one.but_for),
    }
