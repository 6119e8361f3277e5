"""What presenters ask of the agent's client: they know no Qt, and tests put something else in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from desktop.agent.documents import AgentProblem, Json


class Agent(Protocol):
    """Answers later, on the thread that asked."""

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None,
        answered: Callable[[Json], None],
        refused: Callable[[AgentProblem], None],
    ) -> object:
        """Send a request; exactly one of the two is called, once.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: from "/v1/" on, its parts already percent-encoded.
            body: becomes JSON.
            answered: gets the document of a 2xx.
            refused: gets what the agent says against it, or that it said nothing.
        """
        ...
