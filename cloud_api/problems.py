"""Errors as the API tells them (RFC 9457): one class per thing that a caller would do differently.

`type` never changes; `detail` is one sentence for people; `errors` point into the body (RFC 6901) or name a parameter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TYPE_PREFIX = "urn:tutorsync:problem:"


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that is wrong with what was sent.

    Attributes:
        detail: one sentence.
        pointer: JSON Pointer into the body.
        parameter: name of the query parameter or header.
    """

    detail: str
    pointer: str = ""
    parameter: str = ""


class ProblemDocument(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    request_id: str = ""
    errors: list[Fault] = []


class Problem(Exception):
    """Anything that a request cannot have."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "That cannot be done"

    def __init__(
        self, code: str, detail: str, *, errors: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        self.code, self.detail = code, detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        super().__init__(detail)

    def document(self, request_id: str) -> ProblemDocument:
        """Give what goes over the wire."""
        return ProblemDocument(
            type=TYPE_PREFIX + self.code,
            title=self.title,
            status=self.status,
            code=self.code,
            detail=self.detail,
            request_id=request_id,
            errors=list(self.errors),
        )


class Malformed(Problem):
    """Not readable at all: broken JSON, broken header."""

    title = "The request cannot be read"


class Unauthorized(Problem):
    """No token, or one that is not valid (any more). Carries WWW-Authenticate (RFC 6750, section 3)."""

    status = 401
    title = "Sign in first"


class Forbidden(Problem):
    """Signed in, and not allowed to do that."""

    status = 403
    title = "Not allowed"


class NotFound(Problem):
    """There is no such thing for this caller; another tenant's thing is not there either."""

    status = 404
    title = "Not found"


class MethodNotAllowed(Problem):
    """The path exists, the method does not."""

    status = 405
    title = "Not for this method"


class Clash(Problem):
    """The state of the thing does not allow it."""

    status = 409
    title = "It stands against another state"


class Gone(Problem):
    """It was there, and is not valid any more."""

    status = 410
    title = "No longer valid"


class PreconditionFailed(Problem):
    """Another version is there than the one that was named."""

    status = 412
    title = "It was changed in the meantime"


class TooLarge(Problem):
    """More bytes than we read."""

    status = 413
    title = "Too large"


class UnsupportedMedia(Problem):
    """Another Content-Type than the one that is read here."""

    status = 415
    title = "Unsupported content type"


class Invalid(Problem):
    """Readable, and against a rule; `errors` say which."""

    status = 422
    title = "The request is not valid"


class PreconditionRequired(Problem):
    """A change of something that others change too must name the version that was read."""

    status = 428
    title = "Say which version is meant"


class Internal(Problem):
    """Our own fault."""

    status = 500
    title = "TutorSync has trouble of its own"


class Unavailable(Problem):
    """It will work again by itself."""

    status = 503
    title = "Not available for the moment"
