"""`tutorsync status`."""

from __future__ import annotations

from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli
from sync_agent.laptop.cli.moments import told_at

_STATES = {
    "ok": "All is well",
    "syncing": "Syncing",
    "paused": "Paused",
    "offline": "Offline",
    "needs_you": "Needs you",
    "broken": "Broken",
    "starting": "Starting",
}


@click.command(cls=LaptopCommand)
@takes_cli
def status(cli: Cli) -> None:
    """Say how things stand."""
    with cli.door() as door:
        cli.output.document(door.ask("GET", "/v1/status"), status_words)


def status_words(status: dict[str, Any]) -> str:
    """Give a Status in a few lines."""
    lines = [f"{_STATES.get(status['state'], status['state'])}: {status['reason']}"]
    banner, upcoming = status["banner"], status["next_session"]
    if banner["kind"] != "none" and banner["text"] not in lines[0]:
        lines.append(banner["text"])
    if upcoming is not None:
        meeting = upcoming["meeting"]
        link = f"  {meeting['join_url']}" if meeting and meeting["join_url"] else ""
        lines.append(f"Next session: {upcoming['title']}, {upcoming['when']}{link}")
    if status["waiting_changes"]:
        lines.append(f"Waiting to be written: {status['waiting_changes']}")
    if status["doubts"]:
        lines.append(f"Not fully understood in your calendars: {status['doubts']} (“tutorsync doctor” names them)")
    lines += [one["words"] for one in status["accounts"]]
    unchecked = "" if status["coverage"]["complete"] else status["coverage"]["words"]
    if unchecked and unchecked not in lines[0]:
        lines.append(unchecked)
    if status["last_sync_at"]:
        lines.append(f"Last compared: {told_at(status['last_sync_at'], status['zone'])}")
    return "\n".join(lines)
