"""Choosing one of two versions: it is what all sides are to say, and the others can be brought back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import Base, FieldGroup

if TYPE_CHECKING:
    from sync_agent.engine.desk.answering import Answer


def choose(one: Answer) -> list[Activity]:
    """Let one version count. Gives what is told of it.

    Sides that say another one forget that they were ever asked to agree, so that they are written; an edit that is made
    there after it was last read is newer than this choice, and counts.
    """
    facts, session = one.question.facts, one.question.targets[0]
    group = FieldGroup(facts["group"])
    chosen = next(version for version in facts["versions"] if str(version["number"]) == one.said)
    told = one.put_back(session, group, chosen["value"])
    for version in facts["versions"]:
        is_chosen = version is chosen
        for link, words in version["sides"]:
            base = Base(hub=chosen["value"] if is_chosen else None, side=words)
            one.store.links.set_base(one.connection, link, group, base)
        if not is_chosen:
            entry = _lost(one, version, chosen)
            one.store.activity.add(one.connection, entry)
            told.append(entry)
    one.store.sessions.unsettle(one.connection, [session])
    return told


def _lost(one: Answer, version: Mapping[str, Any], chosen: Mapping[str, Any]) -> Activity:
    origin = version["origin"]
    return Activity(
        id=uuid7(one.now),
        at=one.now,
        kind="version.lost",
        # A choice of its own: undo brings this one back, and leaves the others.
        cause=f"{one.cause}:{version['number']}",
        actor=origin["who"] or version["where"] or origin["device"] or "someone",
        device=origin["device"],
        session=one.question.targets[0],
        field_group=one.question.facts["group"],
        before=version["value"],
        after=chosen["value"],
        lost_value=version["value"],
        facts={"title": one.question.facts["title"]},
    )
