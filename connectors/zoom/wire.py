"""Requests out, answers in: counts them, reads JSON, and knows nothing of Zoom's meanings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx

from connectors.http import send
from connectors.vocabulary.errors import InsecureAddress
from connectors.zoom.errors import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping


class Wire:
    """An HTTP client that counts what goes out."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self.requests = 0

    def ask(
        self,
        method: str,
        url: str,
        *,
        query: Mapping[str, str | int] | None = None,
        json_body: Mapping[str, object] | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request; any status is an answer.

        Raises:
            Unreachable, UnknownHost, CertificateWrong, InsecureAddress: nothing was sent.
            AnswerLost: it was sent and no whole answer came.
        """
        try:
            request = self._client.build_request(
                method, url, params=query or None, json=json_body, data=form, headers=headers
            )
        except httpx.InvalidURL:
            # The text of an address that a person mistyped may hold anything, so it is not repeated.
            raise InsecureAddress("This address") from None
        self.requests += 1
        response = send(self._client, request)
        return Answer(
            status=response.status_code,
            body=_object_in(response.content),
            retry_after=response.headers.get("Retry-After", ""),
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def host_of(address: str) -> str:
    """Give the host of an address for people, "Zoom" where it has none."""
    try:
        return httpx.URL(address).host or "Zoom"
    except httpx.InvalidURL:
        return "Zoom"


def _object_in(content: bytes) -> Mapping[str, object] | None:
    """Give the JSON object, or None for anything else.

    The parser's error is not chained anywhere: it carries the whole answer, and that may hold a host link.
    """
    try:
        value = json.loads(content)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
