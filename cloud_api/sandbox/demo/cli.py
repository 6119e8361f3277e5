"""`tutorsync demo`: all of it on loopback in a throwaway profile. With a screen it stays, headless it tells a story."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import click

from cloud_api.sandbox.demo.agreement import entry, upcoming
from cloud_api.sandbox.demo.fact import Fact
from cloud_api.sandbox.demo.handset import PhoneFailed, PhoneMissing, phone_python
from cloud_api.sandbox.demo.stage import ONLY_WHEN_ASKED_S, PRIVATE, ProgramFailed, Stage
from cloud_api.sandbox.demo.story import Chapter, chapters, weekly
from cloud_api.sandbox.loopback import ServerDidNotStart

_LIVELY_S = 3
"""With somebody watching, what they do is seen at once."""


@click.command("demo")
@click.option("--headless", is_flag=True, help="Play the story and end; no window.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout; progress goes to stderr.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="Keep everything in this folder.")
@click.option("--hold-at", help="Before this fact (or “all”) is read: say so on stderr, wait for a line on stdin.")
@click.pass_context
def demo(context: click.Context, /, *, headless: bool, as_json: bool, keep: Path | None, hold_at: str | None) -> None:
    """Try TutorSync: a platform with sessions, a calendar server, Zoom, the agent, and with a screen the tray app."""
    as_json = as_json or bool((context.parent and context.parent.params.get("as_json")) or False)
    folder = keep or Path(tempfile.mkdtemp(prefix="tutorsync-demo-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        phone_python()
        poll_s = ONLY_WHEN_ASKED_S if headless else _LIVELY_S
        with Stage(folder, _progress, poll_s=poll_s) as stage:
            facts, seconds = _play(stage, hold_at=hold_at, as_json=as_json) if headless else _stay(stage)
    except PhoneMissing as error:
        raise click.ClickException(str(error)) from error
    except (ServerDidNotStart, ProgramFailed) as error:
        words = f"The demo could not be set up: {error}"
        raise click.ClickException(words) from error
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    if as_json and headless:
        document = {"facts": [fact.as_document() for fact in facts], "seconds": round(seconds, 1)}
        click.echo(json.dumps(document, ensure_ascii=False))
    if not all(fact.holds for fact in facts):
        sys.exit(1)


def _play(stage: Stage, *, hold_at: str | None, as_json: bool) -> tuple[list[Fact], float]:
    """Play the story; gives its facts and how long it took."""
    began = time.monotonic()
    stage.build()
    _progress("connecting the laptop to all of them")
    stage.connect()
    facts = []
    for chapter in chapters():
        fact = _told(stage, chapter, hold=hold_at in ("all", chapter.name))
        facts.append(fact)
        line = f"{'✓' if fact.holds else '✗'} {fact.told}\n    seen: {fact.observed}\n    read from: {fact.read_from}"
        click.echo(line, err=as_json)
    seconds = time.monotonic() - began
    held = sum(fact.holds for fact in facts)
    click.echo(f"{held} of {len(facts)} facts hold, {seconds:.0f} seconds.", err=as_json)
    return facts, seconds


def _told(stage: Stage, chapter: Chapter, *, hold: bool) -> Fact:
    """Let one chapter happen and read it back. What breaks it is a fact that does not hold; the rest is still told."""
    try:
        chapter.act(stage)
        if hold:
            _hold(stage, chapter)
        return chapter.read(stage)
    except (ProgramFailed, PhoneFailed, LookupError, TimeoutError, OSError) as error:
        return Fact(chapter.name, chapter.told, holds=False, observed=f"it broke: {error}", read_from="the demo itself")


def _hold(stage: Stage, chapter: Chapter) -> None:
    """Tell where everything is, and wait until somebody has looked at it, or spoiled it."""
    app = stage.zoom.account.app
    where = {
        "held_at": chapter.name,
        "platform": {"url": stage.platform_url, "client_id": stage.client_id, "api_key": stage.api_key},
        "calendars": {"url": stage.calendars.address, "users": dict(stage.calendars.users)},
        "zoom": {
            "url": stage.zoom.address,
            "account_id": app.account_id,
            "client_id": app.client_id,
            "client_secret": app.client_secret,
        },
        "tutor": stage.tutor.id,
        "taps": [tap.address for tap in stage.taps()],
        "profile": str(stage.profile),
    }
    click.echo(json.dumps(where), err=True)
    sys.stdin.readline()


def _stay(stage: Stage) -> tuple[list[Fact], float]:
    """Start everything and the tray app, and stay until it ends."""
    stage.build()
    _progress("connecting the laptop to all of them")
    stage.connect()
    stage.sync()
    click.echo(
        f"\nThis is {stage.tutor.name}'s laptop. TutorSync sits in the tray; what is around it:\n"
        f"  the platform     {stage.platform_url}/api/docs   (API key {stage.client_id} / {stage.api_key})\n"
        f"  the calendars    {stage.calendars.address}   ({', '.join(stage.calendars.users)}: "
        f"{', '.join(stage.calendars.users.values())})\n"
        "Try: move an event in the calendar “Work”, or put an appointment over a session into “Private”.\n"
        "Quit in the tray's menu, or Ctrl+C here, ends all of it and removes its folder.\n"
    )
    try:
        stage.run_tray(lambda: _book_over_a_session(stage))
    except KeyboardInterrupt:
        _progress("ending")
    return [], 0.0


def _book_over_a_session(stage: Stage) -> None:
    """Let the phone book something private over a session, so that there is a double booking to settle."""
    _, start, _ = entry(upcoming(stage)[0])
    stage.phone.add(PRIVATE, weekly("Dentist", start + timedelta(minutes=15), times=1))
    _progress("the phone booked a dentist over a session: see the notification, or the window")


def _progress(words: str) -> None:
    click.echo(f"· {words}", err=True)


if __name__ == "__main__":
    demo()
