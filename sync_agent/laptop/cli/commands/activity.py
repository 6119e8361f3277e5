"""`tutorsync activity`, `undo` and `log`."""

from __future__ import annotations

from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli
from sync_agent.laptop.cli.moments import DateOrTime, home_zone, told_at
from sync_agent.laptop.cli.output import table


@click.command(cls=LaptopCommand)
@click.option("--since", type=DateOrTime())
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@takes_cli
def activity(cli: Cli, since: str | None, limit: int) -> None:
    """List what was done, newest first."""
    query = {"limit": str(limit)} | ({"since": since} if since else {})
    with cli.door() as door:
        cli.output.document(door.ask("GET", "/v1/activity", query=query), lambda told: _words(told, home_zone(door)))


@click.command(cls=LaptopCommand)
@click.argument("activity_id", metavar="[ID]", required=False)
@click.option(
    "--extent",
    type=click.Choice(["field", "action", "run"]),
    default="action",
    show_default=True,
    help="One field only, all that was done to the session at once, or all that the same run of the sync took over.",
)
@takes_cli
def undo(cli: Cli, activity_id: str | None, extent: str) -> int:
    """Take an action back, with all that it did; without an id the last one."""
    body = {"extent": extent} | ({"activity": activity_id} if activity_id else {})
    with cli.door() as door:
        document = door.ask("POST", "/v1/undo", body=body)
    cli.output.document(document, _undone_words)
    return 1 if document["refused"] and not document["undone"] else 0


@click.command(cls=LaptopCommand)
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@takes_cli
def log(cli: Cli, limit: int) -> None:
    """List what was written where and why, newest first."""
    with cli.door() as door:
        cli.output.document(
            door.ask("GET", "/v1/log", query={"limit": str(limit)}), lambda told: _log_words(told, home_zone(door))
        )


def _words(document: dict[str, Any], zone: str) -> str:
    rows = [
        (told_at(one["at"], zone), one["what"], "can be undone" if one["undoable"] else "", one["id"])
        for one in document["activity"]
    ]
    return table(("WHEN", "WHAT", "", "ID"), rows, empty="Nothing was done yet.")


def _undone_words(document: dict[str, Any]) -> str:
    lines = [f"Taken back: {entry['what']}" for entry in document["undone"]]
    return "\n".join([*lines, *(f"Left as it is: {one['message']}" for one in document["refused"])])


def _log_words(document: dict[str, Any], zone: str) -> str:
    rows = [
        (
            told_at(one["at"], zone),
            one["where"],
            one["verb"],
            ", ".join(one["fields"]),
            one["state"],
            one["title"],
            one["cause"],
        )
        for one in document["log"]
    ]
    return table(("WHEN", "WHERE", "WHAT", "FIELDS", "STATE", "SESSION", "WHY"), rows, empty="Nothing was written yet.")
