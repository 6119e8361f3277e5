"""The yardstick itself works: it measures, sees whether the work was done, goes on where it stopped, and compares."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.measured import Cost, Row
from tests.benchmarks.report import goal_lines, goals, table
from tests.benchmarks.sync import MIRRORED_AGAIN, MIRRORING, READ_AGAIN, READING, WARM, Kept, measure


def a_row(step: str, peer: str, *, cpu_s: float = 1.0, requests: int = 1, size: int = 1000, count: int = 1000) -> Row:
    return Row(step, peer, count, Cost(cpu_s, 1.0, 10.0, requests, size), did_it=True)


def test_the_floor_does_the_work_with_the_fewest_requests(tmp_path: Path) -> None:
    """Everything in one request; one for each event that is sent; one to see that nothing happened."""
    rows = {row.step: row for row in measure(12, ("raw",), Kept(tmp_path), say=lambda _: None)}

    assert {step: row.cost.requests for step, row in rows.items()} == {
        READING: 1,
        READ_AGAIN: 1,
        MIRRORING: 13,
        MIRRORED_AGAIN: 1,
    }
    assert all(row.did_it and row.cost.cpu_s > 0 and row.cost.peak_mib > 5 for row in rows.values())


def test_a_stopped_run_goes_on_where_it_was(tmp_path: Path) -> None:
    """What was kept is not measured again."""
    kept, said = Kept(tmp_path), list[str]()
    kept.add(a_row(READING, "raw", count=5))
    kept.add(a_row(READ_AGAIN, "raw", count=5))

    rows = measure(5, ("raw",), kept, said.append)

    assert said == ["raw mirrors 5, and looks again"]
    assert [row.step for row in rows] == [READING, READ_AGAIN, MIRRORING, MIRRORED_AGAIN]
    assert rows == kept.rows()


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
            a_row(READ_AGAIN, "tutorsync", requests=2, size=900),
            ["no change: requests for one calendar"],
            id="one request too many",
        ),
        pytest.param(
            a_row(READ_AGAIN, "tutorsync", size=1025), ["no change: bytes for one calendar"], id="one byte too many"
        ),
        pytest.param(
            a_row(READ_AGAIN, "tutorsync", size=900, count=10_000), ["no change: bytes over vdirsyncer's"], id="large"
        ),
    ],
)
def test_a_goal_that_is_missed_is_named(changed: Row, missed: list[str]) -> None:
    """Ratios of bytes count only where there is much to list."""
    found = goals([*ROWS[:2], changed, ROWS[3]])

    assert [goal.name for goal in found if not goal.met] == missed
    assert goal_lines(found).count("NOT MET") == len(missed)
