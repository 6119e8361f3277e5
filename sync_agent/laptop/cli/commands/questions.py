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
    """List what is asked, with what can be answered."""
    with cli.door() as door:
        query = {"state": "all" if everything else "open"}
        cli.output.document(door.ask("GET", "/v1/questions", query=query), _words)


@click.command(cls=LaptopCommand)
@click.argument("question_id", metavar="ID")
@click.argument("choice", metavar="[yes|no|…]", required=False)
@click.option("--take", type=click.IntRange(1), metavar="N", help="Of two versions: the one with this number.")
@takes_cli
def answer(cli: Cli, question_id: str, choice: str | None, take: int | None) -> None:
    """Answer a question: yes or no, or another of the answers that “tutorsync questions” shows."""
    if (choice is None) is (take is None):
        raise click.UsageError("Give one answer: yes, no, another word that “tutorsync questions” shows, or --take N.")
    with cli.door() as door:
        path = f"/v1/questions/{quote(question_id, safe='')}/answer"
        document = door.ask("POST", path, body={"answer": choice or str(take)})
        cli.output.document(document, _answered_words)


def _answered_words(document: dict[str, Any]) -> str:
    question = document["question"]
    text = next(one["text"] for one in question["answers"] if one["answer"] == question["answer"])
    return f"{question['text']} – {text}."


def _words(document: dict[str, Any]) -> str:
    rows = [
        (
            one["opened_at"],
            one["text"],
            one["answer"] or " | ".join(choice["answer"] for choice in one["answers"]),
            one["id"],
        )
        for one in document["questions"]
    ]
    return table(("ASKED", "QUESTION", "ANSWER", "ID"), rows, empty="No question waits.")
