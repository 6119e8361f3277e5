"""I13 finds what it looks for: wherever a sign-in, a foreign title or a host's link is kept, told or logged."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
import structlog

from connectors.vocabulary.errors import ConnectorError
from tests.simulation.leaks import LISTENED_FROM, listened, nothing_leaks
from tests.simulation.phone import Phone
from tests.simulation.scene import Scene, Storm, repeatable
from tests.simulation.world.faults import CALM, Fault
from tests.simulation.world.network import token_of


@pytest.fixture
def scene() -> Iterator[Scene]:
    with repeatable():
        yield Scene()


def broken(scene: Scene) -> ConnectorError:
    """Ask a calendar, and let the way there break."""
    network = scene.stage.network
    network.weather = Storm(pull=[Fault.UNREACHABLE])
    try:
        network.call("/server1/sessions1/", "pull", lambda: None)
    except ConnectorError as error:
        return error
    finally:
        network.weather = CALM
    raise AssertionError


def test_nothing_leaks_where_the_way_breaks(scene: Scene) -> None:
    """A pass that fails at each of its steps keeps and logs what went wrong, and not with what was signed in."""
    with listened(LISTENED_FROM) as said:
        scene.add("T1x")
        scene.run(pull=[Fault.UNREACHABLE])
        scene.run(create=[Fault.ANSWER_LOST], look=[Fault.SIGN_IN])
        scene.settle()

    assert said
    assert list(nothing_leaks(scene.stage, said)) == []


def test_a_foreign_title_is_neither_logged_nor_told() -> None:
    """The tutor's own appointments are read beside a session, and changed: what they are called stays where it is."""
    with repeatable(), listened(LISTENED_FROM) as said:
        scene = Scene(platform=True, busy=True)
        phone, random = Phone(scene.stage), Random(1)
        scene.add("T1x")
        for _ in range(4):
            phone.own_event_on_phone(random)
            scene.run()

        assert len(scene.stage.ledger.secrets) > 1
        assert said
        assert list(nothing_leaks(scene.stage, said)) == []


def test_a_cause_that_is_logged_is_found(scene: Scene) -> None:
    with listened(LISTENED_FROM) as said:
        structlog.get_logger().warning("calendar.failed", exc_info=broken(scene))

    (found,) = nothing_leaks(scene.stage, said)

    assert found.startswith(f"I13: {token_of('server1')} was logged")


def test_a_cause_that_is_kept_is_found(scene: Scene) -> None:
    store = scene.stage.device.store
    with store.write() as connection:
        connection.exec_driver_sql("UPDATE account SET name = ?", (str(broken(scene).__cause__),))

    assert list(nothing_leaks(scene.stage)) == [f"I13: {token_of('server1')} stands in account"]


def test_a_sign_in_that_other_programs_are_told_is_found(scene: Scene) -> None:
    scene.stage.device.told.append(("account.failed", [str(broken(scene).__cause__)]))

    assert list(nothing_leaks(scene.stage)) == [f"I13: {token_of('server1')} was told to the programs that listen"]
