"""The floors of the house hold, and every contract that says so bites."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT, pyproject

CONTRACTS = pyproject()["tool"]["importlinter"]["contracts"]

# For each contract: a file, and an import that must not stand there.
FORBIDDEN = {
    "The floors of the house: an import only ever goes down": (
        "sync_agent/audit/__init__.py",
        "import sync_agent.laptop",
    ),
    "The desktop knows no other room: it talks to the agent over its local API": (
        "desktop/__init__.py",
        "import connectors.vocabulary.times",
    ),
    "Nobody imports the desktop": ("cloud_api/__init__.py", "import desktop"),
    "The engine takes connectors as arguments: it knows their vocabulary only": (
        "sync_agent/engine/__init__.py",
        "import connectors.registry",
    ),
    "The engine knows no network, no screen and no scheduler": ("sync_agent/engine/__init__.py", "import apscheduler"),
    "The auditor shares no code with the engine": ("sync_agent/audit/__init__.py", "import sync_agent.engine.values"),
    "The auditor reads for itself: of the connectors it knows the transport and the errors": (
        "sync_agent/audit/__init__.py",
        "import connectors.ical.scan",
    ),
    "The sandbox shares no code with what it tests": (
        "cloud_api/sandbox/__init__.py",
        "import connectors.vocabulary.times",
    ),
    "Families of connectors do not know each other": ("connectors/zoom/__init__.py", "import connectors.dav"),
    "Pure decisions touch no network, no store, no screen": ("sync_agent/engine/sync/merge.py", "import sqlalchemy"),
    "What is shown to people is data: it imports no room": ("resources/__init__.py", "import connectors"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch copy of the house, to be spoiled."""
    house = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, house / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


@pytest.fixture
def spoiled(copy: Path) -> Iterator[_Spoiler]:
    """A way to add a line to a file of the copy; taken back when the test ends."""
    spoiler = _Spoiler(copy)
    yield spoiler
    spoiler.undo()


class _Spoiler:
    def __init__(self, house: Path) -> None:
        self.house = house
        self._was: dict[Path, str] = {}

    def add(self, path: str, line: str) -> None:
        target = self.house / path
        self._was[target] = target.read_text(encoding="utf-8")
        target.write_text(f"{self._was[target]}\n{line}\n", encoding="utf-8")

    def undo(self) -> None:
        for path, text in self._was.items():
            path.write_text(text, encoding="utf-8")


def lint_imports(house: Path) -> tuple[int, set[str]]:
    """Run lint-imports on a house; give its exit status and the names of the broken contracts."""
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--cache-dir", house / ".lint-cache"]
    # Wide, because the report breaks its lines at the width of a terminal and the names are long.
    ran = subprocess.run(command, cwd=house, capture_output=True, text=True, env={"COLUMNS": "400"})
    broken = {line.removesuffix(" BROKEN").strip() for line in ran.stdout.splitlines() if line.endswith(" BROKEN")}
    assert ran.returncode == 0 or broken, ran.stdout + ran.stderr
    return ran.returncode, broken


def test_the_house_keeps_every_contract(copy: Path) -> None:
    """The copy is the tree as it stands."""
    assert lint_imports(copy) == (0, set())


def test_every_contract_has_its_forbidden_import() -> None:
    """A contract that is added later must be seen to bite, too."""
    assert set(FORBIDDEN) == {contract["name"] for contract in CONTRACTS}


@pytest.mark.parametrize("contract", FORBIDDEN)
def test_one_forbidden_import_breaks_its_contract(contract: str, spoiled: _Spoiler) -> None:
    """Someone in a hurry adds one import that the house does not allow."""
    spoiled.add(*FORBIDDEN[contract])

    status, broken = lint_imports(spoiled.house)

    assert status == 1
    assert contract in broken


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("def later() -> None:\n    import sync_agent.laptop", id="inside a function"),
        pytest.param("import typing\nif typing.TYPE_CHECKING:\n    import sync_agent.laptop", id="for types only"),
        pytest.param("def later() -> None:\n    from sync_agent import laptop", id="from the parent"),
    ],
)
def test_an_import_counts_wherever_it_stands(line: str, spoiled: _Spoiler) -> None:
    """The usual ways around a rule about imports lead nowhere."""
    spoiled.add("sync_agent/engine/__init__.py", line)

    assert "The floors of the house: an import only ever goes down" in lint_imports(spoiled.house)[1]


def _listed(name: str, key: str) -> set[str]:
    return set(next(contract for contract in CONTRACTS if contract["name"] == name)[key])


def _packages_of_connectors() -> set[str]:
    entries = (ROOT / "connectors").iterdir()
    return {f"connectors.{e.stem}" for e in entries if e.suffix == ".py" or (e / "__init__.py").exists()} - {
        "connectors.__init__",
        "connectors.vocabulary",
    }


def test_the_engine_is_kept_from_every_connector() -> None:
    """A connector that is added is on the list of what the engine may not know."""
    name = "The engine takes connectors as arguments: it knows their vocabulary only"

    assert _listed(name, "forbidden_modules") == _packages_of_connectors()


def test_every_family_of_connectors_stands_alone() -> None:
    """What families share is no family: transport, direct way, trust, what is heard of pauses, registry, iCalendar."""
    shared = {
        "connectors.direct",
        "connectors.http",
        "connectors.ical",
        "connectors.registry",
        "connectors.retry_after",
        "connectors.trust",
    }
    families = _packages_of_connectors() - shared

    assert _listed("Families of connectors do not know each other", "modules") == families
