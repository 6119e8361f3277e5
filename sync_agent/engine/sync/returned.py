"""Events that came back from a vendor's trash after their session was cancelled: asked about once, never removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.ids import uuid7
from sync_agent.engine.session_fields import when_value
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import CalendarRow, QuestionKind, Role, Session

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store


def notice_returns(
    store: Store,
    connection: Connection,
    sessions: Iterable[Session],
    calendars: Mapping[str, CalendarRow],
    now: datetime,
) -> list[str]:
    """Ask whether a session is to be given back whose event is there again. Gives the questions asked now.

    A question ends by itself where the session was given back otherwise, is over, or the event went again.
    """
    known = {one.id: one for one in sessions}
    cancelled = {one.id for one in known.values() if not one.is_live and not one.is_over(now)}
    returned = store.links.returned(connection, cancelled) if cancelled else []
    there = {one.link for one in returned}
    standing = {one.targets[0]: one for one in store.questions.open_of(connection, QuestionKind.RESTORED)}
    for link, question in standing.items():
        if question.facts["session"] in known and link not in there:
            store.questions.close(connection, question.id, "settled by itself")
    asked = []
    for one in returned:
        if one.link in standing or calendars[one.calendar].role is Role.BLOCK:
            continue
        session = known[one.session]
        question = Question(
            id=uuid7(now),
            cause_key=f"restored:{one.link}:{one.obj}:{session.version}:{one.etag}",
            kind=QuestionKind.RESTORED.value,
            targets=(one.link,),
            facts={
                "title": session.title,
                "when": when_value(session.when),
                "calendar": calendars[one.calendar].name,
                "session": session.id,
                "obj": one.obj,
            },
            opened=now,
        )
        if store.questions.ask(connection, question):
            asked.append(question.id)
    return asked
