"""The feed server: validators, and the troubles of real feeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from cloud_api.sandbox.feed import FeedServer, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALENDAR = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//sandbox//EN\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def feed(tmp_path: Path) -> Iterator[FeedServer]:
    with FeedServer(tmp_path / "feeds") as feed:
        yield feed


@pytest.mark.parametrize(("ask", "validator"), [("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")])
def test_unchanged_feed_is_a_304_without_a_body(feed: FeedServer, ask: str, validator: str) -> None:
    url = feed.publish("school", CALENDAR)
    first = httpx.get(url)

    second = httpx.get(url, headers={ask: first.headers[validator]})

    assert (first.status_code, first.text) == (200, CALENDAR)
    assert (second.status_code, second.content) == (304, b"")
    assert [(answer.status, answer.size_bytes) for answer in feed.log] == [(200, len(CALENDAR)), (304, 0)]


def test_changed_feed_is_sent_again(feed: FeedServer) -> None:
    """Also if it changed within the same second, and by either validator."""
    url = feed.publish("school", CALENDAR)
    first = httpx.get(url)
    feed.publish("school", CALENDAR.replace("2.0", "2.0\r\nX-WR-CALNAME:School"))

    answers = [
        httpx.get(url, headers={"If-None-Match": first.headers["ETag"]}),
        httpx.get(url, headers={"If-Modified-Since": first.headers["Last-Modified"]}),
    ]

    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize(
    ("trouble", "status", "text"),
    [
        (Trouble.TRUNCATED, 200, CALENDAR[: len(CALENDAR) // 2]),
        (Trouble.HTML, 200, "<!DOCTYPE html>"),
        (Trouble.EMPTY, 200, ""),
        (Trouble.NOT_FOUND, 404, ""),
        (Trouble.GONE, 410, ""),
        (Trouble.FAILED, 500, ""),
        (Trouble.CIRCLE, 302, ""),
    ],
)
def test_troubles(feed: FeedServer, trouble: Trouble, status: int, text: str) -> None:
    """Each until it is told to stop."""
    url = feed.publish("school", CALENDAR)
    feed.trouble("school", trouble)
    troubled = httpx.get(url)
    feed.trouble("school", Trouble.NONE)

    assert troubled.status_code == status
    assert troubled.text.startswith(text)
    assert httpx.get(url).text == CALENDAR


def test_connection_that_breaks_off_is_no_whole_answer(feed: FeedServer) -> None:
    url = feed.publish("school", CALENDAR)
    feed.trouble("school", Trouble.BROKEN_OFF)

    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)


def test_control_over_http(feed: FeedServer) -> None:
    """For whoever runs beside it as another process."""
    control = f"{feed.address}/__sandbox__"
    httpx.put(f"{control}/feeds/team", content=CALENDAR.encode())
    assert httpx.get(feed.url("team")).text == CALENDAR
    httpx.put(f"{control}/feeds/team/trouble", json={"trouble": "gone"})

    assert httpx.get(feed.url("team")).status_code == 410
    assert [answer["status"] for answer in httpx.get(f"{control}/log").json()["answers"]] == [200, 410]


def test_withdrawn_feed_is_not_found(feed: FeedServer) -> None:
    url = feed.publish("school", CALENDAR)
    feed.withdraw("school")

    assert httpx.get(url).status_code == 404


def test_nothing_answers_after_stop(tmp_path: Path) -> None:
    with FeedServer(tmp_path) as feed:
        url = feed.publish("school", CALENDAR)

    with pytest.raises(httpx.ConnectError):
        httpx.get(url)
