"""Settle: what was read back becomes the base, but only for what this row wrote (ARCHITECTURE.md, "One session").

Only if the object read back is the one that our answer spoke of (its ETag) does what it says count as our write in the
side's words. Otherwise somebody edited in between: then our words are the base, and theirs an edit to be planned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.pull_platform import platform_link_words, session_of
from sync_agent.engine.sync.spell import holds_link, is_rewriting, join_url_of, short_hash
from sync_agent.engine.values import Base, FieldGroup, Verb

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.sessions import SessionRecord
    from sync_agent.engine.store.journal import Intent, Sent
    from sync_agent.engine.store.store import Store

WAS_THERE = ""
"""The ETag in the answer to a creation whose object was there already: an earlier try made it, with what that said."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    """An object of ours as read after a write.

    Attributes:
        said: group to (words, value).
        hashes: what its marker says of each group as last written by us.
        is_marked_anew: whether that marker may be of this write: it is not the one that stood there before.
    """

    etag: str | None
    said: Mapping[FieldGroup, tuple[str, str]]
    hashes: Mapping[str, str] = field(default_factory=dict)
    is_marked_anew: bool = True


def bases_after(intent: Intent, found: ReadBack) -> dict[FieldGroup, Base]:
    """Say which bases a write moves, from what was read back. Pure.

    A group that is not in the answer keeps its base: the write did not arrive there.

    Args:
        intent: the row, with what its answer said (if one came at all; without one nobody knows what was carried out).
        found: the object as it is now.
    """
    # What lies at the name of a creation can only be our creation, whether its answer came or not.
    was_answered = intent.answered_at is not None or intent.verb is Verb.CREATE
    if not was_answered and intent.if_match is not None and intent.if_match == found.etag:
        return {}
    is_ours = intent.answer_etag is not None and intent.answer_etag == found.etag
    is_earlier = intent.answer_etag == WAS_THERE
    moved: dict[FieldGroup, Base] = {}
    for group, sent in intent.fields.items():
        words, value = found.said.get(group, ("", ""))
        arrived = was_answered and not is_earlier
        if is_ours or _says_what_was_sent(group, sent, words, value, arrived=arrived):
            moved[group] = Base(hub=sent.hub, side=words)
        elif is_earlier:
            continue  # an earlier try made it, with what the session said then: the marker tells (`attach`)
        elif was_answered or (found.is_marked_anew and found.hashes.get(group.value) == short_hash(sent.hub)):
            # Carried out, as its answer or the marker says, and edited by somebody after it: ours is what was agreed,
            # theirs is planned.
            moved[group] = Base(hub=sent.hub, side=None)
    return moved


def _says_what_was_sent(group: FieldGroup, sent: Sent, words: str, value: str, *, arrived: bool) -> bool:
    if group is FieldGroup.LINK:
        # Derived, so all that matters is whether the write arrived: a server may spell a link in its own way. But
        # where none was sent, or nobody knows whether it arrived, one that is there is not ours. Nor is it where the
        # tutor's own stood there before, as it does in an event that was adopted.
        join_url, is_as_before = join_url_of(sent.hub), words == sent.words
        if is_as_before:
            return arrived and holds_link(words, join_url)
        return holds_link(words, join_url) or (arrived and join_url != "")
    return is_rewriting(group, sent.hub, value)


def settle_platform(
    store: Store, connection: Connection, intent: Intent, stored: SessionRecord, *, by_look: bool = False
) -> None:
    """Settle a write to the platform from its own answer.

    Args:
        store: of the row.
        connection: the unit of work.
        intent: the row.
        stored: the answer.
        by_look: there is none, and this was found by looking: only what says what was sent can be our write. What lies
            at the name of a creation is ours, and what says something else there was changed after it.
    """
    session = session_of(stored, intent.sent_at, side=intent.calendar or "")
    row = store.links.get(connection, intent.link) if intent.link is not None else None
    for group, sent in intent.fields.items() if row is not None else ():
        words = platform_link_words(stored) if group is FieldGroup.LINK else value_of(session, group)
        is_known = words == sent.hub or not by_look
        if row is not None and (is_known or intent.verb is Verb.CREATE):
            base = Base(hub=sent.hub, side=words if is_known else None)
            store.links.set_base(connection, row.link.id, group, base, etag=str(stored.version), settled_by=intent.id)
    store.journal.close(connection, intent.id, "settled")
