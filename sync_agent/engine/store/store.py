"""The store: one engine, one owner, a repository for each aggregate, and units of work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from sync_agent.engine.errors import StoreClosed, StoreFull
from sync_agent.engine.store.accounts import AccountStore
from sync_agent.engine.store.activity import ActivityStore
from sync_agent.engine.store.audits import AuditStore
from sync_agent.engine.store.bookings import BookingStore
from sync_agent.engine.store.database import begin_reading, begin_writing, is_full
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
        event.listen(engine, "engine_disposed", partial(_let_go, self._idle))
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

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a unit of work; committed at its end, or not at all.

        Raises:
            StoreFull: the disk keeps nothing more; nothing of this unit was stored.
            StoreClosed: the profile may be somebody else's by now.
        """
        try:
            with self._connected() as connection:
                begin_writing(connection)
                yield connection
                connection.commit()
        except OperationalError as cause:
            if is_full(cause):
                raise StoreFull from cause
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a consistent reading that blocks no writer.

        Raises:
            StoreClosed: as `write` says.
        """
        with self._connected() as connection:
            begin_reading(connection)
            yield connection
            connection.rollback()

    @contextmanager
    def pretend(self) -> Iterator[Connection]:
        """Open a unit of work of which nothing is kept.

        Raises:
            StoreClosed: as `write` says.
        """
        with self._connected() as connection:
            begin_writing(connection)
            yield connection
            connection.rollback()

    def close(self) -> None:
        """Close the file. Work that is still under way then finds the store closed, and keeps nothing."""
        self._is_closed = True
        self.engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Give a connection that nobody else uses; whoever fails leaves it to the pool, which takes everything back."""
        if self._is_closed:
            raise StoreClosed
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self.engine.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        if self._is_closed:
            connection.close()
        else:
            self._idle.append(connection)


def _let_go(idle: list[Connection], engine: Engine) -> None:
    """Close what is open to a file that goes; what is in use is closed by whoever uses it."""
    while idle:
        connection = idle.pop()
        connection.invalidate()
        connection.close()
