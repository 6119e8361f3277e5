"""What was not understood of foreign events, as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_agent.engine.busy.doubts import doubt_words, mattering, starts_words
from sync_agent.engine.sync.plan import WINDOW_BACK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_agent.engine.busy.doubts import Doubted


def current(doubts: Sequence[Doubted], now: datetime) -> list[Doubted]:
    """Give the doubts that are worth a tutor's while, by calendar and date: what is long over is not told."""
    return mattering(doubts, now, back=WINDOW_BACK)


def doubt_document(doubt: Doubted) -> dict[str, Any]:
    """Give **Doubt**."""
    return {
        "calendar": doubt.calendar,
        "calendar_name": doubt.calendar_name,
        "code": doubt.code,
        "title": doubt.title,
        "starts": doubt.starts,
        "when": starts_words(doubt),
        "repeats": doubt.repeats,
        "message": doubt_words(doubt),
    }
