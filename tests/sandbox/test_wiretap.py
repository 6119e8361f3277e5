"""The network between client and server: counted, recorded, cut, held, broken."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from cloud_api.sandbox.calendar_server import CalendarServer
from cloud_api.sandbox.loopback import LoopbackServer
from cloud_api.sandbox.process import ServerProcess
from cloud_api.sandbox.tap_record import Outcome, TapFault
from cloud_api.sandbox.wiretap import Wiretap

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.requests import Request


class Notes(LoopbackServer):
    """A server that keeps what is PUT."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        routes = [
            Route("/chunks", self._chunks),
            Route("/{name}", self._put, methods=["PUT"]),
            Route("/{name}", self._get, methods=["GET"]),
        ]
        super().__init__(Starlette(routes=routes))

    async def _put(self, request: Request) -> Response:
        self.kept[request.path_params["name"]] = await request.body()
        return Response(status_code=201)

    async def _get(self, request: Request) -> Response:
        return PlainTextResponse(self.kept.get(request.path_params["name"], b""))

    async def _chunks(self, request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            for number in range(50):
                yield b"%04d" % number * 1000

        return StreamingResponse(parts())


@pytest.fixture(scope="module")
def notes() -> Iterator[Notes]:
    with Notes() as server:
        yield server


@pytest.fixture
def tap(notes: Notes) -> Iterator[Wiretap]:
    notes.kept.clear()
    with Wiretap(notes.address) as tap:
        yield tap


@pytest.fixture
def client(tap: Wiretap) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=tap.address, timeout=20) as client:
        yield client


class TestPassingOn:
    def test_requests_are_counted_and_written_down(self, tap: Wiretap, client: httpx.Client) -> None:
        client.put("/a", content=b"x" * 100_000)
        client.get("/a?fresh=1")
        client.get("/b")

        assert [(record.method, record.target, record.status) for record in tap.log] == [
            ("PUT", "/a", 201),
            ("GET", "/a?fresh=1", 200),
            ("GET", "/b", 200),
        ]
        assert tap.counts.methods == {"PUT": 1, "GET": 2}
        assert tap.counts.connections == 1
        assert tap.counts.bytes_up > 100_000 < tap.counts.bytes_down

    def test_bodies_arrive_unchanged(self, client: httpx.Client) -> None:
        """In one piece up, in chunks up, in chunks down, in one piece down."""
        client.put("/a", content=b"\x00\xff\r\n" * 50_000)
        client.put("/b", content=iter([b"one", b"two" * 10_000]))

        assert client.get("/a").content == b"\x00\xff\r\n" * 50_000
        assert client.get("/b").content == b"one" + b"two" * 10_000
        assert client.get("/chunks").content == b"".join(b"%04d" % number * 1000 for number in range(50))

    def test_reset_begins_a_new_stretch(self, tap: Wiretap, client: httpx.Client) -> None:
        client.get("/a")
        tap.reset()
        client.get("/b")

        assert [record.target for record in tap.log] == ["/b"]

    def test_a_real_calendar_server_behind_it(self, tmp_path: Path) -> None:
        """Radicale closes after each answer and speaks methods of its own."""
        with CalendarServer(tmp_path) as server, Wiretap(server.address) as tap:
            server.make_calendar("anna", "work")
            with server.client("anna") as client:
                url = f"{tap.address}/anna/work/"
                body = b'<propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
                answers = [client.request("PROPFIND", url, content=body, headers={"Depth": "1"}) for _ in range(3)]

            assert [answer.status_code for answer in answers] == [207] * 3
            assert tap.counts.methods == {"PROPFIND": 3}


class TestTheNetworkIsGone:
    def test_cut_refuses_and_heal_gives_the_same_address_back(self, tap: Wiretap, client: httpx.Client) -> None:
        """An open connection breaks as well, and what the client sent is not at the server."""
        client.get("/a")
        address = tap.address
        tap.cut()
        with pytest.raises(httpx.TransportError):
            client.put("/a", content=b"lost")
        with pytest.raises(httpx.ConnectError):
            client.get("/a")
        tap.heal()

        assert tap.address == address
        assert client.get("/a").content == b""
        assert [record.method for record in tap.log] == ["GET", "GET"]

    def test_cut_and_heal_may_be_said_twice(self, tap: Wiretap, client: httpx.Client) -> None:
        for _ in range(3):
            tap.cut()
            tap.cut()
            tap.heal()
            tap.heal()

        assert client.get("/a").status_code == 200


class TestHolding:
    def test_a_late_request_arrives_although_nobody_waits_any_more(
        self, tap: Wiretap, client: httpx.Client, notes: Notes
    ) -> None:
        """It was on its way when its client died; the server gets it when the network lets it go."""
        tap.delay_one(method="PUT")
        with pytest.raises(httpx.ReadTimeout):
            client.put("/a", content=b"late", timeout=0.2)
        assert (tap.wait_held().outcome, notes.kept) == (Outcome.WAITING, {})

        tap.release()

        tap.wait_for(lambda record: record.status == 201)
        assert notes.kept == {"a": b"late"}
        assert client.get("/a").content == b"late"

    def test_held_request_is_done_and_its_answer_waits(self, tap: Wiretap, client: httpx.Client, notes: Notes) -> None:
        """What was ordered for a write leaves reads alone."""
        tap.hold(method="PUT")
        with ThreadPoolExecutor(1) as pool:
            pending = pool.submit(client.put, "/a", content=b"held")
            record = tap.wait_held()
            assert httpx.get(f"{tap.address}/a").content == b"held"
            assert not pending.done()
            tap.release()
            assert pending.result(20).status_code == 201

        assert (record.outcome, record.status, record.target) == (Outcome.HELD, 201, "/a")
        assert record.is_write
        assert record.was_carried_out
        assert notes.kept == {"a": b"held"}
        tap.wait_for(lambda record: record.is_write and record.outcome is Outcome.ANSWERED)

    def test_program_killed_while_its_write_is_on_the_wire(self, tap: Wiretap, notes: Notes) -> None:
        """The record shows it: the server did it, and the client never heard."""
        tap.hold(method="PUT")
        script = f"import urllib.request as u; u.urlopen(u.Request('{tap.address}/a', b'x', method='PUT'))"
        with subprocess.Popen([sys.executable, "-c", script]) as program:
            held = tap.wait_held()
            program.kill()

        gone = tap.wait_for(lambda record: record.outcome is Outcome.CLIENT_GONE)
        assert gone.number == held.number
        assert gone.was_carried_out
        assert notes.kept == {"a": b"x"}

    def test_stop_ends_what_is_held(self, notes: Notes) -> None:
        with Wiretap(notes.address) as tap, ThreadPoolExecutor(1) as pool:
            tap.hold()
            pending = pool.submit(httpx.get, f"{tap.address}/a", timeout=20)
            tap.wait_held()
            tap.stop()
            assert isinstance(pending.exception(20), httpx.TransportError)


class TestFaults:
    def test_lost_request_is_not_done(self, tap: Wiretap, client: httpx.Client, notes: Notes) -> None:
        tap.fault(TapFault.DROP_REQUEST)

        with pytest.raises(httpx.TransportError):
            client.put("/a", content=b"x")

        assert notes.kept == {}
        assert not tap.log[0].was_carried_out

    def test_lost_answer_is_done(self, tap: Wiretap, client: httpx.Client, notes: Notes) -> None:
        tap.fault(TapFault.DROP_RESPONSE)

        with pytest.raises(httpx.TransportError):
            client.put("/a", content=b"x")

        assert notes.kept == {"a": b"x"}
        assert tap.log[0].was_carried_out

    def test_answer_cut_in_half_is_no_whole_answer(self, tap: Wiretap, client: httpx.Client) -> None:
        client.put("/a", content=b"x" * 1000)
        tap.fault(TapFault.CUT)

        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/a")

    @pytest.mark.parametrize(
        ("fault", "status"),
        [(TapFault.STATUS, 503), (TapFault.EMPTY, 207), (TapFault.HTML, 200), (TapFault.DEAD_TOKEN, 403)],
    )
    def test_made_up_answers_never_reach_the_server(
        self, tap: Wiretap, client: httpx.Client, notes: Notes, fault: TapFault, status: int
    ) -> None:
        tap.fault(fault)

        assert client.put("/a", content=b"x").status_code == status
        assert notes.kept == {}
        assert tap.counts.faults == 1

    def test_order_names_what_it_hits(self, tap: Wiretap, client: httpx.Client) -> None:
        """The second and third write below /b."""
        tap.fault(TapFault.STATUS, method="PUT", path="/b", after=1, times=2)

        statuses = [client.put(path, content=b"").status_code for path in ("/a", "/b", "/b", "/a", "/b", "/b")]

        assert statuses == [201, 201, 503, 201, 503, 201]

    def test_cleared_order_hits_nothing(self, tap: Wiretap, client: httpx.Client) -> None:
        tap.fault(TapFault.STATUS)
        tap.clear()

        assert client.get("/a").status_code == 200

    def test_server_that_is_gone_is_written_down(self) -> None:
        with Notes() as notes:
            address = notes.address
        with Wiretap(address) as tap:
            with pytest.raises(httpx.TransportError):
                httpx.get(tap.address)
            assert tap.log[0].outcome is Outcome.SERVER_GONE


def test_as_a_process_with_its_control(notes: Notes, tmp_path: Path) -> None:
    """The same over HTTP, on a port of its own that stays while the network is gone."""
    notes.kept.clear()
    process = ServerProcess.of_module("cloud_api.sandbox.wiretap", ["--to", notes.address], tmp_path / "tap.log")
    with process:
        told = process.start_announced()
        address, control = told["address"], told["control"]
        assert httpx.put(f"{address}/a", content=b"1").status_code == 201
        httpx.post(f"{control}/cut")
        with pytest.raises(httpx.ConnectError):
            httpx.get(address)
        httpx.post(f"{control}/heal")
        httpx.post(f"{control}/delay", json={"seconds": 0.01})
        httpx.post(f"{control}/fault", json={"fault": "status", "method": "PUT"})
        assert httpx.put(f"{address}/a", content=b"2").status_code == 503
        refused = httpx.post(f"{control}/fault", json={"fault": "no such"})
        log, stats = httpx.get(f"{control}/log").json(), httpx.get(f"{control}/stats").json()

    assert refused.status_code == 400
    assert [(record["method"], record["status"], record["fault"]) for record in log] == [
        ("PUT", 201, None),
        ("PUT", 503, "status"),
    ]
    assert (stats["requests"], stats["faults"], stats["is_cut"]) == (2, 1, False)
    assert notes.kept == {"a": b"1"}
