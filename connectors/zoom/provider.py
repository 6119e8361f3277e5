"""Meetings at Zoom behind the `MeetingProvider` seam.

Responsible for what each call means at Zoom. Leaves signing in to token.py, HTTP and its errors to api.py and
errors.py, the shapes to mapping.py, and every decision about when to make, find or drop a meeting to the engine.
Zoom knows no idempotency key, no etag and no sync token: after a lost answer only a look tells.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.http import open_client
from connectors.vocabulary.accounts import Identity
from connectors.vocabulary.errors import ObjectGone, ObjectRefused, ServerFault
from connectors.zoom.api import ZoomApi
from connectors.zoom.errors import RefusedField
from connectors.zoom.mapping import changed_by, created_from, may_carry, meeting_from, with_marker
from connectors.zoom.token import App, TokenSource
from connectors.zoom.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import httpx

    from connectors.registry import Credentials
    from connectors.vocabulary.meetings import Meeting, MeetingDraft

API_BASE = "https://api.zoom.us/v2"
TOKEN_URL = "https://zoom.us/oauth/token"  # noqa: S105 - an address, no secret
PAGE_SIZE = 300  # the most that a list gives at once


def open_account(credentials: Credentials) -> ZoomMeetings:
    """Open a host account. Makes no request.

    Args:
        credentials: settings `account_id`, `client_id`, and optionally `api_base` and `token_url`; secret
            `client_secret`.

    Raises:
        CertificateWrong: the CA file cannot be read.
    """
    return zoom_over(open_client(credentials.rules), credentials, now=_now)


def zoom_over(client: httpx.Client, credentials: Credentials, *, now: Callable[[], datetime]) -> ZoomMeetings:
    """Open a host account over a client that the caller made.

    Args:
        client: closed by whoever made it.
        credentials: as for `open_account`.
        now: this instant in UTC, aware; tokens age by it and pauses are counted from it.
    """
    settings = credentials.settings
    wire = Wire(client)
    app = App(
        account_id=settings.get("account_id", ""),
        client_id=settings.get("client_id", ""),
        client_secret=credentials.secrets.get("client_secret", ""),
    )
    tokens = TokenSource(wire, settings.get("token_url") or TOKEN_URL, app, now=now)
    base = settings.get("api_base") or credentials.base_url or API_BASE
    return ZoomMeetings(ZoomApi(wire, base, tokens, now=now))


class ZoomMeetings:
    """The meetings of one Zoom host."""

    def __init__(self, api: ZoomApi) -> None:
        self._api = api

    @property
    def requests(self) -> int:
        """How many requests went out since this account was opened, signing in included."""
        return self._api.requests

    def identify(self) -> Identity:
        """Say whose host account it is: Zoom's own id of the person, never the address.

        Raises:
            ServerFault: the answer names nobody.
        """
        me = self._api.get("/users/me")
        subject = str(me.get("id") or "")
        if not subject:
            raise ServerFault(self._api.host, reason="it does not say who is signed in")
        return Identity(issuer=self._api.issuer, subject=subject, display=str(me.get("email") or subject))

    def create(self, draft: MeetingDraft) -> Meeting:
        """Make a meeting. Not idempotent: after AnswerLost call `find`.

        Raises:
            FeatureMissing: the account's plan does not allow it.
            ObjectRefused: Zoom does not take this meeting.
        """
        body = created_from(draft, self._api.host)
        try:
            made = self._api.post("/users/me/meetings", body)
        except RefusedField as refused:
            # Zoom has a zone list of its own that lacks some IANA names. Nothing was made; the instant is UTC anyway.
            if refused.field != "timezone":
                raise
            made = self._api.post("/users/me/meetings", body | {"timezone": "UTC"})
        return meeting_from(made, self._api.host)

    def find(self, marker: str) -> Sequence[Meeting]:
        """Every upcoming meeting that carries exactly this marker, oldest first.

        Meetings that began meanwhile and have not expired are looked at, too: a meeting whose start came between a
        lost answer and this look would otherwise be made twice.
        """
        entries = [entry for entry in self._listed() if may_carry(entry, marker)]
        entries.sort(key=lambda entry: (str(entry.get("created_at") or ""), str(entry.get("id"))))
        # Lists cut the agenda to 250 characters and may leave the passcode out of the link: only a direct look counts.
        looked = (self._looked_at(str(entry.get("id"))) for entry in entries)
        return [meeting for meeting in looked if meeting is not None and meeting.marker == marker]

    def fetch(self, remote_id: str) -> Meeting:
        """Read one meeting.

        Raises:
            ObjectGone: Zoom no longer knows it.
        """
        return meeting_from(self._read(remote_id), self._api.host)

    def update(self, remote_id: str, draft: MeetingDraft) -> Meeting:
        """Move or rename it; reads back what Zoom made of it (a PATCH answers 204, and locked settings win silently).

        The agenda is touched only if our marker is not in it: what the host wrote there stays.

        Raises:
            ObjectGone: Zoom no longer knows it.
            ObjectRefused: Zoom does not take this change.
        """
        path = _meeting_path(remote_id, self._api.host)
        body = changed_by(draft)
        try:
            self._api.patch(path, body)
        except RefusedField as refused:
            if refused.field != "timezone":
                raise
            self._api.patch(path, body | {"timezone": "UTC"})
        stored = self._read(remote_id)
        meeting = meeting_from(stored, self._api.host)
        if meeting.marker == draft.marker:
            return meeting
        self._api.patch(path, {"agenda": with_marker(str(stored.get("agenda") or ""), draft.marker, self._api.host)})
        return self.fetch(remote_id)

    def delete(self, remote_id: str) -> None:
        """Remove it; already gone, expired or ended is success.

        Raises:
            ObjectRefused: it is running right now.
        """
        try:
            self._api.delete(_meeting_path(remote_id, self._api.host))
        except ObjectGone:
            return

    def close(self) -> None:
        """Close the connections. The account is not used afterwards."""
        self._api.close()

    def _listed(self) -> Iterator[Mapping[str, object]]:
        """Walk all pages. An empty token is the end; a token that comes back is a server gone wrong."""
        query: dict[str, str | int] = {"type": "scheduled", "page_size": PAGE_SIZE}
        seen: set[str] = set()
        while True:
            answer = self._api.get("/users/me/meetings", query)
            meetings = answer.get("meetings")
            if not isinstance(meetings, list):
                raise ServerFault(self._api.host, reason="a list of meetings without meetings")
            yield from (entry for entry in meetings if isinstance(entry, dict))
            token = str(answer.get("next_page_token") or "")
            if not token:
                return
            if token in seen:
                raise ServerFault(self._api.host, reason="a list of meetings that never ends")
            seen.add(token)
            query = query | {"next_page_token": token}

    def _looked_at(self, remote_id: str) -> Meeting | None:
        try:
            return self.fetch(remote_id)
        except ObjectGone:
            return None

    def _read(self, remote_id: str) -> Mapping[str, object]:
        return self._api.get(_meeting_path(remote_id, self._api.host))


def _meeting_path(remote_id: str, host: str) -> str:
    """Zoom's meeting ids are 64-bit numbers; nothing else may become part of an address."""
    if not (remote_id.isascii() and remote_id.isdigit()):
        raise ObjectRefused(host, reason="it has no meeting number of Zoom")
    return f"/meetings/{remote_id}"


def _now() -> datetime:
    return datetime.now(UTC)
