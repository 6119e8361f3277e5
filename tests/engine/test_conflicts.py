"""Double bookings, from an appointment in a calendar to its settlement and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.desk.conflicts import Action, Choice
from sync_agent.engine.errors import ChoiceWrong, ConflictClosed
from sync_agent.engine.values import Role
from tests.engine.world import THURSDAY, Home

GYM = (
    "SUMMARY:Gym",
    "DTSTART;TZID=Europe/Berlin:20261112T153000",
    "DTEND;TZID=Europe/Berlin:20261112T163000",
    "RRULE:FREQ=WEEKLY",
)


_MOST_QUESTIONS = 35
"""Of a pass that brings one event which collides, more than of an idle one; each row that is written is one, too."""


@pytest.fixture
def clash(home: Home) -> Home:
    """A session on Thursday at three, and the gym every Thursday at half past."""
    home.world.add()
    home.phone.add(home.work, "gym", *GYM)
    home.run()
    return home


def closed(home: Home) -> list[str]:
    """Why double bookings were settled, the oldest first."""
    with home.world.store.read() as connection:
        rows = home.world.store.bookings.conflicts(connection, only_open=False)
    return [row.closed_why for row in sorted(rows, key=lambda row: row.closed or row.opened) if row.closed]


def test_a_weekly_appointment_overlaps_a_session(clash: Home) -> None:
    """One double booking, with both sides, the part that both take, and a sentence."""
    (conflict,) = clash.world.conflicts()

    assert conflict.kind == "overlap"
    assert [side["title"] for side in conflict.facts["sides"]] == ["Maths", "Gym"]
    assert conflict.facts["minutes"] == 30
    assert ("conflict.opened", [conflict.id]) in clash.world.told


def test_it_closes_when_the_appointment_moves(clash: Home) -> None:
    """The whole series, to the evening."""
    clash.phone.edit(clash.work, {"T153000": "T183000", "T163000": "T193000"}, title="Gym")

    report = clash.run()

    assert clash.world.conflicts() == []
    assert len(report.conflicts_closed) == 1
    assert closed(clash) == ["moved"]


def test_it_closes_when_the_appointment_is_deleted_and_when_the_session_is_cancelled(clash: Home) -> None:
    """Whichever goes."""
    clash.phone.delete(clash.work, "Gym")
    clash.run()
    assert clash.world.conflicts() == []

    clash.phone.add(clash.work, "gym", *GYM)
    clash.run()
    assert len(clash.world.conflicts()) == 1
    clash.phone.delete(clash.work, "Maths")
    clash.run()
    assert clash.world.conflicts() == []
    assert closed(clash) == ["gone", "cancelled"]


def test_suggestions_are_free_and_the_move_reaches_the_calendar(clash: Home) -> None:
    """Five slots, none at the gym; preview, move, and undo brings everything back."""
    (conflict,) = clash.world.conflicts()
    desk = clash.world.engine.conflicts
    slots = desk.suggestions(conflict.id)
    gym = [(datetime(2026, 11, 26, 15, 30) + timedelta(weeks=week)) for week in range(3)]

    assert len(slots) == 5
    assert all(slot.is_known_free for slot in slots)
    for slot in slots:
        assert all(slot.when.end <= one or slot.when.start >= one + timedelta(hours=1) for one in gym)

    choice = Choice(Action.MOVE, start=slots[0].when.start)
    preview = desk.resolve(conflict.id, choice, dry_run=True)
    assert not preview.applied
    assert [effect.where for effect in preview.effects] == [clash.name]
    assert len(clash.world.conflicts()) == 1

    told = desk.resolve(conflict.id, choice)
    clash.run()
    assert told.conflict.closed_why == "moved"
    assert f"20261126T{slots[0].when.start:%H%M}00" in clash.phone.event(clash.work, "Maths")

    clash.world.engine.undo.undo(told.activity[0].id)
    clash.run()
    assert "20261126T150000" in clash.phone.event(clash.work, "Maths")
    assert len(clash.world.conflicts()) == 1


def test_a_move_to_an_hour_that_is_taken_too_says_so_before_and_after(clash: Home) -> None:
    """An hour of one's own choice is allowed; its old hour and its own event are not in its way."""
    (conflict,) = clash.world.conflicts()
    choice = Choice(Action.MOVE, start=datetime(2026, 11, 26, 16, 0))
    desk = clash.world.engine.conflicts

    preview, done = desk.resolve(conflict.id, choice, dry_run=True), desk.resolve(conflict.id, choice)

    assert preview.remains == done.remains == ("“Gym” in work, which repeats, overlaps “Maths” by 30 minutes.",)
    assert len(clash.world.conflicts()) == 1
    free = Choice(Action.MOVE, start=datetime(2026, 11, 26, 16, 30))
    assert desk.resolve(conflict.id, free, dry_run=True).remains == ()


def test_a_calendar_that_was_not_read_lately_is_named_and_nothing_in_it_is_free(clash: Home) -> None:
    """Stale is never "free"."""
    (conflict,) = clash.world.conflicts()
    clash.world.clock.move(timedelta(hours=3))

    slots = clash.world.engine.conflicts.suggestions(conflict.id)

    assert slots
    assert all([stale.name for stale in slot.not_checked] == [clash.name] for slot in slots)
    assert not any(slot.is_known_free for slot in slots)


def test_keep_both_holds_until_a_time_changes(clash: Home) -> None:
    """It is not asked again for these times; undo asks again."""
    (conflict,) = clash.world.conflicts()
    desk = clash.world.engine.conflicts
    with pytest.raises(ChoiceWrong):
        desk.resolve(conflict.id, Choice(Action.KEEP_BOTH))

    kept = desk.resolve(conflict.id, Choice(Action.KEEP_BOTH, reason="Gym is optional"))
    clash.phone.edit(clash.work, {"SUMMARY:Gym": "SUMMARY:Gym!"}, title="Gym")
    clash.run()
    assert clash.world.conflicts() == []
    with pytest.raises(ConflictClosed):
        desk.resolve(conflict.id, Choice(Action.CANCEL))

    clash.phone.edit(clash.work, {"T153000": "T154500"}, title="Gym")
    clash.run()
    assert len(clash.world.conflicts()) == 1

    desk.resolve(clash.world.conflicts()[0].id, Choice(Action.KEEP_BOTH, reason="still"))
    assert clash.world.conflicts() == []
    clash.world.engine.undo.undo()
    assert len(clash.world.conflicts()) == 1
    assert kept.applied


def test_marked_as_free_it_no_longer_blocks_and_is_not_touched(clash: Home) -> None:
    """Only this Thursday's; undo lets it block again."""
    (conflict,) = clash.world.conflicts()
    before = clash.phone.event(clash.work, "Gym")

    told = clash.world.engine.conflicts.resolve(conflict.id, Choice(Action.MARK_FREE))
    clash.run()

    assert clash.world.conflicts() == []
    assert clash.phone.event(clash.work, "Gym") == before
    clash.world.add("Next week", start=THURSDAY + timedelta(weeks=1))
    assert len(clash.world.conflicts()) == 1

    clash.world.engine.undo.undo(told.activity[0].id)
    assert len(clash.world.conflicts()) == 2


def test_cancelling_settles_it_and_undo_brings_both_back(clash: Home) -> None:
    """The event goes and returns."""
    (conflict,) = clash.world.conflicts()
    told = clash.world.engine.conflicts.resolve(conflict.id, Choice(Action.CANCEL))
    clash.run()
    assert clash.phone.titles(clash.work) == ["Gym"]
    assert told.conflict.closed_why == "cancelled"

    clash.world.engine.undo.undo(told.activity[0].id)
    clash.run()

    assert clash.phone.titles(clash.work) == ["Gym", "Maths"]
    assert len(clash.world.conflicts()) == 1


def test_a_session_in_person_needs_its_way(home: Home) -> None:
    """Twenty minutes after the dentist there is no time to get there; online there is."""
    session = home.world.add(online=False, place="Library")
    home.phone.add(home.work, "dentist", "SUMMARY:Dentist", "DTSTART:20261126T150000Z", "DTEND:20261126T160000Z")
    home.phone.edit(home.work, {"T150000Z": "T152000Z", "T160000Z": "T162000Z"}, title="Dentist")
    home.run()
    assert [conflict.kind for conflict in home.world.conflicts()] == ["travel_buffer"]

    home.world.change(session, online=True)

    assert home.world.conflicts() == []


def test_another_time_for_the_way_is_another_list(home: Home) -> None:
    """The tutor bought a bicycle, and sold it again."""
    world = home.world
    world.add(online=False, place="Library")
    home.phone.add(home.work, "dentist", "SUMMARY:Dentist", "DTSTART:20261126T152000Z", "DTEND:20261126T162000Z")
    home.run()
    assert len(world.conflicts()) == 1

    world.settings = replace(world.settings, travel_buffer=timedelta(minutes=10))
    world.engine.conflicts.recheck()
    assert (world.conflicts(), closed(home)) == ([], ["near_enough"])

    world.settings = replace(world.settings, travel_buffer=timedelta(minutes=30))
    world.engine.conflicts.recheck()
    assert len(world.conflicts()) == 1


def test_two_sessions_at_one_time_are_told_as_they_are_entered(home: Home) -> None:
    """Without any calendar being asked; the later one cannot be marked as free."""
    home.world.add("One")
    second = home.world.add("Two")

    (conflict,) = home.world.conflicts()
    with pytest.raises(ChoiceWrong):
        home.world.engine.conflicts.resolve(conflict.id, Choice(Action.MARK_FREE))
    home.world.engine.conflicts.resolve(conflict.id, Choice(Action.CANCEL, session=second))

    assert home.world.conflicts() == []
    assert home.world.session(second).status is SessionStatus.CANCELLED


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_does_not_block_makes_no_double_booking(home: Home, line: str) -> None:
    """Free time, and what does not take place."""
    home.world.add()
    home.phone.add(home.work, "gym", *GYM, line)

    home.run()

    assert home.world.conflicts() == []


def test_whoever_listens_hears_of_a_double_booking_that_a_person_makes_and_ends(clash: Home) -> None:
    """The tray does not wait for the next look at the calendars: moved away, taken back, kept, taken back."""
    world = clash.world
    (first,) = world.conflicts()

    def told_by(act: Callable[[], object]) -> list[str]:
        world.told.clear()
        act()
        return [kind for kind, _ in world.told if kind.startswith("conflict.")]

    session = first.a.removeprefix("session:")
    moved = told_by(lambda: world.change(session, start=datetime(2026, 11, 26, 18)))
    back = told_by(world.engine.undo.undo)
    (second,) = world.conflicts()
    keep = Choice(Action.KEEP_BOTH, reason="the gym is next door")
    kept = told_by(lambda: world.engine.conflicts.resolve(second.id, keep))
    asked_again = told_by(world.engine.undo.undo)

    assert (moved, back, kept, asked_again) == (
        ["conflict.closed"],
        ["conflict.opened"],
        ["conflict.closed"],
        ["conflict.opened"],
    )


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        pytest.param({"SUMMARY:Gym": "SUMMARY:Gym\nSTATUS:CANCELLED"}, "gone", id="the series is cancelled"),
        pytest.param(
            {"RRULE:FREQ=WEEKLY": "RRULE:FREQ=WEEKLY\nEXDATE:20261126T143000Z"}, "called_off", id="this week's is off"
        ),
        pytest.param({"SUMMARY:Gym": "SUMMARY:Gym\nTRANSP:TRANSPARENT"}, "free", id="it is shown as free"),
        pytest.param(
            {"DTSTART;TZID=Europe/Berlin:20261112T153000": "DTSTART;TZID=Europe/Berlin:20261112T170000",
             "DTEND;TZID=Europe/Berlin:20261112T163000": "DTEND;TZID=Europe/Berlin:20261112T180000"},
            "moved", id="the series is moved",
        ),
    ],
)  # fmt: skip
def test_a_double_booking_that_ends_by_itself_says_why(clash: Home, edit: dict[str, str], why: str) -> None:
    """Whatever somebody did to the appointment on a phone."""
    clash.phone.edit(clash.work, edit, title="Gym")

    clash.run()

    assert (clash.world.conflicts(), closed(clash)) == ([], [why])


def test_a_calendar_that_is_no_longer_looked_at_is_the_reason(home: Home) -> None:
    """The appointment is still there; the tutor said that it does not matter."""
    gym = home.more("gym")
    home.world.add()
    home.phone.add(gym, "gym", *GYM)
    home.run()
    assert len(home.world.conflicts()) == 1

    home.world.engine.accounts.set_role(home.world.calendar("gym").id, Role.IGNORE)

    assert closed(home) == ["left_out"]


def test_whole_days_block_by_choice_for_each_calendar(home: Home) -> None:
    """A conference takes the day, a birthday does not; said of a calendar, and the list is true at once."""
    fair, world = home.more("fairs"), home.world
    world.add()
    home.phone.add(fair, "fair", "SUMMARY:Fair", "DTSTART;VALUE=DATE:20261126", "DTEND;VALUE=DATE:20261127")
    home.run()
    assert len(world.conflicts()) == 1

    world.engine.accounts.set_all_day(world.calendar("fairs").id, blocks=False)
    home.run()
    assert (world.conflicts(), closed(home)) == ([], ["all_day_free"])
    assert world.busy() == []
    world.add("Physics", start=datetime(2026, 11, 26, 9))
    assert world.conflicts() == []

    world.engine.accounts.set_all_day(world.calendar("fairs").id, blocks=True)
    assert len(world.conflicts()) == 2
    assert [entry.after for entry in world.log("calendar.all_day")] == ["blocks", "free"]


def test_three_things_at_one_time_are_settled_pair_by_pair(home: Home) -> None:
    """Two sessions and an appointment: three pairs. What one decision settles closes at once, and nothing else."""
    world = home.world
    first, second = world.add("Maths"), world.add("Latin", start=datetime(2026, 11, 26, 15, 30))
    home.phone.add(home.work, "gym", *GYM)
    home.run()
    assert len(world.conflicts()) == 3

    with_gym = next(row for row in world.conflicts() if row.a == f"session:{first}" and row.b.startswith("event:"))
    told = world.engine.conflicts.resolve(with_gym.id, Choice(Action.MARK_FREE))
    assert {(row.a, row.b) for row in world.conflicts()} == {tuple(sorted((f"session:{first}", f"session:{second}")))}

    world.engine.undo.undo(told.activity[0].id)
    assert len(world.conflicts()) == 3

    world.engine.sessions.cancel(second)
    assert {row.a for row in world.conflicts()} == {f"session:{first}"}
    world.change(first, start=datetime(2026, 11, 26, 18))
    assert world.conflicts() == []


def test_in_a_chain_the_middle_one_is_offered_no_slot_that_makes_a_new_double_booking(home: Home) -> None:
    """Maths runs into Latin, Latin into Physics: each slot for Latin is free of both, and taking it settles both."""
    world = home.world
    world.add("Maths", start=datetime(2026, 11, 26, 14, 30))
    latin = world.add("Latin")
    world.add("Physics", start=datetime(2026, 11, 26, 15, 30))
    home.phone.add(home.work, "gym", *GYM)
    home.run()
    mine = [row for row in world.conflicts() if f"session:{latin}" in (row.a, row.b)]
    assert len(mine) == 3

    slots = world.engine.conflicts.suggestions(mine[0].id, latin, count=20)
    before = {row.id for row in world.conflicts()} - {row.id for row in mine}

    assert len(slots) == 20
    for slot in slots:
        world.change(latin, start=slot.when.start)
        assert {row.id for row in world.conflicts()} == before, slot.when


def test_a_group_is_one_session_and_never_in_its_own_way(home: Home) -> None:
    """Four students, one hour, one event; seen again in another calendar it is still the same hour."""
    world = home.world
    other = home.more("shared")
    students = tuple(world.engine.sessions.put_student(name).id for name in ("Mia", "Ben", "Lea", "Tom"))
    world.add("Group", students=students)
    home.run()

    home.phone.put(f"{other}copy.ics", home.phone.event(home.work, "Group"))
    home.run()

    assert world.conflicts() == []
    assert world.busy() == []


def test_a_new_double_booking_asks_few_questions_whatever_the_calendar_holds(home: Home) -> None:
    """What it costs at ten thousand events is the number of its questions."""
    home.world.add()
    for number in range(60):
        start = f"202612{1 + number % 28:02d}T{6 + number // 28:02d}"
        home.phone.add(home.work, f"e{number}", f"SUMMARY:E{number}", f"DTSTART:{start}0000Z", f"DTEND:{start}3000Z")
    home.run()
    home.run()
    asked: list[str] = []
    event.listen(home.world.store.engine, "checkout", lambda raw, *_: raw.set_trace_callback(asked.append))
    home.run()
    idle, asked[:] = len(asked), []

    home.phone.add(home.work, "gym", *(line.replace("20261112", "20261126") for line in GYM[:3]))
    home.run()

    assert len(home.world.conflicts()) == 1
    assert len(asked) - idle <= _MOST_QUESTIONS
