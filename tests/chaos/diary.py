"""Who wrote what where, having seen what: every value is unique, so that its fate can be told."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

FIELDS = ("title", "notes", "place", "when")


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one field.

    Attributes:
        seen: what that side showed before.
        is_sure: False if the agent died before it answered.
    """

    session: str
    field: str
    value: str
    seen: str
    side: str
    is_sure: bool = True


@dataclass(slots=True)
class Diary:
    """Everything that people did.

    Attributes:
        first: session to its values when it was made.
        doubtful: sessions of which nobody knows whether they were made; their titles.
        cancelled: sessions that a person took out; half_cancelled: perhaps.
        online: which of them take place online; nobody changes that.
        busy: sessions that were edited since everything was last at rest; last: the one that was touched last.
    """

    first: dict[str, dict[str, str]] = field(default_factory=dict)
    edits: list[Edit] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    cancelled: set[str] = field(default_factory=set)
    half_cancelled: set[str] = field(default_factory=set)
    online: dict[str, bool] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    last: str | None = None
    _number: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def token(self) -> int:
        """Give a number that nothing else has."""
        return next(self._number)

    def note(self, edit: Edit) -> None:
        """Write an edit down."""
        self.edits.append(edit)
        self.busy.add(edit.session)
        self.last = edit.session

    def lost(self, final: Mapping[str, Mapping[str, str]], log: Mapping[str, str]) -> list[str]:
        """Say what was lost without a word.

        A field's final value is one that nobody replaced who had seen it. Every other such value is named in the
        activity log, from which one key brings it back.

        Args:
            final: session to field to value, as all sides now say.
            log: session to everything that the activity log says of it.
        """
        found = []
        by_field: dict[tuple[str, str], list[Edit]] = defaultdict(list)
        for edit in self.edits:
            by_field[edit.session, edit.field].append(edit)
        for (session, name), edits in by_field.items():
            if session in final and session not in self.cancelled:
                found += self._lost_of(session, name, edits, final[session][name], log.get(session, ""))
        return found

    def _lost_of(self, session: str, name: str, edits: Sequence[Edit], value: str, log: str) -> Iterator[str]:
        first = self.first[session][name]
        if value not in {first, *(edit.value for edit in edits)}:
            yield f"{session}: nobody ever wrote the {name} {value!r}"
        replaced = {edit.seen for edit in edits if edit.is_sure}
        if value in replaced:
            yield f"{session}: the {name} went back to {value!r}, which somebody had replaced"
        for edit in edits:
            if edit.is_sure and edit.value not in replaced and edit.value != value and edit.value not in log:
                yield f"{session}: the {name} {edit.value!r} of {edit.side} is nowhere, and no log names it"
