"""What the routes are given, built in one place (`app.py`): no route makes its own clock, database or key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from fastapi import Request

    from cloud_api.auth.cache import CallerCache
    from cloud_api.cursors import CursorSigner
    from cloud_api.database import Database
    from cloud_api.feed.bell import FeedBell


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one running API.

    Attributes:
        clock: gives this instant, with a zone.
        stopping: whether the server is about to end, so that long polls answer at once.
    """

    database: Database
    clock: Callable[[], datetime]
    cursors: CursorSigner
    callers: CallerCache
    bell: FeedBell
    stopping: Callable[[], bool] = field(default=lambda: False)


def parts_of(request: Request) -> Parts:
    """Give the parts of the API that this request came to."""
    parts: Parts = request.app.state.parts
    return parts
