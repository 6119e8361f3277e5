"""Accounts and calendars: look, connect, disconnect, what a calendar is for, what it holds."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.platform.pairing import pair
from connectors.registry import CALENDARS, MEETINGS, Credentials, open_calendars, open_meetings, open_platform
from connectors.vocabulary.accounts import CalendarInfo, Identity
from connectors.vocabulary.errors import ConnectorError
from sync_agent.engine.desk.accounts import NewAccount, platform_calendar, suggested_role
from sync_agent.engine.sync.book import PLATFORM
from sync_agent.engine.values import Role
from sync_agent.laptop.accountbook import looked_at
from sync_agent.laptop.api.faults import not_connected_document, status_of
from sync_agent.laptop.documents.accounts import account_document, calendar_document
from sync_agent.laptop.documents.times import instant
from sync_agent.laptop.errors import (
    CalendarNotFound,
    EventsLeft,
    FileUnreadable,
    ProviderUnknown,
    RequestWrong,
    RoleUnknown,
)
from sync_agent.laptop.operations.request import Reply, Request, flag, needed, text, window
from sync_agent.laptop.profile.installation import device_name, shown_name
from sync_agent.laptop.vault.vault import VaultState

if TYPE_CHECKING:
    from sync_agent.engine.values import Account, CalendarRow
    from sync_agent.laptop.office import Office

_FEED_PROVIDER = "ics"


@dataclass(frozen=True, slots=True)
class _Found:
    """What a look at an account brought."""

    credentials: Credentials
    identity: Identity
    calendars: Sequence[tuple[CalendarInfo, Role]]


def list_accounts(office: Office, request: Request) -> Reply:
    """`GET /v1/accounts`."""
    del request
    with office.store.read() as connection:
        accounts = office.store.accounts.all(connection)
        calendars = office.store.accounts.calendars(connection)
        objects = office.store.accounts.object_counts(connection)
    zone = office.home_zone
    documents = [
        account_document(
            one, [calendar for calendar in calendars if calendar.account == one.id], objects=objects, zone=zone
        )
        for one in accounts
    ]
    return Reply({"accounts": documents})


def look(office: Office, request: Request) -> Reply:
    """`POST /v1/accounts/look`: signs in and lists the calendars; stores nothing."""
    if needed(request.body, "provider") == PLATFORM:
        raise RequestWrong(
            reason="A platform is connected by its code, which works only once; there is no look before."
        )
    try:
        found = _found(office, request)
    except ConnectorError as error:
        return Reply(not_connected_document(error), status_of(error))
    return Reply(
        {
            "identity": {"issuer": found.identity.issuer, "display": found.identity.display},
            "found": [
                {
                    "remote_id": info.remote_id,
                    "name": info.name,
                    "access": info.access.value,
                    "subscribed": info.subscribed,
                    "suggested_role": role.value,
                }
                for info, role in found.calendars
            ],
        }
    )


def connect(office: Office, request: Request) -> Reply:
    """`POST /v1/accounts`: signs in, keeps the secrets in the vault, stores the account with its calendars."""
    body = request.body
    if body.get("secrets") or body.get("url"):
        # Opened or refused before anybody signs in: a one-time code must not be used up for nothing.
        office.vault.get("")
    try:
        found = _found(office, request)
    except ConnectorError as error:
        return Reply(not_connected_document(error), status_of(error))
    account_id = office.engine.accounts.new_id()
    if found.credentials.secrets:
        office.vault.put(account_id, dict(found.credentials.secrets))
    new = NewAccount(
        id=account_id,
        provider=needed(body, "provider"),
        identity=found.identity,
        base_url=found.credentials.base_url,
        name=text(body, "name") or "",
        settings=_kept_settings(found.credentials, found.identity),
    )
    try:
        account, calendars = office.engine.accounts.connect(
            new, found.calendars, confirmed=bool(flag(body, "confirmed"))
        )
    except Exception:
        _forget(office, account_id)
        raise
    documents = [calendar_document(one, objects={}, zone=office.home_zone) for one in calendars]
    document = account_document(account, calendars, objects={}, zone=office.home_zone)
    return Reply({"account": document, "found": documents}, 201)


def disconnect(office: Office, request: Request) -> Reply:
    """`DELETE /v1/accounts/{id}`: the events stay, or our future ones are removed first; no session is touched."""
    with office.store.read() as connection:
        account = office.engine.accounts.account(connection, request.path["id"])
        mine = office.store.accounts.calendars(connection, account.id)
    if request.query.get("remove_events") == "true":
        _remove_events(office, account, mine)
    office.engine.leave(account.id)
    office.engine.accounts.disconnect(account.id)
    _forget(office, account.id)
    return Reply({"account": account_document(account, [], objects={}, zone=office.home_zone)})


def _remove_events(office: Office, account: Account, calendars: Sequence[CalendarRow]) -> None:
    """Remove what we wrote there of sessions to come, as a change of role does.

    Raises:
        EventsLeft: not all of it could be; the account stays, for without it nobody could remove the rest.
    """
    for calendar in calendars:
        if calendar.role in (Role.SESSIONS, Role.BLOCK):
            office.engine.accounts.set_role(calendar.id, Role.BUSY)
    report = office.run_pass([account.id])
    with office.store.read() as connection:
        places = [one.id for one in calendars if not one.is_platform]
        left = sum(len(office.store.links.of_calendar(connection, one)) for one in places)
    if left:
        told = report.accounts.get(account.id)
        raise EventsLeft(
            count=left, name=account.name, why=f" {told.message}" if told is not None and told.message else ""
        )


def _forget(office: Office, account_id: str) -> None:
    """Forget an account's connection and secrets; a vault that is not there, or closed, keeps what it has."""
    office.book.forget(account_id)
    if office.vault.state in (VaultState.OPEN, VaultState.SESSION_ONLY):
        office.vault.remove(account_id)


def list_calendars(office: Office, request: Request) -> Reply:
    """`GET /v1/calendars`."""
    del request
    with office.store.read() as connection:
        calendars = office.store.accounts.calendars(connection)
        objects = office.store.accounts.object_counts(connection)
    return Reply({"calendars": [calendar_document(one, objects=objects, zone=office.home_zone) for one in calendars]})


def change_calendar(office: Office, request: Request) -> Reply:
    """`PATCH /v1/calendars/{id}`: what it is for, and whether its whole days take the tutor's time."""
    body, desk, name = request.body, office.engine.accounts, request.path["id"]
    role, all_day = text(body, "role"), text(body, "all_day")
    if not role and not all_day:
        raise RequestWrong(reason="“role” or “all_day” is needed.")
    if role and (role not in set(Role) or role == Role.PLATFORM):
        raise RoleUnknown(role=role)
    if all_day and all_day not in ("blocks", "free"):
        raise RequestWrong(reason=f"“all_day” is “blocks” or “free”, not “{all_day}”.")
    with office.store.read() as connection:
        calendar = desk.calendar(connection, name)
    if role:
        calendar = desk.set_role(calendar.id, Role(role), confirmed=flag(body, "confirmed"))
    if all_day:
        calendar = desk.set_all_day(calendar.id, blocks=all_day == "blocks")
    return Reply({"calendar": calendar_document(calendar, objects={}, zone=office.home_zone)})


def dry_run(office: Office, request: Request) -> Reply:
    """`GET /v1/calendars/{id}/dry-run`: what the next pass would write there."""
    with office.store.read() as connection:
        calendar = office.engine.accounts.calendar(connection, request.path["id"])
        waiting = office.store.links.count_wanted(connection, calendar.id)
    report = office.engine.run_pass([calendar.account], dry_run=True)
    return Reply(
        {
            "calendar": calendar.id,
            "add": max(report.created, waiting),
            "change": report.updated,
            "delete": report.deleted,
        }
    )


def list_events(office: Office, request: Request) -> Reply:
    """`GET /v1/events`: what the calendars hold, as last read."""
    lo, hi = window(request, office, days=30)
    account = request.query.get("account")
    zone = office.home_zone
    with office.store.read() as connection:
        wanted = None if account is None else office.engine.accounts.account(connection, account).id
        rows = office.store.mirror.between(connection, lo, hi, account=wanted)
    return Reply(
        {
            "events": [
                {
                    "calendar": row.calendar,
                    "uid": row.uid,
                    "href": row.href,
                    "etag": row.etag,
                    "summary": row.summary,
                    "start": instant(row.lo, zone),
                    "end": instant(row.hi, zone),
                    "recurrence_id": row.recurrence_id or None,
                    "ours": row.is_ours,
                }
                for row in rows
            ]
        }
    )


def list_busy(office: Office, request: Request) -> Reply:
    """`GET /v1/busy`."""
    lo, hi = window(request, office)
    zone = office.home_zone
    with office.store.read() as connection:
        rows = office.store.bookings.touching(connection, lo, hi)
    return Reply(
        {
            "busy": [
                {
                    "calendar": row.calendar,
                    "calendar_name": row.calendar_name,
                    "uid": row.uid,
                    "recurrence_id": row.recurrence_id or None,
                    "start": instant(row.lo, zone),
                    "end": instant(row.hi, zone),
                    "summary": row.summary,
                    "recurring": row.recurring,
                }
                for row in rows
            ]
        }
    )


def _found(office: Office, request: Request) -> _Found:
    """Sign in with what was typed and see what is there."""
    body = request.body
    provider = needed(body, "provider")
    secrets = _texts(body, "secrets")
    given = _given(office, provider, body, secrets)
    if provider == PLATFORM:
        code = secrets.get("code") or ""
        if not code:
            raise RequestWrong(reason="A platform is connected with a code that its administrator makes.")
        # By this name the tutor's other laptops and the agency's operator tell it from the others.
        device = device_name(socket.gethostname())
        given = pair(given.base_url, code, given.rules, device_name=shown_name(device))
        with looked_at(open_platform(given)) as platform:
            identity = platform.identify()
        return _Found(given, identity, [platform_calendar(identity)])
    if provider in MEETINGS:
        with looked_at(open_meetings(provider, given)) as host:
            return _Found(given, host.identify(), [])
    if provider not in CALENDARS:
        raise ProviderUnknown(provider=provider)
    with looked_at(open_calendars(provider, given)) as account:
        identity, calendars = account.identify(), account.calendars()
    return _Found(given, identity, _with_roles(body, calendars))


def _with_roles(body: Mapping[str, Any], calendars: Sequence[CalendarInfo]) -> list[tuple[CalendarInfo, Role]]:
    """Give each calendar what it is for: as named, as chosen one by one ("roles"), else as it looks."""
    wanted, role = text(body, "calendar") or "", text(body, "role")
    if role is not None and (role not in set(Role) or role == Role.PLATFORM):
        raise RoleUnknown(role=role)
    names = [info.name for info in calendars]
    if wanted and not any(wanted.casefold() in (info.name.casefold(), info.remote_id.casefold()) for info in calendars):
        raise CalendarNotFound(name=wanted, found=", ".join(f"“{name}”" for name in names) or "none at all")
    chosen = _texts(body, "roles")
    found = []
    for info in calendars:
        mine = suggested_role(info, wanted=wanted)
        if mine is Role.SESSIONS and role is not None:
            mine = Role(role)
        if info.remote_id in chosen:
            mine = Role(chosen[info.remote_id])
        found.append((info, mine))
    return found


def _given(office: Office, provider: str, body: Mapping[str, Any], secrets: Mapping[str, str]) -> Credentials:
    settings = dict(_texts(body, "settings"))
    base_url, secrets = text(body, "url") or "", dict(secrets)
    for name in ("username", "account_id", "client_id", "ca_file", "file"):
        value = text(body, name)
        if value:
            settings[name] = value
    for name in ("ca_file", "file"):
        if settings.get(name):
            settings[name] = str(_readable(settings[name]))
    if flag(body, "allow_private"):
        settings["allow_private"] = "yes"
    if provider == _FEED_PROVIDER and base_url:
        # The address of a feed is a secret: whoever has it reads the calendar.
        secrets["url"], base_url = base_url, ""
    return office.book.credentials(provider, base_url, settings, secrets)


def _readable(name: str) -> Path:
    path = Path(name).expanduser().absolute()
    try:
        with path.open("rb"):
            return path
    except OSError as cause:
        raise FileUnreadable(file=path.name, reason=cause.strerror or str(cause)) from cause


def _kept_settings(credentials: Credentials, identity: Identity) -> dict[str, str]:
    """Give the settings that belong to the account; vendor addresses stay where they are set, in the settings."""
    kept = {name: value for name, value in credentials.settings.items() if name not in ("api_base", "token_url")}
    if identity.addresses:  # by them an invitation shows whether this person declined it
        kept["user_addresses"] = " ".join(identity.addresses)
    return kept


def _texts(body: Mapping[str, Any], name: str) -> dict[str, str]:
    found = body.get(name) or {}
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise RequestWrong(reason=f"“{name}” is an object of texts.")
    return dict(found)
