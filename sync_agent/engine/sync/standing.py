"""A session's links as they stand, put together from store and pass for the plan. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.sessions import Origin
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.store.journal import REMOVAL, Echoes, hash_beside, hash_of, hash_of_text
from sync_agent.engine.store.origins import origin_from_json
from sync_agent.engine.sync.endings import ENDED
from sync_agent.engine.sync.giving_up import bears_ours, is_adopted
from sync_agent.engine.sync.guarding import stamp_of
from sync_agent.engine.sync.link_now import LinkNow, is_whole, seen_between
from sync_agent.engine.sync.marking import is_outdated
from sync_agent.engine.sync.merge import is_newer
from sync_agent.engine.sync.spell import (
    HEARD,
    can_be_read,
    is_rewriting,
    short_hash,
    spellings,
    texts_of,
    unescaped,
    values_of,
    words_for,
)
from sync_agent.engine.values import (
    CALENDAR_GROUPS,
    GROUPS,
    ON_PLATFORM,
    Base,
    CalendarRow,
    FieldGroup,
    Link,
    LinkState,
    Role,
    Session,
    SideWord,
)

if TYPE_CHECKING:
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.sync.reach import Reach


@dataclass(frozen=True, slots=True)
class Standing:
    """One session's links, looked at.

    Attributes:
        put_back: (session, calendar) of blocks that were put back within a day.
        lost_at: when an edit of the session last lost; only where a side says that it was ended.
    """

    session: Session
    rows: Mapping[str, MirrorRow]
    calendars: Mapping[str, CalendarRow]
    blocked: set[str]
    echoes: Mapping[str, Echoes]
    own_links: frozenset[str]
    held_for: Mapping[str, str]
    reach: Reach
    put_back: Set[tuple[str, str]] = frozenset()
    lost_at: datetime | None = None

    def link_now(self, row: LinkRow) -> LinkNow:
        """Give one link as the plan sees it."""
        link, calendar = row.link, self.calendars[row.link.calendar]
        obj = self.rows.get(link.obj) if link.obj is not None else None
        is_gone = obj is not None and obj.gone_at is not None
        must_look = obj is not None and obj.refetch
        is_unread = obj is not None and not calendar.is_platform and "event" not in obj.fields
        is_unsure = obj is not None and obj.gone_at is not None and not self._is_missed(obj.gone_at, calendar)
        is_silent = obj is None or is_gone or is_unread or obj.shape != "single"
        said = None if obj is None or is_silent else self._said(obj, calendar)
        # What lies there since the calendar was for sessions is no block: it goes, and has its last word before.
        is_block = calendar.role is Role.BLOCK and not (link.state is LinkState.CLOSING and is_whole(row.bases))
        is_ended = obj is not None and not is_unread and (is_gone or obj.shape == "cancelled")
        sent = self.echoes.get(obj_key(link, self.rows), {})
        is_heard = obj is not None and obj.shape in HEARD and not (is_gone or must_look or is_unread or is_block)
        adopted = obj is not None and not calendar.is_platform and is_adopted(link, obj.key)
        beside = self._said(obj, calendar, only=row.bases.keys()) if obj is not None and is_heard else None
        last = self._said(obj, calendar) if obj is not None and is_ended and _is_plain(obj, calendar) else {}
        written = {} if is_block else self._written(row, obj, said or beside, sent)
        return LinkNow(
            link=link,
            is_platform=calendar.is_platform,
            bases={**row.bases, **self._typed_over(row, written, said or beside)} if written else row.bases,
            said=said,
            shape="single" if obj is None else obj.shape,
            is_gone=is_gone and not is_unsure,
            is_writable=self._is_writable(calendar),
            is_blocked=link.id in self.blocked or must_look or is_unsure or (is_unread and not is_gone),
            echoes=self._echoed(row, obj, said or last, sent),
            last_seen=calendar.read_at if is_gone else None,
            stamp=stamp_of(link, obj),
            held_for=self.held_for.get(link.id, ""),
            is_block=is_block,
            may_put_back=(link.session, link.calendar) not in self.put_back,
            is_adopted=adopted,
            bears_ours=obj is None or not adopted or bool(sent) or bears_ours(obj.fields, self.own_links),
            reshaped=None if obj is None or is_gone else _reshaped(obj, calendar),
            last_said=last,
            written=written,
            beside=beside,
            looked_at=calendar.read_at,
            may_be_ours=is_gone and REMOVAL in sent,
            is_overtaken=self._is_overtaken((said or {}).get(FieldGroup.STATUS)),
        )

    def _is_overtaken(self, word: SideWord | None) -> bool:
        """Whether an edit lost after somebody ended the session on the platform, and before that was read here.

        The platform says when it was; the last look that showed nothing of it is the engine's own.
        """
        if self.lost_at is None or word is None or word.value != ENDED or word.origin is None:
            return False
        return self.lost_at > max(word.origin.until, word.since)

    def _is_missed(self, gone_at: datetime, calendar: CalendarRow) -> bool:
        """Whether an object that was found gone is not in another calendar of its account, either.

        What was there still when another calendar had vanished already cannot have been moved into that one.
        """
        if calendar.account not in self.reach.complete:
            return False
        read = self.reach.read
        others = [one for one in self.calendars.values() if one.account == calendar.account and one.id != calendar.id]
        lost = [one.gone_since for one in others if one.state == "gone" and one.role is not Role.IGNORE]
        if any(since is None or gone_at <= since for since in lost):
            return False
        return all(read[one.id] >= gone_at for one in others if one.id in read)

    def _echoed(
        self, row: LinkRow, obj: MirrorRow | None, said: Mapping[FieldGroup, SideWord] | None, sent: Echoes
    ) -> frozenset[tuple[FieldGroup, str]]:
        """Give those (group, value) now said that one of our engines wrote, and on which nobody agreed yet.

        That is what we gave up waiting for, or the device that looked after the calendar before, and what the hub says,
        where the marker tells that it was written; also as its server cuts or spells it.

        What arrives of ours brings the marker that was sent with it. Where another one stands there, somebody typed
        that value; where none does, its server drops them, and the value has to tell. The platform names who typed it.
        Of a write that was settled the whole text has to be the same: whoever sets a value back has another. Unless its
        marker tells that a later one of ours had stood there.
        """
        hashes: Mapping[str, str] = {} if obj is None else obj.fields.get("hashes", {})
        is_late = obj is not None and is_outdated(obj.fields)
        if obj is None or not said or not (hashes or sent or is_late):
            return frozenset()
        if (FieldGroup.LINK, hash_of_text(obj.body)) in sent:
            return frozenset((group, word.value) for group, word in said.items())
        is_platform = self.calendars[row.link.calendar].is_platform

        def is_marked(group: FieldGroup, value: str) -> bool:
            return hashes.get(group.value) == short_hash(value)

        def is_echo(group: FieldGroup, value: str) -> bool:
            was_sent, was_beside = (group, hash_of(value)) in sent, (group, hash_beside(value)) in sent
            marked = is_marked(group, value)
            return (was_sent and (marked or not hashes)) or ((was_beside or is_late) and marked)

        def is_rewritten(group: FieldGroup, value: str) -> bool:
            base, written = row.bases.get(group), {one.value for (of, _), one in sent.items() if of is group}
            if group is not FieldGroup.LINK and (base is None or base.hub != value_of(self.session, group)):
                written |= {value_of(self.session, group)} if hashes else set()
            return any(
                one is not None and (is_marked(group, one) or not hashes) and is_rewriting(group, one, value)
                for one in written
            )

        return frozenset(
            (group, word.value)
            for group, word in said.items()
            if not (word.origin is not None and word.origin.side == ON_PLATFORM)
            and (
                any(is_echo(group, value) for value in _sources(group, word.value))
                or (not is_platform and group in CALENDAR_GROUPS and is_rewritten(group, word.value))
            )
        )

    def _written(
        self,
        row: LinkRow,
        obj: MirrorRow | None,
        said: Mapping[FieldGroup, SideWord] | None,
        sent: Echoes,
    ) -> dict[FieldGroup, str]:
        """Give the short hash of what one of our engines last wrote, as the marker tells, where somebody typed since.

        Whoever wrote it, perhaps another device, may not have been able to tell anybody that it was agreed. What we
        agreed on ourselves is later than the marker, unless it tells that a write of ours arrived which was given up.
        Later, too, is an edit there that another device overruled, unless that one told as well what it was about to
        write over it. One that says what the session says was not overruled: somebody typed that value once more.
        """
        hashes: Mapping[str, str] = {} if obj is None else obj.fields.get("hashes", {})
        if not said or not hashes:
            return {}
        found: dict[FieldGroup, str] = {}
        for group, word in said.items():
            base, written = row.bases.get(group), hashes.get(group.value, "")
            if group is FieldGroup.LINK:
                continue  # it is derived, and nobody's edit
            hub = value_of(self.session, group) if sent else ""
            was_sent = bool(sent) and self._was_sent(group, hub, sent)
            was_overruled = was_sent and base is not None and base.side != words_for(group, hub)
            is_later = base is None or base.hub is not None or was_overruled
            is_news = base is None or (base.is_told and is_later and base.side != word.words)
            is_news = is_news or (was_sent and base is not None and base.hub is not None and written == short_hash(hub))
            if is_news and written and written not in {short_hash(one) for one in _sources(group, word.value)}:
                found[group] = written
        return found

    def _was_sent(self, group: FieldGroup, hub: str, sent: Echoes) -> bool:
        """Whether the hub's value may be on its way still: not if somebody typed it once more after it was given up."""
        echo, origin = sent.get((group, hash_of(hub))), self.session.origins.get(group)
        return echo is not None and (origin is None or origin.since <= echo.since)

    def _typed_over(
        self, row: LinkRow, written: Mapping[FieldGroup, str], said: Mapping[FieldGroup, SideWord] | None
    ) -> dict[FieldGroup, Base]:
        """Give what was agreed by groups of which nobody told that, where somebody typed over the hub's very value.

        Not where that was surely made after what stands there now: then somebody typed it once more.
        """
        found = {}
        for group, short in written.items():
            hub, word = value_of(self.session, group), (said or {})[group]
            origin = self.session.origins.get(group)
            if group in row.bases or short != short_hash(hub) or is_rewriting(group, hub, word.value):
                continue
            typed = word.origin or seen_between(row.link.calendar, word.since, word.until)
            if origin is None or not is_newer(origin, typed):
                found[group] = Base(hub=hub, side=None)
        return found

    def _is_writable(self, calendar: CalendarRow) -> bool:
        return (
            calendar.account in self.reach.answering
            and calendar.state == "ok"
            and calendar.access == "write"
            and calendar.confirmed
        )

    def _said(
        self, obj: MirrorRow, calendar: CalendarRow, *, only: Set[FieldGroup] | None = None
    ) -> dict[FieldGroup, SideWord]:
        """Give what an object says; `only`: its texts, of these groups."""
        groups: Mapping[str, Any] = obj.fields.get("groups", {})
        values: Mapping[FieldGroup, str] = {}
        if not calendar.is_platform:
            event = event_from_json(obj.fields["event"])
            read = values_of if only is None else texts_of
            values = read(event, self.session, own_links=self.own_links)
        said = {}
        for name, (words, since, until, *origin) in groups.items():
            group = GROUPS[name]
            if only is not None and not (group in values and group in only):
                continue
            said[group] = SideWord(
                words=words,
                value=values.get(group, words),
                since=datetime.fromisoformat(since),
                until=datetime.fromisoformat(until),
                origin=origin_from_json(origin[0]) if origin else None,
            )
        return said


def says_ended(obj: MirrorRow | None) -> bool:
    """Whether the platform says of a session that it was ended."""
    return obj is not None and obj.fields.get("groups", {}).get(FieldGroup.STATUS.value, [""])[0] == ENDED


def _sources(group: FieldGroup, value: str) -> tuple[str, ...]:
    """Give the hub values of which a calendar says this one though nobody typed there, as far as the value tells."""
    return (*spellings(group, value), *unescaped(group, value))


def _is_plain(obj: MirrorRow, calendar: CalendarRow) -> bool:
    """Whether what an object says can be read as values of its session."""
    return calendar.is_platform or can_be_read((event_from_json(obj.fields["event"]),))


def _reshaped(obj: MirrorRow, calendar: CalendarRow) -> Origin | None:
    """Give the edit that made an object something that no session can be; of several edits the latest."""
    if obj.shape in ("single", "cancelled"):
        return None
    looks = [(until, since) for _, since, until, *_ in obj.fields.get("groups", {}).values()]
    if not looks:
        return None
    until, since = max(looks)
    return seen_between(calendar.id, datetime.fromisoformat(since), datetime.fromisoformat(until))


def obj_key(link: Link, rows: Mapping[str, MirrorRow]) -> str:
    """Name the object of a link as the journal does, also before there is one."""
    obj = rows.get(link.obj) if link.obj is not None else None
    return f"{link.calendar}/{obj.key}" if obj is not None else f"{link.calendar}/{link.uid}"
