"""No two modules need each other: neither at import nor later inside a function."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.house.tree import ROOMS, module_name, python_files


def _base(node: ast.ImportFrom, path: Path) -> str:
    """The package that an import starts from; a relative one is counted from the file's own package."""
    if not node.level:
        return node.module or ""
    package = module_name(path).split(".") if path.name == "__init__.py" else module_name(path).split(".")[:-1]
    return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])


def _imported(path: Path, known: set[str]) -> set[str]:
    """All modules of ours that a file imports, wherever in it the import stands."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, path)
            # What is imported may be a module of its own or a name in one.
            found |= {f"{base}.{a.name}" if f"{base}.{a.name}" in known else base for a in node.names}
    return (found & known) - {module_name(path)}


def test_no_circle_of_imports() -> None:
    """Whoever reads a module can read what it stands on first."""
    paths = {module_name(path): path for path in python_files(*ROOMS)}
    known = set(paths)

    try:
        circle: list[str] = []
        TopologicalSorter({name: _imported(path, known) for name, path in paths.items()}).prepare()
    except CycleError as error:
        circle = error.args[1]

    assert " → ".join(circle) == ""
