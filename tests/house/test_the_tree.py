"""What no file of the tree may hold."""

from __future__ import annotations

import ast
import re
import socket
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT, python_files, texts

# Spelt so that this file does not hold them.
REGISTRIES = [
    ".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("deb", "debian", "org"))
]
_LONGEST_FILE = 500
_LONGEST_FUNCTION = 60


def _holding(pattern: str) -> list[str]:
    found = re.compile(pattern)
    return [f"{path}: {m.group()}" for path, text in texts().items() for m in found.finditer(text)]


def test_no_file_names_a_registry() -> None:
    """Where packages come from is the business of whoever installs."""
    assert _holding("|".join(map(re.escape, REGISTRIES))) == []


def test_no_file_names_this_machine() -> None:
    """Nothing holds a path, a home or a name that only one machine has."""
    names = [str(ROOT), str(ROOT.parent / "shared")]
    if len(host := socket.gethostname()) > len("localhost"):
        names.append(host)
    patterns = [*map(re.escape, names), r"(?<![\w.])/(?:root|work|Users/\w+)/[\w.]"]

    assert _holding("|".join(patterns)) == []


def test_every_text_file_ends_its_last_line() -> None:
    """Unix text: line feeds only, and one at the end."""
    wrong = [str(path) for path, text in texts().items() if text and (not text.endswith("\n") or "\r\n" in text)]

    assert wrong == []


def _calls(path: Path) -> list[tuple[int, str]]:
    calls = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call)]
    return [(node.lineno, ast.unparse(node.func)) for node in calls]


def test_no_test_sleeps() -> None:
    """A test waits for a condition, with a deadline: a sleep is too short on one machine and too long on the others."""
    sleeps = {"time.sleep", "sleep", "qtbot.wait", "QTest.qWait"}
    found = [
        f"{p.relative_to(ROOT)}:{line}" for p in python_files("tests") for line, name in _calls(p) if name in sleeps
    ]

    assert found == []


def test_no_test_is_skipped() -> None:
    """What cannot run somewhere is installed there; what is expected to fail is mended."""
    skips = {"pytest.skip", "pytest.xfail", "pytest.importorskip", "unittest.skip"}
    marks = re.compile(r"mark\.(skip|skipif|xfail)\b")
    found = [
        f"{p.relative_to(ROOT)}:{line}" for p in python_files("tests") for line, name in _calls(p) if name in skips
    ]
    found += [
        str(p.relative_to(ROOT)) for p in python_files("tests") if p != Path(__file__) and marks.search(p.read_text())
    ]

    assert found == []


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_files_and_functions_are_small(room: str) -> None:
    """A file can be read in one sitting, a function on one screen."""
    too_long = []
    for path in python_files(room):
        text = path.read_text(encoding="utf-8")
        if len(text.splitlines()) > _LONGEST_FILE and "migrations" not in path.parts:
            too_long.append(str(path.relative_to(ROOT)))
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "migrations" not in path.parts:
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                too_long += [f"{path.relative_to(ROOT)}: {node.name}"] if length > _LONGEST_FUNCTION else []

    assert too_long == []


@pytest.mark.parametrize("room", [*ROOMS, "tests"])
def test_every_file_says_what_it_is_for(room: str) -> None:
    """The head of a file says what it is responsible for."""
    silent = [p for p in python_files(room) if p.stat().st_size and not ast.get_docstring(ast.parse(p.read_bytes()))]

    assert [str(p.relative_to(ROOT)) for p in silent] == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_work_is_left_for_later(room: str) -> None:
    """No mark for later, no stub, no error that is swallowed without a word why."""
    marks = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError|except [^\n]*:\n\s+pass\n")
    found = [f"{p.relative_to(ROOT)}: {m.group()}" for p in python_files(room) for m in marks.finditer(p.read_text())]

    assert found == []


def test_no_file_is_named_for_nothing() -> None:
    """A file is named for what one looks for."""
    nothing = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core"}

    assert [str(p.relative_to(ROOT)) for p in python_files(*ROOMS, "tests") if p.stem in nothing] == []
