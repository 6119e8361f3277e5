"""What an audit found, as a document and in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.words import at_words, between_words
from sync_agent.laptop.documents.times import instant

if TYPE_CHECKING:
    from sync_agent.engine.store.audits import AuditRow
    from sync_agent.engine.values import Account

_FIELDS = {
    "when": "the time",
    "title": "the title",
    "place": "the place",
    "notes": "the notes",
    "link": "the join link",
    "online": "whether it is online",
    "status": "the status",
    "subject": "the subject",
    "students": "the students",
    "chargeable": "whether it is charged",
}
_WHOLE = {
    "missing": "it is not in {where}",
    "doubled": "it is in {where} more than once",
    "stray": "it is in {where} without a session",
    "unreadable": "its event in {where} cannot be read",
    "overdue": "it has waited to be written to {where} for more than a day",
    "unasked": "nothing is written to {where} any more, and no question says why",
    "waits": "a write to {where} is on its way",
    "held": "a question about {where} waits for you",
}


def audit_document(
    rows: Sequence[AuditRow], accounts: Sequence[Account], calendars: Mapping[str, str], *, zone: str
) -> dict[str, Any]:
    """Give **Audit**.

    Args:
        rows: one an account.
        accounts: all of them.
        calendars: id to name.
        zone: in which times are told.
    """
    known = {one.id: one for one in accounts}
    documents = [_account(row, known[row.account], calendars, zone) for row in rows if row.account in known]
    compared, equal = sum(one["compared"] for one in documents), sum(one["equal"] for one in documents)
    return {
        "ok": all(one["ok"] for one in documents),
        "accuracy": accuracy(equal, compared),
        "accounts": documents,
    }


def accuracy(equal: int, compared: int) -> float | None:
    """Give a percentage with two digits, cut, so that 100 means all of them; None where nothing was compared."""
    return None if not compared else (equal * 10_000 // compared) / 100


def _account(row: AuditRow, account: Account, calendars: Mapping[str, str], zone: str) -> dict[str, Any]:
    found = [] if row.not_read else [_difference(one, calendars, zone) for one in row.differences]
    code = str(row.differences[0].get("code", "")) if row.not_read and row.differences else ""
    return {
        "account": account.id,
        "name": account.name,
        "provider": account.provider,
        "done_at": instant(row.done_at, zone),
        "ok": not row.not_read and row.equal == row.compared,
        "compared": row.compared,
        "equal": row.equal,
        "accuracy": None if row.not_read else accuracy(row.equal, row.compared),
        "code": code,
        "message": row.not_read,
        "differences": [one for one, raw in zip(found, row.differences, strict=False) if raw["is_fault"]],
        "known": [one for one, raw in zip(found, row.differences, strict=False) if not raw["is_fault"]],
    }


def _difference(raw: Mapping[str, Any], calendars: Mapping[str, str], zone: str) -> dict[str, Any]:
    where = calendars.get(str(raw["calendar"]), "")
    starts_at = datetime.fromisoformat(raw["starts_at"]) if raw["starts_at"] else None
    return {
        "kind": raw["kind"],
        "session": raw["session"],
        "title": raw["title"],
        "start": instant(starts_at, zone),
        "calendar": raw["calendar"],
        "calendar_name": where,
        "field": raw["field"],
        "here": _said(raw["field"], raw["here"], zone),
        "there": _said(raw["field"], raw["there"], zone),
        "seen": raw["seen"],
        "words": _words(raw, where, starts_at, zone),
    }


def _words(raw: Mapping[str, Any], where: str, starts_at: datetime | None, zone: str) -> str:
    named = f"“{raw['title']}”" + (f" ({at_words(starts_at, zone)})" if starts_at else "")
    name = raw["field"]
    if name is None:
        told = _WHOLE[raw["kind"]].format(where=f"“{where}”")
        there = f": it {raw['there']}" if raw["there"] and raw["kind"] == "missing" else ""
        return f"{named}: {told}{there}."
    here, there = (_said(name, raw[side], zone) or "nothing" for side in ("here", "there"))
    told = f"{named}: {_FIELDS[name]} is {here} here, and in “{where}” it is {there}"
    if raw["kind"] == "rewritten":
        told += ", as it was agreed"
    elif raw["kind"] == "waits":
        told += ", and its write is on its way"
    elif raw["kind"] == "overdue":
        told += ", and its write has waited for more than a day"
    elif not raw["seen"]:
        told += " since the last sync"
    return f"{told}."


def _said(field: str | None, value: str, zone: str) -> str:
    """Give a time in words; everything else as it is."""
    if field != "when" or "/" not in value:
        return value
    start, end = value.split("/")
    return between_words(datetime.fromisoformat(start), datetime.fromisoformat(end), zone)
