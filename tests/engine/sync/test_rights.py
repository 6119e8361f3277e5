"""Who may write to a remote calendar: until when, and when it is asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.vocabulary.leases import Lease, Leases, StartSeen
from sync_agent.engine.store.leases import Taken
from sync_agent.engine.sync.leases import not_ours
from sync_agent.engine.sync.rights import LONGEST_REQUEST, LOOK_AGAIN, RENEW_AFTER, Rights
from sync_agent.engine.values import CalendarRow, Role

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
KEY = "k"
MINUTE = timedelta(minutes=1)


def granted(*, lasts: timedelta = 15 * MINUTE, is_mine: bool = True, epoch: int = 1) -> Rights:
    """Give rights of which the platform spoke at zero on the clock of elapsed time."""
    rights = Rights()
    rights.is_needed = True
    lease = Lease(KEY, "d", "Anna's laptop", epoch, NOW + lasts, is_mine, 1, 0)
    rights.note(Leases(NOW, StartSeen(1, is_current=True), (lease,)), [KEY], asked_at=timedelta(0))
    return rights


def test_without_a_platform_everything_may_be_written() -> None:
    """This profile is the only writer."""
    rights = Rights()

    assert rights.is_mine(KEY, timedelta(0))
    assert rights.may_send(KEY, timedelta(0))


def test_before_the_platform_was_asked_nothing_may_be_written() -> None:
    """After a start nobody knows what happened meanwhile."""
    rights = Rights()
    rights.is_needed = True

    assert not rights.is_mine(KEY, timedelta(0))
    assert not rights.may_send(KEY, timedelta(0))
    assert rights.to_ask([KEY], timedelta(0)) == [KEY]


@pytest.mark.parametrize(
    ("elapsed", "mine", "may"),
    [
        pytest.param(timedelta(0), True, True, id="just granted"),
        pytest.param(15 * MINUTE - LONGEST_REQUEST, True, False, id="a request might outlast it"),
        pytest.param(15 * MINUTE - LONGEST_REQUEST - timedelta(seconds=1), True, True, id="a request ends in time"),
        pytest.param(15 * MINUTE, False, False, id="over"),
    ],
)
def test_nothing_is_sent_unless_the_right_outlasts_a_request(elapsed: timedelta, *, mine: bool, may: bool) -> None:
    """A write that is on its way when the lease ends would meet the next holder's."""
    rights = granted()

    assert rights.is_mine(KEY, elapsed) is mine
    assert rights.may_send(KEY, elapsed) is may


def test_a_right_is_renewed_long_before_it_ends_and_another_s_is_looked_at() -> None:
    """Each answer says how long."""
    mine, other = granted(), granted(is_mine=False)

    assert mine.to_ask([KEY], RENEW_AFTER - MINUTE) == []
    assert mine.to_ask([KEY], RENEW_AFTER) == [KEY]
    assert granted(lasts=2 * MINUTE).to_ask([KEY], timedelta(seconds=1)) == [KEY]
    assert other.to_ask([KEY], LOOK_AGAIN - timedelta(seconds=1)) == []
    assert other.to_ask([KEY], LOOK_AGAIN) == [KEY]


def test_what_the_platform_denies_is_lost_at_once() -> None:
    """Whatever was granted before."""
    rights = granted()

    rights.lose(KEY)

    assert not rights.may_send(KEY, timedelta(0))


def test_what_a_former_device_left_at_a_host_is_searched_once() -> None:
    """The first holder ever has nobody before it."""
    assert not granted(epoch=1).to_search(KEY)
    rights = granted(epoch=2)
    assert rights.to_search(KEY)

    rights.searched(KEY)

    assert not rights.to_search(KEY)


@pytest.mark.parametrize(
    ("taken", "read_at", "ours"),
    [
        pytest.param(Taken(1, NOW), NOW + MINUTE, True, id="bases taken, then read"),
        pytest.param(Taken(1, NOW), NOW - MINUTE, False, id="not read since the bases were taken"),
        pytest.param(Taken(1, NOW), None, False, id="never read"),
        pytest.param(Taken(0, NOW), NOW + MINUTE, False, id="bases of an earlier holder's time"),
        pytest.param(None, NOW + MINUTE, False, id="no bases taken"),
    ],
)
def test_a_new_holder_takes_the_bases_and_reads_before_it_plans(
    taken: Taken | None, read_at: datetime | None, *, ours: bool
) -> None:
    """Without that a take-over lost the last edit now and then."""
    calendar = CalendarRow("c", "a", "https://dav/work/", "work", Role.SESSIONS, "write", read_at=read_at)

    found = not_ours([calendar], {"c": KEY}, {} if taken is None else {KEY: taken}, {}, granted(), elapsed=timedelta(0))

    assert found == (frozenset() if ours else frozenset({"c"}))


def test_what_is_never_written_is_nobody_s() -> None:
    """Calendars that are only read need no lease."""
    calendar = CalendarRow("c", "a", "https://dav/home/", "home", Role.BUSY, "write")

    assert not_ours([calendar], {"c": KEY}, {}, {}, granted(is_mine=False), elapsed=timedelta(0)) == frozenset()
