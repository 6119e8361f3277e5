"""Times on the command line, as people type them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import click

from connectors.vocabulary.times import zone_named
from sync_agent.engine.words import at_words, between_words
from sync_agent.laptop.cli.door import Door


class WallTime(click.ParamType[str]):
    """The hour on the wall: 2026-11-26T15:00 or "2026-11-26 15:00".

    With an offset it is an instant, as JSON gives it; that is refused unless the command can say what the clock of the
    session's zone shows then (`on_the_wall`).
    """

    name = "time"

    def __init__(self, *, or_instant: bool = False) -> None:
        self._or_instant = or_instant

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it; gives it in the spelling of the local API."""
        try:
            read = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"“{value}” is no time; write it like 2026-11-26T15:00", param, ctx)
        if read.tzinfo is not None and not self._or_instant:
            self.fail("give the hour on the wall without an offset, and its zone with --zone", param, ctx)
        return read.isoformat(timespec="seconds")


class DateOrTime(click.ParamType[str]):
    """A date, or a time with or without an offset."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check it; the agent reads it in the tutor's zone."""
        text = str(value).strip()
        try:
            datetime.fromisoformat(text)
        except ValueError:
            self.fail(f"“{value}” is no date; write it like 2026-11-26", param, ctx)
        return text


def on_the_wall(given: str, zone: Callable[[], str]) -> str:
    """Give the hour on the wall for what `WallTime` read.

    Args:
        given: with or without an offset.
        zone: asked only where there is an offset: whose clock is meant.
    """
    read = datetime.fromisoformat(given)
    if read.tzinfo is None:
        return given
    return read.astimezone(zone_named(zone())).replace(tzinfo=None).isoformat(timespec="seconds")


def home_zone(door: Door) -> str:
    """Give the tutor's own zone, in which words spell an instant."""
    return str(door.ask("GET", "/v1/status")["zone"])


def session_zone(door: Door, session_id: str) -> str:
    """Give the zone that a session's hours are read in."""
    return str(door.ask("GET", f"/v1/sessions/{quote(session_id, safe='')}")["session"]["zone"])


def told_at(instant: str | None, zone: str) -> str:
    """Give a document's instant with weekday and zone; "never" where there is none."""
    return at_words(datetime.fromisoformat(instant), zone) if instant else "never"


def told_between(start: str, end: str, zone: str) -> str:
    """Give the words for the time between two instants of a document."""
    return between_words(datetime.fromisoformat(start), datetime.fromisoformat(end), zone)


def window_query(lo: str | None, hi: str | None) -> dict[str, str]:
    """Give the query for a stretch of time."""
    return {name: value for name, value in (("from", lo), ("to", hi)) if value}
