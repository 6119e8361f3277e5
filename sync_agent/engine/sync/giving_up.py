"""Giving up an event that was adopted: what is ours in it goes, the event stays. Pure.

An event that we made is removed where it is no longer wanted. One that the tutor or somebody else made is theirs: our
marker, our part of its text and the link that we put there go, and from then on it is an appointment like any other.

It is removed with its session only where somebody called that session off. Whoever takes the adopting back instead ends
the session with an origin that says so: where the ending is heard, on whatever laptop, it is heard what it means.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.events import OwnFields
from sync_agent.engine.ids import is_event_uid
from sync_agent.engine.store.event_json import event_from_json
from sync_agent.engine.sync.spell import FENCE, without_block
from sync_agent.engine.values import GIVING_UP, FieldGroup

if TYPE_CHECKING:
    from connectors.vocabulary.events import Event
    from sync_agent.engine.values import Link, Session


def is_adopted(link: Link, key: str) -> bool:
    """Whether a link's event was made by somebody else.

    Args:
        link: with an object.
        key: of that object: what we made lies at its first name, also where a server gave it another UID.
    """
    return not is_event_uid(link.uid) and not is_event_uid(PurePosixPath(key).stem)


def is_taken_back(session: Session) -> bool:
    """Whether a session ended because its event is none: what was adopted stays, and only what we made goes."""
    ended = None if session.is_live else session.origins.get(FieldGroup.STATUS)
    return ended is not None and ended.side == GIVING_UP


def bears_ours(fields: Mapping[str, Any], own_links: Container[str]) -> bool:
    """Whether our marker, a part of our text or a link of ours stands in an event, as far as it was read.

    Args:
        fields: what the mirror keeps of the event (`MirrorRow.fields`).
        own_links: all that its session ever had.
    """
    if fields.get("hashes") or "event" not in fields:
        return True
    event = event_from_json(fields["event"])
    links = (event.location, event.url, event.conference)
    return FENCE in event.description or any(one.strip() in own_links for one in links if one)


def given_up(event: Event, join_url: str) -> OwnFields:
    """Say what is to be taken out of an event.

    Args:
        event: as it is now.
        join_url: the link that we put there, "" for none, or where it was there before us.
    """

    def without_ours(value: str) -> str | None:
        return "" if join_url and value.strip() == join_url else None

    return OwnFields(
        description=without_block(event.description) if FENCE in event.description else None,
        location=without_ours(event.location),
        url=without_ours(event.url),
        conference=without_ours(event.conference),
        gives_up=True,
    )
