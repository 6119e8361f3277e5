"""How the agent dies: while a write is on the wire, in the middle of something, or with the network gone."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from cloud_api.sandbox.tap_record import TapFault
from tests.chaos.people import People
from tests.chaos.stage import Stage, pause

_PATIENCE_S = 6.0


@dataclass(frozen=True, slots=True)
class Spot:
    """A write that the agent can be killed at.

    Attributes:
        cause: lets somebody do what makes the agent send it.
        method, path: how the wire knows it.
    """

    name: str
    tap: str
    method: str
    path: str
    cause: Callable[[People], str]


SPOTS = (
    Spot("event changed", "calendar", "PUT", "", lambda people: people.edits(people.one_of("office", "app"))),
    Spot("event made", "calendar", "PUT", "", lambda people: people.adds(online=False)),
    Spot("event removed", "calendar", "DELETE", "", lambda people: people.cancels(people.one_of("office", "app"))),
    Spot(
        "session changed", "platform", "PATCH", "/api/sessions/",
        lambda people: people.edits(people.one_of("phone", "app")),
    ),
    Spot("session made", "platform", "PUT", "/api/sessions/", lambda people: people.adds("app")),
    Spot("meeting made", "zoom", "POST", "/users/me/meetings", lambda people: people.adds(online=True)),
    Spot("meeting moved", "zoom", "PATCH", "/meetings/", lambda people: people.edits(name="when", online=True)),
    Spot("meeting removed", "zoom", "DELETE", "/meetings/", lambda people: people.cancels(online=True)),
)  # fmt: skip
_OFTEN = (6, 4, 2, 5, 3, 3, 3, 2)


@dataclass(frozen=True, slots=True)
class Struck:
    """One kill.

    Attributes:
        sent: the rows that stood in the journal as sent when it died.
    """

    how: str
    sent: tuple[str, ...]


def strike(stage: Stage, people: People, dice: random.Random) -> Struck:
    """Kill the agent once and start it again."""
    choice = dice.random()
    if choice < 0.5:
        return _answer_held(stage, people, dice)
    if choice < 0.75:
        return _request_late(stage, people, dice)
    if choice < 0.9:
        return _anywhere(stage, people, dice)
    return _network_gone(stage, people, dice)


def _spot(dice: random.Random) -> Spot:
    return dice.choices(SPOTS, _OFTEN)[0]


def _answer_held(stage: Stage, people: People, dice: random.Random) -> Struck:
    """The server carries a write out, and the agent dies before it hears of it."""
    spot = _spot(dice)
    stage.taps[spot.tap].hold(method=spot.method, path=spot.path)
    done = _caused(stage, people, spot) + _meddled(people, dice)
    sent = _killed(stage)
    stage.heal()
    done += _meddled(people, dice)
    stage.agent.start()
    return Struck(f"answer held: {spot.name} ({done})", sent)


def _request_late(stage: Stage, people: People, dice: random.Random) -> Struck:
    """The agent dies with a write on its way, starts again, looks; and only then does the write arrive."""
    spot = _spot(dice)
    stage.taps[spot.tap].delay_one(method=spot.method, path=spot.path)
    done = _caused(stage, people, spot)
    sent = _killed(stage)
    for tap in stage.taps.values():
        tap.clear()
    stage.agent.start()
    done += _meddled(people, dice)
    pause(dice.uniform(0, 2))
    stage.heal()
    return Struck(f"request late: {spot.name} ({done})", sent)


def _anywhere(stage: Stage, people: People, dice: random.Random) -> Struck:
    """Several people edit, and it dies at any moment; now and then right after it was started."""
    done = [_something(people, dice) for _ in range(dice.randint(1, 3))]
    pause(dice.uniform(0, 1.5))
    sent = _killed(stage)
    stage.agent.start()
    return Struck(f"anywhere ({', '.join(filter(None, done))})", sent)


def _network_gone(stage: Stage, people: People, dice: random.Random) -> Struck:
    """The train enters a tunnel; people go on, and the battery dies before or after its end."""
    if dice.random() < 0.5:
        stage.taps["calendar"].fault(TapFault.DROP_RESPONSE, method="PUT")
    done = [_something(people, dice)]
    pause(dice.uniform(0, 0.8))
    stage.cut()
    done += [_something(people, dice) for _ in range(dice.randint(1, 2))]
    pause(dice.uniform(0, 1))
    if dice.random() < 0.5:
        stage.heal()
        pause(dice.uniform(0, 0.7))
    sent = _killed(stage)
    stage.agent.start()
    pause(dice.uniform(0, 0.5))
    stage.heal()
    return Struck(f"network gone ({', '.join(filter(None, done))})", sent)


def _meddled(people: People, dice: random.Random) -> str:
    """Now and then somebody edits the very session that is being written."""
    if dice.random() < 0.6 or people.diary.last is None:
        return ""
    done = people.edits(people.one_of("phone", "office"), session=people.diary.last)
    return f", then {done}" if done else ""


def _something(people: People, dice: random.Random) -> str:
    what = dice.random()
    if what < 0.85:
        return people.edits()
    return people.adds() if what < 0.95 else people.cancels()


def _caused(stage: Stage, people: People, spot: Spot) -> str:
    """Let somebody do what the agent then writes, and wait until the write is caught on the wire."""
    tap = stage.taps[spot.tap]
    done = spot.cause(people) or people.edits()
    try:
        tap.wait_held(within_s=_PATIENCE_S)
    except TimeoutError:
        return f"{done}, not caught"
    return done


def _killed(stage: Stage) -> tuple[str, ...]:
    stage.agent.kill()
    return tuple(stage.agent.sent())
