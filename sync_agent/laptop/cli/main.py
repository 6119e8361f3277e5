"""`tutorsync`: the one command. Its subcommands are loaded when they are named, so that each starts fast."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, cli_of, global_options
from sync_agent.laptop.cli.door import Refused
from sync_agent.laptop.cli.exits import ExitCode, exit_of_error
from sync_agent.laptop.cli.stopping import INTERRUPTED
from sync_agent.laptop.errors import LaptopError

ROOMS = "tutorsync.commands"
"""Entry points through which other rooms add their commands (cloud, demo, desktop)."""

_HERE = "sync_agent.laptop.cli.commands"
COMMANDS: Mapping[str, tuple[str, str]] = {
    "accounts": ("accounts", "Your sign-ins and how they fare."),
    "activity": ("activity", "What was done, newest first."),
    "agent": ("agent", "Run the background agent in the foreground."),
    "answer": ("questions", "Answer a question."),
    "audit": ("audit", "Compare every side with your sessions, afresh."),
    "busy": ("calendars", "When you are busy, and because of what."),
    "calendars": ("calendars", "The calendars, and what each is for."),
    "config": ("config", "Read and change settings."),
    "conflicts": ("conflicts", "Double bookings, and settling them."),
    "connect": ("connect", "Connect a calendar, a feed, Zoom or a platform."),
    "disconnect": ("accounts", "Remove an account; its events and your sessions stay."),
    "doctor": ("doctor", "Check everything in order."),
    "events": ("calendars", "What the calendars hold."),
    "ics": ("ics", "Look at a calendar file."),
    "log": ("activity", "What was written where and why."),
    "meetings": ("meetings", "Meeting links."),
    "pause": ("sync", "Sync nothing for a while."),
    "questions": ("questions", "What waits for your answer."),
    "resume": ("sync", "Sync again."),
    "sessions": ("sessions", "Your sessions."),
    "status": ("status", "How things stand."),
    "students": ("students", "Your students."),
    "sync": ("sync", "Sync now."),
    "undo": ("activity", "Take the last action back, or a certain one."),
    "vault": ("vault", "Where your passwords are kept."),
    "why": ("why", "Why a time is free or not."),
}


class Tutorsync(click.Group):
    """The top of the command line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names of all commands, those of other rooms included."""
        from importlib.metadata import entry_points

        return sorted({*COMMANDS, *(point.name for point in entry_points(group=ROOMS))})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name in COMMANDS:
            module, _ = COMMANDS[cmd_name]
            command: click.Command = getattr(import_module(f"{_HERE}.{module}"), cmd_name)
            return command
        return room_command(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the commands without loading them."""
        rows = [(name, COMMANDS[name][1] if name in COMMANDS else _OTHERS.get(name, "")) for name in
                self.list_commands(ctx)]  # fmt: skip
        with formatter.section("Commands"):
            formatter.write_dl(rows)


_OTHERS = {
    "cloud": "The Developer API server.",
    "demo": "Everything on this computer, with sample data, in a throwaway profile.",
    "desktop": "The tray program (also: tutorsync alone).",
}
# What another room's command may find missing only when it runs, and the extra that brings it.
_BRINGS = {
    "PySide6": "desktop",
    "fastapi": "cloud",
    "msgspec": "cloud",
    "psycopg": "postgres",
    "radicale": "demo",
    "apscheduler": "agent",
    "cryptography": "agent",
    "starlette": "agent",
    "uvicorn": "agent",
}


def room_command(name: str) -> click.Command | None:
    """Load the command of another room; None if no room has it.

    Raises:
        ExtraMissing: what it needs is not installed.
    """
    from importlib.metadata import entry_points

    found = list(entry_points(group=ROOMS, name=name))
    if not found:
        return None
    try:
        command: click.Command = found[0].load()
    except ImportError as cause:
        raise ExtraMissing(what=f"“tutorsync {name}”", extra=name) from cause
    return command


class ExtraMissing(LaptopError):
    """A part of TutorSync that was not installed."""

    code = "install.extra_missing"
    words = "{what} is not part of this installation."
    action = "Install TutorSync with its extra “{extra}”."


@click.command(
    cls=Tutorsync,
    invoke_without_command=True,
    params=global_options(hidden=False),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="tutorsync", message="%(version)s")
@click.pass_context
def tutorsync(context: click.Context) -> Any:
    """Keep sessions, calendars and meetings in agreement. Without a command: the tray program."""
    if context.invoked_subcommand is not None:
        if context.invoked_subcommand in _OTHERS and cli_of(context).profile_folder:
            # Other rooms have options of their own; where a profile is named for all, they find it here.
            os.environ["TUTORSYNC_PROFILE"] = str(cli_of(context).profile.folder)
        return None
    desktop = room_command("desktop")
    if desktop is None:
        raise ExtraMissing(what="The tray program", extra="desktop")
    folder = str(cli_of(context).profile.folder)
    return desktop.main(["--profile", folder], prog_name="tutorsync", standalone_mode=False)


def main() -> None:
    """Run the command line and end with its exit code."""
    # Where it is installed, structlog loads it (4 MiB) to draw tracebacks in colours; our logs are lines.
    sys.modules["rich"] = None  # type: ignore[assignment]
    sys.exit(run(sys.argv[1:], os.environ))


def run(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run one command; gives the exit code."""
    cli = Cli(environment)
    cli.output.as_json = "--json" in arguments and _is_ours(arguments)
    try:
        ended = tutorsync.main(list(arguments), prog_name="tutorsync", obj=cli, standalone_mode=False)
        return ended if isinstance(ended, int) else ExitCode.DONE
    except Exception as error:  # The edge of the process: every fault is one sentence and a code.
        return _told(cli, error)
    except KeyboardInterrupt:
        return _told_interrupted(cli)


def _told(cli: Cli, error: Exception) -> int:
    output = cli.output
    match error:
        case Refused():
            output.error(error.error)
            return exit_of_error(str(error.error.get("code", "")))
        case LaptopError():
            output.error({"code": error.code, "message": str(error), "action": error.action.format_map(error.facts)})
            return exit_of_error(error.code)
        case ModuleNotFoundError() if (part := (error.name or "").split(".")[0]) in _BRINGS:
            return _told(cli, ExtraMissing(what=f"What this needs ({part})", extra=_BRINGS[part]))
        case click.UsageError():
            where = error.ctx.command_path if error.ctx else "tutorsync"
            output.error({"code": "usage", "message": error.format_message(), "action": f"See “{where} --help”."})
            return ExitCode.USAGE
        case click.Abort() if isinstance(error.__cause__, KeyboardInterrupt):
            return _told_interrupted(cli)
        case click.Abort():
            output.aside("Nothing was done.")
            return ExitCode.WRONG
        case click.ClickException():
            error.show()
            return error.exit_code
        case BrokenPipeError():
            # Whoever read us has seen enough; Python would complain once more when it flushes.
            sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
            return ExitCode.DONE
        case _:
            return _told_heavy(cli, error)


def _told_interrupted(cli: Cli) -> int:
    words = "Stopped by Ctrl+C. What was sent is looked up by the next sync; an agent that runs goes on."
    cli.output.error({"code": "interrupted", "message": words})
    return INTERRUPTED


def _told_heavy(cli: Cli, error: Exception) -> int:
    """Tell errors of rooms that are loaded only when something went wrong in them."""
    from connectors.vocabulary.errors import ConnectorError
    from sync_agent.engine.errors import EngineError
    from sync_agent.laptop.api.faults import error_document

    if isinstance(error, EngineError | ConnectorError):
        cli.output.error(error_document(error)["error"])
        return exit_of_error(error.code)
    if cli.verbose:
        import traceback

        traceback.print_exception(error)
    words = "Something went wrong inside TutorSync. Nothing more was done."
    cli.output.error({"code": "laptop.crashed", "message": words, "action": "Try again with --verbose to see more."})
    return ExitCode.WRONG


def _is_ours(arguments: Sequence[str]) -> bool:
    """Whether the command is one of this room: others read --json themselves."""
    return not any(name in arguments for name in _OTHERS)


if __name__ == "__main__":
    main()
