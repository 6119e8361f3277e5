"""The ear at the platform: it wakes the worker when there is news, and else nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from queue import SimpleQueue

import pytest

from connectors.vocabulary.changes import Cursor
from connectors.vocabulary.errors import Unreachable
from connectors.vocabulary.sessions import FeedPage
from sync_agent.laptop.agent.listening import Listener, Place
from tests.laptop.conftest import until


class Agency:
    """A platform that keeps each request until a test answers it."""

    def __init__(self) -> None:
        self.asked: SimpleQueue[str] = SimpleQueue()
        self.answers: SimpleQueue[FeedPage | Exception] = SimpleQueue()

    def feed(self, since: Cursor | None, wait: timedelta) -> FeedPage:
        assert since is not None
        assert wait > timedelta(0)
        self.asked.put(since.token)
        answer = self.answers.get(timeout=20)
        if isinstance(answer, Exception):
            raise answer
        return answer


def page(cursor: str, *removed: str) -> FeedPage:
    return FeedPage(
        sessions=(), students=(), removed=removed, cursor=Cursor("platform-feed", cursor), full=False, more=False
    )


class Ear:
    """A listener, what it hears, and where it listens."""

    def __init__(self) -> None:
        self.agency = Agency()
        self.heard: SimpleQueue[str] = SimpleQueue()
        self.listener = Listener(self.heard.put)
        self.listener.start()

    def listen(self, cursor: str) -> None:
        self.listener.listen(Place("agency", self.agency, Cursor("platform-feed", cursor)))  # type: ignore[arg-type]


@pytest.fixture
def ear() -> Iterator[Ear]:
    made = Ear()
    yield made
    made.listener.stop()
    made.agency.answers.put(Unreachable("platform"))


def test_news_wake_once_and_then_it_waits_to_be_told_where(ear: Ear) -> None:
    """The pass reads what there is; where to go on only it knows."""
    ear.listen("1")
    assert ear.agency.asked.get(timeout=20) == "1"

    ear.agency.answers.put(page("2", "a session"))

    assert ear.heard.get(timeout=20) == "agency"
    assert not ear.listener.is_listening
    ear.listen("2")
    assert ear.agency.asked.get(timeout=20) == "2"
    assert ear.heard.empty()


def test_silence_wakes_nobody_and_it_goes_on_from_there(ear: Ear) -> None:
    ear.listen("1")
    ear.agency.asked.get(timeout=20)

    ear.agency.answers.put(page("1b"))

    assert ear.agency.asked.get(timeout=20) == "1b"
    assert ear.heard.empty()


@pytest.mark.parametrize(
    "error", [Unreachable("platform"), ZeroDivisionError()], ids=["unreachable", "a fault of ours"]
)
def test_what_cannot_be_heard_wakes_nobody(ear: Ear, error: Exception) -> None:
    """The platform is still looked at in its own time, and listened to when it answers again."""
    ear.listen("1")
    ear.agency.asked.get(timeout=20)

    ear.agency.answers.put(error)

    until(lambda: not ear.listener.is_listening)
    assert ear.heard.empty()
    ear.listen("1")
    assert ear.agency.asked.get(timeout=20) == "1"


def test_news_of_a_place_that_was_left_wake_nobody(ear: Ear) -> None:
    """A pass read meanwhile: what comes for the old place is known."""
    ear.listen("1")
    ear.agency.asked.get(timeout=20)
    ear.listen("2")

    ear.agency.answers.put(page("2", "a session"))

    assert ear.agency.asked.get(timeout=20) == "2"
    assert ear.heard.empty()


def test_after_a_sleep_it_begins_anew_beside_the_request_that_hangs(ear: Ear) -> None:
    """The socket died; nobody waits for it."""
    ear.listen("1")
    ear.agency.asked.get(timeout=20)

    ear.listener.start()
    ear.listen("1")

    assert ear.agency.asked.get(timeout=20) == "1"
    ear.agency.answers.put(Unreachable("platform"))


def test_after_the_end_nobody_is_woken(ear: Ear) -> None:
    ear.listen("1")
    ear.agency.asked.get(timeout=20)

    ear.listener.stop()
    ear.agency.answers.put(page("2", "a session"))

    ear.listen("3")
    assert ear.heard.empty()
