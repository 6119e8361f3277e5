"""A Zoom for tests and the demo: server-to-server sign-in and the meetings of one host.

As a process: `python -m cloud_api.sandbox.zoom --port 0` prints one JSON line with its address and runs until it is
ended. The habits of the vendor live in zoom_account.py and zoom_limits.py; here is HTTP, the faults, and the control
below `/__sandbox__/` that no vendor has.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import signal
import sys
from threading import Event
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cloud_api.sandbox.clock import MovableClock
from cloud_api.sandbox.faults import Fault, FaultBook
from cloud_api.sandbox.loopback import LoopbackServer
from cloud_api.sandbox.zoom_account import ZoomAccount, ZoomApp, ZoomSays
from cloud_api.sandbox.zoom_control import control_routes
from cloud_api.sandbox.zoom_faults import FaultyEdge
from cloud_api.sandbox.zoom_limits import Label, Limits, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.requests import Request

_PAGE_USUAL, _PAGE_MOST = 30, 300


class ZoomSimulator(LoopbackServer):
    """The simulator on a loopback port.

    Its state may be looked at and changed from the test's own thread while no request is under way.
    """

    def __init__(self, app: ZoomApp | None = None, *, plan: Plan = Plan.UNLIMITED, port: int = 0) -> None:
        """Prepare; nothing listens yet.

        Args:
            app: what may sign in; the sandbox's own by default.
            plan: UNLIMITED has no limits.
            port: 0 lets the system choose.
        """
        self.clock = MovableClock()
        self.account = ZoomAccount(app or ZoomApp(), self.clock)
        self.limits = Limits(self.clock, plan)
        self.faults = FaultBook()
        self._plan = plan
        api = ZoomHttp(self.account, self.limits)
        routes = [*api.routes, *control_routes(self)]
        super().__init__(FaultyEdge(Starlette(routes=routes), self.faults, self.account), port=port)

    @property
    def api_base(self) -> str:
        """What a connector takes for `https://api.zoom.us/v2`."""
        return f"{self.address}/v2"

    @property
    def token_url(self) -> str:
        """What a connector takes for `https://zoom.us/oauth/token`."""
        return f"{self.address}/oauth/token"

    @property
    def settings(self) -> dict[str, str]:
        """What a connector needs to know beside the secret."""
        app = self.account.app
        return {
            "account_id": app.account_id,
            "client_id": app.client_id,
            "api_base": self.api_base,
            "token_url": self.token_url,
        }

    def order(self, fault: Fault) -> None:
        """Let a fault hit one of the next requests."""
        self.faults.order(fault)

    def reset(self) -> None:
        """Forget meetings, tokens, faults, counts, and show the computer's time again."""
        self.account.reset()
        self.faults.clear()
        self.limits.reset()
        self.limits.plan = self._plan
        self.clock.reset()

    def meetings(self) -> Sequence[dict[str, Any]]:
        """All meetings that exist, without host links."""
        return self.account.everything()


class ZoomHttp:
    """The vendor's addresses."""

    def __init__(self, account: ZoomAccount, limits: Limits) -> None:
        self._account, self._limits = account, limits

    @property
    def routes(self) -> list[Route]:
        """All of them, for an app."""
        return [
            Route("/oauth/token", self._token, methods=["POST"]),
            Route("/v2/users/{user}", self._guarded(Label.LIGHT, self._me), methods=["GET"]),
            Route("/v2/users/{user}/meetings", self._guarded(Label.MEDIUM, self._list), methods=["GET"]),
            Route("/v2/users/{user}/meetings", self._guarded(Label.MEDIUM, self._create), methods=["POST"]),
            Route("/v2/meetings/{number:int}", self._guarded(Label.LIGHT, self._read), methods=["GET"]),
            Route("/v2/meetings/{number:int}", self._guarded(Label.LIGHT, self._update), methods=["PATCH"]),
            Route("/v2/meetings/{number:int}", self._guarded(Label.LIGHT, self._delete), methods=["DELETE"]),
        ]

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode(errors="replace")))
        given = {**request.query_params, **form}  # the vendor takes both spellings
        if given.get("grant_type") != "account_credentials":
            return JSONResponse({"reason": "unsupported grant type", "error": "unsupported_grant_type"}, 400)
        answer = self._account.token(given.get("account_id", ""), *_basic(request.headers.get("Authorization", "")))
        if answer is None:
            return JSONResponse({"reason": "Invalid client_id or client_secret", "error": "invalid_client"}, 400)
        return JSONResponse(answer)

    def _guarded(self, label: Label, act: Callable[[Request, Any], Response]) -> Callable[[Request], Any]:
        """Every address below /v2: a good token, the limits, a JSON object where one is sent."""

        async def endpoint(request: Request) -> Response:
            try:
                self._account.require_token(request.headers.get("Authorization", "").removeprefix("Bearer "))
                self._account.require_user(request.path_params.get("user", "me"))
                verdict = self._limits.ask(label, is_write=request.method in {"POST", "PATCH"})
                if not verdict.passes:
                    return JSONResponse({"code": 429, "message": verdict.message}, 429, dict(verdict.headers))
                answer = act(request, await _sent(request))
            except ZoomSays as refusal:
                return JSONResponse(refusal.body, refusal.status)
            answer.headers.update(verdict.headers)
            return answer

        return endpoint

    def _me(self, request: Request, body: Any) -> Response:
        return JSONResponse(self._account.me())

    def _list(self, request: Request, body: Any) -> Response:
        query = request.query_params
        size = query.get("page_size", str(_PAGE_USUAL))
        if not size.isdigit() or not 1 <= int(size) <= _PAGE_MOST:
            raise ZoomSays(400, 300, "Validation Failed.", field_name="page_size")
        kind = query.get("type", "scheduled")
        return JSONResponse(self._account.page(kind, int(size), query.get("next_page_token", "")))

    def _create(self, request: Request, body: Any) -> Response:
        return JSONResponse(self._account.create(body), 201)

    def _read(self, request: Request, body: Any) -> Response:
        return JSONResponse(self._account.read(request.path_params["number"]))

    def _update(self, request: Request, body: Any) -> Response:
        self._account.update(request.path_params["number"], body)
        return Response(status_code=204)

    def _delete(self, request: Request, body: Any) -> Response:
        self._account.delete(request.path_params["number"])
        return Response(status_code=204)


async def _sent(request: Request) -> Any:
    """Give the JSON object that was sent; an empty one where nothing was."""
    content = await request.body()
    if not content:
        return {}
    try:
        body = json.loads(content)
    except ValueError:
        raise ZoomSays(400, 300, "Request Body should be a valid JSON object.") from None
    if not isinstance(body, dict):
        raise ZoomSays(400, 300, "Request Body should be a valid JSON object.")
    return body


def _basic(header: str) -> tuple[str, str]:
    """Give name and password of Basic auth (RFC 7617), two empty texts for anything else."""
    try:
        pair = base64.b64decode(header.removeprefix("Basic "), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    name, _, password = pair.partition(":")
    return name, password


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator until a signal ends it."""
    parser = argparse.ArgumentParser(prog="python -m cloud_api.sandbox.zoom", description="A Zoom for tests.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--plan", type=Plan, default=Plan.UNLIMITED, choices=list(Plan))
    options = parser.parse_args(arguments)
    ended = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with ZoomSimulator(plan=options.plan, port=options.port) as simulator:
        sys.stdout.write(json.dumps({"address": simulator.address} | simulator.settings) + "\n")
        sys.stdout.flush()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
