"""What people do on the phone: with a session's event, and with appointments of their own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from random import Random
from typing import Any

from sync_agent.engine.store.journal import REMOVAL
from sync_agent.engine.sync.spell import FENCE
from sync_agent.engine.values import FieldGroup, Role
from tests.simulation.device import HOME_ZONE, CrashingStore, Device
from tests.simulation.drawing import day_of, length_of, short, text_of
from tests.simulation.ledger import GROUPS, Ending, host_link, is_plain, tokens_of_event
from tests.simulation.stage import Stage
from tests.simulation.world.calendar_server import ENGINE, CalendarServer, Collection, Stored
from tests.simulation.world.texts import FOREIGN, events_of, raw_of, spelled, when_raw

PHONE = "phone"
_EAGER = 0.7


class Phone:
    """The phone of the tutor, and whoever else holds it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    @property
    def _now(self) -> datetime:
        return self._stage.clock.now()

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
        is_unknowable = "unmark" in server.manners.rewrites and self._is_unsettled(place.remote_id, one)
        stored = server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
        after = tokens_of_event(events_of(stored.body)[0], HOME_ZONE)
        session = self._stage.session_of(one)
        if is_unknowable:
            self._stage.ledger.over_unknown |= {(session, group, after[group]) for group in groups}
        aside = self._is_aside(session, place, one)
        for group in groups:
            value = _value_in(stored, group)
            self._stage.ledger.edit(
                session, group, token=after[group], value=value, saw=before[group], side=place.remote_id, at=self._now,
                is_aside=aside,
            )  # fmt: skip
        return f"{short(session)} {[after[group] for group in groups]} at {place.remote_id}"

    def delete_on_phone(self, random: Random) -> str:
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        is_ours_maybe = any(self._has_a_lost_deletion(device, place, one) for device in self._stage.devices)
        carry_out = partial(server.delete, place.remote_id, one.key, by=PHONE)
        session = self._end_at(place, one, carry_out, is_sure=not is_ours_maybe)
        return f"{short(session)} at {place.remote_id}"

    def _has_a_lost_deletion(self, device: Device, place: Collection, one: Stored) -> bool:
        """Whether the engine sent a deletion of an object that may still come: then nobody can tell whose it was."""
        store = device.store
        with store.read() as connection:
            rows = {row.remote_id: row.id for row in store.accounts.calendars(connection)}
            key = f"{rows[place.remote_id]}/{one.key}"
            return REMOVAL in store.journal.echoes(connection, [key], self._now).get(key, set())

    def _end_at(self, place: Collection, one: Stored, carry_out: Callable[[], object], *, is_sure: bool = True) -> str:
        """Let an event end its session, as whoever does it sees it now. Gives the session."""
        session = self._stage.session_of(one)
        saw = tokens_of_event(events_of(one.body)[0], HOME_ZONE)
        # What was carried out without the engine having heard of it may be what the person saw: nobody can know.
        sure = is_sure and not self._is_unsettled(place.remote_id, one) and not self._is_aside(session, place, one)
        # Of two, one from the trash, the other stands for the session from then on: also where it was moved before.
        uid = raw_of(one.body)["uid"]
        sure = sure and not any(
            other is not one
            and self._stage.session_of(other) == session
            and (where.remote_id == place.remote_id or raw_of(other.body)["uid"] == uid)
            for _, where, other in self._stage.ours()
        )
        carry_out()
        self._stage.ledger.end(session, side=place.remote_id, at=self._now, saw=saw, sure=sure)
        return session

    def _is_aside(self, session: str, place: Collection, one: Stored) -> bool:
        """Whether an event that lies there is no session's, as far as anybody was told."""
        ledger, here = self._stage.ledger, (session, place.remote_id)
        if raw_of(one.body)["uid"] in ledger.blocks | ledger.given_up:
            return True
        if not self._stage.is_for_sessions(place):
            return here not in ledger.followed
        if here not in ledger.loose:
            return False
        store, uid = self._stage.device.store, raw_of(one.body)["uid"]
        with store.read() as connection:
            links = store.links.of_sessions(connection, [session]).get(session, [])
        # Back from the trash before anybody missed it, it still is.
        return all(row.link.uid != uid for row in links)

    def _is_unsettled(self, remote_id: str, one: Stored) -> bool:
        """Whether the engine's last write to an object is not settled."""
        return any(self._is_unsettled_at(device.store, remote_id, one) for device in self._stage.devices)

    def _is_unsettled_at(self, store: CrashingStore, remote_id: str, one: Stored) -> bool:
        with store.read() as connection:
            rows = {row.remote_id: row.id for row in store.accounts.calendars(connection)}
            if any(row.href == one.key for row in store.journal.unsettled(connection)):
                return True
            known = store.mirror.by_keys(connection, rows[remote_id], [one.key]).get(one.key)
        is_last = self._stage.last_by.get((remote_id, one.key)) == ENGINE
        return known is None or (is_last and known.body != one.body)

    def decorate_on_phone(self, random: Random) -> str:
        """Set an alarm or a colour: nothing of ours."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        raw = raw_of(one.body)
        raw[FOREIGN] = f"alarm {random.randrange(10**6)}"
        server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
        return f"{short(self._stage.session_of(one))} at {place.remote_id}"

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
        return f"{short(self._stage.session_of(one))} at {place.remote_id}"

    def duplicate_on_phone(self, random: Random) -> str:
        """Copy an event with everything in it, our marker too; only the UID is another."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        raw = raw_of(one.body)
        raw["uid"] = f"copy-{random.randrange(10**9)}"
        server.create(place.remote_id, f"{place.remote_id}{raw['uid']}.ics", spelled(raw), by=PHONE)
        return f"{short(self._stage.session_of(one))} at {place.remote_id}"

    def reshape_on_phone(self, random: Random) -> str:
        """Make an event something that a session cannot be."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        raw = raw_of(one.body)
        how = random.choice(["series", "all-day", "floating", "zero"])
        match how:
            case "series":
                raw["rrule"] = ["FREQ=WEEKLY;COUNT=4"]
            case "all-day":
                raw["when"] = {**raw["when"], "kind": "date", "local": raw["when"]["local"][:10] + "T00:00:00"}
                raw["when"]["seconds"] = 86400
            case "floating":
                raw["when"] = {**raw["when"], "kind": "floating"}
            case _:
                raw["when"] = {**raw["when"], "seconds": 0}
        self._note_removal(place, one)
        server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
        return f"{short(self._stage.session_of(one))} is {how} at {place.remote_id}"

    def mark_as_cancelled_on_phone(self, random: Random) -> str:
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        cancelled = spelled({**raw_of(one.body), "status": "CANCELLED"})
        session = self._end_at(place, one, lambda: server.update(place.remote_id, one.key, cancelled, by=PHONE))
        return f"{short(session)} at {place.remote_id}"

    def restore_on_phone(self, random: Random) -> str:
        """Take an event back from the trash."""
        ledger = self._stage.ledger
        found = [
            (server, place, one)
            for server, place in self._stage.collections()
            for key, one in place.tombstones.items()
            if place.state == "ok" and key not in place.objects and raw_of(one.body)["uid"] in ledger.uids
        ]
        if not found:
            return ""
        server, place, one = random.choice(found)
        session = self._stage.session_of(one)
        for ending in ledger.endings_of(session):
            ending.sure = False
        ledger.came_back(session, place.remote_id)
        server.create(place.remote_id, one.key, one.body, by=PHONE)
        return f"{short(session)} at {place.remote_id}"

    def move_away_on_phone(self, random: Random) -> str:
        """Move an event into a calendar of the same account that is not for sessions."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        others = [other for other in server.collections.values() if self._stage.roles[other.remote_id] is Role.BUSY]
        if not others or others[0].state != "ok":
            return ""
        self._note_removal(place, one, is_moved=True)
        server.delete(place.remote_id, one.key, by=PHONE)
        key = others[0].remote_id + one.key.rpartition("/")[2]
        # It shows at once, also where what is new shows late: nothing new is made.
        server.create(others[0].remote_id, key, one.body, by=PHONE, made_at=one.made_at)
        return f"{short(self._stage.session_of(one))} from {place.remote_id}"

    def _note_removal(self, place: Collection, one: Stored, *, is_moved: bool = False) -> None:
        ledger, session = self._stage.ledger, self._stage.session_of(one)
        saw = tokens_of_event(events_of(one.body)[0], HOME_ZONE)
        ledger.removals.append(Ending(ledger.next(), session, place.remote_id, self._now, saw, is_moved=is_moved))

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
            raw = {**raw_of(one.body), "summary": secret, "url": host_link(secret)}
            server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
            return f"changed one at {place.remote_id}"
        uid = f"own-{random.randrange(10**9)}"
        span = self._stage.words.when(day_of(self._stage, random), HOME_ZONE, length_of(random))
        raw = {
            "uid": uid, "summary": secret, "location": "", "description": "", "url": host_link(secret),
            "conference": "", "status": "CONFIRMED", "marker": None, FOREIGN: "", "counter": 0,
            "rrule": random.choice([[], [], ["FREQ=WEEKLY;COUNT=3"]]), "when": when_raw(span),
        }  # fmt: skip
        server.create(place.remote_id, f"{place.remote_id}{uid}.ics", spelled(raw), by=PHONE)
        return f"made one at {place.remote_id}"

    def _change_raw(self, raw: dict[str, Any], group: FieldGroup, random: Random) -> None:
        match group:
            case FieldGroup.TITLE:
                raw["summary"] = text_of(self._stage, group, random)
            case FieldGroup.NOTES:
                text = text_of(self._stage, group, random)
                start, end = raw["description"].find(FENCE), raw["description"].rfind("\n——")
                raw["description"] = text if start < 0 else f"{text}\n\n{raw['description'][start : end + 3]}"
            case FieldGroup.WHERE:
                raw["location"] = text_of(self._stage, group, random)
            case _:
                zone = raw["when"]["zone"] or HOME_ZONE
                raw["when"] = when_raw(self._stage.words.when(day_of(self._stage, random), zone, length_of(random)))

    def _an_event(self, random: Random) -> tuple[CalendarServer, Collection, Stored] | None:
        found = [one for one in self._stage.ours() if one[1].state == "ok" and is_plain(events_of(one[2].body)[0])]
        if self._stage.is_eager and random.random() < _EAGER:
            found = [one for one in found if (one[1].remote_id, one[2].key) == self._stage.written_last] or found
        return random.choice(found) if found else None


def _value_in(stored: Stored, group: FieldGroup) -> str:
    raw = raw_of(stored.body)
    names = {FieldGroup.TITLE: "summary", FieldGroup.NOTES: "description", FieldGroup.WHERE: "location"}
    return str(raw[names[group]]) if group in names else ""
