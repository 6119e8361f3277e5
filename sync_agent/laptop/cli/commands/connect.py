"""`tutorsync connect`: sign in somewhere and add what is found there."""

from __future__ import annotations

import sys
from typing import Any

import click

from sync_agent.laptop.cli.commands.calendars import ROLES
from sync_agent.laptop.cli.context import Cli, LaptopGroup, takes_cli
from sync_agent.laptop.cli.door import LONG_S, Refused
from sync_agent.laptop.cli.output import table
from sync_agent.laptop.cli.secrets import secret_from

_CLOSED = frozenset({"vault.locked", "vault.absent"})


@click.group(cls=LaptopGroup)
def connect() -> None:
    """Connect a calendar server, a feed, Zoom or an agency's platform."""


@connect.command("caldav")
@click.option("--url", required=True, help="Address, host name or mail address.")
@click.option("--username", help="Default: the mail address given as --url.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--name", help="What you call this account.")
@click.option("--ca", "ca_file", metavar="FILE", help="PEM file of the server's own authority.")
@click.option("--calendar", help="The calendar that takes the sessions.")
@click.option("--role", type=click.Choice(ROLES), help="What that calendar is for; default: sessions.")
@click.option("--yes", is_flag=True, help="Agree to the first write there.")
@takes_cli
def caldav(cli: Cli, password_stdin: bool, yes: bool, calendar: str | None, **fields: Any) -> None:
    """Find the calendars of a CalDAV server and add the account."""
    password = secret_from(stdin=password_stdin, prompt=f"Password at {fields['url']}")
    body = _body("caldav", {"password": password}, calendar=calendar, **fields)
    _connect(cli, body | {"confirmed": yes or _agreed(calendar, fields.get("role"))})


@connect.command("ics")
@click.option("--url", help="Address of the feed.")
@click.option("--file", help="A calendar file on this computer instead.")
@click.option("--name", help="What you call this feed.")
@click.option("--allow-private", is_flag=True, help="The address may lie in a private network.")
@click.option("--ca", "ca_file", metavar="FILE", help="PEM file of the server's own authority.")
@takes_cli
def ics(cli: Cli, allow_private: bool, **fields: Any) -> None:
    """Add a published calendar that can only be read."""
    if bool(fields.get("url")) == bool(fields.get("file")):
        raise click.UsageError("Give either --url or --file.")
    _connect(cli, _body("ics", {}, **fields) | {"allow_private": allow_private})


@connect.command("zoom")
@click.option("--account-id", required=True)
@click.option("--client-id", required=True)
@click.option("--secret-stdin", is_flag=True, help="Read the client secret from standard input.")
@click.option("--name", help="What you call this account.")
@takes_cli
def zoom(cli: Cli, secret_stdin: bool, **fields: Any) -> None:
    """Make meetings at Zoom, with an app of your own (server-to-server)."""
    secret = secret_from(stdin=secret_stdin, prompt="Client secret")
    _connect(cli, _body("zoom", {"client_secret": secret}, **fields))


@connect.command("platform")
@click.option("--url", required=True, help="The platform's address.")
@click.option("--code", required=True, help="The one-time code from your agency.")
@click.option("--name", help="What you call this platform.")
@click.option("--ca", "ca_file", metavar="FILE", help="PEM file of the platform's own authority.")
@takes_cli
def platform(cli: Cli, code: str, **fields: Any) -> None:
    """Pair this computer with your agency's platform."""
    _connect(cli, _body("platform", {"code": code}, **fields))


def _body(provider: str, secrets: dict[str, str], **fields: Any) -> dict[str, Any]:
    given = {name: value for name, value in fields.items() if value is not None}
    return {"provider": provider, "secrets": secrets, **given}


def _agreed(calendar: str | None, role: str | None) -> bool:
    """Ask once before the first write, where somebody is there to answer; else the first pass asks."""
    if not calendar or role not in (None, "sessions", "block") or not sys.stdin.isatty():
        return False
    agreed: bool = click.confirm(f"Your sessions will be written to “{calendar}”. Go ahead?", err=True)
    return agreed


def _connect(cli: Cli, body: dict[str, Any]) -> None:
    with cli.door() as door:
        try:
            document = door.ask("POST", "/v1/accounts", body=body, within_s=LONG_S)
        except Refused as refused:
            if refused.error.get("code") not in _CLOSED or not sys.stdin.isatty():
                raise
            cli.output.aside(str(refused.error["message"]))
            is_new = refused.error["code"] == "vault.absent"
            typed = secret_from(stdin=False, prompt="Passphrase of the vault", twice=is_new)
            door.ask("POST", "/v1/vault", body={"passphrase": typed})
            document = door.ask("POST", "/v1/accounts", body=body, within_s=LONG_S)
        cli.output.document(document, _words)


def _words(document: dict[str, Any]) -> str:
    account = document["account"]
    head = f"{account['name']} is connected ({account['id']})."
    rows = [(one["name"], one["role"], one["access"], one["id"]) for one in document["found"]]
    return f"{head}\n{table(('CALENDAR', 'FOR', 'YOU MAY', 'ID'), rows, empty='')}".rstrip()
