"""The hub as the store has it, read in plain SQL: nothing of the engine's own reading is believed."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit
from zoneinfo import ZoneInfo

from sync_agent.audit.values import AccountInfo, CalendarInfo, Hub, Ledger, Link, When

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUSY_S = 15.0


def read_ledger(database: Path, owner: str) -> Ledger:
    """Read accounts, calendars, sessions, links and open questions, all as of one moment.

    Args:
        database: the store's file; it is opened for reading only.
        owner: whose rows.
    """
    address = f"file:{quote(str(database))}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=_BUSY_S, isolation_level=None)) as connection:
        connection.row_factory = sqlite3.Row
        connection.execute("BEGIN")
        return Ledger(
            accounts=tuple(_accounts(connection, owner)),
            calendars=tuple(_calendars(connection, owner)),
            sessions={hub.id: hub for hub in _sessions(connection, owner)},
            links={link.id: link for link in _links(connection, owner)},
            asked=_asked(connection, owner),
            put_back=_put_back(connection, owner),
        )


def _accounts(connection: sqlite3.Connection, owner: str) -> Iterator[AccountInfo]:
    query = "SELECT * FROM account WHERE owner = ? ORDER BY id"
    for row in connection.execute(query, (owner,)):
        yield AccountInfo(
            id=row["id"],
            provider=row["provider"],
            subject=row["subject"],
            base_url=row["base_url"],
            settings=json.loads(row["settings"]),
            is_failing=row["failing_since"] is not None,
            is_paused=bool(row["paused"]),
        )


def _calendars(connection: sqlite3.Connection, owner: str) -> Iterator[CalendarInfo]:
    query = "SELECT id, account, remote_id, name, role, state, confirmed FROM calendar WHERE owner = ? ORDER BY id"
    for row in connection.execute(query, (owner,)):
        yield CalendarInfo(
            id=row["id"],
            account=row["account"],
            remote_id=row["remote_id"],
            name=row["name"],
            role=row["role"],
            state=row["state"],
            confirmed=bool(row["confirmed"]),
        )


def _sessions(connection: sqlite3.Connection, owner: str) -> Iterator[Hub]:
    students: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute("SELECT session, student FROM session_student"):
        students[row["session"]].append(row["student"])
    ever: dict[str, set[str]] = defaultdict(set)
    living: dict[str, str] = {}
    query = "SELECT session, join_url, state FROM meeting WHERE owner = ? AND join_url <> ''"
    for row in connection.execute(query, (owner,)):
        ever[row["session"]].add(row["join_url"])
        if row["state"] in ("wanted", "live"):
            living[row["session"]] = row["join_url"]
    for row in connection.execute("SELECT * FROM session WHERE owner = ?", (owner,)):
        yield Hub(
            id=row["id"],
            version=row["version"],
            is_at_rest=row["settled_version"] is not None,
            wall=row["start_wall"],
            zone=row["zone"],
            when=When(instant_of(row["start_wall"], row["zone"]), timedelta(seconds=row["duration_s"])),
            title=row["title"],
            place=row["place"],
            online=bool(row["online"]),
            notes=row["notes"],
            status=row["status"],
            subject=row["subject"],
            chargeable=bool(row["chargeable"]),
            students=tuple(sorted(students[row["id"]])),
            join_url=living.get(row["id"], ""),
            old_links=frozenset(ever[row["id"]]),
            edited_at=dict(_edited_at(json.loads(row["origins"]))),
        )


def instant_of(wall: str, zone: str) -> datetime:
    """Give the UTC instant at which the clocks of a zone show an hour, by the zone rules of this computer."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _edited_at(origins: dict[str, Any]) -> Iterator[tuple[str, datetime]]:
    for groups, origin in origins.items():  # several that were edited in one go stand under one name
        if isinstance(origin, dict) and origin.get("until"):
            at = datetime.fromisoformat(origin["until"]).astimezone(UTC)
            yield from ((group, at) for group in groups.split(" "))


_LINKS = """
    SELECT link.id, link.session, link.calendar, link.uid, link.state, link.closed_why,
           remote_obj.href_raw, remote_obj.etag, remote_obj.refetch, remote_obj.gone_at
      FROM link LEFT JOIN remote_obj ON remote_obj.id = link.obj
     WHERE link.owner = ?
"""


def _links(connection: sqlite3.Connection, owner: str) -> Iterator[Link]:
    bases: dict[str, dict[str, tuple[str | None, str | None]]] = defaultdict(dict)
    for row in connection.execute("SELECT link, field_group, hub_value, side_words FROM link_base"):
        bases[row["link"]][row["field_group"]] = (row["hub_value"], row["side_words"])
    written = {
        row["link"]
        for row in connection.execute("SELECT link FROM intent WHERE state IN ('sent', 'unknown') AND link IS NOT NULL")
    }
    for row in connection.execute(_LINKS, (owner,)):
        yield Link(
            id=row["id"],
            session=row["session"],
            calendar=row["calendar"],
            uid=row["uid"],
            state=row["state"],
            closed_why=row["closed_why"],
            place=path_of(row["href_raw"] or ""),
            version=row["etag"] or "",
            bases=bases.get(row["id"], {}),
            is_written=row["id"] in written,
            must_look=bool(row["refetch"]) or row["gone_at"] is not None,
            made_at=_made_at(row["id"]),
        )


def path_of(href: str) -> str:
    """Give the path of an address without escapes: the same for every spelling of one place."""
    return unquote(urlsplit(href).path)


def _made_at(uuid7: str) -> datetime | None:
    """Read when an id was made: a UUIDv7 begins with it (RFC 9562, section 5.7). None for another id."""
    digits = uuid7.replace("-", "")
    try:
        return datetime.fromtimestamp(int(digits[:12], 16) / 1000, UTC) if digits[12] == "7" else None
    except (IndexError, ValueError, OverflowError):
        return None


def _asked(connection: sqlite3.Connection, owner: str) -> frozenset[str]:
    query = "SELECT frozen_set FROM question WHERE owner = ? AND answer IS NULL AND closed_why = ''"
    return frozenset(one for row in connection.execute(query, (owner,)) for one in json.loads(row["frozen_set"]))


def _put_back(connection: sqlite3.Connection, owner: str) -> dict[tuple[str, str], datetime]:
    """Give when a session's block in a calendar was last put back."""
    query = (
        "SELECT session, calendar, max(at) AS at FROM activity WHERE owner = ? AND kind = 'block.put_back' "
        "GROUP BY session, calendar"
    )
    rows = connection.execute(query, (owner,))
    return {(row["session"], row["calendar"]): datetime.fromisoformat(row["at"]).replace(tzinfo=UTC) for row in rows}
