"""From what a tutor types to their calendars (RFC 6764 and 4791, section 6.2): principal, homes, collections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx

from connectors.dav.wire import followed
from connectors.dav.xml import (
    APPLE,
    CALDAV,
    CALENDARSERVER,
    DAV,
    Multistatus,
    NotMultistatus,
    Response,
    address_of,
    address_within,
    key_of,
    propfind_body,
    read_multistatus,
)
from connectors.http import is_loopback
from connectors.vocabulary.accounts import Access, CalendarInfo
from connectors.vocabulary.errors import NotACalendarServer, ServerFault, UnknownHost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.dav.wire import Wire

_PRINCIPAL = f"{DAV}current-user-principal"
_HOMES = f"{CALDAV}calendar-home-set"
_ADDRESSES = f"{CALDAV}calendar-user-address-set"
_KIND = f"{DAV}resourcetype"
_COMPONENTS = f"{CALDAV}supported-calendar-component-set"
_PRIVILEGES = f"{DAV}current-user-privilege-set"
_COLOUR = f"{APPLE}calendar-color"
_NAME = f"{DAV}displayname"
_SIGN_IN = propfind_body(_PRINCIPAL, _KIND, _HOMES)
_PERSON = propfind_body(_HOMES, _ADDRESSES, _NAME)
_COLLECTION = propfind_body(_KIND, _NAME, _COMPONENTS, _PRIVILEGES, _COLOUR)
_WRITING = frozenset({"all", "write", "write-content", "bind"})
_COLOUR_LETTERS = 7


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is signed in, and where their calendars are.

    Attributes:
        address: of the principal; of the calendar itself where a server knows no principals.
        homes: addresses of the collections that hold calendars.
        user_addresses: in lower case ("mailto:anna@example.org").
        collection: the calendar whose address the tutor gave, if it was one.
    """

    address: str
    homes: tuple[str, ...]
    user_addresses: frozenset[str]
    name: str
    collection: str | None = None


def candidates(typed: str) -> tuple[str, ...]:
    """Give the addresses to try, best first, for a full address, a host name or a mail address.

    A bare name is asked over https; only this computer itself, which offers no certificate, over http.
    """
    typed = typed.strip()
    if "://" in typed:
        parts = urlsplit(typed)
        scheme = {"caldav": "https", "caldavs": "https"}.get(parts.scheme.lower(), parts.scheme.lower())
        netloc = parts.netloc.rpartition("@")[2]
        asked, path = f"{scheme}://{netloc}", parts.path or "/"
    else:
        host, slash, rest = typed.rpartition("@")[2].partition("/")
        scheme = "http" if is_loopback(_without_port(host)) else "https"
        asked, path = f"{scheme}://{host}", slash + rest or "/"
    well_known = f"{asked}/.well-known/caldav"
    if path == "/":
        # A bare name says nothing about the server's root: RFC 6764 asks the well-known address first.
        return (f"{asked}/", well_known) if "://" in typed else (well_known, f"{asked}/")
    return (asked + path, well_known, f"{asked}/")


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


def find_principal(wire: Wire, typed: str) -> Principal:
    """Find out who is signed in and where their calendars are.

    Raises:
        NotACalendarServer: something answers, but nothing that leads to calendars.
        UnknownHost, Unreachable, CertificateWrong, SignInRefused: as they say; no other address is tried then.
    """
    where = typed
    for address in candidates(typed):
        try:
            where = httpx.URL(address).host
        except httpx.InvalidURL as cause:
            raise UnknownHost(typed) from cause
        found = _asked(wire, address, _SIGN_IN)
        if found is None or not found[1].responses:
            continue
        url, status = found
        principal = _principal(wire, url, status.responses[0])
        if principal is not None:
            return principal
    raise NotACalendarServer(where)


def _asked(wire: Wire, address: str, body: bytes) -> tuple[str, Multistatus] | None:
    """PROPFIND one resource; None if it does not speak WebDAV. Gives the address that answered, after redirects."""
    try:
        answer = wire.request("PROPFIND", address, body, depth=0)
    except ServerFault:
        return None  # some web servers answer 500 or 501 to a method that they do not know
    if answer.status_code != httpx.codes.MULTI_STATUS:
        return None
    try:
        return answer.url, read_multistatus(answer.content)
    except NotMultistatus:
        return None


def _principal(wire: Wire, url: str, response: Response) -> Principal | None:
    collection = address_of(address_within(response.href or url, url), url) if _is_calendar(response) else None
    named = response.hrefs(_PRINCIPAL)
    if named:
        address = _trusted(named[0], url)
        person = _asked(wire, address, _PERSON)
        if person is not None and person[1].responses:
            asked, told = person[0], person[1].responses[0]
            homes = tuple(dict.fromkeys(_trusted(href, asked) for href in told.hrefs(_HOMES)))
            addresses = frozenset(href.lower() for href in told.hrefs(_ADDRESSES))
            if homes or collection:
                return Principal(address, homes, addresses, told.text(_NAME), collection)
    homes = tuple(_trusted(href, url) for href in response.hrefs(_HOMES))
    if homes or collection:
        return Principal(collection or homes[0], homes, frozenset(), "", collection)
    return None


def _trusted(href: str, url: str) -> str:
    """Give the address of a principal or home: on another host (iCloud has that) only where a redirect may go, too.

    Raises:
        InsecureAddress: the password would leave encryption.
    """
    return address_of(str(followed(httpx.URL(url), href)), url)


def list_calendars(wire: Wire, principal: Principal) -> list[CalendarInfo]:
    """List the collections that hold events: of all homes, and the one whose address the tutor gave.

    Raises:
        NotACalendarServer: no home can be listed.
    """
    found: dict[str, CalendarInfo] = {}
    is_listed = False
    for home in principal.homes:
        answer = wire.request("PROPFIND", home, _COLLECTION, depth=1)
        if answer.status_code == httpx.codes.NOT_FOUND:
            continue  # a person without calendars yet: several servers make the home with the first one
        is_listed = True
        for info in _calendars_in(wire.multistatus(answer), answer.url):
            found.setdefault(info.remote_id, info)
    if principal.collection is not None and principal.collection not in found:
        answer = wire.request("PROPFIND", principal.collection, _COLLECTION, depth=0)
        is_listed = True
        for info in _calendars_in(wire.multistatus(answer), answer.url):
            found.setdefault(info.remote_id, info)
    if not is_listed and not principal.homes:
        raise NotACalendarServer(httpx.URL(principal.address).host)
    return list(found.values())


def _calendars_in(status: Multistatus, url: str) -> Iterator[CalendarInfo]:
    for response in status.responses:
        if _is_calendar(response) and _holds_events(response):
            address = address_of(address_within(response.href, url), url)  # on the home's server, whatever is said
            name = response.text(_NAME) or key_of(address, url).rstrip("/").rpartition("/")[2]
            subscribed = _has(response, _KIND, f"{CALENDARSERVER}subscribed")
            yield CalendarInfo(address, name, _access(response), subscribed, _colour(response))


def _is_calendar(response: Response) -> bool:
    return _has(response, _KIND, f"{CALDAV}calendar") or _has(response, _KIND, f"{CALENDARSERVER}subscribed")


def _has(response: Response, name: str, child: str) -> bool:
    element = response.found.get(name)
    return element is not None and element.find(child) is not None


def _holds_events(response: Response) -> bool:
    """Absent means every kind (RFC 4791, section 5.2.3)."""
    components = response.found.get(_COMPONENTS)
    if components is None or not len(components):
        return True
    return any(component.get("name", "").upper() == "VEVENT" for component in components)


def _access(response: Response) -> Access:
    """Absent or empty privileges: try to write (sheet caldav-protocol, "XML")."""
    privileges = response.found.get(_PRIVILEGES)
    if privileges is None or not len(privileges):
        return Access.WRITE
    names = {str(kind.tag).rpartition("}")[2] for privilege in privileges.iter(f"{DAV}privilege") for kind in privilege}
    return Access.WRITE if names & _WRITING else Access.READ


def _colour(response: Response) -> str:
    colour = response.text(_COLOUR)
    return colour[:_COLOUR_LETTERS].lower() if colour.startswith("#") and len(colour) >= _COLOUR_LETTERS else ""
