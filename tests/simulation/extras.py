"""What every second history has besides, and some others: it makes likely what a pass seldom meets by itself.

Drawn from a random of its own, so that the other histories, and all that else is drawn, stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random

from tests.simulation.by_hand import ByHand
from tests.simulation.fates import Fate
from tests.simulation.habits import Habits
from tests.simulation.people import People
from tests.simulation.stage import Shape
from tests.simulation.steps import Step
from tests.simulation.world.calendar_server import Manners
from tests.simulation.world.faults import UNANSWERED, WRITING, Fault

EVERY = 2
TWO_LAPTOPS_EVERY = 16
ADOPTS_EVERY, ADOPTS_FROM = 16, 14
"""The histories in which the tutor types events by hand and lets them become sessions: 14, 30, 46 and so on."""
MAKE_BY_HAND, EVENTS_BY_HAND = "phone make by hand", 2
ASKS_EVERY, ASKS_AT = 16, (3, 11)
"""The histories in which much is asked before a write: 3, 11, 19 and so on."""
DEAD_TOKEN = "dead token"
"""A step: a token dies, of a calendar about which a guard asks if there is one."""

GUSTS: Mapping[str, float] = {
    "delete": 0.85, "meeting": 0.5, "update": 0.55, "put": 0.28, "settle": 0.3, "create": 0.18, "finish": 0.15,
    "page": 0.18, "feed": 0.1,
}  # fmt: skip
"""Steps that a pass seldom does, each with the share of its requests that meet a fault in gusty weather."""
ASKING: Mapping[str, float] = {"condition": 0.28, "lease": 0.09, "links": 0.2, "meeting look": 0.35}
"""Likewise: what comes before a write, where much is asked."""


@dataclass(frozen=True, slots=True)
class Extras:
    """What a history has besides.

    Attributes:
        eager: people touch what the engine wrote a moment ago, while its pass goes on.
        resizes: somebody moves only the start of a session, or only its end.
        clears: somebody removes one event after the other.
        ends: one session after the other is cancelled, and some of them are taken back.
        laptops: there are two laptops on one platform, and it is used now the one, now the other.
        tinkers: somebody plays with our link in an event of a session that ends elsewhere.
        insists: there are few sessions, whose titles are typed again and again, taken back, and typed after all.
        adopts: the tutor types events by hand where the sessions stand, and lets some of them become sessions.
        asks: before a write much is asked: for a lease, what stands there where no ETag tells, for a meeting; and more
            goes wrong with that.
        writing: what may go wrong with a write.
        writes: share of them with which it does, and after each act there is a pass; None: as ever.
        gusts: more goes wrong with what a pass seldom does.
    """

    eager: bool = False
    resizes: bool = False
    clears: bool = False
    ends: bool = False
    tinkers: bool = False
    laptops: bool = False
    insists: bool = False
    adopts: bool = False
    asks: bool = False
    writing: tuple[Fault, ...] = WRITING
    writes: float | None = None
    gusts: bool = False


NONE = Extras()


def extras_of(seed: int) -> Extras:
    """Draw what a history has besides; nothing for most of every other."""
    if seed % ADOPTS_EVERY == ADOPTS_FROM:
        return _adopting(Random(f"events by hand of {seed}"))
    if seed % EVERY != EVERY - 1:
        return NONE
    random = Random(f"extras of {seed}")
    if seed % TWO_LAPTOPS_EVERY == TWO_LAPTOPS_EVERY - 1:
        return Extras(laptops=True, eager=random.random() < 0.3)
    eager, resizes, clears = random.random() < 0.4, random.random() < 0.3, random.random() < 0.25
    gusts, tinkers = random.random() < 0.8, random.random() < 0.3
    insists, ends = random.random() < 0.3, random.random() < 0.75
    habits = Extras(
        eager=eager, resizes=resizes, clears=clears, ends=ends, tinkers=tinkers, insists=insists, gusts=gusts,
        asks=seed % ASKS_EVERY in ASKS_AT,
    )  # fmt: skip
    if clears or random.random() >= 0.4:
        return habits
    writing = UNANSWERED if random.random() < 0.4 else WRITING
    return replace(habits, writing=writing, writes=random.choice([0.2, 0.4]))


def _adopting(random: Random) -> Extras:
    laptops, eager = random.random() < 0.25, random.random() < 0.3
    gusts, ends = random.random() < 0.3, random.random() < 0.3
    return Extras(adopts=True, laptops=laptops, eager=eager, gusts=gusts, ends=ends)


def gusts_of(extras: Extras) -> Mapping[str, float]:
    """Give the steps with which more goes wrong, each with its share; none for most of every other history."""
    return {**(GUSTS if extras.gusts else {}), **(ASKING if extras.asks else {})}


def first_gust(seed: int) -> int:
    """Give with which fault gusts begin: with another one in each history, and with each as often."""
    return seed // EVERY + seed // TWO_LAPTOPS_EVERY


def fitting(shape: Shape, extras: Extras) -> Shape:
    """Give the world as the extras need it."""
    if extras.eager:
        shape = replace(shape, busy_people=max(shape.busy_people, 0.3))
    if extras.clears:
        shape = replace(shape, sessions=max(shape.sessions, 6))
    if extras.ends:
        shape = replace(shape, sessions=max(shape.sessions, 4))
    if extras.laptops:
        shape = replace(shape, has_platform=True, has_leases=True, has_meetings=False)
    if extras.insists and not (extras.clears or extras.ends):
        shape = replace(shape, sessions=min(shape.sessions, 2))
    if extras.writes is not None:
        shape = replace(shape, has_meetings=True)
    if extras.asks:
        accounts = tuple((_without_strong_etags(manners), roles) for manners, roles in shape.accounts)
        shape = replace(shape, accounts=accounts, has_platform=True, has_leases=True, has_meetings=True)
    return shape


def _without_strong_etags(manners: Manners) -> Manners:
    return manners if manners.etag == "none" else replace(manners, etag="weak")


def with_passes(steps: Sequence[Step], extras: Extras) -> tuple[Step, ...]:
    """Let a pass follow each act, where much is to go wrong with what it writes, or with what it asks before."""
    if extras.writes is None and not extras.asks:
        return tuple(steps)
    then = ((one, replace(one, kind="pass")) if one.kind == "act" else (one,) for one in steps)
    return tuple(step for both in then for step in both)


def with_dead_tokens(steps: Sequence[Step], extras: Extras, seed: int) -> tuple[Step, ...]:
    """Let tokens die where much is removed, one of them at the end: by then a guard asks about it, as often as not."""
    if not extras.clears:
        return tuple(steps)
    random = Random(f"tokens of {seed}")
    first, last = (Step(DEAD_TOKEN, random.getrandbits(32)) for _ in range(2))
    at = random.randint(len(steps) // 2, len(steps))
    return (*steps[:at], first, *steps[at:], last)


def with_roles(steps: Sequence[Step], extras: Extras, seed: int) -> tuple[Step, ...]:
    """Let a calendar be for something else now and then where events are adopted: those are given up, not removed."""
    if not extras.adopts or extras.laptops:
        return tuple(steps)
    random = Random(f"roles of {seed}")
    found = list(steps)
    for _ in range(random.choice([0, 0, 1, 2])):
        found.insert(random.randint(len(found) // 3, len(found)), Step(Fate.ROLE.value, random.getrandbits(32)))
    return tuple(found)


def habits_of(people: Habits, extras: Extras) -> dict[str, tuple[int, Callable[[Random], str]]]:
    """Give what people do besides, each with its weight; it changes nothing where it has none."""
    return {
        "phone resize": (6 if extras.resizes else 0, people.resize_on_phone),
        "app resize": (6 if extras.resizes else 0, people.resize_in_app),
        "phone clear": (12 if extras.clears else 0, people.delete_on_phone),
        "phone link and end": (8 if extras.tinkers else 0, people.play_with_link_and_end),
        "app retype": (20 if extras.insists else 0, people.retype_in_app),
    }


def adopting(phone: ByHand, people: People, extras: Extras) -> dict[str, tuple[int, Callable[[Random], str]]]:
    """Give what people do with events that they made by hand, each with its weight."""
    if not extras.adopts:
        return {}
    return {
        MAKE_BY_HAND: (6, phone.make_by_hand),
        "phone change by hand": (4, phone.change_by_hand),
        "app adopt": (20, phone.adopt_in_app),
        "app give up": (16, people.give_up_in_app),
    }
