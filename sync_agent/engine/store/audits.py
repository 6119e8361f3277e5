"""What the auditor found, a row an account and run. It is kept for a year, so that accuracy can be shown over time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select

from sync_agent.engine.store.tables import audit_run

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, RowMapping

_KEPT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One account, audited once.

    Attributes:
        compared, equal: linked fields.
        differences: what was found, as the auditor's room spells it.
        not_read: the sentence why the account could not be read, "" if it was.
    """

    id: str
    account: str
    started_at: datetime
    done_at: datetime
    compared: int
    equal: int
    differences: Sequence[Mapping[str, Any]]
    not_read: str = ""


class AuditStore:
    """All audits of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def add(self, connection: Connection, new: AuditRow) -> None:
        """Keep a run, and let go of what is older than a year."""
        old = (audit_run.c.account == new.account, audit_run.c.done_at < new.done_at - _KEPT)
        connection.execute(delete(audit_run).where(*old))
        connection.execute(
            insert(audit_run).values(
                owner=self._owner,
                id=new.id,
                account=new.account,
                started_at=new.started_at,
                done_at=new.done_at,
                compared=new.compared,
                equal=new.equal,
                differences=list(new.differences),
                not_read=new.not_read,
            )
        )

    def latest(self, connection: Connection) -> list[AuditRow]:
        """Give the last run of each account."""
        last = (
            select(audit_run.c.account, func.max(audit_run.c.done_at).label("done_at"))
            .where(audit_run.c.owner == self._owner)
            .group_by(audit_run.c.account)
            .subquery()
        )
        rows = connection.execute(
            select(audit_run)
            .join(last, (last.c.account == audit_run.c.account) & (last.c.done_at == audit_run.c.done_at))
            .order_by(audit_run.c.account, audit_run.c.id)
        ).mappings()
        return list({row["account"]: _row(row) for row in rows}.values())

    def last_done(self, connection: Connection) -> datetime | None:
        """Say when the last run ended; None: there was none."""
        query = select(audit_run.c.done_at).where(audit_run.c.owner == self._owner)
        return connection.execute(query.order_by(audit_run.c.done_at.desc()).limit(1)).scalar()


def _row(row: RowMapping) -> AuditRow:
    return AuditRow(
        id=row["id"],
        account=row["account"],
        started_at=row["started_at"],
        done_at=row["done_at"],
        compared=row["compared"],
        equal=row["equal"],
        differences=row["differences"],
        not_read=row["not_read"],
    )
