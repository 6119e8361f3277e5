"""Server-sent events, read as they come (WHATWG HTML, "Server-sent events"). No Qt."""

from __future__ import annotations

import json
from dataclasses import dataclass

_LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class AgentEvent:
    """Something happened at the agent.

    Attributes:
        number: for Last-Event-ID; "" where the agent gave none.
        ids: what it happened to; no content.
        reset: the agent no longer knows what was missed: everything is to be read anew.
    """

    name: str
    number: str
    ids: tuple[str, ...] = ()
    reset: bool = False


class EventReader:
    """Turns pieces of the stream into events; keeps what is not whole yet."""

    def __init__(self) -> None:
        self._rest = b""
        self._fields: dict[str, str] = {}

    def feed(self, piece: bytes) -> list[AgentEvent]:
        """Take a piece, give the events that are whole with it.

        Raises:
            ValueError: a line longer than any agent writes; the stream is to be opened anew.
        """
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            raise ValueError("a line of the event stream does not end")
        found = (self._line(line.decode("utf-8", "replace").removesuffix("\r")) for line in lines)
        return [event for event in found if event is not None]

    def _line(self, line: str) -> AgentEvent | None:
        if line:
            name, _, value = line.partition(":")
            # A line that begins with a colon is a comment: it keeps the connection alive.
            if name:
                self._fields[name] = value.removeprefix(" ")
            return None
        fields, self._fields = self._fields, {}
        return _event(fields) if "event" in fields else None


def _event(fields: dict[str, str]) -> AgentEvent:
    try:
        data = json.loads(fields.get("data", "{}"))
    except ValueError:
        data = {}
    if not isinstance(data, dict):
        data = {}
    ids = data.get("ids", ())
    return AgentEvent(
        name=fields["event"],
        number=fields.get("id", ""),
        ids=tuple(str(one) for one in ids) if isinstance(ids, list) else (),
        reset=data.get("reset") is True,
    )
