"""Answers about many at once: deletions and shifts that a guard held, and edits that come late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.desk.answering import Answer, agreed
from sync_agent.engine.sync.guards import named
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.sync.renew import renew
from sync_agent.engine.values import Base, FieldGroup, LinkState, Verb

if TYPE_CHECKING:
    from sync_agent.engine.store.activity import Activity

_PLANNED = SessionStatus.PLANNED.value


def mass_deletion(one: Answer) -> list[Activity]:
    """Yes: the deletions count. No: the events are made anew, but for those that came back by themselves."""
    if one.question.facts.get("platform"):
        return _keep_or_take(one, FieldGroup.STATUS)
    for row in one.held():
        if one.said == "yes" or one.is_there(row.link):
            one.store.links.set(one.connection, row.link.id, state=LinkState.LIVE)
        else:
            renew(one.store, one.connection, row.link, one.context.naming(one.connection))
    return []


def mass_shift(one: Answer) -> list[Activity]:
    """Yes: the sessions are moved. No: the events are moved back."""
    return _keep_or_take(one, FieldGroup.WHEN)


def deletions_to_write(one: Answer) -> list[Activity]:
    """Yes: the events are removed. No: the sessions take place again."""
    return _write_or_put_back(one, FieldGroup.STATUS)


def shifts_to_write(one: Answer) -> list[Activity]:
    """Yes: the events are moved. No: the sessions go back to when this calendar still has them."""
    return _write_or_put_back(one, FieldGroup.WHEN)


def late_edits(one: Answer) -> list[Activity]:
    """Yes: they are sent now. No: the sessions become again what that side still says, as an edit of now."""
    told: list[Activity] = []
    for link, edit in one.question.facts["edits"].items():
        row = one.store.links.get(one.connection, link)
        if row is None or one.said == "yes":
            continue
        if edit["verb"] == Verb.CREATE.value:
            one.store.links.set(one.connection, link, state=LinkState.CLOSED, closed_why="unlinked")
        for group in map(FieldGroup, edit["groups"]):
            before = _PLANNED if edit["verb"] == Verb.DELETE.value else agreed(row, group)
            if before is not None:
                told += one.put_back(edit["session"], group, before)
    # Also those that are long over: the window says nothing of what was asked about.
    one.store.sessions.unsettle(one.connection, {edit["session"] for edit in one.question.facts["edits"].values()})
    # More may wait that came late while this was asked.
    one.store.sessions.unsettle_window(one.connection, one.now - WINDOW_BACK, one.now + WINDOW_AHEAD)
    return told


def _keep_or_take(one: Answer, group: FieldGroup) -> list[Activity]:
    """Yes: what the side says counts. No: what we say is written there again, and nobody asks whether it is meant."""
    put_back: dict[str, str] = {}
    for row in one.held():
        one.store.links.set(one.connection, row.link.id, state=LinkState.LIVE)
        words = one.words(row.link, group)
        if one.said == "no" and words is not None:
            one.store.links.set_base(one.connection, row.link.id, group, Base(hub=None, side=words))
            session = one.store.sessions.get(one.connection, row.link.session)
            if session is not None and group is FieldGroup.WHEN:
                put_back[row.link.id] = named(str(session.when), session.origins.get(group))
    if put_back:
        one.note(put_back=put_back)
    return []


def _write_or_put_back(one: Answer, group: FieldGroup) -> list[Activity]:
    """Yes: it is written. No: the sessions become again what this calendar still says, as the tutor's own edit."""
    told: list[Activity] = []
    for row in one.held():
        one.store.links.set(one.connection, row.link.id, state=LinkState.LIVE)
        # Where its edit was overruled nothing is agreed on: then it has what it says now.
        before = _PLANNED if group is FieldGroup.STATUS else agreed(row, group) or one.value(row.link, group)
        if one.said == "no" and before is not None:
            told += one.put_back(row.link.session, group, before)
    return told
