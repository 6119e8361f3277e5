"""What the agent told last: the one place that all windows show from. Read anew when the agent says that it changed.

Decides nothing about words or windows. `parts_of` says what an event makes old; the rest carries that out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from PySide6.QtCore import QObject, QTimer, Signal

from desktop.agent.documents import Account, Conflict, Session, Status, many
from desktop.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from desktop.agent.documents import AgentProblem, Json
    from desktop.agent.event_stream import AgentEvent
    from desktop.agent.link import AgentLink
    from desktop.agent.port import Agent

DAYS_AHEAD = 14
_GATHERED_FOR_MS = 20


class Part(Enum):
    """What is read as a whole."""

    STATUS = auto()
    SESSIONS = auto()
    CONFLICTS = auto()
    ACCOUNTS = auto()


def parts_of(event: AgentEvent) -> set[Part]:
    """Say what an event makes old."""
    if event.reset:
        return set(Part)
    match event.name.partition(".")[0]:
        case "session" | "conflict":
            # A session that moves opens or closes double bookings, whether that is told apart or not.
            return {Part.STATUS, Part.SESSIONS, Part.CONFLICTS}
        case "health":
            return {Part.STATUS, Part.ACCOUNTS}
        case "pass":
            return {Part.STATUS}
        case "state" | "question":
            return {Part.STATUS}
        case _:
            return set()


class Mirror(QObject):
    """Keeps a Standing up to date."""

    changed = Signal()
    """The standing is another one."""

    conflicts_read = Signal()
    """The double bookings were read, whether they are others or not."""

    def __init__(self, agent: Agent, link: AgentLink, now: Callable[[], datetime], parent: QObject) -> None:
        super().__init__(parent)
        self.agent, self._now = agent, now
        self.standing = Standing()
        self._old: set[Part] = set()
        self._on_the_way: set[Part] = set()
        self._soon = QTimer(self, singleShot=True, interval=_GATHERED_FOR_MS)
        self._soon.timeout.connect(self._read)
        link.connected.connect(self.refresh)
        link.happened.connect(self._on_event)
        link.missing.connect(self._on_missing)

    def refresh(self) -> None:
        """Read everything anew."""
        self._old |= set(Part)
        self._read()

    def _on_event(self, event: AgentEvent) -> None:
        self._old |= parts_of(event)
        if self._old and not self._soon.isActive():
            self._soon.start()

    def _on_missing(self, trouble: str) -> None:
        self._show(replace(self.standing, status=None, trouble=trouble))

    def _read(self) -> None:
        # One reading of a part at a time: answers of two could overtake each other.
        due = self._old - self._on_the_way
        self._old -= due
        self._on_the_way |= due
        for part in sorted(due, key=lambda one: one.value):
            self.agent.send(
                "GET", self._path(part), None, partial(self._on_read, part), partial(self._on_refused, part)
            )

    def _path(self, part: Part) -> str:
        if part is not Part.SESSIONS:
            return f"/v1/{part.name.lower()}"
        # From yesterday, for the agent's "today" may begin later than the one of a tutor who travels.
        today = self._now().date()
        between = {"from": today - timedelta(days=1), "to": today + timedelta(days=DAYS_AHEAD)}
        return f"/v1/sessions?{urlencode(between)}"

    def _on_read(self, part: Part, document: Json) -> None:
        match part:
            case Part.STATUS:
                read = self._with_status(Status.read(document))
            case Part.SESSIONS:
                read = replace(self.standing, sessions=many(Session.read, document["sessions"]))
            case Part.CONFLICTS:
                read = replace(self.standing, conflicts=many(Conflict.read, document["conflicts"]))
            case Part.ACCOUNTS:
                read = replace(self.standing, accounts=many(Account.read, document["accounts"]))
        self._arrived(part)
        self._show(read)
        if part is Part.CONFLICTS:
            self.conflicts_read.emit()

    def _with_status(self, status: Status) -> Standing:
        before = self.standing.status
        if status.open_conflicts != (before.open_conflicts if before else None):
            self._old.add(Part.CONFLICTS)  # another calendar counts as busy, or an undo: only their number tells
        return replace(self.standing, status=status, trouble="")

    def _on_refused(self, part: Part, _problem: AgentProblem) -> None:
        # Silence is the link's business; anything else is said again with the next event.
        self._arrived(part)

    def _arrived(self, part: Part) -> None:
        self._on_the_way.discard(part)
        if self._old and not self._soon.isActive():
            self._soon.start()

    def _show(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self.changed.emit()
