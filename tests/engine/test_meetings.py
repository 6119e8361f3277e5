"""Every online session has exactly one meeting, and everybody has its link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from cloud_api.sandbox.faults import Fault, FaultKind
from cloud_api.sandbox.zoom import ZoomSimulator
from connectors.registry import Credentials
from tests.engine.phone import value_of
from tests.engine.world import NOW, THURSDAY, Home


@pytest.fixture(scope="module")
def zoom_server() -> Iterator[ZoomSimulator]:
    """A Zoom on loopback."""
    with ZoomSimulator() as simulator:
        yield simulator


@pytest.fixture
def zoom(zoom_server: ZoomSimulator, home: Home) -> ZoomSimulator:
    """The same, empty, at the time of the story, and connected."""
    zoom_server.reset()
    zoom_server.clock.advance(NOW - zoom_server.clock.now())
    home.world.connect_host(
        Credentials("", zoom_server.settings, {"client_secret": zoom_server.account.app.client_secret})
    )
    return zoom_server


def links(zoom: ZoomSimulator) -> list[str]:
    return [str(meeting["join_url"]) for meeting in zoom.meetings()]


def in_event(home: Home) -> str:
    """Give the link that the event shows, at every place where clients look for one."""
    text = home.phone.event(home.work)
    found = {value_of(text, "URL"), value_of(text, "CONFERENCE"), value_of(text, "LOCATION").replace("\\", "")}
    block = value_of(text, "DESCRIPTION").replace("\\n", "\n")
    if "Join: " in block:
        found.add(block.partition("Join: ")[2].splitlines()[0])
    assert len(found) == 1, found
    return found.pop()


def test_an_online_session_gets_one_meeting_and_the_event_has_its_link(home: Home, zoom: ZoomSimulator) -> None:
    """In LOCATION, URL, CONFERENCE and a fenced block of the description, from the first write on."""
    session = home.world.add(notes="Bring the book")

    report = home.run()

    assert links(zoom) == [in_event(home)]
    assert (report.meetings_created, report.created, report.updated) == (1, 1, 0)
    assert home.world.session(session).place == ""
    assert home.world.session(session).notes == "Bring the book"
    assert home.idle(5) == 0
    assert len(links(zoom)) == 1


def test_in_person_there_is_none_and_switching_makes_and_removes_it(home: Home, zoom: ZoomSimulator) -> None:
    """Online, in the library, online again."""
    session = home.world.add(online=False, place="Library")
    home.run()
    assert links(zoom) == []

    home.world.change(session, online=True, place="")
    home.run()
    assert links(zoom) == [in_event(home)]

    home.world.change(session, online=False, place="Library")
    home.run()
    assert links(zoom) == []
    text = home.phone.event(home.work)
    assert (value_of(text, "LOCATION"), value_of(text, "URL"), value_of(text, "CONFERENCE")) == ("Library", "", "")
    assert home.idle(3) == 0


def test_a_move_moves_the_meeting_and_keeps_the_link(home: Home, zoom: ZoomSimulator) -> None:
    """Moved on the phone."""
    home.world.add()
    home.run()
    before = links(zoom)

    home.phone.move(home.work, 15, 17)
    report = home.run()

    assert links(zoom) == before == [in_event(home)]
    assert [meeting["start_time"] for meeting in zoom.meetings()] == ["2026-11-26T16:00:00Z"]
    assert report.meetings_updated == 1
    assert home.idle(3) == 0


def test_cancelled_the_meeting_goes_and_undo_makes_another(home: Home, zoom: ZoomSimulator) -> None:
    """The event has the new link."""
    session = home.world.add()
    home.run()
    home.world.engine.sessions.cancel(session)
    home.run()
    assert links(zoom) == []

    home.world.engine.undo.undo()
    home.run()

    assert links(zoom) == [in_event(home)]
    assert home.idle(3) == 0


@pytest.mark.parametrize("kind", [FaultKind.ANSWER_LOST, FaultKind.FAILED, FaultKind.NOT_US])
def test_the_answer_to_making_one_is_lost(home: Home, zoom: ZoomSimulator, kind: FaultKind) -> None:
    """Zoom knows no key: it is looked for before another one is made. The event is written meanwhile."""
    home.world.add()
    zoom.order(Fault(kind, method="POST", path="/v2/"))

    home.run()
    assert home.phone.titles(home.work) == ["Maths"]
    home.run()

    assert links(zoom) == [in_event(home)]
    assert home.idle(3) == 0
    assert len(links(zoom)) == 1


def test_moved_while_the_answer_was_lost_the_meeting_is_moved_too(home: Home, zoom: ZoomSimulator) -> None:
    """What is found was made for the old hour."""
    session = home.world.add()
    zoom.order(Fault(FaultKind.ANSWER_LOST, method="POST", path="/v2/"))
    home.run()
    home.world.change(session, start=THURSDAY + timedelta(hours=2))

    home.run()

    assert [meeting["start_time"] for meeting in zoom.meetings()] == ["2026-11-26T16:00:00Z"]
    assert links(zoom) == [in_event(home)]


def test_removed_at_the_vendor_it_is_made_anew_and_the_link_follows(home: Home, zoom: ZoomSimulator) -> None:
    """The tutor tidied up in Zoom; the sweep of the day finds it."""
    home.world.add()
    home.run()
    (old,) = zoom.meetings()
    zoom.account.delete(int(old["id"]))

    home.run(minutes=8 * 60)
    home.run()

    assert links(zoom) == [in_event(home)]
    assert links(zoom) != [old["join_url"]]
    assert home.idle(3) == 0


def test_removed_at_the_vendor_a_move_finds_it(home: Home, zoom: ZoomSimulator) -> None:
    """Without waiting for the sweep."""
    session = home.world.add()
    home.run()
    zoom.account.delete(int(zoom.meetings()[0]["id"]))

    home.world.change(session, start=THURSDAY + timedelta(hours=2))
    home.run()
    home.run()

    assert links(zoom) == [in_event(home)]


def test_what_was_made_twice_is_swept_away(home: Home, zoom: ZoomSimulator) -> None:
    """A creation that arrived late: one link was published, the other one goes."""
    home.world.add()
    home.run()
    (published,) = zoom.meetings()
    zoom.account.create(
        {"topic": "Maths", "type": 2, "start_time": published["start_time"], "duration": 60, "agenda": _agenda(zoom)}
    )
    assert len(links(zoom)) == 2

    home.run(minutes=8 * 60)

    assert links(zoom) == [published["join_url"]] == [in_event(home)]


@pytest.mark.parametrize("minutes", [(3, 8), (11,)], ids=["after 2 and 10 minutes", "the laptop slept meanwhile"])
def test_what_arrives_late_after_a_lost_answer_is_swept_soon(
    home: Home, zoom: ZoomSimulator, minutes: tuple[int, ...]
) -> None:
    """The vendor carries the request out once more, long after it was given up. Nobody waits for the daily look."""
    home.world.add()
    zoom.order(Fault(FaultKind.ANSWER_LOST, method="POST", path="/v2/"))
    home.run()
    home.run()
    published = in_event(home)
    assert links(zoom) == [published]

    for wait in minutes:
        arrives_late(zoom)
        home.run(minutes=wait)
        assert links(zoom) == [published] == [in_event(home)]

    arrives_late(zoom)
    home.run(minutes=5)
    assert len(links(zoom)) == 2, "from here on the daily look finds it"


def test_what_arrives_late_for_a_session_that_was_cancelled_is_swept_too(home: Home, zoom: ZoomSimulator) -> None:
    """No meeting is left of a session that takes no place."""
    session = home.world.add()
    zoom.order(Fault(FaultKind.ANSWER_LOST, method="POST", path="/v2/"))
    home.run()
    home.run()
    agenda = _agenda(zoom)
    home.world.engine.sessions.cancel(session)
    home.run()
    assert links(zoom) == []

    arrives_late(zoom, agenda)
    home.run(minutes=9)

    assert links(zoom) == []
    assert home.idle(3) == 0


def arrives_late(zoom: ZoomSimulator, agenda: str = "") -> None:
    """Let a creation that was given up be carried out."""
    again = {"topic": "Maths", "type": 2, "start_time": "2026-11-26T14:00:00Z", "duration": 60}
    zoom.account.create({**again, "agenda": agenda or _agenda(zoom)})


def _agenda(zoom: ZoomSimulator) -> str:
    return str(zoom.account.read(int(zoom.meetings()[0]["id"]))["agenda"])


def test_while_the_vendor_is_down_events_are_written_and_the_link_follows(home: Home, zoom: ZoomSimulator) -> None:
    """One failing account holds up nobody."""
    home.world.add()
    zoom.order(Fault(FaultKind.FAILED, path="/v2/", times=3))

    report = home.run()
    assert home.phone.titles(home.work) == ["Maths"]
    assert [one.ok for one in report.accounts.values()].count(False) == 1
    for _ in range(3):
        home.run()

    assert links(zoom) == [in_event(home)]
    assert home.idle(3) == 0


def test_the_link_in_the_event_is_put_back_and_is_no_place(home: Home, zoom: ZoomSimulator) -> None:
    """A phone empties the location and the notes below the fence: both are ours."""
    session = home.world.add(notes="Bring the book")
    home.run()
    url = in_event(home)
    text = home.phone.event(home.work)
    block = value_of(text, "DESCRIPTION")

    home.phone.edit(home.work, {f"URL:{url}\n": "", f"DESCRIPTION:{block}": "DESCRIPTION:Bring two books"})
    home.run()

    assert in_event(home) == url
    assert home.world.session(session).notes == "Bring two books"
    assert home.world.session(session).place == ""
    assert home.idle(3) == 0
    assert links(zoom) == [url]


def test_a_host_link_is_nowhere_in_the_store(home: Home, zoom: ZoomSimulator) -> None:
    """Zoom answers with a link that signs in as the host; it is read over and never kept."""
    session = home.world.add()
    home.run()
    home.world.change(session, title="Physics")
    home.run()

    home.world.store.close()
    kept = b"".join(path.read_bytes() for path in home.world.folder.iterdir())

    assert links(zoom)[0].encode() in kept
    assert b"start_url" not in kept
    assert b"HOST-ONLY" not in kept
    assert b"zak=" not in kept
    home.world.open()


def test_whoever_deletes_the_wrong_event_keeps_its_meeting_also_when_all_are_looked_at(
    home: Home, zoom: ZoomSimulator
) -> None:
    """Nobody is told before the next pass, and a link that was given to a student is never made twice."""
    home.world.add()
    home.run()
    before = links(zoom)
    home.world.add("Physics", THURSDAY + timedelta(days=1), online=True)
    zoom.order(Fault(FaultKind.FAILED, method="POST", path="/v2/"))
    home.run()
    home.phone.delete(home.work, "Maths")

    home.run(minutes=7 * 60)
    assert before[0] in links(zoom)
    home.run()
    assert before[0] not in links(zoom)
    assert len(links(zoom)) == 1
