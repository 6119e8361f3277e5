"""What a platform can refuse beyond what every outside system can, and the one table that translates its answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.http import UNREADABLE_PAUSE_S, asked_pause_s
from connectors.vocabulary.errors import (
    ChangedMeanwhile,
    ConnectorError,
    CursorDead,
    Forbidden,
    LeaseLost,
    ObjectGone,
    ObjectRefused,
    Remedy,
    ServerFault,
    SignInRefused,
    Throttled,
)

if TYPE_CHECKING:
    import httpx


class PairingRefused(SignInRefused):
    """The one-time code is unknown, used or too old."""

    code = "connection.pairing_refused"
    words = "{where} does not accept this code. {reason}"


class DeviceRefused(SignInRefused):
    """The platform no longer lets this device in (revoked, or its tutor left)."""

    code = "connection.device_refused"
    words = "{where} no longer lets this device in. Pair it again with a new code from your agency; nothing is lost."


class NotAPlatform(ConnectorError):
    """Something answers there, but it is no TutorSync platform."""

    code = "connection.not_a_platform"
    remedy = Remedy.CHECK_ADDRESS
    words = "{where} answers, but it is no TutorSync platform. Ask your agency for the address."


def error_in(answer: httpx.Response) -> ConnectorError | None:
    """Give our error for an answer of the API, or None if it is none. Decides, never raises."""
    # By the platform's own clock; one that says a date and not its own time is left alone for the longest.
    pause_s = asked_pause_s(answer, datetime.min.replace(tzinfo=UTC))
    error = _meaning(answer, UNREADABLE_PAUSE_S if pause_s is None else pause_s)
    return error if error is None or pause_s is None else error.after(pause_s)


def _meaning(answer: httpx.Response, pause_s: int) -> ConnectorError | None:
    status, host = answer.status_code, answer.request.url.host
    if 200 <= status < 300 or status == 304:
        return None
    match status:
        case 401:
            return DeviceRefused(host)
        case 403:
            return Forbidden(host)
        case 404:
            return ObjectGone(host) if is_problem(answer) else NotAPlatform(host)
        case 409 if code_of(answer) == "lease.lost":
            return LeaseLost(host)
        case 409 | 429 | 503:
            return Throttled(host, retry_after_s=pause_s)
        case 410:
            return CursorDead(host)
        case 412:
            return ChangedMeanwhile(host)
        case 400 | 413 | 415 | 422:
            return ObjectRefused(host, reason=detail_of(answer))
        case _ if status >= 500:
            return ServerFault(host, reason=f"status {status}")
        case _:
            return NotAPlatform(host)


def is_problem(answer: httpx.Response) -> bool:
    """Whether an answer is a problem document (RFC 9457), so that it comes from the API and from nothing before it."""
    media: str = answer.headers.get("content-type", "")
    return media.partition(";")[0].strip() == "application/problem+json"


def code_of(answer: httpx.Response) -> str:
    """Give the code of a problem document, "" if it is none."""
    try:
        return str(answer.json().get("code", "")) if is_problem(answer) else ""
    except (ValueError, AttributeError):
        return ""


def detail_of(answer: httpx.Response) -> str:
    """Give the platform's own sentence about what is wrong."""
    try:
        detail = answer.json().get("detail", "")
    except (ValueError, AttributeError):
        return "it gave no reason"
    return str(detail).strip().removesuffix(".") or "it gave no reason"
