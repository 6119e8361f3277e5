"""How far a long pass is: told while it goes on, and not too often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from sync_agent.engine.sync.progress import Advance, Progress
from tests.engine.world import NOW, THURSDAY, Home, MovingClock


class SlowClock(MovingClock):
    """Each look at it takes a twentieth of a second."""

    def now(self) -> datetime:
        self.move(timedelta(milliseconds=49))
        return super().now()


class Ear(list[tuple[str, Sequence[str]]]):
    """Hears what a world tells, and looks at once how far the pass is."""

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.home, self.seen = home, list[tuple[timedelta, Advance]]()

    def append(self, told: tuple[str, Sequence[str]]) -> None:
        super().append(told)
        advance = self.home.world.engine.progress
        if told[0] == "pass.progress" and advance is not None:
            assert list(told[1]) == [advance.run]
            self.seen.append((self.home.world.clock.elapsed(), advance))


def test_a_first_mirroring_says_how_far_it_is(home: Home) -> None:
    """A hundred sessions on their way into an empty calendar."""
    home.world.clock, ear = SlowClock(NOW), Ear(home)
    home.world.told = ear
    home.world.again()
    for number in range(100):
        home.world.add(f"S{number}", start=THURSDAY + timedelta(days=number))

    home.run()

    written = [advance.written for _, advance in ear.seen]
    assert {advance.to_write for _, advance in ear.seen} == {100}
    assert len(written) >= 3
    assert written == sorted(written)
    assert 0 < written[0] < written[-1] <= 100
    times = [at for at, _ in ear.seen]
    assert all(after - before >= timedelta(seconds=1) for before, after in pairwise(times))
    assert home.world.engine.progress is None


def test_a_pass_that_is_over_in_a_moment_tells_nothing(home: Home) -> None:
    """Nor does one in which nothing is to be done."""
    home.world.add()
    home.run()
    home.run()

    assert "pass.progress" not in [kind for kind, _ in home.world.told]


def test_reading_and_writing_are_counted_and_nobody_counts_after_the_end() -> None:
    """A lane that a pass left behind goes on, and belongs to no pass any more."""
    told: list[str] = []
    clock = MovingClock()
    progress = Progress(clock, told.append)
    progress.has_read(5)
    assert (progress.now, told) == (None, [])

    progress.begin("one")
    progress.has_read(200)
    clock.move(timedelta(seconds=2))
    progress.wants_to_write(7)
    progress.has_written(3)

    assert progress.now == Advance("one", read=200, written=3, to_write=7)
    assert told == ["one"]
    progress.end()
    progress.has_written(4)
    assert (progress.now, told) == (None, ["one"])
