"""A model platform: sessions with versions, a feed numbered at commit with an epoch, keys that expire, lost access."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.vocabulary.accounts import Identity
from connectors.vocabulary.changes import Cursor
from connectors.vocabulary.errors import AlreadyExists, ChangedMeanwhile, FeatureMissing, ObjectGone, ObjectRefused
from connectors.vocabulary.leases import Lease, Leases, LinkRecord, LinkStates, Start
from connectors.vocabulary.sessions import FeedPage, Origin, SessionRecord, StudentRecord
from tests.simulation.world.clock import WorldClock
from tests.simulation.world.leases import LeaseServer
from tests.simulation.world.network import Network

KEYS_KEPT = timedelta(hours=24)
_KIND = "model-feed"
_PAGE = 3
_AHEAD_AT_MOST = timedelta(minutes=5)
GROUPS: Mapping[str, tuple[str, ...]] = {
    "when": ("when",),
    "where": ("online", "place"),
    "title": ("title",),
    "notes": ("notes",),
    "status": ("status",),
    "subject": ("subject",),
    "students": ("students",),
    "chargeable": ("chargeable",),
}


class PlatformServer:
    """What the agency's platform holds of one tutor."""

    def __init__(self, clock: WorldClock, watch: Callable[[SessionRecord | None, SessionRecord, str], None]) -> None:
        self._clock, self._watch = clock, watch
        self.leases = LeaseServer(clock)
        self.has_leases = True
        self.records: dict[str, SessionRecord] = {}
        self.hidden: set[str] = set()
        self.feed: list[str] = []
        self.epoch = 0
        self._keys: dict[str, tuple[datetime, tuple[SessionRecord, int | None], SessionRecord]] = {}

    def edit(self, record: SessionRecord, groups: Sequence[str]) -> SessionRecord:
        """Let somebody in the office change or make a session; `record` has the new values."""
        now = self._clock.now()
        origin = Origin("office", "platform", "platform", now, now)
        before = self.records.get(record.id)
        origins = {**(before.origins if before else {}), **dict.fromkeys(groups, origin)}
        return self._store(replace(record, origins=origins), by="office")

    def hide(self, session_id: str, *, hidden: bool) -> None:
        """Take the tutor's access to a session away, or give it back."""
        (self.hidden.add if hidden else self.hidden.discard)(session_id)
        self.feed.append(session_id)

    def put(self, record: SessionRecord, *, if_version: int | None, key: str) -> SessionRecord:
        """Create or change a session for a device, as the Developer API does.

        Raises:
            AlreadyExists, ChangedMeanwhile, ObjectGone.
            ObjectRefused: its key is another request's.
        """
        now, wish = self._clock.now(), (record, if_version)
        known = self._keys.get(key)
        if known is not None and known[0] + KEYS_KEPT > now:
            if known[1] != wish:
                raise ObjectRefused("platform", reason="that key was used for another request")
            return known[2]
        before = self.records.get(record.id)
        if if_version is None and before is not None:
            raise AlreadyExists("platform")
        if if_version is not None and (before is None or record.id in self.hidden):
            raise ObjectGone("platform")
        if before is not None and before.version != if_version:
            raise ChangedMeanwhile("platform")
        stored = self._changed(before, record, now)
        self._keys[key] = (now, wish, stored)
        return stored

    def page(self, cursor: Cursor | None) -> FeedPage:
        """Give one page of the feed; a dead cursor starts a full listing."""
        if cursor is not None and cursor.kind == _KIND:
            kind, epoch, number, *start = cursor.token.split(":")
            if int(epoch) == self.epoch:
                return self._listed(int(number), int(start[0])) if kind == "full" else self._since(int(number))
        return self._listed(len(self.feed), 0)

    def visible(self, ids: Sequence[str]) -> list[SessionRecord]:
        return [self.records[one] for one in dict.fromkeys(ids) if one in self.records and one not in self.hidden]

    def _since(self, number: int) -> FeedPage:
        part = self.feed[number : number + _PAGE]
        reached = number + len(part)
        there = self.visible(part)
        return FeedPage(
            sessions=tuple(there),
            students=(),
            removed=tuple(one for one in dict.fromkeys(part) if one in self.hidden),
            cursor=Cursor(_KIND, f"feed:{self.epoch}:{reached}"),
            more=reached < len(self.feed),
        )

    def _listed(self, number: int, start: int) -> FeedPage:
        ids = sorted(self.records.keys() - self.hidden)
        part = ids[start : start + _PAGE]
        is_last = start + _PAGE >= len(ids)
        token = f"feed:{self.epoch}:{number}" if is_last else f"full:{self.epoch}:{number}:{start + _PAGE}"
        return FeedPage(tuple(self.visible(part)), (), (), Cursor(_KIND, token), full=True, more=not is_last)

    def _changed(self, before: SessionRecord | None, record: SessionRecord, now: datetime) -> SessionRecord:
        if before is None:
            return self._store(replace(record, version=0), by="engine")
        after = replace(record, version=before.version, origins=before.origins)
        if after == before:
            return before
        changed = [
            group for group, names in GROUPS.items() if any(getattr(before, n) != getattr(after, n) for n in names)
        ]
        given = {group: record.origins[group] for group in changed if group in record.origins}
        latest = now + _AHEAD_AT_MOST
        given = {group: one for group, one in given.items() if one.until <= latest}
        return self._store(replace(after, origins={**before.origins, **given}), by="engine")

    def _store(self, record: SessionRecord, *, by: str) -> SessionRecord:
        before = self.records.get(record.id)
        stored = replace(record, version=(before.version if before else 0) + 1)
        self.records[record.id] = stored
        self.feed.append(record.id)
        self._watch(before, stored, by)
        return stored


class ModelPlatform:
    """The platform as one device reaches it."""

    def __init__(
        self, server: PlatformServer, network: Network, device: str, readings: dict[str, list[datetime]]
    ) -> None:
        """Sign in.

        Args:
            server, network: where, and the way there.
            device: as the platform knows it.
            readings: is told when the feed was read to its end.
        """
        self._server, self._network, self._device, self._readings = server, network, device, readings

    def identify(self) -> Identity:
        return Identity("https://platform.example", "tenant-1/tutor-1", "the agency")

    def feed(self, since: Cursor | None, wait: timedelta) -> FeedPage:
        began = self._network.clock.at
        page = self._network.call("platform", "feed", lambda: self._server.page(since))
        if not page.more:
            self._readings.setdefault("platform", []).append(began)
        shown = [one.id for one in page.sessions]
        self._network.wires.looked("platform", shown, set(shown))
        return page

    def fetch(self, session_ids: Sequence[str]) -> Sequence[SessionRecord]:
        found = self._network.call("platform", "look", lambda: self._server.visible(session_ids))
        self._network.wires.looked("platform", list(session_ids), {one.id for one in found})
        return found

    def put(self, record: SessionRecord, *, if_version: int | None, key: str, at: datetime) -> SessionRecord:
        with self._network.wires.write("platform", record.id, str(if_version), settles=True):
            return self._network.call(
                "platform", "put", lambda: self._server.put(record, if_version=if_version, key=key), is_write=True
            )

    def put_student(self, student: StudentRecord, *, key: str) -> StudentRecord:
        return self._network.call("platform", "put", lambda: student, is_write=True)

    def lease(self, keys: Sequence[str], ttl: timedelta, start: Start) -> Leases:
        if not self._server.has_leases:
            raise FeatureMissing("platform", reason="it knows no leases")
        leases = self._server.leases
        return self._network.call("platform", "lease", lambda: leases.lease(self._device, keys, ttl, start))

    def release(self, leases: Sequence[Lease]) -> None:
        self._network.call("platform", "lease", lambda: self._server.leases.release(self._device, leases))

    def put_links(self, key: str, epoch: int, links: Sequence[LinkRecord]) -> None:
        if links:
            kept = self._server.leases
            self._network.call(
                "platform", "links", lambda: kept.put_links(self._device, key, epoch, links), is_write=True
            )

    def links(self, key: str, since: int = 0) -> LinkStates:
        return self._network.call("platform", "lease", lambda: self._server.leases.links(key, since))

    def origins_of(self, record: SessionRecord) -> Mapping[str, Origin]:
        return record.origins
