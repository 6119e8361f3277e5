"""What users of other programs complain about has tests by its number, in their names and in their markers."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
OF_THE_ENGINE = {1, 2, *range(5, 14), *range(18, 22)}
"""The rows of the list that the engine and its agent keep; others are the meetings', the desktop's, the platform's."""


def _numbers() -> Iterator[tuple[str, set[int], set[int]]]:
    """Give each test that bears a number, with those in its name and those in its markers."""
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            name = node.name.removeprefix("test_complaint_").partition("_")[0] if "complaint" in node.name else ""
            marked = {
                one.args[0].value
                for one in node.decorator_list
                if isinstance(one, ast.Call) and ast.unparse(one.func) == "pytest.mark.complaint"
                if isinstance(one.args[0], ast.Constant) and isinstance(one.args[0].value, int)
            }
            if name or marked:
                yield node.name, {int(name)} if name.isdecimal() else set(), marked


def test_each_promise_of_the_engine_is_kept_by_a_test() -> None:
    """`pytest -k complaint` shows them, row by row."""
    kept = {number for _, named, marked in _numbers() for number in named & marked}

    assert kept >= OF_THE_ENGINE


def test_name_and_marker_say_the_same() -> None:
    """So that a row is found by either."""
    assert [name for name, named, marked in _numbers() if named and named != marked] == []
