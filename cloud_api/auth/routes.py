"""`/api/auth`: tokens, as OAuth clients expect them (RFC 6749, 6750, 7009): their errors are no problem documents."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, unquote_plus

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from cloud_api.auth import service
from cloud_api.auth.caller import needs
from cloud_api.auth.identity import Caller
from cloud_api.auth.schemas import OAuthError, TokenAnswer
from cloud_api.auth.service import Refused
from cloud_api.openapi import described
from cloud_api.parts import parts_of
from cloud_api.wire import JSON_TYPE, encoded

if TYPE_CHECKING:
    from collections.abc import Callable

    from cloud_api.auth.store import ClientRow
    from cloud_api.parts import Parts

    _Act = Callable[[Parts, ClientRow, "_Form"], TokenAnswer | None]

router = APIRouter(tags=["auth"])

_NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_FORM = "application/x-www-form-urlencoded"
_READ_FIELDS = ("grant_type", "scope", "refresh_token", "token", "client_id", "client_secret")
_CLIENT_FIELDS = {
    "client_id": {"type": "string", "maxLength": 50, "description": "Unless sent by HTTP Basic."},
    "client_secret": {"type": "string", "maxLength": 255, "description": "The API key, unless sent by HTTP Basic."},
}


@dataclass(frozen=True, slots=True)
class _Form:
    """A form with who sent it.

    Attributes:
        by_basic: the client showed its key by HTTP Basic, so a refusal asks for it (RFC 6749, section 5.2).
    """

    fields: dict[str, str]
    client_id: str
    api_key: str
    by_basic: bool


@router.post(
    "/api/auth/token",
    **described(
        "Get an access token",
        {200: TokenAnswer, 400: OAuthError, 401: OAuthError},
        form={
            "grant_type": {
                "type": "string",
                "enum": ["client_credentials", "refresh_token"],
                "example": "client_credentials",
            },
            "scope": {"type": "string", "maxLength": 500, "example": "sessions:read students:read"},
            "refresh_token": {"type": "string", "maxLength": 100, "description": "With grant_type=refresh_token."},
            **_CLIENT_FIELDS,
        },
        required=("grant_type",),
        security=[{"clientKey": []}, {"apiKey": []}, {}],
    ),
)
async def get_token(request: Request) -> Response:
    """Client credentials (RFC 6749, section 4.4), the key by HTTP Basic, in the form, or alone as `X-API-Key`."""
    return await _answered(request, _token)


@router.post(
    "/api/auth/refresh",
    **described(
        "Renew an access token",
        {200: TokenAnswer, 400: OAuthError, 401: OAuthError},
        form={"refresh_token": {"type": "string", "maxLength": 100}, **_CLIENT_FIELDS},
        required=("refresh_token",),
        security=[{"clientKey": []}, {"apiKey": []}, {}],
    ),
)
async def refresh_token(request: Request) -> Response:
    """Trade a refresh token for a new pair. Each works once; using one twice ends the whole sign-in."""
    return await _answered(request, _refresh)


@router.post(
    "/api/auth/revoke",
    **described(
        "End a token (RFC 7009)",
        {200: None, 400: OAuthError, 401: OAuthError},
        form={
            "token": {"type": "string", "maxLength": 100},
            "token_type_hint": {"type": "string", "maxLength": 50},
            **_CLIENT_FIELDS,
        },
        required=("token",),
        security=[{"clientKey": []}, {"apiKey": []}, {}],
    ),
)
async def revoke_token(request: Request) -> Response:
    """End a token of this client, and all that came from the same sign-in. An unknown token is no error."""
    return await _answered(request, _revoke)


@router.delete(
    "/api/auth/revoke",
    **described("End the token that is sent", {204: None}, problems=(401,), security=[{"bearer": []}]),
)
async def revoke_own_token(request: Request, caller: Annotated[Caller, Depends(needs(None))]) -> Response:
    """End the access token in the Authorization header, and its refresh token."""
    await run_in_threadpool(service.end_sign_in, parts_of(request), caller.family)
    return Response(status_code=204)


def _token(parts: Parts, client: ClientRow, form: _Form) -> TokenAnswer:
    match form.fields.get("grant_type"):
        case "client_credentials":
            return service.give_token(parts, client, form.fields.get("scope", ""))
        case "refresh_token":
            return service.renew(parts, client, form.fields.get("refresh_token", ""))
        case None:
            raise Refused("invalid_request", "grant_type is missing.")
        case _:
            raise Refused("unsupported_grant_type", "grant_type is client_credentials or refresh_token.")


def _refresh(parts: Parts, client: ClientRow, form: _Form) -> TokenAnswer:
    if "refresh_token" not in form.fields:
        raise Refused("invalid_request", "refresh_token is missing.")
    return service.renew(parts, client, form.fields["refresh_token"])


def _revoke(parts: Parts, client: ClientRow, form: _Form) -> None:
    if "token" not in form.fields:
        raise Refused("invalid_request", "token is missing.")
    service.end_token(parts, client, form.fields["token"])


async def _answered(request: Request, act: _Act) -> Response:
    """Read the form, sign the client in, act, and say what came of it in OAuth's words."""
    parts, by_basic = parts_of(request), "authorization" in request.headers
    try:
        form = _form_of(request, await request.body())
        client = await run_in_threadpool(service.signed_in, parts, form.client_id, form.api_key)
        done = await run_in_threadpool(act, parts, client, form)
    except Refused as refused:
        return _refusal(refused, by_basic=by_basic)
    return Response(encoded(done) if done else b"", media_type=JSON_TYPE if done else None, headers=_NOT_STORED)


def _refusal(refused: Refused, *, by_basic: bool) -> Response:
    headers = dict(_NOT_STORED)
    is_client = refused.error == "invalid_client"
    if is_client and by_basic:
        headers["WWW-Authenticate"] = 'Basic realm="tutorsync"'
    body = encoded(OAuthError(refused.error, refused.description))
    return Response(body, status_code=401 if is_client else 400, media_type=JSON_TYPE, headers=headers)


def _form_of(request: Request, body: bytes) -> _Form:
    """Read the form and the client's key from one of the three places where it may stand."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Refused("invalid_request", f"Send a form ({_FORM}).")
    try:
        lists = parse_qs(body.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=50)
    except (UnicodeDecodeError, ValueError) as cause:
        raise Refused("invalid_request", "The form cannot be read.") from cause
    if any(len(lists.get(name, ())) > 1 for name in _READ_FIELDS):
        # RFC 6749, section 3.2: no parameter more than once; those that are unknown are passed over.
        raise Refused("invalid_request", "A parameter was sent twice.")
    fields = {name: values[0] for name, values in lists.items()}
    if (basic := _basic(request.headers.get("authorization", ""))) is not None:
        return _Form(fields, *basic, by_basic=True)
    if (key := request.headers.get("x-api-key")) is not None:
        return _Form(fields, "", key, by_basic=False)
    return _Form(fields, fields.get("client_id", ""), fields.get("client_secret", ""), by_basic=False)


def _basic(header: str) -> tuple[str, str] | None:
    """Read HTTP Basic; id and secret are form-encoded before (RFC 6749, section 2.3.1)."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError) as cause:
        raise Refused("invalid_client", "The Authorization header cannot be read.") from cause
    return unquote_plus(name), unquote_plus(secret)
