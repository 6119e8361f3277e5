"""Gets the bytes of a feed, over HTTP or from a file: conditional, bounded in size, time and redirects, never inward.

A feed's address is a secret (Google's "private address"): errors and logs name its host only.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit

import httpx

from connectors.http import (
    UNREADABLE_PAUSE_S,
    HttpRules,
    asked_pause_s,
    is_loopback,
    open_client,
    send,
    translated,
)
from connectors.vocabulary.errors import (
    FeedBroken,
    FeedGone,
    Forbidden,
    PrivateAddress,
    ServerFault,
    SignInRefused,
    Throttled,
    TooLarge,
    TooManyRedirects,
    UnknownHost,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_MEGABYTES = 20
_MOST_BYTES = _MOST_MEGABYTES * 1024 * 1024
_MOST_REDIRECTS = 5
_LONGEST_S = 60.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_GONE = frozenset({404, 410})
_WAIT = frozenset({423, 429, 503})
_ACCEPT = "text/calendar, text/plain;q=0.5, */*;q=0.1"


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to recognise an unchanged file by (RFC 9110, section 8.8), as received."""

    etag: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came. `body` None: not changed since the validators that were sent."""

    body: bytes | None
    validators: Validators
    charset: str = ""


class Source(Protocol):
    """Where a feed comes from."""

    requests: int

    @property
    def where(self) -> str:
        """A name for people: host or file name, never the address."""
        ...

    def get(self, validators: Validators) -> Answer:
        """Get the feed unless it is unchanged."""
        ...


class FileSource:
    """A feed that lies in a file of this computer."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.requests = 0

    @property
    def where(self) -> str:
        """The file's name."""
        return self._path.name

    def get(self, validators: Validators) -> Answer:
        """Read the file unless its time and size are those of last time.

        Raises:
            FeedGone: there is no such file. FeedBroken: it may not be read. TooLarge: as it says.
        """
        try:
            status = self._path.stat()
            seen = Validators(f"{status.st_mtime_ns}-{status.st_size}")
            if seen == validators:
                return Answer(None, seen)
            if status.st_size > _MOST_BYTES:
                raise TooLarge(self.where, limit=_MOST_MEGABYTES)
            return Answer(self._path.read_bytes(), seen)
        except FileNotFoundError as cause:
            raise FeedGone(self.where) from cause
        except OSError as cause:
            raise FeedBroken(self.where, reason="the file cannot be read") from cause


class WebSource:
    """A feed behind an address."""

    def __init__(
        self,
        address: str,
        rules: HttpRules,
        *,
        allow_private: bool,
        monotonic: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Make no request.

        Args:
            address: as typed; webcal:, webcals: and feed: mean https (on this computer itself: http).
            rules: how the connection may go out.
            allow_private: the tutor ticked that the feed may lie in their own network.
            monotonic: clock for the time limit, in seconds.
            now: clock for a Retry-After that is a date.
        """
        self._address = web_address(address)
        self._client = open_client(rules)
        self._allow_private = allow_private
        self._monotonic, self._now = monotonic, now
        self.requests = 0

    @property
    def where(self) -> str:
        """The host."""
        return urlsplit(self._address).hostname or "this address"

    def get(self, validators: Validators) -> Answer:
        """Get the feed unless it is unchanged.

        Raises:
            FeedGone: 404 or 410. SignInRefused, Forbidden, Throttled, ServerFault: as they say.
            TooLarge, TooManyRedirects, PrivateAddress, InsecureAddress: refused by us.
            FeedBroken: it takes longer than a minute, or cannot be unpacked.
            UnknownHost: what was given is no address.
        """
        until = self._monotonic() + _LONGEST_S
        try:
            target = httpx.URL(self._address)
        except httpx.InvalidURL as cause:
            raise UnknownHost(self.where) from cause
        for _ in range(_MOST_REDIRECTS + 1):
            self._require_outside(target)
            answer = self._once(target, validators)
            try:
                location = answer.headers.get("location")
                if answer.status_code not in _REDIRECTS or not location:
                    return self._read(answer, validators, until)
                pause_s = asked_pause_s(answer, self._now())
                if pause_s:
                    raise Throttled(self.where, retry_after_s=pause_s)
            finally:
                answer.close()
            target = target.join(location)
        raise TooManyRedirects(self.where)

    def _once(self, url: httpx.URL, validators: Validators) -> httpx.Response:
        headers = {"accept": _ACCEPT}
        if validators.etag:
            headers["if-none-match"] = validators.etag
        if validators.modified:
            headers["if-modified-since"] = validators.modified
        self.requests += 1
        return send(self._client, self._client.build_request("GET", url, headers=headers), stream=True)

    def _read(self, answer: httpx.Response, validators: Validators, until: float) -> Answer:
        self._require_good(answer)
        if answer.status_code == httpx.codes.NOT_MODIFIED:
            return Answer(None, validators)
        given = Validators(answer.headers.get("etag", ""), answer.headers.get("last-modified", ""))
        return Answer(self._body(answer, until), given, answer.charset_encoding or "")

    def _require_good(self, answer: httpx.Response) -> None:
        status, where, pause_s = answer.status_code, self.where, asked_pause_s(answer, self._now())
        if status in {httpx.codes.OK, httpx.codes.NOT_MODIFIED}:
            return
        if status in _GONE:
            raise FeedGone(where).after(pause_s)
        if status == httpx.codes.UNAUTHORIZED:
            raise SignInRefused(where).after(pause_s)
        if status == httpx.codes.FORBIDDEN:
            raise Forbidden(where).after(pause_s)
        if status in _WAIT:
            raise Throttled(where, retry_after_s=UNREADABLE_PAUSE_S if pause_s is None else pause_s)
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ServerFault(where, reason=f"it answered {status}").after(pause_s)
        raise FeedBroken(where, reason=f"it answered {status}").after(pause_s)

    def _body(self, answer: httpx.Response, until: float) -> bytes:
        """Read at most what we are willing to, counted after unpacking: a small answer may unpack to a large one."""
        body = bytearray()
        try:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST_BYTES:
                    raise TooLarge(self.where, limit=_MOST_MEGABYTES)
                if self._monotonic() > until:
                    raise FeedBroken(self.where, reason="it takes too long")
        except httpx.TransportError as cause:
            raise translated(cause, self.where) from cause
        except httpx.DecodingError as cause:
            raise FeedBroken(self.where, reason="it cannot be unpacked") from cause
        return bytes(body)

    def _require_outside(self, url: httpx.URL) -> None:
        """Refuse an address inside a private network, unless it is the one that was typed and may be.

        Raises:
            PrivateAddress: it leads inside.
        """
        if self._allow_private:
            return
        typed = httpx.URL(self._address)
        if is_loopback(url.host) and is_loopback(typed.host):
            return
        if any(not ipaddress.ip_address(address).is_global for address in _addresses(url.host)):
            raise PrivateAddress(url.host)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


def _addresses(host: str) -> list[str]:
    """Resolve a host; nothing if that fails: then the request itself says so, or a proxy knows better."""
    try:
        return [str(found[4][0]).partition("%")[0] for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def web_address(typed: str) -> str:
    """Give the http address that a typed one means."""
    typed = typed.strip().removeprefix("feed:").removeprefix("//")
    if "://" not in typed:
        typed = f"https://{typed.removeprefix('webcal:')}"
    parts = urlsplit(typed)
    if parts.scheme.lower() in {"webcal", "webcals", "feed"}:
        return urlunsplit(parts._replace(scheme="http" if is_loopback(parts.hostname or "") else "https"))
    return urlunsplit(parts)
