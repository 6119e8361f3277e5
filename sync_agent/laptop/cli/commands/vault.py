"""`tutorsync vault`: where passwords are kept."""

from __future__ import annotations

from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopGroup, cli_of, takes_cli
from sync_agent.laptop.cli.secrets import secret_from

_WORDS = {
    "absent": "There is no vault yet; the first “vault unlock” makes one.",
    "locked": "The vault is locked.",
    "open": "The vault is open.",
    "session_only": "Passwords are kept in memory until the agent ends.",
}


@click.group(cls=LaptopGroup, invoke_without_command=True)
@click.pass_context
def vault(context: click.Context) -> None:
    """Say whether the vault is open."""
    if context.invoked_subcommand is None:
        cli = cli_of(context)
        with cli.door() as door:
            cli.output.document(door.ask("GET", "/v1/vault"), _words)


@vault.command("unlock")
@click.option("--passphrase-stdin", is_flag=True, help="Read the passphrase from standard input.")
@click.option("--session-only", is_flag=True, help="Keep passwords in memory until the agent ends.")
@takes_cli
def unlock(cli: Cli, passphrase_stdin: bool, session_only: bool) -> None:
    """Open the vault; where there is none, make one. Without an agent it is closed again when the command ends."""
    given = None if passphrase_stdin else cli.passphrase()
    with cli.door() as door:
        if session_only:
            body: dict[str, Any] = {"session_only": True}
        elif given is not None:
            body = {"passphrase": given.reveal()}
        else:
            is_new = door.ask("GET", "/v1/vault")["vault"]["state"] == "absent"
            body = {"passphrase": secret_from(stdin=passphrase_stdin, prompt="Passphrase", twice=is_new)}
        cli.output.document(door.ask("POST", "/v1/vault", body=body), _words)


def _words(document: dict[str, Any]) -> str:
    return _WORDS[document["vault"]["state"]]
