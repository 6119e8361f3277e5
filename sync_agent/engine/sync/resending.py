"""What became of a write to the platform whose answer never came, as the platform itself says.

It keeps for a day what it answered under the key of a request. Sent once more, word for word, the request gives that
answer; or it is refused, because somebody changed the session while it never came there, and so it never will. It is
only sent once more where the session has another version by now: asking carries nothing out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.errors import ChangedMeanwhile, ObjectRefused
from sync_agent.engine.values import Verb

if TYPE_CHECKING:
    from connectors.vocabulary.protocols import Platform
    from connectors.vocabulary.sessions import SessionRecord
    from sync_agent.engine.store.journal import Intent

KEYS_KEPT = timedelta(hours=23)
"""The platform keeps them for 24 hours by its clock, and this one may go wrong by minutes."""


def send(platform: Platform, intent: Intent) -> SessionRecord:
    """Send what a row says, the same each time.

    Raises:
        ConnectorError: as `Platform.put` says.
    """
    assert intent.record is not None  # noqa: S101  (narrowing: each row for the platform has one)
    version = None if intent.if_match is None else int(intent.if_match)
    return platform.put(intent.record, if_version=version, key=intent.id, at=intent.sent_at)


def has_moved_on(intent: Intent, record: SessionRecord | None) -> bool:
    """Whether a session has another version than the one that a write was to change, so that it may have arrived."""
    return record is not None and (intent.if_match is None or str(record.version) != intent.if_match)


def answers_to(
    platform: Platform, intents: Iterable[Intent], records: Mapping[str, SessionRecord], now: datetime
) -> dict[str, SessionRecord | None]:
    """Give by row what the platform answered to it. None: it never came there, and never will.

    Those are missing of which it cannot tell, and creations: what lies at the name of one is ours.

    Raises:
        ConnectorError: the platform does not answer now, either.
    """
    found: dict[str, SessionRecord | None] = {}
    for intent in intents:
        is_kept = intent.record is not None and now - intent.sent_at < KEYS_KEPT
        if intent.verb is Verb.CREATE or not is_kept or not has_moved_on(intent, records.get(intent.session)):
            continue
        try:
            found[intent.id] = send(platform, intent)
        except ChangedMeanwhile:
            found[intent.id] = None
        except ObjectRefused:
            continue  # another version of ours spelled that request, so it is no longer the same one
    return found
