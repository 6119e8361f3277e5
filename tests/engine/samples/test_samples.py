"""The project's own samples: what each calendar of this folder shows, and the busy time that it must give.

Nothing in them is copied from anybody's calendar. `notes.toml` says of each what it shows and what is expected.
"""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.ical.feed import decoded
from tests.engine.samples.reading import ReadFile, read_file

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.ics"))
NOTES: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "notes.toml").read_text(encoding="utf-8"))
WINDOW = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
OWNERS = ("mailto:anna@example.org",)
MINUTE = timedelta(minutes=1)


def busy_of(read: ReadFile) -> list[str]:
    """What blocks, as the notes spell it."""
    return [f"{busy.lo:%Y-%m-%d %H:%M} {(busy.hi - busy.lo) // MINUTE}" for busy in read.busy(WINDOW, limit=5000)]


def test_samples_each_have_a_note_and_there_are_twenty() -> None:
    """A sample that says nothing of what it shows proves nothing."""
    assert sorted(NOTES) == [file.stem for file in FILES]
    assert len(FILES) >= 20
    assert all(note["shows"].endswith(".") for note in NOTES.values())


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_samples_of_our_own_give_the_busy_time_of_their_note(file: Path) -> None:
    """Read as a feed, expanded at home in Berlin."""
    note = NOTES[file.stem]
    read = read_file(file.read_text(encoding="utf-8"), OWNERS)

    found = busy_of(read)

    expected = note["busy"]
    assert (found[: len(expected)] if note.get("first") else found) == expected
    assert len(found) == note.get("count", len(expected))
    assert [f"{doubt.code}: {doubt.title}" for doubt in read.doubts] == note.get("doubts", [])


@pytest.mark.parametrize("spelled", ["crlf", "cr", "utf-8-sig", "utf-16", "folded", "reversed"])
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_samples_mean_the_same_however_they_are_written(file: Path, spelled: str) -> None:
    """Line ends, byte order mark, encoding, folding, and the order of the events in the file."""
    text = file.read_text(encoding="utf-8")

    again = read_file(decoded(written(text, spelled)), OWNERS)

    assert busy_of(again) == busy_of(read_file(text, OWNERS))


def written(text: str, spelled: str) -> bytes:
    """The same calendar as another program would write it."""
    match spelled:
        case "crlf":
            return text.replace("\n", "\r\n").encode()
        case "cr":
            return text.replace("\n", "\r").encode()
        case "folded":
            rows = ["\n ".join(row[at : at + 20] for at in range(0, len(row), 20)) for row in text.split("\n")]
            return "\n".join(rows).encode()
        case "reversed":
            return reversed_events(text).encode()
        case charset:
            return text.encode(charset)


def reversed_events(text: str) -> str:
    """Overrides before their series, and everything else the other way round; unclosed events stay where they are."""
    parts = text.split("END:VEVENT\n")
    if (
        text.count("BEGIN:VCALENDAR") > 1
        or "BEGIN:VEVENT" not in text
        or text.count("BEGIN:VEVENT") != text.count("END:VEVENT")
    ):
        return text
    head, _, first = parts[0].partition("BEGIN:VEVENT\n")
    events = [first, *(part.removeprefix("BEGIN:VEVENT\n") for part in parts[1:-1])]
    return head + "".join(f"BEGIN:VEVENT\n{event}END:VEVENT\n" for event in reversed(events)) + parts[-1]
