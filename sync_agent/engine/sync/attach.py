"""Tying a link to an object that was found: after a lost answer, a lost store, a take-over, or a late arrival.

The marker tells what was untouched since we wrote it (a hash of each group), so that only what a person changed counts
as an edit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sync_agent.engine.session_fields import value_of, where_value
from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.store.links import TOLD, BaseRow
from sync_agent.engine.sync.emptied import keep_emptiness, was_emptied
from sync_agent.engine.sync.named import unheld
from sync_agent.engine.sync.spell import (
    can_be_read,
    is_rewriting,
    short_hash,
    spellings,
    unescaped,
    values_of,
    when_as_written,
)
from sync_agent.engine.values import CALENDAR_GROUPS, Base, FieldGroup, Link, LinkState, Session

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Found:
    """An object of ours that no link holds yet.

    Attributes:
        obj: its id in the mirror.
        fields: what the mirror keeps of it (`MirrorRow.fields`).
    """

    link: Link
    obj: str
    uid: str
    etag: str | None
    shape: str
    fields: Mapping[str, Any]


def found_of(link: Link, row: MirrorRow) -> Found:
    """Give an object that the mirror has, for a link that lacked one."""
    return Found(link, row.id, row.uid, row.etag, row.shape, row.fields)


def attach(
    store: Store,
    connection: Connection,
    found: Sequence[Found],
    *,
    settling: Set[str] = frozenset(),
    strays: Set[str] = frozenset(),
) -> None:
    """Tie links to objects, and take as agreed what nobody touched since we wrote it.

    Args:
        store: of the links.
        connection: the unit of work.
        found: with their links.
        settling: links of which whoever calls says in the same transaction what was agreed.
        strays: links whose event is one too many by now: it goes, and what was typed there is heard before (`strays`).
    """
    if not found:
        return
    store.links.tie(connection, [(one.link, one.obj, one.uid) for one in found if one.link.id not in strays])
    found = [one for one in found if one.link.id not in settling]
    sessions = store.sessions.many(connection, [one.link.session for one in found])
    own_links = store.meetings.links_ever_of(connection, sessions)
    known = [one for one in found if one.link.session in sessions]

    def bases_of(one: Found, sent: Sequence[Mapping[FieldGroup, str]] = ()) -> list[BaseRow]:
        session = sessions[one.link.session]
        links, keeps = own_links.get(session.id, frozenset()), partial(_keeps, store, connection, one.link)
        return untouched(one, session, links, sent=sent, keeps=keeps)

    bases = {one.link.id: bases_of(one) for one in known}
    # Edited there and here since it was sent: what it said then stands in the journal.
    unclear = [one for one in known if len(bases[one.link.id]) < len(CALENDAR_GROUPS)]
    if unclear:
        sent = store.journal.written_with(connection, [one.link.id for one in unclear])
        told = _announced(store, connection, [one.link.id for one in unclear])
        bases |= {
            one.link.id: bases_of(one, [*sent.get(one.link.id, ()), told.get(one.link.id, {})]) for one in unclear
        }
        bases |= _gone_on_from(store, connection, unclear, bases)
    store.links.set_bases(connection, [row for rows in bases.values() for row in rows])
    emptied = [row for rows in bases.values() for row in rows if row.base.hub is None]
    _keep_emptied(store, connection, {one.link.id: one for one in known}, sessions, emptied)


def _gone_on_from(
    store: Store, connection: Connection, found: Sequence[Found], bases: Mapping[str, Sequence[BaseRow]]
) -> dict[str, list[BaseRow]]:
    """Give the bases of links to events that an earlier link of their session held: from the trash they came back.

    What was agreed on there since we wrote, the marker does not tell. What it says as it did then is nobody's edit.
    """
    before = {
        row.link.obj: row
        for rows in store.links.of_sessions(connection, [one.link.session for one in found], closed=True).values()
        for row in sorted(rows, key=lambda row: row.link.incarnation)
        if row.link.state is LinkState.CLOSED and row.link.obj is not None
    }
    gone_on: dict[str, list[BaseRow]] = {}
    for one in found:
        agreed = before[one.obj].bases if one.obj in before else {}
        told = {row.group: row for row in bases[one.link.id]}
        words = {FieldGroup(name): said[0] for name, said in one.fields.get("groups", {}).items()}
        told |= {
            group: BaseRow(one.link.id, group, base, etag=one.etag, settled_by=TOLD if base.is_told else None)
            for group, base in agreed.items()
            if base.hub is not None and (group not in told or base.side == words.get(group))
        }
        gone_on[one.link.id] = list(told.values())
    return gone_on


def _announced(store: Store, connection: Connection, links: Sequence[str]) -> dict[str, dict[FieldGroup, str]]:
    """Give by link with what another device was about to make its event, as it told; what the event says counts now."""
    found: dict[str, dict[FieldGroup, str]] = {}
    for link, row in store.links.by_ids(connection, links).items():
        told = {group: base for group, base in row.bases.items() if base.is_told and base.side is None}
        found[link] = {group: base.hub for group, base in told.items() if base.hub is not None}
        if told:
            others = [(group, base) for group, base in row.bases.items() if group not in told]
            store.links.drop_bases(connection, link)
            store.links.set_bases(connection, [BaseRow(link, *one, settled_by=TOLD) for one in others])
    return found


def _keeps(store: Store, connection: Connection, link: Link, group: FieldGroup) -> bool:
    """Whether it was a person who emptied a text (`emptied`). Of what is being settled, whoever settles it says so."""
    return link.id in store.journal.blocked_links(connection) or store.links.keeps(connection, link.calendar, group)


def _keep_emptied(
    store: Store,
    connection: Connection,
    found: Mapping[str, Found],
    sessions: Mapping[str, Session],
    rows: Sequence[BaseRow],
) -> None:
    """Keep what was emptied as versions that lost."""
    if not rows:
        return
    calendars = {one.id: one for one in store.accounts.calendars(connection)}
    for row in rows:
        link, session = store.links.get(connection, row.link), sessions[found[row.link].link.session]
        if link is None:
            continue
        said = found[row.link].fields["groups"][row.group.value]
        value = where_value(online=session.online, place="") if row.group is FieldGroup.WHERE else ""
        since, until = map(datetime.fromisoformat, said[1:3])
        calendar = calendars[link.link.calendar]
        keep_emptiness(store, connection, calendar, link, session, row.group, value, since=since, now=until)


def untouched(
    found: Found,
    session: Session,
    own_links: frozenset[str],
    *,
    sent: Sequence[Mapping[FieldGroup, str]] = (),
    keeps: Callable[[FieldGroup], bool] = lambda _: True,
) -> list[BaseRow]:
    """Say what of an object is as we wrote it, and of which groups it was a known value that somebody changed there.

    Pure. What a server made of that value is nobody's edit.

    Args:
        found: the object.
        session: the hub.
        own_links: every join link that we may have written there.
        sent: what was written there before; the hub may say something else by now.
        keeps: whether the calendar was seen to keep words of a group: then it was a person who emptied it (`emptied`).
    """
    hashes: Mapping[str, str] = found.fields.get("hashes", {})
    if "event" not in found.fields:
        return []
    event = event_from_json(found.fields["event"])
    if found.shape not in ("single", "cancelled") or not can_be_read((event,)):
        return []
    values = values_of(event, session, own_links=own_links)
    # In its own zone, and online or not: the session may have been given another since.
    as_written = {group: {*spellings(group, values[group])} for group in CALENDAR_GROUPS}
    as_written[FieldGroup.WHEN].add(when_as_written(event))
    words = {FieldGroup(name): said[0] for name, said in found.fields["groups"].items()}
    bases: dict[FieldGroup, Base] = {}
    for group in CALENDAR_GROUPS:
        written = hashes.get(group.value)
        if written in {short_hash(one) for one in as_written[group]}:
            bases[group] = Base(hub=values[group], side=words[group])
            continue
        # As its server escapes it, it tells itself what was sent, though hub and journal know of that no more.
        candidates = (
            value_of(session, group),
            *(one[group] for one in sent if group in one),
            *unescaped(group, values[group]),
        )
        hub = next((one for one in candidates if short_hash(one) == written), None)
        if not hashes:
            # Its server drops the marker: what it may have made of our words is what we wrote.
            hub = next((one for one in candidates if is_rewriting(group, one, values[group])), None)
            # What was sent is all that ever stood there: anything else was typed over it.
            hub = next((one[group] for one in sent if group in one), None) if hub is None else hub
        if hub is not None and was_emptied(group, hub, values[group]) and not keeps(group):
            bases[group] = Base(hub=None, side=words[group])
        elif hub is not None:
            bases[group] = Base(hub=hub, side=words[group] if is_rewriting(group, hub, values[group]) else None)
    return [BaseRow(found.link.id, group, base, etag=found.etag) for group, base in bases.items()]


def claim(store: Store, connection: Connection, links: Mapping[str, Sequence[LinkRow]]) -> tuple[set[str], set[str]]:
    """Give links that lack an event the one that bears their session's marker, or their name, before another is made.

    Not where another was sent, and nobody knows yet what became of it: there would be two then, and one be nobody's.

    Returns:
        Links that have an object now, and links whose object must be looked at first.
    """
    everyone = [row.link for rows in links.values() for row in rows]
    lacking = [link for link in everyone if link.state is LinkState.WANT and link.obj is None]
    if lacking:
        blocked = store.journal.blocked_links(connection)
        lacking = [link for link in lacking if link.id not in blocked]
    if not lacking:
        return set(), set()
    marked = store.mirror.unlinked_marked(connection, {link.session for link in lacking})
    named = _named(store, connection, [link for link in lacking if (link.calendar, link.session) not in marked])
    found: list[Found] = []
    unsure: set[str] = set()
    for link in lacking:
        row = marked.get((link.calendar, link.session), named.get(link.id))
        if row is None or (row.shape != "single" and row.uid != link.uid):
            continue  # what a phone made something else of is asked about only where it bears the very name
        if row.refetch or "event" not in row.fields:
            # Read while nobody knew its session, so without its text: first it is looked at.
            store.mirror.mark_refetch(connection, link.calendar, [row.key])
            unsure.add(link.id)
        else:
            found.append(found_of(link, row))
    attach(store, connection, found)
    return {one.link.id for one in found}, unsure


def _named(store: Store, connection: Connection, links: Sequence[Link]) -> dict[str, MirrorRow]:
    """Give by link the event that bears its name and that no link holds: its server drops markers.

    On the platform a session's name is its id, and nobody's but ours.
    """
    names: dict[str, dict[str, str]] = {}
    for link in links:
        if link.uid != link.session:
            names.setdefault(link.calendar, {})[link.uid] = link.id
    return {
        mine[uid]: row
        for calendar, mine in names.items()
        for uid, row in unheld(store, connection, calendar, mine).items()
    }
