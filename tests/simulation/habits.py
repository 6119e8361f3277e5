"""What people do in those histories that are made for it: half of a time is moved, event after event goes."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.engine.values import FieldGroup, Session
from tests.simulation.device import HOME_ZONE
from tests.simulation.drawing import short, text_of
from tests.simulation.ledger import is_plain, tokens_of_event, tokens_of_session
from tests.simulation.phone import PHONE, Phone
from tests.simulation.world.texts import events_of, raw_of, spelled

TITLE, WHEN = FieldGroup.TITLE, FieldGroup.WHEN


class Habits(Phone):
    """People with habits."""

    def resize_on_phone(self, random: Random) -> str:
        """Drag the lower edge of an event: it ends at another time."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        raw = raw_of(one.body)
        before = tokens_of_event(events_of(one.body)[0], HOME_ZONE)[WHEN]
        raw["when"] = {**raw["when"], "seconds": int(self._stage.words.length().total_seconds())}
        session, aside = self._stage.session_of(one), self._is_aside(self._stage.session_of(one), place, one)
        stored = server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
        after = tokens_of_event(events_of(stored.body)[0], HOME_ZONE)[WHEN]
        self._stage.ledger.edit(
            session, WHEN, token=after, value=after, saw=before, side=place.remote_id, at=self._now, is_aside=aside
        )
        return f"{short(session)} {after} at {place.remote_id}"

    def play_with_link_and_end(self, random: Random) -> str:
        """Write another link into an event; the session's other event is deleted, or it is cancelled in the app."""
        found = self._an_event(random)
        if found is None:
            return ""
        server, place, one = found
        session, ledger = self._stage.session_of(one), self._stage.ledger
        if self._is_unsettled(place.remote_id, one):
            ledger.unsure_links.add((session, place.remote_id))
        raw = {**raw_of(one.body), "url": "https://elsewhere.example/j/2"}
        server.update(place.remote_id, one.key, spelled(raw), by=PHONE)
        others = [
            other for other in self._stage.ours()
            if self._stage.session_of(other[2]) == session and other[1] is not place and other[1].state == "ok"
            and is_plain(events_of(other[2].body)[0])
        ]  # fmt: skip
        device = self._stage.device
        with device.store.read() as connection:
            hub = device.store.sessions.get(connection, session)
        if others:
            server, place, one = others[0]
            self._end_at(place, one, lambda: server.delete(place.remote_id, one.key, by=PHONE))
        elif hub is not None and hub.is_live:
            device.engine.sessions.cancel(session)
            ledger.end(session, side="app", at=self._now, saw=tokens_of_session(hub))
        return f"{short(session)} at {place.remote_id}"

    def retype_in_app(self, random: Random) -> str:
        """Give a session another title in the app."""
        session = self._a_session(random)
        if session is None:
            return ""
        before = tokens_of_session(session)[TITLE]
        title = text_of(self._stage, TITLE, random)
        after = self._stage.device.engine.sessions.change(session.id, SessionEdit(title=title)).session
        token = tokens_of_session(after)[TITLE]
        self._stage.ledger.edit(session.id, TITLE, token=token, value=after.title, saw=before, side="app", at=self._now)
        return f"{short(session.id)} {token}"

    def resize_in_app(self, random: Random) -> str:
        """Move a session in the app; it takes as long as before."""
        session = self._a_session(random)
        if session is None:
            return ""
        before = tokens_of_session(session)[WHEN]
        span = self._stage.words.when(session.when.start + timedelta(days=1), session.when.zone, session.when.duration)
        after = self._stage.device.engine.sessions.change(session.id, SessionEdit(start=span.start)).session
        token = tokens_of_session(after)[WHEN]
        self._stage.ledger.edit(session.id, WHEN, token=token, value=token, saw=before, side="app", at=self._now)
        return f"{short(session.id)} {token}"

    def _a_session(self, random: Random) -> Session | None:
        store = self._stage.device.store
        with store.read() as connection:
            found = store.sessions.many(connection, self._stage.ledger.sessions)
        living = sorted((one for one in found.values() if one.is_live), key=lambda one: one.id)
        return random.choice(living) if living else None
