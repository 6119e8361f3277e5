"""What a calendar shows that only blocks the tutor's time: that a session is, and nothing of what it is.

One way: nothing said there is ever taken. A foreign edit of a block is put back once a day and told, then left alone
until the next day. Pure; carrying it out is the same as for every other link.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.events import Marker, OwnFields
from sync_agent.engine.naming import Naming
from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.spell import short_hash
from sync_agent.engine.values import Base, FieldGroup, LinkState, Session, Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_agent.engine.sync.link_now import LinkNow
    from sync_agent.engine.values import Link

TITLE = "Busy"
GROUPS_OF_A_BLOCK = (FieldGroup.WHEN, FieldGroup.TITLE)
PUT_BACK = "block.put_back"
PUT_BACK_EVERY = timedelta(days=1)


@dataclass(slots=True)
class Block:
    """What is to be done about the block of one session.

    Attributes:
        wish: what to write, with the groups; None: nothing.
        waits: something would be written, but not now.
        closes: the link ends, with the reason.
        renews: its event is to be made anew.
        bases: that move without a write.
        puts_back: what a stranger did to it is undone.
    """

    wish: tuple[Verb, frozenset[FieldGroup]] | None = None
    waits: bool = False
    closes: str = ""
    renews: bool = False
    bases: dict[FieldGroup, Base] = field(default_factory=dict)
    puts_back: bool = False


def said_of(session: Session, group: FieldGroup) -> str:
    """Give what a block says of a session."""
    return TITLE if group is FieldGroup.TITLE else value_of(session, group)


def block_fields(session: Session, *, groups: frozenset[FieldGroup], marker: Marker) -> OwnFields:
    """Spell a block as fields of its event: no place, no notes, no link."""
    return OwnFields(
        when=session.when if FieldGroup.WHEN in groups else None,
        summary=TITLE if FieldGroup.TITLE in groups else None,
        location=None,
        description=None,
        url=None,
        conference=None,
        marker=marker,
    )


def block_marker(session: Session, *, naming: Naming, calendar: str, uid: str, version: int) -> Marker:
    """Make the marker of a block. Not even a hash of the title goes there: whoever guesses it could tell."""
    hashes = tuple((group.value, short_hash(said_of(session, group))) for group in GROUPS_OF_A_BLOCK)
    key = naming.keys.get(calendar, "")
    return Marker(tenant=naming.tenant, session=session.id, calendar=key, uid=uid, version=version, hashes=hashes)


def is_as_blocked(
    session: Session, link: Link, bases: Mapping[FieldGroup, Base], words: Mapping[FieldGroup, str]
) -> bool:
    """Whether a block is as it was last agreed, and the session still lies there."""
    return (
        session.is_live
        and link.state is LinkState.LIVE
        and all(
            (base := bases.get(group)) is not None
            and base.side is not None
            and base.side == words.get(group)
            and base.hub == said_of(session, group)
            for group in GROUPS_OF_A_BLOCK
        )
    )


def plan_block(session: Session, now_: LinkNow, *, is_wanted: bool, is_over: bool) -> Block:
    """Say what is to be done about a session's block.

    Args:
        session: the hub, as all sides agreed.
        now_: its link in a calendar that only blocks.
        is_wanted: it lives and lies in the window.
        is_over: nothing is put back any more.
    """
    if now_.is_blocked:
        return Block(waits=True)
    if now_.link.state is LinkState.HELD:
        return Block()
    if not session.is_live or now_.link.state is LinkState.CLOSING:
        if now_.has_object:
            # An event that was adopted before its calendar only blocked is the tutor's own: it is given up.
            return _written(now_, Verb.UPDATE if now_.is_adopted else Verb.DELETE, frozenset())
        return Block(closes="unlinked" if session.is_live else "session cancelled")
    if now_.link.state is LinkState.WANT and now_.link.obj is None:
        return _written(now_, Verb.CREATE, frozenset(GROUPS_OF_A_BLOCK)) if is_wanted else Block()
    if now_.said is None:
        return _vanished(now_, is_over=is_over)
    return _edited(session, now_, is_over=is_over)


def _written(now_: LinkNow, verb: Verb, groups: frozenset[FieldGroup]) -> Block:
    return Block(wish=(verb, groups)) if now_.is_writable else Block(waits=True)


def _vanished(now_: LinkNow, *, is_over: bool) -> Block:
    """A block that was removed is made anew; what it became otherwise (a series, a whole day) goes first."""
    if is_over:
        return Block(closes="deleted in the past")
    if not now_.may_put_back:
        return Block()
    if not now_.is_writable:
        return Block(waits=True)
    if now_.is_gone:
        return Block(renews=True, puts_back=True)
    return Block(wish=(Verb.DELETE, frozenset()), puts_back=True)


def _edited(session: Session, now_: LinkNow, *, is_over: bool) -> Block:
    found, owed, foreign = Block(), set[FieldGroup](), set[FieldGroup]()
    for group in GROUPS_OF_A_BLOCK:
        base, word, wanted = now_.bases.get(group), (now_.said or {}).get(group), said_of(session, group)
        if word is not None and word.value == wanted:
            if base != Base(hub=wanted, side=word.words):
                found.bases[group] = Base(hub=wanted, side=word.words)
        elif base is None or base.hub != wanted:
            owed.add(group)
        elif word is None or word.words != base.side:
            foreign.add(group)
    if foreign and now_.may_put_back and now_.is_writable and not is_over:
        # From here on it is owed like any other write, whatever becomes of this one.
        found.bases |= {group: Base(hub=None, side=now_.bases[group].side) for group in foreign}
        found.puts_back = True
        owed |= foreign
    if owed:
        found.waits = not now_.is_writable
        found.wish = (Verb.UPDATE, frozenset(owed)) if now_.is_writable else None
    return found
