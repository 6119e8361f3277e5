"""How many writes are on the way to one calendar at once, how many are written down together, and for how long.

Decides, never acts. Some servers answer writes side by side with 423, 429, 500 or 503: they get them one after the
other from then on, which their account remembers, and are tried again with two after a week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

TRIED_AGAIN_AFTER = timedelta(days=7)

QUICK = timedelta(milliseconds=5)
"""Who answers sooner keeps us busy alone: side by side nothing would be done any earlier."""

_TOGETHER = timedelta(milliseconds=50)
"""A row stands in the journal for about so long before its request leaves."""

_MOST_TOGETHER = 50
_PLANNED_FOR, _LONGEST = 10, timedelta(minutes=1)
_NAME, _REFUSED_AT = "writes_at_once", "writes_refused_at"


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace of one account.

    Attributes:
        most: at once, whatever a server bears; 1: each write is written down and sent by itself.
        at_once: how many this server bears, as far as we know.
        refused_at: when it last refused writes side by side.
        answers_in: how long it takes for an answer, as measured just now; None: nobody knows yet.
    """

    most: int
    at_once: int
    refused_at: datetime | None = None
    answers_in: timedelta | None = None

    @classmethod
    def of(cls, quirks: Mapping[str, Any], most: int, now: datetime) -> Pace:
        """Read what an account remembers."""
        refused_at = datetime.fromisoformat(quirks[_REFUSED_AT]) if _REFUSED_AT in quirks else None
        at_once = min(most, int(quirks.get(_NAME, most)))
        if refused_at is not None and now - refused_at >= TRIED_AGAIN_AFTER:
            at_once = min(most, max(at_once, 2))
        return cls(most, at_once, refused_at)

    def remembered(self, quirks: Mapping[str, Any]) -> dict[str, Any]:
        """Give what the account is to remember, beside its other quirks."""
        kept = {name: value for name, value in quirks.items() if name not in (_NAME, _REFUSED_AT)}
        if self.refused_at is None:
            return kept
        return kept | {_NAME: self.at_once, _REFUSED_AT: self.refused_at.isoformat()}

    @property
    def side_by_side(self) -> int:
        """How many requests are to be under way at once."""
        return 1 if self.answers_in is None or self.answers_in < QUICK else self.at_once

    @property
    def together(self) -> int:
        """How many rows are to be written down in one go: as many as leave soon."""
        if self.most == 1 or self.answers_in is None:
            return 1
        soon = _MOST_TOGETHER if not self.answers_in else int(_TOGETHER / self.answers_in) * self.side_by_side
        return min(max(soon, self.side_by_side), _MOST_TOGETHER)

    def measured(self, answers_in: timedelta) -> Pace:
        """Take in how long an answer took."""
        known = self.answers_in
        return replace(self, answers_in=answers_in if known is None else (3 * known + answers_in) / 4)

    def refused(self, now: datetime) -> Pace:
        """Take in that the server refused writes side by side."""
        return replace(self, at_once=1, refused_at=now)

    def borne(self) -> Pace:
        """Take in that it bore as many as it got: next time it gets more."""
        if self.at_once == 1 or self.refused_at is None:
            return self
        at_once = min(self.most, 2 * self.at_once)
        return replace(self, at_once=at_once, refused_at=None if at_once == self.most else self.refused_at)


def written_for(patience: timedelta, planned_in: timedelta) -> timedelta:
    """Give for how long writes go on before who still writes is asked to stop, and the rest is planned again.

    At a first mirroring of thousands planning takes seconds: stopped after as many, it would be planned all the time.

    Args:
        patience: that everybody has.
        planned_in: how long planning took; a computer that slept meanwhile counts that, too.
    """
    return max(patience, min(planned_in * _PLANNED_FOR, _LONGEST))


ONE_BY_ONE = Pace(most=1, at_once=1)
"""Each write is written down and sent by itself, in one order: for tests and the simulation."""
