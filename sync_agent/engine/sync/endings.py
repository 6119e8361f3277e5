"""An ending and an edit that did not know of each other: the session goes on. Pure.

An authored edit outlives a cancellation or deletion that it did not know, in the app, on the platform or in a calendar.
The ending is kept as the version that lost, and one key ends the session after all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.link_now import UNKNOWN, LinkNow, opinion_of
from sync_agent.engine.sync.merge import Opinion
from sync_agent.engine.values import CALENDAR_GROUPS, FieldGroup, LinkState, Session

ENDED = SessionStatus.CANCELLED.value


def outliving_edit(session: Session, links: Sequence[LinkNow], *, was_asked: bool = False) -> Opinion | None:
    """Give an edit that somebody made of a session that was ended here, where that did not show yet.

    Args:
        session: the hub.
        links: its open links.
        was_asked: edits that were seen before the ending had been put before whoever ended it, to choose from.
    """
    if session.is_live:
        return None
    ended = session.origins.get(FieldGroup.STATUS, UNKNOWN)
    awake = [now_ for now_ in links if not now_.is_blocked and not _says_ended(now_)]
    listening = [now_ for now_ in awake if _is_listened_to(session, now_)]
    edits = (edit for now_ in listening for edit in (*_unknown_edits_of(session, now_), *_reshaping_of(now_)))
    return next((edit for edit in edits if not (was_asked and edit.origin.until <= ended.since)), None)


def unheard_endings(
    session: Session, links: Sequence[LinkNow], before: Session, *, was_reshaped: bool = False
) -> list[LinkNow]:
    """Give the sides where somebody ended a session without knowing of an edit that was made here or elsewhere.

    Args:
        session: the hub, with all that was merged.
        links: those that are merged.
        before: the hub before anything was: an edit that loses in the same moment was not known, either.
        was_reshaped: at another link somebody just made the event something that no session can be.
    """
    if not session.is_live:
        return []
    news = [now_ for now_ in links if _says_ended(now_) and _is_news(opinion_of(now_, FieldGroup.STATUS))]
    if not news:
        return []
    others = [now_ for now_ in links if not _says_ended(now_)]
    is_edited_elsewhere = was_reshaped or any(_edits_of(now_) for now_ in others)
    return [now_ for now_ in news if is_edited_elsewhere or now_.is_overtaken or not _knows(before, session, now_)]


def _is_listened_to(session: Session, now_: LinkNow) -> bool:
    """Whether an edit there counts: of an event whose shape is being asked about, or that has its last word, too.

    An event that is to be given up is its owner's own: what is typed there stays there, and is no word for its session.
    """
    is_asked_about = now_.link.state is LinkState.HELD and now_.beside is not None
    has_a_say = now_.link.state is LinkState.LIVE or is_asked_about or now_.has_last_word
    return has_a_say and not now_.gives_up(session)


def _says_ended(now_: LinkNow) -> bool:
    word = now_.said.get(FieldGroup.STATUS) if now_.said is not None else None
    return word is not None and word.value == ENDED


def _knows(before: Session, session: Session, now_: LinkNow) -> bool:
    """Whether a side was told everything that the hub says and said before, or says it itself."""
    return all(
        (base := now_.bases.get(group)) is None or base.hub == value or _says(now_, group, value)
        for group in CALENDAR_GROUPS
        for value in (value_of(before, group), value_of(session, group))
    )


def _says(now_: LinkNow, group: FieldGroup, value: str) -> bool:
    word = now_.said.get(group) if now_.said is not None else None
    return word is not None and word.value == value


def _edits_of(now_: LinkNow, groups: Iterable[FieldGroup] = CALENDAR_GROUPS) -> list[Opinion]:
    """Give the authored groups that somebody edited there since they last agreed with the hub.

    Words that changed while the value is the same are ours: a link of ours stands in the place of a session online.
    """
    opinions = [opinion_of(now_, group) for group in groups]
    return [one for one in opinions if one.base is not None and one.value != one.base.hub and _is_news(one)]


def _unknown_edits_of(session: Session, now_: LinkNow) -> list[Opinion]:
    """Give those that say something else than the hub: what it says, whoever ended the session here had seen."""
    said = [(group, one) for group in CALENDAR_GROUPS for one in _edits_of(now_, [group])]
    return [one for group, one in said if one.value != value_of(session, group)]


def _reshaping_of(now_: LinkNow) -> list[Opinion]:
    """Give the edit that made an event something that no session can be: whoever made it wanted it to take place."""
    if now_.reshaped is None or now_.shape == ENDED or now_.link.state is not LinkState.LIVE:
        return []  # or whoever ended it was asked before
    return [Opinion(now_.link.id, (1, now_.link.calendar), None, None, None, now_.reshaped)]


def _is_news(one: Opinion) -> bool:
    return one.has_changed and not one.is_echo
