"""The auditor: let it look now, or say what it found last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sync_agent.laptop.auditing import audit
from sync_agent.laptop.documents.audits import audit_document
from sync_agent.laptop.operations.request import Reply, Request, text

if TYPE_CHECKING:
    from sync_agent.engine.store.audits import AuditRow
    from sync_agent.laptop.office import Office


def run(office: Office, request: Request) -> Reply:
    """`POST /v1/audit`: reads every side afresh; changes nothing anywhere."""
    wanted = text(request.body, "account")
    accounts = None
    if wanted is not None:
        with office.store.read() as connection:
            accounts = [office.engine.accounts.account(connection, wanted).id]
    return _told(office, audit(office, accounts))


def last(office: Office, request: Request) -> Reply:
    """`GET /v1/audit`: what was found last, of each account."""
    del request
    with office.store.read() as connection:
        rows = office.store.audits.latest(connection)
    return _told(office, rows)


def _told(office: Office, rows: Sequence[AuditRow]) -> Reply:
    with office.store.read() as connection:
        accounts = office.store.accounts.all(connection)
        calendars = {one.id: one.name for one in office.store.accounts.calendars(connection)}
    return Reply(audit_document(rows, accounts, calendars, zone=office.home_zone))
