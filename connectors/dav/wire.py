"""Requests of one CalDAV account: counted, redirected with care, their refusals translated once.

One client with kept-alive connections per account: a poll that opens a connection costs ten times one that does not.
"""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

import httpx

from connectors.dav.xml import Multistatus, NotMultistatus, read_multistatus, read_preconditions
from connectors.http import UNREADABLE_PAUSE_S, Answer, HttpRules, SignedIn, asked_pause_s
from connectors.vocabulary.errors import (
    AnswerLost,
    Forbidden,
    InsecureAddress,
    ServerFault,
    SignInRefused,
    StorageFull,
    Throttled,
    TooManyRedirects,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_READS = frozenset({"GET", "HEAD", "PROPFIND", "REPORT"})
_LEAST_REFUSAL, _UNAUTHORIZED, _FORBIDDEN, _LOCKED, _TOO_MANY = 400, 401, 403, 423, 429
_SERVER_FAULT, _NOT_IMPLEMENTED, _UNAVAILABLE, _FULL = 500, 501, 503, 507
_XML = "application/xml; charset=utf-8"


class Wire:
    """Sends the requests of one account."""

    def __init__(
        self, rules: HttpRules, *, username: str, password: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Make no request.

        Args:
            rules: how the connection may go out.
            username: sent as Basic; as Digest only where the server asks for it and takes no Basic.
            password: likewise.
            now: the clock, for Retry-After given as a date and for stamps in what is written.
        """
        self._account = SignedIn(rules, username, password)
        self.now = now
        self._counting = Lock()  # several writes of one account may be on the wire at once
        self.requests = 0

    def close(self) -> None:
        """Let go of the connections."""
        self._account.close()

    def request(
        self,
        method: str,
        url: str,
        body: bytes | None = None,
        *,
        depth: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request and give the answer with whatever status the callers below know to read.

        Args:
            method: of HTTP, WebDAV or CalDAV.
            url: full address.
            body: XML, unless the headers say otherwise.
            depth: for PROPFIND and REPORT.
            headers: more of them, names in lower case.

        Raises:
            SignInRefused: 401. Throttled: 423, 429, 503. StorageFull: 507 to a PUT. ServerFault: other 5xx but 501.
            TooManyRedirects, InsecureAddress: the way leads in circles or out of encryption.
            UnknownHost, Unreachable, AnswerLost, CertificateWrong: as `connectors.http.send` says.
        """
        sent = dict(headers or {})
        if body is not None:
            sent.setdefault("content-type", _XML)
        if depth is not None:
            sent["depth"] = str(depth)
        target = url
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._once(method, target, body, sent)
            location = answer.headers.get("location")
            if answer.status_code not in _REDIRECTS or not location:
                return self._checked(method, answer)
            pause_s = asked_pause_s(answer, self.now())
            if pause_s:
                # It wants the redirected request later (RFC 9110, section 10.2.3); nothing was carried out.
                raise Throttled(answer.host, retry_after_s=pause_s)
            target = str(followed(httpx.URL(target), location))
        raise TooManyRedirects(httpx.URL(target).host)

    def _once(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        try:
            answer = self._sent(method, url, body, headers)
        except AnswerLost as lost:
            # A kept-alive connection that the server closed meanwhile. A write is never repeated blindly.
            if method not in _READS or isinstance(lost.__cause__, httpx.TimeoutException):
                raise
            answer = self._sent(method, url, body, headers)
        if answer.status_code == _UNAUTHORIZED and self._must_digest(answer):
            self._account.prove_by_digest()
            answer = self._sent(method, url, body, headers)
        return answer

    def _sent(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        with self._counting:
            self.requests += 1
        return self._account.send(method, url, body, headers)

    def _must_digest(self, answer: Answer) -> bool:
        asked = answer.headers.get("www-authenticate", "").lower()
        return "digest" in asked and "basic" not in asked and not self._account.is_digest

    def _checked(self, method: str, answer: Answer) -> Answer:
        """Raise for what means the same for every request."""
        status = answer.status_code
        if status < _LEAST_REFUSAL:
            return answer
        host, pause_s = answer.host, asked_pause_s(answer, self.now())
        if status == _UNAUTHORIZED:
            raise SignInRefused(host).after(pause_s)
        if status in {_LOCKED, _TOO_MANY, _UNAVAILABLE}:
            raise Throttled(host, retry_after_s=UNREADABLE_PAUSE_S if pause_s is None else pause_s).after(pause_s)
        if status == _FORBIDDEN and pause_s is not None and not answer.content.lstrip().startswith(b"<"):
            # Some say "too many requests" so; a precondition (RFC 4918, section 16) comes as XML.
            raise Throttled(host, retry_after_s=pause_s)
        if status == _FULL and method == "PUT":
            raise StorageFull(host).after(pause_s)
        if status >= _SERVER_FAULT and status != _NOT_IMPLEMENTED:
            raise ServerFault(host, reason=f"it answered {status}").after(pause_s)
        return answer

    def multistatus(self, answer: Answer) -> Multistatus:
        """Read a 207 answer.

        Raises:
            Forbidden: 403.
            ServerFault: any other status, or a body that is no whole multistatus; nothing is concluded from it.
        """
        if answer.status_code == _FORBIDDEN:
            raise Forbidden(answer.host)
        if answer.status_code == httpx.codes.OK:
            raise ServerFault(answer.host, reason="a web page came instead of a calendar")
        if answer.status_code != httpx.codes.MULTI_STATUS:
            raise ServerFault(answer.host, reason=f"it answered {answer.status_code} to a question about a calendar")
        try:
            return read_multistatus(answer.content)
        except NotMultistatus as cause:
            raise ServerFault(answer.host, reason=str(cause)) from cause


def preconditions(answer: Answer) -> tuple[str, ...]:
    """Give the names of the preconditions that an answer says were not met (RFC 4918, section 16)."""
    return read_preconditions(answer.content) if answer.content else ()


def followed(origin: httpx.URL, location: str) -> httpx.URL:
    """Give the address that a server sends us on to (a redirect, a home on another host), if the password may go there.

    Raises:
        InsecureAddress: out of encryption, or to another computer without it.
        TooManyRedirects: to what is no address.
    """
    try:
        target = origin.join(location)
    except httpx.InvalidURL as cause:
        raise TooManyRedirects(origin.host) from cause
    if target.scheme != "https" and (target.scheme, target.host) != (origin.scheme, origin.host):
        raise InsecureAddress(target.host or origin.host)
    return target
