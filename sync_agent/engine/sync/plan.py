"""What a pass is to do about one session: a function of hub, bases and mirror as they stand.

Decides, never acts (ARCHITECTURE.md, "One session", step 4). Level-triggered: it never hears what changed, it looks at
what is. Any order of links gives the same plan, and carrying a plan out twice is carrying it out once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.sessions import Origin, SessionStatus
from sync_agent.engine.session_fields import value_of, with_value
from sync_agent.engine.sync.blocking import plan_block
from sync_agent.engine.sync.deletions import Cancellation, deletions, has_another_shape, says_deleted, was_reshaped
from sync_agent.engine.sync.endings import ENDED, outliving_edit, unheard_endings
from sync_agent.engine.sync.link_now import UNKNOWN, LinkNow, opinion_of, opinions_of, rank_of, was_left_behind
from sync_agent.engine.sync.merge import Lost, Opinion, Version, merge
from sync_agent.engine.sync.spell import HEARD
from sync_agent.engine.values import (
    GIVEN_UP,
    PLATFORM_GROUPS,
    Base,
    FieldGroup,
    LinkState,
    QuestionKind,
    Session,
    Verb,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WINDOW_BACK = timedelta(days=30)
WINDOW_AHEAD = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Taken:
    """An edit that a side made and the hub takes over."""

    group: FieldGroup
    value: str
    origin: Origin
    link: str


@dataclass(frozen=True, slots=True)
class LostVersion:
    """A version that lost; it goes into the activity log and can be brought back."""

    group: FieldGroup
    lost: Lost


@dataclass(frozen=True, slots=True)
class Choice:
    """Versions of one group among which a person is to choose."""

    group: FieldGroup
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class BaseMove:
    """A base that moves without a write: the side says the agreed value already, or its edit lost."""

    link: str
    group: FieldGroup
    base: Base


@dataclass(frozen=True, slots=True)
class PlannedWrite:
    """A wish; it becomes an intent just before it is sent. An update of no group takes our marker out (`giving_up`)."""

    link: str
    verb: Verb
    groups: frozenset[FieldGroup]


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """All that a pass is to do about one session.

    Attributes:
        cancel: what a deletion at a side means; the guard has the last word.
        closes: links to close, with the reason.
        renews: links whose event is to be made anew.
        holds: links whose object became something that a session cannot be, with its shape.
        releases: held links whose event is as an event of ours should be again: their question has answered itself.
        new_links: calendars that get a link.
        choices: what is left as it is on each side until a person has chosen.
        puts_back: links of blocks at which what a stranger did is undone.
        waits: something is to be written that cannot be now (an unsettled write, a calendar that does not answer).
    """

    session: Session
    taken: tuple[Taken, ...] = ()
    lost: tuple[LostVersion, ...] = ()
    bases: tuple[BaseMove, ...] = ()
    writes: tuple[PlannedWrite, ...] = ()
    cancel: Cancellation | None = None
    closes: tuple[tuple[str, str], ...] = ()
    renews: tuple[str, ...] = ()
    holds: tuple[tuple[str, str], ...] = ()
    releases: tuple[str, ...] = ()
    new_links: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    puts_back: tuple[str, ...] = ()
    waits: bool = False

    @property
    def is_at_rest(self) -> bool:
        """Whether there is nothing to do: all sides agree."""
        return self == SessionPlan(self.session)


@dataclass(slots=True)
class _Draft:
    before: Session
    was_reshaped: bool
    taken: list[Taken] = field(default_factory=list)
    lost: list[LostVersion] = field(default_factory=list)
    bases: list[BaseMove] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    to_write: dict[str, set[FieldGroup]] = field(default_factory=dict)


def plan(
    session: Session,
    links: Sequence[LinkNow],
    *,
    join_values: Mapping[str, str],
    missing: Sequence[str],
    now: datetime,
    asks: bool = False,
) -> SessionPlan:
    """Say what is to be done about one session.

    Args:
        session: the hub.
        links: its open links, in any order.
        join_values: link to the derived group as it is to be there.
        missing: calendars that have no link of this session and may get one.
        now: this instant; only decides between past and future.
        asks: of two versions a person chooses, instead of the newer one winning.
    """
    ordered, blocks = _in_order(links)
    if session.is_live and all(map(_is_unborn, ordered)):
        return _with_blocks(_to_be_made(session, ordered, missing, now), blocks, session, now)
    if (outliving := outliving_edit(session, ordered, was_asked=asks)) is not None:
        # First it takes place again, then it is planned like every other.
        return _taking_place_again(session, outliving)
    gone = [now_ for now_ in ordered if says_deleted(now_)]
    others = [now_ for now_ in ordered if now_ not in gone]
    cancel, closes, renews = deletions(session, gone, others, now=now)
    if cancel is not None:
        return SessionPlan(session, taken=_typed_before(cancel), cancel=cancel, closes=closes)
    holds = tuple((now_.link.id, now_.shape) for now_ in others if _is_to_be_asked_about(now_))
    if releases := tuple(now_.link.id for now_ in ordered if _is_itself_again(session, now_)):
        # First the link lives again, then it is planned like every other.
        return SessionPlan(session, releases=releases)
    awake = [now_ for now_ in others if (now_.link.id, now_.shape) not in holds and _is_awake(now_)]
    open_ = [now_ for now_ in awake if now_.link.state is not LinkState.CLOSING or now_.has_last_word]
    heard = [now_ for now_ in ordered if now_ in open_ or _is_heard_beside(now_)]
    draft, agreed = _Draft(session, was_reshaped=any(map(was_reshaped, ordered))), session
    for group in PLATFORM_GROUPS if any(now_.heard for now_ in heard) else ():
        # Of a cancelled session nobody is asked anything.
        agreed = _merge_group(agreed, group, heard, draft, asks=asks and session.is_live)
    if releases := tuple(now_.link.id for now_ in ordered if _needs_no_write_again(agreed, now_)):
        return SessionPlan(session, releases=releases)
    _derive_link(open_, join_values, draft)
    is_wanted = agreed.is_live and _in_window(agreed, now)
    writes, more_closes, waits = _writes(agreed, awake, draft, is_wanted=is_wanted)
    planned = SessionPlan(
        session,
        taken=tuple(draft.taken),
        lost=tuple(draft.lost),
        bases=tuple(draft.bases),
        writes=writes,
        closes=closes + more_closes,
        renews=renews,
        holds=holds,
        new_links=tuple(sorted(missing)) if is_wanted else (),
        choices=tuple(draft.choices),
        waits=waits or (bool(gone) and not closes + renews) or any(now_.must_wait(agreed) for now_ in ordered),
    )
    return _with_blocks(planned, blocks, agreed, now)


def _is_unborn(now_: LinkNow) -> bool:
    """Whether nothing was ever there, and nothing was sent that may be."""
    is_bare = now_.said is None and not now_.bases and now_.link.obj is None
    return is_bare and now_.link.state is LinkState.WANT and not now_.is_blocked


def _to_be_made(session: Session, links: Sequence[LinkNow], missing: Sequence[str], now: datetime) -> SessionPlan:
    """Plan a session of which no side says anything yet, as thousands are at a first mirroring: nothing is merged."""
    is_wanted = _in_window(session, now)
    wishes = [(now_, _wish(session, now_, frozenset(), is_wanted=is_wanted)) for now_ in links]
    return SessionPlan(
        session,
        writes=tuple(wish for now_, wish in wishes if wish is not None and now_.is_writable),
        new_links=tuple(sorted(missing)) if is_wanted else (),
        waits=any(wish is not None and not now_.is_writable for now_, wish in wishes),
    )


def _in_order(links: Sequence[LinkNow]) -> tuple[list[LinkNow], list[LinkNow]]:
    """Put links into the fixed order; those that only block have no say in anything, and stand apart."""
    ordered = sorted(links, key=lambda now_: (not now_.is_platform, now_.link.calendar, now_.link.id))
    return [now_ for now_ in ordered if not now_.is_block], [now_ for now_ in ordered if now_.is_block]


def _with_blocks(planned: SessionPlan, links: Sequence[LinkNow], agreed: Session, now: datetime) -> SessionPlan:
    """Add what is to be done where the session only blocks time, once all others have agreed."""
    if not links:
        return planned
    is_wanted, is_over = agreed.is_live and _in_window(agreed, now), agreed.is_over(now)
    blocks = {now_.link.id: plan_block(agreed, now_, is_wanted=is_wanted, is_over=is_over) for now_ in links}
    bases = [BaseMove(link, group, base) for link, one in blocks.items() for group, base in one.bases.items()]
    return replace(
        planned,
        bases=planned.bases + tuple(bases),
        writes=planned.writes + tuple(PlannedWrite(link, *one.wish) for link, one in blocks.items() if one.wish),
        closes=planned.closes + tuple((link, one.closes) for link, one in blocks.items() if one.closes),
        renews=planned.renews + tuple(link for link, one in blocks.items() if one.renews),
        puts_back=tuple(link for link, one in blocks.items() if one.puts_back),
        waits=planned.waits or any(one.waits for one in blocks.values()),
    )


def applied(plan_: SessionPlan) -> Session:
    """Give the hub as it is after the taken edits."""
    session = plan_.session
    for taken in plan_.taken:
        session = with_value(session, taken.group, taken.value)
        session = replace(session, origins={**session.origins, taken.group: taken.origin})
    if not plan_.taken:
        return session
    reason = "" if session.is_live else session.ended_reason
    return replace(session, version=session.version + 1, ended_reason=reason)


def _is_heard_beside(now_: LinkNow) -> bool:
    """Whether an event became something that no session can be: the rest is heard, and nothing is written to it."""
    return now_.beside is not None and not now_.is_blocked


def _is_awake(now_: LinkNow) -> bool:
    return not now_.is_blocked and now_.link.state is not LinkState.HELD


def _taking_place_again(session: Session, edit: Opinion) -> SessionPlan:
    group = FieldGroup.STATUS
    ending = Lost(None, session.status.value, session.origins.get(group, UNKNOWN))
    lives = Taken(group, SessionStatus.PLANNED.value, edit.origin, edit.side)
    return SessionPlan(session, taken=(lives,), lost=(LostVersion(group, ending),))


def _typed_before(cancel: Cancellation) -> tuple[Taken, ...]:
    return tuple(Taken(*typed, cancel.link) for typed in cancel.typed)


def _is_to_be_asked_about(now_: LinkNow) -> bool:
    """Whether an event became something that no session can be; another device may have asked, and nobody here."""
    was_asked_elsewhere = now_.link.state is LinkState.HELD and not now_.held_for and now_.shape in HEARD
    return has_another_shape(now_) or (was_asked_elsewhere and not (now_.is_gone or now_.is_blocked))


def _is_itself_again(session: Session, now_: LinkNow) -> bool:
    """Whether nothing is left of what a link is held for: its question has answered itself."""
    if now_.link.state is not LinkState.HELD or now_.is_blocked:
        return False
    match now_.held_for:
        case QuestionKind.DELETIONS_TO_WRITE | QuestionKind.SHIFTS_TO_WRITE:
            return False  # what is to be written is known when all sides were heard: `_needs_no_write_again`
        case QuestionKind.MASS_SHIFT:
            return _says_nothing_new(session, now_, FieldGroup.WHEN)
        case QuestionKind.MASS_DELETION if now_.is_platform:
            return _says_nothing_new(session, now_, FieldGroup.STATUS)
        case "" if now_.is_gone:
            return True  # nobody was asked here, and now there is something else to say
        case _:
            # Somebody put the event back, or the server found it again: single and timed.
            return now_.said is not None


def _needs_no_write_again(agreed: Session, now_: LinkNow) -> bool:
    """Whether what a link was not to be told is no longer what all sides say."""
    if now_.link.state is not LinkState.HELD or now_.is_blocked:
        return False
    match now_.held_for:
        case QuestionKind.DELETIONS_TO_WRITE:
            return agreed.is_live
        case QuestionKind.SHIFTS_TO_WRITE:
            base = now_.bases.get(FieldGroup.WHEN)
            return base is not None and base.hub == value_of(agreed, FieldGroup.WHEN)
        case _:
            return False


def _says_nothing_new(session: Session, now_: LinkNow, group: FieldGroup) -> bool:
    base, word = now_.bases.get(group), (now_.said or {}).get(group)
    if word is None:
        return False
    return word.value == value_of(session, group) or (base is not None and base.side == word.words)


def _merge_group(
    session: Session,
    group: FieldGroup,
    links: Sequence[LinkNow],
    draft: _Draft,
    *,
    asks: bool,
) -> Session:
    # Who says nothing yet has no opinion, and is told everything (`_wish`).
    speaking = [now_ for now_ in links if group in now_.heard and group in now_.groups]
    value = value_of(session, group) if speaking else ""
    if all(now_.is_as_agreed(group, value) for now_ in speaking):
        return session
    is_status = group is FieldGroup.STATUS
    unheard = unheard_endings(session, links, draft.before, was_reshaped=draft.was_reshaped) if is_status else []
    for now_ in unheard:
        # It is told anew that the session takes place.
        ending = opinion_of(now_, group)
        draft.lost.append(LostVersion(group, Lost(now_.link.id, ENDED, ending.origin)))
        draft.bases.append(BaseMove(now_.link.id, group, Base(hub=None, side=ending.words)))
        draft.to_write.setdefault(now_.link.id, set()).add(group)
    opinions = opinions_of([now_ for now_ in speaking if now_ not in unheard], group, session)
    if not opinions:
        return session
    origin = session.origins.get(group, UNKNOWN)
    merged = merge(value, origin, rank_of(origin), opinions, asks=asks)
    if merged.versions:
        draft.choices.append(Choice(group, merged.versions))
    draft.lost.extend(
        LostVersion(group, one)
        for one in merged.lost
        # What the session said before is kept as what was replaced then.
        if one.side is None or not was_left_behind(one.value, group, opinions)
    )
    draft.bases.extend(BaseMove(link, group, base) for link, base in merged.bases)
    for link in merged.to_write:
        draft.to_write.setdefault(link, set()).add(group)
    if merged.taken_from is None:
        return session
    draft.taken.append(Taken(group, merged.value, merged.origin, merged.taken_from))
    taken = with_value(session, group, merged.value)
    # Whoever ended it also says what becomes of an event that was adopted.
    return replace(taken, origins={**session.origins, group: merged.origin}) if is_status else taken


def _derive_link(links: Sequence[LinkNow], join_values: Mapping[str, str], draft: _Draft) -> None:
    """Put the derived group where it is not as it should be. A phone's edit of it is put back, never taken."""
    beside_link = {choice.group for choice in draft.choices} & {FieldGroup.NOTES, FieldGroup.WHERE}
    for now_ in links:
        base = now_.bases.get(FieldGroup.LINK)
        word = now_.said.get(FieldGroup.LINK) if now_.said is not None else None
        wanted = join_values[now_.link.id]
        if word is not None and word.words == wanted:
            # The platform spells it as we do: where it says the link already, there is nothing to write.
            if base != Base(hub=wanted, side=wanted):
                draft.bases.append(BaseMove(now_.link.id, FieldGroup.LINK, Base(hub=wanted, side=wanted)))
            continue
        agrees = base is not None and base.hub == wanted and (word is None or word.words == base.side)
        if now_.said is not None and beside_link:
            continue  # it is written together with notes and place, and would tell the side one of their versions
        if now_.said is None or not agrees:
            draft.to_write.setdefault(now_.link.id, set()).add(FieldGroup.LINK)


def _in_window(session: Session, now: datetime) -> bool:
    return now - WINDOW_BACK <= session.when.ends_at and session.when.starts_at <= now + WINDOW_AHEAD


def _writes(
    session: Session, links: Sequence[LinkNow], draft: _Draft, *, is_wanted: bool
) -> tuple[tuple[PlannedWrite, ...], tuple[tuple[str, str], ...], bool]:
    """Give the writes, the links to close instead, and whether a write waits for its calendar."""
    writes: list[PlannedWrite] = []
    closes: list[tuple[str, str]] = []
    waits = False
    for now_ in links:
        link = now_.link
        is_empty = not now_.is_platform and not now_.has_object
        if is_empty and not (session.is_live and link.state is LinkState.WANT):
            closes.append((link.id, "session cancelled" if not session.is_live else now_.why_ended))
            waits |= session.is_live and now_.why_ended == "removed"  # another may have its place then
            continue
        if now_.gives_up(session) and not now_.bears_ours:
            closes.append((link.id, GIVEN_UP))
            continue
        wish = _wish(session, now_, frozenset(draft.to_write.get(link.id, set())), is_wanted=is_wanted)
        if wish is not None and now_.is_writable:
            writes.append(wish)
        waits |= wish is not None and not now_.is_writable
    return tuple(writes), tuple(closes), waits


def _wish(session: Session, now_: LinkNow, groups: frozenset[FieldGroup], *, is_wanted: bool) -> PlannedWrite | None:
    is_closing = not session.is_live or now_.link.state is LinkState.CLOSING
    if now_.gives_up(session):
        return PlannedWrite(now_.link.id, Verb.UPDATE, frozenset())
    if not now_.is_platform and is_closing and now_.has_object:
        return PlannedWrite(now_.link.id, Verb.DELETE, frozenset())
    if now_.said is None:
        if not now_.is_platform and not is_wanted:
            return None
        return PlannedWrite(now_.link.id, Verb.CREATE, frozenset(now_.groups) | {FieldGroup.LINK})
    return PlannedWrite(now_.link.id, Verb.UPDATE, groups) if groups else None
