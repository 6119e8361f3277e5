"""One CalDAV calendar, read and written (RFC 4791, section 5.3): every write has a condition."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpx

from connectors.dav.reading import DavReader, Manners, is_same_text
from connectors.dav.wire import preconditions
from connectors.dav.xml import etag_of, is_strong, key_of
from connectors.ical.errors import Unreadable
from connectors.ical.write import new_object, patched
from connectors.vocabulary.changes import Written
from connectors.vocabulary.errors import (
    AlreadyExists,
    CalendarGone,
    ChangedMeanwhile,
    ConnectorError,
    Forbidden,
    ObjectGone,
    ObjectRefused,
    ServerFault,
    StorageFull,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.dav.wire import Wire
    from connectors.http import Answer
    from connectors.vocabulary.events import CalendarObject, EventDraft, OwnFields

_CALENDAR_TYPE = "text/calendar; charset=utf-8"
_DONE = frozenset({200, 201, 204})
_GONE = frozenset({404, 410})
_FORBIDDEN, _CONFLICT, _PRECONDITION_FAILED = 403, 409, 412
_NO_ROOM = frozenset({"quota-not-exceeded", "sufficient-disk-space"})
# RFC 4791, section 5.3.2.1; the words complete "does not accept this event (…)".
_REFUSALS = {
    "supported-calendar-data": "it takes no such data",
    "valid-calendar-data": "it cannot read it",
    "valid-calendar-object-resource": "it finds it contradictory",
    "supported-calendar-component": "this calendar is not for events",
    "no-uid-conflict": "another event has its id",
    "max-resource-size": "it is too large",
    "min-date-time": "it lies too far back",
    "max-date-time": "it lies too far ahead",
    "max-instances": "it repeats too often",
    "max-attendees-per-instance": "it has too many guests",
    "calendar-collection-location-ok": "it belongs somewhere else",
}


class DavCalendar(DavReader):
    """A calendar that can be written, too; see `connectors.vocabulary.protocols.Calendar`."""

    def __init__(
        self,
        wire: Wire,
        remote_id: str,
        manners: Manners,
        owners: frozenset[str] = frozenset(),
        *,
        before_write: Callable[[], None] = lambda: None,
    ) -> None:
        """Make no request.

        Args:
            wire: of the account.
            remote_id: the collection's full address.
            manners: kept by the account; changed here.
            owners: addresses of the person signed in, in lower case.
            before_write: called right before each write leaves.
        """
        super().__init__(wire, remote_id, manners, owners)
        self._before_write = before_write

    def where_created(self, draft: EventDraft) -> str:
        """Give the href at which `create` stores this draft: the collection's path, the UID, ".ics"."""
        return urlsplit(self._address).path + quote(draft.uid, safe="@") + ".ics"

    def create(self, draft: EventDraft) -> Written:
        """Store a new event, only if nothing is there yet.

        Raises:
            AlreadyExists: something is at this place, or has this UID in this calendar.
            ObjectRefused, StorageFull, Forbidden, CalendarGone: as they say.
        """
        href = self.where_created(draft)
        try:
            text = new_object(draft, now=self._wire.now())
        except Unreadable as cause:
            raise ObjectRefused(self._name, reason=cause.reason) from cause
        answer = self._put(href, text, {"if-none-match": "*"})
        if answer.status_code in _DONE:
            return self._written(href, answer)
        names = preconditions(answer)
        if "no-uid-conflict" in names or (answer.status_code == _PRECONDITION_FAILED and not names):
            raise AlreadyExists(self._name)
        if answer.status_code in _GONE or (answer.status_code == _CONFLICT and not names):
            raise CalendarGone(self._name)  # RFC 4918, section 9.7.1: 409 says that the parent is not there
        raise self._refusal(answer, names)

    def update(self, original: CalendarObject, fields: OwnFields) -> Written:
        """Change only the given fields of that object.

        Raises:
            ChangedMeanwhile: it is no longer the object that was read.
            ObjectGone: it is no longer there.
            ObjectRefused, StorageFull, Forbidden, CalendarGone: as they say.
        """
        try:
            text = patched(original.body, fields, now=self._wire.now())
        except Unreadable as cause:
            raise ObjectRefused(self._name, reason=cause.reason) from cause
        answer = self._put(original.href, text, self._condition(original))
        if answer.status_code in _DONE:
            return self._written(original.href, answer)
        names = preconditions(answer)
        if answer.status_code in _GONE or (answer.status_code in {_CONFLICT, _PRECONDITION_FAILED} and not names):
            self._require_alive()
            if answer.status_code in _GONE or not self._is_there(original.href):
                raise ObjectGone(self._name)
            raise ChangedMeanwhile(self._name)
        raise self._refusal(answer, names)

    def delete(self, original: CalendarObject) -> None:
        """Remove that object; already gone is success.

        Raises:
            ChangedMeanwhile: it is no longer the object that was read.
            Forbidden: this account may not.
        """
        try:
            condition = self._condition(original)
        except ObjectGone:
            return
        self._before_write()
        answer = self._wire.request("DELETE", self._url(original.href), headers=condition)
        if answer.status_code in _DONE or answer.status_code in _GONE:
            self._require_no_page(answer)
            return
        names = preconditions(answer)
        if answer.status_code in {_CONFLICT, _PRECONDITION_FAILED} and not names:
            if self._is_there(original.href):
                raise ChangedMeanwhile(self._name)
            return
        raise self._refusal(answer, names)

    def _put(self, href: str, text: str, condition: dict[str, str]) -> Answer:
        headers = {"content-type": _CALENDAR_TYPE, **condition}
        self._before_write()
        return self._wire.request("PUT", self._url(href), text.encode(), headers=headers)

    def _condition(self, original: CalendarObject) -> dict[str, str]:
        """Give the If-Match header; without a strong etag, look whether it is still the object that was read.

        Raises:
            ChangedMeanwhile, ObjectGone: it is not.
        """
        if is_strong(original.etag):
            return {"if-match": f'"{original.etag}"'}
        answer = self._wire.request("GET", self._url(original.href))
        if answer.status_code in _GONE:
            raise ObjectGone(self._name)
        if answer.status_code != httpx.codes.OK:
            raise ServerFault(self._host, reason=f"it answered {answer.status_code} to a question about an event")
        if not is_same_text(answer.content.decode("utf-8", errors="replace"), original.body):
            raise ChangedMeanwhile(self._name)
        etag = etag_of(answer.headers.get("etag"))
        return {"if-match": f'"{etag}"'} if is_strong(etag) else {}

    def _is_there(self, href: str) -> bool:
        return self._wire.request("HEAD", self._url(href)).status_code not in _GONE

    def _written(self, href: str, answer: Answer) -> Written:
        self._require_no_page(answer)
        etag = etag_of(answer.headers.get("etag"))
        return Written(href, key_of(href, self._address), etag if is_strong(etag) else None)

    def _require_no_page(self, answer: Answer) -> None:
        """A sign-in page of a hotel answers 200 to anything (RFC 4791 servers answer a write with no page)."""
        if answer.status_code == httpx.codes.OK and answer.headers.get("content-type", "").startswith("text/html"):
            raise ServerFault(self._host, reason="a web page came instead of an answer")

    def _refusal(self, answer: Answer, names: tuple[str, ...]) -> ConnectorError:
        """Translate a write that did not go through."""
        if _NO_ROOM & set(names):
            return StorageFull(self._host)
        reason = next((words for name, words in _REFUSALS.items() if name in names), None)
        if reason is None and answer.status_code in {_FORBIDDEN, httpx.codes.METHOD_NOT_ALLOWED}:
            return Forbidden(self._host)
        if answer.status_code < httpx.codes.BAD_REQUEST:
            return ServerFault(self._host, reason=f"it answered {answer.status_code} to a change")
        return ObjectRefused(self._name, reason=reason or f"it answered {answer.status_code}")


__all__ = ["DavCalendar", "Manners"]
