"""The seams where the engine meets the outside. Every connector of a kind passes the same contract tests.

Terms. *href*: where the server keeps an object, in its own spelling. *key*: the same, normalised. *etag*: changes when
the object changes. *cursor*: where reading goes on. Every call may raise `Unreachable`, `AnswerLost` (writes),
`SignInRefused`, `Forbidden`, `Throttled`, `ServerFault`, `CertificateWrong`; what else it may raise stands at the call.
No call retries a refused sign-in, and none sleeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta

    from connectors.vocabulary.accounts import CalendarInfo, Identity
    from connectors.vocabulary.changes import Cursor, Fetched, Page, Written
    from connectors.vocabulary.events import CalendarObject, EventDraft, OwnFields
    from connectors.vocabulary.leases import Lease, Leases, LinkRecord, LinkStates, Start
    from connectors.vocabulary.meetings import Meeting, MeetingDraft
    from connectors.vocabulary.sessions import FeedPage, Origin, SessionRecord, StudentRecord


class CalendarReader(Protocol):
    """A calendar that can be read: a feed, or the reading half of a real one."""

    def changes(self, since: Cursor | None, known: Mapping[str, str | None]) -> Iterator[Page]:
        """Give what changed since the cursor, page by page (at most a few hundred objects each).

        Args:
            since: as last stored; None reads everything. A dead cursor is no error: it reads everything.
            known: key to etag of every object in the mirror, so that a full listing fetches only what differs.

        Raises:
            CalendarGone: the collection is not there.
            FeedBroken, FeedGone, TooLarge: a feed's answer that must not be believed.
        """
        ...


class Calendar(CalendarReader, Protocol):
    """A calendar that can be written, too. Several threads may write at once, each to another object."""

    def fetch(self, hrefs: Sequence[str]) -> Fetched:
        """Look directly at some objects, in batches.

        Raises:
            CalendarGone: the collection is not there, so nothing is known about the objects.
        """
        ...

    def create(self, draft: EventDraft) -> Written:
        """Store a new event, only if nothing is there yet (If-None-Match: *).

        Raises:
            AlreadyExists: something is there, alive or as a tombstone.
            ObjectRefused, StorageFull, CalendarGone.
        """
        ...

    def update(self, original: CalendarObject, fields: OwnFields) -> Written:
        """Change only the given fields of that object; everything else stays byte for byte (If-Match).

        Raises:
            ChangedMeanwhile: it is no longer the object that was read.
            ObjectGone: it is no longer there.
            ObjectRefused, StorageFull, CalendarGone.
        """
        ...

    def delete(self, original: CalendarObject) -> None:
        """Remove that object (If-Match). Already gone is success.

        Raises:
            ChangedMeanwhile: it is no longer the object that was read.
        """
        ...

    def where_created(self, draft: EventDraft) -> str:
        """Give the href at which `create` would store this draft, for looking after a lost answer."""
        ...


class CalendarAccount(Protocol):
    """One sign-in at one calendar vendor."""

    def identify(self) -> Identity:
        """Say who is signed in, by stable ids; asked before anything else."""
        ...

    def calendars(self) -> Sequence[CalendarInfo]:
        """List the calendars that hold events."""
        ...

    def reader(self, remote_id: str) -> CalendarReader:
        """Open one calendar for reading. No request is made."""
        ...

    def calendar(self, remote_id: str, *, before_write: Callable[[], None] = lambda: None) -> Calendar:
        """Open one calendar for reading and writing. No request is made.

        Args:
            remote_id: as it was listed.
            before_write: called right before each write leaves, after whatever had to be looked at for it; what it
                raises comes out of the write, and nothing was sent.

        Raises:
            FeatureMissing: this vendor is read only.
        """
        ...


class MeetingProvider(Protocol):
    """A conferencing vendor. None of them is trusted to know our keys: look, create, look again."""

    def identify(self) -> Identity:
        """Say whose host account it is."""
        ...

    def create(self, draft: MeetingDraft) -> Meeting:
        """Make a meeting. Not idempotent: after AnswerLost call `find`.

        Raises:
            FeatureMissing: the account's plan does not allow it.
        """
        ...

    def find(self, marker: str) -> Sequence[Meeting]:
        """Every upcoming meeting that carries exactly this marker, oldest first."""
        ...

    def fetch(self, remote_id: str) -> Meeting:
        """Read one meeting.

        Raises:
            ObjectGone: the vendor no longer knows it.
        """
        ...

    def update(self, remote_id: str, draft: MeetingDraft) -> Meeting:
        """Move or rename it; reads back what the vendor made of it.

        Raises:
            ObjectGone: the vendor no longer knows it.
        """
        ...

    def delete(self, remote_id: str) -> None:
        """Remove it; already gone is success."""
        ...


class Platform(Protocol):
    """The agency's platform: our own cloud API."""

    def identify(self) -> Identity:
        """Say which tutor this device is paired with; issuer is the platform's address, subject tenant and tutor."""
        ...

    def feed(self, since: Cursor | None, wait: timedelta) -> FeedPage:
        """Read the change feed; None, or a cursor that the platform no longer knows, starts a full listing.

        Args:
            since: as last stored.
            wait: how long the platform may keep the request when there is nothing (long poll).
        """
        ...

    def fetch(self, session_ids: Sequence[str]) -> Sequence[SessionRecord]:
        """Read some sessions directly; what is missing is not in the answer."""
        ...

    def put(self, record: SessionRecord, *, if_version: int | None, key: str, at: datetime) -> SessionRecord:
        """Create (`if_version` None) or change a session; gives it back as stored.

        Args:
            record: complete.
            if_version: the version that was read.
            key: Idempotency-Key: the journal row's id.
            at: this instant, for the origins.

        Raises:
            ChangedMeanwhile: another version is there.
            AlreadyExists: created before.
            ObjectRefused: the platform says why.
            ObjectGone: there is no such session for this device.
        """
        ...

    def put_student(self, student: StudentRecord, *, key: str) -> StudentRecord:
        """Tell the platform of a student who was entered here; one whom it knows stays as they are.

        Raises:
            ObjectRefused: the platform says why.
            AlreadyExists: the id is taken by somebody whom this device may not see.
        """
        ...

    def origins_of(self, record: SessionRecord) -> Mapping[str, Origin]:
        """Give the human edits behind a record's values, as far as the platform knows them."""
        ...

    def lease(self, keys: Sequence[str], ttl: timedelta, start: Start) -> Leases:
        """Take or renew as many of these leases as are free, expired or this device's already.

        To ask again is to renew: after a lost answer just ask. Without keys it only tells of the start.

        Args:
            keys: `calendar_key` of each calendar that this device would write to; at most 200.
            ttl: for how long from the platform's now; it grants 30 seconds to 15 minutes, to the only
                device of its tutor up to six hours.
            start: which start of which store asks. One that is not current gets none.

        Raises:
            FeatureMissing: a platform from before there were leases.
        """
        ...

    def release(self, leases: Sequence[Lease]) -> None:
        """Give leases back: at a disconnect, a change of role, the end of the program.

        One that is no longer this device's, or was renewed since, stays as it is: a release that arrives late takes
        nothing away.
        """
        ...

    def put_links(self, key: str, epoch: int, links: Sequence[LinkRecord]) -> None:
        """Tell what became of some links of a calendar; others stay as they are. No links: no request.

        A request that arrives late, after a newer one, changes nothing.

        Args:
            key: of the calendar.
            epoch: of the lease under which this was done.
            links: each replaces what was known of its session in this calendar.

        Raises:
            LeaseLost: the lease is not this device's any more, or has another epoch, or expired.
            ObjectRefused: the platform says why.
        """
        ...

    def links(self, key: str, since: int = 0) -> LinkStates:
        """Read the link states of a calendar, whoever holds its lease.

        Args:
            key: of the calendar; of one that nobody ever wrote to there are none.
            since: only what changed after this version of an earlier answer.
        """
        ...
