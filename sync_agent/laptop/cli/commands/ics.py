"""`tutorsync ics check`: what is understood of a calendar file, in a process of its own with limits."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopGroup, takes_cli
from sync_agent.laptop.cli.output import table
from sync_agent.laptop.errors import LaptopError

WITHIN_S = 18
"""Twenty seconds are promised, the start of both processes included."""


class FileNotUnderstood(LaptopError):
    """A file that is no whole calendar, or takes too long or too much to read."""

    code = "ics.not_understood"
    words = "{file} cannot be used as a calendar: {reason}."
    action = "Ask whoever made it for a new export."


@click.group(cls=LaptopGroup)
def ics() -> None:
    """Look at a calendar file."""


@ics.command("check")
@click.argument("file", type=click.Path())
@takes_cli
def check(cli: Cli, file: str) -> None:
    """Say what is understood of a file. Never takes more than 20 seconds or 1 GiB."""
    try:
        ran = subprocess.run(  # noqa: S603  (our own program; the file's name is one argument, no shell)
            [sys.executable, "-m", "sync_agent.laptop.cli.ics_reader", file],
            capture_output=True,
            timeout=WITHIN_S,
            check=False,
        )
    except subprocess.TimeoutExpired as cause:
        raise FileNotUnderstood(file=file, reason="reading it takes too long") from cause
    try:
        told: dict[str, Any] = json.loads(ran.stdout)
    except ValueError as cause:
        raise FileNotUnderstood(file=file, reason="reading it takes too much memory") from cause
    if "reason" in told:
        raise FileNotUnderstood(file=file, reason=told["reason"])
    cli.output.document(told, _words)


def _words(document: dict[str, Any]) -> str:
    head = f"{document['name'] or document['file']}: {document['events']} events in {document['objects']} objects, "
    head += f"{document['recurring']} of them repeat."
    rows = [(one["start"], one["zone"], one["summary"], "repeats" if one["recurring"] else "") for one in
            document["first"]]  # fmt: skip
    lines = [head, table(("START", "ZONE", "TITLE", ""), rows, empty="")]
    for heading, one in [
        *(("Not understood", one) for one in document["broken"]),
        *(("Not sure", one) for one in document["doubts"]),
    ]:
        which = " ".join(filter(None, (f"“{one['title']}”" if one["title"] else "", one["starts"])))
        lines.append(f"{heading}: {which + ': ' if which else ''}{one['reason']}")
    return "\n".join(filter(None, lines))
