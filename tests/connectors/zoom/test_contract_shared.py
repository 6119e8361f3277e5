"""Simulator and connector against the vendor's own description: a mistake that both share shows here."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from connectors.vocabulary.errors import ConnectorError, ObjectGone
from tests.connectors.meeting_contract import a_draft

if TYPE_CHECKING:
    import httpx

    from tests.connectors.zoom.world import ZoomWorld

CONTRACT = Path(__file__).resolve().parents[4] / "shared/vendors/specs/zoom/zoom-meetings.openapi.json"
VENDOR = "https://api.zoom.us"
# Not in the vendor's description of meetings: who is signed in, and how one signs in.
ELSEWHERE = {"/v2/users/me", "/oauth/token"}


@pytest.fixture(scope="module")
def description() -> dict[str, Any]:
    return json.loads(CONTRACT.read_text())


@pytest.fixture(scope="module")
def contract(description: dict[str, Any]) -> OpenAPI:
    return OpenAPI.from_dict(description, config=Config(spec_validator_cls=None))


def everything_that_the_connector_does(world: ZoomWorld) -> None:
    """Each call of the seam, with its ordinary and its unhappy answers."""
    provider = world.provider
    provider.identify()
    world.fill(320)
    made = [provider.create(a_draft(marker=marker)) for marker in ("short", "long" * 200, "數學 ✎")]
    for meeting in made:
        assert provider.find(meeting.marker) == [meeting]
    provider.update(made[0].remote_id, a_draft(topic="x" * 300, start=datetime(2031, 5, 1, 8, 0), minutes=45))
    provider.update(made[1].remote_id, a_draft(marker="another"))
    provider.delete(made[2].remote_id)
    with pytest.raises(ObjectGone):
        provider.fetch(made[2].remote_id)
    with pytest.raises(ObjectGone):
        provider.update(made[2].remote_id, a_draft())
    provider.delete(made[2].remote_id)
    world.simulator.account.start_now(int(made[0].remote_id))
    with pytest.raises(ConnectorError):
        provider.delete(made[0].remote_id)
    world.simulator.clock.advance(timedelta(hours=2))
    provider.fetch(made[1].remote_id)


def as_sent_to_the_vendor(request: httpx.Request) -> MockRequest:
    return MockRequest(
        VENDOR,
        request.method.lower(),
        request.url.path,
        args=dict(request.url.params),
        data=request.content or None,
        content_type=request.headers.get("Content-Type", "application/json"),
    )


def test_every_request_and_answer_is_as_the_vendor_describes(world: ZoomWorld, contract: OpenAPI) -> None:
    everything_that_the_connector_does(world)

    described = [pair for pair in world.exchanges if pair[0].url.path not in ELSEWHERE]
    assert {request.method for request, _ in described} == {"GET", "POST", "PATCH", "DELETE"}
    for request, response in described:
        sent = as_sent_to_the_vendor(request)
        contract.validate_request(sent)
        if not response.is_error:
            got = MockResponse(data=response.content, status_code=response.status_code, content_type="application/json")
            contract.validate_response(sent, got) if response.content else None


def test_every_status_and_error_number_is_in_the_description(world: ZoomWorld, description: dict[str, Any]) -> None:
    """The simulator refuses only as the vendor says that it refuses; 401 and its numbers belong to signing in."""
    everything_that_the_connector_does(world)

    for request, response in world.exchanges:
        if request.url.path in ELSEWHERE or response.status_code == 401:
            continue
        operation = described_operation(description, request)
        answers = operation["responses"]
        assert str(response.status_code) in answers, (request.method, request.url.path, response.status_code)
        if response.is_error:
            assert f"`{response.json()['code']}`" in answers[str(response.status_code)]["description"]
        if response.status_code == 204:
            assert response.content == b""


def test_no_field_or_parameter_is_sent_that_the_vendor_does_not_know(
    world: ZoomWorld, description: dict[str, Any]
) -> None:
    """The description allows unknown fields, so a misspelled one would be ignored without a word."""
    everything_that_the_connector_does(world)

    for request, _ in world.exchanges:
        if request.url.path in ELSEWHERE:
            continue
        operation = described_operation(description, request)
        parameters = {parameter["name"] for parameter in operation["parameters"] if parameter["in"] == "query"}
        assert set(request.url.params) <= parameters
        if request.content:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert unknown_fields(json.loads(request.content), schema, description) == []


def test_no_field_is_answered_that_the_vendor_does_not_answer(world: ZoomWorld, description: dict[str, Any]) -> None:
    """A field of the simulator's own invention would let the connector rely on what does not exist."""
    everything_that_the_connector_does(world)
    # Documented for reading a meeting, and answered by the vendor to a create as well.
    also_on_create = {"uuid", "host_id", "status", "encrypted_password"}

    for request, response in world.exchanges:
        if request.url.path in ELSEWHERE or response.is_error or not response.content:
            continue
        answer = described_operation(description, request)["responses"][str(response.status_code)]
        schema = answer["content"]["application/json"]["schema"]
        unknown = set(unknown_fields(response.json(), schema, description))
        assert unknown <= (also_on_create if request.method == "POST" else set())


def test_token_request_is_as_the_sheet_describes(world: ZoomWorld) -> None:
    """Basic auth with the client's name and secret, the account in the form, nothing secret in the address."""
    world.provider.identify()

    request, response = world.exchanges[0]
    assert (request.method, str(request.url)) == ("POST", world.simulator.token_url)
    assert request.headers["Authorization"].startswith("Basic ")
    assert request.content == b"grant_type=account_credentials&account_id=sandbox-account"
    assert set(response.json()) >= {"access_token", "token_type", "expires_in", "scope"}


def described_operation(description: dict[str, Any], request: httpx.Request) -> dict[str, Any]:
    path = request.url.path.removeprefix("/v2")
    template = "/users/{userId}/meetings" if path.startswith("/users/") else "/meetings/{meetingId}"
    operation: dict[str, Any] = description["paths"][template][request.method.lower()]
    return operation


def unknown_fields(value: Any, schema: dict[str, Any], description: dict[str, Any], at: str = "") -> list[str]:
    """Names, with their path, that the schema does not have."""
    while "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if isinstance(value, list):
        return [name for item in value for name in unknown_fields(item, schema.get("items", {}), description, at)]
    properties = schema.get("properties")
    if not isinstance(value, dict) or properties is None:
        return []
    found = [at + name for name in value if name not in properties]
    for name in value.keys() & properties.keys():
        found += unknown_fields(value[name], properties[name], description, f"{at}{name}.")
    return found
