"""Pull from the platform: its sessions become ours, or edits of ours (ARCHITECTURE.md, "The star").

A session that is new here is stored as it stands there; there is nothing to merge it with. One that is known goes into
the mirror and is planned like any other side's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.sessions import Origin, SessionRecord, SessionStatus
from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import canonical, value_of
from sync_agent.engine.store.origins import origin_from_json, origin_to_json
from sync_agent.engine.sync.giving_up import is_taken_back
from sync_agent.engine.sync.merge import is_newer
from sync_agent.engine.sync.pull import Pulled
from sync_agent.engine.values import (
    IN_APP,
    ON_PLATFORM,
    PLATFORM_GROUPS,
    Base,
    CalendarRow,
    FieldGroup,
    Link,
    LinkState,
    MeetingRow,
    Session,
    Student,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.changes import Cursor
    from connectors.vocabulary.protocols import Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.naming import Naming
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.lanes import Halt


NOT_THERE = "not on the platform"
"""Why a link was closed whose session the platform does not show to this device (any more)."""


class PlatformPuller:
    """Reads the platform's feed into the mirror and, for sessions that are new, into the hub."""

    def __init__(self, store: Store, clock: Clock, naming: Naming) -> None:
        self._store, self._clock, self._naming = store, clock, naming

    def pull(self, calendar: CalendarRow, platform: Platform, cursor: Cursor | None, halt: Halt) -> Pulled:
        """Read what changed on the platform since the cursor.

        Raises:
            ConnectorError: as `Platform.feed` says; pages that came before are kept.
            Halted: likewise.
        """
        store = self._store
        total, listed, is_full = Pulled(), set[str](), False
        while True:
            page = platform.feed(cursor, timedelta(0))
            if not (page.full or page.sessions or page.students or page.removed) and page.cursor in (None, cursor):
                return total
            now = self._clock.now()
            is_full = is_full or page.full
            listed |= {record.id for record in page.sessions}
            with store.write() as connection:
                if page.restarted:
                    # What was agreed may be unsaid: each value has to hold its own against what we have.
                    store.links.forget_hub(connection, calendar.id)
                for student in page.students:
                    one = Student(student.id, student.name, student.zone, student.email, on_platform=True)
                    store.sessions.put_student(connection, one)
                self.absorb(connection, calendar, page.sessions, now=now, is_listing=page.full)
                absent = set(page.removed)
                if is_full and not page.more:
                    absent |= store.mirror.living_keys(connection, calendar.id) - listed
                store.mirror.mark_refetch(connection, calendar.id, absent)
                if page.cursor is not None:
                    store.accounts.store_cursor(connection, calendar.id, page.cursor)
            total.objects += len(page.sessions)
            total.hints += len(absent)
            cursor = page.cursor or cursor
            if not page.more:
                return total
            halt.check()

    def look(self, calendar: CalendarRow, platform: Platform) -> Pulled:
        """Look directly at what must be looked at. What is no longer there is let go; no session is cancelled by it."""
        with self._store.read() as connection:
            rows = self._store.mirror.to_refetch(connection, calendar.id)
        if not rows:
            return Pulled()
        records = platform.fetch([row.key for row in rows])
        now = self._clock.now()
        found = {record.id for record in records}
        pulled = Pulled(objects=len(records))
        with self._store.write() as connection:
            self.absorb(connection, calendar, records, now=now)
            for row in rows:
                if row.key not in found:
                    self._let_go(connection, calendar, row, now)
                    pulled.removed += 1
        return pulled

    def absorb(
        self,
        connection: Connection,
        calendar: CalendarRow,
        records: Sequence[SessionRecord],
        *,
        now: datetime,
        is_listing: bool = False,
    ) -> None:
        """Store records as they are now seen.

        A mirror row never goes back in version: an answer that was under way may be older than what we have. Only a
        full listing may say so, because a backup that was put back on the platform has older versions.
        """
        store = self._store
        records = [named_here(record, self._naming.keys) for record in records]
        ids = [record.id for record in records]
        rows = store.mirror.by_keys(connection, calendar.id, ids)
        sessions = store.sessions.many(connection, ids)
        links = store.links.by_uids(connection, calendar.id, ids)
        changed: list[tuple[datetime, datetime]] = []
        for record in records:
            before = rows.get(record.id)
            is_older = before is not None and before.gone_at is None and int(before.etag or 0) > record.version
            if is_older and not is_listing:
                continue
            row = _mirror_row(record, before, calendar, now)
            (store.mirror.update if before else store.mirror.insert)(connection, [row])
            changed.append((record.when.starts_at, record.when.ends_at))
            link = links.get(record.id)
            if record.id not in sessions:
                self._adopt(connection, calendar, record, row, now)
            elif link is None:
                self._link(connection, calendar, record, row["id"], LinkState.LIVE, now)
                self._follow_meeting(connection, record, now)
            else:
                self._follow_meeting(connection, record, now, before)
                self._hear_of_retyping(connection, sessions[record.id], record)
                if before is not None:
                    self._hear_of_edits(connection, calendar, sessions[record.id], record, before)
            if link is not None and link.obj is None:
                store.links.set(connection, link.id, obj=row["id"], state=LinkState.LIVE)
        # A calendar may have shown their events before anybody knew the sessions.
        changed += self._never_were_busy(connection, [one for one in ids if one not in sessions])
        store.sessions.unsettle(connection, ids)
        store.unchecked.note(connection, changed)

    def _hear_of_retyping(self, connection: Connection, known: Session, record: SessionRecord) -> None:
        """Take over who typed a value that we hold already, where somebody did so once more, elsewhere, and later.

        An edit was taken back there, of which we never heard. What was typed in a calendar in between is older. Whoever
        calls a session off that was none says nothing about the event of which it had been made.
        """
        told = session_of(record, self._clock.now(), side="")
        retyped = {
            group: origin
            for group, origin in told.origins.items()
            if origin.side in IN_APP | {ON_PLATFORM}
            and (before := known.origins.get(group)) is not None
            and is_newer(origin, before)
            and value_of(told, group) == value_of(known, group)
            and not (group is FieldGroup.STATUS and is_taken_back(known))
        }
        if retyped:
            self._store.sessions.update(connection, replace(known, origins={**known.origins, **retyped}))
            self._store.links.forget_retyped(connection, known.id, {group: value_of(known, group) for group in retyped})

    def _hear_of_edits(
        self, connection: Connection, calendar: CalendarRow, known: Session, record: SessionRecord, before: MirrorRow
    ) -> None:
        """Know what its words alone do not tell of edits, where the platform says something else than the hub.

        What somebody typed once more, over something of which we never heard, is what was agreed on, as if nobody had
        edited it. And what was found in a calendar after it had shown the hub's value was typed over that one, though
        the platform may never have heard of it.
        """
        told, earlier = session_of(record, self._clock.now(), side=""), before.fields.get("groups", {})
        edits = {
            group: origin
            for group, origin in told.origins.items()
            if group in known.origins and value_of(told, group) != value_of(known, group)
        }
        links = self._store.links.of_sessions(connection, [known.id] if edits else []).get(known.id, [])
        agreed = {row.link.calendar: row for row in links}
        ours = agreed.get(calendar.id)
        if ours is None:
            return
        rows = self._store.mirror.by_ids(connection, [row.link.obj for row in links if row.link.obj is not None])
        for group in sorted(edits.keys() & ours.bases.keys()):
            origin, base = edits[group], ours.bases[group]
            there = agreed.get(origin.side)
            if there is not None and _showed(there, rows.get(there.link.obj or ""), group, known, before=origin.until):
                base = replace(base, hub=value_of(known, group))
            old = earlier.get(group.value, [""])
            is_as_before = old[0] == value_of(told, group) and is_newer(origin, known.origins[group])
            if is_as_before and all(is_newer(origin, origin_from_json(one)) for one in old[3:]):
                base = replace(base, side=None)
            if base != ours.bases[group]:
                self._store.links.set_base(connection, ours.link.id, group, base)

    def _never_were_busy(self, connection: Connection, sessions: Sequence[str]) -> list[tuple[datetime, datetime]]:
        """Take events of sessions that nobody knew until now out of the busy time, and let them be looked at."""
        store, freed = self._store, list[tuple[datetime, datetime]]()
        for calendar, uids in store.mirror.marked(connection, sessions).items():
            freed += store.bookings.busy_of(connection, calendar, uids)
            store.bookings.replace_busy(connection, calendar, uids, [])
        store.mirror.refetch_marked(connection, sessions)
        return freed

    def _adopt(
        self,
        connection: Connection,
        calendar: CalendarRow,
        record: SessionRecord,
        row: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Take over a session that is new here: hub, link and bases in one transaction."""
        session = session_of(record, now, side=calendar.id)
        self._store.sessions.insert(connection, session)
        link = self._link(connection, calendar, record, row["id"], LinkState.LIVE, now)
        for group in PLATFORM_GROUPS:
            value = value_of(session, group)
            self._store.links.set_base(connection, link, group, Base(hub=value, side=value), etag=str(record.version))
        words = platform_link_words(record)
        if record.join_url:
            self._store.meetings.insert(connection, uuid7(now), _platform_meeting(record))
        value = platform_link_value(record.meeting_provider, record.join_url)
        self._store.links.set_base(connection, link, FieldGroup.LINK, Base(hub=value, side=words))

    def _follow_meeting(
        self, connection: Connection, record: SessionRecord, now: datetime, before: MirrorRow | None = None
    ) -> None:
        """Take over the link of a meeting that the platform made. One that we made is ours to say.

        Unless another one is said by now: then a copy of this profile made one, too, and what the host has decides. Or
        none, of a session that needs none: whoever looks after the host by now has removed it.
        """
        meetings = self._store.meetings
        known = meetings.of_sessions(connection, [record.id]).get(record.id)
        if known is not None and (known.state == "wanted" or known.join_url == record.join_url):
            return
        if known is not None and known.remote_id:
            if record.join_url and record.join_url not in meetings.links_ever(connection, record.id):
                meetings.set(connection, record.id, state="wanted")
                self._store.sessions.unsettle(connection, [record.id])
            elif _lost_its_link(record, before, known.join_url):
                # If it is still there after all, that is seen with the next sweep of its host.
                meetings.set(connection, record.id, state="gone", sweep_after=now)
                self._store.sessions.unsettle(connection, [record.id])
            return
        if known is not None:
            meetings.set(connection, record.id, state="gone")
        if record.join_url and record.join_url not in meetings.links_ever(connection, record.id):
            meetings.insert(connection, uuid7(now), _platform_meeting(record))

    def _link(
        self,
        connection: Connection,
        calendar: CalendarRow,
        record: SessionRecord,
        obj: str,
        state: LinkState,
        now: datetime,
    ) -> str:
        incarnation = self._store.links.last_incarnation(connection, record.id, calendar.id) + 1
        link = Link(uuid7(now), record.id, calendar.id, incarnation, record.id, state, obj)
        self._store.links.insert(connection, link)
        return link.id

    def _let_go(self, connection: Connection, calendar: CalendarRow, row: MirrorRow, now: datetime) -> None:
        """Lost access is no cancellation: the session stays here, it only is no longer kept equal with the platform.

        Unless a backup was put back there that does not know it yet: then it is told again.
        """
        links = self._store.links
        self._store.mirror.mark_gone(connection, calendar.id, [row.key], at=now)
        link = links.by_uids(connection, calendar.id, [row.key]).get(row.key)
        if link is None:
            return
        known = links.get(connection, link.id)
        if known is not None and known.bases and all(base.hub is None for base in known.bases.values()):
            links.drop_bases(connection, link.id)
            links.set(connection, link.id, state=LinkState.WANT, obj=None)
            self._store.sessions.unsettle(connection, [link.session])
            return
        links.set(connection, link.id, state=LinkState.CLOSED, closed_why=NOT_THERE)


def _lost_its_link(record: SessionRecord, before: MirrorRow | None, join_url: str) -> bool:
    """Whether a session that needs no meeting any more says none, and said this link when it was read before."""
    groups = before.fields.get("groups", {}) if before is not None else {}
    is_told = join_url != "" and join_url in groups.get(FieldGroup.LINK.value, [""])[0]
    return is_told and not record.join_url and (record.status is SessionStatus.CANCELLED or not record.online)


def session_of(record: SessionRecord, now: datetime, *, side: str) -> Session:
    """Give a platform's record as a session of ours."""
    unknown = Origin(who="", device="platform", side=side, since=now, until=now)
    return Session(
        id=record.id,
        when=record.when,
        title=record.title,
        subject=record.subject,
        place=record.place,
        online=record.online,
        notes=record.notes,
        status=record.status,
        chargeable=record.chargeable,
        students=tuple(sorted(record.students)),
        series_id=record.series_id,
        ended_reason="",
        origins={group: record.origins.get(group.value, unknown) for group in PLATFORM_GROUPS},
    )


def record_of(session: Session, version: int, meeting: MeetingRow | None, keys: Mapping[str, str]) -> SessionRecord:
    """Give a session of ours as a record for the platform, with calendars named as every laptop would (`keys`)."""
    return SessionRecord(
        id=session.id,
        version=version,
        when=session.when,
        title=session.title,
        subject=session.subject,
        place=session.place,
        online=session.online,
        notes=session.notes,
        status=session.status,
        chargeable=session.chargeable,
        students=session.students,
        series_id=session.series_id,
        meeting_provider=meeting.provider if meeting else "",
        join_url=meeting.join_url if meeting else "",
        origins={group.value: _named(origin, keys) for group, origin in session.origins.items()},
    )


def named_here(record: SessionRecord, keys: Mapping[str, str]) -> SessionRecord:
    """Give a record with the calendars in which somebody typed named as this laptop does: by its own rows.

    Args:
        record: as the platform has it; another laptop may have read such a calendar.
        keys: calendar row to the key of the remote calendar.
    """
    rows = {key: row for row, key in keys.items()}
    return replace(record, origins={group: _named(origin, rows) for group, origin in record.origins.items()})


def _named(origin: Origin, names: Mapping[str, str]) -> Origin:
    """Give an origin with its calendar under another name; what is no calendar of ours stays as it is."""
    name = names.get(origin.side) if origin.device == f"calendar:{origin.side}" else None
    return origin if name is None else replace(origin, side=name, device=f"calendar:{name}")


def platform_link_value(provider: str, join_url: str) -> str:
    """Spell the derived group for the platform, which also names the provider."""
    return canonical({"join_url": join_url, "provider": provider if join_url else ""})


def platform_link_words(record: SessionRecord) -> str:
    """Say what the platform holds of the derived group."""
    return platform_link_value(record.meeting_provider, record.join_url)


def _showed(there: LinkRow, obj: MirrorRow | None, group: FieldGroup, known: Session, *, before: datetime) -> bool:
    """Whether an event was seen to say the hub's value before an instant: as agreed there, and as it was read since."""
    base = there.bases.get(group)
    said = obj.fields.get("groups", {}).get(group.value) if obj is not None else None
    if base is None or said is None or base.hub != value_of(known, group):
        return False
    words, last_look_before, first_look = said
    return datetime.fromisoformat(first_look if words == base.side else last_look_before) < before


def _platform_meeting(record: SessionRecord) -> MeetingRow:
    return MeetingRow(record.id, record.meeting_provider or "room", "", "live", join_url=record.join_url)


def _mirror_row(
    record: SessionRecord, before: MirrorRow | None, calendar: CalendarRow, now: datetime
) -> dict[str, Any]:
    as_session = replace(session_of(record, now, side=calendar.id))
    earlier = before.fields.get("groups", {}) if before else {}
    last_look = calendar.read_at or now
    groups: dict[str, Any] = {}
    spelled = {group: value_of(as_session, group) for group in PLATFORM_GROUPS}
    spelled[FieldGroup.LINK] = platform_link_words(record)
    for group, words in spelled.items():
        old = earlier.get(group.value)
        origin = record.origins.get(group.value)
        if old is not None and old[0] == words:
            groups[group.value] = old if origin is None else [*old[:3], origin_to_json(origin)]
            continue
        stamp = [words, min(last_look, now).isoformat(), now.isoformat()]
        groups[group.value] = stamp if origin is None else [*stamp, origin_to_json(origin)]
    return {
        "id": before.id if before else uuid7(now),
        "calendar": calendar.id,
        "href_norm": record.id,
        "href_raw": record.id,
        "uid": record.id,
        "etag": str(record.version),
        "body": "",
        "fields": {"groups": groups},
        "marks_session": record.id,
        "shape": "single",
        "refetch": False,
        "gone_at": None,
    }
