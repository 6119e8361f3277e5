"""What every command has: the global options, wherever they stand on the line, and the door to the work."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sync_agent.laptop.cli.door import Door
from sync_agent.laptop.cli.output import Output
from sync_agent.laptop.cli.stopping import Stopping
from sync_agent.laptop.profile.places import Profile, default_folder

if TYPE_CHECKING:
    from sync_agent.laptop.office import Office
    from sync_agent.laptop.profile.config import Config
    from sync_agent.laptop.vault.secrets import Secret

PATIENCE = "TUTORSYNC_PATIENCE_SECONDS"
"""The variable that says how long a command waits for an agent that gives no answer."""

_PATIENCE_S = 10
_Command = TypeVar("_Command", bound=Callable[..., Any])


@dataclass(slots=True)
class Cli:
    """One run of the command line.

    Attributes:
        profile_folder: as given with --profile, "" if not.
        poll: --poll, 0 if not given: shortens every interval.
    """

    environment: Mapping[str, str]
    profile_folder: str = ""
    poll: int = 0
    passphrase_file: str = ""
    verbose: bool = False
    output: Output = field(default_factory=Output)
    stopping: Stopping = field(default_factory=Stopping)

    @property
    def profile(self) -> Profile:
        """The profile that this command works on."""
        named = self.profile_folder
        return Profile.at(Path(named) if named else default_folder(sys.platform, self.environment, Path.home()))

    @property
    def flags(self) -> dict[str, str | int | bool]:
        """The settings that the command line overrides."""
        return {"sync.poll_seconds": self.poll, "sync.feed_seconds": self.poll} if self.poll else {}

    def config(self) -> Config:
        """Read the settings in force.

        Raises:
            ConfigBroken, ConfigValueWrong.
        """
        from sync_agent.laptop.profile.config import Config

        return Config(self.profile.config, self.environment, self.flags)

    def passphrase(self) -> Secret | None:
        """Give the passphrase from the file that the flag or the environment names; None if none is named.

        Raises:
            PassphraseMissing: the file cannot be read.
        """
        from sync_agent.laptop.vault.passphrase import passphrase_file, read_passphrase

        path = passphrase_file(Path(self.passphrase_file) if self.passphrase_file else None, self.environment)
        return None if path is None else read_passphrase(path)

    def door(self) -> Door:
        """Give the way to the work; use it in a `with`."""
        told = self.environment.get(PATIENCE, "")
        seconds = int(told) if told.isdecimal() and int(told) else _PATIENCE_S
        return Door(self.profile, self.opened, patience=timedelta(seconds=seconds), passphrase=self.passphrase)

    def opened(self) -> Office:
        """Open the profile in this process. The caller holds its lock."""
        from sync_agent.laptop.logs import log_to_terminal
        from sync_agent.laptop.office import Office
        from sync_agent.laptop.profile.starts import begin, here

        log_to_terminal(verbose=self.verbose)
        office = Office(self.profile, self.config())
        office.vault.opens_with(self.passphrase)
        begin(office.engine, here(self.environment))
        return office


def _remember(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value in (None, False, ""):
        return
    cli: Cli = context.find_root().obj
    match parameter.name:
        case "as_json":
            cli.output.as_json = True
        case "quiet":
            cli.output.quiet = True
        case _:
            setattr(cli, str(parameter.name), value)


def global_options(*, hidden: bool) -> list[click.Parameter]:
    """Give the options that may stand anywhere on the line."""

    def option(*names: str, **how: Any) -> click.Option:
        return click.Option(names, expose_value=False, callback=_remember, hidden=hidden, **how)

    return [
        option("--profile", "profile_folder", metavar="DIR", help="The folder with all of one user's state."),
        option("--json", "as_json", is_flag=True, help="One JSON document on standard out, nothing else."),
        option("--quiet", is_flag=True, help="Say nothing but what is wrong."),
        option("--verbose", is_flag=True, help="Say on standard error what goes on."),
        option("--poll", type=click.IntRange(1), metavar="SECONDS", help="Shorten every interval to this."),
        option("--passphrase-file", metavar="FILE", help="Opens the vault with the file's first line."),
    ]


class LaptopCommand(click.Command):
    """A command that takes the global options, too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(global_options(hidden=True))


class LaptopGroup(click.Group):
    """A group of such commands."""

    command_class = LaptopCommand

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(global_options(hidden=True))


LaptopGroup.group_class = LaptopGroup


def cli_of(context: click.Context) -> Cli:
    """Give the run that a command belongs to."""
    cli: Cli = context.find_root().obj
    return cli


def takes_cli(command: _Command) -> Callable[..., Any]:
    """Give a command the run as its first argument."""

    def with_cli(*args: Any, **kwargs: Any) -> Any:
        return command(cli_of(click.get_current_context()), *args, **kwargs)

    with_cli.__doc__, with_cli.__name__ = command.__doc__, command.__name__
    # click reads the options that decorators below this one have noted on the function.
    with_cli.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    return with_cli
