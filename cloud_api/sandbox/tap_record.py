"""What the wiretap writes down, and what can be ordered from it. Values only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


class TapFault(StrEnum):
    """What can happen to one request on its way."""

    DROP_REQUEST = "drop-request"  # the server never sees it
    DROP_RESPONSE = "drop-response"  # the server did it, the client never hears
    HOLD = "hold"  # the server did it, its answer is kept back until released
    LATE = "late"  # kept back until released; then the server gets it, whoever still waits for an answer
    STATUS = "status"  # 503 with Retry-After, without forwarding
    EMPTY = "empty"  # a listing of nothing, without forwarding
    HTML = "html"  # a login page with 200, without forwarding
    DEAD_TOKEN = "dead-token"  # noqa: S105 - 403 valid-sync-token (RFC 6578), without forwarding
    CUT = "cut"  # half of the true answer, then the connection ends


CANNED: dict[TapFault, tuple[str, str, str]] = {
    TapFault.STATUS: ("503 Service Unavailable", "text/plain", ""),
    TapFault.EMPTY: (
        "207 Multi-Status",
        "application/xml; charset=utf-8",
        '<?xml version="1.0"?><multistatus xmlns="DAV:"><sync-token>http://null/0</sync-token></multistatus>',
    ),
    TapFault.HTML: (
        "200 OK",
        "text/html",
        "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Hotel Wi-Fi<br></form></body></html>",
    ),
    TapFault.DEAD_TOKEN: (
        "403 Forbidden",
        "application/xml; charset=utf-8",
        '<?xml version="1.0"?><error xmlns="DAV:"><valid-sync-token/></error>',
    ),
}


@dataclass(frozen=True, slots=True)
class Order:
    """One fault, and which requests it hits.

    Attributes:
        method: "" is any.
        path: the request's target must contain this text; "" is any.
        after: how many matching requests pass unharmed first.
        times: how many it hits then.
    """

    fault: TapFault
    method: str = ""
    path: str = ""
    after: int = 0
    times: int = 1

    def __post_init__(self) -> None:
        if self.after < 0 or self.times < 1:
            msg = "an order hits at least once"
            raise ValueError(msg)

    def matches(self, method: str, target: str) -> bool:
        """Whether it means this request."""
        return self.method in {"", method} and self.path in target


class Outcome(StrEnum):
    """How a request ended, or where it is now; a fault that hit it is named in the record as well."""

    ON_THE_WIRE = "on the wire"  # sent to the server, no answer yet
    HELD = "held"  # the server has answered, the client has not heard
    WAITING = "waiting"  # on its way, and not at the server yet
    ANSWERED = "answered"
    DROPPED = "dropped"
    CLIENT_GONE = "client gone"  # the client ended before it heard
    SERVER_GONE = "server gone"


@dataclass(frozen=True, slots=True)
class Record:
    """One request.

    Attributes:
        number: from 1, in the order in which requests came.
        target: path and query as sent.
        status: of the answer that the server gave or the tap made up; None where there was none.
        fault: what was ordered for it; None for an ordinary request.
        bytes_up, bytes_down: of head and body.
    """

    number: int
    method: str
    target: str
    outcome: Outcome = Outcome.ON_THE_WIRE
    status: int | None = None
    fault: TapFault | None = None
    bytes_up: int = 0
    bytes_down: int = 0

    @property
    def is_write(self) -> bool:
        """Whether it may change something (RFC 9110, section 9.2.1, and WebDAV's own)."""
        return self.method not in {"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"}

    @property
    def was_carried_out(self) -> bool:
        """Whether the server did it: it answered 2xx, whatever became of the answer."""
        made_up = self.fault in CANNED or self.fault is TapFault.DROP_REQUEST
        return self.status is not None and 200 <= self.status < 300 and not made_up


@dataclass(frozen=True, slots=True)
class Counts:
    """The sum of a stretch of records."""

    requests: int
    methods: dict[str, int]
    bytes_up: int
    bytes_down: int
    connections: int
    faults: int

    @classmethod
    def of(cls, records: Iterable[Record], connections: int) -> Counts:
        """Add up."""
        listed = list(records)
        return cls(
            requests=len(listed),
            methods=dict(Counter(record.method for record in listed)),
            bytes_up=sum(record.bytes_up for record in listed),
            bytes_down=sum(record.bytes_down for record in listed),
            connections=connections,
            faults=sum(record.fault is not None for record in listed),
        )


class TapBook:
    """Records and open orders. Written by the tap's own loop only; reading from any thread gives a whole copy."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._orders: list[Order] = []
        self._number = 0
        self.connections = 0

    @property
    def records(self) -> tuple[Record, ...]:
        """All since the last reset, in order."""
        return tuple(self._records)

    @property
    def counts(self) -> Counts:
        """The sum since the last reset."""
        return Counts.of(self._records, self.connections)

    def order(self, order: Order) -> None:
        """Add one."""
        self._orders.append(order)

    def cancel_orders(self) -> None:
        """Forget what has not hit yet."""
        self._orders.clear()

    def reset(self) -> None:
        """Begin a new stretch; requests that are under way keep their number and come into it when they end."""
        self._records.clear()
        self.connections = 0

    def begin(self, method: str, target: str) -> Record:
        """Write down a request that came, with the fault that hits it."""
        self._number += 1
        record = Record(self._number, method, target, fault=self._hit(method, target))
        self._records.append(record)
        return record

    def note(self, record: Record, **facts: Any) -> Record:
        """Replace a record by what is known now."""
        changed = replace(record, **facts)
        for index, known in enumerate(self._records):
            if known.number == record.number:
                self._records[index] = changed
                return changed
        self._records.append(changed)
        return changed

    def _hit(self, method: str, target: str) -> TapFault | None:
        for index, order in enumerate(self._orders):
            if not order.matches(method, target):
                continue
            if order.after:
                self._orders[index] = replace(order, after=order.after - 1)
                continue
            if order.times > 1:
                self._orders[index] = replace(order, times=order.times - 1)
            else:
                del self._orders[index]
            return order.fault
        return None
