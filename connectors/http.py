"""The one way out: an httpx client with our rules, and transport errors translated once.

Rules: https except on loopback (RFC 8252, section 8.3, has the same exception); no redirect is followed here (a family
that needs one does it itself); a connect that fails was never sent, a read that fails may have been carried out.
"""

from __future__ import annotations

import base64
import ipaddress
import math
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from socket import gaierror
from typing import TYPE_CHECKING
from urllib.request import getproxies

import httpx

from connectors.direct import PORTS, DirectTransport, head_of
from connectors.retry_after import retry_delay
from connectors.trust import trusted
from connectors.vocabulary.errors import (
    AnswerLost,
    CertificateWrong,
    ConnectorError,
    InsecureAddress,
    ServerFault,
    UnknownHost,
    Unreachable,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from connectors.direct import Answered

UNREADABLE_PAUSE_S = 30
"""For a server that wants a pause and does not say how long, or not so that it can be read."""

_MOST_BYTES = 64 * 1024 * 1024
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})
USER_AGENT = "TutorSync/0.1 (+https://github.com/tutorsync)"


@dataclass(frozen=True, slots=True)
class HttpRules:
    """How a connection may go out.

    Attributes:
        ca_file: PEM of one more authority to trust (a school's own server).
        answer_within: how long a server may take for the next bytes; some keep one request for minutes.
    """

    ca_file: Path | None = None
    connect_within: timedelta = timedelta(seconds=8)
    answer_within: timedelta = timedelta(seconds=60)


def open_client(rules: HttpRules, *, auth: httpx.Auth | tuple[str, str] | None = None) -> httpx.Client:
    """Open a client with kept-alive connections. The caller closes it.

    Raises:
        CertificateWrong: the CA file cannot be read.
    """
    return _opened(rules, auth)[0]


def _opened(rules: HttpRules, auth: httpx.Auth | tuple[str, str] | None) -> tuple[httpx.Client, DirectTransport | None]:
    """Open a client, and give the way that it takes: None where a proxy is set."""
    trusts = partial(trusted, rules.ca_file)
    if rules.ca_file is not None:
        trusts()
    read_s = rules.answer_within.total_seconds()
    transport = None if getproxies() else DirectTransport(trusts)
    client = httpx.Client(
        auth=auth,
        # Not asked where the transport is ours, which reads the authorities when it first needs them; trusts nobody.
        verify=trusts() if transport is None else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        transport=transport,
        follow_redirects=False,
        trust_env=True,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(read_s, connect=rules.connect_within.total_seconds()),
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
    )
    return client, transport


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, read whole and unpacked.

    Attributes:
        headers: names in lower case; what came several times is joined with commas (RFC 9110, section 5.2).
        url: the address that was asked.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def host(self) -> str:
        """The computer that was asked."""
        return httpx.URL(self.url).host


class SignedIn:
    """The requests of one account with a password; any thread may send.

    They go straight over our own transport, past httpx's client, which takes 0.5 ms of CPU a request: half of a first
    mirroring. What that client is needed for goes through it: cookies, Digest, a proxy, an address to be spelled anew.
    """

    def __init__(self, rules: HttpRules, username: str, password: str) -> None:
        """Open the client; makes no request.

        Raises:
            CertificateWrong: the CA file cannot be read.
        """
        self._client, self._direct = _opened(rules, (username, password))
        self._signed = (username, password)
        self._timeouts = self._client.timeout.as_dict()
        name = base64.b64encode(f"{username}:{password}".encode())
        self._common = [*self._client.headers.raw, (b"Authorization", b"Basic " + name)]

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    @property
    def is_digest(self) -> bool:
        """Whether the password is proven by Digest (RFC 7616)."""
        return isinstance(self._client.auth, httpx.DigestAuth)

    def prove_by_digest(self) -> None:
        """Sign in so from now on."""
        self._client.auth = httpx.DigestAuth(*self._signed)
        self._direct = None

    def send(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Send one request and give the answer whatever its status.

        Raises:
            ConnectorError: as `send` below says.
        """
        plain = PLAIN_ADDRESS.fullmatch(url) if self._direct is not None else None
        if self._direct is None or plain is None or not all(map(str.isascii, headers.values())):
            request = self._client.build_request(method, url, content=body, headers=headers)
            answer = send(self._client, request)
            return Answer(answer.status_code, _by_name(answer.headers.multi_items()), answer.content, str(answer.url))
        scheme, host, port, path = plain.groups()
        if scheme == "http" and not is_loopback(host):
            raise InsecureAddress(host)
        origin = (scheme, host, int(port) if port else PORTS[scheme])
        spelled = [(name.encode("ascii"), value.encode("ascii")) for name, value in headers.items()]
        if body:
            spelled.append((b"Content-Length", b"%d" % len(body)))
        named = (b"Host", (f"{host}:{port}" if port else host).encode("ascii"))
        try:
            head = head_of(method, path.encode("ascii"), (named, *self._common, *spelled))
            answered = self._direct.exchange(origin, method, head + (body or b""), self._timeouts)
            return self._read(method, url, answered)
        except httpx.TransportError as cause:
            raise translated(cause, httpx.URL(url).host) from cause
        except httpx.DecodingError as cause:
            raise ServerFault(httpx.URL(url).host, reason=_PACKED_WRONG) from cause

    def _read(self, method: str, url: str, answered: Answered) -> Answer:
        raw = [(name, _decoded(value)) for name, value in answered.headers]
        headers = _by_name(raw)
        if not _OF_HTTPX.isdisjoint(headers):
            request = httpx.Request(method, url)
            whole = _whole(httpx.Response(answered.status, headers=raw, stream=answered.body, request=request))
            if "set-cookie" in headers:
                # It goes through the client from now on, which sends cookies back.
                self._client.cookies.extract_cookies(whole)
                self._direct = None
            return Answer(answered.status, headers, whole.content, url)
        return Answer(answered.status, headers, _read_up(answered.body, answered.body, url), url)


PLAIN_ADDRESS = re.compile(
    r"(https?)://(127\.0\.0\.1|(?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*)(?::((?!80/|443/)[1-9]\d{0,4}))?"
    r"((?:/(?![./])(?:[\w.~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})+)+/?|/)",
    re.ASCII,
)
"""Nothing of it would be spelled anew: lower case, no port of a scheme, no dots as segments, nothing to escape."""

_OF_HTTPX = frozenset({"content-encoding", "set-cookie"})
_PACKED_WRONG = "an answer that cannot be unpacked"


def _decoded(value: str) -> str:
    """Read what came as Latin-1 as what it is, as httpx does."""
    if value.isascii():
        return value
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return value


def _by_name(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        name = name.lower()
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Whether a host is this computer: "localhost" or an address in 127.0.0.0/8 or ::1."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def require_safe(url: httpx.URL) -> None:
    """Refuse an address that would be asked without encryption.

    Raises:
        InsecureAddress: http:// to another computer, or no http address at all.
    """
    if url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host)):
        return
    raise InsecureAddress(url.host or url.scheme or "This address")  # a path names nobody


def send(client: httpx.Client, request: httpx.Request, *, stream: bool = False) -> httpx.Response:
    """Send one request and give the answer whatever its status.

    Raises:
        UnknownHost, Unreachable: nothing was sent.
        CertificateWrong: nothing was sent.
        AnswerLost: it was sent and no whole answer came. For a read this means: try again.
        InsecureAddress: the address is refused before anything is sent.
        ServerFault: the answer cannot be unpacked.
    """
    require_safe(request.url)
    try:
        answer = client.send(request, stream=True)
        return answer if stream else _whole(answer)
    except httpx.TransportError as cause:
        raise translated(cause, request.url.host) from cause
    except httpx.DecodingError as cause:
        raise ServerFault(request.url.host, reason=_PACKED_WRONG) from cause


def _whole(answer: httpx.Response) -> httpx.Response:
    """Read an answer up to its limit, counted after unpacking: a small answer may unpack to a large one.

    Raises:
        ServerFault: it is larger.
    """
    body = _read_up(answer.iter_bytes(), answer, str(answer.url))
    headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _OF_THE_WIRE]
    return httpx.Response(answer.status_code, headers=headers, content=body, request=answer.request)


def _read_up(pieces: Iterable[bytes], answer: httpx.Response | httpx.SyncByteStream, url: str) -> bytes:
    """Put the pieces of an answer together, and close it.

    Raises:
        ServerFault: they are more than anybody has.
    """
    body = bytearray()
    try:
        for piece in pieces:
            body += piece
            if len(body) > _MOST_BYTES:
                raise ServerFault(httpx.URL(url).host, reason="an answer of more than 64 megabytes")
    finally:
        answer.close()
    return bytes(body)


def translated(cause: httpx.TransportError, host: str) -> ConnectorError:
    """Give our error for one of httpx's. Decides, never raises."""
    if isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.ProxyError):
        root = _root(cause)
        if isinstance(root, ssl.SSLCertVerificationError):
            return CertificateWrong(host, reason=root.verify_message.rstrip("."))
        if isinstance(root, ssl.SSLError):
            return CertificateWrong(host, reason="no secure connection came about")
        if isinstance(root, gaierror):
            return UnknownHost(host)
        return Unreachable(host)
    if isinstance(cause, httpx.UnsupportedProtocol):
        return InsecureAddress(host)
    return AnswerLost(host)


def asked_pause_s(answer: httpx.Response | Answer, now: datetime) -> int | None:
    """Give for how many seconds, rounded up, a server asks to be left alone, whatever its status; None: it does not.

    Args:
        answer: with or without Retry-After.
        now: this instant, with a zone; a server that says its own (Date) is believed instead.
    """
    header = answer.headers.get("retry-after", "")
    if not header:
        return None
    with suppress(KeyError, ValueError):  # where it says none, the laptop's clock has to do
        now = parsedate_to_datetime(answer.headers["date"])
    if now.tzinfo is None:
        now = now.replace(tzinfo=UTC)
    try:
        return math.ceil(retry_delay(header, now).total_seconds())
    except ValueError:
        return UNREADABLE_PAUSE_S


def _root(error: BaseException) -> BaseException:
    """Walk to the first cause: httpx wraps httpcore, which wraps the socket's own error."""
    seen = error
    while (deeper := seen.__cause__ or seen.__context__) is not None:
        seen = deeper
    return seen
