"""Lets the auditor look at this profile, and keeps what it found."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.audits import AuditRow
from sync_agent.engine.values import Role
from sync_agent.laptop.profile.installation import installation_id

if TYPE_CHECKING:
    from connectors.registry import Credentials
    from sync_agent.audit import AccountAudit, Finding
    from sync_agent.audit.values import AccountInfo
    from sync_agent.laptop.office import Office

EVERY = timedelta(days=1)
_HOLD_SESSIONS = frozenset({Role.SESSIONS, Role.BLOCK, Role.PLATFORM})


def audit(office: Office, accounts: Collection[str] | None = None) -> list[AuditRow]:
    """Audit all accounts that hold sessions, or some of them by id; keeps and gives what was found.

    Raises:
        StoreFull: nothing more can be kept.
    """
    # On first use: it reads with a library of its own, 8 MiB that an agent does without until a session is to audit.
    from sync_agent.audit import Auditor

    with office.store.read() as connection:
        known = {one.id: one for one in office.store.accounts.all(connection)}

    def credentials(account: AccountInfo) -> Credentials:
        return office.book.credentials_of(known[account.id])

    auditor = Auditor(
        office.profile.database,
        owner=office.store.owner,
        installation=installation_id(office.profile.installation),
        credentials=credentials,
        now=office.clock.now,
        elsewhere=office.engine.elsewhere,
    )
    rows = [_row(found) for found in auditor.run(known.keys() if accounts is None else accounts)]
    with office.store.write() as connection:
        still_there = {one.id for one in office.store.accounts.all(connection)}
        for row in rows:
            if row.account in still_there:
                office.store.audits.add(connection, row)
    return rows


def is_due(office: Office) -> bool:
    """Whether the last audit is a day old, or there was none; never where nothing of ours is kept anywhere."""
    store = office.store
    with store.read() as connection:
        last = store.audits.last_done(connection)
        if last is not None and office.clock.now() - last < EVERY:
            return False
        calendars, followed = store.accounts.calendars(connection), store.links.followed(connection)
    return any(one.role in _HOLD_SESSIONS or one.id in followed for one in calendars)


def has_faults(row: AuditRow) -> bool:
    """Whether an audit found something that is neither equal nor known to wait; or could not look at all."""
    return bool(row.not_read) or row.equal < row.compared


def _row(found: AccountAudit) -> AuditRow:
    differences = [_told(one) for one in found.findings]
    if found.not_read:
        differences = [{"code": found.code}]
    return AuditRow(
        id=uuid7(found.done_at),
        account=found.account,
        started_at=found.started_at,
        done_at=found.done_at,
        compared=found.compared,
        equal=found.equal,
        differences=differences,
        not_read=found.not_read,
    )


def _told(finding: Finding) -> Mapping[str, Any]:
    return {
        "kind": finding.kind.value,
        "is_fault": finding.kind.is_fault,
        "calendar": finding.calendar,
        "session": finding.session,
        "title": finding.title,
        "starts_at": _instant(finding.starts_at),
        "field": None if finding.field is None else finding.field.value,
        "here": finding.here,
        "there": finding.there,
        "seen": finding.is_seen,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
