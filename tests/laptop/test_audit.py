"""The auditor through the command line: a sound profile is at 100 %, and each of ten planted differences is named."""

from __future__ import annotations

import io
import json
import sqlite3
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cloud_api.database import Database
from cloud_api.sandbox.zoom import ZoomSimulator
from tests.cloud_api.server import running_cloud
from tests.cloud_api.tenant import Tenant, made_tenant
from tests.laptop import schemas
from tests.laptop.conftest import Desk, Ended, Shelf, connect_caldav, until

DAY = datetime.now(UTC).date() + timedelta(days=7)
TITLES = [f"Lesson {number:02}" for number in range(12)]


@dataclass
class Profile:
    """A laptop with a calendar, a platform and meetings, everything at rest."""

    desk: Desk
    shelf: Shelf
    agency: Tenant
    sessions: dict[str, str]

    def audit(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        ended = self.desk("--json", "audit", *arguments)
        assert ended.code == code, ended
        assert schemas.problems("audit", ended.document) == []
        return ended.document

    def in_calendar(self, title: str, old: str, new: str) -> None:
        """Change an event as a phone does."""
        (text,) = [text for text in self.shelf.texts("Work") if f"SUMMARY:{title}" in text]
        assert old in text
        self.shelf.replace("Work", text, text.replace(old, new))

    def on_platform(self, title: str, **fields: Any) -> None:
        """Change a session as the office does."""
        path = f"/api/sessions/{self.sessions[title]}"
        version = self.agency.api.get(path).json()["version"]
        self.agency.api.patch(path, json=fields, headers={"If-Match": f'"{version}"'}).raise_for_status()

    def in_store(self, statement: str, title: str) -> None:
        """Change the database behind the engine's back; the session's id fills the gap."""
        with closing(sqlite3.connect(self.desk.profile.database)) as connection, connection:
            assert connection.execute(statement, {"id": self.sessions[title]}).rowcount


@pytest.fixture
def profile(desk: Desk, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Profile]:
    url = f"sqlite:///{tmp_path}/cloud.db"
    with (
        running_cloud("--database-url", url) as cloud,
        ZoomSimulator() as zoom,
        closing(Database(url)) as database,
        made_tenant(database, cloud.url, f"agency {uuid.uuid4()}", datetime.now(UTC)) as agency,
    ):
        for number, title in enumerate(TITLES):
            start = f"{DAY + timedelta(days=number)}T15:00:00"
            agency.session(title=title, start_wall=start, notes=f"Bring the book of {title}", place="Library")
        desk.json("connect", "platform", "--url", cloud.url, "--code", agency.device_code())
        connect_caldav(desk, shelf.server, monkeypatch)
        for name in ("api_base", "token_url"):
            desk.json("config", "set", f"connectors.zoom.{name}", zoom.settings[name])
        monkeypatch.setattr(sys, "stdin", io.StringIO(zoom.account.app.client_secret + "\n"))
        named = ["--account-id", zoom.settings["account_id"], "--client-id", zoom.settings["client_id"]]
        desk.json("connect", "zoom", *named, "--secret-stdin")
        desk.json("sync", "--wait")
        desk.json("sync", "--wait")
        listed = desk.json("sessions", "--from", str(DAY), "--to", str(DAY + timedelta(days=30)))["sessions"]
        yield Profile(desk, shelf, agency, {one["title"]: one["id"] for one in listed})


def test_ten_planted_differences_are_each_named(profile: Profile) -> None:
    """On the calendar's server, on the platform and in the database; before it, all is equal."""
    sound = profile.audit()
    assert (sound["ok"], sound["accuracy"]) == (True, 100.0)
    assert {one["provider"]: one["compared"] for one in sound["accounts"]} == {
        "platform": len(TITLES) * 10,
        "caldav": len(TITLES) * 5,
    }

    wanted = _plant(profile)
    found = profile.audit(code=1)

    named = {
        (one["title"], account["provider"], one["kind"], one["field"])
        for account in found["accounts"]
        for one in account["differences"]
    }
    assert named == wanted
    assert [account["known"] for account in found["accounts"]] == [[], []]
    assert all(account["equal"] < account["compared"] for account in found["accounts"])
    assert found["accuracy"] < 100
    words = profile.desk("audit")
    assert words.code == 1
    assert all(title in words.out for title, *_ in wanted)
    _nothing_secret(profile, words)
    last = profile.audit("--last", code=1)
    assert [one["differences"] for one in last["accounts"]] == [one["differences"] for one in found["accounts"]]


def _plant(profile: Profile) -> set[tuple[str, str, str, str | None]]:
    """Plant ten differences; give what is to be said of them."""
    uid = _uid(profile, TITLES[3])
    profile.in_calendar(TITLES[0], f"SUMMARY:{TITLES[0]}", f"SUMMARY:{TITLES[0]} changed")
    profile.in_calendar(TITLES[1], "T150000", "T143000")
    profile.in_calendar(TITLES[2], "/j/", "/j/9")
    (text,) = [text for text in profile.shelf.texts("Work") if f"SUMMARY:{TITLES[3]}" in text]
    profile.shelf.store("Work", "again", text.replace("\n ", "").replace(uid, "another-uid"))
    (gone,) = [text for text in profile.shelf.texts("Work") if f"SUMMARY:{TITLES[4]}" in text]
    profile.shelf.remove("Work", gone)
    profile.on_platform(TITLES[5], notes="Bring nothing")
    profile.on_platform(TITLES[6], status="no_show", chargeable=False)
    profile.in_store("UPDATE session SET place = 'Cafe' WHERE id = :id", TITLES[7])
    profile.in_store("DELETE FROM session_student WHERE session = :id", TITLES[8])
    profile.in_store("UPDATE link SET state = 'closed' WHERE session = :id AND uid <> session", TITLES[9])
    return {
        (TITLES[0], "caldav", "differs", "title"),
        (TITLES[1], "caldav", "differs", "when"),
        (TITLES[2], "caldav", "differs", "link"),
        (TITLES[3], "caldav", "doubled", None),
        (TITLES[4], "caldav", "missing", None),
        (TITLES[5], "platform", "differs", "notes"),
        (TITLES[6], "platform", "differs", "status"),
        (TITLES[6], "platform", "differs", "chargeable"),
        (TITLES[7], "platform", "differs", "place"),
        (TITLES[7], "caldav", "differs", "place"),
        (TITLES[8], "platform", "differs", "students"),
        (TITLES[9], "caldav", "stray", None),
        (TITLES[9], "caldav", "missing", None),
    }


def _uid(profile: Profile, title: str) -> str:
    (text,) = [text for text in profile.shelf.texts("Work") if f"SUMMARY:{title}" in text]
    return next(line for line in text.splitlines() if line.startswith("UID:")).removeprefix("UID:")


def _nothing_secret(profile: Profile, words: Ended) -> None:
    """Neither the password of a meeting nor that of an account is told or kept."""
    (text,) = [text for text in profile.shelf.texts("Work") if f"SUMMARY:{TITLES[10]}" in text]
    assert "?pwd=" in text.replace("\n ", "")
    with closing(sqlite3.connect(profile.desk.profile.database)) as connection:
        kept = json.dumps(connection.execute("SELECT differences FROM audit_run").fetchall())
    for secret in ("pwd=", "correct horse", profile.agency.client.api_key):
        assert secret not in words.out + words.err + kept


def test_an_account_that_refuses_to_sign_in_is_exit_4(connected: Desk, shelf: Shelf) -> None:
    """Nothing is known of it, which is not the same as equal; the sentence says what to do."""
    connected.add_session(start=f"{DAY}T15:00")
    connected.json("sync", "--wait")
    (shelf.server.folder / "users").write_text("anna:another\n")

    ended = until(lambda: (told := connected("--json", "audit")).code != 0 and told)
    (shelf.server.folder / "users").write_text("anna:correct horse\n")

    (account,) = ended.document["accounts"]
    assert (ended.code, account["ok"], account["accuracy"]) == (4, False, None)
    assert account["code"] == "connection.sign_in_refused"
    assert account["message"] in connected("audit", "--last").out


def test_the_agent_audits_by_itself_once_a_day(connected: Desk) -> None:
    """Without being asked; the doctor tells, and what was found is there for whoever asks later."""
    connected.add_session(start=f"{DAY}T15:00")
    assert connected("audit", "--last").out == "Nothing that holds sessions has been audited.\n"
    connected.start_agent("--poll", "1")

    audited = until(lambda: connected("--json", "audit", "--last").document["accounts"])

    assert audited[0]["ok"]
    checks = {one["name"]: one for one in connected.json("doctor")["checks"]}
    assert checks["audit"]["ok"]


def test_one_account_can_be_audited_by_name(connected: Desk) -> None:
    """And one that is not there is an error."""
    connected.json("sync", "--wait")

    assert [one["name"] for one in connected.json("audit", "--account", "anna")["accounts"]] == ["anna"]
    assert connected("--json", "audit", "--account", "nobody").error["code"] == "account.unknown"
    assert "nothing to compare" in connected("audit").out
