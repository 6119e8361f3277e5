"""The audit of every account: the store, the side, the store again, and a verdict. Writes nothing anywhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

import structlog

from connectors.vocabulary.errors import ConnectorError
from sync_agent.audit.compare import Tally
from sync_agent.audit.dav import DavSide
from sync_agent.audit.judge import BACK, Sight, judge, moved_between
from sync_agent.audit.ledger import read_ledger
from sync_agent.audit.platform import PlatformSide
from sync_agent.audit.values import BLOCK, AccountAudit, AccountInfo, CalendarInfo, Ledger, Thing

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.registry import Credentials

log = structlog.get_logger()

PLATFORM, CALDAV = "platform", "caldav"
_HOLDS_SESSIONS = frozenset({"sessions", BLOCK, PLATFORM})


class Auditor:
    """Audits the accounts of one owner. Any thread may run it, and the engine may go on meanwhile."""

    def __init__(
        self,
        database: Path,
        *,
        owner: str,
        installation: str,
        credentials: Callable[[AccountInfo], Credentials],
        now: Callable[[], datetime],
        elsewhere: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        """Read nothing yet.

        Args:
            database: the store's file.
            owner: whose rows.
            installation: its name; it stands in markers, unless a platform's does.
            credentials: gives what is needed to sign in; may raise a ConnectorError.
            now: the clock.
            elsewhere: gives the calendars that another device of the tutor writes to at present.
        """
        self._database, self._owner, self._installation = database, owner, installation
        self._credentials, self._now, self._elsewhere = credentials, now, elsewhere

    def run(self, accounts: Collection[str] | None = None) -> list[AccountAudit]:
        """Audit every account that holds sessions and is not paused, or only these."""
        ledger = read_ledger(self._database, self._owner)
        wanted = [
            account
            for account in ledger.accounts
            if _sides_of(ledger, account) and not account.is_paused and (accounts is None or account.id in accounts)
        ]
        return [self._audited(account) for account in wanted]

    def _audited(self, account: AccountInfo) -> AccountAudit:
        started_at, tally = self._now(), Tally()
        try:
            for sight in self._sights(account):
                judge(sight, tally)
        except ConnectorError as error:
            log.warning("audit.not_read", code=error.code, account=account.id)
            return AccountAudit(account.id, started_at, self._now(), not_read=error.sentence, code=error.code)
        return AccountAudit(
            account.id, started_at, self._now(), tally.compared, tally.equal, findings=tuple(tally.findings)
        )

    def _sights(self, account: AccountInfo) -> Iterable[Sight]:
        credentials = self._credentials(account)
        before = read_ledger(self._database, self._owner)
        calendars = _sides_of(before, account)
        side = PlatformSide(credentials) if account.provider == PLATFORM else DavSide(credentials)
        with closing(side):
            for calendar in calendars:
                now = self._now()
                if isinstance(side, PlatformSide):
                    things = list(side.things(now - BACK, _living(before, calendar, now)))
                else:
                    things = list(self._objects(side, before, calendar))
                after = read_ledger(self._database, self._owner)
                yield Sight(
                    after,
                    moved_between(before, after),
                    calendar,
                    things,
                    now,
                    works=not account.is_failing,
                    is_elsewhere=calendar.id in self._elsewhere(),
                )
                before = after

    def _objects(self, side: DavSide, ledger: Ledger, calendar: CalendarInfo) -> Iterable[Thing]:
        links = [link for link in ledger.links.values() if link.calendar == calendar.id]
        uids, places = {link.uid for link in links}, {link.place for link in links if link.is_open}

        def may_be_ours(place: str, uid: str) -> bool:
            return uid in uids or place in places

        return side.things(calendar.remote_id, may_be_ours, tenants=self._tenants(ledger))

    def _tenants(self, ledger: Ledger) -> frozenset[str]:
        """Give our names: with a platform its tenant's stands in markers, and before it came the installation's did."""
        platforms = (account for account in ledger.accounts if account.provider == PLATFORM)
        return frozenset({self._installation, *(account.subject.partition("/")[0] for account in platforms)})


def _sides_of(ledger: Ledger, account: AccountInfo) -> list[CalendarInfo]:
    """Give the calendars of an account that hold sessions, or still hold some."""
    if account.provider not in (PLATFORM, CALDAV):
        return []
    linked = {link.calendar for link in ledger.links.values() if link.is_open}
    return [
        one
        for one in ledger.calendars
        if one.account == account.id and (one.role in _HOLDS_SESSIONS or one.id in linked)
    ]


def _living(ledger: Ledger, calendar: CalendarInfo, now: datetime) -> list[str]:
    """Give the sessions that are compared wherever the platform says they lie."""
    return [
        hub.id
        for link in ledger.links.values()
        if link.calendar == calendar.id
        and link.is_open
        and (hub := ledger.sessions.get(link.session)) is not None
        and hub.ends_at >= now - BACK
    ]
