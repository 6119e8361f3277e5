"""What may stand in a log."""

from __future__ import annotations

import pytest

from sync_agent.laptop.logs import hide_secrets


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"password": "p", "link": "l"}, {"password": "***", "link": "l"}),
        ({"access_token": "t"}, {"access_token": "***"}),
        ({"join_url": "https://zoom.us/j/1?pwd=x"}, {"join_url": "***"}),
        ({"where": "https://user:pass@host/private/feed.ics?key=1"}, {"where": "https://host/***"}),
        ({"text": "see webcal://host/a/b and http://other/x"}, {"text": "see webcal://host/*** and http://other/***"}),
        ({"facts": {"secret": "s", "n": 1}, "many": ["https://h/p"]}, {"facts": {"secret": "***", "n": 1}, "many": ["https://h/***"]}),
        ({"code": "x.y", "took_ms": 3}, {"code": "x.y", "took_ms": 3}),
    ],
)  # fmt: skip
def test_secrets_and_addresses_are_hidden(given: dict[str, object], kept: dict[str, object]) -> None:
    """By name, and every address but its host: a feed's path is its password. A fault's code stays."""
    assert hide_secrets(None, "info", dict(given)) == kept
