"""How soon an account is looked at again: a pure decision.

Soon while somebody edits, slowly at night; never so slowly that a calendar counts as not checked because of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.times import zone_named

if TYPE_CHECKING:
    from sync_agent.engine.conflicts.values import WorkingHours

SOONEST = timedelta(seconds=15)
SHORT = timedelta(seconds=30)
"""An interval that was set shorter than this is meant as it stands (`--poll`, a demonstration, a test)."""
AFTER_EDIT = timedelta(minutes=10)
QUIET_FOR = timedelta(days=1)
LONGEST_BY_DAY = timedelta(minutes=5)
LONGEST_BY_NIGHT = timedelta(minutes=10)
_NIGHT_BEGINS_H, _NIGHT_ENDS_H = 22, 7
_AROUND_WORK = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Tempo:
    """What the settings say.

    Attributes:
        sides: how often calendars that are written, the platform and hosts are looked at.
        feeds: how often published feeds are.
    """

    sides: timedelta
    feeds: timedelta
    stale_after: timedelta
    hours: WorkingHours


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the pace of one account depends on.

    Attributes:
        base: as set.
        stale_after: after this a calendar counts as not checked.
        is_feed: published, never written to: nobody's edit here shows there.
        is_listening: its news come by themselves (long poll).
        since_edit: since a person's last edit, here or anywhere outside; None: not since the start.
        since_change: since something new was last seen at this account; None: not since the start.
        running_for: since the start.
    """

    base: timedelta
    stale_after: timedelta
    is_feed: bool
    is_night: bool
    is_listening: bool
    since_edit: timedelta | None
    since_change: timedelta | None
    running_for: timedelta


def interval(facts: Facts) -> timedelta:
    """Say how long to wait between two looks at an account that works."""
    if facts.base < SHORT:
        return facts.base
    if not facts.is_feed and facts.since_edit is not None and facts.since_edit < AFTER_EDIT:
        return max(facts.base / 4, SOONEST)
    longest = max(facts.base, facts.stale_after / 2)
    if facts.is_night:
        slow = facts.base * 3 / 2 if facts.is_feed else _up_to(facts.base * 5, LONGEST_BY_NIGHT, facts.base)
        return min(slow, longest)
    quiet_for = facts.running_for if facts.since_change is None else facts.since_change
    if not facts.is_feed and (facts.is_listening or quiet_for >= QUIET_FOR):
        return min(_up_to(facts.base * 2, LONGEST_BY_DAY, facts.base), longest)
    return facts.base


def is_night(now: datetime, hours: WorkingHours) -> bool:
    """Whether the tutor probably sleeps: between 22 and 7 on their wall, and not within an hour of their work."""
    here = now.astimezone(zone_named(hours.zone))
    if _NIGHT_ENDS_H <= here.hour < _NIGHT_BEGINS_H:
        return False
    return not any(hours.hold(moment, moment) for moment in (now - _AROUND_WORK, now, now + _AROUND_WORK))


def _up_to(stretched: timedelta, most: timedelta, base: timedelta) -> timedelta:
    """Stretch, but no further than `most`; what was set longer than that stays as it was set."""
    return max(min(stretched, most), base)
