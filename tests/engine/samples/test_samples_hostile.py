"""Calendars that were made to stop the agent: read within bounds, doubted, and their neighbours are there.

Small here, because every limit but that on a file's size is reached all the same; hostile.py measures them whole.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.samples import hostile

UNDERSTOOD = {
    "free and busy", "letters of four bytes", "one id again and again", "zones of its own", "thirty thousand events",
    "a title of megabytes", "an id of megabytes",
}  # fmt: skip
"""Odd, and no reason for a doubt at this size."""


MEASURED_BY_HAND = {"every minute", "every day"}
"""They store as much as may be stored: seconds for each run, and no other way through the code."""


@pytest.mark.parametrize("name", [name for name in hostile.CASES if name not in MEASURED_BY_HAND])
def test_samples_made_to_stop_the_agent_do_not(tmp_path: Path, name: str) -> None:
    """Read as a feed by the whole agent: bounded in CPU, and the event beside it counts."""
    file = tmp_path / "calendar.ics"
    file.write_text(hostile.calendar(name, 200_000), encoding="utf-8")

    told = hostile.read(file)

    assert told["choir"]
    assert told["took_s"] < 10
    assert (told["doubts"] == 0) == (name in UNDERSTOOD), told


@pytest.mark.parametrize("name", ["letters of four bytes", "a title of megabytes"])
def test_samples_of_the_full_size_take_neither_20_s_nor_1_gib(name: str) -> None:
    """Many events and one enormous one, in a process of their own; hostile.py measures all of them so, by hand."""
    told = hostile.measured(name, 19)

    assert told["choir"] or told["doubts"]
    assert told["took_s"] <= hostile.MOST_S
    assert told["peak_megabytes"] <= hostile.MOST_MEGABYTES
