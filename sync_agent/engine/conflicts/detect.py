"""What a session collides with (ARCHITECTURE.md, "Double bookings").

Decides on values; who asks about whom is for the caller. The caller leaves out own copies (what bears our marker), and
gives the candidates that its interval index finds between `reach(session)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sync_agent.engine.conflicts.values import Occupied, Overlap, Reason

_NOTHING = timedelta(0)


def detect(
    session: Occupied, others: Sequence[Occupied], *, travel_buffer: timedelta = _NOTHING
) -> tuple[Overlap, ...]:
    """Give everything that takes the same time as a session.

    Args:
        session: the one in question.
        others: sessions and events; the session itself among them is passed over.
        travel_buffer: what an in-person session needs free before and after it.

    Returns:
        In the order of their beginning; each pair once, whichever side was asked about.
    """
    found = (collision(session, other, travel_buffer=travel_buffer) for other in others)
    return tuple(sorted((o for o in found if o is not None), key=lambda o: (o.lo, o.hi, o.pair)))


def reach(session: Occupied, *, travel_buffer: timedelta = _NOTHING) -> tuple[datetime, datetime]:
    """Between which instants something must lie to collide with it: another one may be in person too."""
    return session.lo - travel_buffer, session.hi + travel_buffer


def collision(one: Occupied, other: Occupied, *, travel_buffer: timedelta = _NOTHING) -> Overlap | None:
    """Say whether two things collide, and where. Swapping them changes nothing.

    At least one of them is a session; two events of the tutor's own life are not our business.
    """
    if one.key == other.key or not (one.blocks and other.blocks) or not (one.is_session or other.is_session):
        return None
    if one.lo == one.hi or other.lo == other.hi:
        return None
    a, b = _ordered(one, other)
    lo, hi = max(a.lo, b.lo), min(a.hi, b.hi)
    if lo < hi:
        return Overlap(a, b, lo, hi, Reason.OVERLAP)
    needed = buffer_between(a, b, travel_buffer)
    if lo - hi >= needed:
        return None
    # `hi` is where the earlier one ends, `lo` where the later one begins. The missing part lies at the one that
    # needs the travel: after it, or before it.
    earlier = a if a.hi <= b.lo else b
    if earlier.in_person:
        return Overlap(a, b, lo, hi + needed, Reason.TRAVEL_BUFFER, needed)
    return Overlap(a, b, lo - needed, hi, Reason.TRAVEL_BUFFER, needed)


def buffer_between(one: Occupied, other: Occupied, travel_buffer: timedelta) -> timedelta:
    """Give the time that must be free between two things: one way is travelled once, and none within one place."""
    if not (one.in_person or other.in_person):
        return _NOTHING
    places = {_place(one), _place(other)}
    if one.in_person and other.in_person and len(places) == 1 and "" not in places:
        return _NOTHING
    return travel_buffer


def _place(occupied: Occupied) -> str:
    return " ".join(occupied.place.split()).casefold()


def _ordered(one: Occupied, other: Occupied) -> tuple[Occupied, Occupied]:
    """A session first; of two sessions the smaller id."""
    if one.is_session != other.is_session:
        return (one, other) if one.is_session else (other, one)
    return (one, other) if one.id < other.id else (other, one)
