"""Giving up an event that was adopted: what is ours in it goes, the event stays. Pure.

An event that we made is removed where it is no longer wanted. One that the tutor or somebody else made is theirs: our
marker, our part of its text and the link that we put there go, and from then on it is an appointment like any other.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from connectors.vocabulary.events import OwnFields
from sync_agent.engine.ids import is_event_uid
from sync_agent.engine.sync.spell import FENCE, without_block

if TYPE_CHECKING:
    from connectors.vocabulary.events import Event
    from sync_agent.engine.values import Link


def is_adopted(link: Link, key: str) -> bool:
    """Whether a link's event was made by somebody else.

    Args:
        link: with an object.
        key: of that object: what we made lies at its first name, also where a server gave it another UID.
    """
    return not is_event_uid(link.uid) and not is_event_uid(PurePosixPath(key).stem)


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
