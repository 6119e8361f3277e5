"""The stream of events to one listener (server-sent events; HTML Standard, section 9.2)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_agent.laptop.api.events import Events, Told

_SIGN_OF_LIFE_S = 30
_SLOWEST = 1000
"""A listener that is so many events behind has gone to sleep: it is let go and comes back with Last-Event-ID."""


async def frames(events: Events, last_heard: str, stopping: asyncio.Event) -> AsyncIterator[bytes]:
    """Give frames until the agent stops or the listener goes.

    Args:
        events: the ring.
        last_heard: the Last-Event-ID header, "" if there is none.
        stopping: set when the agent ends.
    """
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[Told | None] = asyncio.Queue()

    def hear(told: Told) -> None:
        # From any thread; a loop that is closing no longer takes calls, and nobody listens then.
        if not loop.is_closed():
            loop.call_soon_threadsafe(waiting.put_nowait, told)

    key, missed = events.listen(hear, after=_number(last_heard))
    end = asyncio.ensure_future(_ended(stopping, waiting))
    try:
        # A first byte at once: clients wait for the headers, some servers send these with the first one.
        yield b": here\n\n"
        for frame in missed:
            yield frame
        while waiting.qsize() < _SLOWEST:
            try:
                told = await asyncio.wait_for(waiting.get(), _SIGN_OF_LIFE_S)
            except TimeoutError:
                yield b": still here\n\n"
                continue
            if told is None:
                return
            yield told.frame
    finally:
        end.cancel()
        events.leave(key)


async def _ended(stopping: asyncio.Event, waiting: asyncio.Queue[Told | None]) -> None:
    await stopping.wait()
    waiting.put_nowait(None)


def _number(header: str) -> int | None:
    """Read a Last-Event-ID; what is no number is too old."""
    if not header:
        return None
    return int(header) if header.isascii() and header.isdigit() and len(header) < 19 else -1
