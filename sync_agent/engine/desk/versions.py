"""Choosing one of two versions: it is what all sides are to say, and the others can be brought back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.desk.putting_back import put_back
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import Base, FieldGroup

if TYPE_CHECKING:
    from sync_agent.engine.desk.context import DeskContext, Unit
    from sync_agent.engine.store.questions import Question


def choose(context: DeskContext, unit: Unit, question: Question, answer: str, now: datetime) -> list[Activity]:
    """Let one version count. Gives what is told of it.

    Sides that say another one forget that they were ever asked to agree, so that they are written; an edit that is made
    there after it was last read is newer than this choice, and counts.
    """
    group, session_id = FieldGroup(question.facts["group"]), question.targets[0]
    versions = question.facts["versions"]
    chosen = next(one for one in versions if str(one["number"]) == answer)
    cause = f"answer:{question.id}"
    entries = put_back(context, unit, session_id, group, chosen["value"], now=now, cause=cause)
    for version in versions:
        is_chosen = version is chosen
        for link, words in version["sides"]:
            base = Base(hub=chosen["value"] if is_chosen else None, side=words)
            context.store.links.set_base(unit.connection, link, group, base)
        if not is_chosen:
            entries.append(_lost(context, question, version, chosen, now, cause=f"{cause}:{version['number']}"))
            context.store.activity.add(unit.connection, entries[-1])
    context.store.sessions.unsettle(unit.connection, [session_id])
    return entries


def _lost(
    context: DeskContext,
    question: Question,
    version: Mapping[str, Any],
    chosen: Mapping[str, Any],
    now: datetime,
    *,
    cause: str,
) -> Activity:
    origin = version["origin"]
    return Activity(
        id=uuid7(now),
        at=now,
        kind="version.lost",
        cause=cause,
        actor=origin["who"] or version["where"] or origin["device"] or "someone",
        device=origin["device"],
        session=question.targets[0],
        field_group=question.facts["group"],
        before=version["value"],
        after=chosen["value"],
        lost_value=version["value"],
        facts={"title": question.facts["title"]},
    )
