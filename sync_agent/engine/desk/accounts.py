"""Connecting, disconnecting, and what a calendar is for. None of it ever cancels a session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from connectors.vocabulary.accounts import Access, CalendarInfo, Identity
from sync_agent.engine.errors import AccountUnknown, CalendarReadOnly, CalendarUnknown
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.store.reopened import reopen
from sync_agent.engine.sync.adopting import give_up_wishes
from sync_agent.engine.sync.plan import WINDOW_AHEAD, WINDOW_BACK
from sync_agent.engine.values import ABOUT_LINKS, Account, CalendarRow, Role

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from sync_agent.engine.desk.context import DeskContext, Unit


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What is known of an account that is to be connected. Its secrets are in the vault, under `id`.

    Attributes:
        name: for people; "" takes the identity's.
        settings: what is no secret.
    """

    id: str
    provider: str
    identity: Identity
    base_url: str
    name: str = ""
    settings: Mapping[str, str] | None = None


def suggested_role(info: CalendarInfo, *, wanted: str = "") -> Role:
    """Say what a calendar that was found is probably for.

    Args:
        info: the calendar.
        wanted: the name that the tutor gave to the calendar for sessions, "" if none.
    """
    if wanted and wanted.casefold() in (info.name.casefold(), info.remote_id.casefold()):
        return Role.SESSIONS if info.access is Access.WRITE else Role.BUSY
    if info.subscribed:
        return Role.IGNORE
    return Role.BUSY


class AccountDesk:
    """The tutor's accounts and calendars."""

    def __init__(self, context: DeskContext) -> None:
        self._context = context

    def new_id(self) -> str:
        """Make an id for an account that is about to be connected."""
        return uuid7(self._context.clock.now())

    def connect(
        self, new: NewAccount, found: Sequence[tuple[CalendarInfo, Role]], *, confirmed: bool
    ) -> tuple[Account, list[CalendarRow]]:
        """Store an account with its calendars.

        Args:
            new: the account.
            found: its calendars with what each is for; empty for a meeting provider.
            confirmed: the tutor agreed to the first write; else that is asked once.

        Raises:
            AccountExists: the same sign-in is there already.
            CalendarReadOnly: sessions cannot go into a calendar that is read only.
        """
        context, now = self._context, self._context.clock.now()
        account = Account(
            id=new.id,
            provider=new.provider,
            issuer=new.identity.issuer,
            subject=new.identity.subject,
            name=new.name or new.identity.display,
            display=new.identity.display,
            base_url=new.base_url,
            settings=dict(new.settings or {}),
            created_at=now,
        )
        calendars = [
            CalendarRow(
                id=uuid7(now),
                account=account.id,
                remote_id=info.remote_id,
                name=info.name,
                role=role,
                access=info.access.value,
                # A platform was chosen to hold the sessions by whoever gave its code; only calendars are asked about.
                confirmed=confirmed or role is Role.PLATFORM,
            )
            for info, role in found
        ]
        for calendar in calendars:
            _require_writable(calendar, calendar.role)
        entry = self._entry("account.connected", account, now)
        with context.store.write() as connection:
            context.store.accounts.insert(connection, account)
            for calendar in calendars:
                context.store.accounts.insert_calendar(connection, calendar)
            self._unsettle(connection, now)
            context.store.activity.add(connection, entry)
        context.notify("activity.added", [entry.id])
        context.notify("health.changed", [account.id])
        return account, calendars

    def set_role(self, calendar_id: str, role: Role, *, confirmed: bool | None = None) -> CalendarRow:
        """Say what a calendar is for.

        Away from `sessions` or `block` our future events there are removed by the next pass and no session is touched;
        away from `busy` its appointments no longer count.

        Raises:
            CalendarUnknown, CalendarReadOnly.
        """
        context, now = self._context, self._context.clock.now()
        with context.unit() as unit:
            connection = unit.connection
            calendar = self.calendar(connection, calendar_id)
            _require_writable(calendar, role)
            if confirmed is not None:
                context.store.accounts.update_calendar(connection, calendar.id, confirmed=confirmed)
            entry = self.change_role(unit, calendar, role, now)
            after = self.calendar(connection, calendar.id)
        context.notify("activity.added", [entry.id])
        context.notify("state.changed", [])
        return after

    def change_role(self, unit: Unit, calendar: CalendarRow, role: Role, now: datetime) -> Activity:
        """Let a calendar be for something else, in the caller's unit of work. Gives what is told of it."""
        context, connection = self._context, unit.connection
        context.store.accounts.update_calendar(connection, calendar.id, role=role.value)
        intervals: list[tuple[datetime, datetime]] = []
        if role is Role.IGNORE:
            intervals = context.store.bookings.busy_in(connection, calendar.id)
            context.store.bookings.drop_calendar(connection, calendar.id)
            context.store.doubts.drop_calendar(connection, calendar.id)
        if calendar.role is Role.IGNORE and role is not Role.IGNORE:
            # What was dropped is read again: an etag that we know would keep it from being fetched.
            context.store.accounts.store_cursor(connection, calendar.id, None)
            living = context.store.mirror.living_keys(connection, calendar.id)
            context.store.mirror.mark_refetch(connection, calendar.id, living)
        if calendar.role in (Role.SESSIONS, Role.BLOCK) and role is not calendar.role:
            context.store.links.close_calendar(connection, calendar.id, now=now)
            give_up_wishes(context.store, connection, replace(calendar, role=role))
            if calendar.state == "gone":
                # It may come back, and is read no more perhaps: what is to be removed is looked for.
                left = [one.obj for one in context.store.links.of_calendar(connection, calendar.id) if one.obj]
                keys = [row.key for row in context.store.mirror.by_ids(connection, left).values()]
                context.store.mirror.mark_refetch(connection, calendar.id, keys)
        if calendar.role is not Role.SESSIONS and role is Role.SESSIONS:
            asked = [one for one in context.store.questions.open(connection) if one.kind in ABOUT_LINKS]
            reopen(connection, calendar.id, [link for one in asked for link in one.targets])
        self._unsettle(connection, now)
        context.watch(unit, [], intervals, now)
        entry = self._about(calendar, "calendar.role", calendar.role.value, role.value, now)
        context.store.activity.add(connection, entry)
        return entry

    def set_all_day(self, calendar_id: str, *, blocks: bool) -> CalendarRow:
        """Say whether whole days of a calendar take the tutor's time: a conference does, a birthday does not.

        Double bookings with such days open or close at once; the events themselves are not touched.

        Raises:
            CalendarUnknown.
        """
        context, now = self._context, self._context.clock.now()
        with context.unit() as unit:
            connection = unit.connection
            calendar = self.calendar(connection, calendar_id)
            if calendar.all_day_blocks == blocks:
                return calendar
            context.store.accounts.update_calendar(connection, calendar.id, all_day_blocks=blocks)
            context.watch(unit, [], context.store.bookings.all_days_in(connection, calendar.id), now)
            words = {True: "blocks", False: "free"}
            entry = self._about(calendar, "calendar.all_day", words[not blocks], words[blocks], now)
            context.store.activity.add(connection, entry)
            after = self.calendar(connection, calendar.id)
        context.notify("activity.added", [entry.id])
        context.notify("state.changed", [])
        return after

    def disconnect(self, account_id: str) -> Account:
        """Remove an account. Its events stay where they are, the sessions stay here; the caller forgets its secrets.

        Raises:
            AccountUnknown.
        """
        context, now = self._context, self._context.clock.now()
        with context.unit() as unit:
            connection = unit.connection
            account = self.account(connection, account_id)
            entry = self._entry("account.disconnected", account, now)
            intervals = [
                one
                for calendar in context.store.accounts.calendars(connection, account.id)
                for one in context.store.bookings.busy_in(connection, calendar.id)
            ]
            context.store.accounts.delete(connection, account.id)
            context.watch(unit, [], intervals, now)
            context.store.activity.add(connection, entry)
        context.notify("activity.added", [entry.id])
        context.notify("health.changed", [account.id])
        return account

    def account(self, connection: Connection, wanted: str) -> Account:
        """Find an account by id, or by name if only one has it.

        Raises:
            AccountUnknown.
        """
        everyone = self._context.store.accounts.all(connection)
        found = [one for one in everyone if wanted in (one.id, one.name, one.display)]
        if len(found) != 1:
            raise AccountUnknown(id=wanted)
        return found[0]

    def calendar(self, connection: Connection, wanted: str) -> CalendarRow:
        """Find a calendar by id, or by name if only one has it.

        Raises:
            CalendarUnknown.
        """
        everyone = self._context.store.accounts.calendars(connection)
        found = [one for one in everyone if wanted in (one.id, one.name)]
        if len(found) != 1:
            raise CalendarUnknown(id=wanted)
        return found[0]

    def _unsettle(self, connection: Connection, now: datetime) -> None:
        self._context.store.sessions.unsettle_window(connection, now - WINDOW_BACK, now + WINDOW_AHEAD)

    def _about(self, calendar: CalendarRow, kind: str, before: str, after: str, now: datetime) -> Activity:
        return Activity(
            id=uuid7(now),
            at=now,
            kind=kind,
            cause=f"desk:{uuid7(now)}",
            actor=self._context.settings().tutor,
            device=self._context.device,
            calendar=calendar.id,
            before=before,
            after=after,
            facts={"calendar": calendar.name},
        )

    def _entry(self, kind: str, account: Account, now: datetime) -> Activity:
        return Activity(
            id=uuid7(now),
            at=now,
            kind=kind,
            cause=f"desk:{uuid7(now)}",
            actor=self._context.settings().tutor,
            device=self._context.device,
            facts={"account": account.name, "provider": account.provider},
        )


def _require_writable(calendar: CalendarRow, role: Role) -> None:
    if role in (Role.SESSIONS, Role.BLOCK) and calendar.access != Access.WRITE.value:
        raise CalendarReadOnly(name=calendar.name)


def platform_calendar(identity: Identity) -> tuple[CalendarInfo, Role]:
    """Give the one calendar that a platform is."""
    return CalendarInfo(identity.subject, identity.display, Access.WRITE), Role.PLATFORM
