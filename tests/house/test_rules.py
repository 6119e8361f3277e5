"""Each rule of the engine has a test that fails without it: the page that says which tells the truth."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "engine-rules.md"


def _rows() -> list[list[str]]:
    """Give the cells of each row that is no heading."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[0] != "rule"]


def _named(cell: str) -> list[str]:
    return re.findall(r"`(test_\w+)`", cell)


def test_each_rule_names_a_test() -> None:
    assert [row for row in _rows() if len(row) != 2 or not _named(row[1])] == []


def test_each_test_that_is_named_is_there() -> None:
    there = {
        node.name
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef)
    }

    assert [name for row in _rows() for name in _named(row[1]) if name not in there] == []
