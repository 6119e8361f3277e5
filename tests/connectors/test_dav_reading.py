"""Reading CalDAV when servers differ, cut short, forget, or lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.vocabulary.changes import Cursor
from connectors.vocabulary.errors import AnswerLost, ServerFault, Throttled
from tests.connectors.contract import an_event, everything
from tests.connectors.dav_world import DavWorld
from tests.servers.nullcal import Answer, NullCal
from tests.servers.radicale import PASSWORD, USER, Radicale
from tests.servers.wiretap import Wiretap

if TYPE_CHECKING:
    from collections.abc import Iterator

_ONE_KILOBYTE = 1024


class Tapped(DavWorld):
    """A calendar in memory, our account going through the proxy, the phone around it."""

    def __init__(self, server: str, tap: Wiretap, port: int, user: str = "anna", password: str = "x") -> None:
        super().__init__(server, user, password, through=f"http://127.0.0.1:{port}")
        self.tap = tap


@pytest.fixture
def nullcal() -> NullCal:
    return NullCal()


@pytest.fixture
def world(nullcal: NullCal) -> Iterator[Tapped]:
    with nullcal.started() as server:
        tap = Wiretap(server.port)
        with tap.started() as proxy:
            world = Tapped(f"http://127.0.0.1:{server.port}", tap, proxy.port)
            yield world
            world.close()


def fill(world: DavWorld, count: int) -> None:
    for number in range(count):
        world.put(f"e{number:03}", an_event(f"uid-{number:03}"))


def test_a_poll_without_news_is_one_request_of_less_than_a_kilobyte(world: Tapped) -> None:
    """It happens every minute, for years, on a train."""
    fill(world, 3)
    first = everything(world.reader())
    world.tap.reset()

    second = everything(world.reader(), first.cursor, first.known)

    counts = world.tap.counts
    assert second.unchanged
    assert counts.requests == 1
    assert counts.bytes_up + counts.bytes_down <= _ONE_KILOBYTE


def test_so_it_is_with_radicale(radicale: Radicale) -> None:
    tap = Wiretap(radicale.port)
    with tap.started() as proxy:
        world = Tapped(radicale.address, tap, proxy.port, USER, PASSWORD)
        fill(world, 2)
        first = everything(world.reader())
        tap.reset()

        second = everything(world.reader(), first.cursor, first.known)

        world.close()
    assert second.unchanged
    assert tap.counts.requests == 1
    assert tap.counts.bytes_up + tap.counts.bytes_down <= _ONE_KILOBYTE


def test_a_first_reading_takes_one_request_for_the_list_and_one_for_every_two_hundred(world: Tapped) -> None:
    fill(world, 401)
    world.tap.reset()

    seen = everything(world.reader())

    assert len(seen.objects) == 401
    assert world.tap.counts.requests == 1 + 3


def test_the_account_counts_its_requests(world: Tapped) -> None:
    before = world.account.requests

    everything(world.reader())

    assert world.account.requests - before == 1


@pytest.mark.parametrize("how", ["dead-token", "dead-token-409", "dead-token-412", "dead-token-400"])
def test_a_dead_token_reads_the_list_and_fetches_only_what_differs(world: Tapped, how: str) -> None:
    """Whichever status a server says it with (RFC 6578, section 3.2, and what others do)."""
    fill(world, 3)
    first = everything(world.reader())
    world.put("e001", an_event("uid-001", summary="Changed"))
    world.remove("e002")
    world.tap.fail(how)

    second = everything(world.reader(), first.cursor, first.known)

    assert [one.events[0].summary for one in second.objects] == ["Changed"]
    assert set(first.known) - (second.listed or set()) == {first.key_of("uid-002")}
    assert second.cursor != first.cursor


def test_a_token_that_really_died_is_no_error(world: Tapped, nullcal: NullCal) -> None:
    fill(world, 2)
    first = everything(world.reader())
    nullcal.kill_tokens()

    second = everything(world.reader(), first.cursor, first.known)

    assert not second.objects
    assert second.listed == set(first.known)


def test_a_full_listing_says_whether_the_token_had_died(world: Tapped, nullcal: NullCal) -> None:
    """A calendar made anew looks like that. A first reading, and one that nobody gave a token for, do not."""
    fill(world, 1)
    first = everything(world.reader())
    said = {"first": list(world.reader().changes(None, {}))[-1].anew}
    nullcal.kill_tokens()

    said["dead"] = list(world.reader().changes(first.cursor, first.known))[-1].anew

    assert said == {"first": False, "dead": True}


@pytest.mark.parametrize("how", ["no-report", "no-method"])
def test_without_the_report_the_collection_tag_is_asked(world: Tapped, how: str) -> None:
    fill(world, 2)
    world.tap.fail(how, method="REPORT", containing=b"sync-collection", every=True)

    first = everything(world.reader())
    world.tap.counts.methods.clear()
    second = everything(world.reader(), first.cursor, first.known)

    assert first.uids == {"uid-000", "uid-001"}
    assert first.cursor is not None
    assert first.cursor.kind == "ctag"
    assert second.unchanged
    assert world.tap.counts.methods == {"PROPFIND": 1}


def test_without_the_report_changes_and_removals_are_seen_in_the_list(world: Tapped) -> None:
    fill(world, 3)
    world.tap.fail("no-report", method="REPORT", containing=b"sync-collection", every=True)
    first = everything(world.reader())
    world.put("e000", an_event("uid-000", summary="Changed"))
    world.remove("e001")

    second = everything(world.reader(), first.cursor, first.known)

    assert second.uids == {"uid-000"}
    assert second.listed == {first.key_of("uid-000"), first.key_of("uid-002")}


def test_a_batch_that_fails_is_halved_until_the_guilty_object_stands_alone(world: Tapped) -> None:
    """A server that answers 500 whenever one certain event is asked for loses that one, not two hundred."""
    fill(world, 16)
    world.tap.fail("broken", containing=b"e005.ics", every=True)

    seen = everything(world.reader())

    assert len(seen.objects) == 15
    assert [one.key for one in seen.broken] == [world.path + "e005.ics"]
    assert len(seen.listed or ()) == 16


def test_bad_input_an_object_of_megabytes_is_named_and_hides_no_other(world: Tapped) -> None:
    """Nobody's appointment; reading it would hold up everything else."""
    fill(world, 3)
    world.put("big", an_event("uid-big", summary="Novel", more=f"DESCRIPTION:{'x' * 8_100_000}\r\n"))

    seen = everything(world.reader())

    assert len(seen.objects) == 3
    assert [(one.key, one.because) for one in seen.broken] == [(world.path + "big.ics", "it is too large")]


def test_what_was_not_handed_out_is_asked_for_again(world: Tapped) -> None:
    """The token moved on, so no difference names the event again: without asking, its edit would be lost."""
    fill(world, 4)
    first = everything(world.reader())
    world.put("e002", an_event("uid-002", summary="Changed"))
    world.tap.fail("broken", containing=b"e002.ics", every=True)
    second = everything(world.reader(), first.cursor, first.known)
    again = everything(world.reader(), second.cursor, first.known)
    world.tap.fail()

    third = everything(world.reader(), again.cursor, first.known)
    fourth = everything(world.reader(), third.cursor, third.known)

    assert [one.key for one in (*second.broken, *again.broken)] == [first.key_of("uid-002")] * 2
    assert [one.events[0].summary for one in third.objects] == ["Changed"]
    assert fourth.unchanged


def test_a_server_that_answers_nothing_but_errors_is_not_asked_for_every_single_object(world: Tapped) -> None:
    fill(world, 64)
    world.tap.fail("broken", containing=b".ics", every=True)

    with pytest.raises(ServerFault):
        everything(world.reader())

    assert world.tap.counts.requests < 100


def test_bad_input_a_sign_in_page_instead_of_the_list_changes_nothing(world: Tapped) -> None:
    """The hotel's Wi-Fi answers 200 with its own page to everything."""
    fill(world, 2)
    first = everything(world.reader())
    world.tap.fail("html", every=True)

    with pytest.raises(ServerFault, match="web page"):
        everything(world.reader(), first.cursor, first.known)
    with pytest.raises(ServerFault):
        everything(world.reader())
    with pytest.raises(ServerFault):
        world.calendar.fetch([one.href for one in first.objects])


def test_bad_input_a_list_that_breaks_off_changes_nothing(world: Tapped) -> None:
    fill(world, 5)
    first = everything(world.reader())
    fill(world, 9)
    world.tap.fail("cut", every=True)

    with pytest.raises((AnswerLost, ServerFault)):
        everything(world.reader(), first.cursor, first.known)


@pytest.mark.parametrize("how", ["drop-request", "drop-response", "cut"])
def test_a_read_whose_answer_is_lost_is_asked_once_more(world: Tapped, how: str) -> None:
    """Servers close connections that they kept; a tutor need not hear of it."""
    fill(world, 2)
    world.tap.fail(how)

    assert len(everything(world.reader()).objects) == 2


@pytest.mark.parametrize(
    ("how", "pause_s"), [("status", 1), ("locked", 30), ("busy", 7), ("later", 9), ("forbidden-now", 11)]
)
def test_a_server_that_asks_for_a_pause_gets_it(world: Tapped, how: str, pause_s: int) -> None:
    world.tap.fail(how)

    with pytest.raises(Throttled) as refused:
        everything(world.reader())

    assert refused.value.retry_after_s == pause_s
    assert world.tap.counts.requests == 1


def test_a_server_in_trouble_that_says_until_when_is_left_alone_until_then(world: Tapped) -> None:
    """Whatever the status is, Retry-After says what it says; that a write may have arrived is another matter."""
    world.tap.fail("broken-later", every=True)

    with pytest.raises(ServerFault) as refused:
        everything(world.reader())

    assert refused.value.wait_s == 13


def test_a_list_cut_short_by_the_server_is_asked_for_to_its_end() -> None:
    """RFC 6578, section 3.6: 507 for the collection itself means "there is more"."""
    with ShortCal().started() as server:
        world = DavWorld(f"http://127.0.0.1:{server.port}", "anna", "x")
        fill(world, 7)

        seen = everything(world.reader())

        world.close()
    assert len(seen.objects) == 7
    assert len(seen.listed or ()) == 7


class ShortCal(NullCal):
    """Gives at most three members at a time, as several servers do with thousands."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        status, content, more = super().answer(method, path, headers, body)
        if b"sync-collection" not in body or (b"<sync-token></sync-token>" not in body and b"short-" not in body):
            return status, content, more
        at = int(body.partition(b"short-")[2].partition(b"<")[0] or 0)
        whole = super().answer(method, path, headers, b"<sync-collection/>")[1].decode()
        head, *rows = whole.split("<response>")
        rows[-1] = rows[-1].partition("</multistatus>")[0].partition("<sync-token>")[0]
        some = "".join(f"<response>{row}" for row in rows[at : at + 3])
        if at + 3 < len(rows):
            cut = f"<response><href>{path}</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
            tail = f"{cut}<sync-token>short-{at + 3}</sync-token></multistatus>"
        else:
            tail = f"<sync-token>http://null/{len(rows)}</sync-token></multistatus>"
        return 207, f"{head}{some}{tail}".encode(), {}


def test_two_spellings_of_one_place_are_one_object() -> None:
    """Servers write %40 in one answer and @ in the next; the mirror must not hold the event twice."""
    with SpellingCal("anna@example.org").started() as server:
        world = DavWorld(f"http://127.0.0.1:{server.port}", "anna@example.org", "x")
        world.put("one", an_event("uid-one"))
        first = everything(world.reader())
        second = everything(world.reader(), None, first.known)
        world.close()

    assert list(first.known) == [f"{world.path}one.ics"]
    assert not second.objects
    assert second.listed == set(first.known)


class SpellingCal(NullCal):
    """Encodes every other of its answers."""

    turn = 0

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        status, content, more = super().answer(method, path, headers, body)
        self.turn += 1
        return status, content.replace(b"anna@", b"anna%40") if self.turn % 2 else content, more


def test_what_an_older_version_wrote_as_cursor_reads_everything(world: Tapped) -> None:
    fill(world, 1)

    seen = everything(world.reader(), Cursor("sync-token", "http://null/not-a-number"))

    assert seen.uids == {"uid-000"}
