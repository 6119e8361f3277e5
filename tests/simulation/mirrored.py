"""What a session has to do with a calendar in which its event lies: of what is long over a new store knows nothing."""

from __future__ import annotations

from collections.abc import Iterable

from sync_agent.engine.sync.plan import WINDOW_BACK
from sync_agent.engine.values import CalendarRow, Session
from tests.simulation.ledger import Edit
from tests.simulation.stage import Stage


def is_mirrored(stage: Stage, session: Session, calendar: CalendarRow) -> bool:
    """Whether a session is to be the same in a calendar.

    Sessions are mirrored from thirty days back, and once linked stay linked: one that was over for longer when a store
    began anew, and that it never linked there, is mirrored no more.
    """
    if session.when.ends_at >= stage.clock.at - WINDOW_BACK or not stage.ledger.was_replaced:
        return True
    store = stage.device.store
    with store.read() as connection:
        links = store.links.of_sessions(connection, [session.id], closed=True).get(session.id, [])
    return any(one.link.calendar == calendar.id for one in links)


def was_typed_too_late(stage: Stage, session: Session, calendars: Iterable[CalendarRow], edit: Edit) -> bool:
    """Whether something was typed into an event that is mirrored no more, when its session was over for that long."""
    return edit.at > session.when.ends_at + WINDOW_BACK and any(
        row.remote_id == edit.side and not is_mirrored(stage, session, row) for row in calendars
    )
