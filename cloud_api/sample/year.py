"""Makes up the year: who teaches whom at which hour, and what became of each session. Pure: a seed and a date in."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from cloud_api.people.store import StoredPerson
from cloud_api.sample import names
from cloud_api.sessions.origins import GROUPS, stamp, written
from cloud_api.sessions.store import StoredSession
from cloud_api.zones import instants, zone_named

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMESPACE = uuid.UUID("6f1d6b0e-52e6-4e0b-9f5a-6a7d6c1f0b11")
_WEEKS_EACH_WAY = 26
_SESSIONS_PER_SERIES = 30
_SESSIONS_PER_TUTOR = 400
_HOURS = range(13, 20)
_MINUTES = (45, 60, 60, 60, 90)
# Month and day, first and last: school holidays, roughly.
_HOLIDAYS = (((12, 22), (12, 31)), ((1, 1), (1, 4)), ((4, 3), (4, 12)), ((7, 20), (8, 16)), ((10, 19), (10, 25)))


@dataclass(frozen=True, slots=True)
class SampleYear:
    """All that the sample consists of."""

    people: tuple[StoredPerson, ...]
    sessions: tuple[StoredSession, ...]

    @property
    def tutor_ids(self) -> tuple[str, ...]:
        """Who teaches."""
        return tuple(person.id for person in self.people if person.role == "tutor")


@dataclass(frozen=True, slots=True)
class _Series:
    """One hour a week."""

    name: str
    tutor: StoredPerson
    students: tuple[StoredPerson, ...]
    subject: str
    weekday: int
    start: time
    zone: str
    minutes: int
    place: str


def sample_year(*, sessions: int, seed: int, around: date) -> SampleYear:
    """Make up a year of that many sessions, those nearest to a date.

    Args:
        sessions: how many; fewer come back only if no more hours are left in the week.
        seed: another seed, another year; the same one gives the same ids.
        around: half of the year lies before it, as completed sessions, half after it, as planned ones.
    """
    chance = random.Random(f"{seed}/{around.isoformat()}/{sessions}")  # noqa: S311 - a story, no secret
    made_at = datetime.combine(around - timedelta(weeks=_WEEKS_EACH_WAY + 2), time(9), UTC)
    count = min(len(names.TUTORS), 1 + sessions // _SESSIONS_PER_TUTOR)
    tutors = [_person(seed, "tutor", who, made_at) for who in names.TUTORS[:count]]
    students = [_person(seed, "student", who, made_at) for who in names.STUDENTS]
    guardians = [
        _person(seed, "guardian", who, made_at, students=(students[place * 2].id,))
        for place, who in enumerate(names.GUARDIANS)
    ]
    series = _series(chance, tutors, students, wanted=max(4, -(-sessions // _SESSIONS_PER_SERIES)))
    every = [session for one in series for session in _sessions_of(chance, one, seed, around, made_at)]
    return SampleYear((*students, *tutors, *guardians), _nearest(every, sessions, around))


def _person(
    seed: int, role: str, who: names.Person, made_at: datetime, *, students: tuple[str, ...] = ()
) -> StoredPerson:
    name, zone = who
    person_id = str(uuid.uuid5(_NAMESPACE, f"{seed}/{role}/{name}"))
    email = f"{role}-{person_id[:8]}@example.org"
    return StoredPerson(person_id, role, 1, name, email, zone, True, made_at, made_at, students)


def _series(
    chance: random.Random, tutors: Sequence[StoredPerson], students: Sequence[StoredPerson], *, wanted: int
) -> list[_Series]:
    """Give each tutor's hours away, none of them twice."""
    free = [(place, weekday, hour) for place in range(len(tutors)) for weekday in range(6) for hour in _HOURS]
    chance.shuffle(free)
    found = []
    for number, (place, weekday, hour) in enumerate(free[:wanted]):
        tutor = tutors[place]
        is_group = chance.random() < 0.12
        taking_part = tuple(chance.sample(list(students), chance.randint(2, 4) if is_group else 1))
        found.append(
            _Series(
                name=f"series-{number}",
                tutor=tutor,
                students=taking_part,
                subject=chance.choice(names.SUBJECTS),
                weekday=weekday,
                start=time(hour, chance.choice((0, 0, 0, 15, 30))),
                # A student far away keeps their own hour, whatever the clocks do here.
                zone=taking_part[0].zone if weekday == 5 and not is_group else tutor.zone,
                minutes=chance.choice(_MINUTES),
                place="" if chance.random() < 0.7 else chance.choice(names.PLACES),
            )
        )
    return found


def _sessions_of(
    chance: random.Random, series: _Series, seed: int, around: date, made_at: datetime
) -> Iterator[StoredSession]:
    monday = around - timedelta(days=around.weekday())
    for week in range(-_WEEKS_EACH_WAY, _WEEKS_EACH_WAY):
        day = monday + timedelta(weeks=week, days=series.weekday)
        fate = chance.random()
        remark = chance.choice(names.NOTES) if chance.random() < 0.3 else ""
        if _is_holiday(day) and abs(day - around) > timedelta(days=14):
            continue
        yield _session(series, seed, day, is_past=day < around, fate=fate, remark=remark, made_at=made_at)


def _session(
    series: _Series, seed: int, day: date, *, is_past: bool, fate: float, remark: str, made_at: datetime
) -> StoredSession:
    start_wall = datetime.combine(day, series.start)
    zone = zone_named(series.zone)
    if zone is None:
        raise LookupError(series.zone)
    starts_at, ends_at = instants(start_wall, zone, series.minutes)
    status, chargeable, reason = _fate(fate, is_past=is_past)
    if status == "cancelled":
        remark = names.CANCELLED_BECAUSE[day.toordinal() % len(names.CANCELLED_BECAUSE)]
    first = " & ".join(student.name.split(" ")[0] for student in series.students[:2])
    origin = stamp(series.tutor.name, "platform", made_at)
    return StoredSession(
        id=str(uuid.uuid5(_NAMESPACE, f"{seed}/{series.name}/{day.isoformat()}")),
        version=1,
        tutor_id=series.tutor.id,
        student_ids=tuple(student.id for student in series.students),
        title=f"{series.subject}, {first}",
        subject=series.subject,
        start_wall=start_wall.isoformat(),
        zone=series.zone,
        duration_minutes=series.minutes,
        starts_at=starts_at,
        ends_at=ends_at,
        online=not series.place,
        place=series.place,
        status=status,
        notes=remark,
        chargeable=chargeable,
        chargeable_reason=reason,
        series_id=str(uuid.uuid5(_NAMESPACE, f"{seed}/{series.name}")),
        meeting_provider="",
        join_url="",
        origins=written(dict.fromkeys(GROUPS, origin)),
        created_at=made_at,
        updated_at=made_at,
    )


def _fate(roll: float, *, is_past: bool) -> tuple[str, bool, str]:
    """Give status, whether it is charged, and why."""
    if roll < 0.05:
        return "cancelled", False, "cancelled in time"
    if roll < 0.07:
        return "cancelled", True, "cancelled less than 24 hours before"
    if not is_past:
        return "planned", True, ""
    return ("no_show", True, "") if roll < 0.09 else ("completed", True, "")


def _is_holiday(day: date) -> bool:
    return any(first <= (day.month, day.day) <= last for first, last in _HOLIDAYS)


def _nearest(every: Sequence[StoredSession], wanted: int, around: date) -> tuple[StoredSession, ...]:
    """Take the sessions nearest to the date; a tutor is in one place at a time."""
    middle = datetime.combine(around, time(12), UTC)
    taken: list[StoredSession] = []
    for session in sorted(every, key=lambda one: (abs(one.starts_at - middle), one.id)):
        if len(taken) == wanted:
            break
        if not any(_overlap(session, other) for other in taken):
            taken.append(session)
    return tuple(sorted(taken, key=lambda one: (one.starts_at, one.id)))


def _overlap(one: StoredSession, other: StoredSession) -> bool:
    return one.tutor_id == other.tutor_id and one.starts_at < other.ends_at and other.starts_at < one.ends_at
