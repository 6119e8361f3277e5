"""How long an account is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connectors.vocabulary.errors import ConnectorError, ServerFault, SignInRefused, Throttled, Unreachable
from sync_agent.engine.sync.waiting import LONGEST_ASKED, LONGEST_WAIT, retry_after

FAULT = ServerFault("school.example", reason="it answered 500")


@pytest.mark.parametrize(
    ("failures", "error", "waits"),
    [
        pytest.param(0, FAULT, timedelta(seconds=15), id="the first time: soon"),
        pytest.param(1, FAULT, timedelta(seconds=30), id="then twice as long"),
        pytest.param(3, Unreachable("x"), timedelta(minutes=2), id="whatever the reason is"),
        pytest.param(500, FAULT, LONGEST_WAIT, id="never longer than half an hour"),
        pytest.param(5, Throttled("x", 7), timedelta(seconds=7), id="it asked for seven seconds: then seven"),
        pytest.param(
            0, ServerFault("x", reason="y").after(600), timedelta(minutes=10), id="a fault that says until when"
        ),
        pytest.param(0, SignInRefused("x").after(60), timedelta(minutes=1), id="any error that says until when"),
        pytest.param(2, Throttled("x", 0), timedelta(minutes=1), id="a pause of nothing is none: it doubles"),
        pytest.param(0, Throttled("x", 10**9), LONGEST_ASKED, id="an absurd one is a day"),
    ],
)
def test_how_long_an_account_is_left_alone(failures: int, error: ConnectorError, waits: timedelta) -> None:
    """What it asked for; else it doubles."""
    assert retry_after(failures, error) == waits
