"""Thirty times “why?”, through the command line: the verdict and the reason that decides it.

Read a case as: *given* that week (why_week.py) and perhaps something that happened since, whoever asks about *this* is
told *that*. All cases but those where something happened ask one and the same profile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.laptop import schemas
from tests.laptop.conftest import environment_of
from tests.laptop.why_week import Profile, day_of, event, in_berlin, last_sunday, make_week, timed, write_feed


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    """The tutor's week."""
    folder = tmp_path_factory.mktemp("week")
    yield from make_week(folder, environment_of(folder))


@dataclass(frozen=True)
class Case:
    """One question and its answer.

    Attributes:
        about: "Wed 15:00-16:00", or "session Maths", or "conflict Maths"; `more` are options beside it.
        code: of a fact that is among the reasons.
        says: in the sentence of that fact.
        first: whether that is the first reason: the one that decides.
    """

    about: str
    verdict: str
    code: str
    says: str
    more: tuple[str, ...] = ()
    first: bool = True
    happened: Callable[[Profile], None] | None = None


def slept(profile: Profile) -> None:
    """The computer was shut for a night."""
    with profile.database() as database:
        database.execute("UPDATE calendar SET read_at = datetime(read_at, '-9 hours')")


def feed_gone(profile: Profile) -> None:
    """The school took its calendar away, and one look found that out."""
    (profile.feeds / "club.ics").unlink()
    profile("sync", "--wait")
    _later(profile)


def feed_broken(profile: Profile) -> None:
    """Something else lies where the calendar was."""
    (profile.feeds / "club.ics").write_text("<html>Please sign in</html>")
    profile("sync", "--wait")
    _later(profile)


def _later(profile: Profile) -> None:
    """Two minutes pass, in which the agent would have looked again."""
    with profile.database() as database:
        database.execute("UPDATE calendar SET read_at = datetime(read_at, '-2 minutes')")


def only_connected(profile: Profile) -> None:
    """One more calendar, which nobody has read yet."""
    path = write_feed(profile.feeds, "School", event("Assembly", *timed("Wed", "08:00-09:00")))
    profile.json("connect", "ics", "--file", str(path), "--name", "School")


def birthdays_block(profile: Profile) -> None:
    """The tutor wants whole days in that calendar to take the time."""
    profile.json("calendars", "set", profile.calendar("Birthdays"), "--all-day", "blocks")


def no_buffer(profile: Profile) -> None:
    """The tutor moved next door to the library."""
    profile.json("config", "set", "travel_buffer_minutes", "0")


def sunday_work(profile: Profile) -> None:
    """The tutor works on Sundays now."""
    profile.json("config", "set", "working_hours.sunday", "09:00-24:00")


def taken(about: str, code: str, says: str, *more: str, **facts: Any) -> Case:
    """Something is in the way."""
    return Case(about, "taken", code, says, more, **facts)


def free(about: str, code: str, says: str, *more: str, **facts: Any) -> Case:
    """Nothing is in the way, and all was looked at."""
    return Case(about, "free", code, says, more, **facts)


def unknown(about: str, code: str, says: str, *more: str, **facts: Any) -> Case:
    """Nothing is in the way as far as anybody knows, and not all is known."""
    return Case(about, "not_checked", code, says, more, **facts)


NEW_YORK = "America/New_York"
LATER = {"first": False}
"""The reason is among others: it does not decide."""

IN_THE_WAY = {
    "an appointment": taken("Wed 09:00-10:00", "overlap", "“Haircut” in Private is there"),
    "a part of one is enough": taken("Wed 09:45-10:45", "overlap", "Haircut"),
    "back to back is free": free("Wed 10:00-11:00", "inside_hours", "inside your working hours"),
    "another session": taken("Tue 17:30-18:30", "overlap", "The session “Group” is there"),
    "a series, on a day like any other": taken("Wed 07:00-08:00", "overlap", "“Yoga” in Private, which repeats,"),
    "an hour of another zone": taken(f"Tue {in_berlin('Tue', '04:15-04:45', NEW_YORK)}", "overlap", "“New York call”"),
    "a zone as Outlook names it": taken("Tue 12:30-13:30", "overlap", "“Outlook meeting”"),
    "a time without a zone is the tutor's own": taken("Mon 08:30-09:30", "overlap", "“Walk”"),
    "what goes on after midnight": taken("Tue 00:30-01:30", "overlap", "“Night train”"),
    "a day in the middle of a journey": taken("Sun 12:00-13:00", "overlap", "“Trip”"),
    "a whole day that blocks": taken("Fri 16:00-17:00", "overlap", "“Book fair” in Fairs is there"),
    "what is not certain yet": taken("Thu 14:00-15:00", "overlap", "“Talk”"),
    "an invitation that was accepted": taken("Wed 17:00-18:00", "overlap", "“Board”"),
    "an instance where it was moved to": taken("Fri 20:00-21:00", "overlap", "“Gym”", **LATER),
}
THE_WAY = {
    "in person, too near to a session elsewhere": taken(
        "Mon 11:15-12:00", "travel_buffer", "15 minutes are missing", "--in-person"
    ),
    "in person at the same place": free(
        "Mon 11:15-12:00", "travel_kept", "30 minutes before and after", "--place", "library", **LATER
    ),
    "online, but the session before it is in person": taken("Mon 11:15-12:00", "travel_buffer", "“Latin”"),
    "without any buffer": free("Mon 11:15-12:00", "inside_hours", "inside", "--in-person", happened=no_buffer),
}
HARMLESS = {
    "shown as free": free("Wed 12:00-13:00", "does_not_block", "“Lunch” in Private does not block, because it is"),
    "declined": free("Wed 19:00-20:00", "does_not_block", "because you declined it"),
    "a cancelled appointment": free("Sat 10:00-11:00", "does_not_block", "because it was cancelled"),
    "a cancelled instance": free(
        "Tue 07:00-07:30", "does_not_block", "“Yoga” in Private does not block, because it was"
    ),
    "an instance that was taken out": free(
        "Thu+7 18:00-19:00", "does_not_block", "this date was taken out of its series"
    ),
    "an instance that was moved away": free("Thu 18:00-19:00", "moved_away", "“Gym” in Private usually is there"),
    "a whole day, by choice": free("Tue+7 10:00-11:00", "does_not_block", "leave you free, as you chose"),
    "the same day, when it blocks": taken("Tue+7 10:00-11:00", "overlap", "“Mia's birthday”", happened=birthdays_block),
    "marked as free": taken("Fri 10:00-11:00", "does_not_block", "because you marked it as free", **LATER),
    "a cancelled session": free("Mon 14:00-15:00", "does_not_block", "The session “Physics” does not block"),
    "a calendar that is ignored": free("Wed+7 10:00-11:00", "ignored", "as you chose: Holidays", **LATER),
}
RULES = {
    "outside the working hours": free("Wed+7 21:00-22:00", "outside_hours", "(on Wednesday 09:00–20:00), which ranks"),
    "a day off": free("Sun+7 15:00-16:00", "outside_hours", "(none on Sunday)"),
    "a day off that is none any more": free("Sun+7 15:00-16:00", "inside_hours", "inside", happened=sunday_work),
    "an hour of a student's zone": free(
        "Wed+7 09:00-10:00",
        "zone",
        in_berlin("Wed+7", "09:00-10:00", NEW_YORK).replace("-", "–"),
        "--zone",
        NEW_YORK,
        **LATER,
    ),
    "an hour that the clocks skip": free(f"{last_sunday(3)} 02:30-03:00", "clock_skips", "02:30 is skipped", **LATER),
    "an hour that comes twice": free(f"{last_sunday(10)} 02:30-03:00", "clock_repeats", "show 02:30 twice", **LATER),
    "what is over": free(f"{day_of('Wed') - timedelta(days=28)} 10:00-11:00", "past", "It is over.", **LATER),
}
NOT_KNOWN = {
    "all was looked at": free(
        "Wed+7 10:00-11:00", "checked", "against Birthdays, Club, Fairs, Private and anna@example.org", **LATER
    ),
    "an event that is not understood, on its day": unknown("Thu+14 12:00-13:00", "doubt", "“Chess” in Club"),
    "after a night's sleep": unknown("Wed+7 10:00-11:00", "not_checked", "not checked since", happened=slept),
    "a feed that is gone": unknown("Wed+7 10:00-11:00", "not_checked", "Club not checked since", happened=feed_gone),
    "a feed that is broken": unknown("Wed+7 10:00-11:00", "not_checked", "Club not checked", happened=feed_broken),
    "what is in the way is so whatever is gone": taken("Wed 09:00-10:00", "overlap", "Haircut", happened=feed_gone),
    "a calendar that was never read": unknown(
        "Wed+7 10:00-11:00", "not_checked", "School never checked yet", happened=only_connected
    ),
    "two years ahead": unknown(
        f"{day_of('Wed') + timedelta(days=728)} 10:00-11:00", "not_checked", "it is not looked at so far ahead"
    ),
}
BY_ID = {
    "a session that is double booked": taken("session Maths", "overlap", "“Dentist” in Private overlaps “Maths” by 30"),
    "a session that is not": free("session Group", "inside_hours", "inside"),
    "a session that is cancelled": Case("session Physics", "off", "cancelled", "is cancelled, so it takes no time"),
    "a session in another zone": free(
        "session Overseas", "zone", in_berlin("Tue+7", "11:00-12:00", NEW_YORK).replace("-", "–"), **LATER
    ),
    "a session that is kept beside an appointment": taken(
        "session Chemistry", "kept", "You decided to keep “Chemistry” and “Meeting”: it is by phone.", **LATER
    ),
    "an open double booking": taken("conflict Maths", "conflict_open", "The double booking is open since"),
    "one that was kept": taken("conflict Chemistry", "conflict_settled", "you decided to keep both: it is by phone."),
    "one that ended by itself": free("conflict Greek", "conflict_settled", "because one of the two was moved."),
    "one whose appointment was marked as free": free(
        "conflict Art", "conflict_settled", "because you marked the appointment as free."
    ),
}
CASES = IN_THE_WAY | THE_WAY | HARMLESS | RULES | NOT_KNOWN | BY_ID


@pytest.mark.complaint(19)
@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_complaint_19_why_says_the_reason(week: Profile, case: Case, tmp_path: Path) -> None:
    """“I cannot see why it thinks I am free or busy”: here one can, as data and as one text that says the same."""
    profile = week
    if case.happened is not None:
        profile = week.copy(tmp_path)
        case.happened(profile)

    told = profile.json("why", *_asked(profile, case))
    code, text = profile("why", *_asked(profile, case))

    assert schemas.problems("why", told) == []
    assert told["verdict"] == case.verdict, told["text"]
    reasons = list(zip((fact["code"] for fact in told["facts"]), told["sentences"], strict=True))
    said = [sentence for name, sentence in reasons if name == case.code]
    assert any(case.says in sentence for sentence in said), told["text"]
    if case.first:
        assert reasons[0][0] == case.code, told["text"]
    assert (code, text) == (0, told["text"] + "\n")


def _asked(profile: Profile, case: Case) -> list[str]:
    """Give the command's arguments: a session or conflict by its id, else a time."""
    kind, _, name = case.about.partition(" ")
    if kind == "session":
        return [profile.sessions[name], *case.more]
    if kind == "conflict":
        return [profile.conflicts[name], *case.more]
    day = kind if kind[0].isdigit() else str(day_of(kind))
    lo, hi = name.split("-")
    return [f"{day}T{lo}/{hi}", *case.more]


def test_there_are_thirty_cases_at_least() -> None:
    """As promised."""
    assert len(CASES) >= 30


@pytest.mark.parametrize(
    ("about", "more", "when"),
    [
        pytest.param("2030-05-08T15:00", (), "15:00–16:00, Europe/Berlin", id="an hour, if nothing is said"),
        pytest.param("2030-05-08 15:00", ("--minutes", "90"), "15:00–16:30, Europe/Berlin", id="so many minutes"),
        pytest.param("2030-05-08T15:00/15:45", (), "15:00–15:45, Europe/Berlin", id="from and to"),
        pytest.param("2030-05-08T15:00/2030-05-08T16:00", (), "15:00–16:00, Europe/Berlin", id="both in full"),
        pytest.param("2030-05-08T23:00/01:00", (), "23:00 – Thu 9 May 2030, 01:00, Europe/Berlin", id="over midnight"),
        pytest.param("2030-05-08T15:00+02:00", (), "15:00–16:00, Europe/Berlin", id="an instant, as JSON gives it"),
        pytest.param("2030-05-08T13:00Z/2030-05-08T14:00Z", (), "15:00–16:00, Europe/Berlin", id="two instants"),
        pytest.param("2030-05-08T13:00Z", ("--zone", "Asia/Tokyo"), "22:00–23:00, Asia/Tokyo", id="on another clock"),
        pytest.param("2030-05-08T15:00/16:00", ("--zone", "Asia/Tokyo"), "15:00–16:00, Asia/Tokyo", id="there"),
    ],
)
def test_a_time_may_be_written_in_these_ways(week: Profile, about: str, more: tuple[str, ...], when: str) -> None:
    """As people write it, and as scripts read it."""
    assert week.json("why", about, *more)["when"] == f"Wed 8 May 2030, {when}"


@pytest.mark.parametrize(
    ("about", "more", "message"),
    [
        pytest.param("2030-05-08", (), "is a whole day; ask for an hour", id="a day"),
        pytest.param("2030-05-08T15:00/later", (), "“later” is no time", id="no end"),
        pytest.param("2030-05-08T15:00/2030-05-08T14:00", (), "lasts more than nothing", id="backwards"),
        pytest.param("2030-05-08T15:00/2030-05-10T15:00", (), "less than a day", id="for days"),
        pytest.param(
            "2030-05-08T15:00", ("--zone", "Mars/Olympus"), "no time zone called “Mars/Olympus”", id="no zone"
        ),
        pytest.param(
            "2030-05-08T15:00Z", ("--zone", "Mars/Olympus"), "no time zone called", id="no zone for an instant"
        ),
        pytest.param("tomorrow", (), "“tomorrow” is neither a time nor the id of", id="no time and no id"),
    ],
)
def test_bad_input_what_is_no_time_is_said_in_one_sentence(
    week: Profile, about: str, more: tuple[str, ...], message: str
) -> None:
    """And nothing is guessed."""
    code, said = week("why", about, *more)

    assert code in (1, 2)
    assert message in said
