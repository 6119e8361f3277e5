"""Reads the platform's sessions over its REST API (`GET /api/sessions`), not over the feed that the engine reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from connectors.http import open_client, send
from connectors.vocabulary.errors import Forbidden, ServerFault, SignInRefused, Throttled
from sync_agent.audit.ledger import instant_of
from sync_agent.audit.values import BROKEN, Field, Thing, When

if TYPE_CHECKING:
    from connectors.registry import Credentials

_PAGE, _BATCH = 100, 50
_PAUSE_S = 60


class PlatformSide:
    """One paired device's platform, as the auditor sees it."""

    def __init__(self, credentials: Credentials) -> None:
        """Make no request.

        Args:
            credentials: as the connector gets them.

        Raises:
            CertificateWrong: the CA file cannot be read.
        """
        self._base = credentials.base_url.rstrip("/")
        self._key = (credentials.settings.get("client_id", ""), credentials.secrets.get("client_secret", ""))
        self._client = open_client(credentials.rules)
        self._token = ""

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def things(self, since: datetime, others: Sequence[str]) -> Iterator[Thing]:
        """Give all sessions that end after an instant, and some more.

        Args:
            since: aware.
            others: ids of sessions that are wanted wherever they lie by now.

        Raises:
            ConnectorError: the platform could not be read, or not the whole of it.
        """
        seen: set[str] = set()
        for told in self._pages([("from", since.astimezone(UTC).isoformat(timespec="seconds"))]):
            seen.add(str(told.get("id")))
            yield _thing(told)
        missing = [one for one in others if one not in seen]
        for start in range(0, len(missing), _BATCH):
            for told in self._pages([("id", one) for one in missing[start : start + _BATCH]]):
                yield _thing(told)

    def _pages(self, query: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
        cursor: list[tuple[str, str]] = []
        while True:
            page = self._asked("/api/sessions", [*query, ("limit", str(_PAGE)), *cursor])
            yield from page["data"]
            if page["next_cursor"] is None:
                return
            cursor = [("cursor", page["next_cursor"])]

    def _asked(self, path: str, query: Sequence[tuple[str, str]]) -> dict[str, Any]:
        if not self._token:
            self._sign_in()
        request = self._client.build_request("GET", self._base + path, params=httpx.QueryParams(list(query)))
        request.headers["Authorization"] = f"Bearer {self._token}"
        return self._document(request)

    def _sign_in(self) -> None:
        """Sign in anew for each audit (RFC 6749, section 4.4): the engine's token is not lent."""
        form = {"grant_type": "client_credentials"}
        request = self._client.build_request("POST", f"{self._base}/api/auth/token", data=form)
        told = self._document(next(httpx.BasicAuth(*self._key).sync_auth_flow(request)))
        self._token = str(told["access_token"])

    def _document(self, request: httpx.Request) -> dict[str, Any]:
        answer, host = send(self._client, request), request.url.host
        match answer.status_code:
            case 200:
                pass
            case 400 | 401:
                raise SignInRefused(host)
            case 403:
                raise Forbidden(host)
            case 429 | 503:
                raise Throttled(host, retry_after_s=_PAUSE_S)
            case status:
                raise ServerFault(host, reason=f"it answered {status} to a question about sessions")
        try:
            document: dict[str, Any] = answer.json()
        except ValueError as cause:
            raise ServerFault(host, reason="what answers there is no platform") from cause
        return document


def _thing(told: dict[str, Any]) -> Thing:
    place = str(told.get("id", ""))
    try:
        when = When(instant_of(told["start_wall"], told["zone"]), timedelta(minutes=told["duration_minutes"]))
        fields = {
            Field.WHEN: when.text,
            Field.TITLE: told["title"],
            Field.PLACE: told["place"],
            Field.NOTES: told["notes"],
            Field.LINK: (told["meeting"] or {}).get("join_url", ""),
            Field.ONLINE: str(told["online"]).lower(),
            Field.STATUS: told["status"],
            Field.SUBJECT: told["subject"],
            Field.STUDENTS: " ".join(sorted(told["student_ids"])),
            Field.CHARGEABLE: str(told["chargeable"]).lower(),
        }
        return Thing(place, place, str(told["version"]), place, told["title"], fields)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Thing(place, place, str(told.get("version", "")), place, str(told.get("title", "")), trouble=BROKEN)
