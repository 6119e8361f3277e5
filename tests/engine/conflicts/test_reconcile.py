"""Conflicts open when they appear, close when their cause goes, and are kept when the tutor says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync_agent.engine.conflicts.detect import detect
from sync_agent.engine.conflicts.reconcile import CloseReason, Kept, OpenPair, Reconciled, reconcile
from sync_agent.engine.conflicts.values import Occupied
from tests.engine.conflicts.builders import BUFFER, event, session

MATHS, DENTIST = session("15:00-16:00"), event("15:30-16:30")


def free(why: str) -> Occupied:
    """The dentist's appointment, which does not block any more."""
    return event("15:30-16:30", blocks=False, why_free=why)


def opened(a: Occupied = MATHS, b: Occupied = DENTIST) -> OpenPair:
    return OpenPair("k1", (a.key, b.key), f"{a.times} {b.times}")


def now(a: Occupied | None, b: Occupied | None, *, was: OpenPair | None, kept: tuple[Kept, ...] = ()) -> Reconciled:
    """Reconcile with what is there now; None: it is gone."""
    sides = {side.key: side for side in (a, b) if side is not None}
    overlaps = detect(a, [b], travel_buffer=BUFFER) if a and b else ()
    return reconcile([was] if was else [], overlaps, sides=sides, kept=kept)


def test_a_new_overlap_opens() -> None:
    """A dentist's appointment appears."""
    found = now(MATHS, DENTIST, was=None)

    assert [o.pair for o in found.to_open] == [("session:s1", "event:c1:e1:")]
    assert (found.to_close, found.still_open) == ((), ())


def test_what_was_opened_stays_open_without_a_write() -> None:
    """Doing it twice is doing it once."""
    found = now(MATHS, DENTIST, was=opened())

    assert (found.to_open, found.to_close) == ((), ())
    assert [c.id for c, _ in found.still_open] == ["k1"]


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        pytest.param(session("10:00-11:00"), DENTIST, CloseReason.MOVED, id="the session was moved"),
        pytest.param(MATHS, event("17:00-18:00"), CloseReason.MOVED, id="the appointment was moved"),
        pytest.param(
            session("15:00-16:00", blocks=False), DENTIST, CloseReason.CANCELLED, id="the session was cancelled"
        ),
        pytest.param(MATHS, free("transparent"), CloseReason.FREE, id="the appointment is shown as free"),
        pytest.param(MATHS, free("marked"), CloseReason.MARKED_FREE, id="the appointment was marked free"),
        pytest.param(MATHS, free("all_day"), CloseReason.ALL_DAY_FREE, id="whole days are free there"),
        pytest.param(MATHS, free("declined"), CloseReason.DECLINED, id="the appointment was declined"),
        pytest.param(MATHS, free("cancelled"), CloseReason.CALLED_OFF, id="the appointment was cancelled"),
        pytest.param(MATHS, free("taken_out"), CloseReason.CALLED_OFF, id="that day was taken out of the series"),
        pytest.param(MATHS, None, CloseReason.GONE, id="the appointment was deleted"),
        pytest.param(None, DENTIST, CloseReason.GONE, id="the session is gone"),
    ],
)
def test_a_conflict_closes_when_its_cause_goes(a: Occupied | None, b: Occupied | None, why: CloseReason) -> None:
    """And says why."""
    found = now(a, b, was=opened())

    assert [(c.conflict.id, c.why) for c in found.to_close] == [("k1", why)]
    assert (found.to_open, found.still_open) == ((), ())


@pytest.mark.parametrize("why", [CloseReason.MOVED, CloseReason.LEFT_OUT])
def test_what_is_known_of_an_event_that_is_not_there_is_the_reason(why: CloseReason) -> None:
    """Its series has other days now, or its calendar is no longer read."""
    was = opened()

    found = reconcile([was], [], sides={MATHS.key: MATHS}, missing={DENTIST.key: why})

    assert [closing.why for closing in found.to_close] == [why]


def test_a_session_that_went_online_needs_no_way_any_more() -> None:
    """Neither time changed."""
    lunch = event("16:10-17:00")
    was = opened(session(in_person=True), lunch)

    [closing] = now(session(), lunch, was=was).to_close

    assert closing.why is CloseReason.NEAR_ENOUGH


def test_keep_both_closes_and_is_not_asked_again() -> None:
    """The tutor will leave the dentist early."""
    kept = Kept(opened().pair, opened().times)

    assert [c.why for c in now(MATHS, DENTIST, was=opened(), kept=(kept,)).to_close] == [CloseReason.KEPT]
    assert now(MATHS, DENTIST, was=None, kept=(kept,)) == Reconciled((), (), ())


@pytest.mark.parametrize(
    ("a", "b"),
    [
        pytest.param(session("15:00-16:30"), DENTIST, id="the session's"),
        pytest.param(MATHS, event("15:15-16:30"), id="the appointment's"),
    ],
)
def test_keep_both_holds_only_as_long_as_the_times_do(a: Occupied, b: Occupied) -> None:
    """A time that changed is a new question."""
    kept = Kept(opened().pair, opened().times)

    assert len(now(a, b, was=None, kept=(kept,)).to_open) == 1


def test_an_open_conflict_that_only_changed_its_part_stays_open() -> None:
    """Moved by a quarter of an hour, and still in the way."""
    later = session("15:15-16:15")

    [(conflict, overlap)] = now(later, DENTIST, was=opened()).still_open

    assert conflict.id == "k1"
    assert overlap.hi - overlap.lo == timedelta(minutes=45)
