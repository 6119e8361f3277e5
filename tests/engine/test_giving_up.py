"""An event that the tutor made by hand is theirs: whatever becomes of its session, it stays, and no other lacks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from sync_agent.engine.errors import EventNotAdopted
from sync_agent.engine.values import Role
from tests.engine.test_adopting import adopt, handmade, wish
from tests.engine.world import Home
from tests.simulation.device import HOME_ZONE
from tests.simulation.scene import PHONE, Scene, repeatable
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.clock import BEGINNING
from tests.simulation.world.faults import Fault
from tests.simulation.world.texts import FOREIGN, raw_of, spelled

TIMES = {
    "DTSTART;TZID=Europe/Berlin:20261126T150000": "DTSTART;VALUE=DATE:20261126",
    "DTEND;TZID=Europe/Berlin:20261126T160000": "DTEND;VALUE=DATE:20261127",
}
"""What a phone makes of the event when somebody ticks “all day”."""
MARKER = "X-TUTORSYNC-MARKER"


@pytest.fixture(autouse=True)
def fixed_ids() -> Iterator[None]:
    with repeatable():
        yield


def marked(home: Home) -> int:
    """Count the events in which our marker stands."""
    return sum(MARKER in text for text in home.phone.events(home.work).values())


def put_back_what_became_a_day(home: Home) -> None:
    """A phone makes the event a whole day; the tutor says that it is to be put back."""
    home.phone.edit(home.work, TIMES)
    home.run()
    (question,) = home.world.questions()
    home.world.engine.questions.answer(question.id, "yes")


def test_an_adopted_event_that_became_a_day_is_given_up_and_its_session_gets_another(home: Home) -> None:
    """“Put back” removes what we made; what the tutor made is theirs, so the session has an event of its own then."""
    handmade(home)
    session = adopt(home)
    put_back_what_became_a_day(home)

    home.run()
    home.run()

    assert home.world.session(session.id).is_live
    assert (len(home.phone.events(home.work)), marked(home)) == (2, 1)
    assert home.idle(3) == 0


def test_an_event_of_ours_that_somebody_removes_before_it_is_put_back_is_made_anew(home: Home) -> None:
    """It was to go anyway, so its going is no word about the session."""
    session = home.world.add("Maths")
    home.run()
    home.phone.edit(home.work, {"DTSTART;TZID=Europe/Berlin:": "X-WAS:", "DTEND;TZID=Europe/Berlin:": "X-TO:"})
    home.phone.edit(home.work, {"TRANSP:OPAQUE": "TRANSP:OPAQUE\r\nDTSTART;VALUE=DATE:20261126"})
    home.run()
    (question,) = home.world.questions()
    home.world.engine.questions.answer(question.id, "yes")
    home.phone.delete(home.work)

    home.run()
    home.run()

    assert home.world.session(session).is_live
    assert home.phone.titles(home.work) == ["Maths"]


def test_a_calendar_that_takes_sessions_again_shows_those_that_were_given_up(home: Home) -> None:
    """While it took none, the adopted event became the tutor's again; the session never ceased to take place."""
    handmade(home)
    session = adopt(home)
    home.world.engine.accounts.set_role(home.name, Role.BUSY)
    home.run()
    home.run()
    assert marked(home) == 0

    home.world.engine.accounts.set_role(home.name, Role.SESSIONS)
    for _ in range(3):
        home.run()

    assert home.world.session(session.id).is_live
    assert marked(home) == 1


def test_what_is_given_up_while_its_calendar_takes_no_sessions_is_not_removed_afterwards(home: Home) -> None:
    """The calendar changes its role, the adoption is taken back, and the role changes back, all before a pass."""
    handmade(home)
    session = adopt(home)
    (entry,) = home.world.log("session.adopted")
    home.world.engine.accounts.set_role(home.name, Role.BUSY)
    home.world.engine.undo.undo(entry.id)

    home.world.engine.accounts.set_role(home.name, Role.SESSIONS)
    home.run()
    home.run()

    assert not home.world.session(session.id).is_live
    assert (home.phone.titles(home.work), marked(home)) == (["Mia\\, algebra"], 0)


def test_what_is_typed_into_an_event_that_is_to_be_given_up_is_no_word_for_its_session(home: Home) -> None:
    """The tutor takes the adoption back and goes on typing in their own event, which nobody has read yet."""
    handmade(home)
    session = adopt(home)
    home.world.engine.undo.undo()
    home.phone.edit(home.work, {"Mia\\, algebra": "Mia\\, geometry"})

    home.run()
    home.run()

    assert not home.world.session(session.id).is_live
    assert (home.phone.titles(home.work), marked(home)) == (["Mia\\, geometry"], 0)


def test_a_wish_ends_with_the_role_of_its_calendar(home: Home) -> None:
    """It could never be carried out, and would be pending for ever."""
    handmade(home)
    wished = wish(home)

    home.world.engine.accounts.set_role(home.name, Role.BUSY)
    home.world.engine.accounts.set_role(home.name, Role.SESSIONS)
    home.run()

    with pytest.raises(EventNotAdopted, match="is not for sessions"):
        home.world.engine.adopting.outcome(wished)


# In the model world ---------------------------------------------------------------------------------------------------


def by_hand(scene: Scene, *, rule: str = "") -> None:
    """Let the phone make an event, or a series, and the laptop read it."""
    server, place = scene.stage.collections()[0]
    begin = BEGINNING.replace(tzinfo=None) + timedelta(days=3)
    when = {"kind": "zoned", "local": begin.isoformat(), "zone": HOME_ZONE, "tzid": HOME_ZONE, "seconds": 3600}
    raw = {
        "uid": "hand-1", "summary": "T1x", "location": "P2x", "description": "", "url": "", "conference": "",
        "status": "CONFIRMED", "marker": None, FOREIGN: "", "counter": 0, "rrule": [rule] if rule else [], "when": when,
    }  # fmt: skip
    server.create(place.remote_id, f"{place.remote_id}hand-1.ics", spelled(raw), by=PHONE)
    scene.run()


def adopt_there(scene: Scene) -> None:
    scene.stage.device.engine.adopting.wish("hand-1")
    scene.settle()


def rules(scene: Scene) -> list[str]:
    return [rule for one in scene.events() for rule in raw_of(one.body)["rrule"]]


def test_a_series_whose_name_a_tombstone_holds_is_put_back_under_another() -> None:
    """All of it lay ahead, so it was removed; some servers never give the name of a removed object away again."""
    scene = Scene(Manners(keeps_tombstones=True))
    by_hand(scene, rule="FREQ=WEEKLY;COUNT=3")
    adopt_there(scene)
    assert (len(scene.events()), rules(scene)) == (3, [])

    scene.stage.device.engine.undo.undo()
    scene.settle(5)

    (one,) = scene.events()
    assert raw_of(one.body)["rrule"] == ["FREQ=WEEKLY;COUNT=3"]


def test_a_series_is_ended_later_where_its_server_refuses_once() -> None:
    """Nothing else happens in that calendar: the wish itself is reason enough to look there again."""
    scene = Scene()
    by_hand(scene, rule="FREQ=WEEKLY;COUNT=3")
    scene.stage.device.engine.adopting.wish("hand-1")
    _, place = scene.stage.collections()[0]

    def touch(step: str) -> None:
        """Somebody changes the series between the look at it and the write that ends it."""
        if step == "delete" and not scene.stage.ledger.number:
            scene.stage.ledger.next()
            server, body = scene.stage.servers[0], place.objects[f"{place.remote_id}hand-1.ics"].body
            server.update(place.remote_id, f"{place.remote_id}hand-1.ics", body.replace("P2x", "P3x"), by=PHONE)

    scene.run(between=touch)
    scene.settle()

    assert (len(scene.events()), rules(scene)) == (3, [])


def test_a_series_that_was_changed_before_it_ended_is_put_back_as_it_was_then() -> None:
    """A phone names it anew while its dates are being made; undo had given it the earlier name (5646)."""
    scene = Scene()
    by_hand(scene, rule="FREQ=WEEKLY;COUNT=3")
    scene.stage.device.engine.adopting.wish("hand-1")
    server, place = scene.stage.collections()[0]
    key = f"{place.remote_id}hand-1.ics"

    def touch(step: str) -> None:
        if step == "create" and "T1x" in place.objects[key].body:
            server.update(place.remote_id, key, place.objects[key].body.replace("T1x", "T2x"), by=PHONE)

    scene.run(between=touch)
    scene.settle()
    assert rules(scene) == []

    scene.stage.device.engine.undo.undo()
    scene.settle(5)

    (one,) = scene.events()
    assert (raw_of(one.body)["summary"], rules(scene)) == ("T2x", ["FREQ=WEEKLY;COUNT=3"])


def test_what_one_laptop_gave_up_another_does_not_remove() -> None:
    """The adoption is taken back on a laptop that lost its lease; the other has it, and hears of the end first."""
    scene = Scene(laptops=True)
    by_hand(scene)
    adopt_there(scene)
    scene.stage.device.engine.undo.undo()
    scene.sit_down_at(1)
    scene.settle(2)

    scene.sit_down_at(0)
    scene.run(minutes=5)
    scene.sit_down_at(1)
    scene.run(minutes=5)
    scene.sit_down_at(0)
    scene.settle()

    (one,) = scene.events()
    assert (raw_of(one.body)["uid"], raw_of(one.body)["marker"]) == ("hand-1", None)


def test_an_event_that_two_laptops_are_to_adopt_becomes_one_session() -> None:
    """Wished on both while neither knew of the other: the second hears that it is one already, and goes on."""
    scene = Scene(laptops=True)
    by_hand(scene)
    scene.sit_down_at(1)
    scene.run(minutes=5)
    wish = scene.stage.device.engine.adopting.wish("hand-1")
    scene.sit_down_at(0)
    adopt_there(scene)

    scene.sit_down_at(1)
    scene.settle()

    with pytest.raises(EventNotAdopted, match="it is one already"):
        scene.stage.device.engine.adopting.outcome(wish)
    assert len(scene.events()) == 1


def test_what_was_adopted_on_two_laptops_before_either_told_is_one_sessions_event() -> None:
    """The first dies before it told the platform; by the time it is back the second has adopted the event, and told."""
    scene = Scene(laptops=True)
    by_hand(scene)
    scene.stage.device.engine.adopting.wish("hand-1")
    scene.run(put=[Fault.DIED_BEFORE])
    scene.sit_down_at(1)
    scene.settle()
    adopt_there(scene)

    scene.sit_down_at(0)
    scene.settle()

    assert sorted(raw_of(one.body)["uid"] == "hand-1" for one in scene.events()) == [False, True]
    assert len({raw_of(one.body)["marker"]["session"] for one in scene.events()}) == 2
