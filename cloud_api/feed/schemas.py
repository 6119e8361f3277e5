"""The change feed as it goes over the wire."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from cloud_api.people.schemas import PersonOut
from cloud_api.sessions.schemas import SessionOut
from cloud_api.shapes import Id


class FeedAnswer(msgspec.Struct, frozen=True):
    """What changed since the cursor, as it is now: changes in between are not told one by one."""

    sessions: Annotated[list[SessionOut], Meta(description="Their state now; cancelled ones are among them.")]
    students: list[PersonOut]
    removed: Annotated[list[Id], Meta(description="Sessions that this device may no longer see.")]
    cursor: Annotated[str, Meta(description="Where to go on. Keep it with what was read.")]
    full: Annotated[bool, Meta(description="Part of a full listing: what is in none of its parts is not there.")]
    more: Annotated[bool, Meta(description="Ask again at once.")]


SCHEMAS: tuple[type, ...] = (FeedAnswer,)
