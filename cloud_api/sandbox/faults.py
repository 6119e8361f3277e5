"""Faults to order, per request: which requests they hit, and how often.

Deciding which fault hits lies here; carrying it out lies with each server.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class FaultKind(StrEnum):
    """What a simulator can be told to do wrong."""

    THROTTLED = "429"
    FAILED = "500"
    ANSWER_LOST = "answer lost"  # the work is done, and nobody hears of it
    TOKEN_REVOKED = "token revoked"  # noqa: S105 - a name, no secret
    DELAY = "delay"
    NOT_US = "html"  # a login page of a hotel


class RetryAfter(StrEnum):
    """How a 429 says how long: three habits of one vendor."""

    SECONDS = "seconds"
    DATE = "date"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Fault:
    """One order.

    Attributes:
        method: only requests with this method; "" is any.
        path: only requests whose path begins so; "" is any.
        after: how many matching requests pass unharmed first.
        times: how many it hits then.
        seconds: of the delay, or of the pause that a 429 asks for.
    """

    kind: FaultKind
    method: str = ""
    path: str = ""
    after: int = 0
    times: int = 1
    seconds: float = 1
    retry_after: RetryAfter = RetryAfter.SECONDS

    def __post_init__(self) -> None:
        if self.after < 0 or self.times < 1 or not 0 <= self.seconds <= 24 * 3600:
            msg = "a fault hits at least once, and within a day"
            raise ValueError(msg)

    def matches(self, method: str, path: str) -> bool:
        """Whether it means this request."""
        return self.method in {"", method} and path.startswith(self.path)


class FaultBook:
    """The open orders of one server, oldest first."""

    def __init__(self) -> None:
        self._open: list[Fault] = []
        self.fired = 0

    @property
    def pending(self) -> tuple[Fault, ...]:
        """What has not hit yet, with the counts that are left."""
        return tuple(self._open)

    def order(self, fault: Fault) -> None:
        """Add one."""
        self._open.append(fault)

    def clear(self) -> None:
        """Forget all orders."""
        self._open.clear()
        self.fired = 0

    def hit(self, method: str, path: str) -> Fault | None:
        """Give the fault that hits this request, and count it; None lets it pass."""
        for index, fault in enumerate(self._open):
            if not fault.matches(method, path):
                continue
            if fault.after:
                self._open[index] = replace(fault, after=fault.after - 1)
                continue
            self.fired += 1
            if fault.times > 1:
                self._open[index] = replace(fault, times=fault.times - 1)
            else:
                del self._open[index]
            return fault
        return None
