"""`tutorsync calendars`, `events` and `busy`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, LaptopGroup, cli_of, takes_cli
from sync_agent.laptop.cli.moments import DateOrTime, home_zone, told_at, told_between, window_query
from sync_agent.laptop.cli.output import table

ROLES = ("sessions", "busy", "block", "ignore")
ALL_DAY = ("blocks", "free")


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
@click.option("--role", type=click.Choice(ROLES))
@click.option("--all-day", type=click.Choice(ALL_DAY), help="Whether its whole days take your time.")
@click.option("--yes", is_flag=True, help="Agree to the first write there.")
@takes_cli
def change(cli: Cli, calendar_id: str, role: str | None, all_day: str | None, yes: bool) -> None:
    """Say what a calendar (by id or name) is for, and whether whole days in it block."""
    if role is None and all_day is None:
        raise click.UsageError("Say --role, or --all-day.")
    body: dict[str, Any] = {name: value for name, value in (("role", role), ("all_day", all_day)) if value}
    body |= {"confirmed": True} if yes else {}
    with cli.door() as door:
        document = door.ask("PATCH", f"/v1/calendars/{quote(calendar_id, safe='')}", body=body)
        cli.output.document(document, lambda done: _changed_words(done["calendar"], body))


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


def _changed_words(calendar: dict[str, Any], body: dict[str, Any]) -> str:
    said = [f"“{calendar['name']}” is for {calendar['role']} now."] if "role" in body else []
    if "all_day" in body:
        does = "take your time" if calendar["all_day"] == "blocks" else "leave you free"
        said.append(f"Whole days in “{calendar['name']}” {does}.")
    return " ".join(said)


def _words(document: dict[str, Any], zone: str) -> str:
    rows = [
        (
            one["name"],
            one["role"],
            "" if one["access"] == "write" else "read only",
            one["state"] if one["state"] != "ok" else "",
            "" if one["all_day"] == "blocks" else "whole days are free",
            told_at(one["last_read_at"], zone),
            one["objects"],
            one["id"],
        )
        for one in document["calendars"]
    ]
    return table(("NAME", "FOR", "", "", "", "LAST READ", "EVENTS", "ID"), rows, empty="No calendars are connected.")


def _event_words(document: dict[str, Any], zone: str) -> str:
    rows = [(_when(one, zone), one["summary"], one["uid"]) for one in document["events"]]
    return table(("WHEN", "TITLE", "UID"), rows, empty="No events in this time.")


def _busy_words(document: dict[str, Any], zone: str) -> str:
    rows = [(_when(one, zone), one["calendar_name"], one["summary"]) for one in document["busy"]]
    return table(("WHEN", "CALENDAR", "TITLE"), rows, empty="Nothing is in the way in this time.")


def _when(one: dict[str, Any], zone: str) -> str:
    return told_between(one["start"], one["end"], zone)
