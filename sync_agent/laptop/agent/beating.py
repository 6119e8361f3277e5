"""The agent's moving parts, put together: the worker, its rhythm, the pulse, and the ear at the platform."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.errors import EngineError
from sync_agent.engine.sync.book import PLATFORM
from sync_agent.laptop.agent.beats import Beats
from sync_agent.laptop.agent.due import Want
from sync_agent.laptop.agent.listening import Listener, Place
from sync_agent.laptop.agent.pulse import Pulse
from sync_agent.laptop.agent.rhythm import Rhythm
from sync_agent.laptop.agent.worker import Worker

if TYPE_CHECKING:
    from sync_agent.laptop.office import Office

log = structlog.get_logger()

_SETTLE = timedelta(milliseconds=300)
_LAST_PASS = timedelta(seconds=5)
AFTER_WAKING = timedelta(seconds=8)
"""How long nobody is looked at after a sleep: the network takes a moment. What a person asks for is done at once."""


class Beating:
    """Keeps an office synced until it is stopped."""

    def __init__(
        self, office: Office, *, after: Callable[[], None] = lambda: None, awake_s: Callable[[], float] = time.monotonic
    ) -> None:
        """Put it together; nothing runs yet.

        Args:
            office: the profile.
            after: called after each pass.
            awake_s: seconds on a clock that stands still in sleep.
        """
        self._office = office
        self.beats = Beats(office.clock, office.tempo)
        self.pulse = Pulse(office.clock, slept=self._slept, clock_set=self._clock_set, awake_s=awake_s)
        self.worker = Worker(office, self.beats, settle=_SETTLE, look=self.pulse.look, after=after, rested=self._rested)
        self.rhythm = Rhythm(office, self.beats, lambda: self.worker.ask(Want.BEAT))
        self.listener = Listener(self._heard)

    def start(self) -> None:
        """Begin; everybody is looked at once."""
        self.worker.start()
        self.rhythm.start()
        self.listener.start()
        self.pulse.start()

    def stop(self) -> None:
        """End soon, at a safe point. Whatever is on the wire stands in the journal: the next start looks it up."""
        self.pulse.stop()
        self.listener.stop()
        self.rhythm.stop()
        if not self.worker.stop(within=_LAST_PASS):
            log.info("agent.left_a_pass_unfinished")

    def _rested(self) -> None:
        try:
            place = where_to_listen(self._office)
        except EngineError as error:
            log.warning("platform.not_heard", code=error.code)
            place = None
        self.beats.is_listening = place is not None
        self.listener.listen(place)
        self.rhythm.follow()

    def _heard(self, account: str) -> None:
        self.beats.forget(account)
        self.worker.ask(Want.BEAT)

    def _slept(self, lasted: timedelta) -> None:
        del lasted
        self._office.woke()
        self.beats.quiet(AFTER_WAKING)
        self.listener.start()
        self.rhythm.follow()

    def _clock_set(self, by: timedelta) -> None:
        try:
            self._office.clock_was_set(by)
        except EngineError as error:
            log.warning("clock.waits_not_moved", code=error.code)
        self.rhythm.follow()


def where_to_listen(office: Office) -> Place | None:
    """Say where news can be heard: at a platform that answers, after what was read of it. None: nowhere now."""
    if office.paused_until() is not None:
        return None
    store = office.store
    with store.read() as connection:
        accounts = store.accounts.all(connection)
        calendars = store.accounts.calendars(connection)
        cursors = store.accounts.cursors(connection)
    for account in accounts:
        if account.provider != PLATFORM or account.paused or account.error_code:
            continue
        since = next((cursors[one.id] for one in calendars if one.account == account.id and one.id in cursors), None)
        if since is None:
            return None
        try:
            return Place(account.id, office.book.platform_apart(account), since)
        except ConnectorError as error:
            log.debug("platform.not_heard", code=error.code)
            return None
    return None
