"""The store: one engine, one owner, a repository for each aggregate, and units of work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError

from sync_agent.engine.errors import StoreClosed, StoreFull
from sync_agent.engine.store.accounts import AccountStore
from sync_agent.engine.store.activity import ActivityStore
from sync_agent.engine.store.audits import AuditStore
from sync_agent.engine.store.bookings import BookingStore
from sync_agent.engine.store.database import begin_reading, begin_writing, is_full, keep, take_back
from sync_agent.engine.store.doubts import DoubtStore
from sync_agent.engine.store.facts import FactStore
from sync_agent.engine.store.journal import JournalStore
from sync_agent.engine.store.leases import LeaseStore
from sync_agent.engine.store.links import LinkStore
from sync_agent.engine.store.meetings import MeetingStore
from sync_agent.engine.store.mirror import MirrorStore
from sync_agent.engine.store.questions import QuestionStore
from sync_agent.engine.store.sessions import SessionStore
from sync_agent.engine.store.starts import StartStore
from sync_agent.engine.store.unchecked import UncheckedStore

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine


class Store:
    """Everything that one owner keeps.

    A unit of work is one `with store.write() as connection`, short, and never around a request to the outside.
    """

    def __init__(self, engine: Engine, owner: str) -> None:
        self.engine = engine
        self.owner = owner
        self._is_closed = False
        # A pass begins hundreds of units of work, and getting a connection takes four times as long as beginning one.
        self._idle: list[Connection] = []
        self.sessions = SessionStore(owner)
        self.accounts = AccountStore(owner)
        self.mirror = MirrorStore(owner)
        self.links = LinkStore(owner)
        self.journal = JournalStore(owner)
        self.meetings = MeetingStore(owner)
        self.bookings = BookingStore(owner)
        self.doubts = DoubtStore(owner)
        self.facts = FactStore()
        self.unchecked = UncheckedStore(owner)
        self.activity = ActivityStore(owner)
        self.questions = QuestionStore(owner)
        self.starts = StartStore()
        self.leases = LeaseStore(owner)
        self.audits = AuditStore(owner)

    def write(self) -> AbstractContextManager[Connection]:
        """Open a unit of work; committed at its end, or not at all.

        Raises:
            StoreFull: the disk keeps nothing more; nothing of this unit was stored.
            StoreClosed: the profile may be somebody else's by now.
        """
        return _Unit(self, begin_writing, keep)

    def read(self) -> AbstractContextManager[Connection]:
        """Open a consistent reading that blocks no writer.

        Raises:
            StoreClosed: as `write` says.
        """
        return _Unit(self, begin_reading, take_back)

    def pretend(self) -> AbstractContextManager[Connection]:
        """Open a unit of work of which nothing is kept.

        Raises:
            StoreClosed: as `write` says.
        """
        return _Unit(self, begin_writing, take_back)

    def close(self) -> None:
        """Close the file. Work that is still under way then finds the store closed, and keeps nothing."""
        self._is_closed = True
        self.let_go()

    def let_go(self) -> None:
        """Close all that is open to the file and not in use; what is in use is closed by whoever uses it."""
        while self._idle:
            connection = self._idle.pop()
            connection.invalidate()
            connection.close()
        self.engine.dispose()

    def borrow(self) -> Connection:
        """Give a connection that nobody else uses.

        Raises:
            StoreClosed: as `write` says.
        """
        if self._is_closed:
            raise StoreClosed
        try:
            return self._idle.pop()
        except IndexError:
            return self.engine.connect()

    def give_back(self, connection: Connection) -> None:
        """Take back a connection on which nothing is begun."""
        if self._is_closed:
            connection.close()
        else:
            self._idle.append(connection)


class _Unit:
    """One unit of work. Whoever fails leaves its connection to the pool, which takes everything back.

    A class of its own: a pass opens hundreds, and a generator takes three times as long.
    """

    __slots__ = ("_begin", "_connection", "_end", "_store")

    def __init__(self, store: Store, begin: Callable[[Connection], None], end: Callable[[Connection], None]) -> None:
        self._store, self._begin, self._end = store, begin, end

    def __enter__(self) -> Connection:
        self._connection = self._store.borrow()
        self._carry_out(self._begin)
        return self._connection

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            self._carry_out(self._end)
            self._store.give_back(self._connection)
            return
        self._connection.close()
        _say_if_full(error)

    def _carry_out(self, step: Callable[[Connection], None]) -> None:
        try:
            step(self._connection)
        except BaseException as error:
            self._connection.close()
            _say_if_full(error)
            raise


def _say_if_full(error: BaseException) -> None:
    if isinstance(error, OperationalError) and is_full(error):
        raise StoreFull from error
