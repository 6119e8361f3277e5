"""Zoom's rate limits: per account and label each second and day, and 100 creates or updates per host and day."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cloud_api.sandbox.clock import MovableClock

WRITES_PER_DAY = 100


class Plan(StrEnum):
    """What the account pays for. UNLIMITED is ours: no limits, no headers."""

    UNLIMITED = "unlimited"
    FREE = "free"
    PRO = "pro"
    BUSINESS = "business"


class Label(StrEnum):
    """How heavy a request is in the vendor's eyes."""

    LIGHT = "Light"
    MEDIUM = "Medium"


_PER_SECOND: Mapping[Plan, Mapping[Label, int]] = {
    Plan.FREE: {Label.LIGHT: 4, Label.MEDIUM: 2},
    Plan.PRO: {Label.LIGHT: 30, Label.MEDIUM: 20},
    Plan.BUSINESS: {Label.LIGHT: 80, Label.MEDIUM: 60},
}
_PER_DAY: Mapping[Plan, Mapping[Label, int]] = {Plan.FREE: {Label.LIGHT: 6000, Label.MEDIUM: 2000}}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request passes, and the headers that its answer carries.

    Attributes:
        message: of the refusal, "" if it passes.
    """

    headers: Mapping[str, str]
    message: str = ""

    @property
    def passes(self) -> bool:
        """Whether the request is carried out."""
        return not self.message


class Limits:
    """Counts requests against a plan."""

    def __init__(self, clock: MovableClock, plan: Plan = Plan.UNLIMITED) -> None:
        self._clock, self.plan = clock, plan
        self.reset()

    def reset(self) -> None:
        """Forget what was counted."""
        self._recent: dict[Label, deque[datetime]] = {label: deque() for label in Label}
        self._days: Counter[tuple[str, str]] = Counter()

    def ask(self, label: Label, *, is_write: bool) -> Verdict:
        """Count one request and say whether it passes; a refused one is not counted."""
        if self.plan is Plan.UNLIMITED:
            return Verdict({})
        now = self._clock.now()
        day = now.date().isoformat()
        daily = _PER_DAY.get(self.plan, {}).get(label)
        if is_write and self._days[day, "writes"] >= WRITES_PER_DAY:
            return _daily(label, WRITES_PER_DAY, now)
        if daily is not None and self._days[day, label] >= daily:
            return _daily(label, daily, now)
        recent = self._recent[label]
        while recent and recent[0] <= now - timedelta(seconds=1):
            recent.popleft()
        most = _PER_SECOND[self.plan][label]
        if len(recent) >= most:
            words = "You have reached the maximum per-second rate limit for this API. Try again later."
            return Verdict(_headers(label, "QPS", most, 0), words)
        recent.append(now)
        self._days[day, label] += 1
        self._days[day, "writes"] += is_write
        return Verdict(_headers(label, "QPS", most, most - len(recent)))


def _daily(label: Label, most: int, now: datetime) -> Verdict:
    """A daily limit ends at 00:00 UTC, and Retry-After says so as a date-time."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    again = {"Retry-After": midnight.strftime("%Y-%m-%dT%H:%M:%SZ")}
    words = f"You have exceeded the daily rate limit ({most}) of requests for this API."
    return Verdict(_headers(label, "Daily-limit", most, 0) | again, words)


def _headers(label: Label, kind: str, most: int, left: int) -> dict[str, str]:
    return {
        "X-RateLimit-Category": label,
        "X-RateLimit-Type": kind,
        "X-RateLimit-Limit": str(most),
        "X-RateLimit-Remaining": str(left),
    }
