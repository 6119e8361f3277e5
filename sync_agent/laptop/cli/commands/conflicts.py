"""`tutorsync conflicts`: list, show, suggest, resolve."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import click

from sync_agent.laptop.cli.context import Cli, LaptopGroup, cli_of, takes_cli
from sync_agent.laptop.cli.moments import WallTime, on_the_wall, session_zone
from sync_agent.laptop.cli.output import table


@click.group(cls=LaptopGroup, invoke_without_command=True)
@click.option("--all", "everything", is_flag=True, help="Also those that are settled.")
@click.pass_context
def conflicts(context: click.Context, everything: bool) -> None:
    """List the double bookings."""
    if context.invoked_subcommand is None:
        cli = cli_of(context)
        with cli.door() as door:
            query = {"state": "all" if everything else "open"}
            cli.output.document(door.ask("GET", "/v1/conflicts", query=query), _list_words)


@conflicts.command("show")
@click.argument("conflict_id", metavar="ID")
@takes_cli
def show(cli: Cli, conflict_id: str) -> None:
    """Show both sides of a double booking."""
    with cli.door() as door:
        cli.output.document(door.ask("GET", _path(conflict_id)), lambda document: conflict_words(document["conflict"]))


@conflicts.command("suggest")
@click.argument("conflict_id", metavar="ID")
@click.option("--session", help="Which session is to move; default: the first side.")
@click.option("--count", type=click.IntRange(1, 20), default=5, show_default=True)
@takes_cli
def suggest(cli: Cli, conflict_id: str, session: str | None, count: int) -> None:
    """Suggest free slots, the best first."""
    query = {"count": str(count)} | ({"session": session} if session else {})
    with cli.door() as door:
        cli.output.document(door.ask("GET", f"{_path(conflict_id)}/suggestions", query=query), _slot_words)


@conflicts.command("resolve")
@click.argument("conflict_id", metavar="ID")
@click.option("--move", metavar="SESSION", help="Move this session, to --start.")
@click.option("--start", type=WallTime(or_instant=True), help="The hour on the wall, in the session's zone.")
@click.option("--keep-both", is_flag=True, help="Leave both, for the --reason.")
@click.option("--reason")
@click.option("--cancel", metavar="SESSION", help="Cancel this session.")
@click.option("--mark-free", is_flag=True, help="The other appointment does not block.")
@click.option("--dry-run", is_flag=True, help="Only say what would be written where.")
@takes_cli
def resolve(cli: Cli, conflict_id: str, dry_run: bool, **choice: Any) -> None:
    """Settle a double booking in one of four ways."""
    body = _choice(**choice) | {"dry_run": dry_run}
    with cli.door() as door:
        if "start_wall" in body:
            body["start_wall"] = on_the_wall(body["start_wall"], lambda: session_zone(door, body["session"]))
        cli.output.document(door.ask("POST", f"{_path(conflict_id)}/resolve", body=body), _resolved_words)


def _choice(
    *, move: str | None, start: str | None, keep_both: bool, reason: str | None, cancel: str | None, mark_free: bool
) -> dict[str, Any]:
    if sum(map(bool, (move, keep_both, cancel, mark_free))) != 1:
        raise click.UsageError("Choose one of --move SESSION, --keep-both, --cancel SESSION and --mark-free.")
    if bool(move) != bool(start):
        raise click.UsageError("--move SESSION and --start TIME belong together.")
    if keep_both and not reason:
        raise click.UsageError("--keep-both needs a --reason.")
    if move:
        return {"action": "move", "session": move, "start_wall": start}
    if cancel:
        return {"action": "cancel", "session": cancel}
    return {"action": "keep_both", "reason": reason} if keep_both else {"action": "mark_free"}


def _path(conflict_id: str) -> str:
    return f"/v1/conflicts/{quote(conflict_id, safe='')}"


def conflict_words(conflict: dict[str, Any]) -> str:
    """Give a Conflict in a few lines."""
    lines = [f"{conflict['when']}: {conflict['why']}"]
    for side in conflict["sides"]:
        where = f" ({side['calendar_name']})" if side["calendar_name"] else ""
        session = f"  session {side['id']}" if side["kind"] == "session" else ""
        lines.append(f"  {side['title'] or 'without a title'}{where}, {side['when']}{session}")
        if side["last_change"]:
            lines.append(f"    last change: {side['last_change']['what']}")
    if conflict["state"] == "closed":
        lines.append(f"Settled: {conflict['closed_why']}")
    return "\n".join(lines)


def coverage_words(coverage: dict[str, Any]) -> str:
    """Say what was not checked, "" if all was."""
    return "" if coverage["complete"] else str(coverage["words"])


def _list_words(document: dict[str, Any]) -> str:
    rows = [
        (one["when"], one["why"], one["state"] if one["state"] != "open" else "", one["id"])
        for one in document["conflicts"]
    ]
    unchecked = coverage_words(document["coverage"])
    empty = "No double bookings in what could be read." if unchecked else "No double bookings."
    return "\n".join(filter(None, (table(("WHEN", "WHAT", "STATE", "ID"), rows, empty=empty), unchecked)))


def _slot_words(document: dict[str, Any]) -> str:
    rows = [(one["rank"], one["start_wall"], one["when"], ", ".join(one["reasons"])) for one in document["suggestions"]]
    return table(("", "START", "WHEN", "WHY"), rows, empty="No free slot in the next weeks.")


def _resolved_words(document: dict[str, Any]) -> str:
    head = "Done:" if document["applied"] else "This would be done:"
    lines = [head]
    for effect in document["preview"]:
        told = f"; {', '.join(effect['told'])} will be told" if effect["told"] else ""
        lines.append(f"  {effect['where']}: {effect['what']}{told}")
    if document["remains"]:
        lines.append(
            "  It would be double booked there, too:"
            if not document["applied"]
            else "  It is double booked there, too:"
        )
        lines += [f"    {sentence}" for sentence in document["remains"]]
    lines += [f"  to take it back: tutorsync undo {entry['id']}" for entry in document["activity"][:1]]
    return "\n".join(lines)
