"""Every setting there is: its key, what it may be, what it is if nobody says otherwise, and what it does."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import TypeAlias

from connectors.vocabulary.times import UnknownZone, zone_named
from sync_agent.laptop.errors import ConfigValueWrong

Value: TypeAlias = "str | int | bool"

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_STRETCH = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting.

    Attributes:
        key: dotted.
        read: makes a value of a text or raises ValueError with half a sentence.
        help: one sentence, also written into config.toml.
    """

    key: str
    default: Value
    read: Callable[[Value], Value]
    help: str

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "TUTORSYNC_" + self.key.replace(".", "_").upper()

    def value_of(self, raw: Value) -> Value:
        """Give a raw value in this setting's type.

        Raises:
            ConfigValueWrong.
        """
        try:
            return self.read(raw)
        except ValueError as cause:
            raise ConfigValueWrong(key=self.key, value=str(raw), reason=str(cause)) from cause


def _whole(least: int, most: int) -> Callable[[Value], Value]:
    def read(raw: Value) -> int:
        text = str(raw).strip()
        if isinstance(raw, bool) or not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
            msg = f"it is a whole number from {least} to {most}"
            raise ValueError(msg)
        return int(text)

    return read


def _seconds(raw: Value) -> int:
    return int(_whole(1, 7 * 86400)(raw))


def _text(raw: Value) -> str:
    return str(raw).strip()


def _one_of(*words: str) -> Callable[[Value], Value]:
    def read(raw: Value) -> str:
        text = str(raw).strip()
        if text not in words:
            msg = f"it is one of {', '.join(word or 'nothing' for word in words)}"
            raise ValueError(msg)
        return text

    return read


def _zone(raw: Value) -> str:
    text = str(raw).strip()
    try:
        return zone_named(text).key if text else ""
    except UnknownZone as cause:
        msg = "there is no such time zone; use a name like Europe/Berlin"
        raise ValueError(msg) from cause


def _address(raw: Value) -> str:
    text = str(raw).strip()
    if text and not re.match(r"https?://[^/\s]+", text):
        msg = "it is an address that begins with https://"
        raise ValueError(msg)
    return text.rstrip("/")


def _hours(raw: Value) -> str:
    text = str(raw).strip()
    stretches_of(text)
    return text


def stretches_of(text: str) -> tuple[tuple[time, time], ...]:
    """Read "09:00-12:00, 14:00-20:00"; "" is a day off, "24:00" the end of the day.

    Raises:
        ValueError: half a sentence.
    """
    return tuple(_stretch(part.strip()) for part in text.split(",") if part.strip())


def _stretch(text: str) -> tuple[time, time]:
    match = _STRETCH.fullmatch(text)
    numbers = tuple(map(int, match.groups())) if match is not None else (0, 0, 0, 0)
    lo, hi = numbers[0] * 60 + numbers[1], numbers[2] * 60 + numbers[3]
    if numbers[1] > 59 or numbers[3] > 59 or not lo < hi <= 1440:
        msg = "hours look like 09:00-12:00, 14:00-20:00"
        raise ValueError(msg)
    return time(lo // 60, lo % 60), time(hi // 60 % 24, hi % 60)


def _vendor(name: str, words: str) -> list[Setting]:
    return [
        Setting(f"connectors.{name}.ca_file", "", _text, f"A PEM file of one more authority to trust for {words}."),
    ]


def _all() -> list[Setting]:
    return [
        Setting("home_zone", "", _zone, "Your time zone, like Europe/Berlin; empty: this computer's."),
        Setting("tutor.name", "you", _text, "What the activity log calls the person at this computer."),
        Setting("sync.poll_seconds", 60, _seconds, "How often calendars, platform and meetings are looked at."),
        Setting("sync.feed_seconds", 3600, _seconds, "How often published feeds (ICS) are fetched."),
        Setting("sync.stale_minutes", 120, _whole(1, 10080), "After this, a calendar counts as not checked."),
        Setting(
            "sync.versions",
            "newest",
            _one_of("newest", "ask"),
            "Of two versions of a field: newest counts, or ask you.",
        ),
        Setting("travel_buffer_minutes", 30, _whole(0, 600), "Kept free before and after a session in person."),
        Setting("meetings.provider", "", _one_of("", "zoom"), "Who makes the meetings; empty: the only or oldest."),
        Setting("meetings.ahead_days", 400, _whole(1, 400), "Meetings are made for sessions within so many days."),
        *[
            Setting(f"working_hours.{day}", _usual(day), _hours, f"When you work on {day.capitalize()}; empty: off.")
            for day in DAYS
        ],
        Setting("log.level", "info", _one_of("debug", "info", "warning", "error"), "How much the log says."),
        Setting("network.connect_seconds", 8, _whole(1, 300), "How long a server may take to be reached."),
        Setting("network.answer_seconds", 60, _whole(1, 600), "How long a server may take for the next bytes."),
        *_vendor("caldav", "CalDAV servers"),
        *_vendor("ics", "published feeds"),
        *_vendor("platform", "the platform"),
        *_vendor("zoom", "Zoom"),
        Setting("connectors.zoom.api_base", "", _address, "Zoom's API; empty: https://api.zoom.us/v2."),
        Setting("connectors.zoom.token_url", "", _address, "Where Zoom gives tokens; empty: its own address."),
    ]


def _usual(day: str) -> str:
    match day:
        case "sunday":
            return ""
        case "saturday":
            return "09:00-14:00"
        case _:
            return "09:00-20:00"


SETTINGS: Mapping[str, Setting] = {setting.key: setting for setting in _all()}
