"""The guard against a mistaken mass deletion or mass shift, in what is read and in what is about to be written. Pure.

Holding links and asking is `guarding`'s.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.sync.plan import applied
from sync_agent.engine.values import APP, IN_APP, ON_PLATFORM, FieldGroup, LinkState, QuestionKind, Verb

if TYPE_CHECKING:
    from connectors.vocabulary.sessions import Origin
    from sync_agent.engine.sync.link_now import LinkNow
    from sync_agent.engine.sync.plan import PlannedWrite, SessionPlan
    from sync_agent.engine.values import Session

SPAN = timedelta(hours=24)
"""What comes one by one within this time counts together."""

MANY = 10
FEW = 3
SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Change:
    """One deletion or shift that a calendar shows, or that is about to be written to it.

    Attributes:
        becomes: names this very change, so that a yes to it counts for nothing that comes later.
    """

    kind: QuestionKind
    calendar: str
    session: str
    link: str
    becomes: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes of one kind in one calendar.

    Attributes:
        living: links of that calendar before.
        confirmed: link to what it becomes, where the tutor said yes to it.
        recent: how many more there were in this calendar within a day, without being asked.
    """

    changes: tuple[Change, ...]
    living: int
    confirmed: Mapping[str, str]
    recent: int = 0

    @property
    def asked(self) -> tuple[Change, ...]:
        """Those of which nobody said that they are meant, in a fixed order."""
        left = (change for change in self.changes if self.confirmed.get(change.link) != change.becomes)
        return tuple(sorted(left, key=lambda change: change.link))

    @property
    def fingerprint(self) -> str:
        """Names this incident: the same changes are never asked about twice."""
        lines = [f"{change.link} {change.becomes}" for change in self.asked]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def held_back(batch: Batch) -> bool:
    """Whether changes are to wait for a yes: more than ten within a day, or at least three and over a fifth."""
    asked = len(batch.asked)
    if not asked:
        return False
    count = asked + batch.recent
    if count > MANY:
        return True
    return count >= FEW and count > SHARE * max(batch.living + batch.recent, 1)


def changes_of(plan: SessionPlan, links: Mapping[str, LinkNow], now: datetime) -> Iterator[Change]:
    """Give what a plan would take from its sides, and write to them, that the guard counts.

    An edit is counted where it is first seen. What a person made in the app, on whatever device, or confirmed there, is
    meant; what another engine read in a calendar of its own was counted by that one.

    Args:
        plan: of one session.
        links: the session's links, by id.
        now: this instant; a session that is over cannot be cancelled any more.
    """
    session = plan.session

    def change(kind: QuestionKind, link: str, becomes: str) -> Change:
        return Change(kind, links[link].link.calendar, session.id, link, becomes)

    if plan.cancel is not None:
        yield from (change(QuestionKind.MASS_DELETION, link, links[link].stamp) for link, _ in plan.closes)
    for taken in plan.taken:
        is_first_seen = taken.origin.side in {"", ON_PLATFORM, links[taken.link].link.calendar}
        kind = _kind_read(taken.group, taken.value, session, now)
        if kind is not None and is_first_seen:
            yield change(kind, taken.link, named(taken.value, taken.origin))
    after = applied(plan)
    for write in plan.writes:
        kind, group = _kind_written(write, links[write.link], after)
        origin = after.origins.get(group) if group is not None else None
        if kind is not None and group is not None and (origin is None or origin.side not in IN_APP):
            value = after.status.value if group is FieldGroup.STATUS else str(after.when)
            yield change(kind, write.link, named(value, origin))


def as_confirmed(plan: SessionPlan, links: Set[str], *, who: str, device: str) -> SessionPlan:
    """Give a plan in which what some links say was confirmed by a person: from here on it is that person's edit."""

    def theirs(origin: Origin) -> Origin:
        return replace(origin, who=who, device=device, side=APP)

    cancel = plan.cancel
    if cancel is not None and cancel.link in links:
        cancel = replace(cancel, origin=theirs(cancel.origin))
    taken = tuple(
        replace(one, origin=theirs(one.origin)) if one.link in links and one.group in _COUNTED else one
        for one in plan.taken
    )
    return replace(plan, cancel=cancel, taken=taken)


_COUNTED = frozenset({FieldGroup.WHEN, FieldGroup.STATUS})


def _kind_read(group: FieldGroup, value: str, session: Session, now: datetime) -> QuestionKind | None:
    if group is FieldGroup.WHEN:
        return QuestionKind.MASS_SHIFT
    is_deletion = group is FieldGroup.STATUS and value == SessionStatus.CANCELLED.value
    return QuestionKind.MASS_DELETION if is_deletion and not session.is_over(now) else None


def _kind_written(write: PlannedWrite, link: LinkNow, after: Session) -> tuple[QuestionKind | None, FieldGroup | None]:
    if link.link.state is LinkState.CLOSING or write.verb is Verb.CREATE:
        return None, None
    if not after.is_live and (write.verb is Verb.DELETE or FieldGroup.STATUS in write.groups):
        return QuestionKind.DELETIONS_TO_WRITE, FieldGroup.STATUS
    if FieldGroup.WHEN in write.groups:
        return QuestionKind.SHIFTS_TO_WRITE, FieldGroup.WHEN
    return None, None


def named(value: str, origin: Origin | None) -> str:
    """Name a change: a value, and the edit that made it."""
    made = "" if origin is None else f"{origin.since.isoformat()} {origin.until.isoformat()}"
    return hashlib.sha256(f"{value}\n{made}".encode()).hexdigest()[:16]
