"""Accounts, their calendars, where reading goes on, and how they fare."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from connectors.vocabulary.changes import Cursor
from sync_agent.engine.errors import AccountExists
from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import changed_rows, kept_rows, new_rows
from sync_agent.engine.store.tables import account, calendar, cursor, remote_obj
from sync_agent.engine.values import Account, CalendarRow, Role

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, RowMapping


# Asked in every pass, so made once: putting a statement together costs more than carrying it out.
_BY_ID = Asked(select(account).where(account.c.id == bindparam("b_id")))
_QUIRKS = Asked(select(account.c.quirks).where(account.c.id == bindparam("b_id")))
_AWAKE = Asked(update(account).where(account.c.owner == bindparam("b_owner")).values(next_try_at=None))
_FAILED = Asked(
    update(account)
    .where(account.c.id == bindparam("b_id"))
    .values(
        failing_since=func.coalesce(account.c.failing_since, bindparam("b_at", type_=account.c.failing_since.type)),
        failures=account.c.failures + 1,
        error_code=bindparam("b_code"),
        error_words=bindparam("b_words"),
        remedy=bindparam("b_remedy"),
        next_try_at=bindparam("b_next_try_at"),
    )
)
_NEW, _CHANGED = new_rows(account), changed_rows(account, "id")
_NEW_CALENDAR, _CHANGED_CALENDAR = new_rows(calendar), changed_rows(calendar, "id")
_MOVED_STATE = Asked(
    update(calendar)
    .where(calendar.c.id == bindparam("b_id"), calendar.c.state != "replaced")
    .values(state=bindparam("b_state"))
)
_MOVED_CURSOR = kept_rows(cursor, "calendar", counted=("round",))
_NO_CURSOR = Asked(delete(cursor).where(cursor.c.calendar == bindparam("b_calendar")))
_WELL = {
    "failing_since": None, "failures": 0, "error_code": "", "error_words": "", "remedy": "", "next_try_at": None,
}  # fmt: skip
"""What the row of an account says that answered."""


class AccountStore:
    """All accounts and calendars of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        # Asked with every idle pass, so made once: putting a statement together costs as much as carrying it out.
        self._all = Asked(select(account).where(account.c.owner == owner).order_by(account.c.created_at, account.c.id))
        calendars = select(calendar).where(calendar.c.owner == owner)
        self._calendars = Asked(calendars)
        self._calendars_of = Asked(calendars.where(calendar.c.account == bindparam("b_account")))
        self._cursors = Asked(select(cursor.c.calendar, cursor.c.kind, cursor.c.token))

    def all(self, connection: Connection) -> list[Account]:
        """Give every account, oldest first."""
        return [_account(row) for row in self._all.named(connection, {})]

    def get(self, connection: Connection, account_id: str) -> Account | None:
        """Give one account, or None."""
        found = _BY_ID.named(connection, {"b_id": account_id})
        return _account(found[0]) if found else None

    def insert(self, connection: Connection, new: Account) -> None:
        """Store a new account.

        Raises:
            AccountExists: the same sign-in is there already.
        """
        try:
            _NEW.run(
                connection,
                [
                    {
                        "owner": self._owner,
                        "id": new.id,
                        "provider": new.provider,
                        "issuer": new.issuer,
                        "subject": new.subject,
                        "name": new.name,
                        "display": new.display,
                        "base_url": new.base_url,
                        "settings": dict(new.settings),
                        "created_at": new.created_at,
                        "quirks": {},
                    }
                ],
            )
        except IntegrityError as cause:
            raise AccountExists(display=new.display) from cause

    def delete(self, connection: Connection, account_id: str) -> None:
        """Remove an account with its calendars, mirror and links. Sessions stay."""
        connection.execute(delete(account).where(account.c.id == account_id))

    def quirks(self, connection: Connection, account_id: str) -> dict[str, Any]:
        """Give what was learned of an account's server; nothing for one that is gone."""
        found = _QUIRKS.rows(connection, {"b_id": account_id})
        return found[0][0] or {} if found else {}

    def set_quirks(self, connection: Connection, account_id: str, quirks: Mapping[str, Any]) -> None:
        """Note what was learned of an account's server, in place of what was known."""
        self._set(connection, account_id, quirks=dict(quirks))

    def record_success(self, connection: Connection, account_id: str, *, at: datetime, latency_ms: int | None) -> None:
        """Note that it answered."""
        values = {"last_success_at": at, "latency_ms": latency_ms, **_WELL}
        connection.execute(update(account).where(account.c.id == account_id).values(**values))

    def note_readings(
        self,
        connection: Connection,
        read: Mapping[str, datetime],
        answered_ms: Mapping[str, int],
        *,
        compared: Mapping[str, datetime],
        at: datetime,
    ) -> None:
        """Note what was read and who answered.

        Args:
            connection: the unit of work.
            read: calendar to the instant as of which it was read.
            answered_ms: account to how long its answer took.
            compared: those that were listed in full, likewise.
            at: this instant.
        """
        _CHANGED_CALENDAR.run(connection, [{"id": one, "read_at": as_of} for one, as_of in read.items()])
        _CHANGED_CALENDAR.run(connection, [{"id": one, "compared_at": as_of} for one, as_of in compared.items()])
        _CHANGED.run(
            connection,
            [{"id": one, "last_success_at": at, "latency_ms": took, **_WELL} for one, took in answered_ms.items()],
        )

    def record_failure(
        self,
        connection: Connection,
        account_id: str,
        *,
        at: datetime,
        code: str,
        words: str,
        remedy: str,
        next_try_at: datetime | None,
    ) -> None:
        """Note that it failed, since when, and when to ask again."""
        _FAILED.do(
            connection,
            {
                "b_id": account_id,
                "b_at": at,
                "b_code": code,
                "b_words": words,
                "b_remedy": remedy,
                "b_next_try_at": next_try_at,
            },
        )

    def postpone(self, connection: Connection, account_id: str, until: datetime) -> None:
        """Leave an account alone until then, without a word about how it fares."""
        self._set(connection, account_id, next_try_at=until)

    def shift_waits(self, connection: Connection, by: timedelta) -> None:
        """Let every wait end as much later (earlier, if negative) as the clock was set."""
        for one in self.all(connection):
            if one.next_try_at is not None:
                self._set(connection, one.id, next_try_at=one.next_try_at + by)

    def note_quirk(self, connection: Connection, account_id: str, about: str, found: str) -> None:
        """Remember what a server was found to do; nothing is written where that is known."""
        known = self.quirks(connection, account_id)
        if known.get(about) != found:
            self.set_quirks(connection, account_id, {**known, about: found})

    def set_paused(self, connection: Connection, account_id: str, *, paused: bool) -> None:
        """Pause or resume one account."""
        self._set(connection, account_id, paused=paused)

    def wake(self, connection: Connection) -> None:
        """Forget all waiting: everything may be asked now."""
        _AWAKE.do(connection, {"b_owner": self._owner})

    def calendars(self, connection: Connection, account_id: str | None = None) -> list[CalendarRow]:
        """Give calendars, the platform first, then by name."""
        if account_id is None:
            found = self._calendars.named(connection, {})
        else:
            found = self._calendars_of.named(connection, {"b_account": account_id})
        rows = [_calendar(row) for row in found]
        return sorted(rows, key=lambda one: (not one.is_platform, one.name, one.id))

    def insert_calendar(self, connection: Connection, new: CalendarRow) -> None:
        """Store a new calendar."""
        _NEW_CALENDAR.run(
            connection,
            [
                {
                    "owner": self._owner,
                    "id": new.id,
                    "account": new.account,
                    "remote_id": new.remote_id,
                    "incarnation": new.incarnation,
                    "name": new.name,
                    "role": new.role.value,
                    "access": new.access,
                    "state": new.state,
                    "confirmed": new.confirmed,
                }
            ],
        )

    def update_calendar(self, connection: Connection, calendar_id: str, **values: Any) -> None:
        """Set columns of a calendar: role, state, confirmed, read_at, name, all_day_blocks, gone_since."""
        _CHANGED_CALENDAR.run(connection, [{"id": calendar_id, **values}])

    def move_state(self, connection: Connection, calendar_id: str, state: str) -> None:
        """Note that a calendar is gone or there again; one that was made anew stays so until somebody decides."""
        _MOVED_STATE.do(connection, {"b_id": calendar_id, "b_state": state})

    def cursors(self, connection: Connection) -> dict[str, Cursor]:
        """Give where reading goes on, by calendar."""
        return {calendar_id: Cursor(kind, token) for calendar_id, kind, token in self._cursors.rows(connection, {})}

    def store_cursor(self, connection: Connection, calendar_id: str, new: Cursor | None) -> None:
        """Move the cursor, in the transaction that stores what it covers; None forgets it."""
        if new is None:
            _NO_CURSOR.do(connection, {"b_calendar": calendar_id})
            return
        row = {"calendar": calendar_id, "kind": new.kind, "token": new.token, "round": 1, "seen_complete": True}
        _MOVED_CURSOR.run(connection, [row])

    def drop_cursors(self, connection: Connection) -> None:
        """Forget where reading goes on: every calendar is read in full again."""
        mine = select(calendar.c.id).where(calendar.c.owner == self._owner).scalar_subquery()
        connection.execute(delete(cursor).where(cursor.c.calendar.in_(mine)))

    def compare_soon(self, connection: Connection, accounts: Collection[str] | None) -> None:
        """Have the calendars of these accounts listed in full soon; None: all."""
        mine = calendar.c.owner == self._owner
        these = mine if accounts is None else mine & calendar.c.account.in_(accounts)
        connection.execute(update(calendar).where(these).values(compared_at=None))

    def object_counts(self, connection: Connection) -> dict[str, int]:
        """Count the living objects of each calendar."""
        rows = connection.execute(
            select(remote_obj.c.calendar, func.count())
            .where(remote_obj.c.gone_at.is_(None))
            .group_by(remote_obj.c.calendar)
        )
        return {calendar_id: count for calendar_id, count in rows}  # noqa: C416  (a Row is no plain pair)

    def _set(self, connection: Connection, account_id: str, **values: Any) -> None:
        _CHANGED.run(connection, [{"id": account_id, **values}])


def _account(row: RowMapping | Mapping[str, Any]) -> Account:
    return Account(
        **{
            name: row[name]
            for name in (
                "id", "provider", "issuer", "subject", "name", "display", "base_url", "settings", "created_at",
                "last_success_at", "failing_since", "failures", "error_code", "error_words", "remedy", "next_try_at",
                "latency_ms", "paused", "quirks",
            )
        }
    )  # fmt: skip


def _calendar(row: RowMapping | Mapping[str, Any]) -> CalendarRow:
    return CalendarRow(
        id=row["id"],
        account=row["account"],
        remote_id=row["remote_id"],
        name=row["name"],
        role=Role(row["role"]),
        access=row["access"],
        state=row["state"],
        incarnation=row["incarnation"],
        confirmed=row["confirmed"],
        read_at=row["read_at"],
        all_day_blocks=row["all_day_blocks"],
        compared_at=row["compared_at"],
        gone_since=row["gone_since"],
    )
