"""An agent that is only a list of what was asked: each request is answered by the test, when it wants."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from desktop.agent.documents import AgentProblem, Json


@dataclass
class Request:
    """A request that waits for its answer."""

    method: str
    path: str
    body: dict[str, Any] | None
    answer: Callable[[Json], None]
    refuse: Callable[[AgentProblem], None]


@dataclass
class AskedAgent:
    """Keeps what is asked."""

    requests: list[Request] = field(default_factory=list)

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        answered: Callable[[Json], None],
        refused: Callable[[AgentProblem], None],
    ) -> object:
        """Keep a request."""
        self.requests.append(Request(method, path, body, answered, refused))
        return None

    @property
    def last(self) -> Request:
        """The request that came last."""
        return self.requests[-1]
