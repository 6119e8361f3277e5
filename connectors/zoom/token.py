"""Server-to-server sign-in: credentials in, an access token out (RFC 6749, section 4.4, Zoom's own grant type).

There is no refresh token: a new token is asked for with the same credentials. One thread asks, the others wait for it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

import httpx

from connectors.vocabulary.errors import ServerFault
from connectors.zoom.errors import sign_in_refusal
from connectors.zoom.wire import host_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from connectors.zoom.wire import Wire

# A token is renewed this long before it ends: a request that is on its way when it ends would be refused.
EARLY = timedelta(minutes=2)
USUAL_LIFE_S = 3600


@dataclass(frozen=True, slots=True)
class App:
    """A server-to-server app of the tutor's own Zoom account."""

    account_id: str
    client_id: str
    client_secret: str = field(repr=False)

    @property
    def basic(self) -> str:
        """The Authorization header of the token request."""
        pair = f"{self.client_id}:{self.client_secret}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")


@dataclass(frozen=True, slots=True)
class _Token:
    text: str = field(repr=False)
    good_until: datetime


class TokenSource:
    """Gives the current access token and asks for a new one when it is needed. Safe from any thread."""

    def __init__(self, wire: Wire, url: str, app: App, *, now: Callable[[], datetime]) -> None:
        self._wire, self._url, self._app, self._now = wire, url, app, now
        self._lock = Lock()
        self._token: _Token | None = None

    @property
    def issuer(self) -> str:
        """Scheme, host and port of the token address."""
        try:
            url = httpx.URL(self._url)
        except httpx.InvalidURL:
            return host_of(self._url)
        return f"{url.scheme}://{url.netloc.decode('ascii')}"

    def current(self) -> str:
        """Give a token that is good for a while yet, asking for one if there is none.

        Raises:
            SignInRefused: the credentials are not accepted.
            Throttled, ServerFault, Unreachable, AnswerLost: no token now.
        """
        with self._lock:
            if self._token is None or self._now() >= self._token.good_until:
                self._token = self._asked()
            return self._token.text

    def forget(self, token: str) -> None:
        """Drop a token that was refused; one that came after it stays."""
        with self._lock:
            if self._token is not None and self._token.text == token:
                self._token = None

    def _asked(self) -> _Token:
        asked_at = self._now()
        answer = self._wire.ask(
            "POST",
            self._url,
            form={"grant_type": "account_credentials", "account_id": self._app.account_id},
            headers={"Authorization": self._app.basic, "Accept": "application/json"},
        )
        host = host_of(self._url)
        if not answer.is_success:
            raise sign_in_refusal(answer, host, asked_at)
        text = answer.body.get("access_token") if answer.body is not None else None
        if not isinstance(text, str) or not text:
            raise ServerFault(host, reason="an answer that is not Zoom's")
        life = answer.body.get("expires_in") if answer.body is not None else None
        life_s = life if isinstance(life, int) and 0 < life <= 24 * USUAL_LIFE_S else USUAL_LIFE_S
        return _Token(text, asked_at + max(timedelta(seconds=life_s) - EARLY, timedelta(seconds=life_s) / 2))
