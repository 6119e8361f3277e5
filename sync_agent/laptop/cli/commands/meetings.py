"""`tutorsync meetings`: list and ensure."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from sync_agent.laptop.cli.context import Cli, LaptopGroup, cli_of, takes_cli
from sync_agent.laptop.cli.door import LONG_S
from sync_agent.laptop.cli.output import table


@click.group(cls=LaptopGroup, invoke_without_command=True)
@click.pass_context
def meetings(context: click.Context) -> None:
    """List the meeting links."""
    if context.invoked_subcommand is None:
        cli = cli_of(context)
        with cli.door() as door:
            cli.output.document(door.ask("GET", "/v1/meetings"), _words)


@meetings.command("ensure")
@click.argument("session_id", metavar="SESSION")
@takes_cli
def ensure(cli: Cli, session_id: str) -> None:
    """Make sure that a session has its one meeting."""
    with cli.door() as door:
        document = door.ask("POST", f"/v1/meetings/{quote(session_id, safe='')}/ensure", within_s=LONG_S)
        cli.output.document(document, _one_words)


def _one_words(document: dict[str, Any]) -> str:
    meeting = document["meeting"]
    return "There is no meeting yet." if meeting is None else _words({"meetings": [meeting]})


def _words(document: dict[str, Any]) -> str:
    rows = [(one["session"], one["provider"], one["state"], one["join_url"]) for one in document["meetings"]]
    return table(("SESSION", "BY", "STATE", "LINK"), rows, empty="No meetings yet.")
