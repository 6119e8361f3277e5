"""One pass over everything: finish, pull, plan, intend, apply, settle (ARCHITECTURE.md, "One session").

Accounts are read and written side by side, each in its lane. One that does not answer soon is left behind: the rest is
planned and written without it, and what it brings is taken in by a later pass. Nothing is written to an account, and no
absence in it is believed, but after a reading that this pass took in. The platform is read and written first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from sync_agent.engine.conflicts.watch import Watch
from sync_agent.engine.ids import uuid7
from sync_agent.engine.meetings.ensure import Meetings
from sync_agent.engine.naming import Naming, host_key
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.sync.apply import Applier
from sync_agent.engine.sync.book import CALENDAR_PROVIDERS, MEETING_PROVIDERS, PLATFORM
from sync_agent.engine.sync.comparing import is_calm, next_to_compare
from sync_agent.engine.sync.conditions import Examiner
from sync_agent.engine.sync.finish import Finisher
from sync_agent.engine.sync.first_writes import ask_first_writes
from sync_agent.engine.sync.hosting import Hosting
from sync_agent.engine.sync.intake import Intake, count_in
from sync_agent.engine.sync.lanes import Halted
from sync_agent.engine.sync.pace import written_for
from sync_agent.engine.sync.pass_state import Delivery, Reported, Seen, State
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.sync.planning import Outcome, Planner
from sync_agent.engine.sync.pull import Puller
from sync_agent.engine.sync.pull_platform import PlatformPuller
from sync_agent.engine.sync.reach import Reach
from sync_agent.engine.sync.reading import AccountReader, Known
from sync_agent.engine.sync.report import PassReport
from sync_agent.engine.sync.sharing import Sharing
from sync_agent.engine.sync.sweeps import SESSIONS
from sync_agent.engine.sync.tally import Tally
from sync_agent.engine.sync.waiting import is_due
from sync_agent.engine.sync.writing import AccountWriter, Writes
from sync_agent.engine.values import Account, CalendarRow

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.leases import Start
    from connectors.vocabulary.protocols import Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.book import AccountBook, EngineSettings
    from sync_agent.engine.sync.lanes import Halt, Lanes
    from sync_agent.engine.sync.plan import PlannedWrite
    from sync_agent.engine.sync.progress import Progress
    from sync_agent.engine.sync.rights import Rights
    from sync_agent.engine.sync.sweeps import Sweeps

log = structlog.get_logger()

ROUNDS = 3
"""How often one pass plans: again after a 412, so that every write is settled after one pass."""

PATIENCE = timedelta(seconds=5)
"""How long a pass waits for the slowest account before the others go on without it."""

Notify = Callable[[str, Sequence[str]], None]


class Pass:
    """Runs passes; holds nothing between them but what is under way in the lanes."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        book: AccountBook,
        settings: EngineSettings,
        *,
        installation: str,
        notify: Notify,
        rights: Rights,
        start: Start,
        sweeps: Sweeps,
        lanes: Lanes[Delivery],
        progress: Progress,
        halt: Halt,
        patience: timedelta = PATIENCE,
        writing_patience: timedelta | None = PATIENCE,
        writes_at_once: int = 1,
        waking_until: timedelta = timedelta(0),
    ) -> None:
        """Prepare.

        Args:
            store: everything that is kept.
            clock: says what time it is.
            book: opens connections.
            settings: in force for this pass.
            installation: names this profile in UIDs and markers.
            notify: called after what it tells was committed.
            rights: which calendars this device may write; lives as long as the process.
            start: of this device, as the platform is told.
            sweeps: when everything was last looked at; lives as long as the process.
            lanes: of all passes.
            progress: counts how far this pass is.
            halt: ends this pass at its next safe point.
            patience: how long an account may take to be read before the others go on without it.
            writing_patience: after this (`pace.written_for`), who still writes is asked to stop, and what is left is
                planned again by a later pass; None: all is waited for.
            writes_at_once: how many may be on the way to one calendar, where its server bears it (`pace`).
            waking_until: on the clock of elapsed time: until then an unreachable account is no news.
        """
        self._store, self._clock, self._book, self._settings = store, clock, book, settings
        self._installation, self._notify, self._lanes, self._halt = installation, notify, lanes, halt
        self._rights, self._start, self._sweeps = rights, start, sweeps
        self._progress = progress
        self._patience, self._writing_patience = patience, writing_patience
        self._writes_at_once = writes_at_once
        self._intake = Intake(store, clock, waking_until=waking_until)
        self._watch = Watch(store, home_zone=settings.home_zone, travel_buffer=settings.travel_buffer)

    def run(
        self, accounts: Sequence[str] | None = None, *, dry_run: bool = False, sweep: bool = False, follows: str = ""
    ) -> PassReport:
        """Do one pass.

        Args:
            accounts: ids; None: all that are due. One that is under way is left alone.
            dry_run: read, and say what would be written, and write nothing outside.
            sweep: believe no hint of being at rest: look at every session in the window. Meetings, and what the
                platform was told, are looked at when their accounts' own time has come.
            follows: the id of the pass of which this one is a part; "": it is one of its own.

        Raises:
            StoreFull: the disk keeps nothing more.
            StoreIsOld: the platform knows a later one.
        """
        state = self._begin(accounts, dry_run=dry_run, sweep=sweep, follows=follows)
        try:
            self._go_through(state, dry_run=dry_run, sweep=sweep)
        except Halted:
            log.debug("pass.halted_while_planning")  # nothing of that was stored: it is planned anew
        self._end(state)
        if state.crash is not None:
            raise state.crash
        return state.report

    def _go_through(self, state: State, *, dry_run: bool, sweep: bool) -> None:
        self._read_all(state)
        state.elsewhere = self._sharing.elsewhere(state.seen.calendars, state.read)
        if sweep:
            self._sweep(state)
        if dry_run:
            self._plan_dry(state)
        else:
            self._carry_out(state)
            self._tell_platform(state)
            self._watch_conflicts(state)
            self._ask_first_writes(state)

    def _carry_out(self, state: State) -> None:
        """Meetings first, so that events are written with their link; and once more for sessions that then moved."""
        self._ensure_meetings(state)
        for _ in range(ROUNDS):
            if self._halt.is_asked or not self._plan_and_apply(state):
                break
        if state.touched and not self._halt.is_asked:
            self._ensure_meetings(state)
            self._plan_and_apply(state)
        self._hosting.leave(state, self._lanes.busy)

    # Reading ---------------------------------------------------------------------------------------------------------

    def _begin(self, accounts: Sequence[str] | None, *, dry_run: bool, sweep: bool, follows: str) -> State:
        now = self._clock.now()
        if sweep:
            with self._store.write() as connection:
                # By new zone rules: nobody edited them, but what they collide with may be something else.
                moved = self._store.sessions.derive_instants(connection, now - WINDOW_BACK)
                self._store.unchecked.note(connection, [(lo, hi) for _, lo, hi in moved])
        report = PassReport(follows or uuid7(now), now, dry_run=dry_run)
        self._progress.begin(report.id)
        state = State(report, sweep, self._look())
        if late := self._lanes.ended():
            for task in late:
                self._intake.take_in(task, state)
            self._note_readings(state)
            state.seen = self._look()
        busy, found = self._lanes.busy, state.seen.accounts.values()
        self._named(Naming.of(list(found), state.seen.calendars, self._installation), dry_run=dry_run)
        wanted = set(accounts if accounts is not None else [one.id for one in found if is_due(one, now)])
        # Who ended writing late is looked at anew; who was read late, or failed, was looked at a moment ago.
        served = state.answering | {one.account for one in report.accounts.values() if not one.ok}
        due = [account for account in found if account.id in (wanted | state.delivered) - served]
        state.due = [account for account in due if account.id not in busy]
        for account in due:
            state.entry(account).late = account.id in busy
        return state

    def _named(self, naming: Naming, *, dry_run: bool) -> None:
        """Prepare whoever makes things that bear our names."""
        store, clock, book = self._store, self._clock, self._book
        self._naming = naming
        self._sharing = Sharing(store, clock, self._rights, naming, self._start)
        puller, platform_puller = self._puller(naming, dry_run=dry_run), PlatformPuller(store, clock, naming)
        finisher = Finisher(store, clock, puller, naming)
        self._reader = AccountReader(
            store, clock, book, puller=puller, platform_puller=platform_puller, finisher=finisher
        )
        self._writer = AccountWriter(
            store,
            book,
            applier=Applier(store, clock, naming),
            sharing=self._sharing,
            puller=puller,
            platform_puller=platform_puller,
            finisher=finisher,
            clock=clock,
            at_once=self._writes_at_once,
            examiner=Examiner(store, clock),
            told=self._progress.has_written,
        )
        meetings = Meetings(store, clock, tenant=naming.tenant, ahead=self._settings.meetings_ahead)
        self._hosting = Hosting(
            store, clock, book, self._rights, self._sweeps, meetings=meetings, chosen=self._settings.meeting_provider
        )

    def _puller(self, naming: Naming, *, dry_run: bool) -> Puller:
        # Reading ends an adopted series, too, or puts it back: a dry run only looks.
        rights = self._sharing.is_mine, (lambda _: False) if dry_run else self._sharing.may_send
        return Puller(self._store, self._clock, self._settings.home_zone, naming, *rights, told=self._progress.has_read)

    def _look(self) -> Seen:
        """All that a pass asks of the store before it reads, at once: an idle one asks little more."""
        store = self._store
        with store.read() as connection:
            to_look = store.mirror.calendars_to_look_at(connection) | store.questions.with_series_to_write(connection)
            return Seen(
                accounts={account.id: account for account in store.accounts.all(connection)},
                calendars=store.accounts.calendars(connection),
                cursors=store.accounts.cursors(connection),
                unfinished=store.journal.unsettled(connection),
                to_look=to_look,
            )

    def _to_compare(self, state: State) -> frozenset[str]:
        """Give the calendar that is listed in full in this pass, if its time has come."""
        well = {account.id for account in state.due if not account.failures}
        calendars = [one for one in state.seen.calendars if one.account in well]
        found = next_to_compare(calendars, state.report.started_at, read=state.seen.cursors)
        if found is None or state.report.dry_run:
            return frozenset()
        with self._store.read() as connection:
            next_start = self._store.sessions.next_start(connection, state.report.started_at)
        return frozenset({found.id} if is_calm(state.report.started_at, next_start) else ())

    def _read_all(self, state: State) -> None:
        state.to_compare = self._to_compare(state)
        # What the platform says of sessions is known before a calendar shows their events.
        platforms = [account for account in state.due if account.provider == PLATFORM]
        calendars = [account for account in state.due if account.provider in CALENDAR_PROVIDERS]
        for group in (platforms, calendars):
            for account in group:
                self._lanes.start(account.id, partial(self._reader.read, account, self._known(account, state)))
            # A dry run says all that would be written, so it waits for everybody.
            self._gather(group, state, within=None if state.report.dry_run else self._patience)
        self._note_readings(state)

    def _known(self, account: Account, state: State) -> Known:
        seen = state.seen
        accounts = [one for one in seen.accounts.values() if one.provider in MEETING_PROVIDERS]
        hosts = [host_key(one) for one in accounts if not one.paused]
        return Known(
            calendars=[calendar for calendar in seen.calendars if calendar.account == account.id],
            cursors=seen.cursors,
            unfinished=[row for row in seen.unfinished if row.account == account.id],
            to_look=seen.to_look,
            to_compare=state.to_compare,
            is_mine=self._sharing.is_mine,
            require=self._sharing.require,
            ask_leases=None
            if state.report.dry_run
            else lambda platform: self._sharing.ask(platform, seen.calendars, hosts, name=account.name),
            locked_out=self._sharing.locked_out,
        )

    def _note_readings(self, state: State) -> None:
        """Note in one transaction what was read and who answered."""
        if not state.read and not state.answered:
            return
        now = self._clock.now()
        took_ms = {account: int(took.total_seconds() * 1000) for account, took in state.answered.items()}
        with self._store.write() as connection:
            self._store.accounts.note_readings(connection, state.read, took_ms, compared=state.compared, at=now)

    def _sweep(self, state: State) -> None:
        """Let every session be planned that is not plainly at rest, whatever is noted about it.

        Looked at in parts that block no writer: a person who edits meanwhile does not wait for ten thousand sessions.
        """
        planner = self._planner(state)
        with self._store.read() as connection:
            # What waits for being planned needs no look.
            waiting = set(self._store.sessions.unsettled(connection))
            found = {*self._in_window(connection), *self._store.sessions.settled_beside(connection)}
        for part in in_chunks(sorted(found - waiting)):
            if self._halt.is_asked:
                return
            with self._store.read() as connection:
                restless = planner.restless(connection, part, self._clock.now())
            if restless:
                with self._store.write() as connection:
                    self._store.sessions.unsettle(connection, restless)
        if not state.report.dry_run:
            self._sweeps.note(SESSIONS, self._clock.elapsed())

    def _in_window(self, connection: Connection) -> list[str]:
        now = self._clock.now()
        spans = self._store.sessions.spans(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
        return [span.id for span in spans]

    def _platform_of(self, state: State) -> Platform | None:
        """Give the platform, if it answered in this pass."""
        account = self._platform_account(state)
        return None if account is None else self._book.platform(account)

    def _platform_account(self, state: State) -> Account | None:
        found = (state.seen.accounts[account] for account in state.answering)
        return next((account for account in found if account.provider == PLATFORM), None)

    def _tell_platform(self, state: State) -> None:
        """Leave at the platform what another device needs to go on in our place: an unheard ending it finds itself."""
        account = self._platform_account(state)
        if account is None or self._halt.is_asked:
            return
        told = state.planned - state.ended
        is_all = self._rights.is_needed and self._sweeps.is_due(account.id, self._clock.elapsed())
        if is_all:
            with self._store.read() as connection:
                told.update(one for one in self._in_window(connection) if one not in state.ended)
        if not told:
            return
        calendars = self._sharing.written(state.seen.calendars, state.elsewhere)
        work = partial(self._share, account, calendars, frozenset(told), is_all=is_all)
        self._lanes.start(account.id, work)
        self._gather([account], state, within=self._patience)

    def _share(
        self, account: Account, calendars: Sequence[CalendarRow], sessions: frozenset[str], halt: Halt, *, is_all: bool
    ) -> Reported:
        """Runs in the platform's lane; what is not told now is told with a later pass."""
        before = self._book.requests(account.id)
        halt.check()
        if self._sharing.tell(self._book.platform(account), calendars, sessions) and is_all:
            self._sweeps.note(account.id, self._clock.elapsed())
        return Reported(self._book.requests(account.id) - before)

    # What comes out of the lanes -------------------------------------------------------------------------------------

    def _gather(
        self, accounts: Iterable[Account], state: State, *, within: timedelta | None, halting: bool = False
    ) -> None:
        """Take in what ends, until these accounts are free or the time is over. Who is late is left behind."""
        waited_for = [account.id for account in accounts]
        for task in self._lanes.until_ended(waited_for, within=within, halt=self._halt):
            self._intake.take_in(task, state)
        late = self._lanes.busy.intersection(waited_for)
        if halting or self._halt.is_asked:
            self._lanes.halt(late)
        for account in late:
            state.report.accounts[account].late = True
            state.answering.discard(account)
            state.complete.discard(account)
            log.info("account.left_behind", account=account)

    # Planning and writing --------------------------------------------------------------------------------------------

    def _plan_dry(self, state: State) -> None:
        """Plan in a transaction that is thrown away."""
        with self._store.pretend() as connection:
            outcome = self._plan(connection, state)
        tally = Tally()
        for _, write in outcome.writes:
            tally.count(write.verb)
        count_in(tally, state)
        state.report.planned = outcome.planned

    def _plan(self, connection: Connection, state: State) -> Outcome:
        ids = [one for one in self._store.sessions.unsettled(connection) if one not in state.ended]
        state.planned.update(ids)
        outcome = self._planner(state).plan_all(connection, ids, self._clock.now())
        state.ended |= outcome.ended
        return outcome

    def _planner(self, state: State) -> Planner:
        asks = self._settings.versions == "ask"
        reach = Reach(
            self._naming,
            frozenset(state.answering),
            frozenset(state.complete),
            state.elsewhere,
            asks=asks,
            run=state.report.id,
            read=state.read,
        )
        return Planner(self._store, reach, check=self._halt.check)

    def _plan_and_apply(self, state: State) -> bool:
        """Plan once and carry it out. Gives whether something asks to be planned again."""
        with self._store.read() as connection:
            if not self._store.sessions.has_unsettled(connection):
                return False
        began = self._clock.elapsed()
        with self._store.write() as connection:
            outcome = self._plan(connection, state)
        planned_in = self._clock.elapsed() - began
        report = state.report
        report.planned += outcome.planned
        report.asked += outcome.asked
        state.touched.update(outcome.changed)
        self._tell(outcome)
        if not outcome.writes:
            return bool(outcome.changed)
        state.wants_more = False
        planned = self._by_account(outcome.writes, state.seen)
        self._progress.wants_to_write(len(outcome.writes))
        platform = self._platform_of(state)
        for is_platform in (True, False):
            everyone = [state.seen.accounts[account] for account in planned]
            group = [account for account in everyone if (account.provider == PLATFORM) is is_platform]
            if self._halt.is_asked:
                break
            for account in group:
                work = partial(self._writer.write, account, planned[account.id], outcome.ready, platform)
                self._lanes.start(account.id, work)
            # What is on the wire stands in the journal; what was not sent yet is planned again when the lane is free.
            patience = self._writing_patience
            within = None if patience is None else written_for(patience, planned_in)
            self._gather(group, state, within=within, halting=True)
        return state.wants_more

    def _ensure_meetings(self, state: State) -> None:
        hosting = self._hosting.work(state, self._lanes.busy)
        if self._halt.is_asked:
            return
        for account, work in hosting:
            self._lanes.start(account.id, work)
        self._gather([account for account, _ in hosting], state, within=self._writing_patience, halting=True)

    def _watch_conflicts(self, state: State) -> None:
        watched = self._watch.work_off(self._clock.now(), sweep=state.sweep)
        state.report.conflicts_opened += watched.opened
        state.report.conflicts_closed += watched.closed
        state.report.asked += watched.asked
        news = {"conflict.opened": watched.opened, "conflict.closed": watched.closed, "question.asked": watched.asked}
        for kind, ids in news.items():
            if ids:
                self._notify(kind, ids)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.changed:
            self._notify("session.changed", sorted(outcome.changed))
        if outcome.activity:
            self._notify("activity.added", outcome.activity)
        if outcome.asked:
            self._notify("question.asked", outcome.asked)

    def _by_account(
        self, writes: Sequence[tuple[str, PlannedWrite]], seen: Seen
    ) -> dict[str, list[tuple[CalendarRow, Writes]]]:
        """Sort writes by account and calendar."""
        with self._store.read() as connection:
            found = self._store.links.calendars_of(connection, [write.link for _, write in writes])
        grouped: dict[str, Writes] = {}
        for session, write in writes:
            if (calendar_id := found.get(write.link)) is not None:
                grouped.setdefault(calendar_id, []).append((session, write))
        planned: dict[str, list[tuple[CalendarRow, Writes]]] = {}
        for calendar in seen.calendars:
            if calendar.id in grouped:
                planned.setdefault(calendar.account, []).append((calendar, grouped[calendar.id]))
        return planned

    def _ask_first_writes(self, state: State) -> None:
        written = self._sharing.written(state.seen.calendars, state.elsewhere)
        asked = ask_first_writes(self._store, written, self._clock.now())
        state.report.asked += asked
        if asked:
            self._notify("question.asked", asked)

    def _end(self, state: State) -> None:
        report, now = state.report, self._clock.now()
        report.stopped = self._halt.is_asked
        report.took_ms = int((now - report.started_at).total_seconds() * 1000)
        self._notify("pass.finished", [report.id])
        level = log.info if report.written or report.asked else log.debug
        level("pass.finished", pass_id=report.id, took_ms=report.took_ms, written=report.written)
