"""I14: a history is told in the same words, whatever order rows come in that no query asks to be sorted.

Else a new index, or a new SQLite, changes what people see, and no failing seed replays.
"""

from __future__ import annotations

import pytest

from tests.simulation.history import play, script_of
from tests.simulation.order import rows_turned_round
from tests.simulation.world.faults import Met

SEEDS = (11, 15, 63, 69, 101, 153, 191, 233)
"""Several calendars, a platform, meetings, guards, and two laptops."""


def _told(seed: int) -> list[str]:
    lines: list[str] = []
    told = play(script_of(seed), Met(), trace=lines.append)
    return lines + told.broken


@pytest.mark.parametrize("seed", SEEDS)
def test_a_history_does_not_depend_on_the_order_of_rows(seed: int) -> None:
    straight = _told(seed)

    with rows_turned_round():
        turned = _told(seed)

    assert turned == straight
