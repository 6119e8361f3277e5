"""`tutorsync students`: list and add."""

from __future__ import annotations

from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopGroup, cli_of, takes_cli
from sync_agent.laptop.cli.output import table


@click.group(cls=LaptopGroup, invoke_without_command=True)
@click.pass_context
def students(context: click.Context) -> None:
    """List your students."""
    if context.invoked_subcommand is None:
        cli = cli_of(context)
        with cli.door() as door:
            cli.output.document(door.ask("GET", "/v1/students"), _words)


@students.command("add")
@click.argument("name")
@click.option("--zone", help="IANA name; default: your own.")
@click.option("--email")
@takes_cli
def add(cli: Cli, name: str, zone: str | None, email: str | None) -> None:
    """Add a student."""
    body = {"name": name} | ({"zone": zone} if zone else {}) | ({"email": email} if email else {})
    with cli.door() as door:
        cli.output.document(door.ask("POST", "/v1/students", body=body), _words)


def _words(document: dict[str, Any]) -> str:
    rows = [(one["name"], one["zone"], one["email"], one["id"]) for one in document["students"]]
    return table(("NAME", "ZONE", "EMAIL", "ID"), rows, empty="No students yet.")
