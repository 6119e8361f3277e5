"""Our own way to a server behaves as httpx's does: the same answers, the same errors, and connections that are kept."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx
import pytest

from connectors.http import HttpRules, open_client
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
