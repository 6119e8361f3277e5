"""When deletions wait for a yes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.engine.sync.guards import MassDeletion, held_back


def a_deletion(count: int, living: int, *, recent: int = 0, confirmed: int = 0) -> MassDeletion:
    links = tuple(f"l{number}" for number in range(count))
    return MassDeletion("work", links, living, frozenset(links[:confirmed]), recent)


@pytest.mark.parametrize(
    ("deletion", "held"),
    [
        pytest.param(a_deletion(1, 1), False, id="the only one"),
        pytest.param(a_deletion(2, 2), False, id="both"),
        pytest.param(a_deletion(3, 4), True, id="three of four"),
        pytest.param(a_deletion(3, 15), False, id="three of fifteen is a fifth"),
        pytest.param(a_deletion(3, 14), True, id="three of fourteen is more"),
        pytest.param(a_deletion(10, 500), False, id="ten of many"),
        pytest.param(a_deletion(11, 500), True, id="eleven of many"),
        pytest.param(a_deletion(1, 490, recent=10), True, id="the eleventh of a day"),
        pytest.param(a_deletion(30, 60, confirmed=30), False, id="confirmed by the tutor"),
        pytest.param(a_deletion(31, 60, confirmed=30, recent=0), False, id="confirmed, and one more"),
        pytest.param(a_deletion(30, 60, confirmed=30, recent=50), False, id="confirmed on a busy day"),
    ],
)
def test_held_back(deletion: MassDeletion, held: bool) -> None:
    """More than ten within a day, or at least three and more than a fifth."""
    assert held_back(deletion) is held


@given(st.integers(0, 30), st.integers(0, 100), st.integers(0, 20))
def test_more_deletions_are_never_less_suspicious(count: int, living: int, recent: int) -> None:
    """One more event that vanished cannot make the rest pass."""
    if held_back(a_deletion(count, living, recent=recent)):
        assert held_back(a_deletion(count + 1, living, recent=recent))


def test_the_same_set_is_the_same_incident() -> None:
    """And is asked about once."""
    assert a_deletion(3, 4).fingerprint == a_deletion(3, 99).fingerprint
    assert a_deletion(3, 4).fingerprint != a_deletion(4, 4).fingerprint
