"""Our own cloud API behind the Protocol `Platform`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from connectors.http import open_client, send
from connectors.platform.errors import DeviceRefused, NotAPlatform, error_in
from connectors.platform.lease_words import LinksPage, leases_in, link_parts, links_page_in
from connectors.platform.pairing import normalised, pair
from connectors.platform.sign_in import AccessToken
from connectors.platform.words import record_in, student_in, wish_of
from connectors.vocabulary.accounts import Identity
from connectors.vocabulary.changes import Cursor
from connectors.vocabulary.errors import (
    AlreadyExists,
    ChangedMeanwhile,
    ConnectorError,
    CursorDead,
    FeatureMissing,
    LeaseLost,
    ObjectGone,
)
from connectors.vocabulary.leases import LinkStates
from connectors.vocabulary.protocols import Platform
from connectors.vocabulary.sessions import FeedPage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    import httpx

    from connectors.registry import Credentials
    from connectors.vocabulary.leases import Lease, Leases, LinkRecord, Start
    from connectors.vocabulary.sessions import Origin, SessionRecord, StudentRecord

__all__ = ["PlatformClient", "open_account", "pair"]

log = structlog.get_logger(__name__)

_CURSOR_KIND = "platform-feed"
_WAIT_AT_MOST = timedelta(seconds=60)
_BATCH = 50
_LINKS_PAGE = 200
# Our own write whose answer was lost may arrive between the look at the version and the write that names it.
_LINKS_TRIES = 3
_Read = TypeVar("_Read")


def open_account(credentials: Credentials) -> PlatformClient:
    """Open the platform that this device is paired with. Makes no request.

    Args:
        credentials: as `pair` gave them.
    """
    return PlatformClient(credentials)


class PlatformClient(Platform):
    """One paired device's view of its agency's platform. Any thread may use it."""

    def __init__(self, credentials: Credentials) -> None:
        self._base = normalised(credentials.base_url)
        self._settings = credentials.settings
        self._rules = credentials.rules
        self._client = open_client(credentials.rules)
        self._token = AccessToken(
            self._client,
            self._base,
            client_id=credentials.settings["client_id"],
            client_secret=credentials.secrets["client_secret"],
        )
        self._links_lock = Lock()
        self._links_versions: dict[str, int] = {}

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def identify(self) -> Identity:
        """Say which tutor this device is paired with; issuer is the platform's address, subject tenant and tutor.

        Raises:
            DeviceRefused: it is not paired any more, or its tutor is not there.
            NotAPlatform: something else answers at this address.
        """
        tutor_id = self._settings["tutor"]
        try:
            name = self._answer("GET", f"/api/tutors/{tutor_id}", lambda told: str(told["name"]))
        except ObjectGone as cause:
            raise DeviceRefused(self._client_host) from cause
        return Identity(self._base, f"{self._settings['tenant']}/{tutor_id}", name)

    def feed(self, since: Cursor | None, wait: timedelta) -> FeedPage:
        """Read the change feed; None, or a cursor that the platform no longer knows, starts a full listing.

        A page of a full listing has a cursor, too: go on with it while `more`.
        """
        if since is None or since.kind != _CURSOR_KIND:
            return self._page({})
        seconds = int(min(wait, _WAIT_AT_MOST).total_seconds())
        try:
            return self._page({"cursor": since.token, "wait": str(seconds)}, waits_s=seconds)
        except CursorDead:
            log.info("platform.cursor_dead")
            return replace(self._page({}), restarted=True)

    def fetch(self, session_ids: Sequence[str]) -> Sequence[SessionRecord]:
        """Read some sessions directly; what is missing is not in the answer."""
        found: list[SessionRecord] = []
        for start in range(0, len(session_ids), _BATCH):
            batch = session_ids[start : start + _BATCH]
            params = {"id": list(batch), "limit": str(_BATCH)}
            found += self._answer("GET", "/api/sessions", lambda told: _readable(told["data"]), params=params)
        return found

    def put(self, record: SessionRecord, *, if_version: int | None, key: str, at: datetime) -> SessionRecord:
        """Create (`if_version` None) or change a session; gives it back as stored.

        A change is sent as a patch of all fields that a device knows: what only the platform knows stays.

        Raises:
            ChangedMeanwhile: another version is there.
            AlreadyExists: created before.
            ObjectRefused: the platform says why.
            ObjectGone: there is no such session for this device.
        """
        wish = wish_of(record, tutor_id=self._settings["tutor"], at=at)
        path, headers = f"/api/sessions/{record.id}", {"Idempotency-Key": key}
        if if_version is not None:
            headers["If-Match"] = f'"{if_version}"'
            return self._answer("PATCH", path, record_in, json=wish, headers=headers)
        try:
            headers["If-None-Match"] = "*"
            return self._answer("PUT", path, record_in, json=wish, headers=headers)
        except ChangedMeanwhile as cause:
            raise AlreadyExists(self._client_host) from cause

    def put_student(self, student: StudentRecord, *, key: str) -> StudentRecord:
        """Add a student whom the tutor entered on this device; one who is there already stays as they are.

        Raises:
            ObjectRefused: the platform says why.
            AlreadyExists: the id is taken by somebody whom this device may not see.
        """
        path = f"/api/students/{student.id}"
        wish = {"name": student.name, "zone": student.zone, "email": student.email}
        headers = {"Idempotency-Key": key, "If-None-Match": "*"}
        try:
            return self._answer("PUT", path, student_in, json=wish, headers=headers)
        except ChangedMeanwhile:
            return self._known_student(path)

    def origins_of(self, record: SessionRecord) -> Mapping[str, Origin]:
        """Give the human edits behind a record's values, as far as the platform knows them."""
        return record.origins

    def lease(self, keys: Sequence[str], ttl: timedelta, start: Start) -> Leases:
        """Take or renew as many of these leases as are free, expired or this device's already.

        Raises:
            FeatureMissing: a platform from before there were leases.
        """
        wish = {
            "keys": list(keys),
            "ttl_s": int(ttl.total_seconds()),
            "start": {"counter": start.counter, "boot": start.boot},
        }
        try:
            return self._answer("POST", "/api/devices/leases", leases_in, json=wish)
        except ObjectGone as cause:
            raise FeatureMissing(self._client_host, reason="it is too old to share a calendar") from cause

    def release(self, leases: Sequence[Lease]) -> None:
        """Give leases back; one that is no longer this device's, or was renewed since, stays as it is."""
        for lease in leases:
            headers = {"If-Match": f'"{lease.version}"'}
            try:
                self._answer("DELETE", f"/api/devices/leases/{lease.key}", dict, headers=headers)
            except (ChangedMeanwhile, ObjectGone):
                log.info("platform.lease_not_ours", epoch=lease.epoch)

    def put_links(self, key: str, epoch: int, links: Sequence[LinkRecord]) -> None:
        """Tell what became of some links of a calendar; others stay as they are.

        Each write names the version that it follows, so that one that arrives late finds another and changes nothing.

        Raises:
            LeaseLost: the lease is not this device's any more, or has another epoch, or expired.
            ObjectRefused: the platform says why.
        """
        for part in link_parts(links):
            with self._links_lock:
                self._put_links(key, {"epoch": epoch, "links": part})

    def links(self, key: str, since: int = 0) -> LinkStates:
        """Read the link states of a calendar, whoever holds its lease; page by page inside."""
        found: dict[str, LinkRecord] = {}
        version, cursor = None, None
        while version is None or cursor is not None:
            page = self._links_page(key, since, cursor)
            # What is written while we read moves to the end and is told again, next time at the latest.
            version = page.version if version is None else version
            found |= {link.session: link for link in page.links}
            cursor = page.next_cursor
        return LinkStates(version, tuple(found.values()))

    def _put_links(self, key: str, wish: dict[str, Any]) -> None:
        for tried in range(1, _LINKS_TRIES + 1):
            headers = {"If-Match": f'"{self._links_version(key)}"'}
            try:
                stored = self._answer("PUT", f"/api/devices/links/{key}", _version_in, json=wish, headers=headers)
            except ConnectorError as error:
                self._links_versions.pop(key, None)
                if isinstance(error, ObjectGone):
                    raise LeaseLost(self._client_host) from error
                if not isinstance(error, ChangedMeanwhile) or tried == _LINKS_TRIES:
                    raise
            else:
                self._links_versions[key] = stored
                return

    def _links_version(self, key: str) -> int:
        known = self._links_versions.get(key)
        if known is None:
            known = self._links_page(key, since=0, cursor=None, limit=1).version
        return known

    def _links_page(self, key: str, since: int, cursor: str | None, *, limit: int = _LINKS_PAGE) -> LinksPage:
        params = {"since": str(since), "limit": str(limit)} | ({"cursor": cursor} if cursor else {})
        try:
            return self._answer("GET", f"/api/devices/links/{key}", links_page_in, params=params)
        except ObjectGone:
            return LinksPage(version=0, links=(), next_cursor=None)

    def _known_student(self, path: str) -> StudentRecord:
        try:
            return self._answer("GET", path, student_in)
        except ObjectGone as cause:
            raise AlreadyExists(self._client_host) from cause

    @property
    def _client_host(self) -> str:
        return self._client.build_request("GET", self._base).url.host

    def _page(self, params: dict[str, str], *, waits_s: int = 0) -> FeedPage:
        return self._answer("GET", "/api/feed", _feed_page_in, params=params, waits_s=waits_s)

    def _answer(self, method: str, path: str, read: Callable[[Any], _Read], *, waits_s: int = 0, **parts: Any) -> _Read:
        """Send one request; a token that is refused is renewed once (a refused request was not carried out).

        Raises:
            ConnectorError: the platform refused, or another program answered.
        """
        token = self._token.current()
        answer = self._sent(method, path, token, waits_s, parts)
        if answer.status_code == 401:
            self._token.forget(token)
            answer = self._sent(method, path, self._token.current(), waits_s, parts)
        error = error_in(answer)
        if error is not None:
            raise error
        try:
            return read(answer.json())
        except (ValueError, KeyError, TypeError) as cause:
            raise NotAPlatform(answer.request.url.host) from cause

    def _sent(self, method: str, path: str, token: str, waits_s: int, parts: dict[str, Any]) -> httpx.Response:
        request = self._client.build_request(method, self._base + path, **parts)
        request.headers["Authorization"] = f"Bearer {token}"
        if waits_s:
            patience = self._rules.answer_within.total_seconds() + waits_s
            request.extensions["timeout"] = {**request.extensions["timeout"], "read": patience}
        return send(self._client, request)


def _feed_page_in(told: Mapping[str, Any]) -> FeedPage:
    return FeedPage(
        sessions=tuple(_readable(told["sessions"])),
        students=tuple(student_in(student) for student in told["students"]),
        removed=tuple(told["removed"]),
        cursor=Cursor(_CURSOR_KIND, told["cursor"]),
        full=bool(told["full"]),
        more=bool(told["more"]),
    )


def _version_in(told: Mapping[str, Any]) -> int:
    return int(told["version"])


def _readable(told: Sequence[Mapping[str, Any]]) -> list[SessionRecord]:
    """Read sessions; one that this device cannot read (a zone newer than its tz database) hinders no other."""
    records = []
    for session in told:
        try:
            records.append(record_in(session))
        except (KeyError, TypeError, ValueError) as cause:
            log.warning("platform.session_unreadable", session=session.get("id"), reason=type(cause).__name__)
    return records
