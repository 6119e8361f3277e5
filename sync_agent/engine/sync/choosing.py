"""Two versions of one field: the question that stands while they differ (the policy "ask").

What there is to choose from is `merge`'s; carrying the choice out is the question desk's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.origins import origin_to_json
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import QuestionKind

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.guarding import Planned
    from sync_agent.engine.sync.merge import Version
    from sync_agent.engine.values import CalendarRow


class Chooser:
    """Keeps one question for each session and field group whose versions differ."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(
        self,
        connection: Connection,
        planned: Sequence[Planned],
        calendars: Mapping[str, CalendarRow],
        now: datetime,
    ) -> list[str]:
        """Ask about what differs, tell open questions of later edits, close what is settled. Gives the new ones."""
        standing = {_about(one): one for one in self._store.questions.open_of(connection, QuestionKind.TWO_VERSIONS)}
        asked: list[str] = []
        for one in planned:
            plan, session = one.plan, one.plan.session
            names = {link: calendars[now_.link.calendar].name for link, now_ in one.links.items()}
            if plan.cancel is not None or plan.releases:
                continue  # not merged yet: planned once more in a moment
            wanted = {(session.id, choice.group.value): choice for choice in plan.choices}
            for key in [key for key in standing if key[0] == session.id and key not in wanted]:
                self._store.questions.close(connection, standing[key].id, "agreed")
            for key, choice in wanted.items():
                before = standing.get(key)
                facts = {
                    "title": session.title,
                    "zone": session.when.zone,
                    "group": choice.group.value,
                    "versions": _numbered(choice.versions, names, [] if before is None else before.facts["versions"]),
                }
                if before is None:
                    asked.append(self._ask(connection, session.id, facts, now))
                elif before.facts != facts:
                    self._store.questions.set_facts(connection, before.id, facts)
        return asked

    def _ask(self, connection: Connection, session: str, facts: Mapping[str, Any], now: datetime) -> str:
        question_id = uuid7(now)
        question = Question(
            id=question_id,
            # While it is open there is no other of this session and group; once it is settled, the cause is gone.
            cause_key=f"two_versions:{session}:{facts['group']}:{question_id}",
            kind=QuestionKind.TWO_VERSIONS.value,
            targets=(session,),
            facts=facts,
            opened=now,
        )
        self._store.questions.ask(connection, question)
        return question_id


def _about(question: Question) -> tuple[str, str]:
    return question.targets[0], str(question.facts["group"])


def _numbered(
    versions: Sequence[Version], names: Mapping[str, str], before: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Give versions with numbers that stay: who reads "2" and answers later means what it was then."""
    known = {one["value"]: int(one["number"]) for one in before}
    unused = max([0, *known.values()])
    found = []
    for version in versions:
        number = known.get(version.value)
        if number is None:
            unused += 1
            number = unused
        found.append(
            {
                "number": number,
                "value": version.value,
                # Nowhere but here, where the hub alone says it.
                "where": ", ".join(sorted({names[link] for link, _ in version.sides})),
                "origin": origin_to_json(version.origin),
                "sides": [list(side) for side in version.sides],
            }
        )
    return sorted(found, key=lambda one: one["number"])
