"""The command: `python -m tests.simulation --seeds 5000`; `--seed 17 --trace` plays one history and tells it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click

from tests.simulation import coverage
from tests.simulation.history import Script, play, script_of
from tests.simulation.mutants import MUTANTS
from tests.simulation.mutants.hunt import hunt_all
from tests.simulation.runner import Results, Total, chunks, kinds_of, run, silence
from tests.simulation.shrink import shortest
from tests.simulation.world.faults import Met

_SHOWN = 5
MOST_SEEDS = 400
"""So many seeds are tried with a mutant that hides."""


@click.command()
@click.option("--seeds", type=click.IntRange(1), help="Play so many histories.")
@click.option("--start", type=int, default=0, show_default=True, help="The first seed.")
@click.option("--jobs", type=click.IntRange(1), default=2, show_default=True, help="On so many cores.")
@click.option("--results", type=click.Path(path_type=Path), help="Keep what was played here; go on from there.")
@click.option("--seed", type=int, help="Play this one history.")
@click.option("--trace", is_flag=True, help="With --seed: tell all that happens.")
@click.option("--only", help="Play these seeds: 3,17,26.")
@click.option("--mutants", is_flag=True, help="Play against each engine that was broken on purpose, until it is found.")
@click.option("--mutant", "chosen", help="With --mutants: only these of them: 1,28.")
@click.option("--coverage/--no-coverage", "covers", default=True, help="Whether too little that was met is a failure.")
@click.option("--shrink/--no-shrink", default=True, show_default=True, help="Look for a shorter failing history.")
@click.option("--counts/--no-counts", default=True, show_default=True, help="Print how often each fault was met.")
def main(
    seeds: int | None,
    start: int,
    jobs: int,
    results: Path | None,
    seed: int | None,
    *,
    only: str | None,
    mutants: bool,
    chosen: str | None,
    trace: bool,
    covers: bool,
    shrink: bool,
    counts: bool,
) -> None:
    """Play histories against the shipped engine in a model world, and check its invariants."""
    _with_a_fixed_hash()
    silence()
    if mutants or chosen:
        numbers = [int(one) for one in chosen.split(",")] if chosen else [one.number for one in MUTANTS]
        sys.exit(_hunted(numbers, range(start, start + (seeds or MOST_SEEDS)), jobs=jobs))
    if seed is not None:
        sys.exit(_one(seed, trace=trace, shrink=shrink))
    wanted = [(int(one), 1) for one in only.split(",")] if only else chunks(start, seeds or coverage.FULL_RUN)
    total = played(wanted, jobs=jobs, results=Results(results))
    sys.exit(_told(total, shrink=shrink, counts=counts, covers=covers))


def _with_a_fixed_hash() -> None:
    """Begin again with a fixed order of sets: a seed must play the same history in every process."""
    if os.environ.get("PYTHONHASHSEED") != "0":
        command = [sys.executable, "-m", "tests.simulation", *sys.argv[1:]]
        os.execve(sys.executable, command, {**os.environ, "PYTHONHASHSEED": "0"})


def played(wanted: Sequence[tuple[int, int]], *, jobs: int, results: Results) -> Total:
    """Play some chunks, but those that were kept from an earlier part of the run."""
    total = Total()
    done = {(chunk.start, chunk.count): chunk for chunk in results.read()}
    for chunk in (done[one] for one in wanted if one in done):
        total.add(chunk)
    began = time.monotonic()
    played = 0
    for chunk in run([one for one in wanted if one not in done], jobs=jobs):
        results.append(chunk)
        total.add(chunk)
        played += chunk.count
        rate = played / max(time.monotonic() - began, 0.001)
        click.echo(f"\r{total.histories} histories, {rate:.1f} a second, {len(total.failed)} failed", nl=False)
    click.echo()
    return total


def _hunted(numbers: Sequence[int], seeds: Sequence[int], *, jobs: int) -> int:
    """Say of each mutant what found it. 1 if one was not found."""
    missed = []
    for hunted in hunt_all(numbers, seeds, jobs=jobs):
        click.echo(hunted.line)
        if hunted.seed is None:
            missed.append(hunted.number)
    click.echo(f"{len(numbers) - len(missed)} of {len(numbers)} mutants found" + f", not {missed}" * bool(missed))
    return 1 if missed else 0


def _told(total: Total, *, shrink: bool, counts: bool, covers: bool) -> int:
    if counts:
        click.echo("\n".join(coverage.table(total.met)))
    rate = total.histories / max(total.cpu_s, 0.001)
    click.echo(f"{total.histories} histories, {total.steps} steps, {rate:.1f} histories a second on each core")
    for seed, broken in sorted(total.failed.items())[:_SHOWN]:
        click.echo(f"seed {seed}: {broken[0]}")
    short = coverage.short_of(total.met, total.histories) if covers else []
    for line in short:
        click.echo(f"met too seldom: {line}")
    if total.failed:
        click.echo(f"{len(total.failed)} failed: {dict(kinds_of(total.failed))}")
        first = min(total.failed, key=lambda seed: len(script_of(seed).steps))
        _shortest_of(script_of(first), shrink=shrink)
        return 1
    click.echo("all invariants hold" if not short else "all invariants hold, but too little was met")
    return 1 if short else 0


def _one(seed: int, *, trace: bool, shrink: bool) -> int:
    script = script_of(seed)
    if trace:
        click.echo(str(script.shape))
    told = play(script, Met(), trace=click.echo if trace else None)
    for line in told.broken:
        click.echo(line)
    if not told.broken:
        click.echo(f"seed {seed}: {told.steps} steps, all invariants hold")
        return 0
    if not trace:
        _shortest_of(script, shrink=shrink)
    return 1


def _shortest_of(script: Script, *, shrink: bool) -> None:
    click.echo(f"replay it with: python -m tests.simulation --seed {script.seed} --trace")
    if not shrink:
        return
    short = shortest(script)
    click.echo(f"a shorter one of {len(short.steps)} steps (of {len(script.steps)}):")
    play(short, Met(), trace=click.echo)
    for line in play(short, Met()).broken:
        click.echo(line)


if __name__ == "__main__":
    main()
