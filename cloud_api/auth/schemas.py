"""Token answers as they go over the wire (RFC 6749, section 5)."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class TokenAnswer(msgspec.Struct, frozen=True):
    """An access token and the refresh token beside it.

    A refresh token is given because a client asked for one endpoint to renew; RFC 6749, section 4.4.3 advises
    against it for client credentials, so asking for a new token with them works just as well.
    """

    access_token: Annotated[str, Meta(examples=["tsk_4yKbn0XqV2mZp8RtL1cDs7WfGh3JuAeN0Ab1Cd"])]
    token_type: Literal["Bearer"]
    expires_in: Annotated[int, Meta(description="Seconds", examples=[3600])]
    refresh_token: Annotated[str, Meta(examples=["tsr_Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0Lz9Xc0Ab1Cd"])]
    scope: Annotated[str, Meta(examples=["sessions:read students:read"])]


class OAuthError(msgspec.Struct, frozen=True):
    """What the token endpoint says when it refuses (RFC 6749, section 5.2): OAuth clients read this shape."""

    error: Annotated[
        Literal["invalid_request", "invalid_client", "invalid_grant", "unsupported_grant_type", "invalid_scope"],
        Meta(examples=["invalid_client"]),
    ]
    error_description: str
