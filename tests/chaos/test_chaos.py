"""The chaos run itself: it kills, it tells what it did, and its comparison sees what is wrong."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.chaos.compare import differences
from tests.chaos.diary import Diary, Edit
from tests.chaos.people import People
from tests.chaos.run import Results, Slice, rest, run_slice
from tests.chaos.stage import Stage


def test_three_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """Two of them while a write was on the wire."""
    said: list[str] = []

    done = run_slice(3, 1, tmp_path, said.append)

    assert (done.kills, done.problems, done.accuracy) == (3, [], 100.0)
    assert done.sent >= 1
    assert len([line for line in said if "/3 (" in line]) == 3


def test_the_comparison_sees_what_is_wrong(tmp_path: Path) -> None:
    """An event gone, one doubled, one changed, one meeting too many, one appointment touched: each is named."""
    with Stage(tmp_path) as stage:
        people = People(stage, random.Random(1))
        people.begin(4)
        assert rest(stage, people) == []
        stage.agent.stop()
        first, second, third, *_ = [event for event in people.phone.events() if event.session]
        private = next(event for event in people.phone.events() if not event.session)
        people.phone.delete(first)
        people.phone.put(second, second.text.replace("SUMMARY:", "SUMMARY:Not "))
        people.phone.store("again", third.text.replace(third.value("UID"), "again"))
        people.phone.put(private, private.text.replace("X-ODD", "X-EVEN"))
        stage.zoom.account.create({"topic": "Too many", "type": 2})
        stage.agent.start()

        found = "\n".join(differences(stage, people))
        people.close()

    for words in (f"{first.session}: 0 events", "'Not Title", ": 2 events", "3 meetings for 2", "was touched"):
        assert words in found, found


def test_a_value_that_is_nowhere_is_lost() -> None:
    """Unless somebody replaced it who had seen it, or the log names it."""
    diary = Diary(first={"s": {"title": "A"}})
    for value, seen, side in (("B", "A", "phone"), ("C", "B", "phone"), ("D", "A", "office")):
        diary.note(Edit("s", "title", value, seen, side))

    assert diary.lost({"s": {"title": "C"}}, {"s": "\nD\n"}) == []
    assert len(diary.lost({"s": {"title": "C"}}, {})) == 1  # D
    assert len(diary.lost({"s": {"title": "B"}}, {"s": "\nC\nD\n"})) == 1  # went back to B
    assert len(diary.lost({"s": {"title": "X"}}, {"s": "\nC\nD\n"})) == 1  # nobody wrote X


@pytest.mark.parametrize("problems", [[], ["an event is lost"]])
def test_a_run_goes_on_where_it_stopped(tmp_path: Path, problems: list[str]) -> None:
    """The folder has a line a world."""
    Results(tmp_path).add(Slice(seed=1, kills=20, sent=12, problems=problems))

    again = Results(tmp_path)

    assert (again.kills, len(again.problems)) == (20, len(problems))
    assert ("zero lost" in again.words()) is not bool(problems)
