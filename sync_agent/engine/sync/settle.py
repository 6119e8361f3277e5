"""Settle: what was read back becomes the base, but only for what this row wrote (ARCHITECTURE.md, "One session").

Only if the object read back is the one that our answer spoke of (its ETag) does what it says count as our write in the
side's words. Otherwise somebody edited in between: then our words are the base, and theirs an edit to be planned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_agent.engine.session_fields import value_of
from sync_agent.engine.sync.pull_platform import platform_link_words, session_of
from sync_agent.engine.sync.spell import holds_link, is_rewriting, join_url_of
from sync_agent.engine.values import Base, FieldGroup

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from connectors.vocabulary.sessions import SessionRecord
    from sync_agent.engine.store.journal import Intent, Sent
    from sync_agent.engine.store.store import Store


@dataclass(frozen=True, slots=True)
class ReadBack:
    """An object of ours as read after a write.

    Attributes:
        said: group to (words, value).
    """

    etag: str | None
    said: Mapping[FieldGroup, tuple[str, str]]


def bases_after(intent: Intent, found: ReadBack) -> dict[FieldGroup, Base]:
    """Say which bases a write moves, from what was read back. Pure.

    A group that is not in the answer keeps its base: the write did not arrive there.

    Args:
        intent: the row, with what its answer said (if one came at all; without one nobody knows what was carried out).
        found: the object as it is now.
    """
    was_answered = intent.answered_at is not None
    if not was_answered and intent.if_match is not None and intent.if_match == found.etag:
        return {}
    is_ours = intent.answer_etag is not None and intent.answer_etag == found.etag
    moved: dict[FieldGroup, Base] = {}
    for group, sent in intent.fields.items():
        words, value = found.said.get(group, ("", ""))
        if is_ours or _says_what_was_sent(group, sent, words, value):
            moved[group] = Base(hub=sent.hub, side=words)
        elif was_answered:
            # Carried out, and edited by somebody right after it: ours is what was agreed, theirs is planned.
            moved[group] = Base(hub=sent.hub, side=None)
    return moved


def _says_what_was_sent(group: FieldGroup, sent: Sent, words: str, value: str) -> bool:
    if group is FieldGroup.LINK:
        # Derived: nobody's edit of it counts, so all that matters is whether the write arrived.
        return words != sent.words or holds_link(words, join_url_of(sent.hub))
    return is_rewriting(group, sent.hub, value)


def settle_platform(store: Store, connection: Connection, intent: Intent, stored: SessionRecord) -> None:
    """Settle a write to the platform from its own answer."""
    session = session_of(stored, intent.sent_at, side=intent.calendar or "")
    if intent.link is not None:
        for group, sent in intent.fields.items():
            words = platform_link_words(stored) if group is FieldGroup.LINK else value_of(session, group)
            base = Base(hub=sent.hub, side=words)
            store.links.set_base(connection, intent.link, group, base, etag=str(stored.version), settled_by=intent.id)
    store.journal.close(connection, intent.id, "settled")
