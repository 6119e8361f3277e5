"""What Zoom's refusals mean to us: a table of status and Zoom's own code, read by one function. Pure.

Zoom's `code` is not HTTP's, and one number means different things at different places, so it is always read together
with the status. Zoom's own sentences are not shown: they name accounts, addresses and ids.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.vocabulary.errors import (
    ConnectorError,
    FeatureMissing,
    Forbidden,
    ObjectGone,
    ObjectRefused,
    ScopeMissing,
    ServerFault,
    SignInRefused,
    Throttled,
)
from connectors.zoom.pauses import pause_s

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back.

    Attributes:
        body: the JSON object, None for anything else. Not in the repr: it may hold a host link.
        retry_after: the header as received, "" if there was none.
    """

    status: int
    body: Mapping[str, object] | None = field(default=None, repr=False)
    retry_after: str = ""

    @property
    def is_success(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300

    @property
    def code(self) -> int | None:
        """Zoom's own number, None if it gave none."""
        code = self.body.get("code") if self.body is not None else None
        return code if isinstance(code, int) else None

    @property
    def message(self) -> str:
        """Zoom's sentence, for reading facts out of it only."""
        message = self.body.get("message") if self.body is not None else None
        return message if isinstance(message, str) else ""


class RefusedField(ObjectRefused):
    """400 / 300: one field of what we sent is not accepted. Nothing was done."""

    def __init__(self, where: str, field_name: str) -> None:
        super().__init__(where, reason=f"it says that its {field_name} is not valid")
        self.field = field_name


@dataclass(frozen=True, slots=True)
class _Meaning:
    error: type[ConnectorError]
    reason: str = ""


_SCOPES = _Meaning(ScopeMissing)
_NO_USER = _Meaning(SignInRefused)
_HOSTING_OFF = _Meaning(FeatureMissing, "hosting meetings is switched off for it")

MEANINGS: Mapping[tuple[int, int], _Meaning] = {
    (401, 124): _NO_USER,
    (400, 4700): _SCOPES,
    (401, 4700): _SCOPES,
    (400, 4711): _SCOPES,
    (401, 4711): _SCOPES,
    (400, 1001): _NO_USER,
    (404, 1001): _NO_USER,
    (400, 1010): _NO_USER,
    (404, 1010): _NO_USER,
    (404, 3001): _Meaning(ObjectGone),
    (400, 3007): _Meaning(ObjectGone),  # it has ended, so there is nothing left to delete
    (400, 3002): _Meaning(ObjectRefused, "the meeting is running right now"),
    (400, 3000): _Meaning(ObjectRefused, "Zoom does not allow that for this meeting"),
    (400, 3018): _Meaning(ObjectRefused, "a personal meeting room cannot be deleted"),
    (400, 3003): _Meaning(Forbidden),
    (400, 3161): _HOSTING_OFF,
    (400, 200): _Meaning(FeatureMissing, "its plan does not include it"),
}

# Tokens, clients and apps that are dead for good (4702, 4704 client; 4717 app disabled; the rest tokens and grants).
DEAD_GRANTS = frozenset({4702, 4704, 4709, 4717, 4733, 4734, 4735, 4737, 4741})


def is_token_refusal(answer: Answer) -> bool:
    """Whether a new token may help: 401 with code 124, or 401 without a code that says more."""
    return answer.status == 401 and answer.code in {124, None}


def refusal(answer: Answer, where: str, now: datetime) -> ConnectorError:
    """Give our error for an answer that is no success. Decides, never raises.

    Args:
        answer: of any status outside 2xx.
        where: the host, for people.
        now: this instant, aware; a pause until midnight is counted from it.
    """
    if answer.status == 429:
        return Throttled(where, pause_s(answer.retry_after, answer.message, now))
    if answer.status == 400 and answer.code == 300:
        return RefusedField(where, _field_in(answer.body))
    if answer.code in DEAD_GRANTS:
        return SignInRefused(where)
    meaning = MEANINGS.get((answer.status, answer.code)) if answer.code is not None else None
    if meaning is not None:
        return _error(meaning, answer, where)
    return _by_status(answer, where, now)


def sign_in_refusal(answer: Answer, where: str, now: datetime) -> ConnectorError:
    """Give our error for a token request that failed: there, every 400, 401 and 403 means the credentials.

    Decides, never raises. Without a JSON object it was not Zoom that answered, and nobody has to sign in again.
    """
    if answer.status in {400, 401, 403} and answer.body is not None:
        return SignInRefused(where)
    if answer.status == 429:
        return Throttled(where, pause_s(answer.retry_after, answer.message, now))
    return _by_status(answer, where, now)


def _by_status(answer: Answer, where: str, now: datetime) -> ConnectorError:
    """What is left when Zoom's code says nothing: a proxy, a login page, a fault."""
    match answer.status:
        case 401:
            return SignInRefused(where)
        case 403 if answer.body is not None:
            return Forbidden(where)
        case 503 if answer.retry_after:
            return Throttled(where, pause_s(answer.retry_after, answer.message, now))
        case status if status >= 500:
            wait_s = pause_s(answer.retry_after, answer.message, now) if answer.retry_after else None
            return ServerFault(where, reason="its servers failed").after(wait_s)
        case _ if answer.body is not None and answer.code is not None:
            return ObjectRefused(where, reason=f"Zoom's reason number is {answer.code}")
        case _:
            # A 404 without Zoom's code is a wrong address or a captive portal, never a meeting that is gone.
            return ServerFault(where, reason="an answer that is not Zoom's")


def _error(meaning: _Meaning, answer: Answer, where: str) -> ConnectorError:
    if meaning.error is ScopeMissing:
        return ScopeMissing(where, scopes=_scopes_in(answer.message))
    return meaning.error(where, reason=meaning.reason) if meaning.reason else meaning.error(where)


def _scopes_in(message: str) -> str:
    """Zoom names them: "… does not contain scopes:[meeting:write:meeting, …]"."""
    found = re.search(r"\[([a-z0-9_:, ]{1,400})\]", message)
    return found.group(1) if found else "meetings"


def _field_in(body: Mapping[str, object] | None) -> str:
    """The first field that a validation error names; only a plain word is taken over."""
    errors = body.get("errors") if body is not None else None
    for entry in errors if isinstance(errors, list) else ():
        name = entry.get("field") if isinstance(entry, dict) else None
        if isinstance(name, str) and re.fullmatch(r"[A-Za-z_.]{1,60}", name):
            return name
    return "content"
