"""I13: a foreign title stays in its place, and a host's own link to a meeting in an even smaller one.

What is written into calendars is looked at while it is written (`stage`). Here the rest: what the platform was told,
what the meeting service was, and every table of the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import text

from tests.simulation.device import Device
from tests.simulation.ledger import host_link
from tests.simulation.stage import Stage

_KEEPS_TITLES = frozenset(
    {"remote_obj", "busy", "series_src", "doubt", "free_mark", "conflict", "activity", "question"}
)
"""Tables in which the tutor's own appointments may be named: as they were read, and in what is told of collisions."""

_KEEPS_HOST_LINKS = frozenset({"remote_obj", "series_src"})
"""Tables that keep what was read as it stood there."""


def nothing_leaks(stage: Stage) -> Iterator[str]:
    """Give each place outside of its own in which something private stands."""
    ledger = stage.ledger
    if not ledger.secrets:
        return
    private = [*ledger.secrets, *map(host_link, ledger.secrets)]
    for where, said in _told(stage):
        yield from (f"I13: {one} was told to the {where}" for one in private if one in said)
    for device in stage.devices:
        for table, said in _kept(device):
            titles = () if table in _KEEPS_TITLES else ledger.secrets
            links = () if table in _KEEPS_HOST_LINKS else map(host_link, ledger.secrets)
            yield from (f"I13: {one} stands in {table}" for one in (*titles, *links) if one in said)


def _told(stage: Stage) -> Iterator[tuple[str, str]]:
    if stage.platform is not None:
        yield "platform", repr(stage.platform.records)
        yield "platform's leases", repr(stage.platform.leases.told)
    if stage.meetings is not None:
        yield "meeting service", repr(stage.meetings.meetings)


def _kept(device: Device) -> Iterator[tuple[str, str]]:
    with device.store.read() as connection:
        names: Iterable[str] = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        for name in list(names):
            yield name, repr(connection.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall())
