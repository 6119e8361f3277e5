"""The device's access token: got with its key (RFC 6749, section 4.4), kept in memory, asked for anew when it ends.

How long it lasts is counted on a clock that nobody sets, so that a laptop whose date is wrong signs in once, not with
each request. No refresh token is used: the key is at hand (RFC 6749, section 4.4.3).
"""

from __future__ import annotations

import base64
import time
from threading import Lock
from typing import TYPE_CHECKING

from connectors.http import send
from connectors.platform.errors import DeviceRefused, NotAPlatform, error_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

_EARLY_S = 30.0


class AccessToken:
    """Gives a token that should still be good. Any thread may ask; one request at a time goes out for all."""

    def __init__(
        self,
        client: httpx.Client,
        base_url: str,
        *,
        client_id: str,
        client_secret: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Make no request yet.

        Args:
            client: stays the caller's.
            base_url: of the platform, without a slash at its end.
            client_id: as pairing gave it.
            client_secret: as pairing gave it.
            monotonic: seconds that only go up; tokens age by it.
        """
        self._client, self._url = client, f"{base_url}/api/auth/token"
        self._monotonic = monotonic
        self._auth = (client_id, client_secret)
        self._lock = Lock()
        self._token, self._good_until = "", 0.0

    def current(self) -> str:
        """Give the token, a new one if the old one is about to end.

        Raises:
            DeviceRefused: the platform does not know this device any more.
            NotAPlatform: the answer is none of a token endpoint.
        """
        with self._lock:
            if not self._token or self._monotonic() >= self._good_until:
                self._fetch()
            return self._token

    def forget(self, token: str) -> None:
        """Say that this token was refused, so that the next one asked for is new."""
        with self._lock:
            if self._token == token:
                self._token = ""

    def _fetch(self) -> None:
        request = self._client.build_request("POST", self._url, data={"grant_type": "client_credentials"})
        request.headers["Authorization"] = _basic(self._auth)
        answer = send(self._client, request)
        host = request.url.host
        if answer.status_code == 400 and b"invalid_" in answer.content:
            raise DeviceRefused(host)
        error = error_in(answer)
        if error is not None:
            raise error
        try:
            told = answer.json()
            self._token = str(told["access_token"])
            self._good_until = self._monotonic() + max(0.0, float(told["expires_in"]) - _EARLY_S)
        except (ValueError, KeyError, TypeError) as cause:
            raise NotAPlatform(host) from cause


def _basic(auth: tuple[str, str]) -> str:
    """Write HTTP Basic; id and secret hold nothing that RFC 6749, section 2.3.1, would encode."""
    return "Basic " + base64.b64encode(":".join(auth).encode()).decode()
