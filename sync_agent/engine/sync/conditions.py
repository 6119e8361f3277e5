"""Servers that take a stale write, or whose ETags do not tell one version from another: found out once, then handled.

There each object is read right before it is written or deleted and compared with what the write was planned from. What
was there is kept in the journal row, as with every write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog

from connectors.vocabulary.errors import (
    AlreadyExists,
    AnswerLost,
    ChangedMeanwhile,
    ConnectorError,
    LeaseLost,
    ObjectGone,
    ObjectRefused,
    ServerFault,
)
from connectors.vocabulary.events import CalendarObject, EventDraft, OwnFields
from sync_agent.engine.ids import uuid7
from sync_agent.engine.store.journal import Intent
from sync_agent.engine.values import Verb

if TYPE_CHECKING:
    from connectors.vocabulary.changes import Cursor, Fetched, Page, Written
    from connectors.vocabulary.protocols import Calendar
    from sync_agent.engine.clock import Clock
    from sync_agent.engine.store.mirror import MirrorRow
    from sync_agent.engine.store.store import Store
    from sync_agent.engine.values import Account, CalendarRow

log = structlog.get_logger()

CONDITIONS, ETAGS = "conditions", "etags"
HEEDED, IGNORED = "heeded", "ignored"
REPEATED, MISSING = "repeated", "missing"

ASKED_AFTER = timedelta(hours=1)
"""So long after it was connected an account is asked, right after the next event was made there."""

_NEVER = "tutorsync-no-such-version"
_CAUSE = "conditions:"


def is_weak(account: Account) -> bool:
    """Whether a condition at this account's server protects nobody: it must be looked before each write."""
    return account.quirks.get(CONDITIONS) == IGNORED or account.quirks.get(ETAGS) == REPEATED


def may_be_overwritten(account: Account) -> bool:
    """Whether a copy of an old write may go through there: it is not known that the server checks conditions."""
    return account.quirks.get(CONDITIONS) != HEEDED or ETAGS in account.quirks


def etag_quirk(before: MirrorRow | None, etag: str | None, fields: Mapping[str, Any]) -> str | None:
    """Say what is odd about the ETag of an object of ours as it is read; None if it is as it should be. Pure.

    Args:
        before: how it was read before.
        etag: as now read.
        fields: what it now says, as the mirror keeps it.
    """
    if etag is None or etag.startswith("W/"):
        return MISSING
    if before is None or before.gone_at is not None or before.etag != etag:
        return None
    old, new = ({name: said[0] for name, said in one.get("groups", {}).items()} for one in (before.fields, fields))
    return REPEATED if old and old != new else None


def is_question(intent: Intent) -> bool:
    """Whether a row only asks whether conditions are heeded: it writes an event as it is, and changes nothing of it."""
    return intent.cause.startswith(_CAUSE)


def careful(remote: Calendar, account: Account) -> Calendar:
    """Give the way to a calendar as its server needs it: as it is, or with a look before each write."""
    if not is_weak(account):
        return remote
    return CarefulCalendar(remote, account.name, trusts_etags=account.quirks.get(ETAGS) != REPEATED)


class CarefulCalendar:
    """A calendar whose server checks no condition: each write looks first, and goes only onto what was read.

    The moment between look and write stays open; whatever is done in it cannot be known here.
    """

    def __init__(self, remote: Calendar, name: str, *, trusts_etags: bool) -> None:
        self._remote, self._name, self._trusts_etags = remote, name, trusts_etags

    def changes(self, since: Cursor | None, known: Mapping[str, str | None]) -> Iterator[Page]:
        """Read what changed; where ETags repeat, a known one says nothing, and everything that is named is fetched."""
        return self._remote.changes(since, known if self._trusts_etags else {})

    def fetch(self, hrefs: Sequence[str]) -> Fetched:
        """Look as always."""
        return self._remote.fetch(hrefs)

    def where_created(self, draft: EventDraft) -> str:
        """Say as always where a draft goes."""
        return self._remote.where_created(draft)

    def create(self, draft: EventDraft) -> Written:
        """Store a new event, if nothing is there yet.

        Raises:
            AlreadyExists: something is there; and whatever the calendar raises.
        """
        if self._remote.fetch([self._remote.where_created(draft)]).objects:
            raise AlreadyExists(self._name)
        return self._remote.create(draft)

    def update(self, original: CalendarObject, fields: OwnFields) -> Written:
        """Change the given fields of that very object.

        Raises:
            ChangedMeanwhile, ObjectGone: it is no longer what was read; and whatever the calendar raises.
        """
        self._require_same(original)
        return self._remote.update(original, fields)

    def delete(self, original: CalendarObject) -> None:
        """Remove that very object; already gone is success.

        Raises:
            ChangedMeanwhile: it is no longer what was read; and whatever the calendar raises.
        """
        try:
            self._require_same(original)
        except ObjectGone:
            return
        self._remote.delete(original)

    def _require_same(self, original: CalendarObject) -> None:
        found = self._remote.fetch([original.href])
        if not found.objects:
            raise ObjectGone(self._name)
        if found.objects[0].body != original.body:
            raise ChangedMeanwhile(self._name)


class Examiner:
    """Finds out, once for each account, whether its server heeds conditions."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._asked: set[str] = set()

    def examine(self, account: Account, calendar: CalendarRow, remote: Calendar, written: Sequence[Intent]) -> None:
        """Write an event that was just made once more, as it is, onto a version that never was.

        Only in an account that was not asked yet. A server that refuses heeds conditions; nobody but us knows the event
        yet, so one that does not does no harm. The row stands in the journal like that of any write.

        Raises:
            ConnectorError: nobody knows yet; it is asked again another time.
        """
        now = self._clock.now()
        is_known = CONDITIONS in account.quirks or account.id in self._asked
        if is_known or now - account.created_at < ASKED_AFTER:
            return
        made = next((one for one in reversed(written) if one.verb is Verb.CREATE), None)
        row = self._object_of(calendar, made) if made is not None else None
        if made is None or row is None:
            return
        self._asked.add(account.id)
        intent = _intent(account, calendar, row, made, now)
        with self._store.write() as connection:
            self._store.journal.send(connection, intent)
        never = CalendarObject(row.href, row.key, _NEVER, (), row.body)
        try:
            remote.update(never, OwnFields())
        except ChangedMeanwhile:
            self._note(account, intent, HEEDED)
        except (AnswerLost, ServerFault):
            with self._store.write() as connection:
                self._store.journal.close(connection, intent.id, "unknown")
                # It may still arrive, and is our echo then, whatever happened to the event in between.
                self._store.journal.remember_echo(connection, intent, made.values, self._clock.now())
            raise
        except ConnectorError as error:
            with self._store.write() as connection:
                self._store.journal.close(connection, intent.id, "given_up")
            if not isinstance(error, LeaseLost | ObjectGone | ObjectRefused):
                raise
        else:
            self._note(account, intent, IGNORED, looked_at=row.key)
            log.warning("account.weak", account=account.id)

    def _object_of(self, calendar: CalendarRow, made: Intent) -> MirrorRow | None:
        """Give the event that a row made, if it was read back and nothing else is under way with it."""
        with self._store.read() as connection:
            links = self._store.links.by_ids(connection, [made.link] if made.link else [])
            objects = [row.link.obj for row in links.values() if row.link.obj is not None]
            found = list(self._store.mirror.by_ids(connection, objects).values())
            is_blocked = made.link in self._store.journal.blocked_links(connection)
        is_settled = bool(found) and found[0].gone_at is None and not found[0].refetch and found[0].shape == "single"
        if is_blocked or not is_settled or found[0].calendar != calendar.id:
            return None
        return found[0] if found[0].etag is not None and not found[0].etag.startswith("W/") else None

    def _note(self, account: Account, intent: Intent, found: str, *, looked_at: str = "") -> None:
        with self._store.write() as connection:
            self._store.journal.close(connection, intent.id, "given_up" if found == HEEDED else "settled")
            self._store.accounts.note_quirk(connection, account.id, CONDITIONS, found)
            if looked_at and intent.calendar is not None:
                self._store.mirror.mark_refetch(connection, intent.calendar, [looked_at])


def _intent(account: Account, calendar: CalendarRow, row: MirrorRow, like: Intent, now: datetime) -> Intent:
    return Intent(
        id=uuid7(now),
        obj_key=f"{calendar.id}/{row.key}",
        account=account.id,
        calendar=calendar.id,
        session=like.session,
        link=like.link,
        verb=Verb.UPDATE,
        href=row.href,
        fields={},
        if_match=_NEVER,
        before=row.body,
        cause=f"{_CAUSE}{account.id}",
        state="sent",
        sent_at=now,
    )
