"""How this installation names things at others: UIDs, markers, and the keys of calendars (ARCHITECTURE.md, "Names").

Pure. With a platform the platform's tenant names them, so that every laptop of the tutor gives one thing one name;
without one the installation does. A calendar is named by where it lies, not by our row's id, for the same reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connectors.vocabulary.leases import calendar_key
from sync_agent.engine.ids import event_uid
from sync_agent.engine.values import Account, CalendarRow, Role

_HOST = "meetings"
_LOOK_AHEAD = 8
"""So many names further: a session is seldom cancelled and taken up again more often than that between two backups."""


@dataclass(frozen=True, slots=True)
class Naming:
    """Names of one installation.

    Attributes:
        tenant: goes into what is made from now on.
        tenants: all that were ever ours: what bears one of them is ours to look after.
        keys: calendar row to the key of the remote calendar.
        has_platform: whether a platform remembers the sessions, too.
    """

    tenant: str
    tenants: frozenset[str] = frozenset()
    keys: Mapping[str, str] = field(default_factory=dict)
    has_platform: bool = False

    @classmethod
    def of(cls, accounts: Iterable[Account], calendars: Iterable[CalendarRow], installation: str) -> Naming:
        """Name things for the accounts that are connected now."""
        known = {account.id: account for account in accounts}
        rows = list(calendars)
        platforms = [known[row.account] for row in rows if row.role is Role.PLATFORM]
        tenant = platforms[0].subject.partition("/")[0] if platforms else installation
        keys = {row.id: key_of(known[row.account], row) for row in rows if row.account in known}
        return cls(tenant, frozenset({tenant, installation}), keys, has_platform=bool(platforms))

    def uid(self, session: str, calendar: str, incarnation: int) -> str:
        """Give the UID of the event that mirrors a session in a calendar: the same after every retry, on every laptop.

        A session's id is its name on the platform, which has no key here.
        """
        return event_uid(self.tenant, session, self.keys[calendar], incarnation)

    def later(self, session: str, calendar: str, given: int) -> dict[str, int]:
        """Give the next names of a session's event after an incarnation, each with its own.

        What bears one of them was made by a later store of ours than one that knows of no further incarnation.
        """
        return {self.uid(session, calendar, one): one for one in range(given + 1, given + 1 + _LOOK_AHEAD)}

    def is_ours(self, tenant: str) -> bool:
        """Whether a marker of that tenant was left by this installation or by another laptop of its tutor."""
        return tenant in self.tenants


def key_of(account: Account, calendar: CalendarRow) -> str:
    """Give the key of a remote calendar; nobody can read an address out of it."""
    return calendar_key(account.issuer, account.subject, calendar.remote_id)


def host_key(account: Account) -> str:
    """Give the key under which the making of meetings at a host account is kept to one device."""
    return calendar_key(account.issuer, account.subject, _HOST)
