"""Pieces of work side by side, in threads that live no longer than the work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Thread


def side_by_side(work: Sequence[Callable[[], None]], at_once: int) -> None:
    """Do pieces of work, so many at once, begun in their order. Gives back when all have ended.

    One at a time is done here, in the caller's thread. No thread keeps the process alive: what is on the wire when it
    ends stands in the journal.

    Raises:
        BaseException: what a piece raised; the others that had begun are waited for.
    """
    if min(at_once, len(work)) <= 1:
        for piece in work:
            piece()
        return
    waiting: SimpleQueue[Callable[[], None]] = SimpleQueue()
    for piece in work:
        waiting.put(piece)
    raised: list[BaseException] = []

    def run() -> None:
        while not raised:
            try:
                piece = waiting.get_nowait()
            except Empty:
                return
            try:
                piece()
            except BaseException as error:  # the edge of a thread: raised again in the caller's
                raised.append(error)

    threads = [Thread(target=run, name="write", daemon=True) for _ in range(min(at_once, len(work)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]
