"""`tutorsync questions` and `answer`."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from sync_agent.laptop.cli.context import Cli, LaptopCommand, takes_cli
from sync_agent.laptop.cli.output import table


@click.command(cls=LaptopCommand)
@click.option("--all", "everything", is_flag=True, help="Also those that were answered.")
@takes_cli
def questions(cli: Cli, everything: bool) -> None:
    """List what the guards ask."""
    with cli.door() as door:
        query = {"state": "all" if everything else "open"}
        cli.output.document(door.ask("GET", "/v1/questions", query=query), _words)


@click.command(cls=LaptopCommand)
@click.argument("question_id", metavar="ID")
@click.argument("choice", type=click.Choice(["yes", "no"]))
@takes_cli
def answer(cli: Cli, question_id: str, choice: str) -> None:
    """Answer a question."""
    with cli.door() as door:
        document = door.ask("POST", f"/v1/questions/{quote(question_id, safe='')}/answer", body={"answer": choice})
        cli.output.document(document, lambda done: f"{done['question']['text']} – {choice}.")


def _words(document: dict[str, Any]) -> str:
    rows = [(one["opened_at"], one["text"], one["answer"], one["id"]) for one in document["questions"]]
    return table(("ASKED", "QUESTION", "ANSWER", "ID"), rows, empty="No question waits.")
