"""What an event of ours says, group by group, each with the two looks between which it came to say so. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.ids import made_at, made_before
from sync_agent.engine.store.event_json import event_to_json
from sync_agent.engine.sync.marking import count_of
from sync_agent.engine.sync.spell import words_of

if TYPE_CHECKING:
    from connectors.vocabulary.events import CalendarObject
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.values import Link


@dataclass(frozen=True, slots=True)
class Look:
    """One look at objects of a calendar.

    Attributes:
        read_at: when the calendar was last read in full before, if ever.
        at: when this one was over.
        asked: when it began, if it was for these very objects; None: they came with others, and may be older.
    """

    read_at: datetime | None
    at: datetime
    asked: datetime | None = None


def seen(item: CalendarObject, before: MirrorRow | None, link: Link | None, look: Look) -> dict[str, Any]:
    """Give what an object of ours says, as its mirror row holds it.

    Args:
        item: as it is now.
        before: its row until now.
        link: that waits for it or holds it.
        look: by which it was seen.
    """
    if not item.events:
        return {}
    earlier = before.fields if before else {}
    since, until = _last_look(item, before, link, look).isoformat(), look.at.isoformat()
    groups: dict[str, list[str]] = {}
    known = earlier.get("groups", {})
    for group, words in words_of(item.events[0]).items():
        name = group.value
        old = known.get(name)
        groups[name] = old if old is not None and old[0] == words else [words, since, until]
    marker = item.events[0].marker
    version, hashes = (marker.version, dict(marker.hashes)) if marker else (0, {})
    asked = earlier.get("asked") if look.asked is None else look.asked.isoformat()
    event = event_to_json(item.events[0])
    found = {"event": event, "groups": groups, "version": version, "hashes": hashes, "asked": asked}
    newest = count_of(earlier) if before else 0
    return found | ({"newest": newest} if newest > version else {})


def _last_look(item: CalendarObject, before: MirrorRow | None, link: Link | None, look: Look) -> datetime:
    """Give when an object surely did not say yet what it says now: asked for by itself, or read with all others.

    One that nobody saw before may have been edited ever since we made it, however often its calendar was read: some
    servers show late what is new. Where the calendar was never read, ever since its session was made.
    """
    if look.read_at is None:
        marker = item.events[0].marker if item.events else None
        return made_before(link.session if link else marker.session if marker else "", look.at)
    if before is None:
        return look.read_at if link is None else min(look.read_at, made_at(link.id))
    asked = before.fields.get("asked")
    return look.read_at if asked is None else max(look.read_at, datetime.fromisoformat(asked))
