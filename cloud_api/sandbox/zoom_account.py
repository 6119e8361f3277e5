"""The state of one simulated Zoom account: its app, tokens and meetings, with the vendor's habits. No HTTP here."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, available_timezones

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cloud_api.sandbox.clock import MovableClock

TOKEN_LIFE = timedelta(hours=1)
PAGE_TOKEN_LIFE = timedelta(minutes=15)
EXPIRES_AFTER = timedelta(days=30)
AGENDA_IN_LISTS = 250
TYPES = frozenset({1, 2, 3, 8, 10})
_MAXIMA = {"topic": 200, "agenda": 2000, "password": 10}
_KEPT = ("topic", "agenda", "type", "duration", "timezone", "password", "pre_schedule")


class ZoomSays(Exception):
    """A refusal in the vendor's own words.

    Attributes:
        status: of HTTP.
        code: Zoom's own.
        field: for a validation error, the field that is meant.
    """

    def __init__(self, status: int, code: int, message: str, *, field_name: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.field = status, code, message, field_name

    @property
    def body(self) -> dict[str, Any]:
        """What goes over the wire."""
        if not self.field:
            return {"code": self.code, "message": self.message}
        errors = [{"field": self.field, "message": "Invalid field."}]
        return {"code": self.code, "message": "Validation Failed.", "errors": errors}


@dataclass(frozen=True, slots=True)
class ZoomApp:
    """The server-to-server app that may sign in."""

    account_id: str = "sandbox-account"
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"  # noqa: S105 - opens nothing but the sandbox
    email: str = "anna@sandbox.example"


@dataclass
class _Held:
    """A meeting as the account holds it."""

    number: int
    created_at: datetime
    start: datetime
    values: dict[str, Any]
    settings: dict[str, Any]
    is_running: bool = False
    uuid: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(16)).decode())

    @property
    def end(self) -> datetime:
        return self.start + timedelta(minutes=int(self.values["duration"]))


class ZoomAccount:
    """One host with an app. Used from one thread."""

    def __init__(self, app: ZoomApp, clock: MovableClock, *, seed: int = 7) -> None:
        """Begin without meetings.

        Args:
            app: what may sign in.
            clock: tokens and page tokens age by it.
            seed: of the meeting numbers, which look random and are the same for the same seed.
        """
        self.app, self._clock, self._seed = app, clock, seed
        self.user_id = "sandboxHost" + secrets.token_hex(4)
        self.zones = available_timezones()
        self.reset()

    def reset(self) -> None:
        """Forget all meetings and tokens."""
        self._random = Random(self._seed)  # noqa: S311 - numbers that only have to look like Zoom's
        self._meetings: dict[int, _Held] = {}
        self._deleted: set[int] = set()
        self._tokens: dict[str, datetime] = {}
        self._pages: dict[str, tuple[datetime, list[int]]] = {}

    def token(self, account_id: str, client_id: str, client_secret: str) -> dict[str, Any] | None:
        """Give a token answer, None if the credentials are wrong."""
        if (account_id, client_id, client_secret) != (self.app.account_id, self.app.client_id, self.app.client_secret):
            return None
        token = secrets.token_urlsafe(48)
        self._tokens[token] = self._clock.now() + TOKEN_LIFE
        return {
            "access_token": token,
            "token_type": "bearer",
            "expires_in": int(TOKEN_LIFE.total_seconds()),
            "scope": "meeting:read:meeting:admin meeting:write:meeting:admin user:read:user:admin",
            "api_url": "https://api.zoom.us",
        }

    def revoke_tokens(self) -> None:
        """End all tokens, as when the tutor withdraws the app."""
        self._tokens.clear()

    def require_token(self, token: str) -> None:
        """Refuse a token that is unknown or too old."""
        if self._tokens.get(token, datetime.min.replace(tzinfo=UTC)) <= self._clock.now():
            raise ZoomSays(401, 124, "Invalid access token.")

    def require_user(self, user: str) -> None:
        """Refuse anybody but the host."""
        if user not in {"me", self.user_id}:
            raise ZoomSays(404, 1001, f"User does not exist: {user}.")

    def me(self) -> dict[str, Any]:
        """The host."""
        return {
            "id": self.user_id,
            "email": self.app.email,
            "first_name": "Anna",
            "last_name": "Sandbox",
            "display_name": "Anna Sandbox",
            "type": 2,
            "timezone": "Europe/Berlin",
            "account_id": self.app.account_id,
            "status": "active",
        }

    def create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Make a meeting. A second request makes a second one: there is no key."""
        self._check(body)
        values = {"topic": "My Meeting", "agenda": "", "type": 2, "duration": 60, "timezone": "UTC"}
        values |= {name: body[name] for name in _KEPT if name in body}
        values.setdefault("password", self._password())
        held = _Held(
            number=self._number(),
            created_at=self._clock.now(),
            start=self._start(body, str(values["timezone"])) or self._clock.now(),
            values=values,
            settings=_settings(body),
        )
        self._meetings[held.number] = held
        return self._whole(held)

    def read(self, number: int) -> dict[str, Any]:
        """One meeting, whole."""
        return self._whole(self._held(number))

    def update(self, number: int, body: Mapping[str, Any]) -> None:
        """Change what is given."""
        held = self._held(number)
        self._check(body)
        held.values |= {name: body[name] for name in _KEPT if name in body}
        held.settings |= body.get("settings") or {}
        held.start = self._start(body, str(held.values["timezone"])) or held.start

    def delete(self, number: int) -> None:
        """Remove it."""
        held = self._held(number)
        if held.is_running and held.end > self._clock.now():
            raise ZoomSays(400, 3002, "Sorry, you cannot delete this meeting since it is in progress.")
        del self._meetings[number]
        self._deleted.add(number)

    def start_now(self, number: int) -> None:
        """The host opens the meeting: it runs until its time is over."""
        held = self._held(number)
        held.start = self._clock.now()
        held.is_running = True

    def page(self, kind: str, size: int, page_token: str) -> dict[str, Any]:
        """One page of a list."""
        if page_token:
            good_until, numbers = self._pages.pop(page_token, (datetime.min.replace(tzinfo=UTC), []))
            if good_until <= self._clock.now():
                raise ZoomSays(400, 300, "The next page token is invalid or expired.", field_name="next_page_token")
        else:
            numbers = [held.number for held in self._of_kind(kind)]
        here, left = numbers[:size], numbers[size:]
        following = ""
        if left:
            following = secrets.token_urlsafe(24)
            self._pages[following] = (self._clock.now() + PAGE_TOKEN_LIFE, left)
        entries = [self._listed(self._meetings[number]) for number in here if number in self._meetings]
        return {
            "page_size": size,
            "total_records": len(self._of_kind(kind)),
            "next_page_token": following,
            "meetings": entries,
        }

    def everything(self) -> Sequence[dict[str, Any]]:
        """All meetings that exist, by number, with agenda in full and without host links: for whoever looks."""
        return [
            {name: value for name, value in self._whole(held).items() if name != "start_url"}
            for _, held in sorted(self._meetings.items())
        ]

    def _of_kind(self, kind: str) -> list[_Held]:
        now = self._clock.now()
        kept = {
            "scheduled": lambda held: held.end > now - EXPIRES_AFTER,
            "upcoming": lambda held: held.end > now,
            "upcoming_meetings": lambda held: held.end > now,
            "previous_meetings": lambda held: held.end <= now,
            "live": lambda held: held.is_running,
        }.get(kind)
        if kept is None:
            raise ZoomSays(400, 300, "Validation Failed.", field_name="type")
        # Instant meetings are missing from every list.
        found = [held for held in self._meetings.values() if held.values["type"] != 1 and kept(held)]
        return sorted(found, key=lambda held: (held.start, held.number))

    def _held(self, number: int) -> _Held:
        held = self._meetings.get(number)
        now = self._clock.now()
        if held is None or held.end <= now - EXPIRES_AFTER:
            raise ZoomSays(404, 3001, f"Meeting does not exist: {number}.")
        return held

    def _check(self, body: Mapping[str, Any]) -> None:
        for name, most in _MAXIMA.items():
            value = body.get(name, "")
            if not isinstance(value, str) or len(value) > most:
                raise ZoomSays(400, 300, "Validation Failed.", field_name=name)
        if body.get("type", 2) not in TYPES:
            raise ZoomSays(400, 300, "Validation Failed.", field_name="type")
        if "timezone" in body and body["timezone"] not in self.zones:
            raise ZoomSays(400, 300, "Validation Failed.", field_name="timezone")
        duration = body.get("duration", 60)
        if not isinstance(duration, int) or isinstance(duration, bool) or duration < 1:
            raise ZoomSays(400, 300, "Validation Failed.", field_name="duration")

    def _start(self, body: Mapping[str, Any], zone: str) -> datetime | None:
        """With "Z" it is UTC, without it is local in `timezone`."""
        text = body.get("start_time")
        if text is None:
            return None
        try:
            start = datetime.fromisoformat(str(text))
        except ValueError:
            raise ZoomSays(400, 300, "Validation Failed.", field_name="start_time") from None
        return (start if start.tzinfo is not None else start.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)

    def _whole(self, held: _Held) -> dict[str, Any]:
        password = str(held.values["password"])
        return {
            "uuid": held.uuid,
            "id": held.number,
            "host_id": self.user_id,
            "host_email": self.app.email,
            "topic": held.values["topic"],
            "type": held.values["type"],
            "status": "started" if held.is_running else "waiting",
            "start_time": _utc(held.start),
            "duration": held.values["duration"],
            "timezone": held.values["timezone"],
            "agenda": held.values["agenda"],
            "created_at": _utc(held.created_at),
            # Logs in as the host: what a connector must never keep.
            "start_url": f"https://sandbox.zoom.example/s/{held.number}?zak=HOST-ONLY-{held.number}",
            "join_url": f"https://sandbox.zoom.example/j/{held.number}?pwd={password}",
            "password": password,
            "h323_password": "123456",
            "encrypted_password": password,
            "pre_schedule": bool(held.values.get("pre_schedule", False)),
            "settings": dict(held.settings),
        }

    def _listed(self, held: _Held) -> dict[str, Any]:
        """A list's entry: the agenda is cut, the passcode is not in the link."""
        names = ("uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone", "created_at")
        entry = {name: value for name, value in self._whole(held).items() if name in names}
        agenda = str(held.values["agenda"])[:AGENDA_IN_LISTS]
        return entry | {"agenda": agenda, "join_url": f"https://sandbox.zoom.example/j/{held.number}"}

    def _number(self) -> int:
        while True:
            number = self._random.randrange(80_000_000_000, 99_999_999_999)
            if number not in self._meetings and number not in self._deleted:
                return number

    def _password(self) -> str:
        return "".join(self._random.choices("abcdefghkmnpqrstuvwxyzABCDEFGHKLMNPQRSTUVWXYZ23456789", k=6))


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked for, over the account's own defaults."""
    usual = {
        "host_video": False,
        "participant_video": False,
        "join_before_host": False,
        "jbh_time": 0,
        "mute_upon_entry": False,
        "use_pmi": False,
        "approval_type": 2,
        "audio": "both",
        "auto_recording": "none",
        "waiting_room": True,
        "meeting_authentication": False,
        "email_notification": True,
    }
    return usual | (body.get("settings") or {})


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
