"""Importing a module does nothing but define, and every way to install has all that its rooms import."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection
from importlib.metadata import distribution, packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from tests.house.test_locks import pins
from tests.house.tree import ROOMS, ROOT, modules

# A server has the command line too, but none of what stands behind a laptop's commands.
_OF_A_SERVER = ("connectors", "sync_agent.engine", "sync_agent.laptop.cli.main", "cloud_api")
# Which rooms each lock serves, and what in them belongs to another one.
_SERVED = {
    "agent": (("connectors", "sync_agent"), ()),
    "desktop": (("connectors", "sync_agent", "desktop", "resources"), ()),
    "cloud": (_OF_A_SERVER, ("cloud_api.sandbox",)),  # that of postgres names all of it and one driver more
    "demo": (ROOMS, ()),
}
# Runs in the environment of its own for a second CalDAV client.
_OF_THE_PHONE = ("cloud_api.sandbox.demo.phone",)


def _import_all(names: list[str], folder: Path, *, without: Collection[str] = ()) -> dict[str, list[str]]:
    """Import modules in a bare process that starts in a folder; say for each what it did."""
    command = [sys.executable, "-m", "tests.house.quiet_import", *(["--without", ",".join(without)] if without else [])]
    environment = {"HOME": str(folder), "PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([*command, *names], cwd=folder, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    done: dict[str, list[str]] = json.loads(ran.stdout)
    return done


def _without(names: list[str], *left_out: str) -> list[str]:
    return [name for name in names if not name.startswith(left_out)]


def test_importing_a_module_does_nothing(tmp_path: Path) -> None:
    """No thread, no socket, no process, no file left open; neither the clock nor the environment is asked."""
    assert _import_all(_without(modules(*ROOMS), *_OF_THE_PHONE), tmp_path) == {}


@pytest.mark.parametrize("lock", _SERVED)
def test_a_lock_has_all_that_its_rooms_import(lock: str, tmp_path: Path) -> None:
    """As on a machine where nothing but that lock is installed: what it does not name cannot be imported."""
    rooms, others = _SERVED[lock]
    served = [name for name in modules(*{room.split(".")[0] for room in rooms}) if name.startswith(rooms)]
    named = pins(lock).keys() | {"tutorsync"}
    absent = {
        module
        for module, distributions in packages_distributions().items()
        if not named & {canonicalize_name(name) for name in distributions}
    }

    assert "pytest" in absent
    assert _import_all(_without(served, *others, *_OF_THE_PHONE), tmp_path, without=absent) == {}


def test_the_agent_loads_nothing_before_it_uses_it(tmp_path: Path) -> None:
    """It runs all day: migrations, the auditor's library and a server's database would take 20 MiB of its 70."""
    program = "import sync_agent.laptop.agent.process, sys; print(*sys.modules)"
    command, environment = [sys.executable, "-c", program], {"HOME": str(tmp_path), "PATH": os.defpath}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)

    assert not set(ran.stdout.split()) & {"alembic", "icalendar", "sqlalchemy.dialects.postgresql"}


def test_every_entry_point_leads_somewhere() -> None:
    """The command, and the commands that other rooms add to it."""
    ours = distribution("tutorsync").entry_points

    assert sorted(point.name for point in ours) == ["cloud", "demo", "desktop", "tutorsync"]
    assert all(callable(point.load()) for point in ours)


@pytest.mark.parametrize(
    ("line", "noticed"),
    [
        pytest.param("import time; STARTED = time.monotonic()", "the clock, by monotonic in <module>", id="the clock"),
        pytest.param(
            "from datetime import *; NOW = datetime.now(UTC)", "the clock, by now in <module>", id="the calendar"
        ),
        pytest.param("import os; HOME = os.environ.get('HOME')", "the environment", id="the environment"),
        pytest.param("import socket; S = socket.socket()", "socket.__new__", id="a socket"),
        pytest.param("import threading; threading.Thread(target=int).start()", "a thread", id="a thread"),
        pytest.param("F = open('kept', 'w')", "left open: {folder}/kept", id="a file"),
        pytest.param("import nowhere", "ModuleNotFoundError: No module named 'nowhere'", id="what is not installed"),
    ],
)
def test_a_noisy_import_is_noticed(line: str, noticed: str, tmp_path: Path) -> None:
    """The watch itself works: a room of the same name, in a folder of its own, does on import what it must not."""
    (tmp_path / "connectors").mkdir()
    (tmp_path / "connectors" / "__init__.py").touch()
    (tmp_path / "connectors" / "noisy.py").write_text(line)

    assert noticed.format(folder=tmp_path) in _import_all(["connectors.noisy"], tmp_path)["connectors.noisy"]
