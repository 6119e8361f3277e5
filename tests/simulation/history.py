"""One history: a world, steps drawn from a seed, then rest; at the end the invariants.

Every step has a seed of its own, so a history from which steps were taken away plays the others as before: that is how
a shorter failing one is found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from sync_agent.engine.errors import StoreFull
from sync_agent.engine.store.questions import Question
from sync_agent.engine.values import GUARD_KINDS, QuestionKind, Role, Verb
from tests.simulation import order
from tests.simulation.adopted import adoptions_wait, note_adopted, note_left, series_are_ended
from tests.simulation.by_hand import ByHand
from tests.simulation.device import Device, seeded_ids
from tests.simulation.extras import (
    DEAD_TOKEN,
    EVENTS_BY_HAND,
    MAKE_BY_HAND,
    NONE,
    Extras,
    adopting,
    extras_of,
    first_gust,
    fitting,
    gusts_of,
    habits_of,
    with_dead_tokens,
    with_passes,
    with_roles,
)
from tests.simulation.false_losses import nothing_is_called_lost_in_vain
from tests.simulation.fates import Fate, Fates, with_fates
from tests.simulation.habits import Habits
from tests.simulation.invariants import Rest, at_rest, cursors_cover, settled
from tests.simulation.leaks import listened, nothing_leaks
from tests.simulation.limits import held_are_untouched, held_places, no_mass_without_a_yes, others_are_at_rest
from tests.simulation.pairs import asked_about, met_by_crash, met_by_dead_token, met_by_pass
from tests.simulation.people import REFUSED, People
from tests.simulation.seals import seals_are_true
from tests.simulation.stage import Shape, Stage, shape_of_world
from tests.simulation.steps import Step
from tests.simulation.world.calendar_server import Collection
from tests.simulation.world.faults import CALM, Gusts, Met, Weather
from tests.simulation.world.network import ProcessDied

PASSES_TO_REST = 3
IDLE = 1
IDLE_LONG = 10
_MOST_ROUNDS = 12
_ABOUT_ONE_EVENT = frozenset({QuestionKind.SHAPE.value, QuestionKind.MOVED_AWAY.value})


@dataclass(frozen=True, slots=True)
class Script:
    """A history before it is played."""

    seed: int
    shape: Shape
    steps: tuple[Step, ...]
    extras: Extras = NONE


@dataclass(slots=True)
class Told:
    """What became of one history.

    Attributes:
        broken: each broken invariant in a sentence; empty if all hold.
        steps: so many were played.
    """

    seed: int
    broken: list[str] = field(default_factory=list)
    steps: int = 0


_KINDS = {"act": 48, "pass": 28, "time": 10, "restart": 3, "server": 7, "answer": 4}


def script_of(seed: int) -> Script:
    """Draw a history."""
    random = Random(seed)
    shape = shape_of_world(random)
    kinds = random.choices(list(_KINDS), list(_KINDS.values()), k=random.randint(8, 26))
    extras = extras_of(seed)
    steps = tuple(Step(kind, random.getrandbits(32)) for kind in kinds)
    steps = with_dead_tokens(with_passes(steps, extras), extras, seed)
    return Script(seed, fitting(shape, extras), with_roles(with_fates(steps, seed), extras, seed), extras)


def play(script: Script, met: Met, *, trace: Callable[[str], None] | None = None) -> Told:
    """Play a history to its end."""
    with seeded_ids(Random(script.seed)), order.watched(script.seed) as out_of_order, listened(script.seed) as said:
        told = _Play(script, met, trace, said).run()
        told.broken += out_of_order
    return told


class _Play:
    def __init__(self, script: Script, met: Met, trace: Callable[[str], None] | None, said: Sequence[str]) -> None:
        self._script, self._met, self._said = script, met, said
        self._stage = Stage(script.shape, met, is_eager=script.extras.eager, has_two_laptops=script.extras.laptops)
        self._stage.network.trace = trace
        self._people = People(self._stage)
        self._fates = Fates(self._stage, self._restart)
        shares = gusts_of(script.extras)
        self._gusts = Gusts(shares, first_gust(script.seed)) if shares else None
        self._people.acts |= habits_of(Habits(self._stage), script.extras)
        self._people.acts |= adopting(ByHand(self._stage), self._people, script.extras)
        if script.extras.insists:
            self._people.acts["app take back"] = (12, self._people.undo_last_in_app)
        if script.extras.ends:
            self._people.acts["app cancel"] = (14, self._people.cancel_in_app)
            self._people.acts["app add"] = (5, self._people.add_in_app)

    def run(self) -> Told:
        told = Told(self._script.seed)
        try:
            self._begin(Random(self._script.seed + 1))
            for step in self._script.steps:
                self._stage.say(f"{step.kind} · {step.seed}")
                self._choose_laptop(step)
                self._step(step.kind, Random(step.seed))
                told.steps += 1
            told.broken += self._rest(Random(self._script.seed + 2))
        except _Broken as broken:
            told.broken.append(str(broken))
        except Exception as error:
            told.broken.append(f"crashed: {type(error).__name__}: {error}"[:600])
            if self._stage.network.trace is not None:
                raise
        told.broken += self._stage.broken
        return told

    def _begin(self, random: Random) -> None:
        for _ in range(self._script.shape.sessions):
            self._people.act("office add" if self._stage.platform and random.random() < 0.4 else "app add", random)
        for _ in range(EVENTS_BY_HAND if self._script.extras.adopts else 0):
            self._people.act(MAKE_BY_HAND, random)
        if random.random() < 0.6:
            is_calm = self._script.extras.writes is None
            self._pass(CALM if is_calm else self._weather(random), random)

    def _choose_laptop(self, step: Step) -> None:
        """Let the tutor sit down at one of the laptops."""
        devices = self._stage.devices
        if len(devices) > 1:
            self._stage.sit_down_at(devices[step.seed % 5 % 2])
            self._stage.say(f"  at {self._stage.device.name}")

    def _step(self, kind: str, random: Random) -> None:
        shape = self._script.shape
        match kind:
            case "act":
                self._act(random)
            case "pass":
                self._wake(random)
                self._pass(self._weather(random), random, busy=shape.busy_people)
            case "time":
                spans = [timedelta(seconds=5), timedelta(minutes=7), timedelta(hours=1), timedelta(hours=8)]
                self._stage.clock.wait(random.choice(spans))
                self._stage.network.arrive()
            case "restart":
                self._restart()
            case "answer":
                self._stage.pair_again(self._stage.device)
                self._answer(random)
            case "server":
                self._server(random)
            case kind if kind == DEAD_TOKEN:
                places = [place for _, place in self._stage.collections()]
                asked = asked_about(self._stage)
                self._let_token_die(random.choice([one for one in places if one.remote_id in asked] or places))
            case _:
                self._befall(Fate(kind), random)

    def _weather(self, random: Random) -> Weather:
        shape, extras = self._script.shape, self._script.extras
        return Weather(
            random,
            share=shape.share,
            commits=shape.commits,
            writing=extras.writing,
            writes=extras.writes,
            gusts=self._gusts,
        )

    def _act(self, random: Random) -> None:
        self._note_questions()  # whoever does something now has them before their eyes, whatever becomes of the pass
        try:
            self._people.act(self._people.draw(random), random)
        except REFUSED as error:
            self._stage.say(f"  refused: {type(error).__name__}")

    def _befall(self, fate: Fate, random: Random) -> None:
        try:
            self._fates.befall(fate, random)
        except REFUSED as error:
            self._stage.say(f"  refused: {type(error).__name__}")

    def _pass(self, weather: Weather, random: Random, *, busy: float = 0) -> None:
        """Let the device do a pass, in that weather; a process that dies is started again."""
        stage = self._stage
        network, device = stage.network, stage.device
        network.weather, device.commits.weather = weather, weather
        network.wrote = False
        network.between = (lambda: self._between(random, busy)) if busy else None
        stage.read_until.clear()
        stage.written_in_pass.clear()
        met_by_pass(stage)
        held = held_places(stage)
        try:
            device.engine.run_pass()
            stage.broken += [*cursors_cover(stage), *held_are_untouched(stage, held)]
            self._note_questions()
            self._fates.note_let_go()
        except ProcessDied:
            met_by_crash(stage)
            self._restart()
            self._fates.note_left_alone()
        except StoreFull:
            stage.say("  the disk is full")
            # It may have heard answers that it could not note.
            network.wires.died(device.name)
        finally:
            network.weather, device.commits.weather, network.between = CALM, CALM, None
            note_adopted(stage)

    def _between(self, random: Random, busy: float) -> None:
        """Let somebody do something while a pass is under way. Their own disk and network are no part of it."""
        if random.random() >= busy:
            return
        commits, between = self._stage.device.commits, self._stage.network.between
        weather, commits.weather, self._stage.network.between = commits.weather, CALM, None
        try:
            self._act(random)
        finally:
            commits.weather, self._stage.network.between = weather, between

    def _restart(self) -> None:
        stage = self._stage
        stage.say("  the process starts again")
        stage.device.commits.weather = CALM
        stage.network.wires.died(stage.device.name)
        stage.device.restart()
        wrong = stage.device.faults_in_store()
        if wrong:
            raise _Broken(f"I10: after a crash the store is broken: {wrong}")

    def _server(self, random: Random) -> None:
        """Let a server have one of its days."""
        _, place = random.choice(self._stage.collections())
        match random.choice(["dead token", "dead token", "empty", "gone", "readonly", "heal", "feed epoch"]):
            case "dead token":
                self._let_token_die(place)
            case "empty":
                place.generation += 1
                met_by_dead_token(self._stage, place)
                place.empty_once = True
                self._met.faults["dead token, empty list · pull"] += 1
            case "gone":
                place.state = "gone"
                self._met.faults["calendar gone · pull"] += 1
            case "readonly":
                place.state = "readonly"
            case "feed epoch" if self._stage.platform is not None:
                self._stage.platform.epoch += 1
                self._met.faults["feed of another epoch · feed"] += 1
            case _:
                place.state = "ok"
        self._stage.say(f"  {place.remote_id} is {place.state}, generation {place.generation}")

    def _let_token_die(self, place: Collection) -> None:
        place.generation += 1
        met_by_dead_token(self._stage, place)
        self._met.faults["dead token · pull"] += 1

    def _wake(self, random: Random) -> None:
        """Mostly somebody presses the key that tries again at once."""
        self._stage.clock.wait(timedelta(seconds=random.randint(1, 900)))
        if random.random() < 0.7:
            self._try_all_again()

    def _try_all_again(self) -> None:
        device = self._stage.device
        with device.store.write() as connection:
            device.store.accounts.wake(connection)

    # Questions -------------------------------------------------------------------------------------------------------

    def _open_questions(self) -> list[Question]:
        device = self._stage.device
        with device.store.read() as connection:
            return device.store.questions.open(connection)

    def _answer(self, random: Random) -> bool:
        """Answer what is asked. Gives whether there was something."""
        questions = self._open_questions()
        for question in questions:
            if question.id not in {one.id for one in self._open_questions()}:
                continue  # the answer before it closed it, too
            answer = random.choice(question.answers)
            self._note_answer(question, answer)
            self._stage.say(f"  {question.kind} {question.targets}: {answer}")
            self._stage.device.engine.questions.answer(question.id, answer)
            if question.kind == QuestionKind.LATE_EDITS.value and answer == "no":
                self._put_back(question)
        return bool(questions)

    def _note_questions(self) -> None:
        """Note of which sessions it was told that their event is no longer one."""
        device, ledger = self._stage.device, self._stage.ledger
        with device.store.read() as connection:
            found = [one for one in device.store.questions.open(connection) if one.kind in _ABOUT_ONE_EVENT]
            new = [one for one in found if one.id not in ledger.asked]
            ledger.asked |= {one.id for one in new}
            if new:
                targets = [link for one in new for link in one.targets]
                for session in device.store.links.sessions_of(connection, targets):
                    ledger.asked_of.setdefault(session, []).append(ledger.next())

    def _note_answer(self, question: Question, answer: str) -> None:
        device = self._stage.device
        with device.store.read() as connection:
            sessions = device.store.links.sessions_of(connection, question.targets)
            links = device.store.links.by_ids(connection, question.targets)
            remote = {row.id: row.remote_id for row in device.store.accounts.calendars(connection)}
        ledger = self._stage.ledger
        here = {(row.link.session, remote[row.link.calendar]) for row in links.values()}
        match QuestionKind(question.kind), answer:
            case ((QuestionKind.MASS_SHIFT | QuestionKind.SHIFTS_TO_WRITE), "no"):
                ledger.refused |= dict.fromkeys(sessions, ledger.number)
            case QuestionKind.DELETIONS_TO_WRITE, "no":
                self._void(sessions, "answered no")
            case QuestionKind.MASS_DELETION, "no":
                # "It holds those links, never the rest": what the tutor cancelled in the app nobody asked about.
                self._void(sessions, "answered no", beside="app")
            case QuestionKind.RESTORED, "yes":
                self._void(sessions, "given back")
                ledger.loose -= here
            case QuestionKind.MOVED_AWAY, "yes":
                ledger.followed |= {(session, remote[question.facts["to_calendar"]]) for session in sessions}
                ledger.loose |= here
            case (QuestionKind.RESTORED, "no") | (QuestionKind.SHAPE, "no"):
                # From here on the event is a person's own affair.
                ledger.loose |= here
            case _:
                pass

    def _put_back(self, question: Question) -> None:
        """Note what the tutor took back because it came late: an edit like any other."""
        device, ledger = self._stage.device, self._stage.ledger
        with device.store.read() as connection:
            links = device.store.links.by_ids(connection, question.targets)
            newest = device.store.activity.newest(connection, limit=200)
        calendars = {row.id: row for row in self._stage.calendars()}
        for link, edit in question.facts["edits"].items():
            if link in links and edit["verb"] == Verb.CREATE.value:
                calendar = calendars[links[link].link.calendar]
                place = "platform" if calendar.role is Role.PLATFORM else calendar.remote_id
                ledger.loose.add((edit["session"], place))
        for made in reversed(newest):
            if made.cause == f"answer:{question.id}":
                self._people.note_undone(made)

    def _void(self, sessions: Iterable[str], why: str, *, beside: str = "") -> None:
        for session in sessions:
            for ending in self._stage.ledger.endings_of(session):
                if ending.side != beside:
                    ending.void = ending.void or why

    # At the end ------------------------------------------------------------------------------------------------------

    def _rest(self, random: Random) -> Sequence[str]:
        """Faults and edits stop, questions are answered: at rest within three passes."""
        stage = self._stage
        stage.say("everything stops")
        for _, place in stage.collections():
            place.state, place.empty_once = "ok", False
        stage.network.arrive(everything=True)
        for device in stage.devices:
            device.clock.wrong_by = timedelta(0)
        stage.clock.wait(timedelta(minutes=10))
        if waiting := self._rest_beside_questions():
            return waiting
        passes = 0
        for _ in range(_MOST_ROUNDS):
            asked = [self._answer_at(device, random) for device in stage.devices]
            if any(asked):
                passes = 0
            elif passes and self._all_settled():
                break
            elif passes >= PASSES_TO_REST + 2 * (len(stage.devices) - 1):
                return [
                    *at_rest(stage),
                    *(f"liveness: not at rest after {passes} passes: {why}" for why in _why(stage)),
                ]
            self._quiet_pass(random)
            passes += 1
        broken: list[str] = []
        for device in stage.devices:
            stage.sit_down_at(device)
            rest = Rest.of(stage)
            broken += [
                *at_rest(stage),
                *nothing_is_called_lost_in_vain(rest),
                *no_mass_without_a_yes(rest),
                *series_are_ended(stage),
                *seals_are_true(stage),
            ]
        broken += nothing_leaks(stage, self._said)
        return broken or self._idle(random)

    def _rest_beside_questions(self) -> list[str]:
        """While a guard asks about some sessions, all others come to rest."""
        if len(self._stage.devices) > 1 or not any(one.kind in GUARD_KINDS for one in self._open_questions()):
            return []
        random = Random(self._script.seed + 3)
        for _ in range(PASSES_TO_REST):
            self._quiet_pass(random)
        self._met.pairs["guard × others at rest"] += 1
        return list(others_are_at_rest(self._stage))

    def _answer_at(self, device: Device, random: Random) -> bool:
        self._stage.sit_down_at(device)
        return self._stage.pair_again(device) or self._answer(random)

    def _all_settled(self) -> bool:
        """Whether every laptop has nothing left to do."""
        found = True
        note_left(self._stage)
        for device in self._stage.devices:
            self._stage.sit_down_at(device)
            found = found and settled(self._stage) and not adoptions_wait(self._stage)
        return found

    def _quiet_pass(self, random: Random) -> None:
        # Longer than any server takes to show what it was given.
        self._stage.clock.wait(timedelta(minutes=random.randint(16, 25)))
        for device in self._stage.devices:
            self._stage.sit_down_at(device)
            self._try_all_again()
            self._pass(CALM, random)

    def _idle(self, random: Random) -> list[str]:
        """Count what is written while nobody does anything."""
        before = self._stage.engine_writes.total()
        passes = IDLE_LONG if random.random() < 0.05 else IDLE
        for _ in range(passes):
            self._quiet_pass(random)
        written = self._stage.engine_writes.total() - before
        return [f"I6: {written} writes in {passes} idle passes"] if written else []


class _Broken(Exception):
    """A history need not go on: something is broken that makes everything else meaningless."""


def _why(stage: Stage) -> list[str]:
    store = stage.device.store
    with store.read() as connection:
        rows = [f"{row.verb.value} {row.href} is {row.state}" for row in store.journal.unsettled(connection)]
        sessions = [f"session {one[-4:]} is unsettled" for one in store.sessions.unsettled(connection)]
    return [", ".join([*rows, *sessions]) or "sides differ"]
