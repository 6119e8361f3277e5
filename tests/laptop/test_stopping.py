"""Ctrl+C while a command syncs: real processes, a real signal, and a server that has not answered yet."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.engine.phone import Phone
from tests.laptop.conftest import PROGRAM, Desk, connect_caldav, until
from tests.servers.nullcal import NullCal
from tests.servers.radicale import PASSWORD, USER
from tests.servers.wiretap import Wiretap

SOON_S = 3.0
"""A second, and what a process needs to say so and to end on a busy machine."""


class Tutor:
    """A terminal whose calendar lies behind a wire that can be held; three sessions wait to be written there."""

    def __init__(self, desk: Desk, phone: Phone, wire: Wiretap) -> None:
        self.desk, self.phone, self.wire = desk, phone, wire
        self.work = phone.make_calendar("Work")

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own, and wait until its first write is on the wire."""
        started = subprocess.Popen(
            [*PROGRAM, "--profile", str(self.desk.folder), *arguments],
            env=self.desk.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        until(lambda: self.wire.counts.methods.get("PUT") or started.poll() is not None, within_s=60)
        assert started.poll() is None
        return started


@pytest.fixture
def tutor(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Tutor]:
    with NullCal(USER).started() as server:
        phone, wire = Phone(f"http://127.0.0.1:{server.port}", USER, PASSWORD), Wiretap(server.port)
        with wire.started() as tap:
            made = Tutor(desk, phone, wire)
            through = SimpleNamespace(address=f"http://127.0.0.1:{tap.port}/")
            assert connect_caldav(desk, through, monkeypatch).code == 0  # type: ignore[arg-type]
            for days in range(3):
                desk.add_session(
                    "--title", f"S{days}", start=f"{datetime.now(UTC) + timedelta(days=3 + days):%F}T15:00"
                )
            wire.reset()
            wire.hold("PUT")
            yield made
            wire.release()
        phone.close()


def _stopped(command: subprocess.Popen[str]) -> tuple[str, str]:
    """Press Ctrl+C; give what it said on both channels."""
    began = time.monotonic()
    command.send_signal(signal.SIGINT)
    said = command.communicate(timeout=30)
    assert time.monotonic() - began < SOON_S
    assert command.returncode == 130
    return said


def _rest_is_written(tutor: Tutor) -> None:
    tutor.wire.release()
    done = tutor.desk.json("sync", "--wait")
    assert tutor.phone.titles(tutor.work) == ["S0", "S1", "S2"]
    assert not done["stopped"]
    assert tutor.desk.json("sync", "--wait")["written"]["total"] == 0


@pytest.mark.parametrize("command", [["sync", "--wait"], ["agent", "--once"]], ids=" ".join)
def test_it_ends_at_once_says_what_is_left_and_loses_nothing(tutor: Tutor, command: list[str]) -> None:
    """The server has not answered the first write: nobody waits for it, and the next sync looks it up."""
    out, err = _stopped(tutor.begin(*command))

    assert "Stopped before everything was done." in out
    assert "Waiting to be written: 3 changes." in err
    assert "Traceback" not in err
    _rest_is_written(tutor)


def test_a_script_is_told_in_the_document(tutor: Tutor) -> None:
    """One document on standard out, as ever."""
    out, _ = _stopped(tutor.begin("--json", "sync", "--wait"))

    assert json.loads(out)["stopped"]
    _rest_is_written(tutor)


def test_a_second_one_ends_whatever_it_is_at(tutor: Tutor) -> None:
    """Pressed twice by somebody in a hurry: it ends by either, with the same code."""
    command = tutor.begin("sync", "--wait")

    command.send_signal(signal.SIGINT)
    _, err = _stopped(command)

    assert "Traceback" not in err
    _rest_is_written(tutor)


def test_an_agent_goes_on_without_whoever_waited(tutor: Tutor) -> None:
    """The agent does the work; Ctrl+C ends the command that waits for it, and nothing else."""
    agent = tutor.desk.start_agent()

    _, err = _stopped(tutor.begin("sync", "--wait"))

    assert "an agent that runs goes on" in err
    assert agent.poll() is None
    tutor.wire.release()
    until(lambda: tutor.phone.titles(tutor.work) == ["S0", "S1", "S2"])


def test_an_agent_that_is_quit_waits_for_no_server(tutor: Tutor) -> None:
    """SIGTERM, or Quit in the tray, while its first write is on the wire."""
    agent = tutor.desk.start_agent()
    until(lambda: tutor.wire.counts.methods.get("PUT"), within_s=60)

    began = time.monotonic()
    agent.send_signal(signal.SIGTERM)
    agent.wait(30)

    assert time.monotonic() - began < SOON_S
    _rest_is_written(tutor)


@pytest.mark.parametrize("command", ["pause", "disconnect"])
def test_a_pause_and_a_disconnect_take_effect_while_a_write_is_on_the_wire(tutor: Tutor, command: str) -> None:
    """The agent answers at once, no further write leaves it, and it goes on running."""
    agent = tutor.desk.start_agent()
    until(lambda: tutor.wire.counts.methods.get("PUT"), within_s=60)
    account = tutor.desk.json("accounts")["accounts"][0]["id"]

    began = time.monotonic()
    tutor.desk.json(command, *([account] if command == "disconnect" else []))
    took_s, sent = time.monotonic() - began, tutor.wire.counts.methods["PUT"]
    tutor.wire.release()

    assert took_s < SOON_S
    until(lambda: tutor.desk.json("status")["state"] != "syncing")
    assert tutor.wire.counts.methods["PUT"] == sent
    assert agent.poll() is None
