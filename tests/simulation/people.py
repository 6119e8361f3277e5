"""What people do: on the phone, in the app, in the agency's office. Each act is written into the ledger.

An act draws from its own random numbers, looks for something that it can be done to, and gives what it did in words, or
"" if there was nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from random import Random

from connectors.vocabulary.errors import ConnectorError
from connectors.vocabulary.sessions import SessionRecord, SessionStatus
from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.engine.desk.undo import UNDOABLE
from sync_agent.engine.errors import EngineError
from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.sync.adopting import ADOPTED
from sync_agent.engine.values import FieldGroup, Session
from tests.simulation.adopted import note_adopted, note_given_up
from tests.simulation.device import HOME_ZONE, Device
from tests.simulation.drawing import day_of, length_of, short, text_of
from tests.simulation.ledger import (
    GROUPS,
    place_value,
    token_in,
    tokens_of_session,
)
from tests.simulation.pairs import met_by_undo
from tests.simulation.phone import PHONE, Phone
from tests.simulation.stage import Stage

_ZONES = (HOME_ZONE, "America/New_York", "Asia/Tokyo", "UTC")


class People:
    """Everybody who touches one tutor's sessions."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        phone = Phone(stage)
        self.acts: dict[str, tuple[int, Callable[[Random], str]]] = {
            "app edit": (6, self.edit_in_app),
            "app add": (1, self.add_in_app),
            "app cancel": (1, self.cancel_in_app),
            "app undo": (2, self.undo_in_app),
            "phone edit": (10, phone.edit_on_phone),
            "phone delete": (2, phone.delete_on_phone),
            "phone decoration": (2, phone.decorate_on_phone),
            "phone derived": (1, phone.edit_derived_on_phone),
            "phone duplicate": (1, phone.duplicate_on_phone),
            "phone reshape": (1, phone.reshape_on_phone),
            "phone mark as cancelled": (1, phone.mark_as_cancelled_on_phone),
            "phone restore": (1, phone.restore_on_phone),
            "phone move away": (1, phone.move_away_on_phone),
            "phone own event": (2, phone.own_event_on_phone),
            "office edit": (6 if stage.platform else 0, self.edit_in_office),
            "office cancel": (1 if stage.platform else 0, self.cancel_in_office),
            "office add": (1 if stage.platform else 0, self.add_in_office),
        }

    def act(self, name: str, random: Random) -> str:
        """Let one thing be done. Gives what it was."""
        note_adopted(self._stage)
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
        return f"{short(session.id)} {_said(after, groups)}"

    def add_in_app(self, random: Random) -> str:
        device = self._device(random)
        span = self._stage.words.when(day_of(self._stage, random), HOME_ZONE, length_of(random))
        title = text_of(self._stage, FieldGroup.TITLE, random)
        online = random.random() < 0.6
        place = "" if online else text_of(self._stage, FieldGroup.WHERE, random)
        edit = SessionEdit(start=span.start, duration=span.duration, title=title, online=online, place=place)
        session = device.engine.sessions.add(edit).session
        self._stage.ledger.sessions.append(session.id)
        self._note(session, GROUPS, {}, side="app", who=device.name)
        return f"{short(session.id)} {_said(session, GROUPS)}"

    def cancel_in_app(self, random: Random) -> str:
        device = self._device(random)
        session = self._live_session(device, random)
        if session is None:
            return ""
        device.engine.sessions.cancel(session.id)
        self._stage.ledger.end(session.id, side="app", at=self._now, saw=tokens_of_session(session))
        return short(session.id)

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

    def undo_last_in_app(self, random: Random) -> str:
        """Take the last thing back, or what was taken back last."""
        device = self._device(random)
        with device.store.read() as connection:
            taken_back = device.store.activity.undone(connection)
            newest = device.store.activity.newest(connection, limit=12)
        entries = [one for one in newest if one.kind == "session.changed" and one.id not in taken_back and one.session]
        return self.undo(device, entries[0]) if entries else ""

    def give_up_in_app(self, random: Random) -> str:
        """Take an adoption back."""
        device = self._device(random)
        with device.store.read() as connection:
            taken_back = device.store.activity.undone(connection)
            newest = device.store.activity.newest(connection, limit=100)
        entries = [one for one in newest if one.kind == ADOPTED and one.id not in taken_back]
        return self.undo(device, random.choice(entries)) if entries else ""

    def undo(self, device: Device, entry: Activity) -> str:
        """Take one entry back. Gives what that did."""
        before = self._session(device, entry.session or "")
        undone = device.engine.undo.undo(entry.id)
        met_by_undo(self._stage)
        if undone.undone and entry.kind == ADOPTED:
            note_given_up(self._stage, entry.session or "")
        for made in undone.undone:
            if not made.field_group:
                continue  # a double booking that was settled: no session says anything else now
            if before is not None and entry.kind != "session.added" and made.field_group == entry.field_group:
                held = value_of(before, FieldGroup(made.field_group))
                if held != entry.after:
                    self._stage.broken.append(f"I1: an undo of {entry.after!r} overwrote {held!r}")
            self.note_undone(made)
        return f"{short(entry.session or '')} {entry.kind} {[one.after for one in undone.undone]}"

    def note_undone(self, made: Activity) -> None:
        """Write into the ledger what an undo, or an answer, put in the place of what was there."""
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
        return f"{short(record.id)} {_said(after, groups)}"

    def cancel_in_office(self, random: Random) -> str:
        record = self._live_record(random)
        if record is None or self._stage.platform is None:
            return ""
        self._stage.platform.edit(replace(record, status=SessionStatus.CANCELLED), ["status"])
        self._stage.ledger.end(record.id, side="platform", at=self._now, saw=tokens_of_session(record))
        return short(record.id)

    def add_in_office(self, random: Random) -> str:
        if self._stage.platform is None:
            return ""
        span = self._stage.words.when(day_of(self._stage, random), random.choice(_ZONES), length_of(random))
        title = text_of(self._stage, FieldGroup.TITLE, random)
        record = SessionRecord(
            uuid7(self._now), 0, span, title, online=False, place=text_of(self._stage, FieldGroup.WHERE, random)
        )
        stored = self._stage.platform.edit(record, [group.value for group in FieldGroup if group != FieldGroup.LINK])
        self._stage.ledger.sessions.append(stored.id)
        self._note(stored, GROUPS, {}, side="platform")
        return f"{short(stored.id)} {_said(stored, GROUPS)}"

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

    # Typing ----------------------------------------------------------------------------------------------------------

    def _edited(self, edit: SessionEdit, session: Session, group: FieldGroup, random: Random) -> SessionEdit:
        match group:
            case FieldGroup.TITLE:
                return replace(edit, title=text_of(self._stage, group, random))
            case FieldGroup.NOTES:
                return replace(edit, notes=text_of(self._stage, group, random))
            case FieldGroup.WHERE:
                return replace(edit, place=text_of(self._stage, group, random), online=random.random() < 0.5)
            case _:
                zone = session.when.zone if random.random() < 0.7 else random.choice(_ZONES)
                span = self._stage.words.when(day_of(self._stage, random), zone, length_of(random))
                return replace(edit, start=span.start, duration=span.duration, zone=zone)

    def _changed_record(self, record: SessionRecord, group: FieldGroup, random: Random) -> SessionRecord:
        match group:
            case FieldGroup.TITLE:
                return replace(record, title=text_of(self._stage, group, random))
            case FieldGroup.NOTES:
                return replace(record, notes=text_of(self._stage, group, random))
            case FieldGroup.WHERE:
                return replace(record, place=text_of(self._stage, group, random))
            case _:
                return replace(
                    record,
                    when=self._stage.words.when(day_of(self._stage, random), record.when.zone, length_of(random)),
                )

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


def _said(shown: Session | SessionRecord, groups: tuple[FieldGroup, ...] | list[FieldGroup]) -> list[str]:
    tokens = tokens_of_session(shown)
    return [tokens[group] for group in groups]


REFUSED = (EngineError, ConnectorError)
"""What a person may be told instead: the session was cancelled a moment ago, an object is no longer there."""

__all__ = ["PHONE", "REFUSED", "People", "place_value"]
