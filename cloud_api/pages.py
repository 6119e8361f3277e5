"""Pages of a list: the place after the last thing shown, so that what is added meanwhile disturbs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloud_api.cursors import CursorSigner, filters_digest
from cloud_api.problems import Fault, Invalid

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


def place_of(signer: CursorSigner, name: str, place: list[Any], filters: dict[str, str | None]) -> str:
    """Give the cursor of a place in the list `name` under these filters."""
    return signer.write([name, filters_digest(filters), *place])


def place_in(signer: CursorSigner, name: str, cursor: str | None, filters: dict[str, str | None]) -> list[Any] | None:
    """Give the place that a cursor means; None without a cursor.

    Raises:
        Invalid: none of ours, or of another list or other filters.
    """
    if cursor is None:
        return None
    place = signer.read(cursor)
    if place[:2] != [name, filters_digest(filters)]:
        detail = "This cursor belongs to a list with other filters. Begin without a cursor."
        raise Invalid("cursor.invalid", detail, errors=[Fault(detail, parameter="cursor")])
    return place[2:]


def with_link(response: Response, request: Request, following: str | None) -> Response:
    """Add where the next page is (RFC 8288)."""
    if following is not None:
        path = request.url.include_query_params(cursor=following)
        response.headers["Link"] = f'<{path.path}?{path.query}>; rel="next"'
    return response
