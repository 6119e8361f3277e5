"""`tutorsync sessions`: list, add, move, edit, cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import click

from sync_agent.laptop.cli.context import Cli, LaptopGroup, cli_of, takes_cli
from sync_agent.laptop.cli.door import Door
from sync_agent.laptop.cli.moments import DateOrTime, WallTime, on_the_wall, session_zone, window_query
from sync_agent.laptop.cli.output import table

_Command = TypeVar("_Command", bound=Callable[..., Any])
_STATUS = ("planned", "completed", "no_show", "cancelled")


@click.group(cls=LaptopGroup, invoke_without_command=True)
@click.option("--from", "lo", type=DateOrTime(), help="Default: today.")
@click.option("--to", "hi", type=DateOrTime(), help="Default: 14 days on.")
@click.pass_context
def sessions(context: click.Context, lo: str | None, hi: str | None) -> None:
    """List your sessions."""
    if context.invoked_subcommand is None:
        cli = cli_of(context)
        with cli.door() as door:
            cli.output.document(door.ask("GET", "/v1/sessions", query=window_query(lo, hi)), _list_words)


@sessions.command("show")
@click.argument("session_id", metavar="ID")
@takes_cli
def show(cli: Cli, session_id: str) -> None:
    """Show a session: where it stands, and when it was last checked for double bookings."""
    with cli.door() as door:
        document = door.ask("GET", f"/v1/sessions/{quote(session_id, safe='')}")
        cli.output.document(document, lambda told: session_words(told["session"]))


def session_words(session: dict[str, Any]) -> str:
    """Give a Session in a few lines."""
    students = ", ".join(student["name"] for student in session["students"])
    where = "online" if session["online"] else session["place"] or "in person"
    meeting = session["meeting"]
    lines = [
        f"{session['title']}, {session['when']}",
        f"  {', '.join(filter(None, (students, where, '' if session['status'] == 'planned' else session['status'])))}",
        f"  Link: {meeting['join_url']}" if meeting and meeting["join_url"] else "",
        *(f"  In “{one['name']}”" for one in session["calendars"] if one["state"] in ("live", "want")),
        "  It is double booked: see “tutorsync conflicts”." if session["conflicts"] else "",
        f"  {session['coverage']['words']}",
        *(f"  {words}" for one in session["coverage"]["calendars"] for words in one["but_for"]),
    ]
    return "\n".join(filter(None, lines))


def _fields(command: _Command) -> _Command:
    """Add the options for everything but the time."""
    for option in reversed(
        (
            click.option("--title"),
            click.option("--subject"),
            click.option("--online/--in-person", default=None, help="A new session is online."),
            click.option("--place"),
            click.option("--notes"),
            click.option("--student", "students", multiple=True, help="Name or id; more than once for a group."),
            click.option("--chargeable/--free", "chargeable", default=None),
            click.option("--zone", help="IANA name; for a new session your own."),
        )
    ):
        command = option(command)
    return command


@sessions.command("add")
@click.option("--start", type=WallTime(), required=True, help="The hour on the wall: 2026-11-26T15:00.")
@click.option("--end", type=WallTime())
@click.option("--minutes", type=click.IntRange(1, 1439), help="How long; default: 60.")
@_fields
@takes_cli
def add(cli: Cli, start: str, end: str | None, minutes: int | None, **fields: Any) -> None:
    """Add a session."""
    body = _body(start_wall=start, end_wall=end, **fields)
    if end is None:
        body["duration_minutes"] = minutes or 60
    with cli.door() as door:
        cli.output.document(door.ask("POST", "/v1/sessions", body=body), _one_words("Added"))


@sessions.command("move")
@click.argument("session_id", metavar="ID")
@click.option("--start", type=WallTime(or_instant=True), required=True)
@click.option("--end", type=WallTime(or_instant=True), help="Default: as long as before.")
@click.option("--zone", help="IANA name; default: the session's.")
@takes_cli
def move(cli: Cli, session_id: str, start: str, end: str | None, zone: str | None) -> None:
    """Move a session."""
    with cli.door() as door:

        def clock() -> str:
            return zone or session_zone(door, session_id)

        end_wall = on_the_wall(end, clock) if end else None
        _change(
            cli, door, session_id, _body(start_wall=on_the_wall(start, clock), end_wall=end_wall, zone=zone), "Moved"
        )


@sessions.command("edit")
@click.argument("session_id", metavar="ID")
@click.option("--start", type=WallTime())
@click.option("--end", type=WallTime())
@click.option("--minutes", type=click.IntRange(1, 1439))
@click.option("--status", type=click.Choice(_STATUS))
@_fields
@takes_cli
def edit(cli: Cli, session_id: str, start: str | None, end: str | None, minutes: int | None, **fields: Any) -> None:
    """Change a session."""
    body = _body(start_wall=start, end_wall=end, duration_minutes=minutes, **fields)
    if not body:
        raise click.UsageError("Say what is to change, for example --title.")
    with cli.door() as door:
        _change(cli, door, session_id, body, "Changed")


@sessions.command("adopt")
@click.argument("uid", metavar="UID")
@click.option("--calendar", metavar="ID", help="Where several calendars hold it: id or name.")
@takes_cli
def adopt(cli: Cli, uid: str, calendar: str | None) -> None:
    """Make a session of an event that you made by hand; “tutorsync events” shows UIDs.

    It stays the event that it is, with its guests; “tutorsync undo” gives it up again. Of a series each date to come
    becomes a session with an event of its own, and the series ends.
    """
    with cli.door() as door:
        document = door.ask("POST", "/v1/sessions/adopt", body=_body(uid=uid, calendar=calendar))
        cli.output.document(document, _adopted_words)


@sessions.command("cancel")
@click.argument("session_id", metavar="ID")
@takes_cli
def cancel(cli: Cli, session_id: str) -> None:
    """Cancel a session; “tutorsync undo” brings it back."""
    with cli.door() as door:
        document = door.ask("POST", f"/v1/sessions/{quote(session_id, safe='')}/cancel")
        cli.output.document(document, _one_words("Cancelled"))


def _adopted_words(document: dict[str, Any]) -> str:
    made = document["sessions"]
    if not made:
        return f"“{document['calendar']}” cannot be read now; it becomes a session as soon as it can."
    words = _one_words("A session now")({"session": made[0]})
    return words if len(made) == 1 else f"{len(made)} sessions now, and the series ends. The first is:\n{words}"


def _change(cli: Cli, door: Door, session_id: str, body: dict[str, Any], verb: str) -> None:
    document = door.ask("PATCH", f"/v1/sessions/{quote(session_id, safe='')}", body=body)
    cli.output.document(document, _one_words(verb))


def _body(*, students: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    body = {name: value for name, value in fields.items() if value is not None}
    return body | ({"students": list(students)} if students else {})


def _one_words(verb: str) -> Callable[[dict[str, Any]], str]:
    def words(document: dict[str, Any]) -> str:
        session = document["session"]
        clash = "\nIt is double booked: see “tutorsync conflicts”." if session["conflicts"] else ""
        # How old the readings are is told at once: somebody may have booked that time a minute ago.
        checked = f"\n{session['coverage']['words']}" if session["coverage"]["calendars"] else ""
        return f"{verb}: {session['title']}, {session['when']}  ({session['id']}){clash}{checked}"

    return words


def _list_words(document: dict[str, Any]) -> str:
    rows = [
        (
            one["when"],
            one["title"],
            ", ".join(student["name"] for student in one["students"]),
            "online" if one["online"] else one["place"],
            ("double booked" if one["conflicts"] else "") if one["status"] == "planned" else one["status"],
            one["id"],
        )
        for one in document["sessions"]
    ]
    return table(("WHEN", "TITLE", "STUDENTS", "WHERE", "STATE", "ID"), rows, empty="No sessions in this time.")
