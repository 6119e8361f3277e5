"""What each device sends, looked at while it sends it: I9, and of I6 that no write is repeated without a reason.

A write whose outcome its sender does not know, or has not read back, is looked up before the object is written again. A
write that was refused because the object had changed is not sent onto that same state once more. Where leases are, only
their holder sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connectors.vocabulary.errors import AnswerLost, ChangedMeanwhile, ConnectorError, ObjectGone, ServerFault
from tests.simulation.world.faults import ProcessDied

Key = tuple[str, str, str]


@dataclass(slots=True)
class Wires:
    """All writes that are on the way, or that nobody looked at since.

    Attributes:
        device: that does a pass now.
        may_write: whether a device holds the lease of a collection, if there are leases.
        unread: (device, collection, object) of writes that were sent and not looked at since.
        answered: those of them whose answer came.
        refused: likewise to the condition that was not met.
    """

    broken: list[str] = field(default_factory=list)
    may_write: Callable[[str, str], bool] = lambda device, place: True
    device: str = ""
    unread: set[Key] = field(default_factory=set)
    answered: set[Key] = field(default_factory=set)
    refused: dict[Key, str | None] = field(default_factory=dict)

    @contextmanager
    def write(self, place: str, key: str, condition: str | None = None, *, settles: bool = False) -> Iterator[None]:
        """Watch one write while it is sent.

        Args:
            place, key: where to.
            condition: the ETag or version that it is to meet.
            settles: its answer says all there is to know.
        """
        name = (self.device, place, key)
        self._check(name, condition)
        try:
            yield
        except (ChangedMeanwhile, ObjectGone):
            self.refused[name] = condition
            raise
        except (AnswerLost, ServerFault, ProcessDied):
            self.unread.add(name)
            raise
        except ConnectorError:
            raise
        if not settles:
            self.unread.add(name)
            self.answered.add(name)

    def looked(self, place: str, keys: list[str], shown: set[str]) -> None:
        """Know that a device read some objects, and which of them it found."""
        for key in keys:
            name = (self.device, place, key)
            self.refused.pop(name, None)
            # A server that said it has it, and does not show it: it may show late, so nothing is known yet.
            if key in shown or name not in self.answered:
                self.unread.discard(name)
                self.answered.discard(name)

    def died(self, device: str) -> None:
        """Know that a device may have heard answers that it had no time to note."""
        self.answered = {name for name in self.answered if name[0] != device}

    def forget(self, device: str) -> None:
        """Ask nothing of a device whose store is another one now: it cannot know what it sent."""
        self.unread = {name for name in self.unread if name[0] != device}
        self.refused = {name: one for name, one in self.refused.items() if name[0] != device}

    def _check(self, name: Key, condition: str | None) -> None:
        device, place, key = name
        if not self.may_write(device, place):
            self.broken.append(f"I9: {device} wrote to {key} in {place} without its lease")
        if name in self.unread:
            self.broken.append(f"I9: {key} in {place} was written again before anybody looked what became of it")
        if name in self.refused and self.refused[name] == condition:
            self.broken.append(f"I6: {key} in {place} was written again onto what had been refused as changed")
