"""I11: what calendars take away without a yes stays within the guard's limit, over any 24 hours."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sync_agent.engine.values import FieldGroup
from tests.simulation.invariants import Rest

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
