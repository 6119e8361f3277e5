"""`tutorsync cloud`: the platform's side of the command line. Finds nothing else of the house."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from cloud_api import tenants
from cloud_api.auth.scopes import Scope
from cloud_api.auth.service import new_client
from cloud_api.auth.store import deactivate_client
from cloud_api.clock import system_clock
from cloud_api.database import Database
from cloud_api.devices import service as devices
from cloud_api.feed.numbers import begin_epoch
from cloud_api.ids import uuid7
from cloud_api.leases import store as leases
from cloud_api.migrate import DatabaseTooNew, migrate
from cloud_api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection

    from cloud_api.devices.store import SeenDevice
    from cloud_api.leases.store import LeaseRow

_FILE = "cloud.db"


class CommandFailed(click.ClickException):
    """One sentence of what is wrong, one of what to do; exit 1."""

    def __init__(self, code: str, message: str, action: str, *, as_json: bool) -> None:
        super().__init__(message)
        self.code, self.action, self._as_json = code, action, as_json

    def show(self, file: Any = None) -> None:
        """Tell it: as JSON on stdout if that was asked for, else to the person."""
        if self._as_json:
            error = {"code": self.code, "message": self.message, "action": self.action}
            click.echo(msgspec.json.encode({"error": error}))
        else:
            click.echo(f"{self.message} {self.action}".strip(), file=file or sys.stderr)


_OPTIONS = (
    click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout."),
    click.option("--database-url", help="postgresql+psycopg://… or sqlite:///FILE.", envvar="TUTORSYNC_DATABASE_URL"),
    click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        help="Folder of the SQLite file.",
        envvar="TUTORSYNC_CLOUD_DATA",
    ),
)


def _placed(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command has; they may stand before or after the subcommand's name."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group(invoke_without_command=True)
@_placed
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8765, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
@click.pass_context
def cloud(context: click.Context, /, host: str, port: int, **_placed_options: Any) -> None:
    """Run the Developer API, or one of its commands."""
    if context.invoked_subcommand is not None:
        return
    # Here, because every other command does without a web server and starts in half the time.
    from cloud_api.serve import listen, serve

    with _telling(context), _opened(context) as database:
        try:
            listener = listen(host, port)
        except OSError as cause:
            raise _failed(
                context,
                "cloud.address_taken",
                f"Cannot listen on {host}, port {port}: {cause.strerror}.",
                "Choose another one with --port, or --port 0 for a free one.",
            ) from cause
        serve(database, listener, lambda: _announce(context, *listener.getsockname()[:2]))


@cloud.command("migrate")
@_placed
@click.pass_context
def migrate_command(context: click.Context, /, **_placed_options: Any) -> None:
    """Bring the database to the schema of this version."""
    with _telling(context), _opened(context, migrated=False) as database:
        revision = migrate(database)
        _say(context, {"revision": revision}, f"The database has the schema {revision}.")


@cloud.group("client")
def client() -> None:
    """Clients of the API."""


@client.command("create")
@_placed
@click.argument("name")
@click.option("--permissions", required=True, help="Scopes between blanks or commas, or “all”.")
@click.option("--email", default="", help="Whom to tell when something is wrong.")
@click.option("--tenant", default=tenants.DEFAULT_TENANT, show_default=True, help="Made if there is none of that name.")
@click.pass_context
def create_client(
    context: click.Context, /, name: str, permissions: str, email: str, tenant: str, **_placed_options: Any
) -> None:
    """Make a client and show its API key, this once."""
    with _telling(context):
        scopes = _scopes_named(context, permissions)
        with _opened(context) as database, database.writing() as connection:
            now = system_clock()
            tenant_id = tenants.ensured_tenant(connection, tenant, now)
            made = new_client(
                connection, name=name, tenant=tenant_id, kind="developer", permissions=scopes, now=now, email=email
            )
        words = f"client_id  {made.client_id}\nAPI key    {made.api_key}\nThe key is shown this once; keep it safe."
        _say(context, asdict(made), words)


@client.command("revoke")
@_placed
@click.argument("client_id")
@click.pass_context
def revoke_client(context: click.Context, /, client_id: str, **_placed_options: Any) -> None:
    """Let a client (a lost laptop, an old script) in no more."""
    with _telling(context), _opened(context) as database:
        with database.writing() as connection:
            found = deactivate_client(connection, client_id, system_clock())
        if not found:
            raise _failed(context, "client.unknown", f"There is no client {client_id}.", "Check the id.")
        _say(context, {"client_id": client_id, "is_active": False}, f"{client_id} is not let in any more.")


@cloud.command("device-code")
@_placed
@click.option("--tutor", "tutor_id", required=True, help="The tutor's id (GET /api/tutors).")
@click.option("--tenant", default=tenants.DEFAULT_TENANT, show_default=True)
@click.pass_context
def device_code(context: click.Context, /, tutor_id: str, tenant: str, **_placed_options: Any) -> None:
    """Make a one-time code with which a tutor's laptop is paired."""
    with _telling(context), _opened(context) as database:
        now = system_clock()
        with database.writing() as connection:
            tenant_id = tenants.ensured_tenant(connection, tenant, now)
            code = devices.make_code(connection, tenant_id, tutor_id, now)
        expires_at = now + devices.CODE_LASTS
        words = f"{code}   (works once, until {expires_at.astimezone():%H:%M})"
        _say(context, {"code": code, "tutor_id": tutor_id, "expires_at": expires_at.isoformat()}, words)


@cloud.command("devices")
@_placed
@click.option("--tenant", default=tenants.DEFAULT_TENANT, show_default=True)
@click.pass_context
def list_devices(context: click.Context, /, tenant: str, **_placed_options: Any) -> None:
    """List paired laptops: whose, when they were last heard of, how many calendars they look after."""
    with _telling(context), _opened(context) as database:
        now = system_clock()
        with database.reading() as connection:
            tenant_id = _tenant_named(context, connection, tenant)
            found = devices.listed(connection, tenant_id)
            held = leases.held_in(connection, tenant_id, now)
        documents = [_device_document(device, held.get(device.id, [])) for device in found]
        _say(context, {"devices": documents}, "\n".join(map(_device_line, documents)) or "No laptop is paired.")


@cloud.group("device")
def device() -> None:
    """Paired laptops."""


@device.command("revoke")
@_placed
@click.argument("device_id")
@click.option("--tenant", default=tenants.DEFAULT_TENANT, show_default=True)
@click.pass_context
def revoke_device(context: click.Context, /, device_id: str, tenant: str, **_placed_options: Any) -> None:
    """Let a lost laptop in no more; what it may still write to calendars ends within a minute."""
    with _telling(context), _opened(context) as database:
        now = system_clock()
        with database.writing() as connection:
            tenant_id = _tenant_named(context, connection, tenant)
            found = devices.revoke(connection, tenant_id, device_id, now)
            held = leases.held_in(connection, tenant_id, now).get(device_id, [])
        if not found:
            raise _failed(
                context, "device.unknown", f"There is no laptop {device_id}.", "See them with: tutorsync cloud devices."
            )
        free_at = max((lease.expires_at for lease in held), default=None)
        words = f"{device_id} is not let in any more."
        if free_at is not None:
            words += f" Another laptop looks after its calendars from {free_at.astimezone():%H:%M} on."
        document = {
            "device_id": device_id,
            "is_active": False,
            "calendars": len(held),
            "free_at": None if free_at is None else free_at.isoformat(),
        }
        _say(context, document, words)


@cloud.command("new-epoch")
@_placed
@click.pass_context
def new_epoch(context: click.Context, /, **_placed_options: Any) -> None:
    """After a backup was restored: let every device read everything again."""
    with _telling(context), _opened(context) as database, database.writing() as connection:
        epoch = uuid7(system_clock())
        begin_epoch(connection, epoch)
        _say(context, {"epoch": epoch}, "Every device reads everything again at its next look.")


@cloud.command("sample")
@_placed
@click.option("--sessions", default=200, show_default=True, type=click.IntRange(1, 2000))
@click.option("--seed", default=1, show_default=True, type=int, help="Another seed, another year.")
@click.option("--around", type=click.DateTime(["%Y-%m-%d"]), help="The middle of the year; default: today.")
@click.option("--tenant", default=tenants.DEFAULT_TENANT, show_default=True)
@click.pass_context
def sample(
    context: click.Context, /, sessions: int, seed: int, around: datetime | None, tenant: str, **_placed_options: Any
) -> None:
    """Fill in a believable year of tutoring, the same for the same seed and date."""
    from cloud_api.sample.fill import fill
    from cloud_api.sample.year import sample_year

    now = system_clock()
    middle = now.date() if around is None else around.date()
    year = sample_year(sessions=sessions, seed=seed, around=middle)
    with _telling(context), _opened(context) as database:
        with database.writing() as connection:
            added = fill(connection, tenants.ensured_tenant(connection, tenant, now), year, now)
        people = [person for person in year.people if person.role == "tutor"]
        document = {
            "tutors": [{"id": person.id, "name": person.name, "zone": person.zone} for person in people],
            "students": sum(person.role == "student" for person in year.people),
            "sessions": len(year.sessions),
            "added": added,
            "seed": seed,
            "around": middle.isoformat(),
        }
        lines = [f"{added} sessions added around {middle}, for"]
        lines += [f"  {person.name} ({person.zone})   {person.id}" for person in people]
        _say(context, document, "\n".join(lines))


@cloud.command("openapi")
@click.pass_context
def openapi(context: click.Context) -> None:
    """Print the API's description (OpenAPI), as it is checked in."""
    click.echo(description_text(), nl=False)


def description_text() -> str:
    """Give the description as it is checked in."""
    from cloud_api.app import make_app

    return msgspec.json.format(msgspec.json.encode(make_app(None).openapi(), order="sorted"), indent=1).decode() + "\n"


@contextmanager
def _opened(context: click.Context, *, migrated: bool = True) -> Iterator[Database]:
    """Open the database that the options name, with the schema of this version."""
    database = Database(_url(context))
    try:
        if migrated:
            migrate(database)
            with database.writing() as connection:
                tenants.prepared(connection, system_clock())
        yield database
    finally:
        database.close()


def _tenant_named(context: click.Context, connection: Connection, name: str) -> str:
    found = tenants.tenant_named(connection, name)
    if found is None:
        raise _failed(context, "tenant.unknown", f"There is no tenant “{name}”.", "Check the name.")
    return found


def _device_document(device: SeenDevice, held: Sequence[LeaseRow]) -> dict[str, Any]:
    return {
        "id": device.id,
        "name": device.name,
        "tutor_id": device.tutor_id,
        "tutor_name": device.tutor_name,
        "client_id": device.client_id,
        "paired_at": device.paired_at.isoformat(),
        "seen_at": None if device.seen_at is None else device.seen_at.isoformat(),
        "is_active": device.is_active,
        "leases": [
            {"key": lease.key, "epoch": lease.epoch, "expires_at": lease.expires_at.isoformat()} for lease in held
        ],
    }


def _device_line(device: dict[str, Any]) -> str:
    if device["seen_at"] is None:
        seen = "not heard of yet"
    else:
        seen = f"heard of {datetime.fromisoformat(device['seen_at']).astimezone():%Y-%m-%d %H:%M}"
    state = f"{len(device['leases'])} calendars" if device["is_active"] else "not let in any more"
    return f"{device['id']}  {device['name']} ({device['tutor_name']}), {seen}, {state}"


def _url(context: click.Context) -> str:
    given: str | None = _chosen(context, "database_url")
    if given is not None:
        return given
    folder: Path = _chosen(context, "data") or Path.home() / ".local" / "share" / "tutorsync-cloud"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as cause:
        raise _failed(
            context,
            "cloud.data_folder",
            f"The folder {folder} cannot be used: {cause.strerror}.",
            "Choose another one with --data.",
        ) from cause
    return f"sqlite:///{folder / _FILE}"


@contextmanager
def _telling(context: click.Context) -> Iterator[None]:
    """Turn what can go wrong with a database into one sentence and exit 1."""
    try:
        yield
    except DatabaseTooNew as cause:
        raise _failed(context, cause.code, str(cause), "") from cause
    except Problem as cause:
        raise _failed(context, cause.code, cause.detail, "") from cause
    except ModuleNotFoundError as cause:
        raise _failed(
            context,
            "cloud.driver_missing",
            f"The driver {cause.name} for this database is not installed.",
            "Install TutorSync with its extra “postgres”.",
        ) from cause
    except (ArgumentError, NoSuchModuleError) as cause:
        raise _failed(
            context,
            "cloud.database_url",
            "This is no address of a database.",
            "Write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        ) from cause
    except DBAPIError as cause:
        reason = str(cause.orig).strip().splitlines()[0]
        raise _failed(
            context,
            "cloud.database",
            f"The database cannot be used: {reason}.",
            "Nothing was changed. Check the address, its rights and the free space.",
        ) from cause


def _scopes_named(context: click.Context, text: str) -> list[Scope]:
    if text.strip() == "all":
        return list(Scope)
    try:
        return [Scope(word) for word in text.replace(",", " ").split()]
    except ValueError as cause:
        known = " ".join(Scope)
        raise _failed(context, "client.permission_unknown", f"{cause}.", f"There are: {known}.") from cause


def _announce(context: click.Context, /, host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}"
    document = {"event": "ready", "url": url, "host": host, "port": port}
    _say(context, document, f"The Developer API answers at {url} – documentation: {url}/api/docs")
    sys.stdout.flush()


def _say(context: click.Context, document: dict[str, Any], words: str) -> None:
    click.echo(msgspec.json.encode(document) if _as_json(context) else words)


def _failed(context: click.Context, code: str, message: str, action: str) -> CommandFailed:
    return CommandFailed(code, message, action, as_json=_as_json(context))


def _as_json(context: click.Context) -> bool:
    """Whether --json stands anywhere on the line; before the word `cloud` the main command has read it."""
    output = getattr(context.find_root().obj, "output", None)
    return bool(_chosen(context, "as_json") or getattr(output, "as_json", False))


def _chosen(context: click.Context, name: str) -> Any:
    """Give an option's value from the nearest command that has it."""
    at: click.Context | None = context
    while at is not None:
        if at.params.get(name) not in {None, False}:
            return at.params[name]
        at = at.parent
    return None


if __name__ == "__main__":
    cloud()
