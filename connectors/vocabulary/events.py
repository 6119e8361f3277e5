"""Events as calendars hold them (RFC 5545), and the few fields of them that we write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.vocabulary.times import Moment, WallSpan


class EventStatus(StrEnum):
    """STATUS of an event (RFC 5545, section 3.8.1.11)."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Marker:
    """What we leave in an object of ours, so that any of our engines knows it again.

    Valid only if `uid` is the object's own: a copy made by "duplicate" carries the marker of its original.

    Attributes:
        tenant: installation or platform tenant that wrote it.
        session: the session's id.
        calendar: our id of the calendar it was written to.
        uid: the UID of the object it was written into.
        version: counts our writes to this object.
        hashes: field group name to a short hash of that group's words as last written.
    """

    tenant: str
    session: str
    calendar: str
    uid: str
    version: int
    hashes: tuple[tuple[str, str], ...] = ()


class DoubtCode(StrEnum):
    """What kind of thing was not understood.

    Attributes:
        UNREADABLE: a whole event: it is not there.
        ZONE_UNKNOWN: the zone of its time; the calendar's or the tutor's own stands in.
        END_UNREADABLE: how long it lasts; it is taken for a moment, or for one day.
        DATE_UNREADABLE: one of the dates of a series: it is left out.
    """

    UNREADABLE = "unreadable"
    ZONE_UNKNOWN = "zone_unknown"
    END_UNREADABLE = "end_unreadable"
    DATE_UNREADABLE = "date_unreadable"


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something in an object that was not understood, beside all that was.

    Attributes:
        code: of `DoubtCode`; whoever goes on with the event may have others.
        title: of the event, "" if it has none.
        starts: its start as spelled there ("20261105T150000 Mars/Olympus"), "" if there is none: nobody may know what
            instant that is.
        reason: half a sentence for people ("its time zone “Mars/Olympus” is not known").
        repeats: whether the event repeats, so that its first date says little.
    """

    code: str
    title: str
    starts: str
    reason: str
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One VEVENT: a single event, the master of a series, or an override (then `recurrence_id` is set).

    Attributes:
        start: DTSTART.
        end: DTEND as written, or derived from DURATION, or from nothing (a date: one day, else zero length).
        duration: exact (DTEND given, or DURATION in hours) or, for a whole-day event, in days.
        rrule: RRULE values as written (deprecated several are allowed), empty for a single event.
        opaque: False for TRANSP:TRANSPARENT.
        declined: True if the calendar's owner declined (PARTSTAT=DECLINED).
        url: URL; conference: first CONFERENCE (RFC 7986), "" if none.
    """

    uid: str
    start: Moment
    end: Moment
    duration: timedelta
    summary: str = ""
    location: str = ""
    description: str = ""
    url: str = ""
    conference: str = ""
    status: EventStatus = EventStatus.CONFIRMED
    opaque: bool = True
    declined: bool = False
    sequence: int = 0
    recurrence_id: Moment | None = None
    this_and_future: bool = False
    rrule: tuple[str, ...] = ()
    rdates: tuple[Moment, ...] = ()
    rdate_durations: tuple[timedelta | None, ...] = ()
    exdates: tuple[Moment, ...] = ()
    marker: Marker | None = None

    @property
    def is_recurring(self) -> bool:
        """Whether it is the master of a series."""
        return bool(self.rrule or self.rdates)

    @property
    def counts_as_busy(self) -> bool:
        """Whether it can block a slot: opaque, not cancelled, not declined."""
        return self.opaque and not self.declined and self.status is not EventStatus.CANCELLED

    @property
    def why_free(self) -> str:
        """Why it does not block, in one word: "cancelled", "declined", "transparent"; "" if it does."""
        if self.counts_as_busy:
            return ""
        if self.status is EventStatus.CANCELLED:
            return "cancelled"
        return "declined" if self.declined else "transparent"


@dataclass(frozen=True, slots=True)
class CalendarObject:
    """One stored object: a CalDAV resource, a Google or Graph event, or one UID of a feed.

    Attributes:
        href: the server's own spelling of where it is (an id for REST vendors); used for requests.
        key: normalised href; equal for every spelling of the same place.
        etag: as received without quotes (a weak one keeps its "W/"); None if the server gives none.
        events: master or single event first, then overrides. Empty: nothing in it that is an event.
        body: the original text byte for byte, so that a write changes only what we own.
        doubts: what in it was not understood.
    """

    href: str
    key: str
    etag: str | None
    events: tuple[Event, ...]
    body: str
    doubts: tuple[Doubt, ...] = ()

    @property
    def uid(self) -> str:
        """UID of the object; "" if it holds no event."""
        return self.events[0].uid if self.events else ""


@dataclass(frozen=True, slots=True)
class OwnFields:
    """The fields of an event that we own. None: leave it as it is; "": take it out.

    Attributes:
        description: whole text, the fenced block of ours included.
        conference: join link for CONFERENCE (RFC 7986, section 5.11).
        gives_up: our marker goes: from now on the event is somebody else's again.
        ends_before: of a series: what begins earlier stays as it is, and nothing begins from then on.
        whole: the object as it was before, in place of all that is there.
    """

    when: WallSpan | None = None
    summary: str | None = None
    location: str | None = None
    description: str | None = None
    url: str | None = None
    conference: str | None = None
    marker: Marker | None = None
    gives_up: bool = False
    ends_before: datetime | None = None
    whole: str | None = None


@dataclass(frozen=True, slots=True)
class EventDraft:
    """An event to be created.

    Attributes:
        uid: our own, stable across retries; also names the resource where the vendor lets us.
        fields: complete (`when` and `summary` are set).
        template: the object as it was before we deleted it, so that undo brings alarms and attendees back.
    """

    uid: str
    fields: OwnFields
    template: str | None = None
