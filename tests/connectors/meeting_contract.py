"""What every meeting provider must do. A provider's tests inherit the class and give it a world to stand in."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import pytest

from connectors.vocabulary.errors import AnswerLost, ConnectorError, ObjectGone, SignInRefused, Throttled
from connectors.vocabulary.meetings import MeetingDraft
from connectors.vocabulary.times import WallSpan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.vocabulary.protocols import MeetingProvider


class MeetingWorld(Protocol):
    """One host account at a vendor's stand-in, and what may happen to it from outside."""

    provider: MeetingProvider
    host_secret: str  # a text that stands in every host link of this vendor

    def held(self) -> Sequence[str]:
        """Ids of all meetings that exist, read over the stand-in's own control."""

    def lose_next_answer(self, method: str) -> None:
        """Let the next request with that method be carried out and its answer lost."""

    def throttle_next(self, *, seconds: int) -> None:
        """Refuse the next request with a pause."""

    def fill(self, count: int) -> None:
        """Make so many meetings that are not ours."""

    def with_wrong_secret(self) -> MeetingProvider:
        """Open the same account with a wrong secret."""


def a_draft(
    *,
    topic: str = "Algebra, Mia",
    start: datetime = datetime(2031, 3, 4, 15, 0),
    zone: str = "Europe/Berlin",
    minutes: int = 60,
    marker: str = "tenant-1/session-1",
) -> MeetingDraft:
    return MeetingDraft(topic=topic, when=WallSpan(start, zone, timedelta(minutes=minutes)), marker=marker)


class MeetingContract:
    """Inherited by each provider's test class, which gives the fixture `world`."""

    def test_identity_is_stable(self, world: MeetingWorld) -> None:
        """Asked twice, the account says the same, and it is no address that can change."""
        first, second = world.provider.identify(), world.provider.identify()

        assert first == second
        assert first.subject
        assert "@" not in first.subject

    def test_made_meeting_has_a_link_for_guests(self, world: MeetingWorld) -> None:
        """An online session gets its meeting."""
        made = world.provider.create(a_draft())

        assert made.join_url.startswith("https://")
        assert made.topic == "Algebra, Mia"
        assert made.marker == "tenant-1/session-1"
        assert made.duration_minutes == 60

    def test_made_meeting_begins_at_the_session_s_hour_on_the_wall(self, world: MeetingWorld) -> None:
        """15:00 in Berlin in March is 14:00 UTC, in July it is 13:00 UTC."""
        march = world.provider.create(a_draft(start=datetime(2031, 3, 4, 15, 0), marker="m"))
        july = world.provider.create(a_draft(start=datetime(2031, 7, 4, 15, 0), marker="j"))

        assert [datetime.fromisoformat(meeting.starts).hour for meeting in (march, july)] == [14, 13]

    def test_meeting_can_be_read_again(self, world: MeetingWorld) -> None:
        """What was made is what is read."""
        made = world.provider.create(a_draft())

        assert world.provider.fetch(made.remote_id) == made

    @pytest.mark.parametrize(
        "marker",
        [
            pytest.param("x", id="short"),
            pytest.param("tenant/" + "s" * 600 + "/end", id="longer than what lists show"),
            pytest.param("schüler 数学 ✎ " * 20, id="many scripts"),
        ],
    )
    def test_marker_comes_back_and_is_found(self, world: MeetingWorld, marker: str) -> None:
        """Lists show only the beginning of a text; the marker is found all the same."""
        world.provider.create(a_draft(marker="another"))
        made = world.provider.create(a_draft(marker=marker))

        assert world.provider.find(marker) == [made]

    def test_markers_with_the_same_beginning_are_told_apart(self, world: MeetingWorld) -> None:
        """Two markers that differ only behind the part that lists show."""
        beginning = "tenant/" + "s" * 400
        first = world.provider.create(a_draft(marker=beginning + "/1"))
        second = world.provider.create(a_draft(marker=beginning + "/2"))

        assert world.provider.find(beginning + "/1") == [first]
        assert world.provider.find(beginning + "/2") == [second]
        assert world.provider.find(beginning) == []

    def test_doubles_are_found_oldest_first(self, world: MeetingWorld) -> None:
        """What two tries made is found whole, so that one link is kept and the other swept away."""
        made = [world.provider.create(a_draft()) for _ in range(2)]

        found = world.provider.find("tenant-1/session-1")

        assert sorted(meeting.remote_id for meeting in found) == sorted(meeting.remote_id for meeting in made)

    def test_meeting_is_found_among_more_than_one_page(self, world: MeetingWorld) -> None:
        """A busy host has hundreds of meetings."""
        world.fill(320)
        made = world.provider.create(a_draft(start=datetime(2033, 1, 5, 9, 0)))

        assert world.provider.find("tenant-1/session-1") == [made]

    def test_meeting_follows_its_session(self, world: MeetingWorld) -> None:
        """The session moves, gets longer and another name; the link stays."""
        made = world.provider.create(a_draft())

        moved = world.provider.update(
            made.remote_id, a_draft(topic="Geometry, Mia", start=datetime(2031, 3, 5, 10, 30), minutes=90)
        )

        assert moved == world.provider.fetch(made.remote_id)
        assert (moved.remote_id, moved.join_url) == (made.remote_id, made.join_url)
        assert datetime.fromisoformat(moved.starts).isoformat() == "2031-03-05T09:30:00+00:00"
        assert (moved.topic, moved.duration_minutes) == ("Geometry, Mia", 90)
        assert moved.marker == "tenant-1/session-1"

    def test_same_update_twice_is_one_update(self, world: MeetingWorld) -> None:
        """A retry after a lost answer changes nothing more."""
        made = world.provider.create(a_draft())
        draft = a_draft(start=datetime(2031, 3, 5, 10, 30))

        assert world.provider.update(made.remote_id, draft) == world.provider.update(made.remote_id, draft)
        assert len(world.held()) == 1

    def test_deleted_meeting_is_gone(self, world: MeetingWorld) -> None:
        """The session is cancelled."""
        made = world.provider.create(a_draft())

        world.provider.delete(made.remote_id)

        assert world.held() == []
        assert world.provider.find("tenant-1/session-1") == []
        with pytest.raises(ObjectGone):
            world.provider.fetch(made.remote_id)
        with pytest.raises(ObjectGone):
            world.provider.update(made.remote_id, a_draft())

    def test_deleting_twice_is_success(self, world: MeetingWorld) -> None:
        """A retry after a lost answer, or a host who was faster."""
        made = world.provider.create(a_draft())

        world.provider.delete(made.remote_id)
        world.provider.delete(made.remote_id)

        assert world.held() == []

    def test_lost_answer_of_a_create_is_found_again(self, world: MeetingWorld) -> None:
        """The laptop slept between request and answer: the look finds the meeting, nothing is made twice."""
        world.lose_next_answer("POST")

        with pytest.raises(AnswerLost):
            world.provider.create(a_draft())
        found = world.provider.find("tenant-1/session-1")

        assert [meeting.remote_id for meeting in found] == list(world.held())
        assert len(found) == 1

    def test_lost_answer_of_a_delete_can_be_repeated(self, world: MeetingWorld) -> None:
        """It was gone already."""
        made = world.provider.create(a_draft())
        world.lose_next_answer("DELETE")

        with pytest.raises(AnswerLost):
            world.provider.delete(made.remote_id)
        world.provider.delete(made.remote_id)

        assert world.held() == []

    def test_pause_is_told_not_slept(self, world: MeetingWorld) -> None:
        """The vendor asks for time; the scheduler decides when."""
        world.provider.identify()
        world.throttle_next(seconds=7)

        with pytest.raises(Throttled) as refused:
            world.provider.create(a_draft())

        assert refused.value.retry_after_s == 7
        assert world.held() == []

    def test_wrong_secret_is_refused_in_words(self, world: MeetingWorld) -> None:
        """Somebody mistyped the secret."""
        provider = world.with_wrong_secret()

        with pytest.raises(SignInRefused) as refused:
            provider.identify()

        assert "Sign in again" in refused.value.sentence

    def test_no_host_link_anywhere(self, world: MeetingWorld, caplog: pytest.LogCaptureFixture) -> None:
        """Whoever has the host link is the host: it stands in no value, no error, no log."""
        caplog.set_level(logging.DEBUG)
        made = world.provider.create(a_draft())
        moved = world.provider.update(made.remote_id, a_draft(minutes=30))
        found = world.provider.find("tenant-1/session-1")
        errors = _errors_of(world, made.remote_id)

        told = [repr(made), repr(moved), repr(found), repr(vars(world.provider)), caplog.text, *errors]

        assert not [text for text in told if world.host_secret in text]


def _errors_of(world: MeetingWorld, remote_id: str) -> list[str]:
    """Errors in all their spellings, with everything that hangs on them."""
    world.lose_next_answer("GET")
    texts = []
    for _ in range(2):
        try:
            world.provider.fetch(remote_id)
        except ConnectorError as error:
            chain: BaseException | None = error
            while chain is not None:
                texts += [str(chain), repr(chain), repr(vars(chain))]
                chain = chain.__cause__ or chain.__context__
    assert texts
    return texts
