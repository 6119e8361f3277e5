"""A calendar file, read as the agent reads it: objects, events, intervals, doubts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.ical.errors import Unreadable
from connectors.ical.feed import FeedDamaged, take_apart
from connectors.ical.scan import Reading, read
from connectors.vocabulary.events import Doubt, DoubtCode, Event
from sync_agent.engine.busy.doubts import TOO_MANY
from sync_agent.engine.busy.expand import Window, expand
from sync_agent.engine.busy.intervals import Busy

HOME = "Europe/Berlin"
MORE_THAN_ENOUGH = 100_000


@dataclass
class ReadFile:
    """What came of a file.

    Attributes:
        texts: of its objects of which at least one event was read.
        refused: why it is no whole calendar, "" if it is one.
    """

    objects: list[tuple[Event, ...]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    refused: str = ""

    def first(self) -> datetime | None:
        """The earliest DTSTART, as spelled."""
        return min((event.start.local for events in self.objects for event in events), default=None)

    def busy(self, window: Window, *, limit: int = MORE_THAN_ENOUGH) -> list[Busy]:
        """What blocks, by start; notes as doubts what the expansion could not follow."""
        found: list[Busy] = []
        for events in self.objects:
            expansion = expand(events, window=window, home_zone=HOME, limit=limit)
            flags = [*expansion.flagged, *([TOO_MANY] if expansion.truncated else [])]
            self.doubts += [Doubt(flag, events[0].summary, "", "", repeats=True) for flag in flags]
            found += [busy for busy in expansion.intervals if busy.opaque]
        return sorted(found, key=lambda busy: (busy.lo, busy.hi))


def read_file(text: str, owners: Sequence[str] = ()) -> ReadFile:
    """Read a calendar as a feed, and a bare component as the object of a server."""
    read_one = ReadFile()
    for one in objects_of(text, read_one):
        try:
            reading = read(one, frozenset(owners))
        except Unreadable as cause:
            read_one.doubts.append(Doubt(DoubtCode.UNREADABLE, cause.title, cause.starts, cause.reason))
            continue
        _add(read_one, one, reading)
    return read_one


def objects_of(text: str, read_one: ReadFile) -> list[str]:
    """The texts of a file's objects; one, if it is no calendar as a whole."""
    try:
        return [one.text for one in take_apart(text).objects]
    except FeedDamaged as damage:
        if "BEGIN:VCALENDAR" not in text.upper():
            return [text]
        read_one.refused = damage.reason
        return []


def _add(read_one: ReadFile, text: str, reading: Reading) -> None:
    read_one.doubts += reading.doubts
    if reading.events:
        read_one.objects.append(reading.events)
        read_one.texts.append(text)
