"""One Zoom host account at the simulator, and what may happen to it from outside."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

import httpx

from cloud_api.sandbox.faults import Fault, FaultKind
from connectors.http import HttpRules, open_client
from connectors.registry import Credentials
from connectors.zoom.provider import ZoomMeetings, zoom_over

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloud_api.sandbox.zoom import ZoomSimulator


class ZoomWorld:
    """Keeps every exchange that went over the wire.

    Attributes:
        exchanges: request and answer as the client saw them, in order.
    """

    host_secret = "HOST-ONLY"

    def __init__(self, simulator: ZoomSimulator) -> None:
        self.simulator = simulator
        self.exchanges: list[tuple[httpx.Request, httpx.Response]] = []
        self._open = ExitStack()
        self.provider = self.opened()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def calls(self) -> list[str]:
        """Method and path of everything that was sent."""
        return [f"{request.method} {request.url.path}" for request, _ in self.exchanges]

    def opened(self, **settings: str) -> ZoomMeetings:
        """Open the account, with some settings or the secret changed."""
        secret = settings.pop("client_secret", self.simulator.account.app.client_secret)
        credentials = Credentials(
            base_url="", settings=self.simulator.settings | settings, secrets={"client_secret": secret}
        )
        client = self._open.enter_context(open_client(HttpRules()))
        client.event_hooks = {"response": [self._keep]}
        return zoom_over(client, credentials, now=self.simulator.clock.now)

    def with_wrong_secret(self) -> ZoomMeetings:
        return self.opened(client_secret="wrong")

    def held(self) -> Sequence[str]:
        listed = httpx.get(f"{self.simulator.address}/__sandbox__/meetings").json()
        return [str(meeting["id"]) for meeting in listed["meetings"]]

    def lose_next_answer(self, method: str) -> None:
        self.simulator.order(Fault(FaultKind.ANSWER_LOST, method=method, path="/v2/"))

    def throttle_next(self, *, seconds: int) -> None:
        self.simulator.order(Fault(FaultKind.THROTTLED, seconds=seconds))

    def fill(self, count: int) -> None:
        for number in range(count):
            self.simulator.account.create(
                {"topic": f"Other {number}", "start_time": "2032-01-01T09:00:00Z", "agenda": "not ours"}
            )

    def _keep(self, response: httpx.Response) -> None:
        response.read()
        self.exchanges.append((response.request, response))
