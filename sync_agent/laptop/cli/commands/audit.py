"""`tutorsync audit`."""

from __future__ import annotations

from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli
from sync_agent.laptop.cli.door import LONG_S
from sync_agent.laptop.cli.exits import ExitCode, exit_of_error
from sync_agent.laptop.cli.output import counted


@click.command(cls=LaptopCommand)
@click.option("--account", metavar="ID", help="Only this account (id or name).")
@click.option("--last", is_flag=True, help="Do not look now: say what was found last.")
@takes_cli
def audit(cli: Cli, account: str | None, last: bool) -> int:
    """Read every side afresh and compare it, field by field, with your sessions. Changes nothing."""
    with cli.door() as door:
        if last:
            document = door.ask("GET", "/v1/audit")
        else:
            body = {"account": account} if account else {}
            document = door.ask("POST", "/v1/audit", body=body, within_s=LONG_S)
    if last and account:
        document["accounts"] = [one for one in document["accounts"] if account in (one["account"], one["name"])]
    cli.output.document(document, _words)
    return _exit(document)


def _exit(document: dict[str, Any]) -> ExitCode:
    codes = [exit_of_error(one["code"]) for one in document["accounts"] if one["code"]]
    if ExitCode.SIGN_IN in codes:
        return ExitCode.SIGN_IN
    return ExitCode.DONE if all(one["ok"] for one in document["accounts"]) else ExitCode.WRONG


def _words(document: dict[str, Any]) -> str:
    if not document["accounts"]:
        return "Nothing that holds sessions has been audited."
    return "\n".join(line for one in document["accounts"] for line in _lines(one))


def _lines(account: dict[str, Any]) -> list[str]:
    if account["message"]:
        return [f"{account['name']}: {account['message']}"]
    if account["accuracy"] is None:
        return [f"{account['name']}: there is nothing to compare yet."]
    told = f"{account['equal']} of {counted(account['compared'], 'field')} equal"
    lines = [f"{account['name']}: {account['accuracy']:.2f} %, {told}."]
    lines += [f"  WRONG  {one['words']}" for one in account["differences"]]
    return lines + [f"  known  {one['words']}" for one in account["known"]]
