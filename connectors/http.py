"""The one way out: an httpx client with our rules, and transport errors translated once.

Rules: https except on loopback (RFC 8252, section 8.3, has the same exception); no redirect is followed here (a family
that needs one does it itself); a connect that fails was never sent, a read that fails may have been carried out.
"""

from __future__ import annotations

import ipaddress
import math
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

from connectors.direct import DirectTransport
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
    from pathlib import Path

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
    trusts = partial(trusted, rules.ca_file)
    if rules.ca_file is not None:
        trusts()
    read_s = rules.answer_within.total_seconds()
    through_a_proxy = bool(getproxies())
    return httpx.Client(
        auth=auth,
        # Not asked where the transport is ours, which reads the authorities when it first needs them; trusts nobody.
        verify=trusts() if through_a_proxy else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        transport=None if through_a_proxy else DirectTransport(trusts),
        follow_redirects=False,
        trust_env=True,
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(read_s, connect=rules.connect_within.total_seconds()),
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
    )


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
    raise InsecureAddress(url.host or str(url.scheme))


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
        raise ServerFault(request.url.host, reason="an answer that cannot be unpacked") from cause


def _whole(answer: httpx.Response) -> httpx.Response:
    """Read an answer up to its limit, counted after unpacking: a small answer may unpack to a large one.

    Raises:
        ServerFault: it is larger.
    """
    body = bytearray()
    try:
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > _MOST_BYTES:
                raise ServerFault(answer.url.host, reason="an answer of more than 64 megabytes")
    finally:
        answer.close()
    headers = [(name, value) for name, value in answer.headers.multi_items() if name.lower() not in _OF_THE_WIRE]
    return httpx.Response(answer.status_code, headers=headers, content=bytes(body), request=answer.request)


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


def asked_pause_s(answer: httpx.Response, now: datetime) -> int | None:
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
