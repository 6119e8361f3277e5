"""Our drafts as Zoom's fields and back; the marker beside what the host writes."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.vocabulary.errors import ObjectRefused, ServerFault
from connectors.zoom.mapping import changed_by, marker_in, may_carry, meeting_from, with_marker
from tests.connectors.meeting_contract import a_draft

HOST = "api.zoom.us"
MARKERS = st.text(min_size=1, max_size=900).filter(lambda text: ":tutorsync]" not in text)


@given(marker=MARKERS, notes=st.text(max_size=3000))
def test_marker_is_read_back_whatever_the_host_wrote(marker: str, notes: str) -> None:
    agenda = with_marker(notes, marker, HOST)

    assert marker_in(agenda) == marker
    assert len(agenda) <= 2000


@given(marker=MARKERS, notes=st.text(max_size=900))
def test_putting_the_marker_twice_is_putting_it_once(marker: str, notes: str) -> None:
    once = with_marker(notes, marker, HOST)

    assert with_marker(once, marker, HOST) == once


@given(marker=MARKERS, notes=st.text(max_size=400))
def test_list_entry_of_a_meeting_with_the_marker_is_always_looked_at(marker: str, notes: str) -> None:
    """Wherever the list cuts the agenda, before the marker, in it or behind it: missing one gives a second link."""
    for agenda in (with_marker(notes, marker, HOST), notes + with_marker("", marker, HOST)):
        if marker_in(agenda) == marker:
            assert may_carry({"agenda": agenda[:250]}, marker)


@pytest.mark.parametrize(
    "agenda",
    [
        pytest.param("", id="nothing"),
        pytest.param("Bring the book.", id="notes"),
        pytest.param("[tutorsync:another:tutorsync]", id="another session's"),
        pytest.param("[tutorsync:" + "y" * 300, id="another one, cut"),
        pytest.param(None, id="no agenda at all"),
    ],
)
def test_list_entry_that_cannot_have_the_marker_costs_no_look(agenda: str | None) -> None:
    assert not may_carry({"agenda": agenda}, "x" * 400)


def test_marker_may_not_end_its_own_frame() -> None:
    with pytest.raises(ObjectRefused):
        with_marker("", "a:tutorsync]b", HOST)


@pytest.mark.parametrize(
    ("start", "zone", "sent"),
    [
        pytest.param(datetime(2031, 3, 4, 15, 0), "Europe/Berlin", "2031-03-04T14:00:00Z", id="winter"),
        pytest.param(datetime(2031, 7, 4, 15, 0), "Europe/Berlin", "2031-07-04T13:00:00Z", id="summer"),
        pytest.param(
            datetime(2031, 3, 30, 2, 30), "Europe/Berlin", "2031-03-30T01:30:00Z", id="an hour that is skipped"
        ),
        pytest.param(
            datetime(2031, 10, 26, 2, 30),
            "Europe/Berlin",
            "2031-10-26T00:30:00Z",
            id="an hour that comes twice: the first",
        ),
        pytest.param(datetime(2031, 3, 4, 0, 15), "Asia/Kathmandu", "2031-03-03T18:30:00Z", id="the day before in UTC"),
    ],
)
def test_start_goes_out_as_an_instant(start: datetime, zone: str, sent: str) -> None:
    body = changed_by(a_draft(start=start, zone=zone))

    assert (body["start_time"], body["timezone"]) == (sent, zone)


def test_long_topic_is_shortened_to_what_zoom_takes() -> None:
    assert len(str(changed_by(a_draft(topic="x" * 500))["topic"])) == 200


def test_number_of_64_bits_stays_whole() -> None:
    meeting = meeting_from({"id": 2**63 - 1, "join_url": "https://zoom.example/j/1"}, HOST)

    assert meeting.remote_id == "9223372036854775807"


@pytest.mark.parametrize(
    "answer",
    [{}, {"id": 1}, {"join_url": "https://zoom.example"}, {"id": "x", "join_url": "y"}, {"id": 1, "join_url": ""}],
)
def test_answer_without_number_or_link_is_no_meeting(answer: dict[str, object]) -> None:
    with pytest.raises(ServerFault):
        meeting_from(answer, HOST)
