"""What Zoom's refusals mean, line by line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.errors import (
    ConnectorError,
    FeatureMissing,
    Forbidden,
    ObjectGone,
    ObjectRefused,
    Remedy,
    ScopeMissing,
    ServerFault,
    SignInRefused,
    Throttled,
)
from connectors.zoom.errors import Answer, RefusedField, is_token_refusal, refusal, sign_in_refusal

NOW = datetime(2031, 3, 4, 15, 0, tzinfo=UTC)


def says(status: int, code: int | None = None, message: str = "Zoom's words", **more: Any) -> Answer:
    body = {"message": message, **more} | ({"code": code} if code is not None else {})
    return Answer(status, body)


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        pytest.param(says(401, 124), SignInRefused, id="a dead token, after the one renewal"),
        pytest.param(says(400, 4711), ScopeMissing, id="a permission is missing"),
        pytest.param(says(401, 4700), ScopeMissing, id="a permission is missing, as 401"),
        pytest.param(says(401, 4741), SignInRefused, id="somebody signed in elsewhere"),
        pytest.param(says(400, 4717), SignInRefused, id="the app was switched off"),
        pytest.param(says(404, 1001), SignInRefused, id="the host left the account"),
        pytest.param(says(400, 1010), SignInRefused, id="the host belongs to another account"),
        pytest.param(says(404, 3001), ObjectGone, id="the meeting is gone"),
        pytest.param(says(400, 3007), ObjectGone, id="the meeting is over"),
        pytest.param(says(400, 3002), ObjectRefused, id="the meeting is running"),
        pytest.param(says(400, 3000), ObjectRefused, id="not for this meeting"),
        pytest.param(says(400, 3003), Forbidden, id="somebody else's meeting"),
        pytest.param(says(400, 3161), FeatureMissing, id="hosting is switched off"),
        pytest.param(says(400, 200), FeatureMissing, id="the plan is too small"),
        pytest.param(says(400, 300), RefusedField, id="a field is wrong"),
        pytest.param(says(400, 9999), ObjectRefused, id="a number that nobody has heard of"),
        pytest.param(says(429, 429), Throttled, id="too fast"),
        pytest.param(Answer(429), Throttled, id="too fast, says a proxy"),
        pytest.param(Answer(503, None, "30"), Throttled, id="down for maintenance"),
        pytest.param(says(500), ServerFault, id="trouble of its own"),
        pytest.param(Answer(502), ServerFault, id="a gateway"),
        pytest.param(Answer(404), ServerFault, id="a wrong address: no meeting is gone because of it"),
        pytest.param(Answer(302), ServerFault, id="a redirect"),
        pytest.param(Answer(403), ServerFault, id="a firewall's page"),
    ],
)
def test_refusals(answer: Answer, meant: type[ConnectorError]) -> None:
    assert type(refusal(answer, "api.zoom.us", NOW)) is meant


def test_same_number_with_another_status_means_something_else() -> None:
    """3001 with 400 is not "gone": deleting our link because of it would lose a meeting."""
    assert not isinstance(refusal(says(400, 3001), "api.zoom.us", NOW), ObjectGone)


def test_missing_permission_is_named_and_asks_for_a_new_consent() -> None:
    words = "Invalid access token, does not contain scopes:[meeting:write:meeting, meeting:write:meeting:admin]."

    error = refusal(says(400, 4711, words), "api.zoom.us", NOW)

    assert "meeting:write:meeting" in error.sentence
    assert error.remedy is Remedy.RECONNECT
    assert not is_token_refusal(says(400, 4711, words))


def test_refused_field_is_named() -> None:
    body = {"errors": [{"field": "start_time", "message": "Invalid field."}]}

    error = refusal(says(400, 300, **body), "api.zoom.us", NOW)

    assert isinstance(error, RefusedField)
    assert error.field == "start_time"


@pytest.mark.parametrize(
    ("answer", "meant"),
    [
        pytest.param(
            Answer(400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"}),
            SignInRefused,
            id="wrong secret",
        ),
        pytest.param(Answer(401, {"reason": "…", "error": "invalid_grant"}), SignInRefused, id="app withdrawn"),
        pytest.param(Answer(401), SignInRefused, id="401 without words"),
        pytest.param(Answer(400), ServerFault, id="400 of a proxy: nobody has to sign in again"),
        pytest.param(Answer(429, {}, "5"), Throttled, id="too many tokens"),
        pytest.param(Answer(500, {}), ServerFault, id="trouble of its own"),
    ],
)
def test_refusals_of_a_sign_in(answer: Answer, meant: type[ConnectorError]) -> None:
    assert type(sign_in_refusal(answer, "zoom.us", NOW)) is meant


@given(
    status=st.integers(300, 599),
    body=st.none()
    | st.dictionaries(st.sampled_from(["code", "message", "errors"]), st.integers() | st.text() | st.lists(st.text())),
    retry_after=st.text(max_size=40),
)
def test_whatever_comes_back_becomes_one_of_our_errors_in_words(
    status: int, body: dict[str, Any] | None, retry_after: str
) -> None:
    """A table is never complete; nothing that Zoom says may raise anything else, or show Zoom's own words."""
    planted = {"start_url": "https://zoom.example/s/1?zak=HOST-ONLY"}
    answer = Answer(status, None if body is None else body | planted, retry_after)

    for error in (refusal(answer, "zoom.us", NOW), sign_in_refusal(answer, "zoom.us", NOW)):
        assert isinstance(error, ConnectorError)
        assert "unknown)" not in error.sentence
        assert "HOST-ONLY" not in error.sentence + repr(vars(error)) + repr(answer)
