"""An appointment with the title and the time of a session, and nobody knows whose: is it a copy?

Our own events are known by marker and UID through any account or feed. What another program copied bears neither: it
is asked about once, by calendar and look, and takes the tutor's time until then.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.conflicts.values import Occupied, Overlap
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import QuestionKind
from sync_agent.engine.words import between_words

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Lookalike:
    """A double booking of a session with what looks like its copy."""

    conflict: str
    session: Occupied
    event: Occupied

    @property
    def pair(self) -> str:
        """What it is known by: no pair is asked about twice."""
        return f"{self.session.id} {self.event.id}"


def looks_alike(overlap: Overlap) -> bool:
    """Whether an appointment has the title and the time of the session that it collides with. Pure."""
    one, other = overlap.a, overlap.b
    return (
        one.is_session
        and not other.is_session
        and (one.lo, one.hi) == (other.lo, other.hi)
        and _plain(one.title) == _plain(other.title) != ""
    )


def ask_whether_copies(
    store: Store, connection: Connection, found: Iterable[Lookalike], *, zone: str, now: datetime
) -> list[str]:
    """Ask about lookalikes, one question a calendar, each pair once and for all. Gives the questions asked now."""
    by_calendar: dict[str, list[Lookalike]] = {}
    for one in found:
        by_calendar.setdefault(one.event.calendar, []).append(one)
    if not by_calendar:
        return []
    asked_before = {copy["pair"] for one in store.questions.of_kinds(connection, [_KIND]) for copy in _copies(one)}
    asked = []
    for calendar, all_of_it in sorted(by_calendar.items()):
        fresh = sorted((one for one in all_of_it if one.pair not in asked_before), key=_by_time)
        if not fresh:
            continue
        incident = hashlib.sha256("\n".join(sorted(one.pair for one in fresh)).encode()).hexdigest()[:16]
        question = Question(
            id=uuid7(now),
            cause_key=f"copy:{calendar}:{incident}",
            kind=_KIND.value,
            targets=tuple(one.event.key for one in fresh),
            facts={
                "calendar": fresh[0].event.calendar_name,
                "copies": [
                    {
                        "pair": one.pair,
                        "conflict": one.conflict,
                        "session": one.session.id,
                        "event": one.event.key,
                        "title": one.session.title,
                        "when": between_words(one.session.lo, one.session.hi, zone),
                    }
                    for one in fresh
                ],
            },
            opened=now,
        )
        if store.questions.ask(connection, question):
            asked.append(question.id)
    return asked


def close_settled(store: Store, connection: Connection) -> None:
    """Close the questions that answered themselves: none of their lookalikes collides with its session any more."""
    for one in store.questions.open_of(connection, _KIND):
        rows = (store.bookings.conflict(connection, copy["conflict"]) for copy in _copies(one))
        if all(row is None or row.closed is not None for row in rows):
            store.questions.close(connection, one.id, "settled by itself")


_KIND = QuestionKind.COPY


def _copies(question: Question) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = question.facts["copies"]
    return found


def _plain(title: str) -> str:
    return " ".join(title.split()).casefold()


def _by_time(one: Lookalike) -> tuple[datetime, str]:
    return one.session.lo, one.pair
