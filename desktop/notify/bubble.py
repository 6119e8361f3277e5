"""Which bubble stands on screen: one for all double bookings, replaced as they come and go. Decides, never acts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desktop.words.moments import short_month, short_weekday, span_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desktop.agent.documents import Conflict
    from desktop.words.translation import Translate

RESOLVE, LATER, DEFAULT = "resolve", "later", "default"
"""What the buttons are called on the bus; "default" is a click on the bubble itself."""

_CONTEXT = "Bubble"


@dataclass(frozen=True, slots=True)
class Bubble:
    """What one notification says.

    Attributes:
        actions: (name on the bus, words on the button).
    """

    title: str
    body: str
    actions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What the tutor was told of, and put off.

    Attributes:
        known: double bookings that a bubble was shown for.
        put_off: those of them that "Later" was said to.
    """

    known: frozenset[str] = frozenset()
    put_off: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Show:
    """Put this bubble up, in the place of the one that stands there."""

    bubble: Bubble
    target: str
    """The double booking that "Resolve" opens."""


@dataclass(frozen=True, slots=True)
class Close:
    """Take the bubble away: there is nothing left that it could say."""


@dataclass(frozen=True, slots=True)
class Leave:
    """Everything is as it should be."""


Step = Show | Close | Leave


def next_step(conflicts: Sequence[Conflict], told: Told, *, is_up: bool, translate: Translate) -> tuple[Step, Told]:
    """Say what becomes of the bubble.

    A new double booking brings it up; one that went changes it only where it still stands. Nothing that was put off or
    closed by hand comes back for itself: the tray icon goes on to show it.

    Args:
        conflicts: the open ones, the next one first.
        told: what was told before.
        is_up: the bubble stands on screen.
        translate: gives the user's language.
    """
    open_ids = frozenset(conflict.id for conflict in conflicts)
    after = Told(known=open_ids, put_off=told.put_off & open_ids)
    if not conflicts:
        return (Close() if is_up else Leave()), after
    if open_ids - told.known or (is_up and told.known - open_ids):
        shown = [conflict for conflict in conflicts if conflict.id not in after.put_off] or list(conflicts)
        return Show(bubble_of(shown, translate), shown[0].id), after
    return Leave(), after


def put_off(told: Told) -> Told:
    """Remember that “Later” was said to everything that the bubble told of."""
    return Told(told.known, told.known)


def bubble_of(conflicts: Sequence[Conflict], translate: Translate) -> Bubble:
    """Word the bubble so that it says what it is about without being opened."""
    first = conflicts[0]
    sentence = translate(_CONTEXT, "“{one}” and “{other}” overlap by {minutes} minutes.").format(
        one=first.sides[0].title, other=first.sides[1].title, minutes=first.overlap_minutes
    )
    when = _when(first, translate)
    actions = (
        (DEFAULT, translate(_CONTEXT, "Open")),
        (RESOLVE, translate(_CONTEXT, "Resolve")),
        (LATER, translate(_CONTEXT, "Later")),
    )
    if len(conflicts) == 1:
        return Bubble(translate(_CONTEXT, "Double booking: {when}").format(when=when), sentence, actions)
    title = translate(_CONTEXT, "%n double booking(s)", None, len(conflicts))
    first_of = translate(_CONTEXT, "The first is {when}: {sentence}").format(when=when, sentence=sentence)
    return Bubble(title, first_of, actions)


def _when(conflict: Conflict, translate: Translate) -> str:
    side = conflict.sides[0]
    zone = side.start.tzinfo
    assert zone is not None  # noqa: S101 -- documents.Side is made of aware instants only
    day = side.start.date()
    return translate(_CONTEXT, "{weekday} {day} {month}, {span}").format(
        weekday=short_weekday(day, translate),
        day=day.day,
        month=short_month(day, translate),
        span=span_words(side.start, side.end, zone),
    )
