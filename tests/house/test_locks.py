"""The locks say what is installed, completely and for everyone alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.house.tree import LOCKS, pyproject

NAMES = sorted(path.stem for path in LOCKS.glob("*.txt") if path.stem != "constraints")
# What may not live in one environment with the product is solved on its own.
ALONE = {"phone", "fuzz", "peers", "uv"}
WITH_THE_PRODUCT = [name for name in NAMES if name not in ALONE]

SERVERS = ["cloud", "postgres"]
LAPTOPS = ["agent", "desktop"]


def _entries(path: Path) -> list[str]:
    """The entries of a lock, each with its hashes, comments left out."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    return [" ".join(entry.split()) for entry in "\n".join(lines).replace("\\\n", " ").splitlines() if entry.strip()]


@cache
def pins(name: str) -> dict[str, str]:
    """The version of each distribution that a lock names."""
    found = {}
    for entry in _entries(LOCKS / f"{name}.txt"):
        requirement = Requirement(entry.split(" --hash=")[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", entry
        found[canonicalize_name(requirement.name)] = specifier.version
    return found


def _wanted(requirements: Iterable[str], extras: dict[str, list[str]]) -> dict[str, Requirement]:
    """The requirements by name; `tutorsync[x]` stands for what the extra x asks for."""
    found: dict[str, Requirement] = {}
    for text in requirements:
        requirement = Requirement(text)
        if requirement.name == "tutorsync":
            for extra in requirement.extras:
                found |= _wanted(extras[extra], extras)
        else:
            found[canonicalize_name(requirement.name)] = requirement
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_has_hashes(name: str) -> None:
    """A file that was exchanged on its way is refused."""
    without = [e for e in _entries(LOCKS / f"{name}.txt") if not re.search(r" --hash=sha256:[0-9a-f]{64}( |$)", e)]

    assert without == []


@pytest.mark.parametrize("name", [*NAMES, "constraints"])
def test_no_lock_names_a_registry(name: str) -> None:
    """An agency behind a mirror installs from the same files."""
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8")

    assert re.findall(r"\w+://|--(?:extra-)?index-url|--find-links|--trusted-host|^-[if] ", text, re.MULTILINE) == []


@pytest.mark.parametrize("name", WITH_THE_PRODUCT)
def test_a_lock_agrees_with_the_constraints(name: str) -> None:
    """The versions that were tested together are those that are installed, whichever way."""
    assert pins(name).items() <= pins("constraints").items()


def test_the_lock_of_the_tests_holds_all_of_the_demos() -> None:
    """One environment serves both commands."""
    assert pins("demo").items() <= pins("test").items()


@pytest.mark.parametrize("name", ["agent", "desktop", "cloud", "postgres", "demo"])
def test_a_lock_has_what_its_extra_asks_for(name: str) -> None:
    """Nobody changes pyproject.toml and forgets build/lock."""
    project = pyproject()["project"]
    extras = project["optional-dependencies"]
    wanted = _wanted([*project["dependencies"], *extras[name], *pyproject()["dependency-groups"]["build"]], extras)

    held = pins(name)

    assert {n: r for n, r in wanted.items() if n not in held or not r.specifier.contains(held[n])} == {}


@pytest.mark.parametrize("name", SERVERS)
def test_a_server_has_no_screen(name: str) -> None:
    """Neither Qt nor the desktop bus is on a machine in a data centre."""
    assert [n for n in pins(name) if n.startswith(("pyside", "shiboken", "jeepney"))] == []


@pytest.mark.parametrize("name", LAPTOPS)
def test_a_laptop_has_no_server(name: str) -> None:
    """A tutor installs no PostgreSQL driver and no web framework of the platform."""
    assert [n for n in pins(name) if n.startswith(("psycopg", "fastapi", "pydantic", "msgspec"))] == []


def test_a_laptop_without_a_screen_has_no_qt() -> None:
    """The agent alone runs where no Qt could."""
    assert [n for n in pins("agent") if n.startswith(("pyside", "shiboken"))] == []


@pytest.mark.parametrize("name", [n for n in NAMES if n not in ALONE and n not in SERVERS and n != "agent"])
def test_qt_is_one_that_keeps_its_references(name: str) -> None:
    """PySide6 6.12.0 drops references to None on CPython 3.10 and 3.11, and aborts after some thousand calls."""
    assert Version("6.11") <= Version(pins(name)["pyside6-essentials"]) < Version("6.12")


@pytest.mark.parametrize("name", WITH_THE_PRODUCT)
def test_the_product_keeps_its_urllib3(name: str) -> None:
    """The library caldav brings urllib3-future, which replaces a module of the whole environment."""
    assert {"caldav", "niquests", "urllib3-future"} & pins(name).keys() == set()
