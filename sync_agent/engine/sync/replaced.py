"""A calendar that was removed on its server and made anew: nobody deleted anything in it (ENGINE rules: deletion).

While it is in question nothing is planned there. It is suspected in the transaction that moves the cursor, so that no
crash makes deletions of it; a direct look that finds an event of ours again ends the suspicion.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import CalendarRow, QuestionKind, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store

log = structlog.get_logger()

REPLACED = "replaced"


def suspect_replaced(
    store: Store, connection: Connection, calendar: CalendarRow, listed: Set[str], *, since: datetime
) -> None:
    """Suspect that a calendar for sessions was made anew: its cursor is dead, and nothing that it held is in it.

    Args:
        store: of the mirror.
        connection: the unit of work that moves the cursor.
        calendar: as it was before.
        listed: the keys of all that lies in it now.
        since: when this reading began; what came in later is no sign of life.
    """
    if calendar.role is not Role.SESSIONS:
        return
    held = store.mirror.living_before(connection, calendar.id, since)
    if held and not held & listed:
        store.accounts.update_calendar(connection, calendar.id, state=REPLACED)
        log.warning("calendar.replaced", calendar=calendar.id)


def keep_asking(store: Store, connection: Connection, calendars: Iterable[CalendarRow], now: datetime) -> list[str]:
    """Ask once about each calendar that was made anew, or let it be if its events are there. Gives what is new."""
    asked = []
    for calendar in calendars:
        if calendar.state != REPLACED:
            continue
        key = f"replaced:{calendar.id}:{calendar.incarnation}"
        seen, unsure = store.links.objects_seen(connection, calendar.id)
        if calendar.role is not Role.SESSIONS or seen:
            go_on(store, connection, calendar)
            for question in store.questions.open_of(connection, QuestionKind.REPLACED):
                if question.cause_key == key:
                    store.questions.close(connection, question.id, "came back")
            continue
        if unsure:
            continue  # nobody has looked yet
        rows = store.links.of_calendar(connection, calendar.id)
        question = Question(
            id=uuid7(now),
            cause_key=key,
            kind=QuestionKind.REPLACED.value,
            targets=(calendar.id,),
            facts={"calendar": calendar.name, "calendar_id": calendar.id, "count": len(rows)},
            opened=now,
        )
        if store.questions.ask(connection, question):
            asked.append(question.id)
    return asked


def go_on(store: Store, connection: Connection, calendar: CalendarRow) -> None:
    """Use a calendar again, as the next one at its place: another incident is another question."""
    store.accounts.update_calendar(connection, calendar.id, state="ok", incarnation=calendar.incarnation + 1)
