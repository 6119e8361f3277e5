"""The name of a calendar on the platform, and what a lease says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.vocabulary.leases import Lease, Leases, StartSeen, calendar_key

T10 = datetime(2026, 11, 24, 10, tzinfo=UTC)
ISSUER, SUBJECT, CALENDAR = "https://dav.example.org", "/principals/anna@example.org/", "/calendars/anna/work/"


def a_lease(key: str, expires_at: datetime = T10) -> Lease:
    """Give a lease of this device."""
    return Lease(key, "d1", "Anna's laptop", 1, expires_at, is_mine=True, version=1, links_version=0)


def test_a_calendar_has_one_name_on_every_device() -> None:
    """It must never change: two devices with two spellings would both write."""
    assert calendar_key(ISSUER, SUBJECT, CALENDAR) == "5899781cc379b447bf597e16076f929c3b199e6736e867590b48fe912635c04e"


def test_another_account_or_calendar_has_another_name() -> None:
    """Also where the parts run together to the same text."""
    keys = {
        calendar_key(ISSUER, SUBJECT, CALENDAR),
        calendar_key(ISSUER, SUBJECT, "/calendars/anna/home/"),
        calendar_key(ISSUER, "/principals/ben/", CALENDAR),
        calendar_key("https://dav.example.net", SUBJECT, CALENDAR),
        calendar_key(ISSUER + SUBJECT, "", CALENDAR),
        calendar_key(ISSUER, SUBJECT + CALENDAR, ""),
    }

    assert len(keys) == 6


def test_the_name_tells_no_address() -> None:
    """The platform learns which calendars are the same, and nothing of what they are."""
    key = calendar_key(ISSUER, SUBJECT, CALENDAR)

    assert len(key) == 64
    assert set(key) <= set("0123456789abcdef")


def test_an_answer_gives_the_lease_of_a_calendar() -> None:
    """Or none, for one that was not asked for."""
    mine = a_lease("a")
    answer = Leases(T10, StartSeen(1, is_current=True), (mine, a_lease("b")))

    assert answer.of("a") is mine
    assert answer.of("c") is None


def test_a_lease_without_a_zone_cannot_be() -> None:
    """It would end at another hour on each laptop."""
    with pytest.raises(ValueError, match="aware"):
        a_lease("a", datetime(2026, 11, 24, 10))
