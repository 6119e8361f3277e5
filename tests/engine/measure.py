"""What the engine costs, by itself: python -m tests.engine.measure [--objects 1000] [--links 10000] [--profile].

The server is a process of its own, so that only our CPU is counted. Prints seconds of CPU; asserts nothing.
"""

from __future__ import annotations

import argparse
import cProfile
import logging
import pstats
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import structlog

from connectors.registry import Credentials
from sync_agent.engine.sync.plan import plan
from sync_agent.engine.values import FieldGroup
from tests.benchmarks.corpus import corpus
from tests.engine.sync.builders import NO_LINK, NOW, a_session, in_calendar
from tests.engine.world import World

_FIRST = datetime(2026, 11, 25, 8)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=1000)
    parser.add_argument("--links", type=int, default=10_000)
    parser.add_argument("--sessions", type=int, default=300)
    parser.add_argument("--profile", default="", help="one of: first, mirror, idle, move")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    _plan(given.links)
    with tempfile.TemporaryDirectory() as folder, _server() as address:
        names = ("a", "b", "c")
        for name in names:
            _fill(address, name, given.objects if name == "a" else min(given.objects, 1000))
        world = World(Path(folder))
        world.connect("caldav", Credentials(address, {"username": "anna"}, {"password": "x"}), calendar="a")
        _measured(f"first reading, {given.objects} objects and two calendars more", world, given.profile == "first")
        for number in range(given.sessions):
            world.add(f"S{number}", start=_FIRST + timedelta(hours=13 * number))
        _measured(f"first mirroring of {given.sessions} sessions", world, given.profile == "mirror")
        world.run()
        _measured("idle pass, three calendars, mean of 50", world, given.profile == "idle", times=50)
        with world.store.read() as connection:
            sessions = world.store.sessions.between(connection, NOW, NOW + timedelta(days=300))
        for session in sessions[: given.sessions // 100]:
            world.change(session.id, title="Moved")
        _measured("one in a hundred edited", world, given.profile == "move")
        world.close()


def _plan(count: int) -> None:
    session = a_session()
    links = [(session, [in_calendar(session)]) for _ in range(count)]
    joins = {links[0][1][0].link.id: NO_LINK}
    edited = a_session(title="Physics")
    for number in range(0, count, 100):
        links[number] = (edited, links[number][1])

    def planned() -> None:
        for one, found in links:
            plan(one, found, join_values=joins, missing=(), now=NOW)

    assert FieldGroup.TITLE in links[0][1][0].bases
    sys.stdout.write(f"{_cpu(planned) * 1000:9.1f} ms  plan of {count} links, 1 % changed\n")


def _measured(what: str, world: World, is_profiled: bool, *, times: int = 1) -> None:
    profile = cProfile.Profile()

    def passes() -> None:
        for _ in range(times):
            world.run()

    if is_profiled:
        profile.enable()
    spent = _cpu(passes)
    profile.disable()
    sys.stdout.write(f"{spent / times * 1000:9.1f} ms  {what}\n")
    if is_profiled:
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        pstats.Stats(profile).sort_stats("cumtime").print_stats(70)


def _cpu(act: Callable[[], None]) -> float:
    before = time.process_time()
    act()
    return time.process_time() - before


@contextmanager
def _server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tests.servers.nullcal", "--port", str(port)]
    process = subprocess.Popen(command)
    address = f"http://127.0.0.1:{port}/"
    deadline = time.monotonic() + 20
    try:
        while time.monotonic() < deadline:
            try:
                httpx.request("OPTIONS", address, verify=False)
                break
            except httpx.TransportError:
                continue
        yield address
    finally:
        process.terminate()
        process.wait(10)


def _fill(address: str, name: str, count: int) -> None:
    with httpx.Client(base_url=address, verify=False) as client:
        client.request("MKCALENDAR", f"/anna/{name}/")
        for number, one in enumerate(corpus(count, seed=ord(name))):
            client.put(f"/anna/{name}/{number}.ics", content=one.text.encode())


if __name__ == "__main__":
    main()
