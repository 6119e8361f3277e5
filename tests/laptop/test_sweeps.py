"""What the agent looks at every few hours though nothing hints at it: with real servers, and a clock that jumps."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from cloud_api.sandbox.zoom import ZoomSimulator
from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.laptop.agent.beating import Beating
from sync_agent.laptop.agent.due import Want
from sync_agent.laptop.office import Office
from sync_agent.laptop.profile.config import Config
from sync_agent.laptop.vault.secrets import Secret
from tests.engine.phone import Phone
from tests.laptop.clocks import FakeClock
from tests.laptop.conftest import PASSPHRASE, Desk, connect_caldav, until
from tests.servers.nullcal import NullCal
from tests.servers.radicale import PASSWORD, USER

NOW = datetime(2030, 5, 7, 9, 0, tzinfo=UTC)
START = datetime(2030, 5, 9, 15, 0)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Laptop:
    """An agent in this process, with a calendar and a Zoom account, that has been running since this morning."""

    def __init__(self, desk: Desk, phone: Phone, work: str, zoom: ZoomSimulator) -> None:
        self.phone, self.work, self.zoom, self.clock = phone, work, zoom, FakeClock(NOW)
        config = Config(desk.profile.config, desk.environment, {})
        self.office = Office(desk.profile, config, clock=self.clock)
        self.office.vault.unlock(Secret(PASSPHRASE))
        self.beating = Beating(self.office, awake_s=self.clock.awake_s)
        edit = SessionEdit(start=START, duration=HOUR, title="Maths", zone="Europe/Berlin")
        self.session = self.office.engine.sessions.add(edit).session.id
        self.beating.start()
        until(lambda: self.links and self.phone.titles(self.work) == ["Maths"] and self.is_at_rest)

    def close(self) -> None:
        self.beating.stop()
        self.office.close()

    def beats(self, *, after: timedelta) -> None:
        """Let time pass, and do what the scheduler does when somebody's time has come."""
        self.clock.pass_(after)
        self.zoom.clock.advance(after)
        self.beating.worker.ask(Want.BEAT)
        until(self._was_looked_at)

    def behind_its_back(self, statement: str, **values: object) -> None:
        """Change the store without a hint to anybody."""
        with self.office.store.write() as connection:
            assert connection.execute(text(statement), {"id": self.session, **values}).rowcount == 1

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing waits to be planned, and the pass that saw to that has come to its end."""
        with self.office.store.read() as connection:
            has_unsettled = self.office.store.sessions.has_unsettled(connection)
        return not has_unsettled and self.office.engine.progress is None

    @property
    def stored_start(self) -> str:
        with self.office.store.read() as connection:
            asked = text("SELECT starts_at FROM session WHERE id = :id")
            return str(connection.execute(asked, {"id": self.session}).scalar_one())

    @property
    def links(self) -> list[str]:
        return [str(meeting["join_url"]) for meeting in self.zoom.meetings()]

    def _was_looked_at(self) -> bool:
        with self.office.store.read() as connection:
            accounts = self.office.store.accounts.all(connection)
        return self.clock.now() in {one.last_success_at for one in accounts if one.provider == "caldav"}


@pytest.fixture
def laptop(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laptop]:
    with NullCal().started() as server, ZoomSimulator() as zoom:
        zoom.clock.advance(NOW - zoom.clock.now())
        address = f"http://127.0.0.1:{server.port}"
        phone = Phone(address, USER, PASSWORD)
        work = phone.make_calendar("Work")
        assert connect_caldav(desk, SimpleNamespace(address=f"{address}/"), monkeypatch).code == 0  # type: ignore[arg-type]
        for name in ("api_base", "token_url"):
            desk.json("config", "set", f"connectors.zoom.{name}", zoom.settings[name])
        monkeypatch.setattr(sys, "stdin", io.StringIO(zoom.account.app.client_secret + "\n"))
        named = ["--account-id", zoom.settings["account_id"], "--client-id", zoom.settings["client_id"]]
        desk.json("connect", "zoom", *named, "--secret-stdin")
        made = Laptop(desk, phone, work, zoom)
        yield made
        made.close()
        phone.close()


def test_every_session_is_planned_again_every_six_hours(laptop: Laptop) -> None:
    """The agent names the accounts whose time has come. Nobody noted that this session is no longer as its event."""
    laptop.behind_its_back("UPDATE session SET title = 'Algebra' WHERE id = :id")
    laptop.beats(after=5 * HOUR)
    assert laptop.phone.titles(laptop.work) == ["Maths"]

    laptop.beats(after=2 * HOUR)

    until(lambda: laptop.phone.titles(laptop.work) == ["Algebra"])


def test_new_zone_rules_move_the_instant_of_a_session(laptop: Laptop) -> None:
    """It stands in the store an hour off, as the zone data of last year had it; its hour on the wall stays."""
    right = laptop.stored_start
    laptop.behind_its_back(
        "UPDATE session SET starts_at = :lo, ends_at = :hi WHERE id = :id",
        lo="2030-05-09 14:00:00.000000",
        hi="2030-05-09 15:00:00.000000",
    )
    assert laptop.stored_start != right

    laptop.beats(after=7 * HOUR)

    until(lambda: laptop.stored_start == right)


def test_a_meeting_that_was_made_twice_is_swept_away(laptop: Laptop) -> None:
    """A creation that arrived late: one link was published, the other one goes."""
    (published,) = laptop.zoom.meetings()
    agenda = str(laptop.zoom.account.read(int(published["id"]))["agenda"])
    laptop.zoom.account.create(
        {"topic": "Maths", "type": 2, "start_time": published["start_time"], "duration": 60, "agenda": agenda}
    )
    assert len(laptop.links) == 2

    laptop.beats(after=7 * HOUR)

    until(lambda: laptop.links == [published["join_url"]])
