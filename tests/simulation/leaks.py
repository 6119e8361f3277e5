"""I13: a foreign title stays in its place, a host's own link to a meeting in an even smaller one, a sign-in in none.

What is written into calendars is looked at while it is written (`stage`). Here the rest: what the platform was told,
what the meeting service was, every table of the store, and in every eighth history all that was logged. What breaks on
the way carries the sign-in with it, as libraries do: whoever keeps or logs the cause of an error gives it away.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import text

from tests.simulation.device import Device
from tests.simulation.ledger import host_link
from tests.simulation.stage import Stage
from tests.simulation.world.network import token_of

LISTENED_EVERY, LISTENED_FROM = 8, 6

_KEEPS_TITLES = frozenset(
    {"remote_obj", "busy", "series_src", "doubt", "free_mark", "conflict", "activity", "question"}
)
"""Tables in which the tutor's own appointments may be named: as they were read, and in what is told of collisions."""

_KEEPS_HOST_LINKS = frozenset({"remote_obj", "series_src"})
"""Tables that keep what was read as it stood there."""


@contextmanager
def listened(seed: int) -> Iterator[list[str]]:
    """Keep all that is logged in some histories, as its lines would say it, causes of errors too."""
    lines: list[str] = []
    if seed % LISTENED_EVERY != LISTENED_FROM:
        yield lines
        return

    def keep(logger: object, name: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        del logger
        lines.append(f"{name}: {dict(entry)!r}")
        raise structlog.DropEvent

    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, keep],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
    )
    try:
        yield lines
    finally:
        structlog.configure(**before)


def nothing_leaks(stage: Stage, said: Iterable[str] = ()) -> Iterator[str]:
    """Give each place outside of its own in which something private stands.

    Args:
        stage: as it stands in the end.
        said: the lines that were logged.
    """
    ledger, tokens = stage.ledger, tokens_of(stage)
    private = [*ledger.secrets, *map(host_link, ledger.secrets), *tokens]
    for where, told in _told(stage):
        yield from (f"I13: {one} was told to the {where}" for one in private if one in told)
    for line in said:
        yield from (f"I13: {one} was logged: {line[:80]}" for one in private if one in line)
    for device in stage.devices:
        for table, kept in _kept(device):
            titles = () if table in _KEEPS_TITLES else ledger.secrets
            links = () if table in _KEEPS_HOST_LINKS else map(host_link, ledger.secrets)
            yield from (f"I13: {one} stands in {table}" for one in (*titles, *links, *tokens) if one in kept)


def tokens_of(stage: Stage) -> list[str]:
    """Give what the devices sign in with."""
    return [token_of(where) for where in ("platform", "meetings", *(server.name for server in stage.servers))]


def _told(stage: Stage) -> Iterator[tuple[str, str]]:
    if stage.platform is not None:
        yield "platform", repr(stage.platform.records)
        yield "platform's leases", repr(stage.platform.leases.told)
    if stage.meetings is not None:
        yield "meeting service", repr(stage.meetings.meetings)
    yield "calendars", " ".join(one.body for _, _, one in stage.ours())
    for device in stage.devices:
        yield "programs that listen", repr(device.told)


def _kept(device: Device) -> Iterator[tuple[str, str]]:
    with device.store.read() as connection:
        names: Iterable[str] = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars()
        for name in list(names):
            yield name, repr(connection.exec_driver_sql(f'SELECT * FROM "{name}"').fetchall())
