"""Zoom's REST interface: one request, one answer or one of our errors.

Leaves the meaning of refusals to errors.py. A token that ended early is renewed once per request; everything else that
fails goes up, nothing is repeated and nothing sleeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.vocabulary.errors import ServerFault
from connectors.zoom.errors import Answer, is_token_refusal, refusal
from connectors.zoom.wire import host_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from connectors.zoom.token import TokenSource
    from connectors.zoom.wire import Wire


class ZoomApi:
    """The signed-in side of Zoom, by paths below the API base."""

    def __init__(self, wire: Wire, base: str, tokens: TokenSource, *, now: Callable[[], datetime]) -> None:
        self._wire, self._base, self._tokens, self._now = wire, base.rstrip("/"), tokens, now
        self.host = host_of(base)

    @property
    def requests(self) -> int:
        """Requests sent so far, those for tokens included."""
        return self._wire.requests

    @property
    def issuer(self) -> str:
        """Who vouches for the account: the address that gives its tokens, without the path."""
        return self._tokens.issuer

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Mapping[str, object]:
        """Read; the answer must be a JSON object."""
        return self._object(self._signed("GET", path, query=query))

    def post(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """Create; the answer must be a JSON object."""
        return self._object(self._signed("POST", path, body=body))

    def patch(self, path: str, body: Mapping[str, object]) -> None:
        """Change; Zoom answers 204 without a body."""
        self._signed("PATCH", path, body=body)

    def delete(self, path: str) -> None:
        """Remove; Zoom answers 204 without a body."""
        self._signed("DELETE", path)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _signed(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        token = self._tokens.current()
        answer = self._sent(method, path, token, query=query, body=body)
        if is_token_refusal(answer):
            # A refused token means that nothing was done, so even a POST may go out again.
            self._tokens.forget(token)
            answer = self._sent(method, path, self._tokens.current(), query=query, body=body)
        if not answer.is_success:
            raise refusal(answer, self.host, self._now())
        return answer

    def _sent(
        self,
        method: str,
        path: str,
        token: str,
        *,
        query: Mapping[str, str | int] | None,
        body: Mapping[str, object] | None,
    ) -> Answer:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        return self._wire.ask(method, self._base + path, query=query, json_body=body, headers=headers)

    def _object(self, answer: Answer) -> Mapping[str, object]:
        if answer.body is None:
            raise ServerFault(self.host, reason="an answer that is not Zoom's")
        return answer.body
