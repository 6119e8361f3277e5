"""The rhythm: when the clock asks for passes (APScheduler)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from apscheduler.schedulers.background import BackgroundScheduler

from sync_agent.laptop.agent.due import Want

if TYPE_CHECKING:
    from sync_agent.laptop.agent.worker import Worker
    from sync_agent.laptop.profile.config import Config

_RHYTHMS = ((Want.SIDES, "sync.poll_seconds"), (Want.FEEDS, "sync.feed_seconds"))


class Rhythm:
    """Asks the worker at intervals, a little off the beat, so that thousands of laptops do not knock at once."""

    def __init__(self, worker: Worker, config: Config) -> None:
        self._worker, self._config = worker, config
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._seconds: dict[Want, int] = {}

    def start(self) -> None:
        """Begin; everything is read once at the start."""
        self.follow()
        self._scheduler.start()
        for want, _ in _RHYTHMS:
            self._worker.ask(want)

    def follow(self) -> None:
        """Take the intervals that the settings say now. May be called from any thread."""
        for want, key in _RHYTHMS:
            seconds = int(self._config.get(key))
            if self._seconds.get(want) == seconds:
                continue
            self._seconds[want] = seconds
            # A laptop that slept for a night has missed hundreds of beats: they are one.
            self._scheduler.add_job(
                self._worker.ask,
                "interval",
                [want],
                id=want.value,
                seconds=seconds,
                jitter=seconds // 10 or None,
                coalesce=True,
                misfire_grace_time=None,
                replace_existing=True,
            )

    def stop(self) -> None:
        """End; what the worker was asked for stays asked."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
