"""`tutorsync sync`, `pause` and `resume`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import click

from sync_agent.laptop.cli.commands.status import status_words
from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli
from sync_agent.laptop.cli.door import LONG_S
from sync_agent.laptop.cli.exits import exit_of_pass
from sync_agent.laptop.cli.output import counted
from sync_agent.laptop.cli.stopping import INTERRUPTED

STOPPED = (
    "Stopped before everything was done. What was sent is looked up by the next sync, and the rest goes out with it."
)
_LASTING = re.compile(r"(\d+)\s*(s|m|h|d)?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Lasting(click.ParamType[timedelta]):
    """A length of time: 90m, 1h, 2d; a bare number means minutes."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read it."""
        match = _LASTING.fullmatch(str(value).strip())
        if match is None or len(match[1]) > 6 or not int(match[1]):
            self.fail("write it like 30m, 1h or 2d", param, ctx)
        return timedelta(**{_UNITS[match[2] or "m"]: int(match[1])})


@click.command(cls=LaptopCommand)
@click.option("--account", metavar="ID", help="Only this account (id or name).")
@click.option("--wait", is_flag=True, help="Wait until it is done and say what was done.")
@click.option("--dry-run", is_flag=True, help="Only say what would be written.")
@takes_cli
def sync(cli: Cli, account: str | None, wait: bool, dry_run: bool) -> int:
    """Sync now. Without an agent this command does one pass itself."""
    body: dict[str, Any] = {"wait": wait, "dry_run": dry_run} | ({"account": account} if account else {})
    with cli.door() as door:
        with cli.stopping.ends(door.halt):
            done = door.ask("POST", "/v1/sync", body=body, within_s=LONG_S)
        if done.get("started"):
            cli.output.document(done, lambda _: "Syncing has started.")
            return 0
        questions = door.ask("GET", "/v1/questions")["questions"]
        waiting = door.ask("GET", "/v1/status")["waiting_changes"] if cli.stopping.is_asked else 0
    cli.output.document(done, pass_words)
    tell_waiting(cli, waiting)
    for question in questions if not dry_run and not cli.output.as_json else ():
        cli.output.aside(f"A question waits ({question['id']}): {question['text']}")
    return INTERRUPTED if cli.stopping.is_asked else exit_of_pass(done, open_questions=len(questions))


@click.command(cls=LaptopCommand)
@click.option("--for", "lasting", type=Lasting(), help="For how long: 30m, 1h, 2d. Without: until you resume.")
@takes_cli
def pause(cli: Cli, lasting: timedelta | None) -> None:
    """Let the agent sync nothing for a while."""
    body = {"seconds": int(lasting.total_seconds())} if lasting is not None else {}
    with cli.door() as door:
        cli.output.document(door.ask("POST", "/v1/pause", body=body, only_agent="pause"), status_words)


@click.command(cls=LaptopCommand)
@takes_cli
def resume(cli: Cli) -> None:
    """Let the agent sync again."""
    with cli.door() as door:
        cli.output.document(door.ask("POST", "/v1/resume", only_agent="resume"), status_words)


def tell_waiting(cli: Cli, changes: int) -> None:
    """Say beside a Pass that was stopped how much it left to be written."""
    if changes and not cli.output.as_json:
        cli.output.aside(f"Waiting to be written: {counted(changes, 'change')}.")


def pass_words(done: dict[str, Any]) -> str:
    """Give a Pass in a few lines."""
    written, meetings = done["written"], done["meetings"]
    would = "would be " if done["dry_run"] else ""
    lines = [
        f"Read {counted(done['read']['objects'], 'new or changed event')}, {done['read']['removed']} gone.",
        f"{written['created']} {would}added, {written['updated']} {would}changed, {written['deleted']} {would}removed.",
        f"{counted(done['requests'], 'request')}, {done['took_ms'] / 1000:.1f} s.",
    ]
    if any(meetings.values()):
        lines.append(
            f"Meetings: {meetings['created']} made, {meetings['updated']} moved, {meetings['deleted']} removed."
        )
    conflicts = done["conflicts"]
    if conflicts["opened"] or conflicts["closed"]:
        lines.append(f"Double bookings: {conflicts['opened']} new, {conflicts['closed']} gone.")
    lines += [f"Not written: {one['message']}" for one in done["refused"]]
    lines += [f"Not read in {one['calendar']}: {one['message']}" for one in done.get("broken", ())]
    lines += [f"{one['name']}: {one['message']}" for one in done["accounts"] if not one["ok"]]
    if done.get("stopped"):
        lines.append(STOPPED)
    return "\n".join(lines)
