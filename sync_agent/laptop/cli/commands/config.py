"""`tutorsync config`: get and set."""

from __future__ import annotations

from typing import Any

import click

from sync_agent.laptop.cli.context import Cli, LaptopGroup, takes_cli
from sync_agent.laptop.cli.output import table
from sync_agent.laptop.errors import ConfigKeyUnknown


@click.group(cls=LaptopGroup)
def config() -> None:
    """Read and change settings."""


@config.command("get")
@click.argument("key", required=False)
@takes_cli
def get(cli: Cli, key: str | None) -> None:
    """Show one setting, or all."""
    with cli.door() as door:
        values = door.ask("GET", "/v1/config")["config"]
    if key is None:
        cli.output.document({"config": values}, _words)
        return
    if key not in values:
        raise ConfigKeyUnknown(key=key)
    cli.output.document({"config": {key: values[key]}}, lambda _: str(values[key]))


@config.command("set")
@click.argument("key")
@click.argument("value")
@takes_cli
def put(cli: Cli, key: str, value: str) -> None:
    """Change one setting."""
    with cli.door() as door:
        values = door.ask("PATCH", "/v1/config", body={key: value})["config"]
        cli.output.document({"config": {key: values[key]}}, lambda _: f"{key} = {values[key]}")


def _words(document: dict[str, Any]) -> str:
    from sync_agent.laptop.profile.settings import SETTINGS

    rows = [(key, value, SETTINGS[key].help) for key, value in document["config"].items()]
    return table(("SETTING", "VALUE", "WHAT IT DOES"), rows, empty="")
