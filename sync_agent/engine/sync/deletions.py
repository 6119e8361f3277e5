"""What it means that the event of a session is gone: the session ends, or its event comes back. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.link_now import UNKNOWN, seen_between
from sync_agent.engine.sync.merge import is_newer
from sync_agent.engine.values import CALENDAR_GROUPS, FieldGroup, LinkState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connectors.vocabulary.sessions import Origin
    from sync_agent.engine.sync.link_now import LinkNow
    from sync_agent.engine.values import Session


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A person deleted the event of a future session: the session is to be cancelled, if the guard lets it pass.

    Attributes:
        typed: what was typed there before, group by group, with its value and who made it.
    """

    link: str
    origin: Origin
    typed: tuple[tuple[FieldGroup, str, Origin], ...] = ()


def has_another_shape(now_: LinkNow) -> bool:
    """Whether an event became something that no session can be."""
    return not now_.is_blocked and now_.shape != "single" and now_.link.state is LinkState.LIVE


def was_reshaped(now_: LinkNow) -> bool:
    """Whether a person just made that of it."""
    return now_.reshaped is not None and has_another_shape(now_)


def says_deleted(now_: LinkNow) -> bool:
    """Whether an event of a session is gone, or was called off there."""
    return (
        not now_.is_platform
        and not now_.is_blocked
        and now_.link.state is LinkState.LIVE
        and (now_.is_gone or now_.shape == "cancelled")
    )


def deletions(
    session: Session, gone: Sequence[LinkNow], others: Sequence[LinkNow], *, now: datetime
) -> tuple[Cancellation | None, tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Decide what vanished events mean.

    An edit that a person made meanwhile, in our app or at another side, outlives the deletion; so does the session if
    the deletion may be our own. One that knew of everything ends the session, whatever another one did not know.

    Returns:
        The cancellation of the session, links to close with the reason, links to fill again. None of these: what others
        say, and was known there, is taken first, or agreed with for the first time.
    """
    if not gone:
        return None, (), ()
    if not session.is_live:
        return None, tuple((now_.link.id, "session cancelled") for now_ in gone), ()
    if session.is_over(now):
        return None, tuple((now_.link.id, "deleted in the past") for now_ in gone), ()
    informed = [now_ for now_ in gone if not (now_.may_be_ours or _outlives(session, now_, others))]
    if not informed or any(map(was_reshaped, others)):
        return None, (), tuple(now_.link.id for now_ in gone)
    if any(now_.edited or now_.is_unmet for now_ in others):
        return None, (), ()
    first = informed[0]
    origin = _deletion_origin(first, now)
    cancel = Cancellation(first.link.id, origin, _typed_before(session, first))
    return cancel, tuple((now_.link.id, "deleted there") for now_ in gone), ()


def _outlives(session: Session, gone: LinkNow, others: Sequence[LinkNow]) -> bool:
    """Whether a person changed the session so that it did not show there yet: then it stays and its event returns.

    A base that forgot the hub's word was not told yet what won there, or was typed once more. What the event itself
    said last, everybody knew there, whoever told nobody that it was agreed; and what another side says may have been
    agreed on there before it came here. Not so what was typed here since that side agreed: it may lose, and nobody knew
    of it there.
    """
    edits = [(group, value) for now_ in others for group, value in now_.edited.items()]
    if any(value not in _known_at(gone, group) for group, value in edits):
        return True
    followed = {
        group for now_ in others for group in now_.edited if now_.bases[group].hub in (None, value_of(session, group))
    }
    return any(
        base.hub != value_of(session, group)
        and (base.hub is None or value_of(session, group) not in _known_at(gone, group))
        and group not in followed
        for group, base in gone.bases.items()
        if group in CALENDAR_GROUPS
    )


def _known_at(gone: LinkNow, group: FieldGroup) -> set[str]:
    """Give the values of a group that were known where an event went."""
    base, last = gone.bases.get(group), gone.last_said.get(group)
    values = {base.hub if base is not None else None, last.value if last is not None else None}
    return {value for value in values if value is not None}


def _typed_before(session: Session, gone: LinkNow) -> tuple[tuple[FieldGroup, str, Origin], ...]:
    """Give what somebody typed there over what the session says still: it comes back with the session, if that does.

    Where another device told what it agreed on there, this one may have read that event before: then only what is newer
    than what was told was typed over it.
    """
    found = []
    for group, word in gone.last_said.items():
        base = gone.bases.get(group)
        if group not in CALENDAR_GROUPS or base is None or base.side is None or base.side == word.words:
            continue
        hub = value_of(session, group)
        if base.hub == hub and word.value != hub and (group, word.value) not in gone.echoes:
            origin = word.origin or seen_between(gone.link.calendar, word.since, word.until)
            if base.is_told and not is_newer(origin, session.origins.get(group, UNKNOWN)):
                continue
            found.append((group, word.value, origin))
    return tuple(found)


def _deletion_origin(now_: LinkNow, now: datetime) -> Origin:
    return seen_between(now_.link.calendar, now_.last_seen or now, now)
