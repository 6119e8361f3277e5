"""`tutorsync why`."""

from __future__ import annotations

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli


@click.command(cls=LaptopCommand)
@click.argument("about", metavar="SLOT|SESSION|CONFLICT")
@click.option("--minutes", type=click.IntRange(1, 1439), default=60, show_default=True, help="How long the slot is.")
@click.option("--zone", help="IANA name of the slot's zone; default: your own.")
@click.option("--in-person", is_flag=True, help="The slot would need its way.")
@click.option("--place", help="Where that would be.")
@takes_cli
def why(cli: Cli, about: str, minutes: int, zone: str | None, in_person: bool, place: str | None) -> None:
    """Say why a time (2026-11-26T15:00/16:00), a session or a double booking is as it is."""
    query = {"about": about, "minutes": str(minutes)}
    query |= {name: value for name, value in (("zone", zone), ("place", place)) if value}
    query |= {"in_person": "true"} if in_person or place else {}
    with cli.door() as door:
        cli.output.document(door.ask("GET", "/v1/why", query=query), lambda told: str(told["text"]))
