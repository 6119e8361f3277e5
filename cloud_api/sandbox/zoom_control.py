"""The control of the Zoom simulator: look at its state, order faults, put its clock forward, begin anew."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cloud_api.sandbox.faults import Fault, FaultBook, FaultKind, RetryAfter
from cloud_api.sandbox.zoom_limits import Limits, Plan

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

    from cloud_api.sandbox.clock import MovableClock


class Controlled(Protocol):
    """What the control needs of the simulator."""

    faults: FaultBook
    clock: MovableClock
    limits: Limits

    def meetings(self) -> Sequence[dict[str, Any]]:
        """All meetings that exist, without host links."""
        ...

    def reset(self) -> None:
        """Begin anew."""
        ...


def control_routes(simulator: Controlled) -> list[Route]:
    """Give the addresses below `/__sandbox__/`.

    GET meetings: all that exist, without host links. GET and POST faults: what waits, and one more order (the fields
    of `Fault`). POST clock `{"advance_s": n}`. POST limits `{"plan": "free"}`. POST reset.
    """

    async def meetings(request: Request) -> Response:
        return JSONResponse({"meetings": list(simulator.meetings())})

    async def pending(request: Request) -> Response:
        book = simulator.faults
        return JSONResponse({"faults": [asdict(fault) for fault in book.pending], "fired": book.fired})

    async def order(request: Request) -> Response:
        try:
            simulator.faults.order(_fault(await request.json()))
        except (TypeError, ValueError) as cause:
            return JSONResponse({"message": str(cause)}, 400)
        return Response(status_code=204)

    async def put_forward(request: Request) -> Response:
        simulator.clock.advance(timedelta(seconds=float((await request.json())["advance_s"])))
        return JSONResponse({"now": simulator.clock.now().isoformat()})

    async def set_plan(request: Request) -> Response:
        simulator.limits.plan = Plan((await request.json())["plan"])
        return Response(status_code=204)

    async def reset(request: Request) -> Response:
        simulator.reset()
        return Response(status_code=204)

    return [
        Route("/__sandbox__/meetings", meetings, methods=["GET"]),
        Route("/__sandbox__/faults", pending, methods=["GET"]),
        Route("/__sandbox__/faults", order, methods=["POST"]),
        Route("/__sandbox__/clock", put_forward, methods=["POST"]),
        Route("/__sandbox__/limits", set_plan, methods=["POST"]),
        Route("/__sandbox__/reset", reset, methods=["POST"]),
    ]


def _fault(order: dict[str, Any]) -> Fault:
    """Read an order; a field that no fault has is refused."""
    fields = dict(order)
    kind = FaultKind(fields.pop("kind", ""))
    retry_after = RetryAfter(fields.pop("retry_after", RetryAfter.SECONDS))
    return Fault(kind=kind, retry_after=retry_after, **fields)
