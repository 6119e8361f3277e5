"""Adopting a series that the tutor made by hand: each of its dates to come becomes a session, then the series ends.

The sessions are written as single events first, like all others; only when each has its event the series is ended, by
one write that stands in the journal. What it was before is kept, so that undo can put it back. Carried on from look to
look (`pull`) and true at each: whoever dies in between goes on where the calendar stands.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.errors import (
    ABOUT_ONE_OBJECT,
    AlreadyExists,
    AnswerLost,
    ConnectorError,
    LeaseLost,
    ObjectRefused,
    ServerFault,
)
from connectors.vocabulary.events import CalendarObject, Event, EventDraft, OwnFields
from connectors.vocabulary.times import WallSpan, zone_named
from sync_agent.engine.busy.expand import expand
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.bookings import FOR_EVER, LONG_AGO
from sync_agent.engine.store.journal import Answer, Intent
from sync_agent.engine.sync.orphans import session_in
from sync_agent.engine.sync.plan import WINDOW_AHEAD
from sync_agent.engine.sync.renew import SHOWN_AFTER
from sync_agent.engine.sync.spell import shape_of
from sync_agent.engine.values import CalendarRow, LinkState, Session, Verb
from sync_agent.engine.words import shape_words

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.protocols import Calendar
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.questions import Question
    from sync_agent.engine.store.store import Store


class Stage(StrEnum):
    """How far the adoption of a series is: the sessions are there and it is to end, or it is to be put back."""

    ENDING = "ending"
    RESTORING = "restoring"


ENDED = "series.ended"
TAKEN_BACK = "taken back"


def why_not_series(events: Sequence[Event], now: datetime, home_zone: str) -> str:
    """Say in half a sentence why a series cannot become sessions, "" if it can. Pure."""
    master = events[0]
    shape = shape_of((replace(master, rrule=(), rdates=()),))
    if shape != "single":
        return "it was called off or declined" if shape == "cancelled" else f"it is {shape_words(shape)}"
    if master.rdates or any(event.uid != master.uid for event in events):
        return "some of its dates lie outside of its rule"
    for event in events[1:]:
        if event.recurrence_id is None or event.this_and_future:
            return "its later dates were changed all at once"
        if (event.recurrence_id.instant(home_zone) < now) != (event.start.instant(home_zone) < now):
            return "one of its dates was moved between the past and the future"
    return "" if sessions_of(events, now, home_zone, side="") else "none of its dates lies ahead"


def sessions_of(events: Sequence[Event], now: datetime, home_zone: str, *, side: str) -> list[Session]:
    """Read the sessions that the dates of a series to come are. Pure but for their ids."""
    changed = {event.start.instant(home_zone): event for event in events[1:]}
    series, found = uuid7(now), list[Session]()
    for one in expand(events, window=(now, now + WINDOW_AHEAD), home_zone=home_zone).intervals:
        if one.lo < now or one.why_free == "declined":
            continue
        read = session_in(changed.get(one.lo, events[0]), uuid7(now), home_zone=home_zone, now=now, side=side)
        local = one.lo.astimezone(zone_named(read.when.zone)).replace(tzinfo=None)
        found.append(replace(read, when=WallSpan(local, read.when.zone, one.hi - one.lo), series_id=series))
    return found


def pending(store: Store, connection: Connection, calendar: CalendarRow) -> list[Question]:
    """Give the series of a calendar that are to end or to be put back."""
    return [one for one in store.questions.wished(connection, calendar.id) if one.facts.get("stage")]


def facts_of(item: CalendarObject, found: Sequence[Session], now: datetime) -> dict[str, object]:
    """Give what is kept of a series while its adoption is carried on."""
    stage, name = {"stage": Stage.ENDING.value, "cut": now.isoformat()}, {"href": item.href, "key": item.key}
    return stage | name | _beginning(item, found[0].when.zone)


def _beginning(item: CalendarObject, zone: str) -> dict[str, object]:
    """Give when and under which name a series begins. `zone`: of a time without one."""
    master = item.events[0]
    return {
        "title": master.summary,
        "start": master.start.local.isoformat(),
        "zone": master.start.zone or zone,
        "seconds": master.duration.total_seconds(),
    }


def put_back_soon(store: Store, connection: Connection, wish: Question) -> None:
    """Let a series be put back as it was, or let it be if it was not ended yet."""
    if not wish.closed_why:
        store.questions.close(connection, wish.id, TAKEN_BACK)
        return
    store.questions.reopen(connection, wish.id, {**wish.facts, "stage": Stage.RESTORING.value})
    store.mirror.look_again(connection, wish.facts["calendar_id"], wish.facts["key"])


@dataclass(frozen=True, slots=True)
class _Step:
    """One write that carries an adoption on; `before`: the object as it is."""

    verb: Verb
    before: CalendarObject | None
    fields: OwnFields
    draft: EventDraft | None = None


class SeriesEnder:
    """Ends adopted series, and puts back those whose adoption was undone."""

    def __init__(self, store: Store, clock: Clock, home_zone: str) -> None:
        self._store, self._clock, self._zone = store, clock, home_zone

    def carry_on(self, calendar: CalendarRow, remote: Calendar) -> list[tuple[CalendarObject | None, str]]:
        """Do what can be done now. Gives the objects that were written, as they are then, with their keys.

        Raises:
            ConnectorError: the journal says what was sent; it goes on with a later look.
        """
        with self._store.read() as connection:
            wishes = pending(self._store, connection, calendar)
            ready = [one for one in wishes if self._are_there(connection, calendar, one)]
        written = []
        for wish in ready:
            (found,) = remote.fetch([wish.facts["href"]]).objects or (None,)
            step = self._step(wish, found)
            if isinstance(step, str):
                self._close(wish, step)
                continue
            href = self._send(calendar, remote, wish, step)
            if href is not None:
                (after,) = remote.fetch([href]).objects or (None,)
                left = "" if after is None else _hash(after.body)
                self._close(wish, "done", left=left)
                written.append((after, str(wish.facts["key"])))
        return written

    def _are_there(self, connection: Connection, calendar: CalendarRow, wish: Question) -> bool:
        """Whether each session that still takes place has its event: only then its date in the series may go."""
        if wish.facts["stage"] != Stage.ENDING:
            return True
        sessions = self._store.sessions.many(connection, wish.facts["sessions"])
        links = self._store.links.of_sessions(connection, sessions)
        return not any(
            row.link.calendar == calendar.id and row.link.state is LinkState.WANT
            for found in links.values()
            for row in found
        ) and all(links.get(one.id) for one in sessions.values() if one.is_live)

    def _step(self, wish: Question, found: CalendarObject | None) -> _Step | str:
        """Say what to write, or why nothing is to be written any more."""
        if wish.facts["stage"] == Stage.RESTORING:
            return _put_back(wish, found)
        cut = datetime.fromisoformat(wish.facts["cut"])
        if found is None or not self._begins(found, cut, FOR_EVER):
            return "done"
        verb = Verb.UPDATE if self._begins(found, LONG_AGO, cut) else Verb.DELETE
        return _Step(verb, found, OwnFields(ends_before=cut))

    def _begins(self, found: CalendarObject, lo: datetime, hi: datetime) -> bool:
        occurrences = expand(found.events, window=(lo, hi), home_zone=self._zone, limit=2)
        return any(lo <= one.lo < hi for one in occurrences.intervals)

    def _send(self, calendar: CalendarRow, remote: Calendar, wish: Question, step: _Step) -> str | None:
        """Write it down, send it, and note what came of it. Gives where the object is; None: it did not go through."""
        store, now = self._store, self._clock.now()
        href = str(wish.facts["href"]) if step.draft is None else remote.where_created(step.draft)
        intent = Intent(
            id=uuid7(now), obj_key=f"{calendar.id}/{wish.facts['key']}", account=calendar.account, calendar=calendar.id,
            session=wish.facts["sessions"][0], link=None, verb=step.verb, href=href, fields={},
            if_match=step.before.etag if step.before else None, before=step.before.body if step.before else None,
            cause=f"answer:{wish.id}", state="sent", sent_at=now,
        )  # fmt: skip
        with store.write() as connection:
            store.journal.send(connection, intent)
            if step.before is not None and wish.facts["stage"] == Stage.ENDING:
                # Somebody may have changed it since it was adopted.
                kept = {"text": step.before.body, **_beginning(step.before, wish.facts["zone"])}
                store.questions.set_facts(connection, wish.id, {**wish.facts, **kept})
        try:
            etag = _sent(remote, step)
        except ConnectorError as error:
            is_unknown = isinstance(error, AnswerLost | ServerFault)
            with store.write() as connection:
                store.journal.close(connection, intent.id, "unknown" if is_unknown else "given_up")
                if isinstance(error, ObjectRefused):
                    store.questions.close(connection, wish.id, error.sentence)
                elif isinstance(error, AlreadyExists) and step.draft is not None:
                    store.questions.set_facts(connection, wish.id, _named_anew(wish, remote, step.draft, now))
            if isinstance(error, (*ABOUT_ONE_OBJECT, LeaseLost)):
                return None
            raise
        with store.write() as connection:
            store.journal.answered_many(connection, [Answer(intent.id, etag, self._clock.now())])
            store.journal.close(connection, intent.id, "settled")
        return href

    def _close(self, wish: Question, why: str, **facts: str) -> None:
        with self._store.write() as connection:
            fresh = self._store.questions.get(connection, wish.id) or wish
            self._store.questions.set_facts(connection, wish.id, {**fresh.facts, **facts})
            self._store.questions.close(connection, wish.id, why)


def _put_back(wish: Question, found: CalendarObject | None) -> _Step | str:
    text = wish.facts.get("text")
    if text is None:
        return TAKEN_BACK
    if found is not None:
        if _hash(found.body) != wish.facts.get("left"):
            return "somebody changed the series since"
        return _Step(Verb.UPDATE, found, OwnFields(whole=text))
    span = WallSpan(
        datetime.fromisoformat(wish.facts["start"]), wish.facts["zone"], timedelta(seconds=wish.facts["seconds"])
    )
    fields = OwnFields(when=span, summary=wish.facts["title"])
    return _Step(Verb.CREATE, None, fields, EventDraft(wish.facts["uid"], fields, text))


def _named_anew(wish: Question, remote: Calendar, draft: EventDraft, now: datetime) -> dict[str, Any]:
    """Give the facts of a series whose name its server will not give back.

    It may be there already, and show late; after a while a tombstone holds the name, and it gets another.
    """
    refused_at = wish.facts.get("refused_at")
    if refused_at is None:
        return {**wish.facts, "refused_at": now.isoformat()}
    if now - datetime.fromisoformat(refused_at) < SHOWN_AFTER:
        return dict(wish.facts)
    uid = f"{draft.uid}-again"
    href = remote.where_created(replace(draft, uid=uid))
    return {**wish.facts, "uid": uid, "href": href, "refused_at": None}


def _sent(remote: Calendar, step: _Step) -> str | None:
    if step.draft is not None:
        return remote.create(step.draft).etag
    if step.before is None:
        return None
    if step.verb is Verb.DELETE:
        remote.delete(step.before)
        return None
    return remote.update(step.before, step.fields).etag


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
