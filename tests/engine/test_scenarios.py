"""The 26 scenarios that a careful user would try, by number, through the command line.

A calendar server in memory, a wire that fails on demand, and a phone that knows nothing of us. "Here" is the tutor's
list of sessions, "there" the calendar.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

from tests.engine.terminal import DAY, FULL, Begin, Terminal, title_of, titles, until, value_of, wall
from tests.servers.nullcal import rewritten


def test_scenario_01_answer_of_a_create_lost(begin: Begin) -> None:
    """The laptop slept between request and answer: it looks before it sends anything again."""
    me = begin()
    me.add("Maths")
    me.side.wire.fail("drop-response", method="PUT")

    first = me.sync(code=1)
    me.sync()

    assert first["accounts"][0]["code"] == "connection.answer_lost"
    assert me.side.titles == ["Maths"]
    assert me.idle(3) == 0


def test_scenario_02_answer_of_an_update_lost(begin: Begin) -> None:
    """The edit arrived unheard; nobody takes it for an edit of the calendar's, also where another followed at once."""
    me = begin()
    session = me.add("Maths")
    me.sync()
    me("sessions", "edit", session, "--title", "Physics")
    me.side.wire.fail("drop-response", method="PUT")

    me.sync(code=1)
    me.sync()

    assert me.side.titles == ["Physics"]
    assert list(me.sessions()) == ["Physics"]
    assert me.lost() == []
    assert me.idle(3) == 0

    me("sessions", "edit", session, "--title", "Optics")
    me.side.wire.fail("drop-response", method="PUT")
    me.sync(code=1)
    me("sessions", "edit", session, "--title", "Chemistry")
    me.sync()

    assert me.side.titles == list(me.sessions()) == ["Chemistry"]
    assert me.lost() == []
    assert not any(one["what"].startswith("Somebody") for one in me("activity")["activity"])
    assert me.idle(3) == 0


def test_scenario_03_killed_during_an_upload(begin: Begin) -> None:
    """Some events are there, some on their way, some not sent: each session has one in the end."""
    me = begin()
    _uploaded_with_a_kill(me)

    assert me.side.titles == titles(range(12))
    assert me.idle(3) == 0


def test_scenario_04_killed_during_an_upload_to_a_server_that_rewrites(begin: Begin) -> None:
    """What the server made of our words is no edit: there is nothing to ask, and no version lost."""
    me = begin(rewrite="stamp")
    _uploaded_with_a_kill(me)

    assert me.side.titles == titles(range(12))
    assert (me.questions(), me.lost()) == ([], [])
    assert me.idle(3) == 0


def _uploaded_with_a_kill(me: Terminal) -> None:
    for number in range(12):
        me.add(title_of(number), day=number)
    wire = me.side.wire
    wire.at("PUT", 4, lambda: wire.hold("PUT"))
    command = [sys.executable, "-m", "sync_agent.laptop.cli.main", "--profile", str(me.desk.folder), "sync", "--wait"]
    with subprocess.Popen(command, env=me.desk.environment, stdout=subprocess.DEVNULL) as upload:
        until(lambda: wire.counts.methods.get("PUT", 0) >= 5, within_s=60)
        upload.kill()
    wire.release()
    me.sync()


def test_scenario_05_title_changed_on_one_side_and_place_on_the_other(begin: Begin) -> None:
    """Both survive, with one write."""
    me = begin()
    session = me.add("Maths", "--in-person", "--place", "Library")
    me.sync()
    me("sessions", "edit", session, "--title", "Physics")
    me.side.edit("Maths", "LOCATION:Library", "LOCATION:Cafe")

    done = me.sync()

    text = me.side.text("Physics")
    assert value_of(text, "LOCATION") == "Cafe"
    assert me.sessions()["Physics"]["place"] == "Cafe"
    assert done["written"] == {"created": 0, "updated": 1, "deleted": 0, "total": 1}
    assert me.idle(3) == 0


def test_scenario_06_the_same_field_changed_on_both_sides(begin: Begin) -> None:
    """One wins everywhere; the other is kept, shown, and one command brings it back everywhere."""
    me = begin()
    session = me.add("Maths")
    me.sync()
    me("sessions", "edit", session, "--title", "Physics")
    me.side.edit("Maths", "SUMMARY:Maths", "SUMMARY:Chemistry")
    me.sync()
    assert me.side.titles == list(me.sessions()) == ["Physics"]

    (lost,) = [one for one in me("activity")["activity"] if one["lost_value"] == "Chemistry"]
    me("undo", lost["id"])
    me.sync()

    assert me.side.titles == list(me.sessions()) == ["Chemistry"]
    assert me.idle(3) == 0


def test_scenario_07_a_row_renamed_on_one_side_and_one_of_it_moved_on_the_other(begin: Begin) -> None:
    """Weekly lessons, renamed here; one of them moved there. And a series of the tutor's own whose title one person
    changes while another moves one instance: it is read as it is then, and never written."""
    me = begin()
    lessons = [me.add("Maths", day=7 * week) for week in range(3)]
    me.side.phone.add(
        me.side.path,
        "gym",
        "SUMMARY:Gym",
        "RRULE:FREQ=WEEKLY;COUNT=3",
        f"DTSTART:{wall(0, 7)}Z",
        f"DTEND:{wall(0, 8)}Z",
    )
    me.sync()
    for lesson in lessons:
        me("sessions", "edit", lesson, "--title", "Physics")
    me.side.phone.edit(me.side.path, {wall(7, 15): wall(7, 17), wall(7, 16): wall(7, 18)}, title=wall(7, 15))
    moved = "\n".join(["BEGIN:VEVENT", "UID:gym", "DTSTAMP:20261101T080000Z", f"RECURRENCE-ID:{wall(7, 7)}Z",
                       f"DTSTART:{wall(7, 10)}Z", f"DTEND:{wall(7, 11)}Z", "SUMMARY:Gym", "END:VEVENT"])  # fmt: skip
    me.side.edit("Gym", "SUMMARY:Gym\n", "SUMMARY:Sport\n")
    me.side.edit("Sport", "END:VCALENDAR", f"{moved}\nEND:VCALENDAR")
    series = me.side.text("Sport")

    me.sync()

    assert sorted(me.side.titles) == ["Physics", "Physics", "Physics", "Sport"]
    events = [text for text in me.side.phone.events(me.side.path).values() if "SUMMARY:Physics" in text]
    starts = sorted(value_of(text, "DTSTART") for text in events)
    assert starts == sorted([wall(0, 15), wall(7, 17), wall(14, 15)])
    busy = me("busy", "--from", str(DAY), "--to", str(DAY.replace(year=DAY.year + 1)))["busy"]
    assert sorted(datetime.fromisoformat(one["start"]).astimezone(UTC).strftime("%H") for one in busy) == [
        "07",
        "07",
        "10",
    ]
    assert me.side.text("Sport") == series
    assert me.idle(3) == 0


def test_scenario_08_deleted_on_one_side_and_edited_on_the_other(begin: Begin) -> None:
    """A person's edit outlives an ending that it did not know, on whichever side; what lost is in the log."""
    me = begin()
    kept = me.add("Kept")
    cancelled = me.add("Cancelled", day=1)
    me.sync()
    me("sessions", "edit", kept, "--title", "Kept and renamed")
    me.side.delete("Kept")
    me("sessions", "cancel", cancelled)
    me.side.edit("Cancelled", "SUMMARY:Cancelled", "SUMMARY:Cancelled and renamed")

    me.sync()

    assert me.side.titles == ["Cancelled and renamed", "Kept and renamed"]
    assert sorted(me.sessions()) == ["Cancelled and renamed", "Kept and renamed"]
    assert "cancelled" in me.lost()
    assert me.idle(3) == 0


def test_scenario_09_a_side_comes_back_wholly_empty(begin: Begin) -> None:
    """A server was set up anew under the same address: no session is cancelled by it, a question waits, and its answer
    fills the calendar again."""
    me = begin("full")
    me.side.calendar.items.clear()
    me.side.calendar.gone.clear()
    me.side.server.kill_tokens()

    me.sync(code=5)
    me.sync(code=5)

    (question,) = me.questions()
    assert len(me.sessions()) == FULL
    assert (question["kind"], me.side.titles) == ("replaced", [])

    me("answer", question["id"], "fill")
    me.sync()
    assert me.side.titles == sorted(me.sessions()) == titles(range(FULL))
    assert me.questions() == []
    assert me.idle(3) == 0


def test_scenario_10_fifty_seven_of_sixty_vanish(begin: Begin) -> None:
    """A calendar app that lost its mind: one question, no session is cancelled, and no brings all events back."""
    me = begin("full")
    me.side.delete(*titles(range(57)))

    me.sync(code=5)
    (question,) = me.questions()
    assert (question["kind"], len(me.sessions()), len(me.side.titles)) == ("mass_deletion", FULL, 3)

    me("answer", question["id"], "no")
    me.sync()
    assert me.side.titles == titles(range(FULL))
    assert me.idle(3) == 0


def test_scenario_11_thirty_of_sixty_really_deleted(begin: Begin) -> None:
    """The tutor says yes, once: these thirty sessions are cancelled, and nothing is asked again."""
    me = begin("full")
    me.side.delete(*titles(range(30)))
    me.sync(code=5)

    me("answer", me.questions()[0]["id"], "yes")
    me.sync()

    assert list(me.sessions()) == me.side.titles == titles(range(30, FULL))
    assert me.questions() == []
    assert me.idle(3) == 0


def test_scenario_12_every_third_write_fails_with_503(begin: Begin) -> None:
    """Whatever is refused is sent again, once."""
    me = begin()
    for number in range(8):
        me.add(title_of(number), day=number)
    me.side.wire.every_third_write = True

    rounds = 0
    while me.desk("sync", "--wait").code:
        rounds += 1
        assert rounds < 10

    assert me.side.titles == titles(range(8))
    me.side.wire.every_third_write = False
    assert me.idle(3) == 0


def test_scenario_13_everything_stamped_anew_and_reordered(begin: Begin) -> None:
    """A server migrated: other ETags, stamps, orders. Nobody edited anything, so nothing is written or told."""
    me = begin("full")
    before = me("activity")["activity"]
    calendar = me.side.calendar
    for name, (_, text) in list(calendar.items.items()):
        calendar.revision += 1
        calendar.items[name] = (calendar.revision, rewritten(text, calendar.revision, "stamp"))

    assert me.idle(3) == 0
    assert me("activity")["activity"] == before
    assert len(me.sessions()) == FULL


def test_scenario_14_a_second_pass_writes_nothing(begin: Begin) -> None:
    """Nor does a tenth."""
    me = begin("full")

    assert me.idle(10) == 0


def test_scenario_15_an_empty_listing_once(begin: Begin) -> None:
    """A server under load says that nothing is there: to whoever asks what changed, and where everything is listed."""
    me = begin("full")
    me.side.wire.fail("empty", method="REPORT")

    me.desk("sync", "--wait")
    _nobody_is_missed_once_it_is_read_again(me)

    me.side.wire.tells_differences = False
    me.sync()
    me.side.edit("S00", "SUMMARY:S00", "SUMMARY:S00 renamed")
    me.side.edit("S00 renamed", "SUMMARY:S00 renamed", "SUMMARY:S00")
    me.side.wire.fail("empty", method="PROPFIND", containing=b"getetag")

    me.desk("sync", "--wait")
    _nobody_is_missed_once_it_is_read_again(me)


def _nobody_is_missed_once_it_is_read_again(me: Terminal) -> None:
    """What was to lie to us did; nobody was asked, and neither the sessions nor their events are fewer for it."""
    assert me.side.wire.is_through
    assert [one for one in me("questions", "--all")["questions"] if one["kind"] != "first_write"] == []
    me.sync()

    assert (sorted(me.sessions()), me.side.titles, me.questions()) == (titles(range(FULL)), titles(range(FULL)), [])
    assert me.idle(3) == 0


def test_scenario_16_a_dead_token_then_an_empty_listing(begin: Begin) -> None:
    """Everything is to be read anew, and the first answer is a lie."""
    me = begin("full")
    me.side.wire.fail("dead-token", "empty", method="REPORT")

    me.desk("sync", "--wait")

    _nobody_is_missed_once_it_is_read_again(me)


def test_scenario_17_a_login_page_with_status_200(begin: Begin) -> None:
    """A hotel answers instead of the calendar: nothing is believed, and what waits goes out afterwards."""
    me = begin("full")
    me.add("New", day=70)
    me.side.wire.fail("html", every=True)
    failed = me.sync(code=1)
    assert failed["accounts"][0]["message"]

    me.side.wire.fail()
    me.sync()

    assert len(me.sessions()) == len(me.side.titles) == FULL + 1
    assert me.questions() == []
    assert me.idle(3) == 0


def test_scenario_18_a_listing_cut_in_half(begin: Begin) -> None:
    """Half of the events are named, then the connection ends; also where everything is listed each time."""
    me = begin("full")
    me.side.server.kill_tokens()
    me.side.wire.fail("dead-token", "cut", "cut", "cut", method="REPORT")

    me.desk("sync", "--wait")
    assert me.side.wire.counts.faults > 1
    me.side.wire.fail()
    _nobody_is_missed_once_it_is_read_again(me)

    me.side.wire.tells_differences = False
    me.sync()
    me.side.edit("S00", "SUMMARY:S00", "SUMMARY:S00 renamed")
    me.side.edit("S00 renamed", "SUMMARY:S00 renamed", "SUMMARY:S00")
    me.side.wire.fail("cut", method="PROPFIND", containing=b"getetag")

    me.desk("sync", "--wait")
    _nobody_is_missed_once_it_is_read_again(me)


def test_scenario_19_the_calendar_answers_404(begin: Begin) -> None:
    """Somebody took it away for an hour; when it is back, it goes on."""
    me = begin("full")
    kept = me.side.server.calendars.pop(me.side.path)
    failed = me.sync(code=1)
    assert failed["accounts"][0]["code"] == "calendar.gone"
    assert len(me.sessions()) == FULL

    me.side.server.calendars[me.side.path] = kept
    session = me.sessions()["S00"]["id"]
    me("sessions", "edit", session, "--title", "Back again")
    me.sync()

    assert me.side.titles == sorted(["Back again", *titles(range(1, FULL))])
    assert me.idle(3) == 0


def test_scenario_20_a_dead_token_while_three_vanished_and_one_changed(begin: Begin) -> None:
    """The full listing names no removals: three sessions are cancelled all the same, and no ghost stays."""
    me = begin("full")
    me.side.delete("S07", "S08", "S09")
    me.side.edit("S20", "SUMMARY:S20", "SUMMARY:Renamed")
    me.side.server.kill_tokens()
    me.side.calendar.gone.clear()

    me.sync()

    left = sorted({*titles(range(FULL)), "Renamed"} - {"S07", "S08", "S09", "S20"})
    assert sorted(me.sessions()) == me.side.titles == left
    assert me.idle(3) == 0


def test_scenario_21_one_broken_object_beside_three_good_ones(begin: Begin) -> None:
    """It is named, and the rest goes on."""
    me = begin()
    for number in range(2):
        me.add(title_of(number), day=number)
    me.side.phone.add(me.side.path, "gym", "SUMMARY:Gym", f"DTSTART:{wall(0, 7)}Z", f"DTEND:{wall(0, 8)}Z")
    calendar = me.side.calendar
    calendar.revision += 1
    calendar.items["bad.ics"] = (calendar.revision, "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:bad\r\nDTSTART:never\r\n")

    done = me.sync()

    assert [one["calendar"] for one in done["broken"]] == ["work"]
    assert {"Gym", *titles(range(2))} == {
        value_of(text, "SUMMARY") for text in me.side.phone.events(me.side.path).values() if "END:VEVENT" in text
    }
    assert [one["summary"] for one in me("busy", "--from", str(DAY), "--to", str(DAY))["busy"]] == ["Gym"]
    assert me.idle(3) == 0


def test_scenario_22_a_time_zone_without_a_definition(begin: Begin) -> None:
    """A phone stores our event without its VTIMEZONE and under Windows' name of the zone: it is at the same hour, so
    nobody edited it. An appointment in a zone that nobody knows does not keep the others from being read."""
    me = begin()
    me.add("Maths", "--zone", "Europe/Berlin")
    me.sync()
    text = me.side.text("Maths")
    start, end = text.index("BEGIN:VTIMEZONE"), text.index("END:VTIMEZONE") + len("END:VTIMEZONE\n")
    bare = (text[:start] + text[end:]).replace("TZID=Europe/Berlin", "TZID=W. Europe Standard Time")
    (href,) = me.side.phone.events(me.side.path)
    me.side.phone.put(href, bare)
    for name, zone in (("odd", "Nowhere/At All"), ("gym", "Europe/Berlin")):
        hours = [f"{what};TZID={zone}:{wall(1, hour)}" for what, hour in (("DTSTART", 9), ("DTEND", 10))]
        me.side.phone.add(me.side.path, name, f"SUMMARY:{name}", *hours)

    assert me.idle(3) == 0

    assert me.sessions()["Maths"]["start_wall"] == f"{DAY}T15:00:00"
    busy = me("busy", "--from", str(DAY), "--to", str(DAY.replace(year=DAY.year + 1)))["busy"]
    assert "gym" in {one["summary"] for one in busy}


def test_scenario_23_edited_by_another_during_the_pass(begin: Begin) -> None:
    """412 between look and write: read again and merged in the same pass, and neither edit is lost."""
    me = begin()
    session = me.add("Maths", "--in-person", "--place", "Library")
    me.sync()
    me("sessions", "edit", session, "--title", "Physics")
    ((name, (_, text)),) = me.side.calendar.items.items()

    def meanwhile() -> None:
        calendar = me.side.calendar
        calendar.revision += 1
        calendar.items[name] = (calendar.revision, text.replace("LOCATION:Library", "LOCATION:Cafe"))

    me.side.wire.at("PUT", 1, meanwhile)
    done = me.sync()

    assert value_of(me.side.text("Physics"), "LOCATION") == "Cafe"
    assert me.sessions()["Physics"]["place"] == "Cafe"
    assert done["written"]["updated"] == 1
    assert me.idle(3) == 0


def test_scenario_24_a_server_that_rewrites_and_sends_no_etag(begin: Begin) -> None:
    """One local edit is one write, and nothing else is."""
    me = begin(rewrite="stamp")
    session = me.add("Maths")
    me.add("Other", day=1)
    me.sync()
    assert me.idle(2) == 0
    me("sessions", "edit", session, "--title", "Physics")
    me.side.wire.reset()

    done = me.sync()

    assert (done["written"]["total"], me.side.wire.writes) == (1, 1)
    assert me.side.titles == ["Other", "Physics"]
    assert me.idle(3) == 0


def test_scenario_25_between_two_servers_that_rewrite(begin: Begin) -> None:
    """One edit is one write on each other side, whoever made it; ten passes more write nothing."""
    me = begin("two", rewrite="stamp")
    _one_edit_is_one_write_on_each_other_side(me)

    assert me.idle(10) == 0


def test_scenario_26_between_two_servers_that_count_up_at_every_write(begin: Begin) -> None:
    """What they count is none of our business, so nobody answers it."""
    me = begin("two", rewrite="count")
    _one_edit_is_one_write_on_each_other_side(me)

    assert me.idle(10) == 0


def _one_edit_is_one_write_on_each_other_side(me: Terminal) -> None:
    session = me.add("Maths", "--in-person", "--place", "Library")
    me.add("Other", day=1)
    me.sync()
    me("sessions", "edit", session, "--title", "Physics")
    me.side.wire.reset()
    me.other.wire.reset()
    me.sync()
    assert (me.side.wire.writes, me.other.wire.writes) == (1, 1)

    me.other.edit("Physics", "LOCATION:Library", "LOCATION:Cafe")
    me.side.wire.reset()
    me.other.wire.reset()
    me.sync()
    assert (me.side.wire.writes, me.other.wire.writes) == (1, 0)
    assert value_of(me.side.text("Physics"), "LOCATION") == me.sessions()["Physics"]["place"] == "Cafe"
    assert me.side.titles == me.other.titles == ["Other", "Physics"]
