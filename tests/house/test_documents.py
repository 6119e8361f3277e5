"""What the documents name is there: every path, module, class and command."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import click
import pytest

from tests.house.tree import ROOMS, ROOT, files, module_name, python_files

DOCUMENTS = [
    path.relative_to(ROOT)
    for path in files()
    if path.suffix == ".md" and (path.parent == ROOT or path.is_relative_to(ROOT / "docs"))
]
_IGNORED = re.compile(r"[…*<>{}=,]|\bNAME\b|://|^\.venv|^/|^~|^\.\./")
_A_PATH = re.compile(r"\.?\w[\w.\-]*(/[\w.\-]+)*/?")
_A_FILE = re.compile(r"\w[\w\-]*\.(py|md|svg|qss|sh)")
_A_CLASS = re.compile(r"[A-Z][a-z0-9]+([A-Z][a-z0-9]+)+")
_A_FUNCTION = re.compile(r"([a-z_]\w*)\(\)?.*\)")


def _spans(document: Path) -> Iterator[str]:
    """What stands between backticks, in the running text."""
    prose = re.sub(r"^```.*?^```", "", (ROOT / document).read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for match in re.finditer(r"`([^`\n]+)`", prose):
        yield match[1].strip()


def _commands(document: Path) -> Iterator[list[str]]:
    """What a reader is told to type, word by word: in a span, or at the start of a line of a block."""
    text = (ROOT / document).read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"^```.*?\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL))
    for line in [*_spans(document), *blocks.splitlines()]:
        words = line.strip().removeprefix("$ ").split()
        if words and re.fullmatch(r"tutorsync|(build|\.ci)/\w+", words[0]):
            yield words


@cache
def _defined() -> tuple[frozenset[str], frozenset[str]]:
    """Every class, and every function, that a Python file of the tree defines or takes from a library."""
    classes, functions = set(), set()
    for path in python_files(*ROOMS, "tests"):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.ClassDef):
                classes.add(node.name)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                functions.add(node.name)
            elif isinstance(node, ast.alias):
                classes.add((node.asname or node.name).split(".")[-1])
    return frozenset(classes), frozenset(functions)


@cache
def _modules() -> frozenset[str]:
    return frozenset(module_name(path) for path in python_files(*ROOMS, "tests"))


def _names_a_module(span: str) -> bool:
    return bool(re.fullmatch(r"\w+(\.\w+)+", span)) and span.split(".")[0] in {*ROOMS, "tests"}


def _module_is_there(span: str) -> bool:
    """A module, or a name that one of them defines."""
    if span in _modules():
        return True
    parent, _, name = span.rpartition(".")
    return parent in _modules() and name in _defined()[0] | _defined()[1]


def _is_there(span: str) -> bool:
    """Whether what a span names exists; true for what names nothing of ours."""
    classes, functions = _defined()
    if _IGNORED.search(span):
        return True
    if _names_a_module(span):
        return _module_is_there(span)
    if _A_CLASS.fullmatch(span):
        return span in classes
    if match := _A_FUNCTION.fullmatch(span):
        return match[1] in functions | classes
    if _A_FILE.fullmatch(span):
        return any(path.name == span for path in files())
    if "/" in span and _A_PATH.fullmatch(span) and any((ROOT / span.split("/")[0]).glob("*")):
        return (ROOT / span).exists()
    return True


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_what_a_document_names_is_there(document: Path) -> None:
    """Someone renames a file, and a document still sends people to the old one."""
    assert [span for span in _spans(document) if not _is_there(span)] == []


def test_no_comment_sends_the_reader_to_a_document_that_is_not_here() -> None:
    """Notes that were made before the code are not shipped with it: a comment says the reason itself."""
    pattern = re.compile(r"\b(?P<file>[A-Z]{4,})\.md\b|\((?P<page>[A-Z]{4,}): ")
    ours = {path.stem for path in files() if path.suffix == ".md"}
    lost = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in python_files(*ROOMS, "tests")
        for match in pattern.finditer(path.read_text(encoding="utf-8"))
        if (match["file"] or match["page"]) not in ours
    ]

    assert lost == []


def _command_line() -> click.Group:
    (entry,) = entry_points(group="console_scripts", name="tutorsync")
    main = entry.load()
    group = main if isinstance(main, click.Group) else main.__globals__["tutorsync"]
    assert isinstance(group, click.Group)
    return group


def _mistake(words: list[str]) -> str | None:
    """What is wrong with a command: a word that is no command, an option that it does not have."""
    command: click.Command = _command_line()
    context = click.Context(command)
    options = {option for parameter in command.params for option in parameter.opts}
    for word in words[1:]:
        if word in {"…", "|", "#"} or word.startswith(("[", "#")):
            break
        if word.startswith("--"):
            name = word.split("=")[0]
            options |= {option for parameter in command.params for option in parameter.opts}
            if name not in options | {"--help"}:
                return f"{' '.join(words)}: no option {name}"
        elif isinstance(command, click.Group) and re.fullmatch(r"[a-z][a-z\-]+", word):
            found = command.get_command(context, word)
            if found is None:
                return f"{' '.join(words)}: no command {word}"
            command = found
    return None


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_what_a_document_tells_to_type_works(document: Path) -> None:
    """Every command of ours in a document exists, with the options that it is shown with."""
    ours = list(_commands(document))

    assert [mistake for words in ours if words[0] == "tutorsync" and (mistake := _mistake(words))] == []
    assert [words[0] for words in ours if words[0] != "tutorsync" and not (ROOT / words[0]).is_file()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=str)
def test_every_link_between_documents_leads_somewhere(document: Path) -> None:
    """Links to files of the tree, and pictures."""
    text = (ROOT / document).read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    missing = [t for t in targets if "://" not in t and not ((ROOT / document).parent / t).exists()]

    assert missing == []
