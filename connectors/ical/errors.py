"""What can be wrong with a text that should be iCalendar."""

from __future__ import annotations


class Unreadable(ValueError):
    """A text, or one object in it, cannot be understood.

    Attributes:
        reason: one half-sentence for people ("it has no start"), without any title or address of the event.
        title: of the event, as far as it was read.
        starts: its start as spelled.
        repeats: whether it has a rule.
    """

    def __init__(self, reason: str, *, title: str = "", starts: str = "", repeats: bool = False) -> None:
        self.reason = reason
        self.title, self.starts, self.repeats = title, starts, repeats
        super().__init__(reason)
