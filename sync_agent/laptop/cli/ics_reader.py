"""Reads one calendar file under limits and says what is in it: the other half of `tutorsync ics check`.

A process of its own, because a file can be made so that reading it takes hours or all memory; what happens here cannot
harm the one that asked.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.ical.errors import Unreadable
from connectors.ical.feed import FeedDamaged, decoded, take_apart
from connectors.ical.scan import read
from connectors.ical.zones import Effort
from connectors.vocabulary.own_zones import is_own_zone

if TYPE_CHECKING:
    from connectors.vocabulary.events import Doubt, Event
    from connectors.vocabulary.times import Moment

MEMORY_BYTES = 900 * 1024 * 1024
LARGEST_BYTES = 20 * 1024 * 1024
"""As much as is read of a feed (connectors/ics): what is larger could be checked and then not connected."""

_SHOWN = 20
_LONGEST_TEXT = 200
_BROKEN_SHOWN = 50


def main() -> None:
    """Read the file that the first argument names; print one JSON object."""
    _limit_memory()
    try:
        told = what_is_in(Path(sys.argv[1]))
    except FeedDamaged as damage:
        told = {"reason": damage.reason}
    except OSError as cause:
        told = {"reason": (cause.strerror or "it cannot be read").lower()}
    except (MemoryError, RecursionError):
        told = {"reason": "reading it takes too much memory"}
    sys.stdout.write(json.dumps(told, ensure_ascii=True))


def what_is_in(path: Path) -> dict[str, Any]:
    """Say what is understood of a file.

    Raises:
        FeedDamaged: it is no whole calendar.
        OSError: it cannot be read.
    """
    if path.stat().st_size > LARGEST_BYTES:
        raise FeedDamaged("it is larger than 20 megabytes")
    feed = take_apart(decoded(path.read_bytes()))
    found: list[Event] = []
    broken: list[dict[str, str]] = []
    doubts: list[Doubt] = []
    effort = Effort()
    for one in feed.objects:
        try:
            reading = read(one.text, effort=effort)
        except Unreadable as cause:
            told = {"title": cause.title[:_LONGEST_TEXT], "starts": cause.starts[:_LONGEST_TEXT]}
            broken.append({"key": one.key[:_LONGEST_TEXT], "reason": cause.reason, **told})
            continue
        found += reading.events
        doubts += reading.doubts
    return {
        "file": path.name,
        "name": feed.name,
        "objects": len(feed.objects),
        "events": len(found),
        "recurring": sum(event.is_recurring for event in found),
        "zones": sorted({zone for event in found if (zone := _zone(event.start))}),
        "first": [_shown(event) for event in found[:_SHOWN]],
        "broken": broken[:_BROKEN_SHOWN],
        "broken_total": len(broken),
        "doubts": [_doubted(doubt) for doubt in doubts[:_BROKEN_SHOWN]],
        "doubts_total": len(doubts),
    }


def _shown(event: Event) -> dict[str, Any]:
    return {
        "uid": event.uid[:_LONGEST_TEXT],
        "summary": event.summary[:_LONGEST_TEXT],
        "start": event.start.local.isoformat(),
        "kind": event.start.kind.value,
        "zone": _zone(event.start),
        "recurring": event.is_recurring,
    }


def _zone(start: Moment) -> str | None:
    """Name the zone; one that the file made up has no other name than its own."""
    return start.tzid if start.zone is not None and is_own_zone(start.zone) else start.zone


def _doubted(doubt: Doubt) -> dict[str, str]:
    return {
        "code": doubt.code,
        "title": doubt.title[:_LONGEST_TEXT],
        "starts": doubt.starts[:_LONGEST_TEXT],
        "reason": doubt.reason,
    }


def _limit_memory() -> None:
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


if __name__ == "__main__":
    main()
