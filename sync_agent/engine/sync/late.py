"""Edits that could not be sent in time: a week old, or of a session that passed meanwhile. They are asked about. Pure.

An event that is still to be made in a calendar is no edit and never late; a session that the platform was never told of
is one, counted from when it was first to be told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.ids import made_at
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.plan import applied
from sync_agent.engine.values import FieldGroup, LinkState, Verb

if TYPE_CHECKING:
    from sync_agent.engine.sync.link_now import LinkNow
    from sync_agent.engine.sync.plan import PlannedWrite, SessionPlan
    from sync_agent.engine.values import Session

TOO_OLD = timedelta(days=7)

GRACE = timedelta(minutes=15)
"""An edit in the last minutes of a session is sent right after it: nobody was offline."""


@dataclass(frozen=True, slots=True)
class LateWrite:
    """One write that would come late.

    Attributes:
        groups: what of it is late; empty: all of it.
        becomes: names what would be written, so that a yes counts for nothing that comes later.
    """

    session: str
    link: str
    calendar: str
    verb: Verb
    groups: frozenset[FieldGroup]
    becomes: str


def may_be_late(plan: SessionPlan, links: Mapping[str, LinkNow], now: datetime) -> dict[str, frozenset[FieldGroup]]:
    """Give the links, with the field groups, for which it must be looked since when they wait.

    Nobody's edit is older than what is known of its making, so most are ruled out without a look.
    """
    after = applied(plan)
    found = {}
    for write in plan.writes:
        link = links[write.link]
        groups = {group for group in _edited(write, link, after) if after.is_over(now) or _is_old(after, group, now)}
        if groups or (write.verb is Verb.CREATE and link.is_platform):
            found[write.link] = frozenset(groups)
    return found


def late(
    plan: SessionPlan,
    links: Mapping[str, LinkNow],
    candidates: Mapping[str, frozenset[FieldGroup]],
    since: Mapping[FieldGroup, datetime],
    now: datetime,
) -> tuple[LateWrite, ...]:
    """Give the writes of a plan that would come late.

    Args:
        plan: of one session.
        links: the session's links, by id.
        candidates: as `may_be_late` gave them.
        since: group to when this engine came to know the value that waits.
        now: this instant.
    """
    after = applied(plan)
    found = []
    for write in plan.writes:
        if write.link not in candidates:
            continue
        link = links[write.link]
        if write.verb is Verb.CREATE:
            if _is_late(made_at(write.link), after, now):
                found.append(_late_write(after, link, write.verb, frozenset()))
            continue
        groups = frozenset(
            group for group in candidates[write.link] if group in since and _is_late(since[group], after, now)
        )
        if groups:
            found.append(_late_write(after, link, write.verb, groups))
    return tuple(found)


def without(plan: SessionPlan, held: Mapping[str, LateWrite]) -> SessionPlan:
    """Give a plan that leaves late writes undone, and does the rest."""
    return replace(plan, writes=tuple(left for write in plan.writes if (left := _left_of(write, held)) is not None))


def _left_of(write: PlannedWrite, held: Mapping[str, LateWrite]) -> PlannedWrite | None:
    one = held.get(write.link)
    if one is None:
        return write
    # The link is written into the same text as notes and place, and would take them along.
    beside = {FieldGroup.LINK} if one.groups & {FieldGroup.NOTES, FieldGroup.WHERE} else set()
    groups = write.groups - one.groups - beside
    return replace(write, groups=groups) if one.groups and write.verb is Verb.UPDATE and groups else None


def _edited(write: PlannedWrite, link: LinkNow, after: Session) -> frozenset[FieldGroup]:
    """Give what a write carries of people's edits that wait: what was put back or never agreed is none."""
    if write.verb is Verb.DELETE:
        is_cancelled = not after.is_live and link.link.state is not LinkState.CLOSING
        return frozenset({FieldGroup.STATUS} if is_cancelled else ())
    if write.verb is Verb.CREATE:
        return frozenset()
    return frozenset(
        group
        for group in write.groups - {FieldGroup.LINK}
        if (base := link.bases.get(group)) is not None and base.hub is not None and base.hub != value_of(after, group)
    )


def _is_old(after: Session, group: FieldGroup, now: datetime) -> bool:
    origin = after.origins.get(group)
    return origin is None or origin.until <= now - TOO_OLD


def _is_late(since: datetime, after: Session, now: datetime) -> bool:
    if since <= now - TOO_OLD:
        return True
    return since < after.when.ends_at <= now and now - since > GRACE


def _late_write(after: Session, link: LinkNow, verb: Verb, groups: frozenset[FieldGroup]) -> LateWrite:
    values = [f"{group.value}={value_of(after, group)}" for group in sorted(groups)]
    becomes = hashlib.sha256("\n".join([verb.value, *values]).encode()).hexdigest()[:16]
    return LateWrite(after.id, link.link.id, link.link.calendar, verb, groups, becomes)
