"""`tutorsync doctor`."""

from __future__ import annotations

from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli


@click.command(cls=LaptopCommand)
@takes_cli
def doctor(cli: Cli) -> int:
    """Check everything in order, and say what to do about what is wrong."""
    with cli.door() as door:
        document = door.ask("GET", "/v1/doctor")
    cli.output.document(document, _words)
    return 0 if document["ok"] else 1


def _words(document: dict[str, Any]) -> str:
    return "\n".join(
        " ".join(filter(None, ("ok   " if check["ok"] else "WRONG", check["message"], check["action"])))
        for check in document["checks"]
    )
