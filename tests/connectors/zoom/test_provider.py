"""Zoom behind the meeting seam: what holds for every provider, and what is Zoom's own."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from cloud_api.sandbox.faults import Fault, FaultKind, RetryAfter
from cloud_api.sandbox.zoom_limits import Plan
from connectors.registry import Credentials, open_meetings
from connectors.vocabulary.errors import (
    AnswerLost,
    InsecureAddress,
    ObjectRefused,
    ServerFault,
    SignInRefused,
    Throttled,
    Unreachable,
)
from tests.connectors.meeting_contract import MeetingContract, a_draft

if TYPE_CHECKING:
    from tests.connectors.zoom.world import ZoomWorld


class TestZoomMeetings(MeetingContract):
    """The shared contract, against the simulator."""


class TestSigningIn:
    def test_one_token_serves_many_requests(self, world: ZoomWorld) -> None:
        """A token lives an hour."""
        world.provider.identify()
        world.provider.create(a_draft())

        assert world.calls == ["POST /oauth/token", "GET /v2/users/me", "POST /v2/users/me/meetings"]
        assert world.provider.requests == 3

    def test_token_is_renewed_shortly_before_it_ends(self, world: ZoomWorld) -> None:
        """A request that is on its way when the token ends would be refused."""
        world.provider.identify()
        world.simulator.clock.advance(timedelta(minutes=59))
        world.provider.identify()

        assert world.calls.count("POST /oauth/token") == 2
        assert [answer.status_code for _, answer in world.exchanges] == [200] * 4

    def test_token_that_was_revoked_is_renewed_once(self, world: ZoomWorld) -> None:
        """The create is refused, so nothing was made, and it goes out again with a new token."""
        world.provider.identify()
        world.simulator.order(Fault(FaultKind.TOKEN_REVOKED, method="POST", path="/v2/"))

        world.provider.create(a_draft())

        assert world.calls[2:] == ["POST /v2/users/me/meetings", "POST /oauth/token", "POST /v2/users/me/meetings"]
        assert len(world.held()) == 1

    def test_token_that_is_refused_again_is_not_tried_in_a_loop(self, world: ZoomWorld) -> None:
        """Whoever runs the account has withdrawn the app."""
        world.simulator.order(Fault(FaultKind.TOKEN_REVOKED, path="/v2/", times=99))

        with pytest.raises(SignInRefused):
            world.provider.identify()

        assert len(world.calls) == 4

    def test_threads_share_one_token(self, world: ZoomWorld) -> None:
        """Eight threads need a token at once; one asks for it."""
        threads = [Thread(target=world.provider.identify) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert world.calls.count("POST /oauth/token") == 1
        assert world.provider.requests == 9

    def test_opening_makes_no_request_and_shows_no_secret(self, world: ZoomWorld) -> None:
        credentials = Credentials(
            base_url="", settings=world.simulator.settings, secrets={"client_secret": "planted-secret"}
        )

        provider = open_meetings("zoom", credentials)

        assert "planted-secret" not in repr(credentials) + repr(provider) + repr(vars(provider))

    def test_secret_never_goes_out_in_the_clear(self, world: ZoomWorld) -> None:
        """http is for loopback only."""
        with pytest.raises(InsecureAddress):
            world.opened(token_url="http://zoom.example/oauth/token").identify()

        assert world.calls == []


class TestPauses:
    @pytest.mark.parametrize(
        ("spelling", "seconds", "told"),
        [
            pytest.param(RetryAfter.SECONDS, 9, range(9, 10), id="seconds"),
            pytest.param(RetryAfter.DATE, 600, range(595, 602), id="a date-time, as for daily limits"),
            pytest.param(RetryAfter.MISSING, 600, range(1, 4), id="no header at all: a moment"),
        ],
    )
    def test_spellings_of_retry_after(self, world: ZoomWorld, spelling: RetryAfter, seconds: int, told: range) -> None:
        world.simulator.order(Fault(FaultKind.THROTTLED, path="/v2/", seconds=seconds, retry_after=spelling))

        with pytest.raises(Throttled) as refused:
            world.provider.identify()

        assert refused.value.retry_after_s in told

    def test_hundred_writes_a_day_are_enough_for_zoom(self, world: ZoomWorld) -> None:
        """The hundred and first waits until midnight UTC, and what is only read goes on."""
        world.simulator.limits.plan = Plan.PRO
        draft = a_draft()
        for _ in range(5):
            for _ in range(20):
                world.provider.create(draft)
            world.simulator.clock.advance(timedelta(seconds=2))

        with pytest.raises(Throttled) as refused:
            world.provider.create(draft)

        now = world.simulator.clock.now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        assert abs(refused.value.retry_after_s - (midnight - now).total_seconds()) < 5
        assert world.provider.fetch(world.held()[0]).marker == draft.marker


class TestFaults:
    def test_servers_that_fail_are_told(self, world: ZoomWorld) -> None:
        world.simulator.order(Fault(FaultKind.FAILED, path="/v2/"))

        with pytest.raises(ServerFault):
            world.provider.identify()

    def test_login_page_of_a_hotel_is_no_answer(self, world: ZoomWorld) -> None:
        """A captive portal answers 200 to everything; nobody has to sign in again because of it."""
        for path in ("/oauth/", "/v2/"):
            world.simulator.order(Fault(FaultKind.NOT_US, path=path))
            with pytest.raises(ServerFault):
                world.provider.find("any")

    def test_address_that_is_no_zoom_does_not_say_that_a_meeting_is_gone(self, world: ZoomWorld) -> None:
        """404 without Zoom's own code is a wrong address."""
        provider = world.opened(api_base=world.simulator.address + "/elsewhere")

        with pytest.raises(ServerFault):
            provider.fetch("81234567890")

    def test_nobody_there_is_unreachable(self, world: ZoomWorld) -> None:
        with pytest.raises(Unreachable):
            world.opened(token_url="http://127.0.0.1:1/oauth/token").identify()

    def test_zone_that_zoom_does_not_know_is_left_out(self, world: ZoomWorld) -> None:
        """Zoom's list of zones is its own; the instant is right all the same."""
        world.simulator.account.zones.discard("Europe/Kyiv")
        try:
            made = world.provider.create(a_draft(zone="Europe/Kyiv"))
            moved = world.provider.update(made.remote_id, a_draft(zone="Europe/Kyiv", minutes=30))
        finally:
            world.simulator.account.zones.add("Europe/Kyiv")

        assert made.starts == "2031-03-04T13:00:00Z"
        assert moved.duration_minutes == 30

    def test_running_meeting_is_not_deleted(self, world: ZoomWorld) -> None:
        made = world.provider.create(a_draft())
        world.simulator.account.start_now(int(made.remote_id))

        with pytest.raises(ObjectRefused, match="running right now"):
            world.provider.delete(made.remote_id)

    @pytest.mark.parametrize("remote_id", ["", "abc", "1/../users/me", "１２"])
    def test_only_a_number_becomes_part_of_an_address(self, world: ZoomWorld, remote_id: str) -> None:
        with pytest.raises(ObjectRefused):
            world.provider.fetch(remote_id)

        assert world.calls == []

    def test_marker_that_does_not_fit_is_refused_before_anything_is_sent(self, world: ZoomWorld) -> None:
        with pytest.raises(ObjectRefused):
            world.provider.create(a_draft(marker="x" * 2000))

        assert world.calls == []


class TestAgenda:
    def test_what_the_host_writes_beside_the_marker_stays(self, world: ZoomWorld) -> None:
        """The tutor notes in Zoom what to bring; the session moves; the note is still there."""
        made = world.provider.create(a_draft())
        number = int(made.remote_id)
        agenda = world.simulator.account.read(number)["agenda"]
        world.simulator.account.update(number, {"agenda": "Bring the book.\n" + agenda})

        moved = world.provider.update(made.remote_id, a_draft(minutes=30))

        assert world.simulator.account.read(number)["agenda"].startswith("Bring the book.")
        assert world.provider.find("tenant-1/session-1") == [moved]

    def test_marker_that_the_host_removed_is_put_back(self, world: ZoomWorld) -> None:
        made = world.provider.create(a_draft())
        number = int(made.remote_id)
        world.simulator.account.update(number, {"agenda": "Bring the book."})

        moved = world.provider.update(made.remote_id, a_draft(minutes=30))

        assert moved.marker == "tenant-1/session-1"
        assert "Bring the book." in world.simulator.account.read(number)["agenda"]

    def test_marker_behind_long_notes_is_found(self, world: ZoomWorld) -> None:
        """The list shows only the notes; the look shows the rest."""
        made = world.provider.create(a_draft())
        number = int(made.remote_id)
        agenda = world.simulator.account.read(number)["agenda"]
        world.simulator.account.update(number, {"agenda": "note " * 100 + agenda})

        assert [meeting.remote_id for meeting in world.provider.find("tenant-1/session-1")] == [made.remote_id]

    def test_looking_costs_one_list_and_one_look_for_each_match(self, world: ZoomWorld) -> None:
        """Other people's meetings are told apart by the list alone."""
        world.fill(20)
        world.provider.create(a_draft())
        before = world.provider.requests

        world.provider.find("tenant-1/session-1")

        assert world.provider.requests - before == 2

    def test_meeting_that_began_meanwhile_is_found(self, world: ZoomWorld) -> None:
        """The answer was lost at 14:59, the look comes at 16:01: making another would give a second link."""
        now = world.simulator.clock.now().replace(tzinfo=None)
        world.lose_next_answer("POST")
        with pytest.raises(AnswerLost):
            world.provider.create(a_draft(start=now + timedelta(minutes=1), zone="UTC"))

        world.simulator.clock.advance(timedelta(minutes=62))

        assert len(world.provider.find("tenant-1/session-1")) == 1
