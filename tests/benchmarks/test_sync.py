"""The yardstick itself works: it measures, sees whether the work was done, goes on where it stopped, and compares."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.edits import Item, apply_there, items_of, mixed, new_text, one_here, one_there, title_of, titled
from tests.benchmarks.measured import Cost, Row
from tests.benchmarks.report import goal_lines, goals, table
from tests.benchmarks.sync import (
    MIRRORED_AGAIN,
    MIRRORING,
    MIXED,
    MIXED_FAR,
    ONE_HERE,
    ONE_THERE,
    READ_AGAIN,
    READING,
    WARM,
    Kept,
    measure,
)
from tests.servers.nullcal import Collection

_PARTS = ("reading", "mirroring")


def a_row(step: str, peer: str, *, cpu_s: float = 1.0, requests: int = 1, size: int = 1000, count: int = 1000) -> Row:
    return Row(step, peer, count, Cost(cpu_s, 1.0, 10.0, requests, size), did_it=True)


def test_the_floor_does_the_work_with_the_fewest_requests(tmp_path: Path) -> None:
    """Everything in one request; one for each event that is sent, or fetched; one to see that nothing happened."""
    rows = {row.step: row for row in measure(40, ("raw",), Kept(tmp_path), lambda _: None, _PARTS)}

    assert {step: row.cost.requests for step, row in rows.items()} == {
        READING: 1,
        READ_AGAIN: 1,
        MIRRORING: 41,
        MIRRORED_AGAIN: 1,
        ONE_THERE: 2,
        ONE_HERE: 2,
        MIXED: 2 + mixed(_some_items(40), 1).writes,
        MIXED_FAR: 2 + mixed(_some_items(40), 2).writes,
    }
    assert all(row.did_it and row.cost.cpu_s > 0 and row.cost.peak_mib > 5 for row in rows.values())


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was kept is not measured again."""
    kept, said = Kept(tmp_path), list[str]()
    kept.add(a_row(READING, "raw", count=5))
    kept.add(a_row(READ_AGAIN, "raw", count=5))

    rows = measure(5, ("raw",), kept, said.append, _PARTS)

    assert said == ["raw mirrors 5, looks again, and brings edits together"]
    assert [row.step for row in rows][:4] == [READING, READ_AGAIN, MIRRORING, MIRRORED_AGAIN]
    assert rows == kept.rows()


def test_a_part_that_was_stopped_counts_as_it_was_done_the_last_time(tmp_path: Path) -> None:
    """Its first steps were kept twice."""
    kept = Kept(tmp_path)
    kept.add(a_row(MIRRORING, "raw", cpu_s=9, count=5))
    kept.add(a_row(MIRRORING, "raw", cpu_s=8, count=5))
    kept.add(a_row(MIXED_FAR, "raw", count=5))

    rows = measure(5, ("raw",), kept, lambda _: None, ("mirroring",))

    assert [row.cost.cpu_s for row in rows if row.step == MIRRORING] == [8]


def _some_items(count: int) -> list[Item]:
    return [Item(f"{number}.ics", f"Maths {number}") for number in range(count)]


def a_calendar(count: int) -> Collection:
    return Collection({item.name: (1, new_text(item)) for item in _some_items(count)}, revision=1)


def test_both_sides_are_edited_and_never_the_same_object() -> None:
    """A hundred changes: edits, deletions and additions, half of them on either side."""
    both = mixed(_some_items(500), 1)

    touched = [
        {item.name for item, _ in side.changed} | {item.name for item in side.deleted}
        for side in (both.here, both.there)
    ]
    assert both.writes == 50
    assert len(touched[0] | touched[1]) == len(touched[0]) + len(touched[1]) == 84
    assert mixed(_some_items(500), 1) == both


def test_edits_in_the_calendar_have_the_titles_that_were_foretold() -> None:
    """What a peer's work is held against."""
    calendar = a_calendar(60)
    edits = mixed(items_of(calendar), 3).there
    foretold = edits.titles_after([item.title for item in items_of(calendar)])

    apply_there(calendar, edits)

    assert sorted(title_of(text) for _, text in calendar.items.values()) == foretold
    assert calendar.gone.keys() == {item.name for item in edits.deleted}


def test_one_edit_is_one_object_on_one_side() -> None:
    """Another one on each side."""
    items = _some_items(9)
    there, here = one_there(items).there.changed, one_here(items).here.changed

    assert len(there) == len(here) == 1
    assert there[0][0] != here[0][0]


def test_titles_are_found_and_changed_also_where_they_are_folded() -> None:
    """The line goes on with a space (RFC 5545, section 3.1)."""
    text = "BEGIN:VEVENT\r\nSUMMARY:A long\r\n  title\r\nUID:1\r\nEND:VEVENT\r\n"

    assert title_of(text) == "A long title"
    assert titled(text, "Short") == "BEGIN:VEVENT\r\nSUMMARY:Short\r\nUID:1\r\nEND:VEVENT\r\n"


ROWS = [
    a_row(READ_AGAIN, "raw", cpu_s=0.1),
    a_row(READ_AGAIN, "vdirsyncer", cpu_s=0.4, size=200_000),
    a_row(READ_AGAIN, "tutorsync", cpu_s=0.8, size=900),
    a_row(WARM, "tutorsync", cpu_s=0.003, requests=3, size=2700),
]


def test_costs_stand_beside_the_floors_and_the_peers() -> None:
    """The warm poll is held against the cold one of a peer that has no other."""
    lines = [line.split("  ") for line in table(ROWS).splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]

    assert ["no change", "tutorsync", "0.8000", "8", "2", "1", "0.9", "0.0045", "10", "1.00", "yes"] in cells
    assert [WARM, "tutorsync", "0.0030", "0.03", "0.0075", "3", "2.6", "0.0135", "10", "1.00", "yes"] in cells


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        pytest.param(a_row(READ_AGAIN, "tutorsync", size=900), [], id="all met"),
        pytest.param(
            a_row(READ_AGAIN, "tutorsync", requests=2, size=900), ["no change: requests"], id="one request too many"
        ),
        pytest.param(a_row(READ_AGAIN, "tutorsync", size=1025), ["no change: bytes"], id="one byte too many"),
        pytest.param(
            a_row(READ_AGAIN, "tutorsync", size=900, count=10_000),
            ["no change: bytes over vdirsyncer's"],
            id="large",
        ),
    ],
)
def test_a_goal_that_is_missed_is_named(changed: Row, missed: list[str]) -> None:
    """Ratios count only where there is as much to do as the goals are set for."""
    found = goals([*ROWS[:2], changed, ROWS[3]])

    assert [bound.name for goal in found for bound in goal.bounds if not bound.met] == missed
    assert goal_lines(found).count("NOT MET  ") == len(missed)
    assert found[0].met is (not missed)


def test_all_ten_goals_are_named_measured_or_not() -> None:
    """A goal that was not measured is not met."""
    found = goals(ROWS)

    assert [goal.number for goal in found] == list(range(1, 11))
    assert [goal.number for goal in found if goal.met] == [1]
    assert goal_lines(found).count("not measured") == 9


def test_a_goals_figures_stand_beside_the_others() -> None:
    """CPU as ratios in the same run."""
    assert goals(ROWS)[0].beside == [
        "no change: 0.8 s CPU, 8 x raw's (0.1 s), 2 x vdirsyncer's (0.4 s), 1 requests, 0.9 KiB",
        f"{WARM}: 0.003 s CPU, 0.03 x raw's (0.1 s), 0.0075 x vdirsyncer's (0.4 s), 3 requests, 2.6 KiB",
    ]


def test_work_that_was_left_undone_misses_the_goal() -> None:
    """However cheap it was."""
    (goal,) = [one for one in goals([replace(a_row(ONE_THERE, "tutorsync"), did_it=False)]) if one.bounds]

    assert [bound.name for bound in goal.bounds if not bound.met] == ["one edit in the calendar: left undone"]
