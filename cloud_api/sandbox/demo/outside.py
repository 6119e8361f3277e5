"""The outside systems as they are themselves, each over its own protocol: the platform over REST, Zoom over its API."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx


class PlatformReader:
    """The platform as a developer's client sees it."""

    def __init__(self, url: str, client_id: str, api_key: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=20)
        answer = self._http.post(
            "/api/auth/token", data={"grant_type": "client_credentials"}, auth=(client_id, api_key)
        )
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def sessions(self, tutor: str) -> list[dict[str, Any]]:
        """Read all sessions of a tutor, page by page."""
        found: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            page = self._get("/api/sessions", tutor_id=tutor, limit="100", **({"cursor": cursor} if cursor else {}))
            found += page["data"]
            cursor = page["next_cursor"]
            if cursor is None:
                return found

    def session(self, session_id: str) -> dict[str, Any]:
        """Read one session."""
        return self._get(f"/api/sessions/{session_id}")

    def change(self, session_id: str, **fields: Any) -> dict[str, Any]:
        """Change some fields of a session, as somebody at the agency does."""
        version = self.session(session_id)["version"]
        answer = self._http.patch(
            f"/api/sessions/{session_id}",
            json=fields,
            headers={"If-Match": f'"{version}"', "Content-Type": "application/json"},
        )
        answer.raise_for_status()
        changed: dict[str, Any] = answer.json()
        return changed

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _get(self, path: str, **query: str) -> dict[str, Any]:
        answer = self._http.get(path, params=query)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


class ZoomReader:
    """The host's meetings, read over Zoom's own API."""

    def __init__(self, api_base: str, token_url: str, account_id: str, client_id: str, client_secret: str) -> None:
        self._http = httpx.Client(timeout=20)
        self._base = api_base
        answer = self._http.post(
            token_url,
            data={"grant_type": "account_credentials", "account_id": account_id},
            auth=(client_id, client_secret),
        )
        answer.raise_for_status()
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def meetings(self) -> list[dict[str, Any]]:
        """Read all upcoming meetings: id, topic, start_time, join_url. Each by itself: the list shortens the link."""
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            query = {"type": "upcoming", "page_size": "300", **({"next_page_token": token} if token else {})}
            answer = self._http.get(f"{self._base}/users/me/meetings", params=query)
            answer.raise_for_status()
            page = answer.json()
            found += [self._meeting(listed["id"]) for listed in page["meetings"]]
            token = page.get("next_page_token", "")
            if not token:
                return found

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _meeting(self, meeting_id: int) -> dict[str, Any]:
        answer = self._http.get(f"{self._base}/meetings/{meeting_id}")
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found


def instant(text: str) -> datetime:
    """Read an RFC 3339 instant as UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
