"""What a tutor may decide about a double booking, and when that is enough to act on. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop.agent.documents import Conflict


class Action(StrEnum):
    """The four ways out, spelled as the local API does."""

    MOVE = "move"
    KEEP_BOTH = "keep_both"
    CANCEL = "cancel"
    MARK_FREE = "mark_free"


@dataclass(frozen=True, slots=True)
class Decision:
    """One way out, as far as it is decided.

    Attributes:
        session: which session is meant where both sides are sessions.
        start_wall: the new hour on the wall, for a move.
        reason: why both may stay.
    """

    action: Action
    session: str
    start_wall: str = ""
    reason: str = ""

    @property
    def is_complete(self) -> bool:
        """Nothing more has to be chosen."""
        match self.action:
            case Action.MOVE:
                return bool(self.start_wall)
            case Action.KEEP_BOTH:
                return bool(self.reason.strip())
            case _:
                return True

    def body(self, *, dry_run: bool) -> dict[str, Any]:
        """Give the body of the request."""
        body: dict[str, Any] = {"action": self.action.value, "dry_run": dry_run}
        match self.action:
            case Action.MOVE:
                body |= {"session": self.session, "start_wall": self.start_wall}
            case Action.KEEP_BOTH:
                body |= {"reason": self.reason.strip()}
            case Action.CANCEL:
                body |= {"session": self.session}
            case Action.MARK_FREE:
                pass
        return body


def possible_actions(conflict: Conflict) -> tuple[Action, ...]:
    """Say which ways out there are: a session can't be marked as free."""
    if all(side.is_session for side in conflict.sides):
        return (Action.MOVE, Action.KEEP_BOTH, Action.CANCEL)
    return tuple(Action)
