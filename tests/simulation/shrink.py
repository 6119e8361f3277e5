"""Makes a failing history shorter: takes steps away as long as the same invariant breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.simulation.history import Script, play
from tests.simulation.world.faults import Met

_MOST_TRIES = 150


def shortest(script: Script, *, still_fails: Callable[[Script], bool] | None = None) -> Script:
    """Give the shortest history found in which the first broken invariant of this one still breaks.

    Args:
        script: a failing one.
        still_fails: instead of playing it and comparing what breaks first.
    """
    fails = still_fails or _same_failure(script)
    tries, size = 0, max(len(script.steps) // 2, 1)
    while size >= 1 and tries < _MOST_TRIES:
        at, shorter = 0, False
        while at < len(script.steps) and tries < _MOST_TRIES:
            steps = script.steps[:at] + script.steps[at + size :]
            candidate = replace(script, steps=steps)
            tries += 1
            if fails(candidate):
                script, shorter = candidate, True
            else:
                at += size
        if not shorter or size > 1:
            size //= 2
    return _calmer(script, fails)


def _calmer(script: Script, fails: Callable[[Script], bool]) -> Script:
    """Try it with fewer sessions, and without the kinds of trouble that it does not need."""
    for changes in ({"share": 0.0}, {"commits": 0.0}, {"busy_people": 0.0}, {"sessions": 1}, {"sessions": 2}):
        candidate = replace(script, shape=replace(script.shape, **changes))  # type: ignore[arg-type]
        if fails(candidate):
            script = candidate
    return script


def _same_failure(script: Script) -> Callable[[Script], bool]:
    wanted = _kind(play(script, Met()).broken)

    def fails(candidate: Script) -> bool:
        return wanted != "" and _kind(play(candidate, Met()).broken) == wanted

    return fails


def _kind(broken: list[str]) -> str:
    return broken[0].split(":")[0] if broken else ""
