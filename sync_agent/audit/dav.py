"""Reads a whole CalDAV calendar: every object is listed and fetched, no token and no memory is believed (RFC 4791).

Of the connectors only the transport is used; what an answer means is read here once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx
from lxml import etree

from connectors.http import open_client, send
from connectors.vocabulary.errors import CalendarGone, Forbidden, ServerFault, SignInRefused, Throttled
from sync_agent.audit.event import MARKER, read_thing, uid_in
from sync_agent.audit.ledger import path_of
from sync_agent.audit.values import BROKEN, Thing

if TYPE_CHECKING:
    from connectors.registry import Credentials

_DAV, _CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_LIST = b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/><resourcetype/></prop></propfind>'
_FETCH = (
    '<?xml version="1.0"?><C:calendar-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<prop><getetag/><C:calendar-data/></prop>{hrefs}</C:calendar-multiget>"
)
_BATCH = 100
_MOST_REDIRECTS = 3
_PAUSE_S = 60
_LATER = frozenset({423, 429, 503})
_REDIRECTS = frozenset({301, 302, 307, 308})


class Unreadable(ValueError):
    """An answer that is no whole XML document."""


class DavSide:
    """One sign-in at a CalDAV server, as the auditor sees it."""

    def __init__(self, credentials: Credentials) -> None:
        """Make no request.

        Args:
            credentials: as the connector gets them.

        Raises:
            CertificateWrong: the CA file cannot be read.
        """
        self._signed = (_username(credentials), credentials.secrets.get("password", ""))
        self._client = open_client(credentials.rules, auth=self._signed)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def things(self, address: str, wanted: Callable[[str, str], bool], *, tenants: frozenset[str]) -> Iterator[Thing]:
        """Give the objects of a calendar that may be ours.

        Args:
            address: of the calendar.
            wanted: says of a place and a UID whether it is known; what bears a marker is given in any case.
            tenants: our names, as they stand in markers.

        Raises:
            ConnectorError: the calendar could not be read, or not the whole of it.
        """
        listed = list(self._listed(address))
        for start in range(0, len(listed), _BATCH):
            for href, etag, text in self._fetched(address, listed[start : start + _BATCH]):
                place = path_of(href)
                if text is None:
                    yield Thing(place, "", etag, trouble=BROKEN)
                elif MARKER in text or wanted(place, uid_in(text)):
                    yield read_thing(place, etag, text, tenants=tenants)

    def _listed(self, address: str) -> Iterator[str]:
        answer = self._asked("PROPFIND", address, _LIST)
        if answer.status_code in (404, 410):
            raise CalendarGone(path_of(address).rstrip("/").rpartition("/")[2])
        for response in self._responses(answer):
            href = response.findtext(f"{_DAV}href", "").strip()
            is_collection = response.find(f".//{_DAV}collection") is not None
            if href and not is_collection and path_of(href).rstrip("/") != path_of(address).rstrip("/"):
                yield href

    def _fetched(self, address: str, hrefs: Sequence[str]) -> Iterator[tuple[str, str, str | None]]:
        """Give place, ETag and text of some objects; None for one whose text breaks the answer that it stands in."""
        named = "".join(f"<href>{escape(href)}</href>" for href in hrefs)
        try:
            responses = self._responses(self._asked("REPORT", address, _FETCH.format(hrefs=named).encode()))
        except Unreadable:
            if len(hrefs) == 1:
                yield hrefs[0], "", None
                return
            half = len(hrefs) // 2
            yield from self._fetched(address, hrefs[:half])
            yield from self._fetched(address, hrefs[half:])
            return
        for response in responses:
            text = response.findtext(f".//{_CALDAV}calendar-data")
            # Without one it went between listing and fetching.
            if text is not None:
                yield response.findtext(f"{_DAV}href", "").strip(), _etag(response), text

    def _responses(self, answer: httpx.Response) -> list[Any]:
        host = answer.request.url.host
        if answer.status_code != httpx.codes.MULTI_STATUS:
            raise ServerFault(host, reason=f"it answered {answer.status_code} to a question about a calendar")
        try:
            root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, huge_tree=True))
        except etree.XMLSyntaxError as cause:
            if answer.request.method == "PROPFIND":
                raise ServerFault(host, reason="its list of events is not whole") from cause
            raise Unreadable from cause
        responses = root.findall(f"{_DAV}response")
        if any(" 507 " in status for one in responses for status in [one.findtext(f"{_DAV}status", "") + " "]):
            raise ServerFault(host, reason="it gives only a part of the calendar")
        return responses

    def _asked(self, method: str, address: str, body: bytes) -> httpx.Response:
        url = httpx.URL(address)
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._sent(method, url, body)
            target = answer.headers.get("location", "")
            # Only within one server: whoever sends us elsewhere does not get the password.
            if answer.status_code not in _REDIRECTS or urlsplit(str(url.join(target))).netloc != url.netloc.decode():
                return answer
            url = url.join(target)
        return answer

    def _sent(self, method: str, url: httpx.URL, body: bytes) -> httpx.Response:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": "1"}
        answer = send(self._client, self._client.build_request(method, url, content=body, headers=headers))
        scheme = answer.headers.get("www-authenticate", "").lower()
        if answer.status_code == httpx.codes.UNAUTHORIZED and "digest" in scheme and "basic" not in scheme:
            self._client.auth = httpx.DigestAuth(*self._signed)
            answer = send(self._client, self._client.build_request(method, url, content=body, headers=headers))
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise SignInRefused(url.host)
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise Forbidden(url.host)
        if answer.status_code in _LATER:
            raise Throttled(url.host, retry_after_s=_PAUSE_S)
        return answer


def _username(credentials: Credentials) -> str:
    typed = credentials.base_url
    return credentials.settings.get("username") or (typed if "@" in typed and "://" not in typed else "")


def _etag(response: Any) -> str:
    """Give the ETag without its quotes; a weak one keeps its mark."""
    return str(response.findtext(f".//{_DAV}getetag", "")).strip().replace('"', "")
