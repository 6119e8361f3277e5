"""`tutorsync accounts` and `disconnect`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli
from sync_agent.laptop.cli.door import LONG_S
from sync_agent.laptop.cli.moments import home_zone, told_at
from sync_agent.laptop.cli.output import table


@click.command(cls=LaptopCommand)
@takes_cli
def accounts(cli: Cli) -> None:
    """List your sign-ins and how they fare."""
    with cli.door() as door:
        cli.output.document(door.ask("GET", "/v1/accounts"), lambda told: _words(told, home_zone(door)))


@click.command(cls=LaptopCommand)
@click.argument("account_id", metavar="ID")
@click.option("--remove-events", is_flag=True, help="Remove our events of future sessions there first.")
@takes_cli
def disconnect(cli: Cli, account_id: str, remove_events: bool) -> None:
    """Remove an account (by id or name). Its events and your sessions stay."""
    query = {"remove_events": "true" if remove_events else "false"}
    with cli.door() as door:
        path = f"/v1/accounts/{quote(account_id, safe='')}"
        document = door.ask("DELETE", path, query=query, within_s=LONG_S)
        cli.output.document(document, lambda gone: f"{gone['account']['name']} is disconnected.")


def _words(document: dict[str, Any], zone: str) -> str:
    rows = [
        (
            one["name"],
            one["provider"],
            one["health"]["state"],
            told_at(one["health"]["last_success_at"], zone),
            one["health"]["message"] if one["health"]["state"] != "ok" else " ".join(one["health"]["notes"]),
            one["id"],
        )
        for one in document["accounts"]
    ]
    heads = ("NAME", "KIND", "STATE", "LAST READ", "", "ID")
    return table(heads, rows, empty="Nothing is connected yet. Begin with “tutorsync connect caldav --help”.")
