"""Which conflicts open and which close, now that some sessions or events changed.

A conflict closes by itself when its cause goes, and says why. Writing it down is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sync_agent.engine.conflicts.values import Occupied, Overlap

Pair = tuple[str, str]


class CloseReason(StrEnum):
    """Why a double booking is none any more."""

    MOVED = "moved"
    CANCELLED = "cancelled"
    GONE = "gone"
    LEFT_OUT = "left_out"
    FREE = "free"
    MARKED_FREE = "marked_free"
    ALL_DAY_FREE = "all_day_free"
    DECLINED = "declined"
    CALLED_OFF = "called_off"
    NEAR_ENOUGH = "near_enough"
    KEPT = "kept"
    OVER = "over"


_NO_LONGER_BLOCKS: Mapping[str, CloseReason] = {
    "marked": CloseReason.MARKED_FREE,
    "all_day": CloseReason.ALL_DAY_FREE,
    "declined": CloseReason.DECLINED,
    "cancelled": CloseReason.CALLED_OFF,
    "taken_out": CloseReason.CALLED_OFF,
}


@dataclass(frozen=True, slots=True)
class OpenPair:
    """A conflict that is open in the store.

    Attributes:
        id: of the conflict.
        pair: keys of both sides, the session first.
        times: `Overlap.times` when it was opened or last seen.
    """

    id: str
    pair: Pair
    times: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The tutor said "keep both". It holds as long as neither side's time changes.

    Attributes:
        times: `Overlap.times` when it was said.
    """

    pair: Pair
    times: str


@dataclass(frozen=True, slots=True)
class Closing:
    """A conflict to close, and why."""

    conflict: OpenPair
    why: CloseReason


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What is to be done with the list of conflicts.

    Attributes:
        still_open: with the overlap as it is now; its times may have changed.
    """

    to_open: tuple[Overlap, ...]
    to_close: tuple[Closing, ...]
    still_open: tuple[tuple[OpenPair, Overlap], ...]


def reconcile(
    open_pairs: Sequence[OpenPair],
    overlaps: Sequence[Overlap],
    *,
    sides: Mapping[str, Occupied],
    kept: Sequence[Kept] = (),
    missing: Mapping[str, CloseReason] | None = None,
) -> Reconciled:
    """Compare what is open with what overlaps.

    Args:
        open_pairs: the open conflicts that touch what changed, and no others.
        overlaps: all overlaps of what changed, as `detect` gave them; a pair may be there twice.
        sides: what stands behind the keys now.
        kept: what the tutor said about these pairs.
        missing: why a key is not among `sides`, where that is known; else it is gone from its calendar.

    Returns:
        Doing it twice changes nothing: what was opened is then still open.
    """
    holding = {(k.pair, k.times) for k in kept}
    said = {pair for pair, _ in holding}
    now = {o.pair: o for o in overlaps}
    # Times are spelled only where somebody said something about them.
    wanted = {pair: o for pair, o in now.items() if pair not in said or (pair, o.times) not in holding}
    opened = {c.pair: c for c in open_pairs}
    return Reconciled(
        to_open=tuple(o for pair, o in wanted.items() if pair not in opened),
        to_close=tuple(
            Closing(c, CloseReason.KEPT if pair in now else _why(c, sides, missing or {}))
            for pair, c in opened.items()
            if pair not in wanted
        ),
        still_open=tuple((c, wanted[pair]) for pair, c in opened.items() if pair in wanted),
    )


def _why(conflict: OpenPair, sides: Mapping[str, Occupied], missing: Mapping[str, CloseReason]) -> CloseReason:
    found = []
    for key in conflict.pair:
        side = sides.get(key)
        if side is None:
            return missing.get(key, CloseReason.GONE)
        found.append(side)
    for side in found:
        if not side.blocks:
            return CloseReason.CANCELLED if side.is_session else _NO_LONGER_BLOCKS.get(side.why_free, CloseReason.FREE)
    # The times are as they were: it went online, to the same place, or the buffer was shortened.
    return CloseReason.NEAR_ENOUGH if " ".join(s.times for s in found) == conflict.times else CloseReason.MOVED
