"""Merge of all sides of one session, one field group at a time (ARCHITECTURE.md, "The star").

Decides, never acts: values in, values out; no clock, no store, no network. Carrying it out is `plan`'s and `apply`'s.
What a calendar owns alone (attendees, alarms, X- properties) never comes here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_agent.engine.sync.spell import short_hash
from sync_agent.engine.values import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.vocabulary.sessions import Origin


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one side says about one group.

    Attributes:
        side: the link's id.
        rank: place in the fixed order that decides between concurrent edits; lower wins. A person in our app or on the
            platform is 0, calendars follow by id.
        base: when hub and this side last agreed; None before they ever did.
        words: what it says now, in its own spelling; None: it says nothing yet (not created).
        value: `words` as a hub value.
        origin: the human edit behind it, if it changed.
        is_echo: it is something that we sent ourselves and gave up waiting for, however late it arrived.
        over: the short hash of what one of our engines last wrote there, and on what somebody typed it; "": not known.
        is_outdated: somebody typed in the app what this side said when it was last looked at.
        is_reworded: it says what was agreed in other words, and those are ours.
    """

    side: str
    rank: tuple[int, str]
    base: Base | None
    words: str | None
    value: str | None
    origin: Origin
    is_echo: bool = False
    over: str = ""
    is_outdated: bool = False
    is_reworded: bool = False

    @property
    def has_changed(self) -> bool:
        """Whether somebody edited this side since it last agreed. What the server rewrote then is in the base."""
        if self.words is None or self.is_reworded:
            return False
        return self.base is None or self.words != self.base.side

    def was_typed_over(self, other: Opinion) -> bool:
        """Whether somebody typed it where the other's value stood, and that was not surely typed once more since.

        The marker tells, or another device that agreed on that value there before this one heard of it, or that found
        it there.
        """
        if other.value is None or other.value == self.value or is_newer(other.origin, self.origin):
            return False
        was_told = self.base is not None and self.base.is_told and self.base.hub == other.value
        was_marked = self.over != "" and self.over == short_hash(other.value)
        return was_told or was_marked or _was_found_later(self.origin, other.origin)


@dataclass(frozen=True, slots=True)
class Lost:
    """A value that a newer or stronger one replaced. Kept, shown as one of two versions, and one key brings it back.

    Attributes:
        side: the link that said it; None: the hub did.
    """

    side: str | None
    value: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Version:
    """One of several values that people gave a group without knowing of each other.

    Attributes:
        sides: the links that say it, each with its words; the hub says it too where `is_hub`.
    """

    value: str
    origin: Origin
    sides: tuple[tuple[str, str], ...]
    is_hub: bool = False


@dataclass(frozen=True, slots=True)
class Merged:
    """The outcome for one group.

    Attributes:
        value: what all sides are to say.
        origin: the human edit that made it.
        taken_from: the link whose edit it is; None: the hub's value stands.
        lost: what lost, in a fixed order.
        bases: link to its new base, for links whose base moves now, without a write.
        to_write: links that must be written to say `value`.
        versions: what a person is to choose from; then nothing is taken, and nobody is told what the others say.
    """

    value: str
    origin: Origin
    taken_from: str | None
    lost: tuple[Lost, ...]
    bases: tuple[tuple[str, Base], ...]
    to_write: tuple[str, ...]
    versions: tuple[Version, ...] = ()


def is_newer(one: Origin, other: Origin) -> bool:
    """Whether one edit surely came after another: their intervals do not overlap, or the other was found there."""
    return (one.since >= other.until and one.until > other.until) or _was_found_later(one, other)


def _was_found_later(one: Origin, other: Origin) -> bool:
    """Whether a later look at the very calendar in which another edit was found found this one there.

    Two laptops look at one calendar at times of their own: whoever typed what the later look found had the other before
    their eyes, though that laptop had not looked for long.
    """
    is_one_calendar = one.side == other.side and one.device == other.device == f"calendar:{one.side}"
    return is_one_calendar and one.until > other.until


def merge(
    hub: str, hub_origin: Origin, hub_rank: tuple[int, str], sides: Sequence[Opinion], *, asks: bool = False
) -> Merged:
    """Bring hub and sides together on one group.

    Any order of `sides` gives the same outcome, and merging what was merged changes nothing. A side that nobody edited
    never wins over anything, whatever its server made of our words.

    Args:
        hub: the hub's value.
        hub_origin: the human edit behind it.
        hub_rank: place of that edit's side in the fixed order.
        sides: one opinion a link.
        asks: where a version would lose, a person chooses.
    """
    contenders = sorted(
        (side for side in sides if side.has_changed and not side.is_echo and side.value != hub),
        key=lambda side: (side.origin.until, side.origin.since, side.rank),
    )
    # A value over which somebody typed has no say beside what was typed: whoever did knew it.
    known = {one.side: [other for other in contenders if one.was_typed_over(other)] for one in contenders}
    contenders = [one for one in contenders if not any(one in overs for overs in known.values())] or contenders
    value, origin, winner = hub, hub_origin, None
    lost: list[Lost] = []
    for side in contenders:
        if side.value is None or side.value == value:
            continue
        is_heir = any(_agreed(one, hub) for one in (side, *known[side.side]))
        # The marker may tell of a later agreement than another device did.
        is_heir = is_heir or (side.over == short_hash(hub) and not is_newer(hub_origin, side.origin))
        is_heir = is_heir or _was_found_later(side.origin, hub_origin)
        if _replaces(
            side,
            _Held(value, origin, winner.rank if winner else hub_rank),
            is_free=winner is None and is_heir,
        ):
            lost.append(Lost(winner.side if winner else None, value, origin))
            value, origin, winner = side.value, side.origin, side
            # Whoever typed it knew what the hub says, whatever was between the two.
            lost = [one for one in lost if one.side is not None or not is_heir]
        else:
            lost.append(Lost(side.side, side.value, side.origin))
    if asks and any(one.value != value for one in lost):
        return _undecided(hub, hub_origin, sides, contenders)
    return Merged(
        value=value,
        origin=origin,
        taken_from=winner.side if winner else None,
        # A version that is what all sides are to say anyway is not lost, whoever else was overruled with it.
        lost=tuple(one for one in lost if one.value != value),
        bases=tuple((side.side, base) for side in sides if (base := _base_now(side, value)) is not None),
        to_write=tuple(side.side for side in sides if _needs_write(side, value)),
    )


def _undecided(hub: str, hub_origin: Origin, sides: Sequence[Opinion], contenders: Sequence[Opinion]) -> Merged:
    """Give what there is to choose from; a side that says what the hub says is adopted all the same."""
    by_value: dict[str, list[Opinion]] = {}
    for side in contenders:
        by_value.setdefault(side.value or "", []).append(side)
    versions = [
        Version(value, said[-1].origin, tuple(sorted((one.side, one.words or "") for one in said)))
        for value, said in by_value.items()
    ]
    if not all(_agreed(side, hub) for side in contenders):
        versions.append(Version(hub, hub_origin, (), is_hub=True))
    adopted = [side for side in sides if side.words is not None and side.value == hub]
    return Merged(
        value=hub,
        origin=hub_origin,
        taken_from=None,
        lost=(),
        bases=tuple((side.side, base) for side in adopted if (base := _base_now(side, hub)) is not None),
        to_write=(),
        versions=tuple(sorted(versions, key=lambda one: (one.origin.until, one.value))),
    )


def _agreed(side: Opinion, hub: str) -> bool:
    """Whether the hub still says what it said when this side last agreed: then the side's edit has no rival there."""
    return side.base is not None and side.base.hub == hub


@dataclass(frozen=True, slots=True)
class _Held:
    """The value that holds the place while the contenders are looked at one by one."""

    value: str
    origin: Origin
    rank: tuple[int, str]


def _replaces(side: Opinion, held: _Held, *, is_free: bool) -> bool:
    if is_free or is_newer(side.origin, held.origin):
        return True
    if is_newer(held.origin, side.origin):
        return False
    # Concurrent: the fixed order.
    return (side.rank, side.value or "") < (held.rank, held.value)


def _base_now(side: Opinion, value: str) -> Base | None:
    """Give the side's new base if it moves without a write; None if it stays.

    A side that says the agreed value is adopted, if it was looked at since that was typed. One whose edit lost keeps
    its words as seen (so that they are no new edit at the next look) and forgets the hub's (so that it is written
    even if the hub returns to the old value).
    """
    if side.words is None:
        return None
    if side.value == value:
        new = None if side.is_outdated else Base(hub=value, side=side.words)
    elif side.has_changed:
        new = Base(hub=None, side=side.words)
    else:
        return None
    return None if new == side.base else new


def _needs_write(side: Opinion, value: str) -> bool:
    if side.words is None:
        return True
    if side.value == value:
        return False
    if side.has_changed:
        return True
    return side.base is None or side.base.hub != value
