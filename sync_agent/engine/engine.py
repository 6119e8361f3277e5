"""The engine, put together: what the laptop and, one day, the cloud's workers drive.

It is given its store, its clock, its connections and whom to tell; it knows no process, no scheduler and no screen.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from connectors.vocabulary.leases import Start
from sync_agent.engine.desk.accounts import AccountDesk
from sync_agent.engine.desk.adopting import AdoptingDesk
from sync_agent.engine.desk.conflicts import ConflictDesk
from sync_agent.engine.desk.context import DeskContext
from sync_agent.engine.desk.coverage import CoverageDesk
from sync_agent.engine.desk.questions import QuestionDesk
from sync_agent.engine.desk.sessions import SessionDesk
from sync_agent.engine.desk.undo import UndoDesk
from sync_agent.engine.desk.why import WhyDesk
from sync_agent.engine.ids import uuid7
from sync_agent.engine.naming import Naming
from sync_agent.engine.starts import StartMark, is_sound, next_mark
from sync_agent.engine.sync.lanes import Begin, Halt, Lanes, at_once
from sync_agent.engine.sync.leases import WRITTEN_ROLES, StoreIsOld
from sync_agent.engine.sync.maintenance import maintain
from sync_agent.engine.sync.pass_state import Delivery
from sync_agent.engine.sync.passes import PATIENCE, Pass
from sync_agent.engine.sync.progress import Advance, Progress
from sync_agent.engine.sync.recover import recover
from sync_agent.engine.sync.report import PassReport
from sync_agent.engine.sync.rights import Rights
from sync_agent.engine.sync.sweeps import SESSIONS, Sweeps

if TYPE_CHECKING:
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.sync.book import AccountBook, EngineSettings

WAKING = timedelta(seconds=90)


class Engine:
    """One owner's engine. Its desks may be called from any thread; passes come one after the other."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        book: AccountBook,
        settings: Callable[[], EngineSettings],
        installation: str,
        device: str,
        notify: Callable[[str, Sequence[str]], None],
        begin: Begin = at_once,
        came_late: Callable[[str], None] = lambda _: None,
        patience: timedelta = PATIENCE,
        writes_at_once: int = 1,
    ) -> None:
        """Put the engine together.

        Args:
            store: everything that is kept.
            clock: says what time it is.
            book: opens connections.
            settings: asked anew for each pass and action, so that a change takes effect at once.
            installation: names this installation in UIDs and markers; stays for ever.
            device: names this computer in origins.
            notify: called with an event's name and ids, from any thread, after what it tells was committed.
            begin: how work at an account is begun: at once, one after the other, or in threads (`lanes`).
            came_late: called from any thread with an account that a pass had left behind, when there is something to
                take in.
            patience: how long an account may take before the others go on without it.
            writes_at_once: how many writes may be on the way to one calendar, where its server bears it; 1: in one
                order, each by itself.
        """
        context = DeskContext(store, clock, settings, installation, device, notify)
        self.context = context
        self.sessions = SessionDesk(context)
        self.coverage = CoverageDesk(context)
        self.conflicts = ConflictDesk(context, self.sessions, self.coverage)
        self.why = WhyDesk(context, self.coverage)
        self.accounts = AccountDesk(context)
        self.questions = QuestionDesk(context, self.accounts)
        self.adopting = AdoptingDesk(context, self.accounts)
        self.undo = UndoDesk(context)
        self._book = book
        self._one_at_a_time = threading.Lock()
        self._rights = Rights()
        self._mark: StartMark | None = None
        self._sweeps = Sweeps()
        self._lanes: Lanes[Delivery] = Lanes(begin, came_late=came_late)
        self._halts: list[Halt] = []
        self._is_ending = False
        self._progress = Progress(clock, lambda run: notify("pass.progress", [run]))
        self._patience, self._writes_at_once = patience, writes_at_once
        self._waking_until = timedelta(0)

    def start(self, outside: StartMark | None, nonce: str) -> StartMark:
        """Begin: look whether this store is the one that was used last, and leave a mark.

        A store that was put back or copied begins afresh (`sync.recover`).

        Args:
            outside: the mark that the last start left outside of the store.
            nonce: a UUID made for this start.

        Returns:
            The mark to leave outside, after this call.
        """
        store, now = self.context.store, self.context.clock.now()
        with store.write() as connection:
            inside = store.starts.get(connection)
            if not is_sound(inside, outside):
                recover(store, connection, device=self.context.device, now=now)
            mark = next_mark(inside, outside, nonce)
            store.starts.put(connection, mark)
        self._mark = mark
        return mark

    def _begun(self) -> Start:
        """Say which start this is; whoever did not say where the mark outside lies is believed."""
        mark = self._mark
        if mark is None:
            with self.context.store.read() as connection:
                inside = self.context.store.starts.get(connection)
            mark = self.start(inside, str(uuid4()))
        return Start(mark.counter, mark.nonce)

    def _begin_afresh(self, highest: int, halt: Halt) -> bool:
        """Begin again with a store of which the platform knows that it is old. False: halted before that."""
        # What is still under way knows the old cursors and rows: it ends first, and nobody asks what it brought.
        self._lanes.halt()
        if not self._lanes.join(self._lanes.busy, halt=halt):
            return False
        self._lanes.ended()
        store, now = self.context.store, self.context.clock.now()
        with store.write() as connection:
            recover(store, connection, device=self.context.device, now=now)
            self._mark = next_mark(store.starts.get(connection), StartMark(highest, ""), str(uuid4()))
            store.starts.put(connection, self._mark)
        return True

    def run_pass(
        self, accounts: Sequence[str] | None = None, *, dry_run: bool = False, wait: bool = True
    ) -> PassReport:
        """Do one pass over all accounts that are due, or over these.

        Waits for a pass that is under way. What a person does meanwhile is never blocked by it.

        Args:
            accounts: ids; None: all that are due.
            dry_run: write nothing outside.
            wait: also for accounts that do not answer soon: what they bring is taken in by further passes of this call.
                Otherwise they are left behind, and `came_late` says when they are done.

        Raises:
            StoreFull: the disk keeps nothing more; what was kept before is safe.
        """
        halt = Halt()
        # Noted before it is looked whether the end has come: whoever says so now finds it there.
        self._halts.append(halt)
        if self._is_ending:
            halt.ask()
        try:
            report = self._one_pass(accounts, halt, dry_run=dry_run, wait=wait)
            while wait and report.late and not report.stopped:
                report.stopped = not self._lanes.join(report.late, halt=halt)
                if not report.stopped:
                    later = self._one_pass(report.late, halt, dry_run=dry_run, wait=wait, follows=report.id)
                    report.follow(later)
        finally:
            self._halts.remove(halt)
        return report

    @property
    def progress(self) -> Advance | None:
        """How far the pass is that is under way; None: there is none. From any thread."""
        return self._progress.now

    @property
    def under_way(self) -> frozenset[str]:
        """The accounts at which something is under way. From any thread."""
        return self._lanes.busy

    def halt(self) -> None:
        """End what is under way at its next safe point, between two requests. From any thread, or a signal's handler.

        What is on the wire stands in the journal, and is looked up by a later pass.
        """
        for halt in list(self._halts):
            halt.ask()
        self._lanes.halt()
        self._lanes.wake()

    def compare_soon(self, accounts: Collection[str] | None = None) -> None:
        """Something odd was seen: have the calendars of these accounts (None: of all) listed in full, pass by pass.

        Raises:
            StoreFull: then each waits for its time of day.
        """
        with self.context.store.write() as connection:
            self.context.store.accounts.compare_soon(connection, accounts)

    def end(self) -> None:
        """Halt for good: no further pass begins. From any thread, or a signal's handler."""
        self._is_ending = True
        self.halt()

    def leave(self, account_id: str) -> None:
        """End what is under way at one account at its next safe point: it is about to be disconnected."""
        self._lanes.halt({account_id})

    def woke(self) -> None:
        """Know that the computer slept: for a while an account that cannot be reached is no news.

        A request that was on the wire when it fell asleep ends within this time, too.
        """
        self._waking_until = self.context.clock.elapsed() + WAKING

    def close(self, *, within: timedelta) -> bool:
        """Halt, and wait a while for what is under way. Gives whether all of it ended."""
        self.halt()
        return self._lanes.join(self._lanes.busy, within=within)

    def _one_pass(
        self, accounts: Sequence[str] | None, halt: Halt, *, dry_run: bool, wait: bool, follows: str = ""
    ) -> PassReport:
        context = self.context
        with self._one_at_a_time:
            now = context.clock.now()
            if halt.is_asked:  # while it waited for the pass before it
                return PassReport(uuid7(now), now, dry_run=dry_run, stopped=True)
            # Whoever is named: a sweep belongs to no account, and the agent names those whose time has come.
            sweep = self._sweeps.is_due(SESSIONS, context.clock.elapsed())
            if sweep and not dry_run:
                maintain(context.store, now, context.settings().home_zone)
            try:
                return self._pass(halt, wait=wait).run(accounts, dry_run=dry_run, sweep=sweep, follows=follows)
            except StoreIsOld as error:
                if not self._begin_afresh(error.highest, halt):
                    return PassReport(follows or uuid7(now), now, dry_run=dry_run, stopped=True)
                return self._pass(halt, wait=wait).run(accounts, dry_run=dry_run, sweep=sweep, follows=follows)
            except Exception:
                self._sweeps.broke_off()
                raise
            finally:
                self._progress.end()

    def elsewhere(self) -> frozenset[str]:
        """Give the calendars that another device of the tutor writes to, as far as is known.

        Before the platform was asked: those that this store never took over and never wrote to.
        """
        if self._rights.is_needed:
            return self._rights.were_elsewhere
        store = self.context.store
        with store.read() as connection:
            accounts, calendars = store.accounts.all(connection), store.accounts.calendars(connection)
            known = store.leases.taken(connection).keys() | store.journal.written_to(connection)
        naming = Naming.of(accounts, calendars, self.context.installation)
        written = [one.id for one in calendars if one.role in WRITTEN_ROLES]
        return frozenset(one for one in written if naming.has_platform and not {one, naming.keys.get(one)} & known)

    def _pass(self, halt: Halt, *, wait: bool) -> Pass:
        context = self.context
        return Pass(
            context.store,
            context.clock,
            self._book,
            context.settings(),
            installation=context.installation,
            notify=context.notify,
            rights=self._rights,
            start=self._begun(),
            sweeps=self._sweeps,
            lanes=self._lanes,
            progress=self._progress,
            halt=halt,
            patience=self._patience,
            writing_patience=None if wait else self._patience,
            writes_at_once=self._writes_at_once,
            waking_until=self._waking_until,
        )
