"""All that is shown, as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from desktop.agent.documents import Account, Conflict, Session, Status


@dataclass(frozen=True, slots=True)
class Standing:
    """All that is shown.

    Attributes:
        status: None as long as no agent has answered.
        accounts: None as long as it is not known whether there are any.
        trouble: why no agent answers, as far as it is known; "" while one is starting.
    """

    status: Status | None = None
    sessions: tuple[Session, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    accounts: tuple[Account, ...] | None = None
    trouble: str = ""
