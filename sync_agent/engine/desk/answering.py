"""One answer that is being carried out: what every kind of question needs for that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sync_agent.engine.desk.putting_back import put_back
from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.sync.spell import values_of
from sync_agent.engine.values import FieldGroup, Link, LinkState

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.desk.accounts import AccountDesk
    from sync_agent.engine.desk.context import DeskContext, Unit
    from sync_agent.engine.store.activity import Activity
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.questions import Question
    from sync_agent.engine.store.store import Store


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, and the unit of work in which it is carried out.

    Attributes:
        said: one of the question's answers.
    """

    context: DeskContext
    accounts: AccountDesk
    unit: Unit
    question: Question
    said: str
    now: datetime

    @property
    def store(self) -> Store:
        """Where everything is kept."""
        return self.context.store

    @property
    def connection(self) -> Connection:
        """The unit of work's."""
        return self.unit.connection

    @property
    def cause(self) -> str:
        """What the log names as the cause: all that one answer did is taken back as one."""
        return f"answer:{self.question.id}"

    def held(self) -> list[LinkRow]:
        """Give the links that the question still holds; their sessions are planned again."""
        found = [self.store.links.get(self.connection, link) for link in self.question.targets]
        held = [row for row in found if row is not None and row.link.state is LinkState.HELD]
        self.store.sessions.unsettle(self.connection, {row.link.session for row in held})
        return held

    def words(self, link: Link, group: FieldGroup) -> str | None:
        """Give what a link's object says of a group now, in its own words; None if it says nothing."""
        obj = self.store.mirror.by_ids(self.connection, [link.obj] if link.obj else []).get(link.obj or "")
        found = obj.fields.get("groups", {}).get(group.value) if obj is not None and obj.gone_at is None else None
        return None if found is None else str(found[0])

    def value(self, link: Link, group: FieldGroup) -> str | None:
        """Give what a link's object says of a group now, as a value of its session; None if it says nothing."""
        words = self.words(link, group)
        if words is None or words == "" or link.obj is None:
            return None
        obj = self.store.mirror.by_ids(self.connection, [link.obj])[link.obj]
        session = self.store.sessions.get(self.connection, link.session)
        if "event" not in obj.fields:
            return words  # the platform spells it as the hub does
        if session is None or obj.shape != "single":
            return None
        own_links = self.store.meetings.links_ever(self.connection, session.id)
        return values_of(event_from_json(obj.fields["event"]), session, own_links=own_links).get(group)

    def is_there(self, link: Link) -> bool:
        """Whether a link's object was there with the last look; what somebody marked as cancelled is none."""
        obj = self.store.mirror.by_ids(self.connection, [link.obj] if link.obj else []).get(link.obj or "")
        return obj is not None and obj.gone_at is None and obj.shape != "cancelled"

    def put_back(self, session: str, group: FieldGroup, value: str) -> list[Activity]:
        """Give a session a value back, as an edit of the person who answered. Gives what is told of it."""
        return put_back(self.context, self.unit, session, group, value, now=self.now, cause=self.cause)

    def note(self, **facts: object) -> None:
        """Keep with the question what its answer means."""
        questions = self.store.questions
        fresh = questions.get(self.connection, self.question.id) or self.question
        questions.set_facts(self.connection, self.question.id, {**fresh.facts, **facts})


def agreed(row: LinkRow, group: FieldGroup) -> str | None:
    """Give the hub's value of a group when a link last agreed on it."""
    base = row.bases.get(group)
    return base.hub if base is not None else None
