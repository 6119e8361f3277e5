"""One session beside one object: which fields are equal, and what a difference is. Pure.

A difference is no fault in three cases only. It waits: the hub moved on, the engine knows that this session is not at
rest, and that for less than a day. It is held: an open question is about it. It was agreed: the base says that hub and
side said just this when they last agreed, and the one can be what a server made of the other (cut, re-spaced, tags
around it; whole minutes on the platform). A base alone excuses nothing, for bases are what the engine believes.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.audit.values import (
    BLOCK,
    BUSY,
    IN_A_BLOCK,
    IN_A_CALENDAR,
    ON_THE_PLATFORM,
    Field,
    Finding,
    Hub,
    Kind,
    Link,
    Thing,
)

if TYPE_CHECKING:
    from sync_agent.audit.values import CalendarInfo

PATIENCE = timedelta(days=1)
"""So long may a write wait while its account works."""

_SHORTEST_CUT = 16
_SHOWN = 120
_MINUTE = timedelta(minutes=1)
_TAGS = re.compile(r"<[^>]+>")
_QUERY = re.compile(r"(https?://[^\s?]+)\?\S+")
_GROUPS = {Field.PLACE: "where", Field.ONLINE: "where"}
_TEXTS = (Field.TITLE, Field.PLACE, Field.NOTES, Field.SUBJECT)


@dataclass(slots=True)
class Tally:
    """What was found so far."""

    compared: int = 0
    equal: int = 0
    findings: list[Finding] = field(default_factory=list)

    def add(self, finding: Finding, *, fields: int = 1) -> None:
        """Note a finding; a fault counts as so many fields that are not equal, what was agreed as equal ones."""
        self.findings.append(finding)
        if finding.kind.is_fault:
            self.compared += fields
        elif finding.kind is Kind.REWRITTEN:
            self.compared += fields
            self.equal += fields


@dataclass(frozen=True, slots=True)
class Pair:
    """A session and its object.

    Attributes:
        works: whether the account works, so that nothing has a reason to wait for long.
        is_elsewhere: another device writes to that calendar, and has its own bases of it: what differs waits for it.
        is_left: a block that was put back today: what somebody does to it after that is put back tomorrow.
    """

    hub: Hub
    link: Link
    thing: Thing
    calendar: CalendarInfo
    works: bool = True
    is_elsewhere: bool = False
    is_left: bool = False

    @property
    def is_platform(self) -> bool:
        """Whether the object is a session of the platform."""
        return self.calendar.role == "platform"

    @property
    def fields(self) -> tuple[Field, ...]:
        """What the side can say."""
        if self.calendar.role == BLOCK:
            return IN_A_BLOCK
        return ON_THE_PLATFORM if self.is_platform else IN_A_CALENDAR


def compare(pair: Pair, now: datetime, tally: Tally) -> None:
    """Compare field by field."""
    for one in pair.fields:
        if _is_equal(pair, one):
            tally.compared += 1
            tally.equal += 1
        else:
            tally.add(finding_of(_kind(pair, one, now), pair.hub, pair.calendar, one, pair.thing, pair.link))


def finding_of(
    kind: Kind,
    hub: Hub,
    calendar: CalendarInfo,
    one: Field | None = None,
    thing: Thing | None = None,
    link: Link | None = None,
) -> Finding:
    """Put a finding into words that can be shown: short, and no link with its password."""
    here = _said_here(hub, one, calendar) if one is not None else ""
    there = "" if thing is None else thing.trouble or (_said_there(thing, one) if one is not None else "")
    return Finding(
        kind=kind,
        calendar=calendar.id,
        session=hub.id,
        title=shown(hub.title),
        starts_at=hub.when.start,
        field=one,
        here=_from_difference(here, there),
        there=_from_difference(there, here),
        is_seen=thing is None or link is None or thing.version in ("", link.version),
    )


def shown(text: str) -> str:
    """Shorten a text, and hide what stands behind the question mark of an address: it may be a password."""
    plain = _QUERY.sub(r"\1?…", text)
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]}…"


def late(pair_edited_at: datetime | None, now: datetime, *, works: bool) -> Kind:
    """Say whether what waits since then waits too long."""
    is_late = works and pair_edited_at is not None and now - pair_edited_at > PATIENCE
    return Kind.OVERDUE if is_late else Kind.WAITS


def _from_difference(text: str, other: str) -> str:
    """Begin a long text shortly before it differs."""
    if max(len(text), len(other)) <= _SHOWN:
        return shown(text)
    same = next((at for at, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), min(len(text), len(other)))
    begins = max(0, same - _SHOWN // 4)
    return shown(("…" if begins else "") + text[begins:])


def _is_equal(pair: Pair, one: Field) -> bool:
    hub, thing = pair.hub, pair.thing
    there = thing.fields[one]
    if one is Field.LINK and not pair.is_platform:
        held = _links_there(thing)
        stale = thing.fields[Field.PLACE].strip() in hub.old_links - {hub.join_url}
        return not stale and set(held) == ({hub.join_url} if hub.join_url else set())
    if one is Field.PLACE and not pair.is_platform and there.strip() in hub.old_links:
        there = ""  # where there is no place, the link stands there
    return _said_here(hub, one, pair.calendar).strip() == there.strip()


def _said_here(hub: Hub, one: Field, calendar: CalendarInfo) -> str:
    said = {
        Field.WHEN: hub.when.text,
        Field.TITLE: BUSY if calendar.role == BLOCK else hub.title,
        Field.PLACE: hub.place,
        Field.NOTES: hub.notes,
        Field.LINK: hub.join_url,
        Field.ONLINE: str(hub.online).lower(),
        Field.STATUS: hub.status,
        Field.SUBJECT: hub.subject,
        Field.STUDENTS: " ".join(hub.students),
        Field.CHARGEABLE: str(hub.chargeable).lower(),
    }
    return said[one]


def _said_there(thing: Thing, one: Field) -> str:
    if one is Field.LINK and thing.fields[one].startswith("{"):
        return " ".join(dict.fromkeys(_links_there(thing)))
    return thing.fields[one]


def _links_there(thing: Thing) -> list[str]:
    """Give every link that an event holds where ours stands."""
    return [link for link in json.loads(thing.fields[Field.LINK]).values() if link]


def _kind(pair: Pair, one: Field, now: datetime) -> Kind:
    """Say what a difference is."""
    hub, link = pair.hub, pair.link
    group = _GROUPS.get(one, one.value)
    base_hub, base_side = link.bases.get(group, (None, None))
    is_agreed = _is_hubs(base_hub, hub, one, pair.calendar)
    if pair.is_elsewhere and _is_rewriting(pair, one):
        return Kind.REWRITTEN
    if pair.is_left:
        return Kind.WAITS
    if pair.is_elsewhere or link.is_written or link.must_look or (not hub.is_at_rest and not is_agreed):
        return late(hub.edited_at.get(group), now, works=pair.works)
    if is_agreed and _is_sides(base_side, pair, one) and _is_rewriting(pair, one):
        return Kind.REWRITTEN
    return Kind.DIFFERS


def _is_hubs(base: str | None, hub: Hub, one: Field, calendar: CalendarInfo) -> bool:
    """Whether a base says what the hub says now."""
    if base is None:
        return False
    match one:
        case Field.WHEN:
            told = json.loads(base)
            return (told["start"], told["zone"], timedelta(seconds=told["seconds"])) == (
                datetime.fromisoformat(hub.wall).isoformat(timespec="seconds"),
                hub.zone,
                hub.when.duration,
            )
        case Field.PLACE | Field.ONLINE:
            told = json.loads(base)
            return (told["place"], told["online"]) == (hub.place, hub.online)
        case Field.LINK:
            return bool(json.loads(base)["join_url"] == hub.join_url)
        case Field.STUDENTS:
            return bool(json.loads(base) == list(hub.students))
        case Field.CHARGEABLE:
            return json.loads(base) is hub.chargeable
        case _:
            return base == _said_here(hub, one, calendar)


def _is_sides(base: str | None, pair: Pair, one: Field) -> bool:
    """Whether a base says what the side says now. Only of fields that a server may rewrite."""
    if base is None:
        return False
    there = pair.thing.fields[one]
    match one:
        case Field.WHEN if pair.is_platform:
            told = json.loads(base)
            length = (_span(there)[1]).total_seconds()
            return bool(told["seconds"] == length)
        case Field.PLACE if pair.is_platform:
            return str(json.loads(base)["place"]).strip() == there.strip()
        case Field.LINK if not pair.is_platform:
            return bool(json.loads(base) == json.loads(there))
        case _ if one in _TEXTS:
            return base.strip() == there.strip()
        case _:
            return False


def _is_rewriting(pair: Pair, one: Field) -> bool:
    """Whether the side's words can be what it made of ours."""
    here, there = _said_here(pair.hub, one, pair.calendar), pair.thing.fields[one]
    match one:
        case Field.WHEN:
            (start, lasts), (start_there, lasts_there) = _span(here), _span(there)
            return start == start_there and abs(lasts - lasts_there) < _MINUTE and not lasts_there % _MINUTE
        case Field.LINK:
            # A link that somebody else put into an event of theirs that became ours.
            return not pair.hub.join_url and not set(_links_there(pair.thing)) & pair.hub.old_links
        case _:
            flat, flat_there = _flat(here), _flat(there)
            return flat == flat_there or (len(flat_there) >= _SHORTEST_CUT and flat.startswith(flat_there))


def _span(text: str) -> tuple[datetime, timedelta]:
    start, end = (datetime.fromisoformat(part) for part in text.split("/"))
    return start, end - start


def _flat(text: str) -> str:
    return " ".join(html.unescape(_TAGS.sub(" ", text)).split())
