"""What people do with events that they made by hand where the tutor's sessions stand: some become sessions."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sync_agent.engine.values import FieldGroup, Role
from tests.simulation.adopted import may_end
from tests.simulation.device import HOME_ZONE
from tests.simulation.drawing import day_of, length_of, text_of
from tests.simulation.ledger import Handmade
from tests.simulation.phone import PHONE, Phone
from tests.simulation.world.calendar_server import CalendarServer, Collection
from tests.simulation.world.texts import FOREIGN, events_of, raw_of, spelled, when_raw

BY_HAND = "hand-"


class ByHand(Phone):
    """A tutor who had appointments in the calendar before there was any TutorSync, and still types some there."""

    def make_by_hand(self, random: Random) -> str:
        """Make an event as one makes it on a phone, or a series that may have begun already."""
        places = [one for one in self._stage.collections() if self._is_open(one[1])]
        if not places:
            return ""
        server, place = random.choice(places)
        uid = f"{BY_HAND}{random.randrange(10**9)}"
        is_series = random.random() < 0.4
        day = day_of(self._stage, random) - (timedelta(days=random.choice([0, 9, 16])) if is_series else timedelta(0))
        span = self._stage.words.when(day, HOME_ZONE, length_of(random))
        raw = {
            "uid": uid, "summary": text_of(self._stage, FieldGroup.TITLE, random), "location": "", "description": "",
            "url": "", "conference": "", "status": "CONFIRMED", "marker": None,
            FOREIGN: f"guests {random.randrange(10**6)}", "counter": 0,
            "rrule": [f"FREQ=WEEKLY;COUNT={random.randint(2, 4)}"] if is_series else [], "when": when_raw(span),
        }  # fmt: skip
        if random.random() < 0.5:
            raw["location"] = text_of(self._stage, FieldGroup.WHERE, random)
        elif random.random() < 0.4:
            raw["url"] = f"https://room.example/{uid}"
        if random.random() < 0.5:
            raw["description"] = text_of(self._stage, FieldGroup.NOTES, random)
        stored = server.create(place.remote_id, f"{place.remote_id}{uid}.ics", spelled(raw), by=PHONE)
        self._stage.ledger.handmade[uid] = Handmade(uid, place.remote_id, stored.key, stored.body)
        return f"{uid} at {place.remote_id}"

    def change_by_hand(self, random: Random) -> str:
        """Change or delete one of which no session was made, or not yet."""
        ledger = self._stage.ledger
        found = [
            one for one in self._lying()
            if one[2].uid not in ledger.uids and not may_end(self._stage, one[2].uid)
        ]  # fmt: skip
        if not found:
            return ""
        server, place, one = random.choice(found)
        if random.random() < 0.2:
            server.delete(place.remote_id, one.key, by=PHONE)
            return f"{one.uid} is deleted at {place.remote_id}"
        raw = raw_of(one.body)
        group = random.choice([FieldGroup.TITLE, FieldGroup.NOTES, FieldGroup.WHEN])
        if group is FieldGroup.WHEN and raw["rrule"]:
            group = FieldGroup.TITLE
        self._change_raw(raw, group, random)
        one.body = server.update(place.remote_id, one.key, spelled(raw), by=PHONE).body
        return f"{one.uid} {group.value} at {place.remote_id}"

    def adopt_in_app(self, random: Random) -> str:
        """Say of an event that the laptop knows that it is a lesson."""
        ledger, device = self._stage.ledger, self._stage.device
        rows = {row.remote_id: row for row in self._stage.calendars()}
        with device.store.read() as connection:
            known = [
                one for _, place, one in self._lying()
                if one.uid not in ledger.uids and not may_end(self._stage, one.uid)
                and device.store.mirror.by_uids(connection, rows[place.remote_id].id, [one.uid])
            ]  # fmt: skip
        if not known:
            return self.make_by_hand(random)
        one = random.choice(known)
        device.engine.adopting.wish(one.uid, rows[one.place].id)
        return f"{one.uid}, a {'series' if events_of(one.body)[0].is_recurring else 'single event'}"

    def _lying(self) -> list[tuple[CalendarServer, Collection, Handmade]]:
        """Give those events that lie where they were made."""
        return [
            (server, place, one)
            for server, place in self._stage.collections()
            for one in self._stage.ledger.handmade.values()
            if one.place == place.remote_id and place.state == "ok" and one.key in place.objects
        ]

    def _is_open(self, place: Collection) -> bool:
        return place.state == "ok" and self._stage.roles[place.remote_id] is Role.SESSIONS
