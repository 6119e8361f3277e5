"""The model calendar server behind the Protocols of a calendar account. Each request goes over the network.

Behaves as the CalDAV connector does: a dead token reads everything, a write without a strong etag looks first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from connectors.vocabulary.accounts import Access, CalendarInfo, Identity
from connectors.vocabulary.changes import Cursor, Fetched, Page, Written
from connectors.vocabulary.errors import ChangedMeanwhile, ObjectGone
from connectors.vocabulary.events import CalendarObject, EventDraft, OwnFields
from tests.simulation.world.calendar_server import ENGINE, CalendarServer, Stored
from tests.simulation.world.network import Network
from tests.simulation.world.texts import events_of, new_text, patched

_KIND = "model"


class ModelAccount:
    """One sign-in at one model server."""

    def __init__(
        self,
        server: CalendarServer,
        network: Network,
        read_until: dict[str, str],
        readings: dict[str, list[datetime]],
    ) -> None:
        """Sign in.

        Args:
            server, network: where, and the way there.
            read_until: is told the token with which a reading of a collection ended.
            readings: is told when those readings began that came to their end.
        """
        self._server, self._network, self._read_until, self._readings = server, network, read_until, readings

    def identify(self) -> Identity:
        return Identity(f"https://{self._server.name}.example", "/anna/", f"anna at {self._server.name}")

    def calendars(self) -> Sequence[CalendarInfo]:
        return [CalendarInfo(one.remote_id, one.name, Access.WRITE) for one in self._server.collections.values()]

    def reader(self, remote_id: str) -> ModelCalendar:
        return ModelCalendar(self._server, self._network, remote_id, self._read_until, self._readings)

    def calendar(self, remote_id: str, *, before_write: Callable[[], None] = lambda: None) -> ModelCalendar:
        there = (self._server, self._network, remote_id, self._read_until, self._readings)
        return ModelCalendar(*there, before_write=before_write)


class ModelCalendar:
    """One calendar, read and written."""

    def __init__(
        self,
        server: CalendarServer,
        network: Network,
        remote_id: str,
        read_until: dict[str, str],
        readings: dict[str, list[datetime]],
        *,
        before_write: Callable[[], None] = lambda: None,
    ) -> None:
        self._server, self._network, self._id, self._before_write = server, network, remote_id, before_write
        self._read_until, self._readings = read_until, readings

    def changes(self, since: Cursor | None, known: Mapping[str, str | None]) -> Iterator[Page]:
        began = self._network.clock.at
        for page in self._changes(since, known):
            yield page
            if page.cursor is not None:
                # Only when somebody asks for what comes after it, the page was taken in.
                self._read_until[self._id] = page.cursor.token
        self._readings.setdefault(self._id, []).append(began)

    def _changes(self, since: Cursor | None, known: Mapping[str, str | None]) -> Iterator[Page]:
        server, found = self._server, None
        if since is not None and since.kind == _KIND:
            found = self._read("pull", lambda: server.since(self._id, since.token))
        if found is not None and since is not None:
            changed, removed, token = found
            if not changed and not removed and token == since.token:
                yield Page(unchanged=True)
                return
            missing = yield from self._pages(changed, known)
            yield Page(removed=tuple(dict.fromkeys([*removed, *missing])), cursor=Cursor(_KIND, token))
            return
        listed, token = self._read("pull", lambda: server.listing(self._id, by=self._network.wires.device))
        missing = yield from self._pages(listed, known)
        yield Page(listed=frozenset(listed.keys() - set(missing)), cursor=Cursor(_KIND, token))

    def _pages(self, listed: Mapping[str, str | None], known: Mapping[str, str | None]) -> Iterator[Page]:
        """Give pages of what is not known; gives back the keys that vanished since they were listed."""
        wanted = [key for key, etag in listed.items() if etag is None or known.get(key) != etag]
        missing: list[str] = []
        for start in range(0, len(wanted), self._server.manners.page):
            part = wanted[start : start + self._server.manners.page]
            found = self._read("page", lambda part=part: self._server.get(self._id, part))
            self._network.wires.looked(self._id, part, set(found))
            missing += [key for key in part if key not in found]
            yield Page(objects=tuple(self._object(one) for one in found.values()))
        return missing

    def fetch(self, hrefs: Sequence[str]) -> Fetched:
        wanted = list(dict.fromkeys(hrefs))
        found = self._read("look", lambda: self._server.get(self._id, wanted))
        self._network.wires.looked(self._id, wanted, set(found))
        return Fetched(
            objects=tuple(self._object(one) for one in found.values()),
            missing=tuple(key for key in wanted if key not in found),
        )

    def where_created(self, draft: EventDraft) -> str:
        return f"{self._id}{draft.uid}.ics"

    def create(self, draft: EventDraft) -> Written:
        key, text = self.where_created(draft), new_text(draft)
        self._before_write()
        with self._network.wires.write(self._id, key):
            stored = self._write("create", lambda: self._server.create(self._id, key, text, by=ENGINE))
        return self._written(stored)

    def update(self, original: CalendarObject, fields: OwnFields) -> Written:
        text, condition = patched(original.body, fields), self._condition(original)
        self._before_write()
        with self._network.wires.write(self._id, original.href, condition):
            stored = self._write(
                "update",
                lambda: self._server.update(
                    self._id, original.href, text, if_match=condition, over=original.body, by=ENGINE
                ),
            )
        return self._written(stored)

    def delete(self, original: CalendarObject) -> None:
        try:
            condition = self._condition(original)
        except ObjectGone:
            return
        self._before_write()
        with self._network.wires.write(self._id, original.href, condition, settles=True):
            self._write(
                "delete",
                lambda: self._server.delete(self._id, original.href, if_match=condition, over=original.body, by=ENGINE),
            )

    def _condition(self, original: CalendarObject) -> str | None:
        """Give the etag for If-Match; without a strong one look whether it is still what was read."""
        if original.etag is not None and not original.etag.startswith("W/"):
            return original.etag
        found = self._read("condition", lambda: self._server.get(self._id, [original.href]))
        if original.href not in found:
            raise ObjectGone(self._server.name)
        if found[original.href].body != original.body:
            raise ChangedMeanwhile(self._server.name)
        return None

    def _written(self, stored: Stored) -> Written:
        etag = self._server.etag_shown(stored)
        is_strong = etag is not None and not etag.startswith("W/")
        return Written(stored.key, stored.key, etag if is_strong else None)

    def _object(self, one: Stored) -> CalendarObject:
        return CalendarObject(one.key, one.key, self._server.etag_shown(one), events_of(one.body), one.body)

    def _read(self, step: str, ask: Callable[[], object]):  # type: ignore[no-untyped-def]
        return self._network.call(self._id, step, ask)

    def _write(self, step: str, ask: Callable[[], object]):  # type: ignore[no-untyped-def]
        return self._network.call(self._id, step, ask, is_write=True)
