"""What people type wrongly, and what servers answer wrongly: one clear sentence each, and nothing is lost."""

from __future__ import annotations

import gzip
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import trustme

from connectors.http import HttpRules, open_client, require_safe, send
from connectors.vocabulary.errors import (
    CertificateWrong,
    ConnectorError,
    FeedBroken,
    FeedGone,
    InsecureAddress,
    NotACalendarServer,
    PrivateAddress,
    Remedy,
    ServerFault,
    SignInRefused,
    TooLarge,
    TooManyRedirects,
    UnknownHost,
    Unreachable,
)
from tests.connectors.contract import an_event, everything
from tests.connectors.dav_world import open_dav
from tests.connectors.feed_world import FOOT, HEAD, FeedWorld, events_of, open_feed
from tests.servers.feeds import FeedServer, Published
from tests.servers.nullcal import NullCal
from tests.servers.radicale import USER, Radicale
from tests.servers.wiretap import Wiretap

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A_PAGE = b"<!DOCTYPE html><html><body><h1>Welcome to the school</h1></body></html>"
ONE_EVENT = HEAD + events_of(an_event("uid-one")) + FOOT


# --- accounts


@pytest.mark.parametrize(("typed", "named"), [("/etc/passwd", "This address"), ("file:///etc/passwd", "file")])
def test_bad_input_an_address_that_names_nobody_is_refused_in_a_whole_sentence(typed: str, named: str) -> None:
    """One that begins with a space helps nobody."""
    with pytest.raises(InsecureAddress) as refused:
        require_safe(httpx.URL(typed))

    assert refused.value.sentence.startswith(f"{named} would be asked without encryption")


def test_bad_input_wrong_password_is_asked_once_and_says_sign_in(radicale: Radicale) -> None:
    """A refused password is never tried again by itself: servers lock people out."""
    tap = Wiretap(radicale.port)
    with tap.started() as proxy:
        account = open_dav(f"127.0.0.1:{proxy.port}", USER, "wrong")
        with pytest.raises(SignInRefused) as refused:
            account.identify()
        account.close()

    assert refused.value.remedy is Remedy.RECONNECT
    assert [status for _, _, status in tap.counts.log].count(401) == 1


def test_bad_input_unknown_host() -> None:
    account = open_dav("name.invalid", "anna", "x")

    with pytest.raises(UnknownHost, match=r"no server called name\.invalid"):
        account.identify()

    account.close()


def test_bad_input_nobody_listens_there() -> None:
    with NullCal().started() as server:
        port = server.port
    account = open_dav(f"127.0.0.1:{port}", "anna", "x")

    with pytest.raises(Unreachable):
        account.identify()

    account.close()


@pytest.mark.parametrize("status", [200, 404, 405, 500, 501])
def test_bad_input_a_server_that_is_no_calendar_server(status: int) -> None:
    server = FeedServer()
    for path in ("/", "/.well-known/caldav", "/anna/"):
        server.published[path] = Published(A_PAGE, status, "text/html")
    with server.started() as running:
        account = open_dav(f"http://127.0.0.1:{running.port}/anna/", "anna", "x")
        with pytest.raises(NotACalendarServer, match="no calendar server"):
            account.identify()
        account.close()


def test_bad_input_an_address_without_encryption() -> None:
    account = open_dav("http://calendars.example/", "anna", "x")

    with pytest.raises(InsecureAddress):
        account.identify()

    account.close()
    assert account.requests <= 1


class Authority:
    """A school's own certificate authority."""

    def __init__(self, folder: Path) -> None:
        self._authority = trustme.CA()
        self.file = folder / "school.pem"
        self._authority.cert_pem.write_to_path(str(self.file))

    def context(self, *names: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(*names).configure_cert(context)
        return context


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_bad_input_a_certificate_that_nobody_vouches_for(authority: Authority) -> None:
    with NullCal().started(authority.context("127.0.0.1")) as server:
        account = open_dav(f"https://127.0.0.1:{server.port}/", "anna", "x")
        with pytest.raises(CertificateWrong, match="could not prove who it is") as refused:
            account.identify()
        account.close()

    assert refused.value.remedy is Remedy.CHECK_CERTIFICATE


def test_bad_input_a_certificate_of_another_name(authority: Authority) -> None:
    with NullCal().started(authority.context("other.example")) as server:
        account = open_dav(f"https://127.0.0.1:{server.port}/", "anna", "x", HttpRules(ca_file=authority.file))
        with pytest.raises(CertificateWrong):
            account.identify()
        account.close()


def test_the_schools_own_authority_is_trusted_when_its_file_is_given(authority: Authority) -> None:
    with NullCal().started(authority.context("127.0.0.1")) as server:
        account = open_dav(f"https://127.0.0.1:{server.port}/", "anna", "x", HttpRules(ca_file=authority.file))
        assert account.identify().issuer == f"https://127.0.0.1:{server.port}"
        account.close()


def test_bad_input_a_ca_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")

    with pytest.raises(CertificateWrong, match="CA file"):
        open_dav("https://127.0.0.1/", "anna", "x", HttpRules(ca_file=tmp_path / "ca.pem"))


# --- feeds


@pytest.fixture
def server() -> FeedServer:
    return FeedServer()


@pytest.fixture
def world(server: FeedServer) -> Iterator[FeedWorld]:
    with server.started() as running:
        world = FeedWorld(server, running.port)
        yield world
        world.close()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(A_PAGE, "web page", id="an HTML page"),
        pytest.param(b"", "nothing at all", id="nothing"),
        pytest.param(b"  \r\n\r\n", "nothing at all", id="blank lines"),
        pytest.param(ONE_EVENT[: len(ONE_EVENT) // 2].encode(), "breaks off", id="truncated in an event"),
        pytest.param(ONE_EVENT[: -len(FOOT)].encode(), "breaks off", id="truncated before its end"),
        pytest.param(HEAD.encode(), "breaks off", id="only its head"),
        pytest.param(b"hello", "no calendar", id="some text"),
        pytest.param(b"BEGIN:VCALENDAR\r\nVERSION:1.0\r\nEND:VCALENDAR\r\n", "old format", id="vCalendar 1.0"),
        pytest.param(b'{"error": "not found"}', "no calendar", id="JSON"),
    ],
)
def test_bad_input_a_feed_that_is_not_whole_changes_nothing(world: FeedWorld, body: bytes, reason: str) -> None:
    """The last good copy stays in use; nothing is taken for deleted."""
    world.put("one", an_event("uid-one"))
    first = everything(world.reader())
    world.publish(body)

    with pytest.raises(FeedBroken, match=reason):
        everything(world.reader(), first.cursor, first.known)
    with pytest.raises(FeedBroken, match=reason):
        world.account.calendars()


def test_bad_input_a_feed_that_breaks_off_on_the_wire(world: FeedWorld) -> None:
    world.publish(ONE_EVENT, declared=len(ONE_EVENT) * 2)

    with pytest.raises(ConnectorError) as refused:
        everything(world.reader())

    assert refused.value.remedy is Remedy.WAIT


def test_bad_input_a_broken_event_in_a_feed_costs_only_itself(world: FeedWorld) -> None:
    good, broken = events_of(an_event("uid-good")), events_of(an_event("uid-bad", start="20261399T990000"))
    unended = events_of(an_event("uid-open")).replace("END:VEVENT\r\n", "")
    world.publish(HEAD + broken + unended + good + FOOT)

    seen = everything(world.reader())

    assert seen.uids == {"uid-good"}
    assert {one.key for one in seen.broken} == {"uid-bad", "uid-open"}
    assert seen.listed == {"uid-good", "uid-bad", "uid-open"}


@pytest.mark.parametrize("status", [404, 410])
def test_bad_input_a_feed_that_is_no_longer_published(world: FeedWorld, status: int) -> None:
    world.put("one", an_event("uid-one"))
    first = everything(world.reader())
    world.publish(b"gone", status=status, kind="text/plain")

    with pytest.raises(FeedGone):
        everything(world.reader(), first.cursor, first.known)


def test_bad_input_a_feed_that_wants_a_password(world: FeedWorld) -> None:
    world.publish(b"", status=401)

    with pytest.raises(SignInRefused):
        everything(world.reader())


@pytest.mark.parametrize(
    "inside",
    [
        "http://10.0.0.1/a.ics",
        "https://192.168.1.1/a.ics",
        "https://169.254.169.254/latest/",
        "https://[fd00::1]/a.ics",
    ],
)
def test_bad_input_a_redirect_into_a_private_network_is_not_followed(
    world: FeedWorld, server: FeedServer, inside: str
) -> None:
    """A feed may not make this computer ask the router, or a cloud machine's secrets (SSRF)."""
    world.publish(b"", status=302, location=inside)

    with pytest.raises((PrivateAddress, InsecureAddress)) as refused:
        everything(world.reader())

    assert not isinstance(refused.value, InsecureAddress)
    assert len(server.requests) == 1


def test_bad_input_a_private_address_is_refused_unless_it_was_allowed() -> None:
    feed = open_feed("https://192.168.178.1/calendar.ics")

    with pytest.raises(PrivateAddress):
        feed.calendars()

    feed.close()
    assert feed.requests == 0


def test_bad_input_redirects_without_end(world: FeedWorld, server: FeedServer) -> None:
    world.publish(b"", status=302, location="?again")

    with pytest.raises(TooManyRedirects):
        everything(world.reader())

    assert len(server.requests) == 6


@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "a small answer that unpacks to a large one"])
def test_bad_input_an_oversized_feed_is_not_read_to_its_end(world: FeedWorld, packed: bool) -> None:
    world.publish(b"X" * (21 * 1024 * 1024), packed=packed)

    with pytest.raises(TooLarge, match="20 megabytes"):
        everything(world.reader())


def test_bad_input_an_answer_that_cannot_be_unpacked(world: FeedWorld) -> None:
    world.publish(gzip.compress(b"x")[:5] + b"nonsense", more={"Content-Encoding": "gzip"})

    with pytest.raises(FeedBroken):
        everything(world.reader())


def test_bad_input_an_answer_that_unpacks_to_more_than_anybody_sends() -> None:
    """Seventy kilobytes on the wire are seventy megabytes in memory; feeds have a limit of their own."""
    server = FeedServer()
    bomb = gzip.compress(b"\0" * (70 * 1024 * 1024))
    server.published["/"] = Published(bomb, more={"Content-Encoding": "gzip"})
    with server.started() as running, open_client(HttpRules()) as client:
        request = client.build_request("GET", f"http://127.0.0.1:{running.port}/")
        with pytest.raises(ServerFault, match="more than 64 megabytes"):
            send(client, request)


def test_an_answer_is_unpacked_and_its_headers_are_kept() -> None:
    server = FeedServer()
    server.published["/"] = Published(gzip.compress(b"hello"), more={"Content-Encoding": "gzip"}, etag='"7"')
    with server.started() as running, open_client(HttpRules()) as client:
        answer = send(client, client.build_request("GET", f"http://127.0.0.1:{running.port}/"))

    assert (answer.content, answer.headers["etag"]) == (b"hello", '"7"')


def test_bad_input_a_feed_that_is_suddenly_empty_is_believed_the_second_time(world: FeedWorld) -> None:
    """A publisher's hiccup must not wipe a term; a feed that stays empty is empty."""
    world.put("one", an_event("uid-one"))
    first = everything(world.reader())
    world.remove("one")
    pages = world.reader().changes(first.cursor, first.known)

    doubtful = next(pages)
    with pytest.raises(FeedBroken, match="no event at all"):
        next(pages)
    second = everything(world.reader(), doubtful.cursor, first.known)

    assert doubtful.listed is None
    assert not doubtful.removed
    assert second.listed == frozenset()


def test_bad_input_a_file_that_is_not_there(tmp_path: Path) -> None:
    feed = open_feed("", file=str(tmp_path / "nowhere.ics"))

    with pytest.raises(FeedGone, match=r"nowhere\.ics"):
        feed.calendars()


def test_bad_input_a_feeds_secret_address_is_in_no_error(world: FeedWorld) -> None:
    """Whoever knows Google's "private address" reads the calendar."""
    for body, status in ((A_PAGE, 200), (b"", 404), (b"", 403), (b"", 500), (b"", 429)):
        world.publish(body, status=status)
        with pytest.raises(ConnectorError) as refused:
            everything(world.reader())
        assert "private-4f2a" not in repr(refused.value) + str(refused.value.facts)
    assert "private-4f2a" not in repr(world.account.identify())
