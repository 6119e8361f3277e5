"""A proxy on loopback that counts, records and breaks: the network between a client and any sandbox server.

In a program: `with Wiretap(server.address) as tap:` and then its methods. As a process: `python -m
cloud_api.sandbox.wiretap --to http://127.0.0.1:5232` prints one JSON line with its address and the address of its
control, which is a port of its own:

    GET  /__tap__/log, /__tap__/stats
    POST /__tap__/cut, /__tap__/heal, /__tap__/release, /__tap__/reset
    POST /__tap__/fault {"fault": "hold", "method": "PUT", "path": "", "after": 0, "times": 1}, /__tap__/clear
    POST /__tap__/delay {"seconds": 0.04}
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import time
from dataclasses import asdict
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cloud_api.sandbox.loopback import LoopbackServer, ServerDidNotStart
from cloud_api.sandbox.tap_proxy import HOST, TapProxy
from cloud_api.sandbox.tap_record import Counts, Order, Outcome, Record, TapBook, TapFault

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from types import TracebackType

    from starlette.requests import Request

T = TypeVar("T")
_STEP_S = 0.01
_KEPT_BACK = frozenset({Outcome.HELD, Outcome.WAITING})


class Wiretap:
    """The proxy in a thread of its own. Its methods may be called from any thread while it is started."""

    def __init__(self, to: str, *, port: int = 0) -> None:
        """Prepare; nothing listens yet.

        Args:
            to: base address of the server behind ("http://127.0.0.1:5232"); only host and port count.
            port: 0 lets the system choose.
        """
        parts = urlsplit(to)
        if parts.hostname is None or parts.port is None:
            msg = "the server behind is named with host and port"
            raise ValueError(msg)
        self._to, self._port = (parts.hostname, parts.port), port
        self._book = TapBook()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="sandbox-wiretap", daemon=True)
        self._proxy: TapProxy | None = None

    @property
    def address(self) -> str:
        """The base address to use instead of the server's own, once started."""
        return f"http://{HOST}:{self._running.port}"

    @property
    def log(self) -> tuple[Record, ...]:
        """Every request since the last reset, in the order in which they came."""
        return self._book.records

    @property
    def counts(self) -> Counts:
        """Requests, methods, bytes and connections since the last reset."""
        return self._book.counts

    @property
    def is_cut(self) -> bool:
        """Whether the network is gone."""
        return self._running.is_cut

    def start(self) -> Self:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        self._thread.start()
        try:
            self._proxy = self._in_loop(self._opened())
        except OSError:
            self._end_loop()
            raise
        return self

    def stop(self) -> None:
        """Break off what is open and free the port. Twice is fine."""
        if self._proxy is None:
            return
        self._in_loop(self._closed(self._proxy))
        self._end_loop()
        self._proxy = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def cut(self) -> None:
        """Take the network away: connects are refused, open connections break."""
        self._in_loop(self._running.cut())

    def heal(self) -> None:
        """Give it back, at the same address."""
        self._in_loop(self._running.open())

    def fault(self, fault: TapFault, *, method: str = "", path: str = "", after: int = 0, times: int = 1) -> None:
        """Let something happen to coming requests (see `Order`)."""
        order = Order(fault, method=method, path=path, after=after, times=times)
        self._in_loop(_done(lambda: self._book.order(order)))

    def hold(self, *, method: str = "", path: str = "", after: int = 0) -> None:
        """Let the server carry out the next such request, and keep its answer back until `release`."""
        self.fault(TapFault.HOLD, method=method, path=path, after=after)

    def delay_one(self, *, method: str = "", path: str = "", after: int = 0) -> None:
        """Let the next such request reach the server only at `release`, also if its client is gone by then."""
        self.fault(TapFault.LATE, method=method, path=path, after=after)

    def wait_held(self, *, within_s: float = 30) -> Record:
        """Give the record of a request that is kept back, or whose answer is, as soon as there is one.

        Raises:
            TimeoutError: none came.
        """
        return self.wait_for(lambda record: record.outcome in _KEPT_BACK, within_s=within_s)

    def wait_for(self, is_it: Callable[[Record], bool], *, within_s: float = 30) -> Record:
        """Give the first record of which that is true, as soon as there is one.

        Raises:
            TimeoutError: none came.
        """
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for record in self.log:
                if is_it(record):
                    return record
            time.sleep(_STEP_S)
        raise TimeoutError

    def release(self) -> None:
        """Let all held answers go."""
        self._in_loop(_done(self._running.release))

    def clear(self) -> None:
        """Forget orders that have not hit yet."""
        self._in_loop(_done(self._book.cancel_orders))

    def set_delay(self, seconds: float) -> None:
        """Let each request wait so long before it is passed on: a stand-in for the way."""
        self._running.delay_s = seconds

    def reset(self) -> None:
        """Begin a new stretch of the log."""
        self._in_loop(_done(self._book.reset))

    @property
    def _running(self) -> TapProxy:
        if self._proxy is None:
            raise ServerDidNotStart
        return self._proxy

    def _in_loop(self, what: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(20)

    def _end_loop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _opened(self) -> TapProxy:
        proxy = TapProxy(self._to, self._book, port=self._port)
        await proxy.open()
        return proxy

    async def _closed(self, proxy: TapProxy) -> None:
        """Close, and end every connection's task: none may outlive the loop."""
        await proxy.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        if not tasks:
            return
        # Broken connections end by themselves; what waits for a slow server does not.
        _, left = await asyncio.wait(tasks, timeout=0.5)
        for task in left:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _done(act: Callable[[], None]) -> None:
    """Do something plain inside the loop."""
    act()


def control_app(tap: Wiretap) -> Starlette:
    """Give the control over HTTP, for a tap that is a process of its own."""

    def asked(act: Callable[[Wiretap, dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            content = await request.body()
            try:
                # In a thread: the tap's methods wait for the tap's own loop.
                answer = await run_in_threadpool(act, tap, json.loads(content) if content else {})
            except (KeyError, TypeError, ValueError) as cause:
                return JSONResponse({"message": f"not understood: {cause}"}, 400)
            return JSONResponse(answer)

        return endpoint

    def fault(tap: Wiretap, order: dict[str, Any]) -> None:
        fields = dict(order)
        tap.fault(TapFault(fields.pop("fault")), **fields)

    reads: dict[str, Callable[[Wiretap, dict[str, Any]], Any]] = {
        "log": lambda tap, _: [asdict(record) for record in tap.log],
        "stats": lambda tap, _: asdict(tap.counts) | {"is_cut": tap.is_cut},
    }
    acts: dict[str, Callable[[Wiretap, dict[str, Any]], Any]] = {
        "cut": lambda tap, _: tap.cut(),
        "heal": lambda tap, _: tap.heal(),
        "release": lambda tap, _: tap.release(),
        "reset": lambda tap, _: tap.reset(),
        "clear": lambda tap, _: tap.clear(),
        "delay": lambda tap, order: tap.set_delay(float(order["seconds"])),
        "fault": fault,
    }
    routes = [Route(f"/__tap__/{name}", asked(act), methods=["GET"]) for name, act in reads.items()]
    routes += [Route(f"/__tap__/{name}", asked(act), methods=["POST"]) for name, act in acts.items()]
    return Starlette(routes=routes)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the tap and its control until a signal ends them."""
    parser = argparse.ArgumentParser(prog="python -m cloud_api.sandbox.wiretap", description="A breaking proxy.")
    parser.add_argument("--to", required=True)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args(arguments)
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with Wiretap(options.to, port=options.port) as tap, LoopbackServer(control_app(tap)) as control:
        sys.stdout.write(json.dumps({"address": tap.address, "control": f"{control.address}/__tap__"}) + "\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
