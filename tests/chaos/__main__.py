"""The command: python -m tests.chaos --kills N [--seed S] [--results FOLDER] [--minutes M]."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from tempfile import mkdtemp

import click

from tests.chaos.run import Results, keep_world, run_slice, world_folder


@click.command()
@click.option("--kills", default=200, show_default=True, type=click.IntRange(1), help="How many in all.")
@click.option("--seed", type=int, help="Of the first world; by default the one after the last.")
@click.option(
    "--results", type=click.Path(path_type=Path), help="A folder for what came out; a stopped run goes on there."
)
@click.option("--world", "a_world", default=60, show_default=True, type=click.IntRange(1), help="Kills in one world.")
@click.option("--minutes", type=float, help="Begin no kill after so long; call it again to go on.")
def chaos(kills: int, seed: int | None, results: Path | None, a_world: int, minutes: float | None) -> None:
    """Kill the agent for real, while people edit everywhere; then compare all sides.

    A platform, a CalDAV server, a Zoom and the agent run as on a tutor's day. The agent dies with a write on the wire,
    in the middle of a pass, or without a network, and is started again. Now and then everything comes to rest: no edit
    may be lost, no event or meeting doubled, and the auditor must be at 100 %. Exit 1 where something is wrong.
    """
    until = None if minutes is None else time.monotonic() + minutes * 60
    kept = Results(results or Path(mkdtemp(prefix="chaos-results-")))
    first = seed if seed is not None else max((one.seed for one in kept.slices), default=0) + 1
    while kept.kills < kills and not kept.problems:
        if until is not None and time.monotonic() > until:
            break
        folder = world_folder(kept.folder, first)
        try:
            done = run_slice(min(a_world, kills - kept.kills), first, folder, _say, until=until)
            kept.add(done)
            if done.problems:
                _say(f"what is left of that world: {keep_world(folder, kept.folder, first)}")
                _say(
                    f"to play it again: python -m tests.chaos --kills {done.kills} --world {done.kills} --seed {first}"
                )
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        if done.stopped:
            break
        first += 1
    click.echo(kept.words())
    if kept.kills < kills and not kept.problems:
        click.echo(f"{kills - kept.kills} kills are left; the same command with --results {kept.folder} goes on.")
    sys.exit(1 if kept.problems else 0)


def _say(line: str) -> None:
    click.echo(line, err=True)


if __name__ == "__main__":
    chaos()
