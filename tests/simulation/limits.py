"""I11: what calendars take away without a yes stays within the guard's limit, over any 24 hours; what waits for an
answer is left alone, and everything else goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_agent.engine.session_fields import value_of
from sync_agent.engine.values import GUARD_KINDS, FieldGroup
from tests.simulation.invariants import Rest, all_agree, one_object_each
from tests.simulation.stage import Stage

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from sync_agent.engine.store.store import Store

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


def _more_of_the_same(store: Store, connection: Connection, calendars: Set[str]) -> set[str]:
    """Give the sessions that are to be moved or ended in a calendar about which a guard asks: they wait along."""
    found: set[str] = set()
    for calendar in calendars:
        links = store.links.by_ids(connection, [one.id for one in store.links.of_calendar(connection, calendar)])
        objects = store.mirror.by_ids(connection, [row.link.obj for row in links.values() if row.link.obj])
        sessions = store.sessions.many(connection, [row.link.session for row in links.values()])
        for row in links.values():
            obj, session = objects[row.link.obj or ""], sessions[row.link.session]
            base = row.bases.get(FieldGroup.WHEN)
            words = obj.fields.get("groups", {}).get(FieldGroup.WHEN.value, [None])[0]
            is_moved = base is not None and (base.side != words or base.hub != value_of(session, FieldGroup.WHEN))
            if is_moved or obj.gone_at is not None or not session.is_live:
                found.add(session.id)
    return found


def others_are_at_rest(stage: Stage) -> Iterator[str]:
    """Check that sessions about which nothing is asked do not wait for those about which something is."""
    store = stage.device.store
    with store.read() as connection:
        asked = store.questions.open(connection)
        waiting = set(store.links.sessions_of(connection, [link for one in asked for link in one.targets]))
        guarded = {one.facts["calendar_id"] for one in asked if one.kind in GUARD_KINDS}
        waiting |= _more_of_the_same(store, connection, guarded)
    rest = Rest.of(stage)
    others = replace(rest, sessions={one: hub for one, hub in rest.sessions.items() if one not in waiting})
    for check in (one_object_each, all_agree):
        yield from (f"I11: while others wait for an answer: {wrong}" for wrong in check(others))
