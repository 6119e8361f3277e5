"""Secrets reach the command line over standard input, a file or a hidden prompt: never as an argument."""

from __future__ import annotations

import sys

import click

from sync_agent.laptop.errors import PassphraseMissing

_LONGEST = 65536


def secret_from(*, stdin: bool, prompt: str, twice: bool = False) -> str:
    """Read one secret: the first line of standard input, or what is typed unseen.

    Args:
        stdin: read it from standard input.
        prompt: what to ask for.
        twice: let it be typed again: a new passphrase with a typing mistake in it opens nothing later.

    Raises:
        click.UsageError: nobody is there to type.
        PassphraseMissing: nothing came.
    """
    if stdin:
        line = sys.stdin.readline(_LONGEST).rstrip("\r\n")
        if not line:
            raise PassphraseMissing(where="standard input")
        return line
    if not sys.stdin.isatty():
        words = f"{prompt}: nobody is there to type it; give it on standard input (see --help)."
        raise click.UsageError(words)
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt=twice, err=True)
    return typed
