"""The demo's story: every fact holds, and each is really read from outside: whoever spoils it there is noticed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

FACTS = (
    "sessions_in_calendar",
    "phone_move_reaches_platform",
    "platform_move_reaches_calendar",
    "different_fields_both_survive",
    "double_booking_settled",
    "one_meeting_each",
    "network_gone_and_back",
    "killed_while_writing",
    "idle_polls_write_nothing",
)
# One worker plays the spoiled story for all its facts: it takes twenty seconds.
pytestmark = pytest.mark.xdist_group("story")
COMMAND = [sys.executable, "-m", "cloud_api.sandbox.demo.cli", "--headless", "--json"]
Where = dict[str, Any]


def test_every_fact_of_the_story_holds() -> None:
    """Somebody types the README's command and reads what it prints."""
    done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=110, check=False)
    told = json.loads(done.stdout)

    assert [fact["name"] for fact in told["facts"]] == list(FACTS)
    assert {fact["name"]: fact["observed"] for fact in told["facts"] if not fact["holds"]} == {}
    assert all(fact["observed"] and fact["read_from"] for fact in told["facts"])
    assert done.returncode == 0
    assert all(line.strip() for line in done.stderr.splitlines()), "one line a step"


class Spoiler:
    """Somebody who changes the outside systems behind the demo's back, right before a fact is read."""

    def __init__(self) -> None:
        self._planted = ""

    def spoil(self, fact: str, where: Where) -> None:
        with httpx.Client(timeout=20) as http:
            self._clean(http, where)
            spoilers: dict[str, Callable[[httpx.Client, Where], None]] = {
                "sessions_in_calendar": self._plant_an_event,
                "phone_move_reaches_platform": _move_last_edited_session,
                "platform_move_reaches_calendar": _rename_the_moved_event,
                "different_fields_both_survive": _wipe_notes,
                "double_booking_settled": _move_last_edited_session,
                "one_meeting_each": _delete_a_meeting,
                "network_gone_and_back": _move_last_edited_session,
                "killed_while_writing": self._plant_an_event,
                "idle_polls_write_nothing": _write_through_the_wire,
            }
            spoilers[fact](http, where)

    def _plant_an_event(self, http: httpx.Client, where: Where) -> None:
        self._planted = calendar(where) + "stray.ics"
        text = (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Stray//EN\r\nBEGIN:VEVENT\r\nUID:stray\r\n"
            "DTSTAMP:20260101T000000Z\r\nDTSTART:20270301T040000Z\r\nDTEND:20270301T050000Z\r\nSUMMARY:Stray\r\n"
            "END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
        http.put(self._planted, content=text, auth=user(where)).raise_for_status()

    def _clean(self, http: httpx.Client, where: Where) -> None:
        if self._planted:
            http.delete(self._planted, auth=user(where)).raise_for_status()
        self._planted = ""


def user(where: Where) -> tuple[str, str]:
    return next(iter(where["calendars"]["users"].items()))


def calendar(where: Where) -> str:
    return f"{where['calendars']['url'].rstrip('/')}/{user(where)[0]}/work/"


def platform(http: httpx.Client, where: Where) -> str:
    told = where["platform"]
    answer = http.post(
        f"{told['url']}/api/auth/token",
        data={"grant_type": "client_credentials"},
        auth=(told["client_id"], told["api_key"]),
    )
    http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return str(told["url"])


def last_edited(http: httpx.Client, url: str, where: Where) -> dict[str, Any]:
    found = http.get(f"{url}/api/sessions", params={"tutor_id": where["tutor"], "limit": "100"}).json()["data"]
    return max(found, key=lambda one: one["updated_at"])  # type: ignore[no-any-return]


def change(http: httpx.Client, url: str, session: dict[str, Any], **fields: str) -> None:
    http.patch(
        f"{url}/api/sessions/{session['id']}", json=fields, headers={"If-Match": f'"{session["version"]}"'}
    ).raise_for_status()


def _move_last_edited_session(http: httpx.Client, where: Where) -> None:
    url = platform(http, where)
    session = last_edited(http, url, where)
    later = datetime.fromisoformat(session["start_wall"]) + timedelta(minutes=5)
    change(http, url, session, start_wall=later.isoformat())


def _rename_the_moved_event(http: httpx.Client, where: Where) -> None:
    session = last_edited(http, platform(http, where), where)
    start = datetime.fromisoformat(session["start_wall"])
    listing = http.request("PROPFIND", calendar(where), headers={"Depth": "1"}, auth=user(where)).text
    for name in sorted({part.split("<")[0] for part in listing.split("href>")[1:] if ".ics<" in part}):
        address = where["calendars"]["url"].rstrip("/") + name
        text = http.get(address, auth=user(where)).text
        if f":{start:%Y%m%dT%H%M%S}" in text:
            renamed = text.replace("SUMMARY:", "SUMMARY:Another ")
            http.put(address, content=renamed.encode(), auth=user(where)).raise_for_status()


def _wipe_notes(http: httpx.Client, where: Where) -> None:
    url = platform(http, where)
    change(http, url, last_edited(http, url, where), notes="somebody else's")


def _delete_a_meeting(http: httpx.Client, where: Where) -> None:
    url = where["zoom"]["url"]
    app = where["zoom"]
    answer = http.post(
        f"{url}/oauth/token",
        data={"grant_type": "account_credentials", "account_id": app["account_id"]},
        auth=(app["client_id"], app["client_secret"]),
    )
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    listed = http.get(f"{url}/v2/users/me/meetings", params={"type": "upcoming"}, headers=headers).json()["meetings"]
    http.delete(f"{url}/v2/meetings/{listed[0]['id']}", headers=headers).raise_for_status()


def _write_through_the_wire(http: httpx.Client, where: Where) -> None:
    wire = where["taps"][1]
    http.request("PROPPATCH", f"{wire}/{user(where)[0]}/work/", auth=user(where))


@pytest.fixture(scope="module")
def spoiled() -> dict[str, dict[str, Any]]:
    """One demo that stops before each fact is read, with somebody who spoils it there."""
    spoiler = Spoiler()
    process = subprocess.Popen(
        [*COMMAND, "--hold-at", "all"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("{"):
            where = json.loads(line)
            spoiler.spoil(where["held_at"], where)
            process.stdin.write("\n")
            process.stdin.flush()
        if line.startswith("9 of") or "facts hold" in line:
            break
    told = json.loads(process.stdout.read())
    process.stderr.close()
    process.stdin.close()
    process.stdout.close()
    code = process.wait(30)
    assert code == 1, "a story with a spoiled fact ends with exit 1"
    return {fact["name"]: fact for fact in told["facts"]}


@pytest.mark.parametrize("fact", FACTS)
def test_a_spoiled_fact_is_noticed(fact: str, spoiled: dict[str, dict[str, Any]]) -> None:
    """Somebody changes the outside system right before the fact is read: it no longer holds, and says what was seen."""
    told = spoiled[fact]

    assert told["holds"] is False, told["observed"]
    assert not told["observed"].startswith("it broke"), told["observed"]
