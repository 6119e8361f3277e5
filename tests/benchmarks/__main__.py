"""The command: python -m tests.benchmarks desktop|sync [--json]."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import click

from tests.benchmarks import report
from tests.benchmarks.desktop import compare
from tests.benchmarks.measured import PeerFailed
from tests.benchmarks.peers import vdirsyncer
from tests.benchmarks.peers.tutorsync import AgentSilent
from tests.benchmarks.sync import PARTS, PEERS, Kept, measure


def _say(line: str) -> None:
    click.echo(line, err=True)


@click.group()
def benchmarks() -> None:
    """Measure TutorSync beside its peers, as ratios in one run. Progress goes to stderr."""


@benchmarks.command()
@click.option("-n", "count", default=1000, show_default=True, type=click.IntRange(1), help="How many events, sessions.")
@click.option("--peers", default=",".join(PEERS), show_default=True, help="Who takes part.")
@click.option("--parts", default=",".join(PARTS), show_default=True, help="What is measured; a goal may need several.")
@click.option(
    "--keep", type=click.Path(path_type=Path), help="A folder for what was measured; a stopped run goes on there."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def sync(count: int, peers: str, parts: str, keep: Path | None, as_json: bool) -> None:
    """The ten goals of the engine, beside vdirsyncer and the raw floor; Ctrl-C stops it at any time.

    They are set for -n 10000, which takes half an hour: with --keep it may be done in slices.
    """
    wanted = tuple(name for name in PARTS if name in parts.split(","))
    chosen = tuple(name for name in PEERS if name in peers.split(","))
    if vdirsyncer.Vdirsyncer.name in chosen:
        vdirsyncer.install()
    with tempfile.TemporaryDirectory() as nowhere:
        kept = Kept(keep or Path(nowhere))
        kept.folder.mkdir(parents=True, exist_ok=True)
        stopped = False
        try:
            rows = measure(count, chosen, kept, _say, wanted)
        except (KeyboardInterrupt, PeerFailed, AgentSilent, TimeoutError) as reason:
            _say(f"stopped ({type(reason).__name__}: {reason}); this is what was measured")
            stopped, rows = True, measure(count, chosen, kept, _say, ())
    found = report.goals(rows)
    if as_json:
        document = {"n": count, "rows": [r.as_json() for r in rows], "goals": [g.as_json() for g in found]}
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(f"{report.table(rows)}\n\n{report.goal_lines(found)}")
    sys.exit(0 if not stopped and all(g.met for g in found) and all(r.did_it for r in rows) else 1)


@benchmarks.command()
@click.option("--runs", default=7, show_default=True, type=click.IntRange(1), help="How often each is started.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def desktop(runs: int, as_json: bool) -> None:
    """Start to the first pixel in the tray beside the smallest tray app, and memory of tray and agent together."""
    found = compare(runs, _say)
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
    else:
        for start in (found.probe, found.ours):
            each = ", ".join(f"{ms:.0f}" for ms in start.to_tray_ms)
            memory = f"{start.pss_mib:.1f} MiB PSS in {start.processes} process(es)"
            click.echo(f"{start.name:10} {start.median_ms:6.0f} ms to the tray (median of {each}), {memory}")
        click.echo(f"start to the tray: {found.start_ratio:.2f} times the probe (at most 2.0)")
    sys.exit(0 if found.start_ratio <= 2 else 1)


if __name__ == "__main__":
    benchmarks(prog_name="python -m tests.benchmarks")
