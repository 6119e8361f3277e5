"""What the guards ask. No question is asked twice for one cause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select

from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import changed_rows, new_rows
from sync_agent.engine.store.tables import question
from sync_agent.engine.values import QuestionKind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, RowMapping


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        cause_key: names the incident; unique for ever.
        kind: a QuestionKind, as text: a newer version may have asked.
        targets: what it holds (link ids or session ids), frozen.
        facts: what the sentence is made of.
        answer: one of `answers`, or None while it is open.
    """

    id: str
    cause_key: str
    kind: str
    targets: tuple[str, ...]
    facts: Mapping[str, Any]
    opened: datetime
    answer: str | None = None
    closed_why: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.answer is None and not self.closed_why

    @property
    def answers(self) -> tuple[str, ...]:
        """Give what may be answered."""
        if self.kind == QuestionKind.REPLACED:
            return ("fill", "stop", "cancel")
        if self.kind == QuestionKind.TWO_VERSIONS:
            return tuple(str(one["number"]) for one in self.facts["versions"])
        return ("yes", "no")


# Asked in every pass, so made once: putting a statement together costs more than carrying it out.
_NEW, _CHANGED = new_rows(question), changed_rows(question, "id")
_SEEN = Asked(
    select(question.c.id).where(question.c.owner == bindparam("b_owner"), question.c.cause_key == bindparam("b_cause"))
)
_BY_ID = Asked(select(question).where(question.c.id == bindparam("b_id")))
_OPEN = Asked(
    select(question)
    .where(question.c.owner == bindparam("b_owner"), question.c.answer.is_(None), question.c.closed_why == "")
    .order_by(question.c.opened, question.c.id)
)
# By its cause, for which there is an index: a pass asks this, and most profiles never had one.
_ADOPTED = Asked(
    select(question)
    .where(
        question.c.owner == bindparam("b_owner"),
        question.c.cause_key >= f"{QuestionKind.ADOPT.value}:",
        question.c.cause_key < f"{QuestionKind.ADOPT.value};",
        question.c.answer == "yes",
        question.c.closed_why == "",
    )
    .order_by(question.c.opened, question.c.id)
)
_OF_KINDS = Asked(
    select(question)
    .where(question.c.owner == bindparam("b_owner"), question.c.kind.in_(bindparam("b_kinds")))
    .order_by(question.c.opened, question.c.id)
)


class QuestionStore:
    """All questions of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def ask(self, connection: Connection, new: Question) -> bool:
        """Ask, unless this cause was asked before. Gives whether it was asked now."""
        if _SEEN.rows(connection, {"b_owner": self._owner, "b_cause": new.cause_key}):
            return False
        _NEW.run(
            connection,
            [
                {
                    "owner": self._owner,
                    "id": new.id,
                    "cause_key": new.cause_key,
                    "kind": new.kind,
                    "frozen_set": list(new.targets),
                    "facts": dict(new.facts),
                    "opened": new.opened,
                }
            ],
        )
        return True

    def open(self, connection: Connection) -> list[Question]:
        """Give the open questions, oldest first."""
        return [_question(row) for row in _OPEN.named(connection, {"b_owner": self._owner})]

    def open_of(self, connection: Connection, kind: QuestionKind) -> list[Question]:
        """Give the open questions of one kind, oldest first."""
        return [one for one in self.open(connection) if one.kind == kind]

    def all(self, connection: Connection, limit: int = 200) -> Sequence[Question]:
        """Give the last questions, newest first."""
        rows = connection.execute(
            select(question)
            .where(question.c.owner == self._owner)
            .order_by(question.c.opened.desc(), question.c.id.desc())
            .limit(limit)
        ).mappings()
        return [_question(row) for row in rows]

    def of_kinds(self, connection: Connection, kinds: Iterable[str]) -> list[Question]:
        """Give all questions of some kinds that were ever asked, oldest first."""
        asked = {"b_owner": self._owner, "b_kinds": list(kinds)}
        return [_question(row) for row in _OF_KINDS.named(connection, asked)] if asked["b_kinds"] else []

    def wished(self, connection: Connection, calendar_id: str) -> list[Question]:
        """Give the wishes to adopt an event of a calendar that were not carried out yet."""
        found = self.of_kinds(connection, [QuestionKind.ADOPT])
        return [
            one
            for one in found
            if one.answer == "yes" and not one.closed_why and one.facts["calendar_id"] == calendar_id
        ]

    def with_series_to_write(self, connection: Connection) -> set[str]:
        """Give the calendars in which a series that was adopted is to be ended yet, or to be put back."""
        found = [_question(row) for row in _ADOPTED.named(connection, {"b_owner": self._owner})]
        return {one.facts["calendar_id"] for one in found if one.facts.get("stage")}

    def get(self, connection: Connection, question_id: str) -> Question | None:
        """Give one, or None."""
        found = _BY_ID.named(connection, {"b_id": question_id})
        return _question(found[0]) if found else None

    def answer(self, connection: Connection, question_id: str, answer: str, *, at: datetime) -> None:
        """Note the answer."""
        _CHANGED.run(connection, [{"id": question_id, "answer": answer, "answered_at": at}])

    def set_facts(self, connection: Connection, question_id: str, facts: Mapping[str, Any]) -> None:
        """Replace what a question's sentence is made of."""
        _CHANGED.run(connection, [{"id": question_id, "facts": dict(facts)}])

    def reopen(self, connection: Connection, question_id: str, facts: Mapping[str, Any]) -> None:
        """Let an answer be carried out once more, or otherwise."""
        _CHANGED.run(connection, [{"id": question_id, "closed_why": "", "facts": dict(facts)}])

    def close(self, connection: Connection, question_id: str, why: str) -> None:
        """Close a question that answered itself."""
        _CHANGED.run(connection, [{"id": question_id, "closed_why": why}])


def _question(row: RowMapping | Mapping[str, Any]) -> Question:
    return Question(
        id=row["id"],
        cause_key=row["cause_key"],
        kind=row["kind"],
        targets=tuple(row["frozen_set"]),
        facts=row["facts"],
        opened=row["opened"],
        answer=row["answer"],
        closed_why=row["closed_why"],
    )
