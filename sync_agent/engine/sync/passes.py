"""One pass over everything: finish, pull, plan, intend, apply, settle (ARCHITECTURE.md, "One session").

A side that does not answer blocks nobody: its account is noted as failing and the rest goes on. The platform is read
and written first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import CalendarGone, ConnectorError
from sync_agent.engine.conflicts.watch import FOR_EVER, Watch
from sync_agent.engine.ids import uuid7
from sync_agent.engine.meetings.ensure import Meetings
from sync_agent.engine.naming import Naming, host_key
from sync_agent.engine.sync.apply import Applier, Tally
from sync_agent.engine.sync.book import CALENDAR_PROVIDERS, MEETING_PROVIDERS, PLATFORM
from sync_agent.engine.sync.finish import Finisher
from sync_agent.engine.sync.first_writes import ask_first_writes
from sync_agent.engine.sync.leases import WRITTEN_ROLES, StoreIsOld
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.sync.planning import Outcome, Planner, Reach
from sync_agent.engine.sync.pull import Pulled, Puller
from sync_agent.engine.sync.pull_platform import PlatformPuller
from sync_agent.engine.sync.report import AccountReport, PassReport
from sync_agent.engine.sync.sharing import Sharing
from sync_agent.engine.sync.waiting import is_due, retry_after
from sync_agent.engine.values import Account, CalendarRow, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.changes import Cursor
    from connectors.vocabulary.leases import Start
    from connectors.vocabulary.protocols import Calendar, CalendarAccount, Platform
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.journal import Intent
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.book import AccountBook, EngineSettings
    from sync_agent.engine.sync.plan import PlannedWrite
    from sync_agent.engine.sync.rights import Rights

log = structlog.get_logger()

ROUNDS = 3
"""How often one pass plans: again after a 412, so that every write is settled after one pass."""

Notify = Callable[[str, Sequence[str]], None]


@dataclass(slots=True)
class _State:
    """What this pass knows while it runs.

    Attributes:
        cursors, unfinished, to_look: as they were when it began; only passes change them, and passes come one by one.
        read: calendars read so far, as of when; answered: accounts that answered, with how long they took.
        planned: sessions that were planned; elsewhere: calendars that another device looks after.
        later_start: the platform saw this later start of this device, so this store is old.
    """

    report: PassReport
    accounts: list[Account]
    hosts: list[Account]
    calendars: list[CalendarRow]
    sweep: bool
    cursors: dict[str, Cursor]
    unfinished: list[Intent]
    to_look: set[str]
    read: dict[str, datetime] = field(default_factory=dict)
    answered: dict[str, timedelta] = field(default_factory=dict)
    answering: set[str] = field(default_factory=set)
    complete: set[str] = field(default_factory=set)
    changed: list[tuple[datetime, datetime]] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    swept: set[str] = field(default_factory=set)
    planned: set[str] = field(default_factory=set)
    elsewhere: frozenset[str] = frozenset()
    later_start: int | None = None


class Pass:
    """Runs passes; holds nothing between them."""

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
    ) -> None:
        self._store, self._clock, self._book, self._settings = store, clock, book, settings
        self._installation, self._notify = installation, notify
        self._rights, self._start = rights, start
        self._platform_puller = PlatformPuller(store, clock)
        self._watch = Watch(store, home_zone=settings.home_zone, travel_buffer=settings.travel_buffer)

    def run(self, accounts: Sequence[str] | None = None, *, dry_run: bool = False, sweep: bool = False) -> PassReport:
        """Do one pass.

        Args:
            accounts: ids; None: all that are due.
            dry_run: read, and say what would be written, and write nothing outside.
            sweep: believe no hint of being at rest: plan every session in the window, look at every meeting.
        """
        state = self._begin(accounts, dry_run=dry_run, sweep=sweep)
        before = {account.id: self._book.requests(account.id) for account in state.accounts}
        self._pull_all(state)
        if state.later_start is not None:
            raise StoreIsOld(state.later_start)
        state.elsewhere = self._sharing.elsewhere(state.calendars, state.read)
        if dry_run:
            self._plan_dry(state)
        else:
            self._carry_out(state)
            self._sharing.tell(self._platform_of(state), self._written(state), state.planned)
            self._watch_conflicts(state)
            asked = ask_first_writes(self._store, self._written(state), self._clock.now())
            state.report.asked += asked
            if asked:
                self._notify("question.asked", asked)
        self._end(state, before)
        return state.report

    def _carry_out(self, state: _State) -> None:
        """Meetings first, so that events are written with their link; and once more for sessions that then moved."""
        self._ensure_meetings(state)
        for _ in range(ROUNDS):
            if not self._plan_and_apply(state):
                break
        if state.touched:
            self._ensure_meetings(state)
            self._plan_and_apply(state)

    def _begin(self, accounts: Sequence[str] | None, *, dry_run: bool, sweep: bool) -> _State:
        now = self._clock.now()
        moved: list[tuple[str, datetime, datetime]] = []
        if sweep:
            with self._store.write() as connection:
                moved = self._store.sessions.derive_instants(connection, now - WINDOW_BACK)
                self._store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)
        with self._store.read() as connection:
            everyone = self._store.accounts.all(connection)
            calendars = self._store.accounts.calendars(connection)
            # All that a pass asks of the store before it reads, at once: an idle one asks little more.
            cursors = self._store.accounts.cursors(connection)
            unfinished = self._store.journal.unsettled(connection)
            to_look = self._store.mirror.calendars_to_look_at(connection)
        self._named(Naming.of(everyone, calendars, self._installation))
        due = [
            account
            for account in everyone
            if (account.id in accounts if accounts is not None else is_due(account, now))
        ]
        report = PassReport(uuid7(now), now, dry_run=dry_run)
        report.accounts = {account.id: AccountReport(account.id, account.name) for account in due}
        hosts = [account for account in everyone if account.provider in MEETING_PROVIDERS and not account.paused]
        state = _State(report, due, hosts, calendars, sweep, cursors, unfinished, to_look)
        # By new zone rules: nobody edited them, but what they collide with may be something else.
        state.changed += [(lo, hi) for _, lo, hi in moved]
        return state

    def _named(self, naming: Naming) -> None:
        """Prepare whoever makes things that bear our names."""
        store, clock = self._store, self._clock
        self._naming = naming
        self._rights.is_needed = naming.has_platform
        self._sharing = Sharing(store, clock, self._rights, naming, self._start)
        self._puller = Puller(store, clock, self._settings.home_zone, naming)
        self._applier = Applier(store, clock, naming)
        self._finisher = Finisher(store, clock, self._puller, naming)
        self._meetings = Meetings(store, clock, tenant=naming.tenant, ahead=self._settings.meetings_ahead)

    def _pull_all(self, state: _State) -> None:
        for account in sorted(state.accounts, key=lambda one: one.provider != PLATFORM):
            started = self._clock.now()
            try:
                if account.provider == PLATFORM:
                    self._pull_platform(account, state)
                elif account.provider in CALENDAR_PROVIDERS:
                    gone = self._pull_calendars(account, state)
                    if gone is not None:
                        # The account answers and its other calendars go on; health shows which one is missing.
                        self._failed(account, gone, state, wait=False)
                        state.answering.add(account.id)
                        continue
                else:
                    continue
            except ConnectorError as error:
                self._failed(account, error, state)
                continue
            state.answered[account.id] = self._clock.now() - started
            state.answering.add(account.id)
        self._note_readings(state)

    def _note_readings(self, state: _State) -> None:
        """Note in one transaction what was read and who answered."""
        if not state.read and not state.answered:
            return
        now = self._clock.now()
        took_ms = {account: int(took.total_seconds() * 1000) for account, took in state.answered.items()}
        with self._store.write() as connection:
            self._store.accounts.note_readings(connection, state.read, took_ms, at=now)

    def _pull_platform(self, account: Account, state: _State) -> None:
        platform = self._book.platform(account)
        for calendar in self._calendars_of(account, state):
            rows = [row for row in state.unfinished if row.account == account.id]
            if rows:
                self._finisher.look_up_platform(calendar, platform, self._platform_puller, rows)
            started = self._clock.now()
            pulled = self._platform_puller.pull(calendar, platform, state.cursors.get(calendar.id))
            if pulled.hints or calendar.id in state.to_look:
                pulled.add(self._platform_puller.look(calendar, platform))
            self._pulled(calendar, pulled, state, started)
        state.complete.add(account.id)
        if not state.report.dry_run:
            state.later_start = self._sharing.ask(platform, state.calendars, [host_key(one) for one in state.hosts])

    def _platform_of(self, state: _State) -> Platform | None:
        """Give the platform, if it answered in this pass."""
        answering = [one for one in state.accounts if one.provider == PLATFORM and one.id in state.answering]
        return self._book.platform(answering[0]) if answering else None

    def _written(self, state: _State) -> list[CalendarRow]:
        """Give the calendars that this device writes to."""
        return [one for one in state.calendars if one.role in WRITTEN_ROLES and one.id not in state.elsewhere]

    def _pull_calendars(self, account: Account, state: _State) -> CalendarGone | None:
        """Read the calendars of an account. Gives the error of one that is no longer there."""
        remote = self._book.calendars(account)
        gone: CalendarGone | None = None
        is_complete = True
        for calendar in self._calendars_of(account, state):
            if calendar.role is Role.IGNORE:
                continue
            try:
                self._pull_calendar(calendar, remote, state)
            except CalendarGone as error:
                # The collection vanished: nothing is deleted because of it, and the account's others go on.
                gone = CalendarGone(calendar.name)
                # The pass that loses it believes no absence; later ones know that nothing can have moved there.
                is_complete = is_complete and calendar.state == "gone"
                self._set_state(calendar, "gone")
                log.warning("calendar.gone", code=error.code, calendar=calendar.id)
        if is_complete:
            state.complete.add(account.id)
        return gone

    def _pull_calendar(self, calendar: CalendarRow, remote: CalendarAccount, state: _State) -> None:
        started = self._clock.now()
        if calendar.access != "write":
            pulled = self._puller.pull(calendar, remote.reader(calendar.remote_id), state.cursors.get(calendar.id))
            if pulled.hints or calendar.id in state.to_look:
                pulled.add(self._puller.believe_hints(calendar))
        else:
            writable = remote.calendar(calendar.remote_id)
            rows = [row for row in state.unfinished if row.calendar == calendar.id and self._sharing.is_mine(calendar)]
            self._finisher.read_back(calendar, writable, rows)
            pulled = self._puller.pull(calendar, writable, state.cursors.get(calendar.id))
            if pulled.hints or rows or calendar.id in state.to_look:
                pulled.add(self._puller.look(calendar, writable))
        self._pulled(calendar, pulled, state, started)
        if calendar.state == "gone":
            self._set_state(calendar, "ok")
        log.debug("calendar.read", calendar=calendar.id, since=started)

    def _pulled(self, calendar: CalendarRow, pulled: Pulled, state: _State, started: datetime) -> None:
        # As of its beginning: an edit made while the listing was under way came after what it shows.
        state.read[calendar.id] = started
        report = state.report
        report.objects += pulled.objects
        report.removed += pulled.removed
        report.accounts[calendar.account].read += pulled.objects
        report.broken += [(calendar.name, broken.reason) for broken in pulled.broken]
        state.changed += pulled.changed

    def _plan_dry(self, state: _State) -> None:
        """Plan in a transaction that is thrown away."""
        with self._store.engine.connect() as connection:
            outcome = self._plan(connection, state)
            connection.rollback()
        tally = Tally()
        for _, write in outcome.writes:
            tally.count(write.verb)
        self._counted(tally, state)
        state.report.planned = outcome.planned

    def _counted(self, tally: Tally, state: _State) -> None:
        state.report.created += tally.created
        state.report.updated += tally.updated
        state.report.deleted += tally.deleted

    def _plan(self, connection: Connection, state: _State) -> Outcome:
        asks = self._settings.versions == "ask"
        reach = Reach(self._naming, frozenset(state.answering), frozenset(state.complete), state.elsewhere, asks=asks)
        planner = Planner(self._store, reach)
        ids = self._store.sessions.unsettled(connection)
        state.planned.update(ids)
        return planner.plan_all(connection, ids, self._clock.now())

    def _plan_and_apply(self, state: _State) -> bool:
        """Plan once and carry it out. Gives whether something asks to be planned again."""
        with self._store.read() as connection:
            if not self._store.sessions.has_unsettled(connection):
                return False
        with self._store.write() as connection:
            outcome = self._plan(connection, state)
        report = state.report
        report.planned += outcome.planned
        report.asked += outcome.asked
        for session, intervals in outcome.changed.items():
            state.touched.add(session)
            state.changed += intervals
        self._tell(outcome)
        if not outcome.writes:
            return bool(outcome.changed)
        total = Tally()
        for calendar, writes in self._by_calendar(outcome.writes, state):
            total.add(self._apply(calendar, writes, state))
        self._counted(total, state)
        report.refused += total.refused
        refused = {session for _, session, _ in total.refused}
        self._rest([(session, version) for session, version in outcome.ready.items() if session in refused])
        return bool(total.again or total.total)

    def _rest(self, refused: Sequence[tuple[str, int]]) -> None:
        """Leave alone what a server will not take, until the session changes or the next sweep tries again."""
        if refused:
            with self._store.write() as connection:
                self._store.sessions.settle(connection, refused)

    def _apply(self, calendar: CalendarRow, writes: list[tuple[str, PlannedWrite]], state: _State) -> Tally:
        account = next(one for one in state.accounts if one.id == calendar.account)
        try:
            if calendar.is_platform:
                platform = self._book.platform(account)
                tally = self._applier.apply_to_platform(calendar, platform, self._platform_puller, writes)
            else:
                remote = self._book.calendars(account).calendar(calendar.remote_id)
                if not self._sharing.announce(self._platform_of(state), calendar, writes):
                    return Tally()
                may_send = partial(self._sharing.may_send, calendar)
                tally = self._applier.apply_to_calendar(calendar, remote, writes, may_send)
                self._settle(calendar, remote, tally)
        except ConnectorError as error:
            self._failed(account, error, state)
            return Tally()
        state.report.accounts[account.id].written += tally.total
        if tally.failed is not None:
            self._failed(account, tally.failed, state)
        return tally

    def _settle(self, calendar: CalendarRow, remote: Calendar, tally: Tally) -> None:
        """Read back what was written. Where that fails the rows stand, and are settled in a later pass."""
        try:
            self._read_back(calendar, remote, tally)
        except ConnectorError as error:
            tally.failed = tally.failed or error

    def _read_back(self, calendar: CalendarRow, remote: Calendar, tally: Tally) -> None:
        with self._store.read() as connection:
            unknown = [
                row for row in self._store.journal.unsettled(connection, [calendar.account])
                if row.calendar == calendar.id and row.session in tally.again
            ]  # fmt: skip
        self._finisher.read_back(calendar, remote, [*tally.to_read_back, *unknown])
        self._puller.look(calendar, remote)

    def _ensure_meetings(self, state: _State) -> None:
        hosts = [
            account
            for account in state.accounts
            if account.provider in MEETING_PROVIDERS
            and state.report.accounts[account.id].ok
            and self._rights.may_send(host_key(account), self._clock.elapsed())
        ]
        chosen = self._settings.meeting_provider
        hosts.sort(key=lambda account: (account.provider != chosen, account.created_at))
        for number, account in enumerate(hosts):
            due = self._meetings_due(account, state)
            try:
                provider = self._book.meetings(account)
            except ConnectorError as error:
                self._failed(account, error, state)
                continue
            mine = due if number == 0 else self._made_by(account, due)
            asked_before = self._book.requests(account.id)
            sweep = state.sweep and account.id not in state.swept
            state.swept.add(account.id)
            is_new = self._rights.to_search(host_key(account))
            tally = self._meetings.ensure_all(account, provider, mine, sweep=sweep, taken_over=is_new)
            report = state.report
            report.meetings_created += tally.created
            report.meetings_updated += tally.updated
            report.meetings_deleted += tally.deleted
            state.report.accounts[account.id].written += tally.created + tally.updated + tally.deleted
            state.touched |= tally.changed
            if tally.failed is not None:
                self._failed(account, tally.failed, state)
                continue
            self._rights.searched(host_key(account))
            if self._book.requests(account.id) == asked_before and not account.failures:
                continue  # nobody was asked, so nothing is known anew
            with self._store.write() as connection:
                self._store.accounts.record_success(connection, account.id, at=self._clock.now(), latency_ms=None)

    def _meetings_due(self, account: Account, state: _State) -> list[str]:
        """Give the sessions to look at: what changed, and all of them after a failure or when sweeping."""
        with self._store.read() as connection:
            changed = set(self._store.sessions.unsettled(connection)) | state.touched
        return self._meetings.due(sorted(changed), sweep=state.sweep or account.failures > 0)

    def _made_by(self, account: Account, sessions: Sequence[str]) -> list[str]:
        """Give those sessions whose meeting was made at this account: others are the chosen one's."""
        with self._store.read() as connection:
            rows = self._store.meetings.of_sessions(connection, sessions)
        return [session for session, row in rows.items() if row.account == account.id]

    def _watch_conflicts(self, state: _State) -> None:
        if not state.touched and not state.changed and not state.sweep:
            with self._store.read() as connection:
                if not self._watch.over(connection, self._clock.now()):
                    return
        with self._store.write() as connection:
            lookback = {"lookback": FOR_EVER} if state.sweep else {}
            watched = self._watch.check(connection, state.touched, state.changed, self._clock.now(), **lookback)
        state.report.conflicts_opened += watched.opened
        state.report.conflicts_closed += watched.closed
        if watched.opened:
            self._notify("conflict.opened", watched.opened)
        if watched.closed:
            self._notify("conflict.closed", watched.closed)

    def _tell(self, outcome: Outcome) -> None:
        if outcome.changed:
            self._notify("session.changed", sorted(outcome.changed))
        if outcome.activity:
            self._notify("activity.added", outcome.activity)
        if outcome.asked:
            self._notify("question.asked", outcome.asked)

    def _by_calendar(
        self, writes: Sequence[tuple[str, PlannedWrite]], state: _State
    ) -> list[tuple[CalendarRow, list[tuple[str, PlannedWrite]]]]:
        """Sort writes by calendar, the platform first."""
        with self._store.read() as connection:
            links = {write.link: self._store.links.get(connection, write.link) for _, write in writes}
        grouped: dict[str, list[tuple[str, PlannedWrite]]] = {}
        for session, write in writes:
            row = links[write.link]
            if row is not None:
                grouped.setdefault(row.link.calendar, []).append((session, write))
        return [(calendar, grouped[calendar.id]) for calendar in state.calendars if calendar.id in grouped]

    def _failed(self, account: Account, error: ConnectorError, state: _State, *, wait: bool = True) -> None:
        now = self._clock.now()
        report = state.report.accounts[account.id]
        report.ok, report.code, report.message = False, error.code, error.sentence
        state.answering.discard(account.id)
        if wait:
            state.complete.discard(account.id)
        until = now + retry_after(account.failures, error) if wait else None
        with self._store.write() as connection:
            self._store.accounts.record_failure(
                connection, account.id, at=now, code=error.code, words=error.sentence, remedy=error.remedy.value,
                next_try_at=until,
            )  # fmt: skip
        log.warning("account.failed", code=error.code, account=account.id)

    def _set_state(self, calendar: CalendarRow, value: str) -> None:
        with self._store.write() as connection:
            self._store.accounts.update_calendar(connection, calendar.id, state=value)

    def _calendars_of(self, account: Account, state: _State) -> list[CalendarRow]:
        return [calendar for calendar in state.calendars if calendar.account == account.id]

    def _end(self, state: _State, before: dict[str, int]) -> None:
        report, now = state.report, self._clock.now()
        for account_id, count in before.items():
            report.accounts[account_id].requests = self._book.requests(account_id) - count
        report.took_ms = int((now - report.started_at).total_seconds() * 1000)
        self._notify("pass.finished", [report.id])
        level = log.info if report.written or report.asked else log.debug
        level("pass.finished", pass_id=report.id, took_ms=report.took_ms, written=report.written)
