"""The platform as a side: the agency's office and the tutor's laptop see the same sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

from cloud_api.database import Database
from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.values import FieldGroup
from tests.cloud_api.server import run_cloud
from tests.engine.agency import Agency, new_epoch, put_back, rows_of, take_out
from tests.engine.phone import value_of
from tests.engine.world import THURSDAY, Home

T17 = datetime(2026, 11, 26, 17)


def test_a_session_of_the_platform_comes_down_into_the_calendar(home: Home, agency: Agency) -> None:
    """With its students; nothing is written back to the platform."""
    made = agency.tenant.session(title="Algebra, Mia", notes="Bring the book")

    report = home.run()

    assert home.phone.titles(home.work) in (["Algebra, Mia"], ["Algebra\\, Mia"])
    assert home.world.session(made["id"]).students == (agency.tenant.students[0],)
    with home.world.store.read() as connection:
        names = {student.id: student.name for student in home.world.store.sessions.students(connection)}
    assert names[agency.tenant.students[0]] == "Mia Öztürk"
    assert report.written == 1
    assert agency.session(made["id"])["version"] == made["version"]
    assert home.idle() == 0


def test_a_phone_moves_it_and_the_platform_follows(home: Home, agency: Agency) -> None:
    """From the calendar through the laptop to the office, with who it was."""
    made = agency.tenant.session()
    home.run()

    home.phone.move(home.work, 15, 17)
    report = home.run()

    assert agency.session(made["id"])["start_wall"] == "2026-11-26T17:00:00"
    assert report.written == 1
    assert home.idle(5) == 0


def test_the_office_moves_it_and_the_calendar_follows(home: Home, agency: Agency) -> None:
    """And back in one pass."""
    made = agency.tenant.session()
    home.run()

    agency.change(made["id"], start_wall="2026-11-26T17:00:00")
    report = home.run()

    assert "20261126T170000" in home.phone.event(home.work)
    assert home.world.session(made["id"]).when.start == T17
    assert report.written == 1
    assert home.idle(5) == 0


def test_different_fields_on_three_sides_all_survive(home: Home, agency: Agency) -> None:
    """The office renames, the phone moves, the tutor adds notes: one merge."""
    made = agency.tenant.session(title="Algebra")
    home.run()

    agency.change(made["id"], title="Geometry")
    home.phone.move(home.work, 15, 17)
    home.world.change(made["id"], notes="Bring the ruler")
    home.run()

    seen, text = agency.session(made["id"]), home.phone.event(home.work)
    assert (seen["title"], seen["start_wall"], seen["notes"]) == ("Geometry", "2026-11-26T17:00:00", "Bring the ruler")
    assert value_of(text, "SUMMARY") == "Geometry"
    assert value_of(text, "DESCRIPTION") == "Bring the ruler"
    assert "20261126T170000" in text
    assert home.idle(5) == 0


def test_cancelling_goes_both_ways(home: Home, agency: Agency) -> None:
    """Deleted on the phone: the office sees it cancelled. Cancelled in the office: the event goes."""
    one = agency.tenant.session(title="One")
    two = agency.tenant.session(title="Two", start_wall="2026-11-27T15:00:00")
    home.run()

    home.phone.delete(home.work, "One")
    agency.change(two["id"], status="cancelled")
    home.run()
    assert not home.world.session(one["id"]).is_live
    home.run()

    assert agency.session(one["id"])["status"] == "cancelled"
    assert home.world.session(two["id"]).status is SessionStatus.CANCELLED
    assert home.events == []

    (entry,) = [entry for entry in home.world.log("session.cancelled") if entry.session == one["id"]]
    home.world.engine.undo.undo(entry.id)
    home.run()
    assert agency.session(one["id"])["status"] == "planned"
    assert home.phone.titles(home.work) == ["One"]
    assert home.idle(5) == 0


def test_a_session_of_the_laptop_appears_on_the_platform(home: Home, agency: Agency) -> None:
    """Made offline, under its own id; the network returns and it arrives once."""
    agency.wire.fail("drop-request", every=True)
    session = home.world.add("Own")
    home.run()
    home.world.change(session, title="My own")
    agency.wire.fail()

    home.run()

    assert agency.session(session)["title"] == "My own"
    assert home.phone.titles(home.work) == ["My own"]
    assert home.idle(5) == 0


def test_a_student_of_the_laptop_comes_along(home: Home, agency: Agency) -> None:
    """The tutor enters a new student while offline; the platform learns of them before it gets the session."""
    student = home.world.engine.sessions.put_student("Noor Haddad", zone="Europe/Berlin")
    session = home.world.add("Arabic", students=(student.id,))

    home.run()

    assert agency.session(session)["student_ids"] == [student.id]
    assert agency.tenant.api.get(f"/api/students/{student.id}").json()["name"] == "Noor Haddad"
    assert home.idle(3) == 0


def test_an_edit_of_the_office_between_look_and_write_keeps_both(home: Home, agency: Agency) -> None:
    """412 from the platform: read again and merged in the same pass or the next."""
    made = agency.tenant.session(title="Algebra")
    home.run()
    home.world.change(made["id"], title="Physics")
    agency.wire.fail("drop-request", method="GET", every=True)
    home.run()
    agency.change(made["id"], notes="Office says hello")
    agency.wire.fail()

    home.run()

    seen = agency.session(made["id"])
    assert (seen["title"], seen["notes"]) == ("Physics", "Office says hello")
    assert home.idle(3) == 0


def test_the_platform_starts_a_new_feed_and_nothing_is_doubled(home: Home, agency: Agency, cloud_url: str) -> None:
    """A backup was restored there: everything is read again."""
    made = agency.tenant.session()
    session = home.world.add("Own")
    home.run()
    run_cloud("new-epoch", "--database-url", cloud_url)
    agency.change(made["id"], title="After the restore")

    home.run()

    assert sorted(home.phone.titles(home.work)) == ["After the restore", "Own"]
    assert home.world.session(session).is_live
    assert home.idle(3) == 0


def test_a_platform_put_back_to_its_backup_gets_the_newer_edits_again(
    home: Home, agency: Agency, database: Database
) -> None:
    """Its version is lower than the one that the laptop knows; what the office edited since is an edit nevertheless."""
    made = agency.tenant.session(title="Algebra", notes="Old")
    home.run()
    backup = rows_of(database, made["id"])
    home.world.change(made["id"], title="Physics")
    home.run()
    agency.change(made["id"], notes="Newer")
    home.run()

    put_back(database, backup)
    agency.change(made["id"], place="Library", online=False)
    home.run()
    home.run()

    seen = agency.session(made["id"])
    assert (seen["title"], seen["notes"], seen["place"]) == ("Physics", "Newer", "Library")
    assert (home.world.session(made["id"]).title, home.world.session(made["id"]).place) == ("Physics", "Library")
    assert home.phone.titles(home.work) == ["Physics"]
    assert home.idle(3) == 0


def test_a_platform_put_back_to_its_backup_gets_the_sessions_that_it_never_knew(
    home: Home, agency: Agency, database: Database
) -> None:
    """Made after the backup. One of them was given to a colleague meanwhile: that one is not fought over."""
    own, given = home.world.add("Own"), home.world.add("Given")
    home.run()

    for one in (own, given):
        take_out(database, one)
    new_epoch(database)
    agency.tenant.session(title="Other", start_wall="2026-11-27T10:00:00")
    colleague = agency.tenant.person("tutor", "Ben")
    agency.tenant.put(given, title="Given", tutor_id=colleague)
    home.run()
    home.run()

    assert agency.session(own)["title"] == "Own"
    assert agency.session(given)["tutor_id"] == colleague
    assert home.world.session(given).is_live
    assert sorted(home.phone.titles(home.work)) == ["Given", "Other", "Own"]
    assert home.idle(3) == 0


def test_lost_access_cancels_nothing(home: Home, agency: Agency) -> None:
    """The session was given to another tutor: it stays here, and is no longer kept equal with the platform."""
    made = agency.tenant.session()
    home.run()
    colleague = agency.tenant.person("tutor", "Ben")

    agency.change(made["id"], tutor_id=colleague)
    home.run()
    home.run()

    assert home.world.session(made["id"]).is_live
    assert home.phone.titles(home.work) in (["Algebra, Mia"], ["Algebra\\, Mia"])
    assert agency.session(made["id"])["status"] == "planned"
    assert home.idle(3) == 0


def test_origins_travel_with_the_value(home: Home, agency: Agency) -> None:
    """The office sees who made which edit; a copy is never newer than what it copies."""
    made = agency.tenant.session()
    home.run()
    home.world.change(made["id"], title="Physics")
    home.run()
    first = home.world.session(made["id"]).origins[FieldGroup.TITLE]

    home.run(minutes=30)

    again = home.world.session(made["id"]).origins[FieldGroup.TITLE]
    assert (first.side, first.device) == (again.side, again.device) == ("app", "laptop:test")
    assert (again.since, again.until) == (first.since, first.until)


def test_what_only_the_platform_can_say_goes_there_and_nowhere_else(home: Home, agency: Agency) -> None:
    """Completed, not chargeable: no calendar is touched."""
    made = agency.tenant.session()
    home.run()
    before = home.phone.event(home.work)

    home.world.change(made["id"], chargeable=False, subject="Maths")
    home.run()

    seen = agency.session(made["id"])
    assert (seen["chargeable"], seen["subject"]) == (False, "Maths")
    assert home.phone.event(home.work) == before


def test_the_platform_writes_a_year_and_every_session_arrives(home: Home, agency: Agency) -> None:
    """Thirty sessions in one pass, then silence."""
    for number in range(30):
        day = THURSDAY + timedelta(days=number)
        agency.tenant.session(title=f"S{number:02}", start_wall=day.isoformat())

    report = home.run()

    assert len(home.events) == 30
    assert report.created == 30
    assert home.idle(3) == 0


def test_the_platform_s_own_meeting_is_shown_and_followed(home: Home, agency: Agency) -> None:
    """The office gives another room: the event has the new link, and the old one is not written back."""
    made = agency.tenant.session(meeting={"provider": "room", "join_url": "https://meet.example.org/one"})
    home.run()
    assert "https://meet.example.org/one" in home.phone.event(home.work)

    agency.change(made["id"], meeting={"provider": "room", "join_url": "https://meet.example.org/two"})
    home.run()

    assert "https://meet.example.org/two" in home.phone.event(home.work)
    assert "https://meet.example.org/one" not in home.phone.event(home.work)
    assert agency.session(made["id"])["meeting"]["join_url"] == "https://meet.example.org/two"
    assert home.idle(3) == 0


def _a_dozen(home: Home, agency: Agency) -> list[str]:
    made = [
        agency.tenant.session(title=f"S{number:02}", start_wall=f"2026-12-{number:02}T15:00:00")["id"]
        for number in range(1, 13)
    ]
    home.run()
    assert len(home.events) == 12
    return made


def test_an_office_that_cancels_a_dozen_at_once_is_asked_about_first(home: Home, agency: Agency) -> None:
    """Somebody's import went wrong. Nothing is cancelled here or in the calendar; no brings them back in the office."""
    made = _a_dozen(home, agency)
    for one in made:
        agency.change(one, status="cancelled")

    home.run()

    (question,) = home.world.questions()
    assert (question.kind, question.facts["count"], question.facts["platform"]) == ("mass_deletion", 12, True)
    assert all(home.world.session(one).is_live for one in made)
    assert len(home.events) == 12
    assert home.idle(3) == 0

    home.world.engine.questions.answer(question.id, "no")
    home.run()

    assert {agency.session(one)["status"] for one in made} == {"planned"}
    assert home.world.questions() == []
    assert home.idle(3) == 0


def test_an_office_that_cancelled_a_dozen_on_purpose_needs_one_yes(home: Home, agency: Agency) -> None:
    """Read and written are one cause: it is not asked again before the events go."""
    made = _a_dozen(home, agency)
    for one in made:
        agency.change(one, status="cancelled")
    home.run()

    home.world.engine.questions.answer(home.world.questions()[0].id, "yes")
    home.run()

    assert home.events == []
    assert not any(home.world.session(one).is_live for one in made)
    assert home.world.questions() == []
    assert home.idle(3) == 0


def test_an_office_that_moves_a_dozen_by_an_hour_and_back_needs_no_answer(home: Home, agency: Agency) -> None:
    """The mistake was seen there, too: the question closes itself."""
    made = _a_dozen(home, agency)
    for number, one in enumerate(made, start=1):
        agency.change(one, start_wall=f"2026-12-{number:02}T16:00:00")
    home.run()
    assert [question.facts["shift_s"] for question in home.world.questions()] == [3600]

    for number, one in enumerate(made, start=1):
        agency.change(one, start_wall=f"2026-12-{number:02}T15:00:00")
    home.run()

    assert home.world.questions() == []
    assert {home.world.session(one).when.start.hour for one in made} == {15}
    assert home.idle(3) == 0


def test_what_another_laptop_s_tutor_cancelled_is_not_asked_about_here(home: Home, agency: Agency) -> None:
    """A week of illness, entered on the other laptop: the platform says that a person did it in the app."""
    made = _a_dozen(home, agency)
    origin = {"who": "Anna", "device": "laptop:other", "side": "app"}
    stamped = dict.fromkeys(("since", "until"), "2026-11-24T09:00:00+00:00")
    with agency.tenant.paired() as other:
        for one in made:
            wish = {"status": "cancelled", "origins": {"status": {**origin, **stamped}}}
            condition = {"If-Match": f'"{agency.session(one)["version"]}"'}
            other.patch(f"/api/sessions/{one}", json=wish, headers=condition).raise_for_status()

    home.run()

    assert home.world.questions() == []
    assert home.events == []


def test_a_platform_that_hangs_holds_up_no_calendar(home: Home, agency: Agency) -> None:
    """Its answer is waited for a short while only; what it brings then is taken in, and the platform is told."""
    made = agency.tenant.session()
    home.world.in_threads(timedelta(seconds=1.5))
    home.run()
    agency.wire.hold()
    mine = home.world.add("Physics", THURSDAY + timedelta(days=1))
    home.phone.move(home.work, 15, 17)

    report = home.world.engine.run_pass(wait=False)

    assert report.late == [agency.account.id]
    assert home.world.session(made["id"]).when.start == T17
    assert len(home.phone.titles(home.work)) == 2

    agency.wire.release()
    assert home.world.came_late.get(timeout=20) == agency.account.id
    home.world.engine.run_pass(wait=False)

    assert agency.session(made["id"])["start_wall"] == "2026-11-26T17:00:00"
    assert agency.session(mine)["title"] == "Physics"
    assert home.idle(3) == 0
