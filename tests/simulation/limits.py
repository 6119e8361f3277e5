"""I11: what calendars take away without a yes stays within the guard's limit, over any 24 hours; what waits for an
answer is left alone, and everything else goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sync_agent.engine.values import GUARD_KINDS, FieldGroup, QuestionKind, Role, Session
from tests.simulation.device import HOME_ZONE
from tests.simulation.invariants import Rest, all_agree, one_object_each
from tests.simulation.ledger import tokens_of_event, tokens_of_session
from tests.simulation.stage import Stage
from tests.simulation.world.texts import events_of

DAY = timedelta(hours=24)
MANY, FEW, SHARE = 10, 3, 0.2


def no_mass_without_a_yes(rest: Rest) -> Iterator[str]:
    """More than ten, or at least three and over a fifth: that is asked about, whether at once or one by one.

    What was confirmed is the tutor's own act, and names no calendar in the log. There never were more sessions than
    people made, so a fifth of those is the most that may go.
    """
    found: dict[str, list[tuple[datetime, str]]] = {}
    for entries in rest.log.values():
        for one in entries:
            is_ending = one.kind == "session.cancelled" and one.field_group == FieldGroup.STATUS.value
            if is_ending and one.calendar is not None and one.session is not None:
                found.setdefault(one.calendar, []).append((one.at, one.session))
    everything = len(rest.stage.ledger.sessions)
    for calendar, ended in found.items():
        for begin, _ in ended:
            within = {session for at, session in ended if begin <= at < begin + DAY}
            count = len(within)
            if count > MANY or (count >= FEW and count > SHARE * everything):
                yield f"I11: {count} of {everything} sessions were ended in {calendar[-4:]} within a day, unasked"
                break


_HELD = (
    "SELECT calendar.remote_id, remote_obj.href_norm FROM link JOIN remote_obj ON remote_obj.id = link.obj "
    "JOIN calendar ON calendar.id = link.calendar WHERE link.state = 'held'"
)


def held_places(stage: Stage) -> frozenset[tuple[str, str]]:
    """Give (collection, key) of the events that wait for an answer, as the laptop that is used now has it."""
    with stage.device.store.read() as connection:
        return frozenset((place, key) for place, key in connection.exec_driver_sql(_HELD))


def held_are_untouched(stage: Stage, before: frozenset[tuple[str, str]]) -> Iterator[str]:
    """Check a pass: what waited for an answer before and after it was not written in between."""
    if not before or not stage.written_in_pass:
        return
    for _, key in sorted(before & held_places(stage) & set(stage.written_in_pass)):
        yield f"I11: {key} waits for an answer, and was written"


def others_are_at_rest(stage: Stage) -> Iterator[str]:
    """Check that sessions about which nothing is asked do not wait for those about which something is.

    But those wait to which the same happened in the same calendar since: that is one cause, about which nobody is asked
    twice, and the set in the question is frozen. What is to become of them is asked when it was answered.
    """
    store = stage.device.store
    with store.read() as connection:
        asked = store.questions.open(connection)
        waiting = set(store.links.sessions_of(connection, [link for one in asked for link in one.targets]))
    rest = Rest.of(stage)
    for one in asked:
        if one.kind in GUARD_KINDS:
            waiting |= set(_more_of_the_same(rest, QuestionKind(one.kind), one.facts["calendar_id"]))
    others = replace(rest, sessions={one: hub for one, hub in rest.sessions.items() if one not in waiting})
    for check in (one_object_each, all_agree):
        yield from (f"I11: while others wait for an answer: {wrong}" for wrong in check(others))


def _more_of_the_same(rest: Rest, kind: QuestionKind, calendar: str) -> Iterator[str]:
    """Give the sessions to which people did what is asked about: with a calendar, or elsewhere so that it would follow.

    What they did in the app is their own, and never asked about.
    """
    row = next(one for one in rest.calendars if one.id == calendar)
    there = "platform" if row.role is Role.PLATFORM else row.remote_id
    is_read = kind in (QuestionKind.MASS_DELETION, QuestionKind.MASS_SHIFT)
    for session, hub in rest.sessions.items():
        if kind in (QuestionKind.MASS_DELETION, QuestionKind.DELETIONS_TO_WRITE):
            sides = _ended_at(rest, session) if hub.is_live is is_read else set()
        else:
            sides = _shifted_at(rest, session, hub, there, is_read=is_read)
        if there in sides if is_read else sides - {there, "app"}:
            yield session


def _ended_at(rest: Rest, session: str) -> set[str]:
    ledger = rest.stage.ledger
    ended = [one for one in ledger.endings_of(session) if not one.void]
    return {one.side for one in [*ended, *(one for one in ledger.removals if one.session == session)]}


def _shifted_at(rest: Rest, session: str, hub: Session, there: str, *, is_read: bool) -> set[str]:
    """Give where the time was typed that a place shows and the hub does not have, or the other way round."""
    platform = rest.stage.platform
    if there == "platform":
        records = platform.records if platform is not None else {}
        shown = {tokens_of_session(records[session])[FieldGroup.WHEN]} if session in records else set()
    else:
        server = next(one for one in rest.stage.servers if there in one.collections)
        bodies = [one.body for one in rest.events(session, there, server)]
        shown = {tokens_of_event(events_of(body)[0], HOME_ZONE)[FieldGroup.WHEN] for body in bodies}
    final = tokens_of_session(hub)[FieldGroup.WHEN]
    sought = shown - {final} if is_read else {final} - shown
    return {one.side for one in rest.stage.ledger.of(session) if one.group is FieldGroup.WHEN and one.token in sought}
