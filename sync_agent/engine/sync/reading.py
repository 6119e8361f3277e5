"""Reading one account whole: what was begun there is finished first, then each calendar is pulled and looked at.

Runs in the account's lane, beside others. What it reads goes into the mirror at once; what it means for the pass (who
answered, of whom absence may be believed) is handed back as a value and taken in by the pass.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import CalendarGone, ConnectorError, SignInRefused
from sync_agent.engine.sync.book import PLATFORM
from sync_agent.engine.sync.conditions import careful
from sync_agent.engine.sync.pull import Pulled
from sync_agent.engine.values import Account, CalendarRow, Role

if TYPE_CHECKING:
    from connectors.vocabulary.changes import Cursor
    from connectors.vocabulary.protocols import CalendarAccount, Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.journal import Intent
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.book import AccountBook
    from sync_agent.engine.sync.finish import Finisher
    from sync_agent.engine.sync.lanes import Halt
    from sync_agent.engine.sync.pull import Puller
    from sync_agent.engine.sync.pull_platform import PlatformPuller

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Known:
    """What the store said of an account before it is read. Only its own lane changes it until then.

    Attributes:
        calendars: of this account.
        unfinished: rows of this account whose outcome nobody knows.
        to_look: calendars with objects that must be looked at.
        to_compare: calendars to be listed in full, whatever their servers say has changed.
        is_mine: whether a calendar is this device's to write, so that its rows are its to finish.
        require: called before a write to a calendar leaves; raises `LeaseLost` where it may not any more.
        ask_leases: asks the platform which calendars this device may write, and gives the later start that it saw of an
            old store; None in a dry run.
        locked_out: to be told that the platform lets this device in no more.
    """

    calendars: Sequence[CalendarRow]
    cursors: Mapping[str, Cursor]
    unfinished: Sequence[Intent]
    to_look: Iterable[str]
    to_compare: Container[str]
    is_mine: Callable[[CalendarRow], bool]
    require: Callable[[CalendarRow], None]
    ask_leases: Callable[[Platform], int | None] | None
    locked_out: Callable[[], None]


@dataclass(slots=True)
class Reading:
    """What reading an account came to.

    Attributes:
        read: calendars that were read, as of when: the beginning, because an edit made while a listing was under way
            came after what it shows.
        compared: those of them that were listed in full, likewise.
        broken: (calendar's name, sentence) of objects that could not be read.
        took: how long it took; None if it did not answer.
        is_complete: all its calendars were read, so that absence says something.
        gone: a calendar that is no longer there, while the account answers.
        failed: why the account was left alone.
        requests: how many it took.
        later_start: the platform saw this later start of this device, so this store is old.
    """

    read: dict[str, datetime] = field(default_factory=dict)
    compared: dict[str, datetime] = field(default_factory=dict)
    pulled: Pulled = field(default_factory=Pulled)
    broken: list[tuple[str, str]] = field(default_factory=list)
    took: timedelta | None = None
    is_complete: bool = False
    gone: CalendarGone | None = None
    failed: ConnectorError | None = None
    requests: int = 0
    later_start: int | None = None


class AccountReader:
    """Reads accounts."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        book: AccountBook,
        *,
        puller: Puller,
        platform_puller: PlatformPuller,
        finisher: Finisher,
    ) -> None:
        self._store, self._clock, self._book = store, clock, book
        self._puller, self._platform_puller, self._finisher = puller, platform_puller, finisher

    def read(self, account: Account, known: Known, halt: Halt) -> Reading:
        """Read an account.

        Raises:
            Halted: what was read so far is kept, and the next reading goes on from there.
        """
        reading = Reading()
        asked_before, started = self._book.requests(account.id), self._clock.now()
        try:
            if account.provider == PLATFORM:
                self._read_platform(account, known, reading, halt)
            else:
                self._read_calendars(account, known, reading, halt)
        except ConnectorError as error:
            reading.failed, reading.is_complete = error, False
            if account.provider == PLATFORM and isinstance(error, SignInRefused):
                known.locked_out()
        else:
            reading.took = self._clock.now() - started if reading.gone is None else None
        reading.requests = self._book.requests(account.id) - asked_before
        return reading

    def _read_platform(self, account: Account, known: Known, reading: Reading, halt: Halt) -> None:
        platform = self._book.platform(account)
        for calendar in known.calendars:
            halt.check()
            if known.unfinished:
                self._finisher.look_up_platform(calendar, platform, self._platform_puller, known.unfinished)
            started = self._clock.now()
            pulled = self._platform_puller.pull(calendar, platform, known.cursors.get(calendar.id), halt)
            if pulled.hints or calendar.id in known.to_look:
                pulled.add(self._platform_puller.look(calendar, platform))
            _note(reading, calendar, pulled, started)
        reading.is_complete = True
        if known.ask_leases is not None:
            reading.later_start = known.ask_leases(platform)

    def _read_calendars(self, account: Account, known: Known, reading: Reading, halt: Halt) -> None:
        remote = self._book.calendars(account)
        is_complete = True
        lacking: CalendarRow | None = None
        vanished: list[CalendarRow] = []
        for calendar in known.calendars:
            if calendar.role is Role.IGNORE:
                self._finish(calendar, remote, known, reading, halt)
                continue
            halt.check()
            removed = reading.pulled.removed
            try:
                self._read_calendar(account, calendar, remote, known, reading, halt)
                lacking = calendar if reading.pulled.removed > removed else lacking
            except CalendarGone as error:
                # The collection vanished: nothing is deleted because of it, and the account's others go on.
                reading.gone = CalendarGone(calendar.name)
                # The pass that loses it believes no absence; later ones know what cannot have been moved there before.
                is_complete = is_complete and calendar.state == "gone" and calendar.gone_since is not None
                vanished += [calendar] if calendar.gone_since is None else []
                self._set_state(calendar, "gone")
                log.warning("calendar.gone", code=error.code, calendar=calendar.id)
        reading.is_complete = is_complete
        if vanished:
            self._read_again(account, vanished[-1], remote, known, reading, halt)
            self._note_gone(vanished)
        elif lacking is not None and is_complete:
            self._read_again(account, lacking, remote, known, reading, halt)

    def _finish(
        self, calendar: CalendarRow, remote: CalendarAccount, known: Known, reading: Reading, halt: Halt
    ) -> None:
        """Bring to its end what was begun in a calendar that is not read any more: our events there are to go."""
        rows = [row for row in known.unfinished if row.calendar == calendar.id and known.is_mine(calendar)]
        if not rows and calendar.id not in known.to_look:
            return
        halt.check()
        try:
            writable = remote.calendar(calendar.remote_id)
            self._finisher.read_back(calendar, writable, rows, is_planned=False)
            reading.pulled.add(self._puller.look(calendar, writable))
            if calendar.state == "gone":
                self._set_state(calendar, "ok")
        except CalendarGone:
            log.info("calendar.gone", calendar=calendar.id)

    def _read_again(
        self,
        account: Account,
        lacking: CalendarRow,
        remote: CalendarAccount,
        known: Known,
        reading: Reading,
        halt: Halt,
    ) -> None:
        """Read the calendars once more that were read before one was found to lack something.

        It may have been moved there between the two readings, and would be taken for deleted. Likewise where one
        vanished: what is still elsewhere then is not in it. A list of everything that had just been made is made again,
        wherever its calendar stands: what it wrongly left out, no later token brings.
        """
        with self._store.read() as connection:
            cursors = self._store.accounts.cursors(connection)
        listed = frozenset(reading.compared)
        since = replace(known, cursors=cursors, unfinished=(), to_look=(), to_compare=listed)
        is_earlier = True
        for calendar in known.calendars:
            is_earlier = is_earlier and calendar.id != lacking.id
            is_due = is_earlier or calendar.id in listed
            if is_due and calendar.id in reading.read and calendar.id != lacking.id:
                self._read_calendar(account, calendar, remote, since, reading, halt)

    def _read_calendar(
        self,
        account: Account,
        calendar: CalendarRow,
        remote: CalendarAccount,
        known: Known,
        reading: Reading,
        halt: Halt,
    ) -> None:
        started = self._clock.now()
        cursor = None if calendar.id in known.to_compare else known.cursors.get(calendar.id)
        if calendar.access != "write":
            pulled = self._puller.pull(calendar, remote.reader(calendar.remote_id), cursor, halt)
            if pulled.hints or calendar.id in known.to_look:
                self._puller.believe_hints(calendar)
        else:
            before_write = partial(known.require, calendar)
            writable = careful(remote.calendar(calendar.remote_id, before_write=before_write), account)
            rows = [row for row in known.unfinished if row.calendar == calendar.id and known.is_mine(calendar)]
            self._finisher.read_back(calendar, writable, rows, is_planned=False)
            halt.check()
            pulled = self._puller.pull(calendar, writable, cursor, halt)
            if pulled.hints or rows or calendar.id in known.to_look:
                pulled.add(self._puller.look(calendar, writable))
        _note(reading, calendar, pulled, started)
        if calendar.state == "gone" or calendar.gone_since is not None:
            self._set_state(calendar, "ok")
        log.debug("calendar.read", calendar=calendar.id, since=started)

    def _set_state(self, calendar: CalendarRow, value: str) -> None:
        with self._store.write() as connection:
            self._store.accounts.move_state(connection, calendar.id, value)
            if value == "ok":
                self._store.accounts.update_calendar(connection, calendar.id, gone_since=None)

    def _note_gone(self, vanished: Sequence[CalendarRow]) -> None:
        with self._store.write() as connection:
            for calendar in vanished:
                self._store.accounts.update_calendar(connection, calendar.id, gone_since=self._clock.now())


def _note(reading: Reading, calendar: CalendarRow, pulled: Pulled, started: datetime) -> None:
    reading.read[calendar.id] = started
    if pulled.is_whole:
        reading.compared[calendar.id] = started
    reading.broken += [(calendar.name, broken.reason) for broken in pulled.broken]
    reading.pulled.add(pulled)
