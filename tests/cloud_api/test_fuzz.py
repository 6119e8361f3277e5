"""Schemathesis finds nothing: all its checks, all its phases, on both databases, with a token and without.

A failure prints the request and the seed; a longer run: `python -m tests.cloud_api.fuzz.attack --seconds 600`.
"""

from __future__ import annotations

import pytest

from tests.cloud_api.fuzz.attack import (
    Target,
    attack,
    everything_but_ending_the_token,
    only_ending_the_token,
    only_what_devices_do,
    prepared,
)
from tests.cloud_api.server import CloudProcess

pytestmark = pytest.mark.timeout(300)

_SEED = ("--seed", "1")
_PHASES = {
    "sqlite": ("--max-examples", "8"),
    # What depends on the database shows in data and in sequences; the coverage of shapes is the same on both.
    "postgresql": ("--max-examples", "8", "--phases", "fuzzing,stateful"),
}


@pytest.fixture(scope="module")
def target(server: CloudProcess, database_url: str) -> Target:
    """The server of the other tests, with a small sample."""
    return prepared(server.url, "--database-url", database_url)


def test_no_request_makes_the_api_break_its_description(target: Target, database_url: str) -> None:
    """Good requests, bad requests, and sequences of them."""
    phases = _PHASES[database_url.partition(":")[0].partition("+")[0]]

    found = attack(target, *everything_but_ending_the_token(*_SEED, *phases), caller=target.client)

    assert not found, found


def test_no_request_of_a_device_makes_the_api_break_its_description(target: Target) -> None:
    """Leases and links: what only a tutor's laptop may do."""
    found = attack(target, *only_what_devices_do(*_SEED, "--max-examples", "8"), caller=target.device)

    assert not found, found


def test_a_token_that_ends_itself_breaks_nothing(target: Target) -> None:
    """The one operation after which nothing else is let in."""
    arguments = only_ending_the_token(*_SEED, "--phases", "examples,coverage,fuzzing")

    found = attack(target, *arguments, caller=target.client)

    assert not found, found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_a_token_nobody_gets_in(target: Target) -> None:
    """Every request that needs one is refused as described."""
    found = attack(target, *_SEED, "--max-examples", "2", "--phases", "fuzzing", caller=None)

    assert not found, found
