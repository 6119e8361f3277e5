"""Pairs that matter: two rare things at once, counted where the second meets the first."""

from __future__ import annotations

from sync_agent.engine.values import GUARD_KINDS
from tests.simulation.stage import Stage
from tests.simulation.world.calendar_server import Collection

LATE_AND_UNDO = "late delivery × undo"
CRASH_AND_412 = "crash × 412"
LEASE_AND_ROW = "lease loss × sent row"
GUARD_AND_TOKEN = "guard × dead token"
PAIRS = (LATE_AND_UNDO, CRASH_AND_412, LEASE_AND_ROW, GUARD_AND_TOKEN)


def met_by_undo(stage: Stage) -> None:
    """Somebody takes something back while a request of the engine is still on its way."""
    if stage.network.in_flight:
        stage.met.pairs[LATE_AND_UNDO] += 1


def met_by_crash(stage: Stage) -> None:
    """The process dies after it was told that an object had changed, and before it looked."""
    if stage.network.wires.refused:
        stage.met.pairs[CRASH_AND_412] += 1


def met_by_pass(stage: Stage) -> None:
    """A pass begins with a write of which nobody knows what became, and its calendar is no longer this device's."""
    wires = stage.network.wires
    if any(device == wires.device and not wires.may_write(device, place) for device, place, _ in wires.unread):
        stage.met.pairs[LEASE_AND_ROW] += 1


def met_by_dead_token(stage: Stage, place: Collection) -> None:
    """A token dies while a guard asks about what its calendar shows."""
    if place.remote_id in asked_about(stage):
        stage.met.pairs[GUARD_AND_TOKEN] += 1


def asked_about(stage: Stage) -> set[str]:
    """Give the collections about which a guard asks."""
    store = stage.device.store
    with store.read() as connection:
        asked = {one.facts.get("calendar_id") for one in store.questions.open(connection) if one.kind in GUARD_KINDS}
        return {row.remote_id for row in store.accounts.calendars(connection) if row.id in asked}
