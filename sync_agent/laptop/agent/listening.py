"""Listening to the platform: its feed is asked with a long poll, so that what the agency edits is here in seconds.

A thread of its own that only wakes the worker. It touches no store: what news there are, the pass reads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import ConnectorError

if TYPE_CHECKING:
    from connectors.vocabulary.changes import Cursor
    from connectors.vocabulary.protocols import Platform
    from connectors.vocabulary.sessions import FeedPage

log = structlog.get_logger()

WAIT = timedelta(seconds=25)
"""How long the platform may keep one request; proxies between give up after 30 or 60 seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: the platform's account, as it is opened now, and after what."""

    account: str
    platform: Platform
    since: Cursor


class Listener:
    """Listens wherever it was last told to, until it heard something; then it waits to be told anew."""

    def __init__(self, heard: Callable[[str], None]) -> None:
        """Prepare.

        Args:
            heard: called from the thread with the account that has news.
        """
        self._heard = heard
        self._changed = threading.Condition()
        self._place: Place | None = None
        self._generation = 0

    @property
    def is_listening(self) -> bool:
        """Whether news would be heard now."""
        return self._place is not None

    def start(self) -> None:
        """Begin, also anew: after a sleep the request that was under way may hear nothing for a minute."""
        with self._changed:
            self._generation += 1
            self._place = None
            self._changed.notify_all()
            generation = self._generation
        threading.Thread(target=self._run, args=[generation], name="listening", daemon=True).start()

    def listen(self, place: Place | None) -> None:
        """Listen there from now on; None: nowhere. A request that is under way is not waited for."""
        with self._changed:
            if place != self._place:
                self._place = place
                self._changed.notify_all()

    def stop(self) -> None:
        """Wake nobody from now on. A request that the platform still keeps ends with it, or with the process."""
        with self._changed:
            self._generation += 1
            self._place = None
            self._changed.notify_all()

    def _run(self, generation: int) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._place is not None or self._generation != generation)
                place = self._place
                if place is None or self._generation != generation:
                    return
            self._once(place)

    def _once(self, place: Place) -> None:
        try:
            page = place.platform.feed(place.since, WAIT)
        except ConnectorError as error:
            # The pass looks at the platform at its own pace, and says where to listen when it answers again.
            log.debug("platform.not_heard", code=error.code)
            self._replace(place, None)
            return
        except Exception:  # The edge of a thread: without long polls the platform is still looked at.
            log.exception("platform.listening_crashed", code="listening.crashed")
            self._replace(place, None)
            return
        if not is_news(page):
            self._replace(place, replace(place, since=page.cursor or place.since))
        elif self._replace(place, None):
            self._heard(place.account)

    def _replace(self, place: Place, new: Place | None) -> bool:
        """Go on elsewhere, unless somebody said where meanwhile. Gives whether nobody did."""
        with self._changed:
            if self._place is not place:
                return False
            self._place = new
            return True


def is_news(page: FeedPage) -> bool:
    """Whether a page says anything that a pass should read."""
    return bool(page.full or page.more or page.sessions or page.students or page.removed)
