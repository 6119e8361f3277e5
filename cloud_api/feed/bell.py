"""A bell per tenant: rung after a commit, heard by the long polls of this process."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class FeedBell:
    """Wakes long polls. A ring is a hint only: a commit of another process is found by looking once a second."""

    def __init__(self) -> None:
        self._listeners: defaultdict[str, set[tuple[asyncio.AbstractEventLoop, asyncio.Event]]] = defaultdict(set)
        self._lock = Lock()

    def ring(self, tenant: str) -> None:
        """Wake everybody who waits for news of this tenant. Any thread may call it."""
        with self._lock:
            waiting = list(self._listeners.get(tenant, ()))
        for loop, event in waiting:
            loop.call_soon_threadsafe(event.set)

    @contextmanager
    def listening(self, tenant: str) -> Iterator[asyncio.Event]:
        """Give an event that each ring sets; begin to listen before looking, or the ring in between is lost."""
        entry = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listeners[tenant].add(entry)
        try:
            yield entry[1]
        finally:
            with self._lock:
                self._listeners[tenant].discard(entry)
                if not self._listeners[tenant]:
                    del self._listeners[tenant]
