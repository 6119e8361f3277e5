"""Wishing that an event which the tutor made by hand becomes a session. Carried out when its calendar is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_agent.engine.errors import EventNotAdopted, EventUnknown
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.questions import Question
from sync_agent.engine.sync.adopting import ADOPTED_ALREADY, DONE, why_not_in
from sync_agent.engine.values import QuestionKind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.desk.accounts import AccountDesk
    from sync_agent.engine.desk.context import DeskContext
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.values import CalendarRow


class AdoptingDesk:
    """Events that are to become sessions."""

    def __init__(self, context: DeskContext, accounts: AccountDesk) -> None:
        self._context, self._accounts = context, accounts

    def wish(self, uid: str, calendar: str | None = None) -> Question:
        """Note that a session is to be made of an event. The next pass that reads its calendar does it.

        Args:
            uid: of the event, as “tutorsync events” shows it.
            calendar: id or name, where several hold it; None: the one for sessions.

        Returns:
            The wish; its `closed_why` says what became of it.

        Raises:
            CalendarUnknown, EventUnknown, EventNotAdopted.
        """
        context = self._context
        with context.store.write() as connection:
            row, place = self._found(connection, uid, calendar)
            title = context.store.bookings.title_of(connection, row.calendar, uid) or uid
            because = why_not_in(place)
            if not because and context.store.links.by_uids(connection, row.calendar, [uid]):
                because = ADOPTED_ALREADY
            if because:
                raise EventNotAdopted(title=title, reason=because)
            before = [
                one for one in context.store.questions.wished(connection, row.calendar) if one.facts["uid"] == uid
            ]
            wish = before[0] if before else self._ask(connection, row, place, title)
            context.store.mirror.mark_refetch(connection, row.calendar, [row.key])
        return wish

    def outcome(self, wish: Question) -> Question:
        """Give a wish as it stands now.

        Raises:
            EventNotAdopted: it could not be carried out.
        """
        with self._context.store.read() as connection:
            found = self._context.store.questions.get(connection, wish.id) or wish
        if found.closed_why not in ("", DONE):
            raise EventNotAdopted(title=str(found.facts["title"]), reason=found.closed_why)
        return found

    def _found(self, connection: Connection, uid: str, calendar: str | None) -> tuple[MirrorRow, CalendarRow]:
        """Find the event; of several places the one from which it can be adopted."""
        store = self._context.store
        wanted = None if calendar is None else self._accounts.calendar(connection, calendar).id
        places = [
            one for one in store.accounts.calendars(connection) if wanted in (None, one.id) and not one.is_platform
        ]
        held = [(row, one) for one in places for row in store.mirror.by_uids(connection, one.id, [uid]).values()]
        if not held:
            raise EventUnknown(uid=uid)
        return min(held, key=lambda found: why_not_in(found[1]) != "")

    def _ask(self, connection: Connection, row: MirrorRow, place: CalendarRow, title: str) -> Question:
        context, now = self._context, self._context.clock.now()
        wish = Question(
            id=uuid7(now),
            cause_key=f"adopt:{place.id}:{row.uid}:{now.isoformat()}",
            kind=QuestionKind.ADOPT.value,
            targets=(row.id,),
            facts={
                "uid": row.uid,
                "title": title,
                "calendar": place.name,
                "calendar_id": place.id,
                "account": place.account,
                "answered_by": {"who": context.settings().tutor, "device": context.device},
            },
            opened=now,
        )
        context.store.questions.ask(connection, wish)
        context.store.questions.answer(connection, wish.id, "yes", at=now)
        return wish
