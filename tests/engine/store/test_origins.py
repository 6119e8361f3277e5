"""Origins as they lie in a session's row: once for all that was edited in one go."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.sessions import Origin
from sync_agent.engine.store.origins import StoredOrigins, origin_to_json, origins_to_json
from sync_agent.engine.values import PLATFORM_GROUPS, FieldGroup

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def made(number: int) -> Origin:
    return Origin("anna", "laptop", "app", NOON, NOON + timedelta(minutes=number))


@given(st.dictionaries(st.sampled_from(FieldGroup), st.integers(0, 3).map(made)))
def test_what_is_stored_is_what_is_read(origins: dict[FieldGroup, Origin]) -> None:
    """Whatever was edited together."""
    assert dict(StoredOrigins(json.dumps(origins_to_json(origins)))) == origins


def test_a_session_that_was_made_in_one_go_names_its_maker_once() -> None:
    """Eight times it was most of the row."""
    assert len(origins_to_json(dict.fromkeys(PLATFORM_GROUPS, made(0)))) == 1


def test_what_an_earlier_version_stored_is_read() -> None:
    """Each group under its own name, whoever made it."""
    stored = {group.value: origin_to_json(made(0)) for group in PLATFORM_GROUPS}

    assert dict(StoredOrigins(json.dumps(stored))) == dict.fromkeys(PLATFORM_GROUPS, made(0))
