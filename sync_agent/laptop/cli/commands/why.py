"""`tutorsync why`."""

from __future__ import annotations

from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli

_VERDICTS = {"free": "Free", "taken": "Taken", "not_checked": "Not known to be free", "off": "Off"}


@click.command(cls=LaptopCommand)
@click.argument("about", metavar="SLOT|SESSION|CONFLICT")
@click.option("--minutes", type=click.IntRange(1, 1439), default=60, show_default=True, help="How long the slot is.")
@click.option("--zone", help="IANA name of the slot's zone; default: your own.")
@takes_cli
def why(cli: Cli, about: str, minutes: int, zone: str | None) -> None:
    """Say why a time (2026-11-26T15:00), a session or a double booking is as it is."""
    query = {"about": about, "minutes": str(minutes)} | ({"zone": zone} if zone else {})
    with cli.door() as door:
        cli.output.document(door.ask("GET", "/v1/why", query=query), _words)


def _words(document: dict[str, Any]) -> str:
    title = f"{document['title']}, " if document["title"] else ""
    head = f"{_VERDICTS[document['verdict']]}: {title}{document['when']}"
    return "\n".join([head, *(f"  {sentence}" for sentence in document["sentences"])])
