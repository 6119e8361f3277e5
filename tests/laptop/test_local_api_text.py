"""docs/local-api.md is the contract with the desktop: what it names is there, and what is there it names."""

from __future__ import annotations

import re
from pathlib import Path

from sync_agent.laptop.operations.table import ROUTES

_TEXT = (Path(__file__).parents[2] / "docs" / "local-api.md").read_text(encoding="utf-8")
_OF_THE_SERVER = {("GET", "/v1/events-stream"), ("POST", "/v1/shutdown")}


def test_the_text_and_the_table_name_the_same_routes() -> None:
    """Method and path, whatever the names in braces."""
    named = {
        (method, re.sub(r"{\w+}", "{}", path))
        for method, path in re.findall(r"`?(GET|POST|PATCH|DELETE) (/v1/[a-z0-9/{}-]+)", _TEXT)
    }
    routed = {(route.method, re.sub(r"{\w+}", "{}", route.pattern)) for route in ROUTES} | _OF_THE_SERVER

    assert named == routed
