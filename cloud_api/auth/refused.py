"""How a token that lets nobody in is refused (RFC 6750, section 3). Loads no web framework: the commands use it too."""

from __future__ import annotations

from cloud_api.problems import Unauthorized

REALM = 'Bearer realm="tutorsync"'


def invalid_token() -> Unauthorized:
    """Give the problem of a token that is unknown, ended or revoked (which of them is nobody's business)."""
    return Unauthorized(
        "auth.token_invalid",
        "This access token is not valid, or not any more. Get a new one from POST /api/auth/token.",
        headers={"WWW-Authenticate": f'{REALM}, error="invalid_token"'},
    )
