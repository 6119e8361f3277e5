"""The promised shape of each command's JSON (resources/schemas/cli)."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

_FOLDER = files("resources") / "schemas" / "cli"


def names() -> list[str]:
    """Give the names of all schemas but the one of shared documents."""
    return sorted(one.name.removesuffix(".json") for one in _FOLDER.iterdir() if one.name != "documents.json")


def problems(name: str, document: Any) -> list[str]:
    """Say what in a document is not as promised, and what in it was not promised."""
    registry: Registry[Any] = Registry().with_resources(
        (one.name, Resource.from_contents(_closed(json.loads(one.read_text(encoding="utf-8")))))
        for one in _FOLDER.iterdir()
    )
    schema = registry[f"{name}.json"].contents
    checker = Draft202012Validator(schema, registry=registry, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(document)]


def _closed(schema: Any) -> Any:
    """Forbid what a schema does not name: to users it may grow, but what grows is to be written down."""
    if isinstance(schema, list):
        return [_closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if "properties" in closed and closed.get("type") == "object":
        closed["additionalProperties"] = False
    return closed
