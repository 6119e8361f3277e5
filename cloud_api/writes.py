"""The one way in which anything is changed: conditions, one transaction, feed numbers, Idempotency-Key.

A key is claimed in a transaction of its own, so that a second request sees the first one in flight; the answer is
kept in the transaction of the change itself, so that either both are there or none. A claim whose process died is
taken over after a while; the dead one cannot settle any more, because the claim is no longer its own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud_api import idempotency
from cloud_api.feed import numbers
from cloud_api.ids import uuid7
from cloud_api.openapi import KEY_PATTERN
from cloud_api.parts import parts_of
from cloud_api.problems import Clash, Fault, Invalid, PreconditionFailed, PreconditionRequired
from cloud_api.wire import JSON_TYPE, decoded, encoded, etag_of, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import msgspec
    from sqlalchemy import Connection
    from starlette.requests import Request

    from cloud_api.auth.identity import Caller
    from cloud_api.parts import Parts

_Body = TypeVar("_Body")
_KEY = re.compile(KEY_PATTERN)
_IN_FLIGHT_RETRY_S = 1
CLAIM_LASTS = timedelta(minutes=1)
KEYS_KEPT_FOR = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which conditions a change is meant (RFC 9110, section 13.1)."""

    if_match: str | None
    if_none_match: str | None

    @property
    def must_be_new(self) -> bool:
        """Whether it is only meant if nothing is there yet."""
        return self.if_none_match is not None and self.if_none_match.strip() == "*"

    def check(self, version: int, *, required: bool) -> None:
        """Compare with the version that is there.

        Raises:
            PreconditionRequired: no version was named, and this change needs one.
            PreconditionFailed: another version is there.
        """
        if self.must_be_new:
            raise id_taken(self)
        if self.if_match is None:
            if required:
                raise version_required()
            return
        if not matches(self.if_match, version):
            raise PreconditionFailed(
                "write.other_version",
                f"It was changed in the meantime: version {version} is there now. Read it again.",
                headers={"ETag": etag_of(version)},
            )


@dataclass(slots=True)
class Unit:
    """One change in the making.

    Attributes:
        changes: what the feed will tell, numbered at the end of the transaction.
    """

    connection: Connection
    caller: Caller
    now: datetime
    terms: Terms
    changes: list[numbers.Change] = field(default_factory=list)

    @property
    def tenant(self) -> str:
        """Whose data it is."""
        return self.caller.tenant


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a change led to.

    Attributes:
        value: as it is now, ready for the wire.
        location: where it is, if it was made just now.
    """

    value: Any
    version: int
    location: str = ""


async def write(
    request: Request,
    caller: Caller,
    decoder: msgspec.json.Decoder[_Body],
    act: Callable[[Unit, _Body], Outcome],
) -> Response:
    """Read the body and carry the change out.

    Raises:
        Problem: of every kind; nothing was changed then.
    """
    body = await request.body()
    wish = decoded(body, request.headers.get("content-type", ""), decoder)
    return await _write(request, caller, body, lambda unit: act(unit, wish))


async def write_bare(request: Request, caller: Caller, act: Callable[[Unit], Outcome]) -> Response:
    """Carry out a change that has no body."""
    return await _write(request, caller, await request.body(), act)


async def _write(request: Request, caller: Caller, body: bytes, act: Callable[[Unit], Outcome]) -> Response:
    terms = _terms_of(request.headers)
    key = _key_of(request.headers)
    parts = parts_of(request)
    if key is None:
        answer = await run_in_threadpool(_carry_out, parts, caller, terms, act, None)
    else:
        fingerprint = _fingerprint(request, terms, body)
        answer = await run_in_threadpool(_carry_out_once, parts, caller, terms, act, key=key, fingerprint=fingerprint)
    return Response(answer.body, status_code=answer.status, headers=answer.headers, media_type=JSON_TYPE)


def _carry_out_once(
    parts: Parts, caller: Caller, terms: Terms, act: Callable[[Unit], Outcome], *, key: str, fingerprint: str
) -> idempotency.Answer:
    now = parts.clock()
    claim = idempotency.Claim(caller.client_id, key, caller.tenant, fingerprint, uuid7(now), now)
    with parts.database.writing() as connection:
        found = idempotency.claimed(connection, claim, stale_before=now - CLAIM_LASTS, drop_before=now - KEYS_KEPT_FOR)
    match found:
        case idempotency.Answer():
            return found
        case idempotency.Standing.OTHER_REQUEST:
            detail = "This Idempotency-Key was used for another request. Use a new key for a new request."
            raise Invalid("write.key_reused", detail, errors=[Fault(detail, parameter="Idempotency-Key")])
        case idempotency.Standing.IN_FLIGHT:
            raise Clash(
                "write.in_flight",
                "The first request with this Idempotency-Key is still being worked on. Ask again in a moment.",
                headers={"Retry-After": str(_IN_FLIGHT_RETRY_S)},
            )
        case idempotency.Standing.OURS:
            return _carry_out_claimed(parts, caller, terms, act, claim)


def _carry_out_claimed(
    parts: Parts, caller: Caller, terms: Terms, act: Callable[[Unit], Outcome], claim: idempotency.Claim
) -> idempotency.Answer:
    try:
        return _carry_out(parts, caller, terms, act, claim)
    except BaseException:
        # Nothing was changed, so the same key may try again (after signing in anew, reading anew, …).
        with parts.database.writing() as connection:
            idempotency.release(connection, claim)
        raise


def _carry_out(
    parts: Parts, caller: Caller, terms: Terms, act: Callable[[Unit], Outcome], claim: idempotency.Claim | None
) -> idempotency.Answer:
    with parts.database.writing() as connection:
        unit = Unit(connection, caller, parts.clock(), terms)
        answer = _answer(act(unit))
        if claim is not None:
            idempotency.settle(connection, claim, answer)
        numbers.append(connection, caller.tenant, unit.changes, unit.now)
    if unit.changes:
        parts.bell.ring(caller.tenant)
    return answer


def _answer(outcome: Outcome) -> idempotency.Answer:
    headers = {"ETag": etag_of(outcome.version)}
    if outcome.location:
        headers["Location"] = outcome.location
    return idempotency.Answer(201 if outcome.location else 200, headers, encoded(outcome.value))


def _terms_of(headers: Mapping[str, str]) -> Terms:
    terms = Terms(headers.get("if-match"), headers.get("if-none-match"))
    if terms.if_none_match is not None and not terms.must_be_new:
        detail = "If-None-Match is * where something is written: only if nothing is there yet."
        raise Invalid("write.condition_invalid", detail, errors=[Fault(detail, parameter="If-None-Match")])
    return terms


def _key_of(headers: Mapping[str, str]) -> str | None:
    key = headers.get("idempotency-key")
    if key is None:
        return None
    if not _KEY.fullmatch(key):
        detail = "An Idempotency-Key is 1 to 200 letters, digits and . _ : + / = -, best a UUID."
        raise Invalid("write.key_invalid", detail, errors=[Fault(detail, parameter="Idempotency-Key")])
    return key


def _fingerprint(request: Request, terms: Terms, body: bytes) -> str:
    """Give a short name for what is asked: another request under the same key is a mistake of the client."""
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, terms.if_match or "", terms.if_none_match or ""):
        digest.update(part.encode() + b"\0")
    digest.update(body)
    return digest.hexdigest()


def id_taken(terms: Terms) -> PreconditionFailed | Clash:
    """Give the problem of a new thing whose id is taken: a failed condition if one was sent, else a clash."""
    words = "There is one with this id already."
    return PreconditionFailed("write.exists", words) if terms.must_be_new else Clash("write.exists", words)


def version_required() -> PreconditionRequired:
    """Give the problem of a change that does not say which version it means."""
    return PreconditionRequired(
        "write.version_required",
        "Others change this, too: send If-Match with the ETag that you read, or If-None-Match: * to make a new one.",
    )
