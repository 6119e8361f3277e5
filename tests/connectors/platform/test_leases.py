"""Leases and link states through the client, against the real API: two laptops of one tutor, and a wire between."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.http import HttpRules
from connectors.platform.client import PlatformClient, open_account, pair
from connectors.registry import Credentials
from connectors.vocabulary.errors import AnswerLost, FeatureMissing, LeaseLost, ObjectRefused, Unreachable
from connectors.vocabulary.leases import BaseRecord, Lease, LinkRecord, Start, calendar_key
from tests.connectors.platform.conftest import Agency
from tests.connectors.platform.test_client import answering
from tests.servers.wiretap import Wiretap

TEN_MINUTES = timedelta(minutes=10)
_counters = itertools.count(1)


def a_start() -> Start:
    """Give a start that is newer than every one before."""
    return Start(next(_counters), str(uuid.uuid4()))


def take(platform: PlatformClient, key: str) -> Lease:
    """Ask for one lease."""
    lease = platform.lease([key], TEN_MINUTES, a_start()).of(key)
    assert lease is not None
    return lease


def a_link(**differing: Any) -> LinkRecord:
    """Give a link; only what matters to a test is named there."""
    plain = LinkRecord(
        session=str(uuid.uuid4()),
        incarnation=0,
        uid=str(uuid.uuid4()),
        state="live",
        href="event.ics",
        etag='"1"',
        bases={"title": BaseRecord("Algebra", "SUMMARY:Algebra"), "notes": BaseRecord(None, None)},
    )
    return replace(plain, **differing)


@pytest.fixture
def key() -> str:
    """A calendar that no other test knows."""
    return calendar_key("https://dav.example.org", "anna", str(uuid.uuid4()))


@pytest.fixture
def wire(agency: Agency) -> Iterator[tuple[Wiretap, Credentials]]:
    """A third laptop behind a wire that can break."""
    tap = Wiretap(agency.server.port)
    with tap.started() as running:
        yield tap, pair(f"http://127.0.0.1:{running.port}", agency.device_code(), HttpRules())


@pytest.fixture
def shaky(wire: tuple[Wiretap, Credentials]) -> Iterator[PlatformClient]:
    """The view of the laptop behind the wire."""
    opened = open_account(wire[1])
    yield opened
    opened.close()


def test_one_laptop_gets_the_calendar_and_the_other_learns_whose_it_is(
    platform: PlatformClient, second_platform: PlatformClient, key: str
) -> None:
    """With the name that people gave it, and until when."""
    start = a_start()
    answer = platform.lease([key], TEN_MINUTES, start)
    mine = answer.of(key)
    theirs = take(second_platform, key)

    assert mine is not None
    assert (answer.start.highest, answer.start.is_current) == (start.counter, True)
    assert (mine.is_mine, mine.epoch, mine.expires_at - answer.now) == (True, 1, TEN_MINUTES)
    assert (theirs.is_mine, theirs.holder, theirs.holder_name) == (False, mine.holder, "Anna's laptop")
    assert theirs.expires_at == mine.expires_at


def test_what_is_given_back_is_free_and_a_late_release_is_not_heard(
    platform: PlatformClient, second_platform: PlatformClient, key: str
) -> None:
    """At the end of the program; neither way is an error."""
    before = take(platform, key)
    renewed = take(platform, key)

    platform.release([before])
    assert not take(second_platform, key).is_mine
    platform.release([renewed, replace(renewed, key="0" * 64)])
    theirs = take(second_platform, key)
    platform.release([theirs])

    assert (theirs.is_mine, theirs.epoch) == (True, 2)
    assert not take(platform, key).is_mine


def test_an_old_store_is_told_so_and_gets_nothing(second_platform: PlatformClient, key: str) -> None:
    """Restored from a backup, or one of two copies."""
    newer = a_start()
    second_platform.lease([], TEN_MINUTES, newer)

    answer = second_platform.lease([key], TEN_MINUTES, Start(newer.counter, str(uuid.uuid4())))

    assert (answer.start.highest, answer.start.is_current) == (newer.counter, False)
    assert answer.leases == ()


def test_links_come_back_as_they_were_told(platform: PlatformClient, second_platform: PlatformClient, key: str) -> None:
    """On the laptop that goes on, a base that came back differently would be an edit that nobody made."""
    links = [
        a_link(),
        a_link(state="want", href="", etag=None, bases={}, sent={"title": "Łódź\n“old”", "notes": None}),
        a_link(bases={"notes": BaseRecord('{"text":"a\\n"}', "DESCRIPTION:a\\n\n b")}),
    ]
    epoch = take(platform, key).epoch

    platform.put_links(key, epoch, links)
    read = second_platform.links(key)

    assert sorted(read.links, key=str) == sorted(links, key=str)
    assert take(second_platform, key).links_version == read.version
    assert second_platform.links(key, since=read.version).links == ()


def test_of_a_calendar_that_nobody_wrote_to_there_are_no_links(platform: PlatformClient, key: str) -> None:
    """No error: the first laptop finds nothing to go on from."""
    assert platform.links(key).links == ()
    assert platform.links(key).version == 0


def test_a_whole_year_goes_in_parts_and_comes_back_in_pages(
    platform: PlatformClient, second_platform: PlatformClient, key: str
) -> None:
    """Neither side ever holds one request for everything."""
    links = [a_link() for _ in range(450)] + [a_link(bases={"notes": BaseRecord("x" * 150_000, "y" * 150_000)})]
    epoch = take(platform, key).epoch

    platform.put_links(key, epoch, links)
    moved = replace(links[7], etag='"2"')
    before = second_platform.links(key)
    platform.put_links(key, epoch, [moved])

    assert {link.session: link for link in before.links} == {link.session: link for link in links}
    assert second_platform.links(key, since=before.version).links == (moved,)


def test_links_without_the_lease_are_refused(
    platform: PlatformClient, second_platform: PlatformClient, key: str
) -> None:
    """Another laptop went on meanwhile: this one must read anew before it does anything."""
    mine = take(platform, key)
    platform.put_links(key, mine.epoch, [a_link()])
    platform.release([mine])
    theirs = take(second_platform, key)

    for epoch in (mine.epoch, theirs.epoch):
        with pytest.raises(LeaseLost, match="Another device of yours"):
            platform.put_links(key, epoch, [a_link()])
    with pytest.raises(LeaseLost):
        platform.put_links("0" * 64, 1, [a_link()])
    second_platform.put_links(key, theirs.epoch, [a_link()])

    assert len(second_platform.links(key).links) == 2


def test_nothing_to_tell_is_no_request(key: str) -> None:
    """An idle pass asks nobody."""
    nobody = open_account(Credentials("http://127.0.0.1:9", {"client_id": "a", "tutor": "t"}, {"client_secret": "s"}))

    nobody.put_links(key, 1, [])
    nobody.release([])
    nobody.close()


def test_a_write_whose_answer_was_lost_is_told_again(
    shaky: PlatformClient, wire: tuple[Wiretap, Credentials], key: str
) -> None:
    """It arrived and nobody heard: the next one looks which version is there, and follows it."""
    link = a_link()
    epoch = take(shaky, key).epoch
    shaky.put_links(key, epoch, [link])

    wire[0].fail("drop-response", method="PUT")
    with pytest.raises(AnswerLost):
        shaky.put_links(key, epoch, [replace(link, etag='"2"')])
    shaky.put_links(key, epoch, [replace(link, etag='"3"')])

    assert shaky.links(key).links == (replace(link, etag='"3"'),)


def test_two_starts_of_one_laptop_do_not_trip_over_a_version(
    credentials: Credentials, platform: PlatformClient, key: str
) -> None:
    """The program that ended wrote after the new one looked: the new one looks again, and writes."""
    ended = open_account(credentials)
    link = a_link()
    epoch = take(platform, key).epoch
    ended.put_links(key, epoch, [link])
    platform.put_links(key, epoch, [replace(link, etag='"2"')])

    ended.put_links(key, epoch, [replace(link, etag='"3"')])

    assert platform.links(key).links == (replace(link, etag='"3"'),)
    ended.close()


def test_a_lost_answer_to_a_request_for_leases_costs_nothing(
    shaky: PlatformClient, wire: tuple[Wiretap, Credentials], key: str
) -> None:
    """To ask again is to renew."""
    start = a_start()
    wire[0].fail("drop-response", method="POST", containing=b"/leases")

    with pytest.raises((AnswerLost, Unreachable)):
        shaky.lease([key], TEN_MINUTES, start)
    answer = shaky.lease([key], TEN_MINUTES, start)

    assert answer.start.is_current
    assert [(lease.is_mine, lease.epoch) for lease in answer.leases] == [(True, 1)]


def test_bad_input_a_link_that_the_platform_refuses(platform: PlatformClient, key: str) -> None:
    """Its own sentence says why."""
    epoch = take(platform, key).epoch

    with pytest.raises(ObjectRefused, match="Invalid enum value"):
        platform.put_links(key, epoch, [a_link(bases={"attendees": BaseRecord("a", "b")})])
    with pytest.raises(ObjectRefused):
        platform.lease([key], timedelta(days=1), a_start())


def test_bad_input_a_platform_from_before_there_were_leases() -> None:
    """It says so, and does not take it for an address that is wrong."""
    body = (
        b'{"type": "urn:tutorsync:problem:path.unknown", "code": "path.unknown", "access_token": "x", "expires_in": 60}'
    )
    with answering(404, body, Content_Type="application/problem+json") as url:
        platform = open_account(Credentials(url, {"client_id": "a", "tutor": "t"}, {"client_secret": "s"}))
        platform._token._token, platform._token._good_until = "t", float("inf")

        with pytest.raises(FeatureMissing, match="too old"):
            platform.lease([], TEN_MINUTES, a_start())
        platform.close()
