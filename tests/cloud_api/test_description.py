"""The API's description: current, complete, shown without any other host."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core import OpenAPI

from cloud_api.cli import description_text
from tests.cloud_api.tenant import Tenant

CHECKED_IN = Path(__file__).resolve().parents[2] / "resources" / "openapi" / "cloud.json"

DESCRIBED: dict[str, Any] = json.loads(CHECKED_IN.read_text("utf-8"))
OPERATIONS = [
    pytest.param(path, method, operation, id=f"{method.upper()} {path}")
    for path, methods in DESCRIBED["paths"].items()
    for method, operation in methods.items()
]

# The customer's names, as far as this floor reaches.
FIXED = {
    ("post", "/api/auth/token"),
    ("post", "/api/auth/refresh"),
    ("delete", "/api/auth/revoke"),
    ("get", "/api/tutors"),
    ("get", "/api/tutors/{person_id}"),
    ("get", "/api/students"),
    ("get", "/api/students/{person_id}"),
    ("get", "/api/sessions"),
    ("get", "/api/sessions/{session_id}"),
}


def test_the_text_that_is_checked_in_is_current() -> None:
    """A change of the API shows in the diff; `cloud openapi` writes it anew."""
    assert CHECKED_IN.read_text("utf-8") == description_text()


def test_it_is_openapi() -> None:
    """Checked by a validator that is not ours."""
    OpenAPI.from_dict(DESCRIBED)


def test_the_fixed_names_are_there() -> None:
    """They stay as the customer wrote them."""
    operations = {(method, path) for path, methods in DESCRIBED["paths"].items() for method in methods}

    assert operations >= FIXED


@pytest.mark.parametrize(("path", "method", "operation"), OPERATIONS)
def test_every_operation_is_described_in_full(path: str, method: str, operation: dict[str, Any]) -> None:
    """Words, a permission where one is needed, every refusal as a problem document."""
    assert operation["summary"]
    assert operation["description"]
    assert operation["tags"]
    assert "security" in operation
    is_oauth = path.startswith("/api/auth/") and method == "post"
    for status, answer in operation["responses"].items():
        kinds = set(answer.get("content", {}))
        if int(status) >= 400 and not is_oauth:
            assert kinds == {"application/problem+json"}, status


def test_what_is_sent_and_answered_has_examples() -> None:
    """The page's "try it" is filled in, and its answers look like answers."""
    without = [
        f"{name}.{field}"
        for name, schema in DESCRIBED["components"]["schemas"].items()
        if name.endswith(("In", "New", "Out"))
        for field in schema.get("required", [])
        if not _speaks_for_itself(schema["properties"][field])
    ]

    assert without == []


def test_the_page_needs_no_other_host(tenant: Tenant) -> None:
    """An agency's network may have no way out; and nobody learns who reads our documentation."""
    page = httpx.get(f"{tenant.base_url}/api/docs", verify=False)
    needed = _sources(page.text)

    assert page.headers["content-type"].startswith("text/html")
    assert len(needed) == 3
    for address in needed:
        assert address.startswith("/api/docs/")
        answer = httpx.get(tenant.base_url + address, verify=False)
        assert answer.status_code == 200
        assert answer.content
    assert "validatorUrl: null" in httpx.get(f"{tenant.base_url}/api/docs/start.js", verify=False).text
    assert "script-src 'self'" in page.headers["content-security-policy"]


def test_swagger_ui_is_not_old() -> None:
    """4.x had security holes; the package that carries it must be followed."""
    from importlib.resources import files

    script = files("fastapi_swagger").joinpath("resources", "swagger-ui-bundle.js").read_text("utf-8")
    found = re.search(r'PACKAGE_VERSION:"(\d+)\.(\d+)', script)

    assert found is not None
    assert (int(found[1]), int(found[2])) >= (5, 34)


def test_every_answer_tells_browsers_what_it_is_not(tenant: Tenant) -> None:
    """Security headers and a request id, on refusals too."""
    for answer in (tenant.api.get("/api/tutors"), tenant.api.get("/api/nothing"), tenant.api.get("/api/health")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-request-id"]
        assert "server" not in answer.headers


def _speaks_for_itself(schema: dict[str, Any]) -> bool:
    """Whether a reader sees what goes in there: an example, a few words to choose from, a yes or no, another schema."""
    kinds = [schema, schema.get("items", {}), *schema.get("anyOf", [])]
    return any(
        "examples" in kind or "enum" in kind or "$ref" in kind or kind.get("type") == "boolean" for kind in kinds
    )


def _sources(page: str) -> list[str]:
    """Give the addresses of everything that a page loads (data: addresses load nothing)."""
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, _tag: str, attributes: list[tuple[str, str | None]]) -> None:
            found.extend(value for name, value in attributes if name in {"src", "href"} and value is not None)

    Reader().feed(page)
    return [address for address in found if not address.startswith("data:")]
