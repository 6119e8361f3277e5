"""One calendar, or the platform, beside the store: what is equal, differs, is missing, doubled or stray. Pure.

The store is looked at before and after the side was read. What changed in between is not judged: the engine goes on
while we look.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.audit.compare import Pair, Tally, compare, finding_of, late, shown
from sync_agent.audit.values import BLOCK, BROKEN, CANCELLED, Field, Finding, Hub, Kind, Link, Thing

if TYPE_CHECKING:
    from sync_agent.audit.values import CalendarInfo, Ledger

PUT_BACK_EVERY = timedelta(days=1)
BACK, AHEAD = timedelta(days=30), timedelta(days=400)
"""The window that sessions are mirrored in; once linked, they are compared beyond its end, too."""

# Why a link ended without its object being to go: the tutor wanted it so, or it is no longer ours to say.
_LET_GO = frozenset({"unlinked", "role changed", "not on the platform", "deleted in the past", "moved on", "let go"})


@dataclass(frozen=True, slots=True)
class Sight:
    """One side, read between two looks at the store.

    Attributes:
        after: the later look.
        moved: sessions that the engine was at work on in between.
        things: all objects of the side that may be ours.
        works: whether its account works.
        is_elsewhere: another device writes there; this store's links of it are hearsay.
    """

    after: Ledger
    moved: frozenset[str]
    calendar: CalendarInfo
    things: Sequence[Thing]
    now: datetime
    works: bool = True
    is_elsewhere: bool = False

    @property
    def is_platform(self) -> bool:
        """Whether the side is the platform."""
        return self.calendar.role == "platform"

    def is_left(self, session: str) -> bool:
        """Whether a session's block was put back within a day: what is done to it after that is left until tomorrow."""
        at = self.after.put_back.get((session, self.calendar.id))
        return at is not None and self.now - at < PUT_BACK_EVERY

    def links(self) -> list[Link]:
        """Give the links of this calendar, closed ones too, oldest first."""
        mine = [link for link in self.after.links.values() if link.calendar == self.calendar.id]
        return sorted(mine, key=lambda link: link.id)


def moved_between(before: Ledger, after: Ledger) -> frozenset[str]:
    """Give the sessions of which anything changed between two looks."""
    ids = before.sessions.keys() | after.sessions.keys()
    moved = {one for one in ids if before.sessions.get(one) != after.sessions.get(one)}
    for link in {**before.links, **after.links}.values():
        if before.links.get(link.id) != after.links.get(link.id):
            moved.add(link.session)
    return frozenset(moved)


def judge(sight: Sight, tally: Tally) -> None:
    """Compare everything that is linked, and look for what is there or missing without a link."""
    claims = _Claims(sight.things)
    links = sight.links()
    open_links = [link for link in links if link.is_open]
    for link in open_links:
        hub, thing = sight.after.sessions.get(link.session), claims.take(link)
        if hub is None and thing is not None:
            tally.add(Finding(Kind.STRAY, sight.calendar.id, link.session, shown(thing.title), there=thing.trouble))
        elif hub is not None and hub.ends_at >= sight.now - BACK:
            _judge_link(sight, link, hub, thing, tally)
    _judge_unlinked(sight, links, claims, tally)
    _judge_rest(sight, links, claims.left(), tally)


class _Claims:
    """Which object belongs to which link; each is given once."""

    def __init__(self, things: Iterable[Thing]) -> None:
        self._left = {thing.place: thing for thing in things}
        self._by_uid: dict[str, list[str]] = defaultdict(list)
        for thing in self._left.values():
            self._by_uid[thing.uid].append(thing.place)

    def take(self, link: Link) -> Thing | None:
        """Give the object of a link: by its UID, at its own place first; else what lies at its place."""
        places = [link.place, *self._by_uid.get(link.uid, [])] if link.uid else [link.place]
        found = [self._left[place] for place in places if place in self._left]
        chosen = next((one for one in found if one.uid == link.uid), None) or next(
            (one for one in found if one.session == link.session or one.trouble == BROKEN), None
        )
        return None if chosen is None else self._left.pop(chosen.place)

    def take_of(self, session: str) -> Thing | None:
        """Give an object that says it belongs to a session."""
        found = next((one for one in self._left.values() if one.session == session), None)
        return None if found is None else self._left.pop(found.place)

    def left(self) -> list[Thing]:
        """Give what no link has taken."""
        return list(self._left.values())


def _judge_link(sight: Sight, link: Link, hub: Hub, thing: Thing | None, tally: Tally) -> None:
    calendar, fields = sight.calendar, len(Pair(hub, link, Thing("", "", ""), sight.calendar).fields)

    def found(kind: Kind, one: Field | None = None, *, count: int = fields) -> None:
        tally.add(finding_of(kind, hub, calendar, one, thing, link), fields=count)

    if hub.id in sight.moved:
        found(Kind.WAITS)
    elif link.state == "held":
        is_asked = bool(sight.after.asked & {link.id, hub.id, calendar.id})
        found(Kind.HELD if is_asked else Kind.UNASKED)
    elif link.state == "closing" or not (hub.is_live or sight.is_platform):
        if thing is not None:
            found(_going(sight, link, hub), count=1)
    elif (thing is None or thing.trouble) and sight.is_left(hub.id):
        found(Kind.WAITS)
    elif thing is None:
        found(_absent(sight, link, hub))
    elif thing.trouble == BROKEN:
        found(Kind.UNREADABLE)
    elif thing.trouble == CANCELLED:
        found(Kind.MISSING)
    elif thing.trouble:
        found(Kind.DIFFERS, Field.WHEN, count=1)
    else:
        pair = Pair(hub, link, thing, calendar, sight.works, sight.is_elsewhere, is_left=sight.is_left(hub.id))
        compare(pair, sight.now, tally)


def _going(sight: Sight, link: Link, hub: Hub) -> Kind:
    """Say what an object is that is to go and is still there."""
    if hub.is_at_rest and not (link.is_written or sight.is_elsewhere) and link.state != "closing":
        return Kind.STRAY
    return late(hub.edited_at.get("status"), sight.now, works=sight.works)


def _absent(sight: Sight, link: Link, hub: Hub) -> Kind:
    """Say what it means that a side does not have what it is linked to."""
    if not sight.calendar.confirmed:
        return Kind.HELD  # nothing is written there before the tutor agreed
    if link.state == "want" and not hub.is_at_rest:
        return late(link.made_at, sight.now, works=sight.works)
    if link.is_written or link.must_look or sight.is_elsewhere:
        return late(_last_edit(hub), sight.now, works=sight.works)
    return Kind.MISSING


def _judge_unlinked(sight: Sight, links: Sequence[Link], claims: _Claims, tally: Tally) -> None:
    """Name the sessions that should be there and have no link."""
    calendar = sight.calendar
    if calendar.role not in ("sessions", BLOCK, "platform") or calendar.state != "ok":
        return
    linked = {link.session for link in links if link.is_open}
    let_go = {link.session for link in links if link.closed_why in _LET_GO - {"role changed"}}
    ever = {link.session for link in links}
    for hub in sight.after.sessions.values():
        in_window = sight.now - BACK <= hub.ends_at and hub.when.start <= sight.now + AHEAD
        was_there = hub.id in ever and hub.ends_at <= sight.now
        if not (hub.is_live and in_window) or hub.id in linked | let_go or was_there:
            continue
        thing = claims.take_of(hub.id) if sight.is_elsewhere else None
        if thing is not None:
            _judge_link(sight, _NO_LINK, hub, thing, tally)
            continue
        kind = Kind.MISSING
        if hub.id in sight.moved or not hub.is_at_rest or sight.is_elsewhere:
            kind = late(_last_edit(hub), sight.now, works=sight.works)
        fields = len(Pair(hub, _NO_LINK, Thing("", "", ""), calendar).fields)
        tally.add(finding_of(kind, hub, calendar), fields=fields)


def _judge_rest(sight: Sight, links: Sequence[Link], things: Sequence[Thing], tally: Tally) -> None:
    """Name what is ours and was not expected: a second one, or one without a session."""
    by_session: Mapping[str, list[Link]] = _grouped(links)
    by_uid = {link.uid: link for link in links}
    for thing in things:
        known = by_uid.get(thing.uid)
        session = thing.session or (known.session if known is not None else "")
        if not session:
            continue
        hub, mine = sight.after.sessions.get(session), by_session.get(session, [])
        kind = _surplus(sight, session, hub, mine, thing)
        if kind is None:
            continue
        if hub is not None:
            tally.add(finding_of(kind, hub, sight.calendar, None, thing))
        else:
            tally.add(Finding(kind, sight.calendar.id, session, shown(thing.title), there=thing.trouble))


def _surplus(sight: Sight, session: str, hub: Hub | None, links: Sequence[Link], thing: Thing) -> Kind | None:
    if session in sight.moved:
        return Kind.WAITS
    if any(link.is_open for link in links):
        return Kind.DOUBLED
    if sight.is_elsewhere:
        return late(None if hub is None else _last_edit(hub), sight.now, works=sight.works)
    if hub is None:
        return Kind.STRAY
    last = links[-1] if links else None
    if last is not None and (last.closed_why in _LET_GO or (not thing.session and last.uid != thing.uid)):
        return None
    if sight.after.asked & {session, *(link.id for link in links)}:
        return Kind.HELD
    return Kind.STRAY if hub.is_at_rest else late(_last_edit(hub), sight.now, works=sight.works)


def _grouped(links: Iterable[Link]) -> dict[str, list[Link]]:
    found: dict[str, list[Link]] = defaultdict(list)
    for link in links:
        found[link.session].append(link)
    return found


def _last_edit(hub: Hub) -> datetime | None:
    return max(hub.edited_at.values(), default=None)


_NO_LINK = Link("", "", "", "", "live", "", "", "", {}, is_written=False, must_look=False, made_at=None)
