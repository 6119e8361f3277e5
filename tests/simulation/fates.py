"""What befalls a laptop in every eighth history: its clock is set, it sleeps for weeks, its store is put back, lost or
copied; and the tutor lets a calendar be for something else.

Drawn from a random of its own, so that the other histories, and all that else is drawn, stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

from sqlalchemy import text

from sync_agent.engine.sync.recover import RESTORED
from sync_agent.engine.values import CalendarRow, Role
from tests.simulation.device import Device, empty_database
from tests.simulation.losses import note_what_is_lost, remembered
from tests.simulation.stage import Stage
from tests.simulation.steps import Step

EVERY, TURN, FROM = 8, 4, 4
"""The histories to which it happens: 4, 12, 20 and so on."""


class Fate(StrEnum):
    """One thing that befalls a laptop."""

    CLOCK = "its clock is set"
    SLEEP = "it sleeps"
    BACKUP = "its store is copied aside"
    RESTORED = "its store is put back"
    LOST = "its store is lost"
    CLONED = "its profile is used elsewhere"
    ROLE = "a calendar is for something else"


_THEMES = {Fate.CLOCK: 2, Fate.SLEEP: 2, Fate.ROLE: 3, Fate.RESTORED: 4, Fate.LOST: 3, Fate.CLONED: 5}
"""What a history is about, by weight: what comes once in one of them comes to more of them."""
_AGAIN = {Fate.CLOCK: 3, Fate.SLEEP: 2, Fate.ROLE: 3, Fate.RESTORED: 2, Fate.LOST: 2, Fate.CLONED: 1}
"""How often it comes in one history, at most."""

WANTED = tuple(one for one in Fate if one is not Fate.BACKUP)

_SET = [timedelta(minutes=minutes) for minutes in (-10, -10, -3, 0, 3, 10, 10)]
_SLEPT = [
    timedelta(seconds=1), timedelta(minutes=5), timedelta(hours=10), timedelta(days=1), timedelta(days=4),
    timedelta(days=10), timedelta(days=35), timedelta(days=90),
]  # fmt: skip

_LET_GO = text(
    "SELECT link.session, calendar.remote_id FROM link JOIN calendar ON calendar.id = link.calendar "
    f"WHERE link.closed_why = '{RESTORED}'"
)


def fates_of(seed: int) -> tuple[Fate, ...]:
    """Draw what befalls the laptop of a history, in the order in which it does; nothing in most of them."""
    if seed % EVERY != TURN or seed < FROM:
        return ()
    random = Random(f"fates of {seed}")
    (theme,) = random.choices(list(_THEMES), list(_THEMES.values()))
    fates = [theme] * random.randint(1, _AGAIN[theme])
    if random.random() < 0.3:
        fates.append(random.choice([Fate.CLOCK, Fate.SLEEP]))
        random.shuffle(fates)
    return tuple(fates)


def with_fates(steps: Sequence[Step], seed: int) -> tuple[Step, ...]:
    """Let it happen between the steps of a history."""
    fates = fates_of(seed)
    if not fates:
        return tuple(steps)
    random = Random(f"when in {seed}")
    found = list(steps)
    places = sorted(random.choices(range(len(found) + 1), k=len(fates)), reverse=True)
    for place, fate in zip(places, reversed(fates), strict=True):
        found.insert(place, Step(fate.value, random.getrandbits(32)))
        if fate is Fate.RESTORED:
            found.insert(random.randint(0, place), Step(Fate.BACKUP.value, random.getrandbits(32)))
    return tuple(found)


@dataclass(slots=True)
class _Backup:
    database: bytes
    device: Device


class Fates:
    """Lets it happen."""

    def __init__(self, stage: Stage, restart: Callable[[], None]) -> None:
        """Prepare.

        Args:
            stage: where.
            restart: starts the process on the laptop again.
        """
        self._stage, self._restart = stage, restart
        self._backup: _Backup | None = None

    def befall(self, fate: Fate, random: Random) -> None:
        """Let one thing happen."""
        does: dict[Fate, Callable[[Random], str]] = {
            Fate.CLOCK: self._set_clock,
            Fate.SLEEP: self._sleep,
            Fate.BACKUP: self._back_up,
            Fate.RESTORED: self._put_back,
            Fate.LOST: self._lose,
            Fate.CLONED: self._clone,
            Fate.ROLE: self._change_role,
        }
        did = does[fate](random)
        self.note_left_alone()
        if did:
            self._stage.met.faults[f"{fate.value} · laptop"] += 1
            self._stage.say(f"  {fate.value}: {did}")

    def note_let_go(self) -> None:
        """Note which events an old store left to themselves, and which sessions nobody remembers any more."""
        stage = self._stage
        if not stage.ledger.was_replaced:
            return
        self.note_left_alone()
        # What was deleted before the new store had read of it comes from nowhere any more.
        stage.ledger.forgotten |= set(stage.ledger.sessions) - remembered(stage)

    def note_left_alone(self) -> None:
        """Note which events an old store left to themselves when it was opened, whatever comes of its passes."""
        for device in self._stage.devices:
            with device.store.read() as connection:
                let_go = {(session, place) for session, place in connection.execute(_LET_GO)}
                self._stage.ledger.loose |= let_go
                self._stage.ledger.let_go |= let_go

    def _set_clock(self, random: Random) -> str:
        """Somebody sets it, or it was wrong since the battery was empty. Mostly the agent notices."""
        device = self._stage.device
        before, device.clock.wrong_by = device.clock.wrong_by, random.choice(_SET)
        self._stage.ledger.doubt = 2 * max(_SET)
        if random.random() < 0.7:
            with device.store.write() as connection:
                device.store.accounts.shift_waits(connection, device.clock.wrong_by - before)
        return f"{before} to {device.clock.wrong_by}"

    def _sleep(self, random: Random) -> str:
        span = random.choice(_SLEPT)
        self._stage.clock.wait(span)
        self._stage.network.arrive()
        if random.random() < 0.7:
            self._stage.device.engine.woke()
        return str(span)

    def _change_role(self, random: Random) -> str:
        device = self._stage.device
        rows = [row for row in self._stage.calendars() if row.role is not Role.PLATFORM]
        row = random.choice(sorted(rows, key=lambda one: one.remote_id))
        if row.role is Role.SESSIONS:
            role = random.choice([Role.BUSY, Role.BUSY, Role.IGNORE, Role.BLOCK])
        else:
            role = random.choice([Role.SESSIONS, Role.SESSIONS, Role.BUSY, Role.IGNORE, Role.BLOCK])
        if role is row.role:
            return ""
        if row.role is Role.SESSIONS:
            self._note_unread_endings(row.remote_id)
            self._note_unread_edits(row)
            self._stage.ledger.left.add(row.remote_id)
        device.engine.accounts.set_role(row.id, role)
        self._stage.roles[row.remote_id] = role
        return f"{row.remote_id} {row.role.value} to {role.value}"

    def _note_unread_endings(self, place: str) -> None:
        """A deletion that nobody has read yet need end nothing: from now on, events may well go from there."""
        store, ledger = self._stage.device.store, self._stage.ledger
        with store.read() as connection:
            hubs = store.sessions.many(connection, ledger.sessions)
        for one in ledger.endings:
            if one.side == place and one.sure and one.session in hubs and hubs[one.session].is_live:
                one.sure = False
                self._stage.met.excused["a deletion was not read before its calendar was for something else"] += 1

    def _note_unread_edits(self, row: CalendarRow) -> None:
        """What nobody has read yet of an event of the past stays where it was typed, and so does that event.

        "A role change away from `sessions` removes our future events"; a past one is no session's any more at once.
        """
        store, ledger, now = self._stage.device.store, self._stage.ledger, self._stage.clock.at
        with store.read() as connection:
            hubs = store.sessions.many(connection, ledger.sessions)
        for one in ledger.edits:
            is_past = one.session in hubs and hubs[one.session].is_over(now)
            is_unread = row.read_at is None or one.at > row.read_at
            if one.side == row.remote_id and is_past and is_unread and not one.is_aside:
                one.is_aside = True
                self._stage.met.excused["an edit of the past was not read before its calendar was left"] += 1

    # The store -------------------------------------------------------------------------------------------------------

    def _back_up(self, random: Random) -> str:
        del random
        device = self._stage.device
        self._backup = _Backup(device.database(), device)
        self._restart()
        return f"{len(self._backup.database)} bytes"

    def _put_back(self, random: Random) -> str:
        device = self._stage.device
        if self._backup is None or self._backup.device is not device:
            return ""
        note_what_is_lost(self._stage, is_all=False)
        device.put_database(self._backup.database)
        if random.random() < 0.2:
            device.mark = None
        self._begin_again()
        self._read_roles()
        return "an old one"

    def _lose(self, random: Random) -> str:
        stage = self._stage
        note_what_is_lost(stage, is_all=True)
        stage.device.put_database(empty_database())
        if random.random() < 0.5:
            stage.device.mark = None
        self._begin_again()
        stage.connect(stage.device)
        return "all of it"

    def _clone(self, random: Random) -> str:
        """Take the profile to another laptop; with a platform that knows leases, mostly both go on."""
        stage, first = self._stage, self._stage.device
        if len(stage.devices) > 1:
            return ""
        content, stage.ledger.was_replaced = first.database(), True
        self._restart()
        other = stage.copied(first, content)
        both = stage.platform is not None and stage.platform.has_leases and random.random() < 0.7
        # "The device id appears twice: journal dropped, cursors dropped, full pass": the first begins afresh, too.
        stage.network.wires.forget(first.name)
        stage.devices = [first, other] if both else [other]
        stage.sit_down_at(other)
        return "both go on" if both else "this one is used no more"

    def _begin_again(self) -> None:
        self._stage.ledger.was_replaced = True
        self._stage.network.wires.forget(self._stage.device.name)
        self._restart()

    def _read_roles(self) -> None:
        self._stage.roles |= {row.remote_id: row.role for row in self._stage.calendars()}
