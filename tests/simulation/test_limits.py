"""While a guard asks, everything else goes on, and the law that says so knows what is more of the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.simulation.limits import others_are_at_rest
from tests.simulation.scene import Scene, repeatable


@pytest.fixture
def scene() -> Iterator[Scene]:
    """Six sessions, of which three were deleted on the phone, and a question about these."""
    with repeatable():
        scene = Scene()
        scene.stage.ledger.sessions += [scene.add(f"T{number}x") for number in range(6)]
        scene.run()
        for _ in range(3):
            delete(scene)
        scene.run()
        yield scene


def delete(scene: Scene) -> str:
    """Delete one more event, as people do; gives its session."""
    stage = scene.stage
    (_, _, one), *_ = stage.ours()
    session = stage.session_of(one)
    scene.phone_deletes(key=one.key)
    stage.ledger.end(session, side=stage.collections()[0][1].remote_id, at=stage.clock.now(), saw={})
    return session


def test_one_more_deletion_waits_for_the_answer(scene: Scene) -> None:
    """It is of one cause with those that are asked about."""
    delete(scene)
    scene.run()

    assert list(others_are_at_rest(scene.stage)) == []


def test_what_nobody_deleted_does_not_wait(scene: Scene) -> None:
    """Its title was changed in the app, and its calendar never heard of it."""
    (_, _, one), *_ = scene.stage.ours()
    session = scene.stage.session_of(one)
    scene.change(session, title="T77x", start=scene.session(session).when.start + timedelta(days=1))

    (title, when) = others_are_at_rest(scene.stage)

    assert "summary" in title
    assert "when" in when
