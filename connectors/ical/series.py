"""Ending a series: what begins earlier stays byte for byte, and nothing begins from then on. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.ical.errors import Unreadable
from connectors.ical.lines import logical_lines, split_line, unfolded
from connectors.ical.moments import utc_text
from connectors.ical.scan import read_object

_SECOND = timedelta(seconds=1)
_ENDS = ("UNTIL", "COUNT")


def without_later(text: str, before: datetime) -> str:
    """Take the instances out that were changed by themselves and whose date lies at or after an instant.

    Raises:
        Unreadable: a change was made to one instance and all later ones.
    """
    lines = logical_lines(text)
    blocks = _blocks(lines)
    begins = min((first for first, _ in blocks), default=0)
    within = {at for first, last in blocks for at in range(first, last + 1)}
    head = lines[:begins]
    tail = [line for at, line in enumerate(lines) if at >= begins and at not in within]
    gone = set[int]()
    for first, last in blocks:
        # Read with the calendar's own zones around it.
        event = next(iter(read_object("".join((*head, *lines[first : last + 1], *tail)))), None)
        if event is None or event.recurrence_id is None:
            continue
        if event.this_and_future:
            raise Unreadable("its later dates were changed all at once")
        if event.recurrence_id.instant("UTC") >= before:
            gone.update(range(first, last + 1))
    return "".join(line for at, line in enumerate(lines) if at not in gone)


def ended_rule(rule: str, before: datetime) -> str:
    """Give a recurrence rule (section 3.3.10) that ends before an instant; one that ends earlier stays as it is.

    Args:
        rule: the value of RRULE.
        before: aware.
    """
    parts = [part for part in rule.split(";") if part]
    named = dict(part.partition("=")[::2] for part in parts)
    last = utc_text(before.astimezone(UTC) - _SECOND)
    if (named.get("UNTIL") or "9") <= last:
        return rule
    return ";".join([*(part for part in parts if part.partition("=")[0].upper() not in _ENDS), f"UNTIL={last}"])


def _blocks(lines: list[str]) -> list[tuple[int, int]]:
    """Give where each VEVENT begins and ends."""
    found: list[tuple[int, int]] = []
    begins: int | None = None
    for at, line in enumerate(lines):
        name, _, value = split_line(unfolded(line).rstrip("\n"))
        if value.strip().upper() != "VEVENT":
            continue
        if name == "BEGIN":
            begins = at
        elif name == "END" and begins is not None:
            found.append((begins, at))
            begins = None
    return found
