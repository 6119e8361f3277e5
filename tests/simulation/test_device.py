"""A device of the simulation takes over the file of the last history: nothing of that history may be in it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from random import Random

import pytest

from sync_agent.engine.errors import StoreClosed
from sync_agent.engine.store.store import Store
from sync_agent.engine.store.tables import metadata
from tests.simulation.device import Device, empty_database, seeded_ids
from tests.simulation.history import play, script_of
from tests.simulation.world.clock import WorldClock
from tests.simulation.world.faults import Met
from tests.simulation.world.network import ProcessDied

EVENTFUL = 69
"""A seed whose laptop goes through much."""


def _begun(slot: str) -> list[str]:
    """Give all that stands in the file of a device at the beginning of a history."""
    with seeded_ids(Random(0)):
        device = Device(slot, WorldClock(), Met())
    assert device.faults_in_store() == []
    with closing(sqlite3.connect(device.path)) as file:
        return list(file.iterdump())


def test_what_a_history_left_is_gone_when_the_next_begins() -> None:
    fresh = _begun("never used")

    play(script_of(EVENTFUL), Met())

    assert _begun("laptop-1") == fresh


def test_every_table_is_emptied() -> None:
    device = Device("looked at", WorldClock(), Met())
    device.put_database(empty_database())

    with closing(sqlite3.connect(device.path)) as file:
        found = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}

    assert found == {table.name for table in metadata.sorted_tables} | {"alembic_version"}


def test_what_a_dead_process_had_begun_is_taken_back() -> None:
    device = Device("dying", WorldClock(), Met())
    dead = device.store
    with pytest.raises(ProcessDied):
        _die_forgetting(dead)

    device.restart()

    assert device.faults_in_store() == []
    with device.store.read() as connection:
        mark = device.store.starts.get(connection)
    assert mark is not None
    assert mark.counter == 2
    with pytest.raises(StoreClosed), dead.read():
        pass


def _die_forgetting(store: Store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("DELETE FROM store_fact")
        raise ProcessDied
