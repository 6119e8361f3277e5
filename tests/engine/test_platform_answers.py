"""Answers of the platform that never came: what was carried out is found out by looking, whoever edited meanwhile."""

from __future__ import annotations

import pytest

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.naming import Naming
from sync_agent.engine.sync.pull_platform import PlatformPuller
from tests.engine.agency import Agency
from tests.engine.world import Home


@pytest.mark.parametrize("how", ["drop-response", "cut", "drop-request", "broken", "status", "html"])
def test_a_write_to_the_platform_fails_in_every_way(home: Home, agency: Agency, how: str) -> None:
    """After the next pass the office has the edit, once."""
    made = agency.tenant.session()
    home.run()
    home.world.change(made["id"], title="Physics")
    agency.wire.fail(how, method="PATCH")

    home.run()
    home.run()

    seen = agency.session(made["id"])
    assert (seen["title"], seen["version"]) == ("Physics", made["version"] + 1)
    assert home.idle(3) == 0


@pytest.mark.parametrize("how", ["drop-response", "drop-request"])
@pytest.mark.parametrize("edits", [1, 2])
def test_the_office_edits_right_after_a_lost_answer(home: Home, agency: Agency, how: str, edits: int) -> None:
    """Our edit arrived or not; the version that is there is the office's. Neither is taken for the other's."""
    made = agency.tenant.session(title="Algebra")
    home.run()
    home.world.change(made["id"], title="Physics")
    agency.wire.fail(how, method="PATCH")
    home.run()
    agency.change(made["id"], notes="Office says hello")
    if edits == 2:
        agency.change(made["id"], place="Office")

    home.run()
    home.run()

    seen = agency.session(made["id"])
    assert (seen["title"], seen["notes"]) == ("Physics", "Office says hello")
    assert home.world.session(made["id"]).place == ("Office" if edits == 2 else "")
    assert home.phone.titles(home.work) == ["Physics"]
    assert home.idle(3) == 0


def test_the_office_edits_right_after_a_creation_whose_answer_was_lost(home: Home, agency: Agency) -> None:
    """What it says then is the office's newer word, not what we sent."""
    session = home.world.add("Own", notes="Mine")
    agency.wire.fail("drop-response", method="PUT")
    home.run()
    agency.change(session, title="Theirs")
    agency.change(session, notes="Theirs, too")

    home.run()
    home.run()

    kept = home.world.session(session)
    assert (kept.title, kept.notes) == ("Theirs", "Theirs, too")
    assert home.phone.titles(home.work) == ["Theirs"]
    assert home.idle(3) == 0


def test_the_office_cancels_what_was_cancelled_here_and_the_write_never_arrived(home: Home, agency: Agency) -> None:
    """That both cancelled does not say that the title, which was to go with it, was ever there (3571)."""
    made = agency.tenant.session(title="Algebra")
    home.run()
    home.world.change(made["id"], title="Physics")
    home.run()
    home.world.change(made["id"], title="Chemistry")
    home.world.change(made["id"], status=SessionStatus.CANCELLED)
    agency.wire.fail("drop-request", method="PATCH")
    home.run()
    agency.change(made["id"], status="cancelled")

    home.run()
    home.run()

    assert home.world.session(made["id"]).title == "Chemistry"
    assert agency.session(made["id"])["title"] == "Chemistry"
    assert home.idle(3) == 0


def test_an_answer_that_was_under_way_takes_nothing_back(home: Home, agency: Agency) -> None:
    """It says what the session was before the office changed it, and that change was read already."""
    made = agency.tenant.session(title="Algebra")
    home.run()
    store = home.world.store
    with store.read() as connection:
        accounts, calendars = store.accounts.all(connection), store.accounts.calendars(connection)
    (place,) = [one for one in calendars if one.is_platform]
    (account,) = [one for one in accounts if one.id == place.account]
    before = home.world.book.platform(account).fetch([made["id"]])
    agency.change(made["id"], title="Optics")
    home.run()

    puller = PlatformPuller(store, home.world.clock, Naming.of(accounts, calendars, "tenant-1"))
    with store.write() as connection:
        puller.absorb(connection, place, before, now=home.world.clock.now())
    home.run()

    assert home.world.session(made["id"]).title == agency.session(made["id"])["title"] == "Optics"
    assert home.phone.titles(home.work) == ["Optics"]
    assert home.idle(3) == 0
