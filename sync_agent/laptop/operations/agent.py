"""How things stand, syncing, pausing, settings and the vault."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from sync_agent.laptop.documents.accounts import health_document
from sync_agent.laptop.documents.doubts import current, doubt_document
from sync_agent.laptop.documents.looks import Look
from sync_agent.laptop.documents.passes import pass_document
from sync_agent.laptop.documents.questions import question_words
from sync_agent.laptop.documents.status import Standing, status_document
from sync_agent.laptop.errors import RequestWrong
from sync_agent.laptop.operations.request import Reply, Request, flag, number, text
from sync_agent.laptop.operations.sessions import documents_of
from sync_agent.laptop.vault.secrets import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_agent.engine.values import Account
    from sync_agent.laptop.office import Office

UNTIL_I_RESUME = timedelta(days=36_500)


def our_version() -> str:
    """Give the version of this program."""
    try:
        return version("tutorsync")
    except PackageNotFoundError:
        return "0"


def status(office: Office, request: Request) -> Reply:
    """`GET /v1/status`."""
    del request
    store, now = office.store, office.clock.now()
    with store.read() as connection:
        accounts = store.accounts.all(connection)
        conflicts = store.bookings.conflicts(connection)
        questions = store.questions.open(connection)
        upcoming = store.sessions.next_after(connection, now)
        next_session = documents_of(office, connection, [upcoming])[0] if upcoming else None
        standing = Standing(
            now=now,
            zone=office.home_zone,
            accounts=accounts,
            conflicts=[row.id for row in conflicts],
            conflict_words=str(conflicts[0].facts["why"]) if conflicts else "",
            questions=[one.id for one in questions],
            question_words=question_words(questions[0]) if questions else "",
            waiting=len(store.sessions.unsettled(connection)) if accounts else 0,
            vault=office.vault.state.value,
            is_syncing=office.is_syncing,
            paused_until=office.paused_until(),
            looks=_looks(office, accounts, now),
            advance=office.engine.progress,
            problem=office.problem,
            doubts=len(current(store.doubts.all(connection), now)),
            seal=office.engine.coverage.now(connection, now),
            last_sync_at=max((one.last_success_at for one in accounts if one.last_success_at), default=None),
        )
    return Reply(status_document(standing, next_session=next_session, version=our_version()))


def _looks(office: Office, accounts: Sequence[Account], now: datetime) -> list[Look]:
    wait_of, under_way = office.wait_of, office.engine.under_way
    return [Look(one, wait_of(one, now) if wait_of is not None else None, one.id in under_way) for one in accounts]


def health(office: Office, request: Request) -> Reply:
    """`GET /v1/health`."""
    del request
    with office.store.read() as connection:
        accounts = office.store.accounts.all(connection)
        doubts = current(office.store.doubts.all(connection), office.clock.now())
    return Reply(
        {
            "connections": [health_document(one, zone=office.home_zone) for one in accounts],
            "doubts": [doubt_document(one) for one in doubts],
        }
    )


def sync(office: Office, request: Request) -> Reply:
    """`POST /v1/sync`: does one pass and says what it did. Whoever asks wants it now: no account is left waiting."""
    body = request.body
    wanted = text(body, "account")
    with office.store.write() as connection:
        office.store.accounts.wake(connection)
        accounts = None if wanted is None else [office.engine.accounts.account(connection, wanted).id]
    report = office.run_pass(accounts, dry_run=bool(flag(body, "dry_run")))
    return Reply(pass_document(report, zone=office.home_zone))


def pause(office: Office, request: Request) -> Reply:
    """`POST /v1/pause`."""
    seconds = number(request.body, "seconds")
    if seconds is not None and seconds <= 0:
        raise RequestWrong(reason="A pause lasts longer than nothing.")
    lasts = UNTIL_I_RESUME if seconds is None else timedelta(seconds=min(seconds, UNTIL_I_RESUME.total_seconds()))
    office.pause(office.clock.now() + lasts)
    return status(office, request)


def resume(office: Office, request: Request) -> Reply:
    """`POST /v1/resume`."""
    office.resume()
    return status(office, request)


def show_config(office: Office, request: Request) -> Reply:
    """`GET /v1/config`."""
    del request
    return Reply({"config": office.config.all()})


def change_config(office: Office, request: Request) -> Reply:
    """`PATCH /v1/config`."""
    before = office.engine_settings().travel_buffer
    office.config.change(dict(request.body))
    if office.engine_settings().travel_buffer != before:
        office.engine.conflicts.recheck()
    office.notify("state.changed", [])
    return Reply({"config": office.config.all()})


def show_vault(office: Office, request: Request) -> Reply:
    """`GET /v1/vault`."""
    del request
    return Reply({"vault": {"state": office.vault.state.value}})


def open_vault(office: Office, request: Request) -> Reply:
    """`POST /v1/vault`: opens it, makes it, or keeps secrets for this session only."""
    if flag(request.body, "session_only"):
        office.vault.use_session_only()
    else:
        office.vault.unlock(Secret(text(request.body, "passphrase") or ""))
    with office.store.write() as connection:
        office.store.accounts.wake(connection)
    office.notify("health.changed", [])
    office.notify("state.changed", [])
    return show_vault(office, request)
