"""The run: kill after kill, at rest and compared now and then, and what became of it in a folder."""

from __future__ import annotations

import json
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from tests.chaos.compare import differences
from tests.chaos.people import People
from tests.chaos.stage import Refused, Stage, Unanswered, pause
from tests.chaos.strikes import strike

SESSIONS = 16
REST_EVERY = 20
_TRIES = 25
_FILE = "chaos.jsonl"


@dataclass(slots=True)
class Slice:
    """What one run brought: one world, from its start to its last comparison.

    Attributes:
        sent: kills that left a row in the journal that was sent and not settled.
        met: how often the agent died in which way, and what it had sent.
        problems: what was lost, doubled, too many or different; empty if nothing was.
        accuracy: what the auditor said at the end.
    """

    seed: int
    kills: int = 0
    sent: int = 0
    edits: int = 0
    seconds: float = 0
    met: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    accuracy: float | None = None
    stopped: bool = False


class Stopped(Exception):
    """Somebody pressed Ctrl+C."""


def run_slice(kills: int, seed: int, folder: Path, say: Callable[[str], None], *, until: float | None = None) -> Slice:
    """Build a world, kill the agent so often in it, and compare everything.

    Args:
        kills: how often at most.
        seed: of all choices; the moments themselves are the machine's.
        folder: for the world's files.
        say: called with one line a kill.
        until: on the monotonic clock; then no further kill is begun.
    """
    done, dice, met = Slice(seed), random.Random(seed), Counter[str]()
    began = time.monotonic()
    with Stage(folder) as stage, _interrupted() as is_stopped:
        people = People(stage, dice)
        try:
            people.begin(SESSIONS)
            done.problems += rest(stage, people)
            while not done.problems and done.kills < kills:
                if is_stopped() or (until is not None and time.monotonic() > until):
                    done.stopped = is_stopped()
                    break
                struck = strike(stage, people, dice)
                done.kills += 1
                done.sent += bool(struck.sent)
                met.update([struck.how.partition(" (")[0], *(f"sent: {row}" for row in set(struck.sent))])
                say(f"{done.kills}/{kills} ({done.sent} sent)  {struck.how}  {', '.join(struck.sent) or '-'}")
                if done.kills % REST_EVERY == 0:
                    done.problems += rest(stage, people)
                    say(f"at rest after {time.monotonic() - began:.0f} s: {_words(done.problems)}")
            if not done.problems:
                done.problems += rest(stage, people)
            done.accuracy, wrong = audited(stage)
            done.problems += wrong
            done.edits = len(people.diary.edits)
        finally:
            people.close()
    done.met, done.seconds = dict(met), round(time.monotonic() - began, 1)
    return done


def rest(stage: Stage, people: People) -> list[str]:
    """Let everything come to rest, and compare all sides from outside. Gives what is wrong."""
    stage.heal()
    stage.agent.stop()
    stage.agent.start()
    quiet, odd = 0, list[str]()
    for _ in range(_TRIES):
        try:
            done = stage.agent.ask("POST", "/v1/sync", {"wait": True})
            said, odd = people.answer()
        except (Refused, Unanswered) as cause:
            return [f"the agent does not answer: {cause}"]
        wrote = done["written"]["total"] + sum(done["meetings"].values())
        is_well = all(one["ok"] for one in done["accounts"]) and not stage.agent.unsettled()
        quiet = quiet + 1 if is_well and not wrote and not said else 0
        if quiet == 2:
            people.diary.busy.clear()
            return odd + differences(stage, people)
        pause(0.1)
    return [f"it does not come to rest: {done}", *odd]


def audited(stage: Stage) -> tuple[float | None, list[str]]:
    """Let the auditor look. Gives its figure and what it names."""
    try:
        told: dict[str, Any] = stage.agent.ask("POST", "/v1/audit")
    except (Refused, Unanswered) as cause:
        return None, [f"the auditor does not answer: {cause}"]
    wrong = [one["words"] for account in told["accounts"] for one in account["differences"]]
    wrong += [account["message"] for account in told["accounts"] if account["message"]]
    waiting = [one["words"] for account in told["accounts"] for one in account["known"]]
    return told["accuracy"], [f"audit: {words}" for words in wrong + waiting]


@contextmanager
def _interrupted() -> Iterator[Callable[[], bool]]:
    """Turn Ctrl+C into a wish that is heard between two kills."""
    heard: list[bool] = []
    before = signal.signal(signal.SIGINT, lambda *_: heard.append(True))
    try:
        yield lambda: bool(heard)
    finally:
        signal.signal(signal.SIGINT, before)


class Results:
    """What all slices brought, one line each, in a folder that outlives them."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        path = folder / _FILE
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.slices = [Slice(**json.loads(line)) for line in lines]

    def add(self, done: Slice) -> None:
        """Keep one more."""
        self.slices.append(done)
        with (self.folder / _FILE).open("a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(done)) + "\n")

    @property
    def kills(self) -> int:
        return sum(one.kills for one in self.slices)

    @property
    def problems(self) -> list[str]:
        return [f"seed {one.seed}: {problem}" for one in self.slices for problem in one.problems]

    def words(self) -> str:
        """Say how it stands, in a few lines."""
        met = Counter[str]()
        for one in self.slices:
            met.update(one.met)
        sent = sum(one.sent for one in self.slices)
        seconds, edits = sum(one.seconds for one in self.slices), sum(one.edits for one in self.slices)
        lines = [
            f"{self.kills} kills in {len(self.slices)} worlds, {seconds:.0f} s, {edits} edits",
            f"{sent} of them while a row was sent",
            *(f"  {count:4} {how}" for how, count in sorted(met.items())),
            f"  accuracy by the auditor: {', '.join(str(one.accuracy) for one in self.slices)}",
            "zero lost, zero doubled, zero meetings too many" if not self.problems else "",
            *self.problems,
        ]
        return "\n".join(filter(None, lines))


def world_folder(keep: Path, seed: int) -> Path:
    """Make a folder for one world; the socket's path must be short, so it is not below a deep one."""
    folder = Path(mkdtemp(prefix=f"chaos-{seed}-"))
    (keep / f"world-{seed}").unlink(missing_ok=True)
    return folder


def keep_world(folder: Path, keep: Path, seed: int) -> Path:
    """Keep what a world that went wrong left behind."""
    target = keep / f"world-{seed}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target, ignore=shutil.ignore_patterns("*.sock"))
    return target


def _words(problems: list[str]) -> str:
    return "all sides agree" if not problems else "; ".join(problems)
