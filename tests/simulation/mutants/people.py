"""Mutants of what people do in the app."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sync_agent.engine.desk.undo import UndoDesk
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.values import FieldGroup
from tests.simulation.mutants.mutant import mutant, replaced


@mutant(25, "undo without compare", "undo resets only what still holds what the action wrote")
def undo_without_compare() -> Iterator[None]:
    undo_field = UndoDesk._undo_field

    def blindly(self: UndoDesk, unit: Any, entry: Any, now: Any) -> Any:
        session = self._context.store.sessions.get(unit.connection, entry.session or "")
        if session is not None and entry.kind != "session.added":
            group = FieldGroup(entry.field_group) if entry.field_group else FieldGroup.STATUS
            entry = replace(entry, after=value_of(session, group))
        return undo_field(self, unit, entry, now)

    with replaced(UndoDesk, _undo_field=blindly):
        yield
