"""Before a calendar is written for the first time, say what would be written and ask, once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import CalendarRow, Role

if TYPE_CHECKING:
    from datetime import datetime

    from sync_agent.engine.store.store import Store


def ask_first_writes(store: Store, calendars: Iterable[CalendarRow], now: datetime) -> list[str]:
    """Ask about each calendar for sessions that nobody agreed to write to yet. Gives the new questions."""
    asked: list[str] = []
    for calendar in calendars:
        if calendar.role not in (Role.SESSIONS, Role.BLOCK) or calendar.confirmed:
            continue
        with store.write() as connection:
            count = store.links.count_wanted(connection, calendar.id)
            question = Question(
                id=uuid7(now), cause_key=f"first_write:{calendar.id}", kind="first_write", targets=(calendar.id,),
                facts={"calendar": calendar.name, "count": count}, opened=now,
            )  # fmt: skip
            if count and store.questions.ask(connection, question):
                asked.append(question.id)
    return asked
