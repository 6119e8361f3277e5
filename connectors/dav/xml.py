"""The XML of WebDAV and CalDAV: request bodies, and multistatus answers matched by namespace (RFC 4918, section 13)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit
from xml.sax.saxutils import escape

from lxml import etree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DAV = "{DAV:}"
CALDAV = "{urn:ietf:params:xml:ns:caldav}"
CALENDARSERVER = "{http://calendarserver.org/ns/}"
APPLE = "{http://apple.com/ns/ical/}"
_PREFIXES = {DAV: "d", CALDAV: "c", CALENDARSERVER: "s", APPLE: "a"}
_NAMESPACES = (
    'xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" '
    'xmlns:s="http://calendarserver.org/ns/" xmlns:a="http://apple.com/ns/ical/"'
)
_HEAD = '<?xml version="1.0" encoding="utf-8"?>'
_STATUS_CODE = re.compile(r"HTTP/\d(?:\.\d)?\s+(\d{3})")
# Absolute paths without anything to decode, join or drop: nearly all that servers write, at a twentieth of the time.
_PLAIN_PATH = re.compile(r"(?:/[\w@~!$&'()*+,;=:-][\w@~!$&'()*+,;=:.-]*)+/?", re.ASCII)
_SAFE_IN_PATH = "/:@!$&'()*+,;=~-._"
_NOT_FOUND, _OK = 404, 200
_HREF, _STATUS, _PROPSTAT, _PROP, _ERROR = (f"{DAV}{name}" for name in ("href", "status", "propstat", "prop", "error"))


class NotMultistatus(ValueError):
    """An answer that is no well-formed DAV:multistatus; nothing may be concluded from it."""


@dataclass(frozen=True, slots=True)
class Response:
    """One DAV:response.

    Attributes:
        href: the server's own spelling.
        status: of the whole resource; 200 if it only carries properties.
        found: the properties with status 200, by Clark name.
        error: names of the precondition elements in DAV:error, without namespace.
    """

    href: str
    status: int
    found: dict[str, etree._Element]
    error: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """Text of a property, "" if it was not found or is empty."""
        element = self.found.get(name)
        return (element.text or "").strip() if element is not None else ""

    def hrefs(self, name: str) -> tuple[str, ...]:
        """The DAV:href children of a property."""
        element = self.found.get(name)
        if element is None:
            return ()
        return tuple(text for child in element.iter(f"{DAV}href") if (text := (child.text or "").strip()))


@dataclass(frozen=True, slots=True)
class Multistatus:
    """A whole answer; `sync_token` is "" unless the server gave one (RFC 6578, section 6.4)."""

    responses: tuple[Response, ...]
    sync_token: str = ""


def _parser() -> etree.XMLParser:
    # No DTD, no entities, no network; a calendar's text may be larger than libxml2's limit for one node.
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


def read_multistatus(body: bytes) -> Multistatus:
    """Read an answer.

    Raises:
        NotMultistatus: not well-formed (cut in half, say), or something else (a login page).
    """
    root = _root(body)
    if root.tag != f"{DAV}multistatus":
        raise NotMultistatus("an answer that is no list of resources")
    token = root.findtext(f"{DAV}sync-token")
    return Multistatus(tuple(map(_response, root.iterfind(f"{DAV}response"))), (token or "").strip())


def read_preconditions(body: bytes) -> tuple[str, ...]:
    """Give the names in a DAV:error body without namespace ("valid-sync-token"); empty if it is none."""
    try:
        root = _root(body)
    except NotMultistatus:
        return ()
    return _names_in(root) if root.tag == f"{DAV}error" else ()


def _root(body: bytes) -> etree._Element:
    if b"<!DOCTYPE" in body[:1024].upper():
        raise NotMultistatus("a web page")
    try:
        return etree.fromstring(body, _parser())
    except (etree.XMLSyntaxError, ValueError) as cause:
        raise NotMultistatus("an answer that breaks off or is no XML") from cause


def _response(element: etree._Element) -> Response:
    parts = _first_of_each(element)
    found: dict[str, etree._Element] = {}
    for propstat in element.iterchildren(_PROPSTAT):
        of_propstat = _first_of_each(propstat)
        properties = of_propstat.get(_PROP)
        if properties is not None and _code(of_propstat) == _OK:
            found |= {str(child.tag): child for child in properties.iterchildren("*")}
    href, error = parts.get(_HREF), parts.get(_ERROR)
    return Response(
        "" if href is None else (href.text or "").strip(),
        _code(parts),
        found,
        _names_in(error) if error is not None else (),
    )


def _first_of_each(element: etree._Element) -> dict[str, etree._Element]:
    """Give the children by name, in one go: ten thousand answers are read in a row."""
    found: dict[str, etree._Element] = {}
    for child in element.iterchildren("*"):
        found.setdefault(str(child.tag), child)
    return found


def _code(parts: Mapping[str, etree._Element]) -> int:
    status = parts.get(_STATUS)
    return _OK if status is None else _code_in(status.text or "")


@lru_cache(maxsize=64)
def _code_in(status: str) -> int:
    match = _STATUS_CODE.search(status)
    return int(match[1]) if match is not None else _OK


def _names_in(element: etree._Element) -> tuple[str, ...]:
    return tuple(str(child.tag).rpartition("}")[2] for child in element.iterchildren("*"))


def propfind_body(*names: str) -> bytes:
    """Ask for properties by Clark name."""
    return f"{_HEAD}<d:propfind {_NAMESPACES}><d:prop>{_elements(names)}</d:prop></d:propfind>".encode()


def sync_body(token: str) -> bytes:
    """Ask what changed since a token ("" lists everything). The namespaces are spared: it is the poll of every pass."""
    return (
        '<sync-collection xmlns="DAV:">'
        f"<sync-token>{escape(token)}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
    ).encode()


def multiget_body(hrefs: Iterable[str]) -> bytes:
    """Ask for etag and data of objects, by the server's own spelling of where they are."""
    wanted = "".join(f"<d:href>{escape(href)}</d:href>" for href in hrefs)
    return (
        f'{_HEAD}<c:calendar-multiget xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">'
        f"<d:prop><d:getetag/><c:calendar-data/></d:prop>{wanted}</c:calendar-multiget>"
    ).encode()


def _elements(names: Iterable[str]) -> str:
    split = (name.rpartition("}") for name in names)
    return "".join(f"<{_PREFIXES[space + brace]}:{local}/>" for space, brace, local in split)


def key_of(href: str, base: str) -> str:
    """Normalise an href: percent-decoded path, whatever its host; equal for every spelling of one place.

    Args:
        href: as the server wrote it: absolute path, relative path or full address.
        base: the address that was asked.
    """
    if _PLAIN_PATH.fullmatch(href):
        return href
    return unquote(_parts(href, base).path)


def address_of(href: str, base: str) -> str:
    """Give the full address of an href in one spelling, for what is kept for ever (a calendar's own id)."""
    parts = _parts(href, base)
    return f"{parts.scheme}://{parts.netloc}{quote(unquote(parts.path), safe=_SAFE_IN_PATH)}"


def address_within(href: str, base: str) -> str:
    """Give the address of an object of a collection: always on the collection's own server, in the server's spelling.

    An answer may name another host; the password does not go there.
    """
    own = urlsplit(base)
    if _PLAIN_PATH.fullmatch(href):
        return f"{own.scheme}://{own.netloc}{href}"
    parts = _parts(href, base)
    query = f"?{parts.query}" if parts.query else ""
    # "mailto:x" has a path without a slash: put behind the host as it is, it would name another host.
    path = "/" + quote(parts.path, safe=_SAFE_IN_PATH + "%").removeprefix("/")
    return f"{own.scheme}://{own.netloc}{path}{query}"


def _parts(href: str, base: str) -> SplitResult:
    try:
        return urlsplit(urljoin(base, href))
    except ValueError:  # "http://[": no address at all, so it is taken for a name in the collection
        return urlsplit(base + quote(href, safe=""))


def etag_of(raw: str | None) -> str | None:
    """Give an etag without quotes; a weak one keeps its "W/", so that it is never sent as a condition."""
    if raw is None or not raw.strip():
        return None
    raw = raw.strip()
    weak = raw[:2] in {"W/", "w/"}
    bare = (raw[2:] if weak else raw).strip().strip('"')
    if not bare:
        return None
    return f"W/{bare}" if weak else bare


def is_strong(etag: str | None) -> bool:
    """Whether an etag may stand in If-Match (RFC 9110, section 13.1.1)."""
    return etag is not None and not etag.startswith("W/")


def is_missing(response: Response) -> bool:
    """Whether a response says that there is nothing."""
    return response.status in {_NOT_FOUND, 410}
