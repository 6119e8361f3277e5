"""What can be wrong with a text that should be iCalendar."""

from __future__ import annotations


class Unreadable(ValueError):
    """A text, or one object in it, cannot be understood.

    Attributes:
        reason: one half-sentence for people ("it has no start"), without any title or address of the event.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
