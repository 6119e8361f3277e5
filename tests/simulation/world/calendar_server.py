"""A model calendar server: collections, objects with etags, tombstones, a log of changes, and its manners.

Knows who wrote what: "engine" or a person. What its rules let happen to a person's words is told to `watch`.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.vocabulary.errors import AlreadyExists, CalendarGone, ChangedMeanwhile, Forbidden, ObjectGone
from tests.simulation.world.clock import WorldClock
from tests.simulation.world.texts import raw_of, spelled

ENGINE = "engine"
CUT_AT = 200


@dataclass(frozen=True, slots=True)
class Manners:
    """How a server behaves.

    Attributes:
        rewrites: "cut", "escape", "count", "html", "zone", "spaces", "unmark".
        etag: "strong", "none", "weak", "content" (the same again for the same text).
        honours: whether it heeds preconditions.
        uid_unique: where a UID may stand once: "calendar", "account", or "" (anywhere).
        keeps_tombstones: it refuses a name that was deleted.
        visible_after: so late a new object shows in listings and batches.
        has_tokens: it knows what changed since; else it lists all etags.
        page: so many objects come at once.
    """

    rewrites: tuple[str, ...] = ()
    etag: str = "strong"
    honours: bool = True
    uid_unique: str = "calendar"
    keeps_tombstones: bool = False
    visible_after: timedelta = timedelta(0)
    has_tokens: bool = True
    page: int = 3

    @property
    def is_weak(self) -> bool:
        """Whether a stale write can overwrite something there."""
        return not self.honours or self.etag in ("none", "weak")


@dataclass(frozen=True, slots=True)
class Stored:
    """One object as it lies there."""

    key: str
    body: str
    etag: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Touch:
    """One change of one object, told to whoever watches.

    Attributes:
        after: None for a deletion.
        sent: the text before the server rewrote it.
        is_stale: the engine wrote over something that it had not read.
    """

    collection: str
    key: str
    by: str
    before: Stored | None
    after: Stored | None
    sent: str
    is_stale: bool


@dataclass(slots=True)
class Collection:
    """One calendar.

    Attributes:
        log: (number, key, when) of every change, oldest first.
        generation: changes when tokens die.
        state: "ok", "gone", "readonly".
        empty_once: the next listing wrongly says that there is nothing.
        denied: by device what such a listing left out, as long as nothing else tells it of that.
    """

    remote_id: str
    name: str
    objects: dict[str, Stored] = field(default_factory=dict)
    tombstones: dict[str, Stored] = field(default_factory=dict)
    log: list[tuple[int, str, datetime]] = field(default_factory=list)
    generation: int = 0
    state: str = "ok"
    empty_once: bool = False
    denied: dict[str, set[str]] = field(default_factory=dict)


class CalendarServer:
    """One account's calendars."""

    def __init__(self, name: str, manners: Manners, clock: WorldClock, watch: Callable[[Touch], None]) -> None:
        self.name, self.manners, self._clock, self._watch = name, manners, clock, watch
        self.collections: dict[str, Collection] = {}
        self._number = 0

    def add_collection(self, name: str) -> Collection:
        made = Collection(f"/{self.name}/{name}/", name)
        self.collections[made.remote_id] = made
        return made

    def collection(self, remote_id: str) -> Collection:
        """Give a collection as a request finds it.

        Raises:
            CalendarGone.
        """
        found = self.collections.get(remote_id)
        if found is None or found.state == "gone":
            raise CalendarGone(self.name)
        return found

    # Reading ---------------------------------------------------------------------------------------------------------

    def listing(self, remote_id: str, *, by: str = "") -> tuple[dict[str, str | None], str]:
        """Give key to etag of all that shows, and a token, to one device."""
        found = self.collection(remote_id)
        token = self._token(found, len(found.log))
        if found.empty_once:
            found.empty_once, found.denied[by] = False, set(found.objects)
            return {}, token
        found.denied.pop(by, None)
        shown = {key: self.etag_shown(one) for key, one in found.objects.items() if self._shows(one)}
        hidden = [number for number, key, _ in found.log if key in found.objects and key not in shown]
        return shown, self._token(found, min(hidden) - 1 if hidden else len(found.log))

    def since(self, remote_id: str, token: str) -> tuple[dict[str, str | None], list[str], str] | None:
        """Give what changed, what is gone, and a new token; None if the token is dead."""
        found = self.collection(remote_id)
        generation, _, number = token.partition(":")
        if int(generation) != found.generation or not self.manners.has_tokens:
            return None
        keys: dict[str, None] = {}
        reached = int(number)
        for position, key, _ in found.log[int(number) :]:
            one = found.objects.get(key)
            if one is not None and not self._shows(one):
                break
            keys[key] = None
            reached = position
        changed = {key: self.etag_shown(found.objects[key]) for key in keys if key in found.objects}
        return changed, [key for key in keys if key not in found.objects], self._token(found, reached)

    def get(self, remote_id: str, keys: list[str]) -> dict[str, Stored]:
        """Give some objects; what does not show is left out."""
        found = self.collection(remote_id)
        return {key: one for key in keys if (one := found.objects.get(key)) is not None and self._shows(one)}

    def etag_shown(self, one: Stored) -> str | None:
        match self.manners.etag:
            case "none":
                return None
            case "weak":
                return f"W/{one.etag}"
            case _:
                return one.etag

    # Writing ---------------------------------------------------------------------------------------------------------

    def create(self, remote_id: str, key: str, body: str, *, by: str, made_at: datetime | None = None) -> Stored:
        """Store something new, or what was made elsewhere before (`made_at`).

        Raises:
            AlreadyExists, CalendarGone, Forbidden.
        """
        found = self._writable(remote_id, by)
        uid = raw_of(body)["uid"]
        there = found.objects.get(key)
        if there is not None and (self.manners.honours or by != ENGINE):
            raise AlreadyExists(self.name)
        if by == ENGINE and self.manners.keeps_tombstones and key in found.tombstones:
            raise AlreadyExists(self.name)
        if self._uid_is_taken(found, uid, key):
            raise AlreadyExists(self.name)
        return self._store(found, key, body, by=by, is_stale=there is not None, new_at=made_at)

    def update(
        self, remote_id: str, key: str, body: str, *, if_match: str | None = None, over: str = "", by: str
    ) -> Stored:
        """Replace what is there.

        Args:
            remote_id, key, body: what and where.
            if_match: None: without a condition.
            over: the text that an engine read before.
            by: who.

        Raises:
            ChangedMeanwhile, ObjectGone, CalendarGone, Forbidden.
        """
        found = self._writable(remote_id, by)
        there = found.objects.get(key)
        if there is None:
            raise ObjectGone(self.name)
        if if_match is not None and if_match != there.etag and self.manners.honours:
            raise ChangedMeanwhile(self.name)
        return self._store(found, key, body, by=by, is_stale=by == ENGINE and over != there.body)

    def delete(self, remote_id: str, key: str, *, if_match: str | None = None, over: str = "", by: str) -> None:
        """Remove something; already gone is success.

        Raises:
            ChangedMeanwhile, CalendarGone, Forbidden.
        """
        found = self._writable(remote_id, by)
        there = found.objects.get(key)
        if there is None:
            return
        if if_match is not None and if_match != there.etag and self.manners.honours:
            raise ChangedMeanwhile(self.name)
        del found.objects[key]
        found.tombstones[key] = there
        found.log.append((len(found.log) + 1, key, self._clock.at))
        self._watch(Touch(remote_id, key, by, there, None, "", by == ENGINE and over != there.body))

    def rewritten(self, body: str) -> str:
        """Give a text as this server stores it. Storing what is stored changes only what it counts."""
        raw = raw_of(body)
        if "html" in self.manners.rewrites:
            raw["description"] = _plain(raw["description"])
        for manner in self.manners.rewrites:
            match manner:
                case "cut":
                    raw["summary"] = raw["summary"][:CUT_AT]
                case "escape":
                    for name in ("summary", "location", "description"):
                        raw[name] = html.escape(html.unescape(raw[name]), quote=False)
                case "count":
                    raw["counter"] += 1
                case "html" if raw["description"]:
                    raw["description"] = f"<html>\n{_plain(raw['description'])}\n</html>"
                case "zone" if raw["when"]["kind"] == "zoned":
                    raw["when"]["tzid"] = f"Zone of {raw['when']['zone']}"
                case "spaces":
                    raw["summary"] = re.sub(" +", " ", raw["summary"])
                case "unmark":
                    raw["marker"] = None
                case _:
                    pass
        return spelled(raw)

    def _store(
        self, found: Collection, key: str, body: str, *, by: str, is_stale: bool, new_at: datetime | None = None
    ) -> Stored:
        before = found.objects.get(key)
        text = self.rewritten(body)
        made_by, made_at = (before.made_by, before.made_at) if before else (by, new_at or self._clock.at)
        stored = Stored(key, text, self._next_etag(text), made_by, made_at)
        found.objects[key] = stored
        for denied in found.denied.values():
            denied.discard(key)
        found.log.append((len(found.log) + 1, key, self._clock.at))
        self._watch(Touch(found.remote_id, key, by, before, stored, body, is_stale))
        return stored

    def _next_etag(self, text: str) -> str:
        if self.manners.etag == "content":
            return hashlib.sha256(text.encode()).hexdigest()[:16]
        self._number += 1
        return f"e{self._number}"

    def _writable(self, remote_id: str, by: str) -> Collection:
        found = self.collection(remote_id)
        if found.state == "readonly" and by == ENGINE:
            raise Forbidden(self.name)
        return found

    def _uid_is_taken(self, found: Collection, uid: str, key: str) -> bool:
        if not self.manners.uid_unique:
            return False
        where = [found] if self.manners.uid_unique == "calendar" else self.collections.values()
        return any(
            raw_of(one.body)["uid"] == uid for place in where for other, one in place.objects.items() if other != key
        )

    def _shows(self, one: Stored) -> bool:
        return self._clock.at >= one.made_at + self.manners.visible_after

    def _token(self, found: Collection, number: int) -> str:
        return f"{found.generation}:{number}"


def _plain(text: str) -> str:
    return text.removeprefix("<html>\n").removesuffix("\n</html>")
