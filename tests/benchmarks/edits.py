"""What people do on both sides between two passes: the same to every peer's calendar and sessions (or folder).

Objects are known by the name under which the calendar keeps them, and by their title; sessions by their title alone.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tests.servers.nullcal import Collection

_TITLE = re.compile(r"^SUMMARY:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)", re.MULTILINE)
# Three turns stay below ten deletions: a guard that counts them over a day would rightly hold back more.
_DELETED, _ADDED = 0.06, 0.15
ADDED_THERE = "Added there"


@dataclass(frozen=True, slots=True)
class Item:
    """One object of the calendar."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Edits:
    """What changes on one side.

    Attributes:
        changed: objects with their new titles.
        added: name and title of what is new.
    """

    changed: Sequence[tuple[Item, str]] = ()
    deleted: Sequence[Item] = ()
    added: Sequence[Item] = ()

    def titles_after(self, titles: Sequence[str]) -> list[str]:
        """Give the titles that a side has after these edits, sorted."""
        renamed = {item.title: title for item, title in self.changed}
        gone = {item.title for item in self.deleted}
        kept = [renamed.get(title, title) for title in titles if title not in gone]
        return sorted([*kept, *(item.title for item in self.added)])


@dataclass(frozen=True, slots=True)
class BothSides:
    """What changes here (sessions, or files of a folder) and there (in the calendar), never the same object."""

    here: Edits = field(default_factory=Edits)
    there: Edits = field(default_factory=Edits)

    @property
    def writes(self) -> int:
        """How many writes to the calendar they ask for."""
        return len(self.here.changed) + len(self.here.deleted) + len(self.here.added)


def items_of(calendar: Collection) -> list[Item]:
    """Give what a calendar holds, but what others added to it, by title: who named it does not decide its place."""
    found = [Item(name, title_of(text)) for name, (_, text) in calendar.items.items()]
    return sorted((item for item in found if not item.title.startswith(ADDED_THERE)), key=lambda item: item.title)


def title_of(text: str) -> str:
    """Give the title of the first event of an object."""
    found = _TITLE.search(text)
    return re.sub(r"\r?\n[ \t]", "", found[1]).strip() if found else ""


def titled(text: str, title: str) -> str:
    """Give an object with another title."""
    return _TITLE.sub(f"SUMMARY:{title}", text)


def one_there(items: Sequence[Item]) -> BothSides:
    """One title is changed in the calendar."""
    return BothSides(there=Edits(changed=[(items[len(items) // 2], "Changed there alone")]))


def one_here(items: Sequence[Item]) -> BothSides:
    """One title is changed here."""
    return BothSides(here=Edits(changed=[(items[len(items) // 3], "Changed here alone")]))


def mixed(items: Sequence[Item], turn: int, most: int = 50) -> BothSides:
    """On each side so many changes (fewer of few objects): 79 % edits, 6 % deletions, 15 % additions."""
    dice = random.Random(turn)
    shuffled = list(items)
    dice.shuffle(shuffled)
    half = len(shuffled) // 2
    return BothSides(
        _on_one_side(shuffled[:half], f"here {turn}", min(most, half)),
        _on_one_side(shuffled[half:], f"there {turn}", min(most, half)),
    )


def _on_one_side(items: Sequence[Item], where: str, count: int) -> Edits:
    deleted, added = round(count * _DELETED), round(count * _ADDED)
    changed = items[deleted : count - added]
    return Edits(
        changed=[(item, f"Changed {where} {number}") for number, item in enumerate(changed)],
        deleted=items[:deleted],
        added=[Item(f"added-{where.replace(' ', '-')}-{number}.ics", _added(where, number)) for number in range(added)],
    )


def _added(where: str, number: int) -> str:
    return f"Added {where} {number}"


def apply_there(calendar: Collection, edits: Edits) -> None:
    """Make these edits in a calendar, as somebody with a phone would."""
    for item, title in edits.changed:
        calendar.revision += 1
        calendar.items[item.name] = (calendar.revision, titled(calendar.items[item.name][1], title))
    for item in edits.deleted:
        calendar.revision += 1
        del calendar.items[item.name]
        calendar.gone[item.name] = calendar.revision
    for item in edits.added:
        calendar.revision += 1
        calendar.items[item.name] = (calendar.revision, new_text(item))


def new_text(item: Item) -> str:
    """Give the text of a new object, a year and a half ahead, where it collides with nothing."""
    start = datetime.now(UTC) + timedelta(days=500)
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//a phone//EN", "BEGIN:VEVENT",
            f"UID:{item.name.removesuffix('.ics')}", "DTSTAMP:20260101T120000Z", f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
            f"DTEND:{start + timedelta(hours=1):%Y%m%dT%H%M%SZ}", f"SUMMARY:{item.title}", "END:VEVENT",
            "END:VCALENDAR", "",
        ]
    )  # fmt: skip
