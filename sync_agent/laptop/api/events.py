"""What happened, for whoever listens: numbered, ids only, the last thousand kept for those who come back."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

KEPT = 1000
RESET = "state.changed"


@dataclass(frozen=True, slots=True)
class Told:
    """One event: a number that only rises while the agent runs, what happened, and to which ids."""

    number: int
    kind: str
    ids: tuple[str, ...]

    @property
    def frame(self) -> bytes:
        """As a server-sent event (HTML Standard, section 9.2)."""
        return f"id: {self.number}\nevent: {self.kind}\ndata: {json.dumps({'ids': list(self.ids)})}\n\n".encode()


class Events:
    """A ring of events. May be used from any thread."""

    def __init__(self, *, kept: int = KEPT) -> None:
        self._one_at_a_time = threading.Lock()
        self._ring: deque[Told] = deque(maxlen=kept)
        self._last = 0
        self._listeners: dict[object, Callable[[Told], None]] = {}

    def publish(self, kind: str, ids: Sequence[str]) -> None:
        """Tell what happened."""
        with self._one_at_a_time:
            self._last += 1
            told = Told(self._last, kind, tuple(ids))
            self._ring.append(told)
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener(told)

    def listen(self, listener: Callable[[Told], None], *, after: int | None) -> tuple[object, list[bytes]]:
        """Hear everything from now on, and get the frames of what was missed.

        Args:
            listener: called from any thread; must not wait.
            after: the number of the last event that was heard; None: nothing was missed.

        Returns:
            A key for `leave`, and frames: what came after that number, or one that says "read everything anew" where
            it is too long ago or from an earlier life of the agent.
        """
        key = object()
        with self._one_at_a_time:
            self._listeners[key] = listener
            return key, self._missed(after)

    def leave(self, key: object) -> None:
        """Hear nothing more."""
        with self._one_at_a_time:
            self._listeners.pop(key, None)

    def _missed(self, after: int | None) -> list[bytes]:
        if after is None or after == self._last:
            return []
        oldest = self._ring[0].number if self._ring else self._last + 1
        if after > self._last or after < oldest - 1:
            data = json.dumps({"ids": [], "reset": True})
            return [f"id: {self._last}\nevent: {RESET}\ndata: {data}\n\n".encode()]
        return [told.frame for told in self._ring if told.number > after]
