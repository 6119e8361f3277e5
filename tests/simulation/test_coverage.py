"""What a run must have met: nothing that it can meet is left out, and too little is said."""

from __future__ import annotations

from tests.simulation.coverage import short_of, wanted
from tests.simulation.history import play, script_of
from tests.simulation.world.faults import READING, WRITING, Fault, Met

_REQUESTS = frozenset(f"{one.value} · " for one in (*READING, *WRITING))


def test_every_fault_that_a_request_meets_is_asked_for() -> None:
    """In whichever step: one that nobody asks for could stop being met without anybody hearing of it."""
    met = Met()
    for seed in (3, 11, 17, 19, 31):
        play(script_of(seed), met)

    found = {name for name in met.faults if any(name.startswith(one) for one in _REQUESTS)}

    assert {name.partition(" · ")[2] for name in found} >= {"condition", "lease", "links", "meeting look"}
    assert found <= set(wanted())


def test_what_was_met_too_seldom_is_said() -> None:
    met = Met()
    for name in wanted():
        met.faults[name] = 100
    met.faults[f"{Fault.HANG.value} · lease"] = 99

    said = short_of(met, 5000)

    assert "hang · lease: 99 times, 100 are wanted" in said
    assert not any("condition" in line for line in said)
