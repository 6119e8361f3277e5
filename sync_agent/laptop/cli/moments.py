"""Times on the command line, as people type them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click


class WallTime(click.ParamType[str]):
    """The hour on the wall: 2026-11-26T15:00 or "2026-11-26 15:00", without an offset."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read it; gives it in the spelling of the local API."""
        try:
            read = datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.fail(f"“{value}” is no time; write it like 2026-11-26T15:00", param, ctx)
        if read.tzinfo is not None:
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


def window_query(lo: str | None, hi: str | None) -> dict[str, str]:
    """Give the query for a stretch of time."""
    return {name: value for name, value in (("from", lo), ("to", hi)) if value}
