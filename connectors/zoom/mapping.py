"""Our drafts as Zoom's fields, Zoom's answers as our meetings. Pure.

Answers are read field by field: what is not named here, above all `start_url`, is dropped.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from connectors.vocabulary.errors import ObjectRefused, ServerFault
from connectors.vocabulary.meetings import Meeting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.vocabulary.meetings import MeetingDraft

SCHEDULED = 2  # one meeting at one time
TOPIC_MAX = 200
AGENDA_MAX = 2000
AGENDA_IN_LISTS = 250

# The frame tells our text from what the host writes beside it.
_OPEN, _CLOSE = "[tutorsync:", ":tutorsync]"
_FRAMED = re.compile(re.escape(_OPEN) + "(.*?)" + re.escape(_CLOSE), re.DOTALL)


def created_from(draft: MeetingDraft, host: str) -> dict[str, object]:
    """Give the body of a new meeting: scheduled, a link of its own (never the personal room), no registration.

    Everything else is left to the host's own settings.

    Raises:
        ObjectRefused: the marker does not fit into an agenda.
    """
    return changed_by(draft) | {
        "type": SCHEDULED,
        "agenda": with_marker("", draft.marker, host),
        "settings": {"use_pmi": False, "approval_type": 2},
    }


def changed_by(draft: MeetingDraft) -> dict[str, object]:
    """Give the body of a change of name or time.

    The start goes out as a UTC instant, with the zone beside it for the host's eyes: the local spelling would be read
    with Zoom's zone data instead of ours.
    """
    return {
        "topic": _shortened(draft.topic),
        "start_time": draft.when.starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "timezone": draft.when.zone,
        "duration": math.ceil(draft.when.duration / timedelta(minutes=1)),
    }


def with_marker(agenda: str, marker: str, host: str) -> str:
    """Give the agenda with exactly our marker, first; what the host wrote stays below it as far as it fits.

    First, because lists show only the beginning: most other meetings are told apart without a look of their own.

    Raises:
        ObjectRefused: the marker does not fit, or holds the end of its own frame.
    """
    framed = f"{_OPEN}{marker}{_CLOSE}"
    if len(framed) > AGENDA_MAX or _CLOSE in marker:
        raise ObjectRefused(host, reason="its marker does not fit into the agenda")
    rest = _FRAMED.sub("", agenda).strip()
    return f"{framed}\n{rest}"[:AGENDA_MAX] if rest else framed


def marker_in(agenda: str) -> str:
    """Give our marker, "" if the agenda has none."""
    found = _FRAMED.search(agenda)
    return found.group(1) if found else ""


def may_carry(entry: Mapping[str, object], marker: str) -> bool:
    """Whether a list entry can be a meeting with this marker, as far as its cut agenda tells."""
    agenda = str(entry.get("agenda") or "")
    if _FRAMED.search(agenda):
        return marker_in(agenda) == marker
    if len(agenda.encode()) < AGENDA_IN_LISTS:  # bytes: nobody says in what Zoom counts, and these are never fewer
        return False
    _, opened, begun = agenda.partition(_OPEN)
    if not opened:
        return True  # the host may have written much before our text
    visible = begun[: -len(_CLOSE)]  # the cut may fall inside the closing frame
    return marker.startswith(visible)


def meeting_from(answer: Mapping[str, object], host: str) -> Meeting:
    """Read a meeting out of an answer.

    Raises:
        ServerFault: no number or no link for guests is in it.
    """
    number, join_url = answer.get("id"), answer.get("join_url")
    if not isinstance(number, int | str) or not str(number).isdigit() or not isinstance(join_url, str) or not join_url:
        raise ServerFault(host, reason="a meeting without number or link")
    duration = answer.get("duration")
    return Meeting(
        remote_id=str(number),
        join_url=join_url,
        topic=str(answer.get("topic") or ""),
        starts=str(answer.get("start_time") or ""),
        duration_minutes=duration if isinstance(duration, int) else 0,
        marker=marker_in(str(answer.get("agenda") or "")),
    )


def _shortened(topic: str) -> str:
    return topic if len(topic) <= TOPIC_MAX else topic[: TOPIC_MAX - 1] + "…"
