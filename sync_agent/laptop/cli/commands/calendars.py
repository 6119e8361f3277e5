"""`tutorsync calendars`, `events` and `busy`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, LaptopGroup, cli_of, takes_cli
from sync_agent.laptop.cli.moments import DateOrTime, home_zone, told_at, told_between, window_query
from sync_agent.laptop.cli.output import table

ROLES = ("sessions", "busy", "block", "ignore")


@click.group(cls=LaptopGroup, invoke_without_command=True)
@click.pass_context
def calendars(context: click.Context) -> None:
    """List the calendars, and what each is for."""
    if context.invoked_subcommand is None:
        cli = cli_of(context)
        with cli.door() as door:
            cli.output.document(door.ask("GET", "/v1/calendars"), lambda told: _words(told, home_zone(door)))


@calendars.command("set")
@click.argument("calendar_id", metavar="ID")
@click.option("--role", type=click.Choice(ROLES), required=True)
@click.option("--yes", is_flag=True, help="Agree to the first write there.")
@takes_cli
def set_role(cli: Cli, calendar_id: str, role: str, yes: bool) -> None:
    """Say what a calendar (by id or name) is for."""
    body: dict[str, Any] = {"role": role} | ({"confirmed": True} if yes else {})
    with cli.door() as door:
        document = door.ask("PATCH", f"/v1/calendars/{quote(calendar_id, safe='')}", body=body)
        cli.output.document(document, lambda done: f"“{done['calendar']['name']}” is for {role} now.")


@click.command(cls=LaptopCommand)
@click.option("--account", metavar="ID", help="Only this account (id or name).")
@click.option("--from", "lo", type=DateOrTime(), help="Default: today.")
@click.option("--to", "hi", type=DateOrTime(), help="Default: 30 days on.")
@takes_cli
def events(cli: Cli, account: str | None, lo: str | None, hi: str | None) -> None:
    """List what the calendars hold, as last read."""
    query = window_query(lo, hi) | ({"account": account} if account else {})
    with cli.door() as door:
        cli.output.document(
            door.ask("GET", "/v1/events", query=query), lambda told: _event_words(told, home_zone(door))
        )


@click.command(cls=LaptopCommand)
@click.option("--from", "lo", type=DateOrTime(), help="Default: today.")
@click.option("--to", "hi", type=DateOrTime(), help="Default: 14 days on.")
@takes_cli
def busy(cli: Cli, lo: str | None, hi: str | None) -> None:
    """List when you are busy, and because of what."""
    with cli.door() as door:
        cli.output.document(
            door.ask("GET", "/v1/busy", query=window_query(lo, hi)), lambda told: _busy_words(told, home_zone(door))
        )


def _words(document: dict[str, Any], zone: str) -> str:
    rows = [
        (
            one["name"],
            one["role"],
            "" if one["access"] == "write" else "read only",
            one["state"] if one["state"] != "ok" else "",
            told_at(one["last_read_at"], zone),
            one["objects"],
            one["id"],
        )
        for one in document["calendars"]
    ]
    return table(("NAME", "FOR", "", "", "LAST READ", "EVENTS", "ID"), rows, empty="No calendars are connected.")


def _event_words(document: dict[str, Any], zone: str) -> str:
    rows = [(_when(one, zone), one["summary"], one["uid"]) for one in document["events"]]
    return table(("WHEN", "TITLE", "UID"), rows, empty="No events in this time.")


def _busy_words(document: dict[str, Any], zone: str) -> str:
    rows = [(_when(one, zone), one["calendar_name"], one["summary"]) for one in document["busy"]]
    return table(("WHEN", "CALENDAR", "TITLE"), rows, empty="Nothing is in the way in this time.")


def _when(one: dict[str, Any], zone: str) -> str:
    return told_between(one["start"], one["end"], zone)
