"""The checks in order (`GET /v1/doctor`): what is wrong, and what to do."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from sync_agent.engine.busy.doubts import doubt_words
from sync_agent.engine.conflicts.words import stale_words
from sync_agent.laptop.documents.accounts import health_document
from sync_agent.laptop.documents.doubts import current
from sync_agent.laptop.errors import LaptopError
from sync_agent.laptop.operations.request import Reply, Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_agent.laptop.office import Office

_LEAST_FREE_BYTES = 100_000_000
_MOST_DOUBTS = 20


def examine(office: Office, request: Request) -> Reply:
    """`GET /v1/doctor`: looks at what is here; asks no server."""
    del request
    checks = list(_checks(office))
    return Reply({"ok": all(check["ok"] for check in checks), "checks": checks})


def _checks(office: Office) -> Iterator[dict[str, Any]]:
    profile = office.profile
    yield _check("profile", f"The profile is {profile.folder} and can be written.")
    yield _space(office)
    yield _database(office)
    yield _vault(office)
    yield _check("zone", f"Your time zone is {office.home_zone}.")
    with office.store.read() as connection:
        accounts = office.store.accounts.all(connection)
        stale = office.engine.coverage.now(connection, office.clock.now()).stale
        waiting = len(office.store.sessions.unsettled(connection)) if accounts else 0
        doubts = current(office.store.doubts.all(connection), office.clock.now())
    if not accounts:
        yield _check("accounts", "Nothing is connected yet.", action="Begin with “tutorsync connect caldav --help”.")
    for account in accounts:
        health = health_document(account, zone=office.home_zone)
        words = health["message"] or f"{account.name} works."
        yield _check(f"account {account.name}", words, ok=health["state"] in ("ok", "paused"))
    for calendar in stale:
        words = f"{stale_words(calendar, zone=office.home_zone)}, so nothing in it counts as free."
        yield _check(f"calendar {calendar.name}", words, ok=False, action="Try “tutorsync sync --wait”.")
    for doubt in doubts[:_MOST_DOUBTS]:
        yield _check(f"event {doubt.title}", doubt_words(doubt), ok=False, action="Look at it in its own calendar.")
    if len(doubts) > _MOST_DOUBTS:
        more = f"{len(doubts) - _MOST_DOUBTS} more events are not fully understood."
        yield _check("events", more, ok=False, action="The first ones are named above.")
    yield _check("outbox", _waiting_words(waiting))
    yield _audited(office)


def _space(office: Office) -> dict[str, Any]:
    free = shutil.disk_usage(office.profile.folder).free
    return _check(
        "space",
        f"{free // 1_000_000} MB are free on the disk.",
        ok=free >= _LEAST_FREE_BYTES,
        action="Free some space." if free < _LEAST_FREE_BYTES else "",
    )


def _database(office: Office) -> dict[str, Any]:
    with office.store.read() as connection:
        found = str(connection.execute(text("PRAGMA quick_check(1)")).scalar())
    whole = found == "ok"
    words = "The database is whole." if whole else f"The database is damaged: {found}."
    return _check("database", words, ok=whole, action="" if whole else "Put a copy of the profile back.")


def _vault(office: Office) -> dict[str, Any]:
    state = office.vault.state.value
    try:
        if state == "open":
            # Looked into, not only at: a damaged file or the wrong passphrase shows here, before a sync fails.
            office.vault.get("")
    except LaptopError as error:
        return _check("vault", str(error), ok=False, action=error.action.format_map(error.facts))
    locked = state == "locked"
    action = "Open it with “tutorsync vault unlock”." if locked else ""
    return _check("vault", f"The vault with your passwords is {state.replace('_', ' ')}.", ok=not locked, action=action)


def _audited(office: Office) -> dict[str, Any]:
    with office.store.read() as connection:
        rows = [row for row in office.store.audits.latest(connection) if not row.not_read]
    wrong = sum(row.compared - row.equal for row in rows)
    if not rows:
        return _check("audit", "Nothing has been audited yet.")
    if not wrong:
        compared = sum(row.compared for row in rows)
        return _check("audit", f"At the last audit all {compared} linked fields were equal on both sides.")
    words = f"At the last audit {wrong} of {sum(row.compared for row in rows)} linked fields were not equal."
    return _check("audit", words, ok=False, action="“tutorsync audit” compares again and names each.")


def _waiting_words(waiting: int) -> str:
    return "1 session waits to be written." if waiting == 1 else f"{waiting} sessions wait to be written."


def _check(name: str, message: str, *, ok: bool = True, action: str = "") -> dict[str, Any]:
    return {"name": name, "ok": ok, "message": message, "action": action}
