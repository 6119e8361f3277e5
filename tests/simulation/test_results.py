"""A long run may be stopped at any time: it goes on where it stood, and in the end tells what one piece would have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulation import runner
from tests.simulation.__main__ import played
from tests.simulation.runner import Chunk, Results, run

WANTED = [(0, 2), (2, 2)]


def test_a_run_that_was_killed_goes_on_where_it_stood(tmp_path: Path) -> None:
    """Killed while it wrote the second line: the first part is not played again, the second is."""
    path = tmp_path / "results"
    whole = played(WANTED, jobs=1, results=Results(None))
    for chunk in run(WANTED[:1], jobs=1):
        Results(path).append(chunk)
    first = path.read_text()
    path.write_text(first + first[: len(first) // 2])

    total = played(WANTED, jobs=1, results=Results(path))

    assert path.read_text().startswith(first)
    assert [(one.start, one.count) for one in Results(path).read()] == WANTED
    assert (total.histories, total.steps, total.failed, total.met) == (4, whole.steps, whole.failed, whole.met)


def test_what_is_kept_is_not_played_again(tmp_path: Path) -> None:
    """A failure that was kept is told once more, although nothing is played."""
    path = tmp_path / "results"
    Results(path).append(Chunk(0, 2, {1: ["I1: lost"]}, steps=17))

    total = played([(0, 2)], jobs=1, results=Results(path))

    assert (total.histories, total.steps, total.failed) == (2, 17, {1: ["I1: lost"]})


def test_what_another_engine_played_is_played_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something was mended between two parts of a run: what held before says nothing."""
    path = tmp_path / "results"
    with monkeypatch.context() as before:
        before.setattr(runner, "code", lambda: "before it was mended")
        Results(path).append(Chunk(0, 2, {1: ["I1: lost"]}))

    assert Results(path).read() == []
