"""Writing CalDAV when answers are lost, refused or doubtful."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.vocabulary.errors import (
    AlreadyExists,
    AnswerLost,
    CalendarGone,
    ChangedMeanwhile,
    ConnectorError,
    Forbidden,
    LeaseLost,
    ObjectRefused,
    ServerFault,
    StorageFull,
    Throttled,
)
from connectors.vocabulary.events import OwnFields
from tests.connectors.contract import a_draft, an_event, everything
from tests.connectors.dav_world import DavWorld
from tests.connectors.test_dav_reading import Tapped
from tests.servers.nullcal import Answer, NullCal
from tests.servers.radicale import PASSWORD, USER, Radicale
from tests.servers.wiretap import Wiretap

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> Iterator[Tapped]:
    with NullCal().started() as server:
        tap = Wiretap(server.port)
        with tap.started() as proxy:
            world = Tapped(f"http://127.0.0.1:{server.port}", tap, proxy.port)
            yield world
            world.close()


def test_a_lost_answer_is_told_apart_from_a_refusal(world: Tapped) -> None:
    """The server did it and the tunnel swallowed the answer: the engine looks before it sends anything again."""
    draft = a_draft()
    world.tap.fail("drop-response", method="PUT")

    with pytest.raises(AnswerLost):
        world.calendar.create(draft)

    (found,) = world.calendar.fetch([world.calendar.where_created(draft)]).objects
    assert found.uid == draft.uid
    with pytest.raises(AlreadyExists):
        world.calendar.create(draft)


def test_a_lost_request_is_an_answer_lost_too(world: Tapped) -> None:
    draft = a_draft()
    world.tap.fail("drop-request", method="PUT")

    with pytest.raises(AnswerLost):
        world.calendar.create(draft)

    assert world.calendar.fetch([world.calendar.where_created(draft)]).missing


@pytest.mark.parametrize(
    ("how", "error"),
    [
        pytest.param("full", StorageFull, id="507: no room"),
        pytest.param("locked", Throttled, id="423: locked"),
        pytest.param("status", Throttled, id="503: asked to wait"),
        pytest.param("broken", ServerFault, id="500: trouble of its own"),
        pytest.param("html", ServerFault, id="a sign-in page is no success"),
    ],
)
def test_bad_input_a_write_that_did_not_go_through_says_why(
    world: Tapped, how: str, error: type[ConnectorError]
) -> None:
    world.put("one", an_event("uid-one"))
    (found,) = everything(world.reader()).objects
    world.tap.fail(how, every=True)

    with pytest.raises(error):
        world.calendar.create(a_draft())
    with pytest.raises(error):
        world.calendar.update(found, OwnFields(summary="Other"))


class RefusingCal(NullCal):
    """Answers every PUT over an existing object or to a new place with one refusal."""

    refusal: Answer = (403, b"", {})

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if method == "PUT" and "refused" in path:
            return self.refusal
        return super().answer(method, path, headers, body)


def precondition(status: int, name: str) -> Answer:
    space = "DAV:" if "quota" in name else "urn:ietf:params:xml:ns:caldav"
    body = f'<?xml version="1.0"?><D:error xmlns:D="DAV:"><X:{name} xmlns:X="{space}"/></D:error>'
    return status, body.encode(), {}


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        pytest.param(precondition(403, "max-resource-size"), ObjectRefused, id="too large, as 403"),
        pytest.param(precondition(412, "valid-calendar-data"), ObjectRefused, id="412 with a body is no stale etag"),
        pytest.param(precondition(409, "supported-calendar-component"), ObjectRefused, id="409: not for events"),
        pytest.param(precondition(409, "no-uid-conflict"), AlreadyExists, id="the id is taken"),
        pytest.param(precondition(403, "quota-not-exceeded"), StorageFull, id="quota"),
        pytest.param((403, b"", {}), Forbidden, id="no right to write"),
        pytest.param((415, b"", {}), ObjectRefused, id="unsupported type"),
        pytest.param((409, b"", {}), CalendarGone, id="no such calendar"),
    ],
)
def test_a_refusal_is_read_before_it_is_judged(refusal: Answer, error: type[ConnectorError]) -> None:
    server = RefusingCal()
    server.refusal = refusal
    with server.started() as running:
        world = DavWorld(f"http://127.0.0.1:{running.port}", "anna", "x")
        with pytest.raises(error):
            world.calendar.create(a_draft("refused-1"))
        world.close()


def test_radicale_refuses_a_second_event_with_the_same_id_elsewhere(radicale: Radicale) -> None:
    """An earlier create arrived, and somebody renamed the resource: it is there, so it is not sent again."""
    world = DavWorld(radicale.address, USER, PASSWORD)
    draft = a_draft()
    world.put("renamed", an_event(draft.uid))

    with pytest.raises(AlreadyExists):
        world.calendar.create(draft)

    world.close()


class WeakCal(NullCal):
    """Gives weak etags only, and refuses any that is sent back (RFC 9110, section 13.1.1)."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        assert not headers.get("if-match", "").startswith("W/")
        status, content, more = super().answer(method, path, headers, body)
        more = {name: f"W/{value}" if name == "ETag" else value for name, value in more.items()}
        return status, content.replace(b'getetag>"', b'getetag>W/"'), more


def test_weak_etags_are_compared_and_never_sent() -> None:
    with WeakCal().started() as running:
        world = DavWorld(f"http://127.0.0.1:{running.port}", "anna", "x")
        world.put("one", an_event("uid-one"))
        (found,) = everything(world.reader()).objects
        assert everything(world.reader(), None, {found.key: found.etag}).objects == []

        written = world.calendar.update(found, OwnFields(summary="Ours"))
        assert written.etag is None
        assert "SUMMARY:Ours" in (world.text_of("one") or "")

        with pytest.raises(ChangedMeanwhile):  # looked before writing: it is no longer what was read
            world.calendar.update(found, OwnFields(summary="Stale"))
        with pytest.raises(ChangedMeanwhile):
            world.calendar.delete(found)
        world.close()


def test_a_write_that_may_not_leave_any_more_is_not_sent_after_the_look() -> None:
    """Whoever has to look before a write is asked once more when that answer came: the look may take a while."""
    with WeakCal().started() as running:
        world = DavWorld(f"http://127.0.0.1:{running.port}", "anna", "x")
        world.put("one", an_event("uid-one"))
        (found,) = everything(world.reader()).objects
        asked: list[int] = []

        def refuse() -> None:
            asked.append(world.account.requests)
            raise LeaseLost("work")

        calendar, before = world.account.calendar(world.address, before_write=refuse), world.account.requests
        with pytest.raises(LeaseLost):
            calendar.update(found, OwnFields(summary="Ours"))
        with pytest.raises(LeaseLost):
            calendar.delete(found)
        with pytest.raises(LeaseLost):
            calendar.create(a_draft("uid-two"))

        assert [number - before for number in asked] == [1, 2, 2]  # two looks, and nothing else left
        assert world.text_of("one") == found.body
        world.close()


def test_writes_from_several_threads_go_through(world: Tapped) -> None:
    """Eight writes in flight over one account."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        written = list(pool.map(lambda number: world.calendar.create(a_draft(f"uid-{number}")), range(40)))

    assert len({one.key for one in written}) == 40
    assert world.account.requests == 40
