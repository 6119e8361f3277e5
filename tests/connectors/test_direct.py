"""Our own way to a server behaves as httpx's does: the same answers, the same errors, and connections that are kept."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.http import PLAIN_ADDRESS, HttpRules, SignedIn, open_client
from connectors.vocabulary.errors import InsecureAddress, ServerFault
from tests.servers.running import Running, read_body, read_head

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"


@dataclass
class Scripted:
    """A server that says what a test wrote down, request by request, and hangs up where that is None.

    Attributes:
        heard: heads of the requests, whatever connection they came on.
        connections: how many there were.
    """

    says: Sequence[bytes | None]
    heard: list[bytes] = field(default_factory=list)
    connections: int = 0
    port: int = 0

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while True:
            head, headers = await read_head(reader)
            await read_body(reader, headers)
            self.heard.append(head)
            said = self.says[len(self.heard) - 1]
            writer.write(said or b"")
            await writer.drain()
            if said is None or b"close" in said or said.endswith(b"-"):
                return

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/a?b=c"


@contextmanager
def serving(*says: bytes | None) -> Iterator[Scripted]:
    server = Scripted(says)
    with Running(server.converse) as running:
        server.port = running.port
        yield server


@pytest.fixture(params=["ours", "httpx"])
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """The client of the connectors, and one on httpx's own way, which it must not differ from."""
    plain = httpx.Client(timeout=httpx.Timeout(1, connect=1), headers={"User-Agent": "x"}, trust_env=False)
    with plain if request.param == "httpx" else open_client(HttpRules()) as made:
        yield made


def test_one_connection_serves_many_requests(client: httpx.Client) -> None:
    """A poll that opens a connection costs ten times one that does not."""
    with serving(OK, OK, OK) as server:
        answers = [client.request("PUT", server.url, content=b"body").content for _ in range(3)]

        assert (answers, server.connections) == ([b"ok"] * 3, 1)
        assert server.heard[0].startswith(b"PUT /a?b=c HTTP/1.1\r\n")
        assert b"Content-Length: 4\r\n" in server.heard[0]


@pytest.mark.parametrize(
    ("said", "body"),
    [
        pytest.param(OK, b"ok", id="of a told length"),
        pytest.param(b"HTTP/1.1 204 No Content\r\n\r\n", b"", id="without a body"),
        pytest.param(CHUNKED + b"1\r\no\r\n1\r\nk\r\n0\r\n\r\n", b"ok", id="in chunks"),
        pytest.param(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nok", b"ok", id="until the connection ends"),
        pytest.param(EARLY + OK, b"ok", id="announced"),
        pytest.param(EARLY + EARLY + OK, b"ok", id="announced twice"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
            % len(gzip.compress(b"packed", mtime=0))
            + gzip.compress(b"packed", mtime=0),
            b"packed",
            id="packed",
        ),
    ],
)
def test_an_answer_is_read_whole(said: bytes, body: bytes, client: httpx.Client) -> None:
    """However its end is told; and the next request works, too."""
    with serving(said, OK) as server:
        assert client.get(server.url).content == body
        assert client.get(server.url).content == b"ok"


def test_an_answer_to_head_has_no_body(client: httpx.Client) -> None:
    """It tells the length that the body would have."""
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", OK) as server:
        assert client.head(server.url).headers["content-length"] == "900"
        assert client.get(server.url).content == b"ok"
        assert server.connections == 1


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(None, id="nothing"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n-", id="half a body"),
        pytest.param(CHUNKED + b"9\r\n-", id="half a chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Len-", id="half a head"),
        pytest.param(b"hello\r\n\r\n-", id="no HTTP"),
    ],
)
def test_an_answer_that_breaks_off_is_none(said: bytes | None, client: httpx.Client) -> None:
    """It was sent, and perhaps carried out."""
    with serving(said, OK) as server:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(server.url)

        assert client.get(server.url).content == b"ok"


def test_a_connection_on_which_more_came_than_was_asked_for_is_not_written_into() -> None:
    """What came would be taken for the next answer; a server that hung up shows in the same way."""
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + EARLY, OK) as server:
        with open_client(HttpRules()) as client:
            assert client.get(server.url).content == b"ok"
            assert client.put(server.url, content=b"x").content == b"ok"

        assert server.connections == 2


def test_an_answer_that_nobody_read_whole_costs_its_connection(client: httpx.Client) -> None:
    """What is left of it would be taken for the next one."""
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"x" * 20_000, OK) as server:
        with client.stream("GET", server.url) as answer:
            next(answer.iter_bytes(10))

        assert client.get(server.url).content == b"ok"
        assert server.connections == 2


def test_no_header_can_be_slipped_in(client: httpx.Client) -> None:
    """Not even by a value that somebody else chose."""
    with serving(OK) as server:
        client.get(server.url)
        with pytest.raises(httpx.LocalProtocolError):
            client.get(server.url, headers={"if-match": '"1"\r\nX-Evil: yes'})

        assert len(server.heard) == 1


def test_a_server_that_is_not_there_was_not_sent_anything(client: httpx.Client) -> None:
    with serving() as server:
        url = server.url

    with pytest.raises(httpx.ConnectError):
        client.get(url)


def test_a_server_that_says_nothing_is_left_after_its_time() -> None:
    """The request may have been carried out."""

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()

    with Running(silent) as running, open_client(HttpRules()) as client, pytest.raises(httpx.ReadTimeout):
        client.get(f"http://127.0.0.1:{running.port}/", timeout=0.2)


@contextmanager
def signed_in() -> Iterator[SignedIn]:
    account = SignedIn(HttpRules(), "anna", "geheim")
    yield account
    account.close()


def test_an_account_asks_in_the_words_of_httpx_without_its_client() -> None:
    """Which takes five times as long; a server sees no difference but the order."""
    with serving(OK, OK) as server, signed_in() as account:
        url = f"http://127.0.0.1:{server.port}/anna/1%20a.ics"
        plain = {"User-Agent": "TutorSync/0.1 (+https://github.com/tutorsync)", "Accept-Encoding": "gzip"}
        with httpx.Client(headers=plain, auth=("anna", "geheim"), trust_env=False) as client:
            client.request("PUT", url, content=b"body", headers={"if-match": '"1"'})
        answer = account.send("PUT", url, b"body", {"if-match": '"1"'})

        theirs, ours = ([line.lower() for line in head.split(b"\r\n")] for head in server.heard)
        assert (answer.status_code, answer.content, answer.url) == (200, b"ok", url)
        assert ours[0] == theirs[0]
        assert sorted(ours) == sorted(theirs)


@given(st.from_regex(PLAIN_ADDRESS, fullmatch=True))
def test_an_address_is_plain_only_if_httpx_asks_for_it_as_it_stands(address: str) -> None:
    """Every other one is asked for through httpx."""
    url = httpx.URL(address)

    assert str(url) == address
    assert f"{url.scheme}://{url.netloc.decode()}{url.raw_path.decode()}" == address


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:80/a", "HTTP://127.0.0.1/a", "http://127.0.0.1", "http://127.0.0.1/a?b", "http://127.0.0.1/../a",
        "http://127.0.0.1//a", "http://127.0.0.1/ä", "http://127.0.0.1/a%2", "http://a:b@127.0.0.1/", "ftp://127.0.0.1/",
    ],
)  # fmt: skip
def test_an_address_that_httpx_would_spell_anew_is_not_plain(address: str) -> None:
    assert PLAIN_ADDRESS.fullmatch(address) is None


def test_a_cookie_is_sent_back() -> None:
    """Some servers know by it which of their machines holds the calendar."""
    baked = b"HTTP/1.1 200 OK\r\nSet-Cookie: node=3\r\nContent-Length: 2\r\n\r\nok"
    with serving(baked, OK) as server, signed_in() as account:
        answers = [account.send("GET", f"http://127.0.0.1:{server.port}/", None, {}).content for _ in range(2)]

        assert answers == [b"ok", b"ok"]
        assert b"Cookie: node=3\r\n" in server.heard[1]


def test_what_is_packed_is_unpacked_and_what_cannot_be_is_a_fault() -> None:
    packed = gzip.compress(b"events", mtime=0)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with serving(head + packed, head + b"x" * len(packed)) as server, signed_in() as account:
        url = f"http://127.0.0.1:{server.port}/"

        assert account.send("GET", url, None, {}).content == b"events"
        with pytest.raises(ServerFault):
            account.send("GET", url, None, {})


def test_headers_are_known_by_their_names_in_lower_case() -> None:
    """What came twice is one list; letters beyond ASCII are read as httpx reads them."""
    said = 'HTTP/1.1 200 OK\r\nETag: "ä"\r\nX-Two: a\r\nx-two: b\r\nX-Long: a\r\n  b\r\nContent-Length: 0\r\n\r\n'
    with serving(said.encode()) as server, signed_in() as account:
        headers = account.send("GET", f"http://127.0.0.1:{server.port}/", None, {}).headers

        assert headers == {"etag": '"ä"', "x-two": "a, b", "x-long": "a b", "content-length": "0"}


def test_a_password_leaves_this_computer_only_encrypted() -> None:
    with signed_in() as account, pytest.raises(InsecureAddress):
        account.send("GET", "http://calendar.example.org/anna/", None, {})
