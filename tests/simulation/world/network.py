"""The network between an engine and the world: request and answer are two events, and each may go wrong.

A write that timed out may be carried out later, after the engine looked, went on, or died. What goes wrong when is
drawn by `faults`; every fault that was really met is counted there with the step of the pass in which it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

from connectors.vocabulary.errors import (
    AnswerLost,
    ConnectorError,
    Forbidden,
    ServerFault,
    SignInRefused,
    StorageFull,
    Throttled,
    Unreachable,
)
from tests.simulation.world.clock import WorldClock
from tests.simulation.world.faults import CALM, Fault, Met, ProcessDied, Weather
from tests.simulation.world.wires import Wires

_Answer = TypeVar("_Answer")

LATENCY = timedelta(milliseconds=40)
TIME_OUT = timedelta(seconds=30)
HANG = timedelta(minutes=10)
_LATEST = timedelta(hours=12)


def token_of(where: str) -> str:
    """Give what a device signs in with there: it belongs into the vault, and nowhere else."""
    return f"TOKEN-{where.strip('/').partition('/')[0]}"


class WireBroken(OSError):
    """What went wrong below, as a library tells it: with the whole request, its sign-in too."""

    def __init__(self, where: str) -> None:
        super().__init__(f"GET {where} Authorization: Bearer {token_of(where)}")


@dataclass(slots=True)
class _Late:
    """A request on its way: nobody waits for its answer any more."""

    due: datetime
    number: int
    carry_out: Callable[[], object]


@dataclass(slots=True)
class Network:
    """All wires of the world.

    Attributes:
        between: what people do while a pass is under way, or None.
        before: likewise, and it hears which step comes.
        wrote: whether this pass sent a write already (then a look settles, else it finishes what an earlier one began).
        requests: all that were made.
        sent: writes that left, by where they went.
        wires: looks at what is sent, and by whom.
        is_late: a request is carried out for which nobody waits.
        trace: lines for a person who follows one history.
    """

    clock: WorldClock
    met: Met
    weather: Weather = CALM
    between: Callable[[], None] | None = None
    before: Callable[[str], None] | None = None
    wrote: bool = False
    requests: int = 0
    sent: int = 0
    broken: int = 0
    is_late: bool = False
    in_flight: list[_Late] = field(default_factory=list)
    wires: Wires = field(default_factory=Wires)
    trace: Callable[[str], None] | None = None
    _number: int = 0

    def call(self, where: str, step: str, carry_out: Callable[[], _Answer], *, is_write: bool = False) -> _Answer:
        """Send one request and give its answer, unless something goes wrong on the way."""
        self.requests += 1
        self.clock.wait(LATENCY)
        self.arrive()
        if self.between is not None:
            self.between()
        if step == "look":
            step = "settle" if self.wrote else "finish"
        if self.before is not None:
            self.before(step)
        if is_write:
            self.wrote = True
            self.sent += 1
        fault = self.weather.draw(step, is_write=is_write)
        if fault is not None:
            self.broken += 1
            self.met.count(fault, step)
            self._say(f"{step} at {where}: {fault.value}")
            try:
                return self._faulty(where, fault, carry_out)
            except ConnectorError as error:
                raise error from WireBroken(where)
        return self._carried_out(where, step, carry_out)

    def arrive(self, *, everything: bool = False) -> None:
        """Let those requests arrive whose time has come, in the order in which they do."""
        if not self.in_flight:
            return
        now = self.clock.at
        due = sorted((one for one in self.in_flight if everything or one.due <= now), key=lambda one: one.due)
        for one in due:
            self.in_flight.remove(one)
            self.is_late = True
            try:
                one.carry_out()
            except ConnectorError as error:
                self._say(f"a late request came to nothing: {type(error).__name__}")
                continue
            finally:
                self.is_late = False
            self.met.arrived_late += 1
            self._say("a late request was carried out")

    def _carried_out(self, where: str, step: str, carry_out: Callable[[], _Answer]) -> _Answer:
        try:
            answer = carry_out()
        except ConnectorError as error:
            self._say(f"{step} at {where}: {type(error).__name__}")
            raise
        self._say(f"{step} at {where}")
        return answer

    def _faulty(self, where: str, fault: Fault, carry_out: Callable[[], _Answer]) -> _Answer:
        self._before_sending(where, fault)
        random = self.weather.random
        match fault:
            case Fault.REQUEST_LOST:
                self.clock.wait(TIME_OUT)
                raise AnswerLost(where)
            case Fault.LATE:
                self._later(carry_out, random)
                self.clock.wait(TIME_OUT)
                raise AnswerLost(where)
            case Fault.DIED_LATE:
                self._later(carry_out, random)
                raise ProcessDied
            case Fault.DOUBLED:
                self._later(carry_out, random)
                return carry_out()
            case Fault.HANG:
                self.clock.wait(HANG)
                return carry_out()
            case _:
                pass
        try:
            carry_out()
        except ConnectorError:
            if fault is Fault.DIED_AFTER:
                raise ProcessDied from None
            self.clock.wait(TIME_OUT)
            raise AnswerLost(where) from None
        match fault:
            case Fault.ANSWER_LOST:
                self.clock.wait(TIME_OUT)
                raise AnswerLost(where)
            case Fault.FAULT_AFTER:
                raise ServerFault(where, reason="it answered 500 to what it had carried out")
            case _:
                raise ProcessDied

    def _before_sending(self, where: str, fault: Fault) -> None:
        """Raise where the request never comes to be carried out."""
        match fault:
            case Fault.UNREACHABLE:
                raise Unreachable(where)
            case Fault.THROTTLED:
                raise Throttled(where, retry_after_s=self.weather.random.choice([1, 60, 900]))
            case Fault.FAULT_BEFORE:
                raise ServerFault(where, reason="it answered 503")
            case Fault.LOCKED:
                raise Throttled(where, retry_after_s=1)
            case Fault.SIGN_IN:
                raise SignInRefused(where)
            case Fault.FORBIDDEN:
                raise Forbidden(where)
            case Fault.FULL:
                raise StorageFull(where)
            case Fault.DIED_BEFORE:
                raise ProcessDied
            case _:
                return

    def _later(self, carry_out: Callable[[], object], random: Random) -> None:
        self._number += 1
        span = random.choice([timedelta(seconds=2), timedelta(minutes=2), timedelta(hours=1), _LATEST])
        self.in_flight.append(_Late(self.clock.at + span * random.uniform(0.1, 1), self._number, carry_out))

    def _say(self, line: str) -> None:
        if self.trace is not None:
            self.trace(line)


__all__ = ["LATENCY", "TIME_OUT", "Network", "ProcessDied", "WireBroken", "token_of"]
