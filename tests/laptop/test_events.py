"""The ring of events: whoever comes back hears what was missed, once and in order."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from sync_agent.laptop.api.events import Events, Told


def _numbers(frames: list[bytes]) -> list[int]:
    return [int(frame.split(b"\n")[0].removeprefix(b"id: ")) for frame in frames]


def _nothing(_told: Told) -> None:
    return None


@given(told=st.integers(0, 60), heard=st.integers(0, 60), kept=st.integers(1, 20))
def test_what_was_missed_comes_once_and_in_order(told: int, heard: int, kept: int) -> None:
    """Whatever was heard: exactly the rest, or one word that says "read everything anew"."""
    events = Events(kept=kept)
    for number in range(told):
        events.publish("session.changed", [str(number)])

    _, missed = events.listen(_nothing, after=heard)

    if heard > told or told - heard > kept:
        assert len(missed) == 1
        assert json.loads(missed[0].split(b"data: ")[1])["reset"] is True
    else:
        assert _numbers(missed) == list(range(heard + 1, told + 1))


def test_a_listener_hears_until_it_leaves() -> None:
    """With numbers that only rise."""
    events, heard = Events(), []
    key, missed = events.listen(heard.append, after=None)
    events.publish("conflict.opened", ["a"])
    events.leave(key)
    events.publish("conflict.closed", ["a"])

    assert missed == []
    assert [(one.number, one.kind, one.ids) for one in heard] == [(1, "conflict.opened", ("a",))]


def test_an_event_holds_ids_and_no_content() -> None:
    """As a frame of a server-sent stream."""
    assert Told(7, "session.changed", ("x",)).frame == b'id: 7\nevent: session.changed\ndata: {"ids": ["x"]}\n\n'
