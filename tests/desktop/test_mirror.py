"""What the windows show from is what the agent told last."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from desktop.agent.event_stream import AgentEvent
from desktop.agent.link import AgentLink
from desktop.agent.process import AgentProcess
from desktop.mirror import Mirror, Part, parts_of
from tests.desktop.conftest import NOW
from tests.desktop.fake_agent import FakeAgent

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

    from desktop.agent.client import AgentClient


@pytest.mark.parametrize(
    ("name", "old"),
    [
        pytest.param("session.changed", {Part.STATUS, Part.SESSIONS, Part.CONFLICTS}, id="a session"),
        pytest.param("conflict.opened", {Part.STATUS, Part.SESSIONS, Part.CONFLICTS}, id="a double booking"),
        pytest.param("health.changed", {Part.STATUS, Part.ACCOUNTS}, id="a connection"),
        pytest.param("question.asked", {Part.STATUS}, id="a question"),
        pytest.param("activity.added", set(), id="what is shown nowhere"),
        pytest.param("weather.changed", set(), id="what a newer agent tells"),
    ],
)
def test_only_what_an_event_makes_old_is_read_anew(name: str, old: set[Part]) -> None:
    """A pass that changes fifty sessions costs two requests, not fifty."""
    assert parts_of(AgentEvent(name, "7", ("x",))) == old


def test_after_a_gap_everything_is_read_anew() -> None:
    """The agent forgot what was missed: "reset"."""
    assert parts_of(AgentEvent("state.changed", "7", reset=True)) == set(Part)


@pytest.fixture
def mirror(qtbot: QtBot, client: AgentClient, fake_agent: FakeAgent, tmp_path: Path) -> Iterator[Mirror]:
    """A mirror whose link has found the fake agent."""
    link = AgentLink(fake_agent.profile, client, AgentProcess(["false"]), client)
    made = Mirror(client, link, lambda: NOW, client)
    with qtbot.waitSignal(made.conflicts_read):
        link.start()
    qtbot.waitUntil(lambda: made.standing.status is not None and made.standing.accounts is not None)
    yield made
    link.leave()


def test_everything_is_read_when_the_agent_is_found(mirror: Mirror) -> None:
    """One look at everything, then the events tell."""
    standing = mirror.standing

    assert standing.status is not None
    assert standing.status.open_conflicts == 2
    assert [one.id for one in standing.conflicts] == ["c-ben", "c-mia"]
    assert len(standing.sessions) == 8
    assert standing.accounts is not None


def test_what_happens_at_the_agent_is_seen_here(mirror: Mirror, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """Someone settles a double booking at the command line."""
    fake_agent.world.settle("c-ben", {"action": "keep_both", "reason": "It is short."})
    fake_agent.tell("conflict.closed", "c-ben")

    qtbot.waitUntil(lambda: [one.id for one in mirror.standing.conflicts] == ["c-mia"])
    qtbot.waitUntil(lambda: mirror.standing.status is not None and mirror.standing.status.open_conflicts == 1)


def test_a_number_that_changed_is_enough_to_look_again(mirror: Mirror, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """A calendar is no longer busy: the agent says only that its state changed."""
    fake_agent.world.settle("c-ben", {"action": "keep_both", "reason": "It is short."})
    fake_agent.tell("state.changed")

    qtbot.waitUntil(lambda: [one.id for one in mirror.standing.conflicts] == ["c-mia"])


def test_many_events_at_once_are_read_once(mirror: Mirror, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """A pass tells of each session; the list is read once or twice, not fifty times."""
    before = len(fake_agent.asked_for("GET", "/v1/sessions"))
    for session in range(50):
        fake_agent.tell("session.changed", f"s-{session}")
    fake_agent.world.waiting = 3
    fake_agent.tell("state.changed")

    qtbot.waitUntil(lambda: mirror.standing.status is not None and mirror.standing.status.waiting_changes == 3)
    assert len(fake_agent.asked_for("GET", "/v1/sessions")) - before <= 3


def test_nothing_is_told_when_nothing_changed(mirror: Mirror, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """The windows are not painted anew for an answer that is the same."""
    told: list[None] = []
    mirror.changed.connect(lambda: told.append(None))
    before = len(fake_agent.asked_for("GET", "/v1/status"))

    fake_agent.tell("pass.finished", "p")

    qtbot.waitUntil(lambda: len(fake_agent.asked_for("GET", "/v1/status")) > before)
    fake_agent.world.waiting = 1
    fake_agent.tell("state.changed")
    qtbot.waitUntil(lambda: told != [])
    assert len(told) == 1


def test_an_agent_that_ends_is_missed_at_once(mirror: Mirror, fake_agent: FakeAgent, qtbot: QtBot) -> None:
    """No answer, no status: the windows say so instead of showing what is old as if it were true."""
    fake_agent.stop()

    qtbot.waitUntil(lambda: mirror.standing.status is None)
    assert len(mirror.standing.sessions) == 8
