"""What people do: on the phone, in the app, in the agency's office. Each act is written into the ledger.

An act draws from its own random numbers, looks for something that it can be done to, and gives what it did in words, or
"" if there was nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.vocabulary.errors import ConnectorError
from connectors.vocabulary.sessions import SessionRecord, SessionStatus
from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.engine.desk.undo import UNDOABLE
from sync_agent.engine.errors import EngineError
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.sync.spell import FENCE
from sync_agent.engine.values import FieldGroup, Session
from tests.simulation.device import HOME_ZONE, Device
from tests.simulation.ledger import (
    GROUPS,
    flourishes,
    is_plain,
    place_value,
    token_in,
    tokens_of_event,
    tokens_of_session,
)
from tests.simulation.stage import Stage
from tests.simulation.world.calendar_server import ENGINE, CalendarServer, Collection, Stored
from tests.simulation.world.texts import FOREIGN, events_of, raw_of, spelled, when_raw

PHONE = "phone"
_FLOURISHES = tuple(one.rstrip() for one in flourishes())
_ZONES = (HOME_ZONE, "America/New_York", "Asia/Tokyo", "UTC")


class People:
    """Everybody who touches one tutor's sessions."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.acts: dict[str, tuple[int, Callable[[Random], str]]] = {
            "app edit": (6, self.edit_in_app),
            "app add": (1, self.add_in_app),
            "app cancel": (1, self.cancel_in_app),
            "app undo": (2, self.undo_in_app),
            "phone edit": (10, self.edit_on_phone),
            "phone delete": (2, self.delete_on_phone),
            "phone decoration": (2, self.decorate_on_phone),
            "phone derived": (1, self.edit_derived_on_phone),
            "phone duplicate": (1, self.duplicate_on_phone),
            "phone own event": (2, self.own_event_on_phone),
            "office edit": (6 if stage.platform else 0, self.edit_in_office),
            "office cancel": (1 if stage.platform else 0, self.cancel_in_office),
            "office add": (1 if stage.platform else 0, self.add_in_office),
        }

    def act(self, name: str, random: Random) -> str:
        """Let one thing be done. Gives what it was."""
        did = self.acts[name][1](random)
        if did:
            self._stage.met.acts[name] += 1
            self._stage.say(f"  {name}: {did}")
        return did

    def draw(self, random: Random) -> str:
        names = list(self.acts)
        return random.choices(names, [self.acts[name][0] for name in names])[0]

    # In the app ------------------------------------------------------------------------------------------------------

    def edit_in_app(self, random: Random) -> str:
        device = self._device(random)
        session = self._live_session(device, random)
        if session is None:
            return ""
        groups = random.sample(GROUPS, random.choice([1, 1, 2]))
        before = tokens_of_session(session)
        edit = SessionEdit()
        for group in groups:
            edit = self._edited(edit, session, group, random)
        after = device.engine.sessions.change(session.id, edit).session
        self._note(after, groups, before, side="app", who=device.name)
        return f"{_short(session.id)} {_said(after, groups)}"

    def add_in_app(self, random: Random) -> str:
        device = self._device(random)
        span = self._stage.words.when(self._day(random), HOME_ZONE, _length(random))
        title = self._text(FieldGroup.TITLE, random)
        online = random.random() < 0.6
        place = "" if online else self._text(FieldGroup.WHERE, random)
        edit = SessionEdit(start=span.start, duration=span.duration, title=title, online=online, place=place)
        session = device.engine.sessions.add(edit).session
        self._stage.ledger.sessions.append(session.id)
        self._note(session, GROUPS, {}, side="app", who=device.name)
        return f"{_short(session.id)} {_said(session, GROUPS)}"

    def cancel_in_app(self, random: Random) -> str:
        device = self._device(random)
        session = self._live_session(device, random)
        if session is None:
            return ""
        device.engine.sessions.cancel(session.id)
        self._stage.ledger.end(session.id, side="app", at=self._now, saw=tokens_of_session(session))
        return _short(session.id)

    def undo_in_app(self, random: Random) -> str:
        device = self._device(random)
        store = device.store
        with store.read() as connection:
            taken_back = store.activity.undone(connection)
            entries = [
                one
                for one in store.activity.newest(connection, limit=12)
                if one.kind in UNDOABLE and one.id not in taken_back and one.session
            ]
        if not entries:
            return ""
        return self.undo(device, random.choice(entries))

    def undo(self, device: Device, entry: Activity) -> str:
        """Take one entry back. Gives what that did."""
        undone = device.engine.undo.undo(entry.id)
        for made in undone.undone:
            self._note_undone(made)
        return f"{_short(entry.session or '')} {entry.kind} {[one.after for one in undone.undone]}"

    def _note_undone(self, made: Activity) -> None:
        ledger, session = self._stage.ledger, made.session or ""
        group = FieldGroup(made.field_group)
        found = self._session(self._stage.device, session)
        if group in GROUPS and made.after is not None:
            token, saw = token_in(group, made.after), token_in(group, made.before or "")
            value = place_value(made.after) if group is FieldGroup.WHERE else made.after
            ended = found is not None and not found.is_live
            ledger.edit(session, group, token=token, value=value, saw=saw, side="app", at=self._now, after_end=ended)
        elif group is FieldGroup.STATUS and made.after == SessionStatus.CANCELLED.value:
            ledger.end(session, side="app", at=self._now, saw=tokens_of_session(found) if found else {})
        elif group is FieldGroup.STATUS:
            for ending in ledger.endings_of(session):
                ending.void = ending.void or "undone"

    # On the phone ----------------------------------------------------------------------------------------------------

    def edit_on_phone(self, random: Random) -> str:
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        event = events_of(one.body)[0]
        before = tokens_of_event(event, HOME_ZONE)
        raw = raw_of(one.body)
        groups = random.sample(GROUPS, random.choice([1, 1, 2]))
        for group in groups:
            self._change_raw(raw, group, random)
        stored = server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
        after = tokens_of_event(events_of(stored.body)[0], HOME_ZONE)
        session = self._stage.session_of(one)
        for group in groups:
            value = _value_in(stored, group)
            self._stage.ledger.edit(
                session, group, token=after[group], value=value, saw=before[group], side=place.remote_id, at=self._now
            )
        return f"{_short(session)} {[after[group] for group in groups]} at {place.remote_id}"

    def delete_on_phone(self, random: Random) -> str:
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        saw = tokens_of_event(events_of(one.body)[0], HOME_ZONE)
        # What was carried out without the engine having heard of it may be what the person saw: nobody can know.
        sure = not self._is_unsettled(place.remote_id, one)
        server.delete(place.remote_id, one.key, by=PHONE)
        session = self._stage.session_of(one)
        self._stage.ledger.end(session, side=place.remote_id, at=self._now, saw=saw, sure=sure)
        return f"{_short(session)} at {place.remote_id}"

    def _is_unsettled(self, remote_id: str, one: Stored) -> bool:
        """Whether the engine's last write to an object is not settled."""
        if self._stage.last_by.get((remote_id, one.key)) != ENGINE:
            return False
        store = self._stage.device.store
        with store.read() as connection:
            rows = {row.remote_id: row.id for row in store.accounts.calendars(connection)}
            if any(row.href == one.key for row in store.journal.unsettled(connection)):
                return True
            known = store.mirror.by_keys(connection, rows[remote_id], [one.key]).get(one.key)
        return known is None or known.body != one.body

    def decorate_on_phone(self, random: Random) -> str:
        """Set an alarm or a colour: nothing of ours."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        raw = raw_of(one.body)
        raw[FOREIGN] = f"alarm {random.randrange(10**6)}"
        server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
        return f"{_short(self._stage.session_of(one))} at {place.remote_id}"

    def edit_derived_on_phone(self, random: Random) -> str:
        """Take our link out, or write another: it is put back."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        raw = raw_of(one.body)
        raw["url"] = random.choice(["", "https://elsewhere.example/j/1"])
        if self._is_unsettled(place.remote_id, one):
            self._stage.ledger.unsure_links.add((self._stage.session_of(one), place.remote_id))
        server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
        return f"{_short(self._stage.session_of(one))} at {place.remote_id}"

    def duplicate_on_phone(self, random: Random) -> str:
        """Copy an event with everything in it, our marker too; only the UID is another."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        raw = raw_of(one.body)
        raw["uid"] = f"copy-{random.randrange(10**9)}"
        server.create(place.remote_id, f"{place.remote_id}{raw['uid']}.ics", spelled(raw), by=PHONE)
        return f"{_short(self._stage.session_of(one))} at {place.remote_id}"

    def own_event_on_phone(self, random: Random) -> str:
        """Make, change or delete an appointment of the tutor's own."""
        server, place = random.choice(self._stage.collections())
        foreign = [one for one in place.objects.values() if raw_of(one.body)["uid"].startswith("own-")]
        act = random.choice(["make", "change", "delete"]) if foreign else "make"
        if act == "delete":
            server.delete(place.remote_id, random.choice(foreign).key, by=PHONE)
            return f"deleted one at {place.remote_id}"
        secret = f"SECRET{random.randrange(10**9)}"
        self._stage.ledger.secrets.append(secret)
        if act == "change":
            one = random.choice(foreign)
            raw = {**raw_of(one.body), "summary": secret}
            server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
            return f"changed one at {place.remote_id}"
        uid = f"own-{random.randrange(10**9)}"
        span = self._stage.words.when(self._day(random), HOME_ZONE, _length(random))
        raw = {
            "uid": uid, "summary": secret, "location": "", "description": "", "url": "", "conference": "",
            "status": "CONFIRMED", "rrule": random.choice([[], [], ["FREQ=WEEKLY;COUNT=3"]]), "marker": None,
            FOREIGN: "", "counter": 0, "when": when_raw(span),
        }  # fmt: skip
        server.create(place.remote_id, f"{place.remote_id}{uid}.ics", spelled(raw), by=PHONE)
        return f"made one at {place.remote_id}"

    # In the office ---------------------------------------------------------------------------------------------------

    def edit_in_office(self, random: Random) -> str:
        record = self._live_record(random)
        if record is None or self._stage.platform is None:
            return ""
        groups = random.sample(GROUPS, random.choice([1, 1, 2]))
        before = tokens_of_session(record)
        changed = record
        for group in groups:
            changed = self._changed_record(changed, group, random)
        after = self._stage.platform.edit(changed, [group.value for group in groups])
        self._note(after, groups, before, side="platform")
        return f"{_short(record.id)} {_said(after, groups)}"

    def cancel_in_office(self, random: Random) -> str:
        record = self._live_record(random)
        if record is None or self._stage.platform is None:
            return ""
        self._stage.platform.edit(replace(record, status=SessionStatus.CANCELLED), ["status"])
        self._stage.ledger.end(record.id, side="platform", at=self._now, saw=tokens_of_session(record))
        return _short(record.id)

    def add_in_office(self, random: Random) -> str:
        if self._stage.platform is None:
            return ""
        span = self._stage.words.when(self._day(random), random.choice(_ZONES), _length(random))
        title = self._text(FieldGroup.TITLE, random)
        record = SessionRecord(
            uuid7(self._now), 0, span, title, online=False, place=self._text(FieldGroup.WHERE, random)
        )
        stored = self._stage.platform.edit(record, [group.value for group in FieldGroup if group != FieldGroup.LINK])
        self._stage.ledger.sessions.append(stored.id)
        self._note(stored, GROUPS, {}, side="platform")
        return f"{_short(stored.id)} {_said(stored, GROUPS)}"

    # Choosing --------------------------------------------------------------------------------------------------------

    @property
    def _now(self) -> datetime:
        return self._stage.clock.now()

    def _device(self, random: Random) -> Device:
        return self._stage.device

    def _session(self, device: Device, session_id: str) -> Session | None:
        with device.store.read() as connection:
            return device.store.sessions.get(connection, session_id)

    def _live_session(self, device: Device, random: Random) -> Session | None:
        with device.store.read() as connection:
            found = device.store.sessions.many(connection, self._stage.ledger.sessions)
        living = [one for one in found.values() if one.is_live]
        return random.choice(sorted(living, key=lambda one: one.id)) if living else None

    def _live_record(self, random: Random) -> SessionRecord | None:
        platform = self._stage.platform
        if platform is None:
            return None
        living = [one for one in platform.visible(sorted(platform.records)) if one.status is SessionStatus.PLANNED]
        return random.choice(living) if living else None

    def _an_event(self, random: Random) -> tuple[CalendarServer, Collection, Stored] | None:
        found = [one for one in self._stage.ours() if one[1].state == "ok" and is_plain(events_of(one[2].body)[0])]
        return random.choice(found) if found else None

    def _day(self, random: Random) -> datetime:
        return self._stage.clock.at + timedelta(days=random.choice([2, 3, 5, 9, 20, 60]))

    def _text(self, group: FieldGroup, random: Random) -> str:
        return self._stage.words.text(group, random.choice(_FLOURISHES))

    # Typing ----------------------------------------------------------------------------------------------------------

    def _edited(self, edit: SessionEdit, session: Session, group: FieldGroup, random: Random) -> SessionEdit:
        match group:
            case FieldGroup.TITLE:
                return replace(edit, title=self._text(group, random))
            case FieldGroup.NOTES:
                return replace(edit, notes=self._text(group, random))
            case FieldGroup.WHERE:
                return replace(edit, place=self._text(group, random), online=random.random() < 0.5)
            case _:
                zone = session.when.zone if random.random() < 0.7 else random.choice(_ZONES)
                span = self._stage.words.when(self._day(random), zone, _length(random))
                return replace(edit, start=span.start, duration=span.duration, zone=zone)

    def _changed_record(self, record: SessionRecord, group: FieldGroup, random: Random) -> SessionRecord:
        match group:
            case FieldGroup.TITLE:
                return replace(record, title=self._text(group, random))
            case FieldGroup.NOTES:
                return replace(record, notes=self._text(group, random))
            case FieldGroup.WHERE:
                return replace(record, place=self._text(group, random))
            case _:
                return replace(
                    record, when=self._stage.words.when(self._day(random), record.when.zone, _length(random))
                )

    def _change_raw(self, raw: dict[str, Any], group: FieldGroup, random: Random) -> None:
        match group:
            case FieldGroup.TITLE:
                raw["summary"] = self._text(group, random)
            case FieldGroup.NOTES:
                text = self._text(group, random)
                start, end = raw["description"].find(FENCE), raw["description"].rfind("\n——")
                raw["description"] = text if start < 0 else f"{text}\n\n{raw['description'][start : end + 3]}"
            case FieldGroup.WHERE:
                raw["location"] = self._text(group, random)
            case _:
                zone = raw["when"]["zone"] or HOME_ZONE
                raw["when"] = when_raw(self._stage.words.when(self._day(random), zone, _length(random)))

    def _note(
        self,
        shown: Session | SessionRecord,
        groups: tuple[FieldGroup, ...] | list[FieldGroup],
        before: dict[FieldGroup, str],
        *,
        side: str,
        who: str = "",
    ) -> None:
        after = tokens_of_session(shown)
        values = {FieldGroup.TITLE: shown.title, FieldGroup.NOTES: shown.notes, FieldGroup.WHERE: shown.place}
        for group in groups:
            self._stage.ledger.edit(
                shown.id, group, token=after[group], value=values.get(group, after[group]), saw=before.get(group, ""),
                side=side, at=self._now, is_making=not before,
            )  # fmt: skip


def _value_in(stored: Stored, group: FieldGroup) -> str:
    raw = raw_of(stored.body)
    names = {FieldGroup.TITLE: "summary", FieldGroup.NOTES: "description", FieldGroup.WHERE: "location"}
    return str(raw[names[group]]) if group in names else ""


def _length(random: Random) -> timedelta:
    return timedelta(minutes=random.choice([30, 45, 60, 90]))


def _short(session: str) -> str:
    return session[-4:]


def _said(shown: Session | SessionRecord, groups: tuple[FieldGroup, ...] | list[FieldGroup]) -> list[str]:
    tokens = tokens_of_session(shown)
    return [tokens[group] for group in groups]


REFUSED = (EngineError, ConnectorError)
"""What a person may be told instead: the session was cancelled a moment ago, an object is no longer there."""

__all__ = ["PHONE", "REFUSED", "People", "place_value"]
