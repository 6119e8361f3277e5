"""What changed in one CalDAV calendar: sync-collection (RFC 6578), else ctag, else etags; then the objects in batches.

Nothing is concluded from an answer that is not whole. What a server names as gone is passed on as a hint.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from connectors.dav.wire import preconditions
from connectors.dav.xml import (
    CALDAV,
    CALENDARSERVER,
    DAV,
    Response,
    address_within,
    etag_of,
    is_missing,
    key_of,
    multiget_body,
    propfind_body,
    sync_body,
)
from connectors.ical.errors import Unreadable
from connectors.ical.lines import unfolded
from connectors.ical.scan import read
from connectors.ical.zones import Effort
from connectors.vocabulary.changes import Broken, Cursor, Fetched, Page
from connectors.vocabulary.errors import AnswerLost, CalendarGone, ConnectorError, Forbidden, ServerFault
from connectors.vocabulary.events import CalendarObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from connectors.dav.wire import Wire
    from connectors.http import Answer

_ETAG = f"{DAV}getetag"
_DATA = f"{CALDAV}calendar-data"
_CTAG = f"{CALENDARSERVER}getctag"
_STATE = propfind_body(_CTAG)
_LISTING = propfind_body(_ETAG, f"{DAV}resourcetype", _CTAG)
_TOKEN_KIND, _CTAG_KIND, _LISTING_KIND = "sync-token", "ctag", "listing"
# Radicale refuses a report on more than 10,000 objects; others time out above some hundreds.
_BATCH = 200
_MOST_ROUNDS = 1000
_MOST_GUILTY_IN_A_ROW = 8
_MOST_PENDING = 100
# Between the token and the hrefs that are still owed; neither may hold one.
_PENDING_MARK = "\n"
_TRUNCATED, _BAD_REQUEST = 507, 400
_MAYBE_DEAD = frozenset({400, 403, 409, 410, 412})


@dataclass(slots=True)
class Manners:
    """What one calendar's server was seen to do; remembered while its account is open."""

    sync_depth: int = 0
    has_sync: bool = True


@dataclass(slots=True)
class _Listing:
    """What a server names: key to (href, etag), what it names as gone, and where to go on."""

    entries: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    cursor: Cursor | None = None


class DavReader:
    """The reading half of a CalDAV calendar."""

    def __init__(self, wire: Wire, remote_id: str, manners: Manners, owners: frozenset[str] = frozenset()) -> None:
        """Make no request.

        Args:
            wire: of the account.
            remote_id: the collection's full address.
            manners: kept by the account; changed here.
            owners: addresses of the person signed in, in lower case.
        """
        self._wire, self._manners, self._owners = wire, manners, owners
        self._address = remote_id if remote_id.endswith("/") else f"{remote_id}/"
        self._key = key_of(self._address, self._address)
        self._name = self._key.rstrip("/").rpartition("/")[2]
        self._guilty_in_a_row = 0
        self._withheld: list[str] = []
        self._effort = Effort()

    def changes(self, since: Cursor | None, known: Mapping[str, str | None]) -> Iterator[Page]:
        """Give what changed, page by page; see `CalendarReader.changes`.

        Raises:
            CalendarGone: the collection is not there.
            ServerFault: an answer that must not be believed.
        """
        self._withheld, self._effort, is_dead = [], Effort(), False
        token, *pending = since.token.split(_PENDING_MARK) if since is not None else [""]
        match since:
            case Cursor(kind="sync-token") if token and self._manners.has_sync:
                difference = self._synced(token)
                if difference is not None:
                    yield from self._difference(difference, token, pending, known)
                    return
                is_dead = self._manners.has_sync
            case Cursor(kind="ctag") if token and self._ctag() == token:
                yield from self._difference(_Listing(cursor=Cursor(_CTAG_KIND, token)), token, pending, known)
                return
        listing = self._synced("") if self._manners.has_sync else None
        if listing is None:
            listing = self._listed()
        if since is not None and since == listing.cursor and since.kind == _LISTING_KIND:
            yield Page(unchanged=True)
            return
        yield from self._everything(listing, known, anew=is_dead)

    def fetch(self, hrefs: Sequence[str]) -> Fetched:
        """Look directly at some objects.

        Raises:
            CalendarGone: the collection is not there.
        """
        parts = [self._loaded(list(hrefs[at : at + _BATCH])) for at in range(0, len(hrefs), _BATCH)]
        return _joined(parts)

    def _difference(
        self, difference: _Listing, token: str, pending: list[str], known: Mapping[str, str | None]
    ) -> Iterator[Page]:
        is_same = difference.cursor is not None and difference.cursor.token == token
        if is_same and not difference.entries and not difference.removed and not pending:
            yield Page(unchanged=True)
            return
        wanted = _unknown(difference, known)
        wanted += [href for href in pending if key_of(href, self._address) not in difference.entries]
        removed = list(difference.removed)
        for page, missing in self._pages(wanted):
            removed += missing
            yield page
        yield Page(removed=tuple(dict.fromkeys(removed)), cursor=self._going_on(difference.cursor))

    def _everything(self, listing: _Listing, known: Mapping[str, str | None], *, anew: bool) -> Iterator[Page]:
        gone: set[str] = set()
        for page, missing in self._pages(_unknown(listing, known)):
            gone.update(missing)
            yield page
        listed = frozenset(listing.entries.keys() - gone)
        yield Page(listed=listed, cursor=self._going_on(listing.cursor), anew=anew)

    def _going_on(self, cursor: Cursor | None) -> Cursor | None:
        """Give the cursor with what the server did not hand out: that is asked for again, or an edit would be lost."""
        if cursor is None or not self._withheld:
            return cursor
        return Cursor(cursor.kind, _PENDING_MARK.join([cursor.token, *self._withheld[:_MOST_PENDING]]))

    def _pages(self, hrefs: list[str]) -> Iterator[tuple[Page, tuple[str, ...]]]:
        """Give pages of objects, each with the keys that vanished since they were listed."""
        for at in range(0, len(hrefs), _BATCH):
            fetched = self._loaded(hrefs[at : at + _BATCH])
            yield Page(objects=fetched.objects, broken=fetched.broken), fetched.missing

    # What there is ---------------------------------------------------------------------------------------------------

    def _synced(self, token: str) -> _Listing | None:
        """Ask for the difference since a token ("": everything), again and again while the server cuts it short.

        Returns:
            None if the token is dead or the server knows no such report; the manners then say which.
        """
        listing = _Listing()
        for _ in range(_MOST_ROUNDS):
            answer = self._sync_report(token)
            if answer is None:
                return None
            status = self._wire.multistatus(answer)
            if not status.sync_token:
                self._manners.has_sync = False
                return None
            is_cut = False
            for response in status.responses:
                is_cut |= self._noted(response, listing)
            listing.cursor = Cursor(_TOKEN_KIND, status.sync_token)
            if not is_cut or status.sync_token == token:
                return listing
            token = status.sync_token
        raise ServerFault(self._host, reason="it never comes to an end of what changed")

    def _sync_report(self, token: str) -> Answer | None:
        answer = self._report(sync_body(token), depth=self._manners.sync_depth)
        names = preconditions(answer) if answer.status_code in _MAYBE_DEAD else ()
        if answer.status_code == _BAD_REQUEST and "valid-sync-token" not in names and self._manners.sync_depth == 0:
            # RFC 6578 wants Depth 0 (section 3.2); some servers still follow its drafts and insist on 1.
            retried = self._report(sync_body(token), depth=1)
            if retried.status_code == httpx.codes.MULTI_STATUS:
                self._manners.sync_depth = 1
            answer = retried
        if answer.status_code == httpx.codes.MULTI_STATUS:
            return answer
        if answer.status_code in _MAYBE_DEAD and token:
            return None  # dead, said with or without valid-sync-token: what is read next tells
        if answer.status_code == httpx.codes.OK:
            self._wire.multistatus(answer)  # says that this is no calendar server's answer
        self._manners.has_sync = False
        return None

    def _report(self, body: bytes, *, depth: int | None = None) -> Answer:
        answer = self._wire.request("REPORT", self._address, body, depth=depth)
        if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.GONE} and "valid-sync-token" not in preconditions(
            answer
        ):
            raise CalendarGone(self._name)
        return answer

    def _noted(self, response: Response, listing: _Listing) -> bool:
        """Add one response to a listing; says whether it means "there is more" (RFC 6578, section 3.6)."""
        key = key_of(response.href, self._address)
        if key.endswith("/") or key == self._key or f"{key}/" == self._key:
            return response.status == _TRUNCATED
        if is_missing(response):
            listing.entries.pop(key, None)
            listing.removed.append(key)
        elif response.status < httpx.codes.BAD_REQUEST:
            listing.entries[key] = (response.href, etag_of(response.text(_ETAG)))
        return False

    def _listed(self) -> _Listing:
        """List all etags (PROPFIND), for servers without the report."""
        answer = self._wire.request("PROPFIND", self._address, _LISTING, depth=1)
        if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
            raise CalendarGone(self._name)
        listing, ctag = _Listing(), ""
        for response in self._wire.multistatus(answer).responses:
            ctag = ctag or response.text(_CTAG)
            self._noted(response, listing)
        digest = hashlib.sha256(repr(sorted(listing.entries.items())).encode()).hexdigest()
        listing.cursor = Cursor(_CTAG_KIND, ctag) if ctag else Cursor(_LISTING_KIND, digest)
        return listing

    def _ctag(self) -> str:
        answer = self._wire.request("PROPFIND", self._address, _STATE, depth=0)
        if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
            raise CalendarGone(self._name)
        return next((ctag for one in self._wire.multistatus(answer).responses if (ctag := one.text(_CTAG))), "")

    def _require_alive(self) -> None:
        """Ask for the collection itself.

        Raises:
            CalendarGone: it is not there.
            ConnectorError: the server has trouble of its own.
        """
        self._ctag()

    # The objects themselves ------------------------------------------------------------------------------------------

    def _loaded(self, hrefs: list[str]) -> Fetched:
        """Fetch objects; a batch that fails is halved until the guilty object stands alone."""
        try:
            found = self._multiget(hrefs)
        except (ServerFault, AnswerLost, Forbidden) as cause:
            if len(hrefs) > 1:
                middle = len(hrefs) // 2
                return _joined([self._loaded(hrefs[:middle]), self._loaded(hrefs[middle:])])
            return self._alone(hrefs[0], cause)
        self._guilty_in_a_row = 0
        return found

    def _multiget(self, hrefs: list[str]) -> Fetched:
        answer = self._report(multiget_body(hrefs))
        by_key = {key_of(one.href, self._address): one for one in self._wire.multistatus(answer).responses}
        found: list[CalendarObject | Broken] = []
        missing: list[str] = []
        left_out: list[str] = []
        for href in hrefs:
            key = key_of(href, self._address)
            response = by_key.get(key)
            data = response.found.get(_DATA) if response is not None else None
            if response is not None and is_missing(response):
                missing.append(key)
            elif response is None or data is None or not data.text:
                left_out.append(href)
            else:
                found.append(self._object(href, response.text(_ETAG), _with_line_ends(data.text)))
        return _joined([_sorted_out(found, missing), *(self._alone(href, None) for href in left_out)])

    def _alone(self, href: str, cause: ConnectorError | None) -> Fetched:
        """GET one object that did not come with the others.

        Raises:
            ConnectorError: it is not this object: nothing else comes either.
        """
        key = key_of(href, self._address)
        try:
            answer = self._wire.request("GET", self._url(href))
        except (ServerFault, AnswerLost) as again:
            self._require_alive()
            self._guilty_in_a_row += 1
            if self._guilty_in_a_row > _MOST_GUILTY_IN_A_ROW:
                raise cause or again from again
            return self._held_back(href)
        if answer.status_code in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
            self._require_alive()
            return Fetched(missing=(key,))
        if answer.status_code != httpx.codes.OK or _is_web_page(answer):
            self._require_alive()
            return self._held_back(href)
        text = answer.content.decode("utf-8", errors="replace")
        return _sorted_out([self._object(href, answer.headers.get("etag"), text)], [])

    def _held_back(self, href: str) -> Fetched:
        self._withheld.append(href)
        return Fetched(broken=(Broken(key_of(href, self._address), "its server does not hand it out"),))

    def _object(self, href: str, etag: str | None, text: str) -> CalendarObject | Broken:
        key = key_of(href, self._address)
        try:
            reading = read(text, self._owners, self._effort)
        except Unreadable as cause:
            return Broken(key, cause.reason, cause.title, cause.starts, cause.repeats)
        return CalendarObject(href, key, etag_of(etag), reading.events, text, reading.doubts)

    def _url(self, href: str) -> str:
        return address_within(href, self._address)

    @property
    def _host(self) -> str:
        return httpx.URL(self._address).host


def _unknown(listing: _Listing, known: Mapping[str, str | None]) -> list[str]:
    """The hrefs whose etag differs from the known one, or that have none to compare."""
    return [href for key, (href, etag) in listing.entries.items() if etag is None or known.get(key) != etag]


def _joined(parts: Sequence[Fetched]) -> Fetched:
    if len(parts) == 1:
        return parts[0]
    return Fetched(
        tuple(found for part in parts for found in part.objects),
        tuple(key for part in parts for key in part.missing),
        tuple(broken for part in parts for broken in part.broken),
    )


def _sorted_out(found: Sequence[CalendarObject | Broken], missing: Sequence[str]) -> Fetched:
    return Fetched(
        tuple(one for one in found if isinstance(one, CalendarObject)),
        tuple(missing),
        tuple(one for one in found if isinstance(one, Broken)),
    )


def _with_line_ends(text: str) -> str:
    """Put back the line ends that XML takes away (XML 1.0, section 2.11): iCalendar's are CRLF."""
    return text if "\r" in text else text.replace("\n", "\r\n")


def _is_web_page(answer: Answer) -> bool:
    return bool(answer.headers.get("content-type", "").lower().startswith("text/html"))


def is_same_text(one: str, other: str) -> bool:
    """Whether two copies of an object are the same but for folding and line ends."""
    return unfolded(one).strip() == unfolded(other).strip()
