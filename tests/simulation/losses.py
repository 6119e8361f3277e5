"""What goes with a store that is lost or put back: noted before it happens, so that nothing else is excused.

What stood nowhere but in that store is gone, and nobody can know it: edits in the app that had not left yet, what the
log kept, what was answered and not yet carried out. All that a side was told, or says by itself, must hold as ever.
"""

from __future__ import annotations

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import FieldGroup, Role, Session
from tests.simulation.device import HOME_ZONE
from tests.simulation.ledger import is_plain, tokens_of_event, tokens_of_session
from tests.simulation.stage import Stage
from tests.simulation.world.texts import events_of, raw_of

UNSAVED = "a session that had not settled yet went with its store"
FORGOTTEN = "a session that no side remembers went with its store"


def note_what_is_lost(stage: Stage, *, is_all: bool) -> None:
    """Note what goes with the store of the laptop that is used now.

    Args:
        stage: as it stands just before.
        is_all: nothing comes in its place, not even an old one.
    """
    store, ledger = stage.device.store, stage.ledger
    with store.read() as connection:
        unsettled = set(store.sessions.unsettled(connection))
        unsettled |= {row.session for row in store.journal.unsettled(connection) if row.session is not None}
        known = store.sessions.many(connection, ledger.sessions)
        stage.lost_logs += store.activity.newest(connection, limit=10_000)
    told = _told(stage)
    unsaved = {
        one for one in ledger.sessions
        if one in unsettled or one not in known or not _is_told(known[one], told.get(one, []))
    }  # fmt: skip
    stage.met.excused[UNSAVED] += len(unsaved - ledger.unsaved)
    ledger.unsaved |= unsaved
    kept = remembered(stage)
    forgotten = set(ledger.sessions) - kept
    stage.met.excused[FORGOTTEN] += len(forgotten - ledger.forgotten)
    ledger.forgotten |= forgotten
    if is_all:
        for ending in ledger.endings:
            # Whoever comes after sees an event missing that nobody remembers.
            ending.sure = False


def _told(stage: Stage) -> dict[str, list[dict[FieldGroup, str]]]:
    """Give by session what each side shows of it, as tokens."""
    told: dict[str, list[dict[FieldGroup, str]]] = {}
    for _, _, one in stage.ours():
        event = events_of(one.body)[0]
        if is_plain(event):
            told.setdefault(stage.session_of(one), []).append(tokens_of_event(event, HOME_ZONE))
    for record in stage.platform.records.values() if stage.platform is not None else ():
        if record.status is SessionStatus.PLANNED:
            told.setdefault(record.id, []).append(tokens_of_session(record))
    return told


def _is_told(hub: Session, told: list[dict[FieldGroup, str]]) -> bool:
    """Whether all that the hub says is known outside, too: each value somewhere, and that it was ended everywhere."""
    if not hub.is_live:
        return not told
    return all(any(one[group] == token for one in told) for group, token in tokens_of_session(hub).items() if token)


def remembered(stage: Stage) -> set[str]:
    """Give the sessions of which a platform, or an event that bears our marker in a calendar for sessions, tells."""
    if stage.platform is not None:
        return {one.id for one in stage.platform.records.values() if one.status is SessionStatus.PLANNED}
    found = set()
    for _, place, one in stage.ours():
        raw = raw_of(one.body)
        is_told = raw["marker"] is not None and raw["marker"]["uid"] == raw["uid"] and is_plain(events_of(one.body)[0])
        if is_told and stage.roles.get(place.remote_id) is Role.SESSIONS:
            found.add(stage.session_of(one))
    return found
