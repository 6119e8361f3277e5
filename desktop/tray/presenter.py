"""What the tray shows, from what the agent told last. Pure: this instant and the translation are arguments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desktop.words.moments import short_day_words, span_words

if TYPE_CHECKING:
    from desktop.agent.documents import Session, Status
    from desktop.standing import Standing
    from desktop.words.translation import Translate

_LONGEST_TITLE = 40
_MORNING = 6
_JOIN_BEFORE = timedelta(hours=12)


class TrayState(StrEnum):
    """One icon each."""

    OK = "ok"
    SYNCING = "syncing"
    PAUSED = "paused"
    OFFLINE = "offline"
    NEEDS_YOU = "needs_you"
    BROKEN = "broken"
    STARTING = "starting"


@dataclass(frozen=True, slots=True)
class TrayCard:
    """All that the tray shows.

    Attributes:
        sentence: the tool tip.
        following: the next session, or that there is none.
        join_url: of the next session, or "".
        settle: the menu's entry for double bookings, or "" where there is none.
        conflict: which of them to begin with.
        can_act: an agent is there to be asked.
    """

    state: TrayState
    sentence: str
    following: str
    join_url: str = ""
    settle: str = ""
    conflict: str | None = None
    is_paused: bool = False
    can_act: bool = False


def tray_card(standing: Standing, now: datetime, translate: Translate) -> TrayCard:
    """Say what the tray shows."""
    status = standing.status
    if status is None:
        return _without_agent(standing, translate)
    count = status.open_conflicts
    return TrayCard(
        state=tray_state(standing),
        sentence=translate("Tray", "TutorSync: {reason}").format(reason=status.reason),
        following=_following(status, now, translate),
        join_url=join_url(status.next_session, now),
        settle=translate("Tray", "%n double booking(s)…", None, count) if count else "",
        conflict=standing.conflicts[0].id if standing.conflicts else None,
        is_paused=status.paused_until is not None,
        can_act=True,
    )


def tray_state(standing: Standing) -> TrayState:
    """Give the state; one that is new to this tray app counts as a need for the person."""
    if standing.status is None:
        return TrayState.BROKEN if standing.trouble else TrayState.STARTING
    try:
        return TrayState(standing.status.state)
    except ValueError:
        return TrayState.NEEDS_YOU


def join_url(session: Session | None, now: datetime) -> str:
    """Give the link that "Join" opens: of a session that runs or is not far."""
    if session is None or session.meeting is None or session.start - now > _JOIN_BEFORE:
        return ""
    return session.meeting.join_url


def seconds_until_morning(now: datetime, zone: str) -> int:
    """Say for how long "until tomorrow" pauses: until six on the tutor's clock."""
    local = now.astimezone(ZoneInfo(zone))
    morning = (local + timedelta(days=1)).replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    # By their instants: two times of one zone would be subtracted as if no clock were ever changed.
    return round(morning.timestamp() - local.timestamp())


def _without_agent(standing: Standing, translate: Translate) -> TrayCard:
    if standing.trouble:
        sentence = translate("Tray", "TutorSync cannot sync: {reason}").format(reason=standing.trouble)
        return TrayCard(TrayState.BROKEN, sentence, translate("Tray", "Syncing has stopped"))
    starting = translate("Tray", "TutorSync is starting.")
    return TrayCard(TrayState.STARTING, starting, translate("Tray", "Starting…"))


def _following(status: Status, now: datetime, translate: Translate) -> str:
    session, zone = status.next_session, ZoneInfo(status.zone)
    if session is None:
        return translate("Tray", "No session is planned")
    if session.start <= now < session.end:
        when = translate("Tray", "now, {hours}").format(hours=span_words(session.start, session.end, zone))
    else:
        when = short_day_words(session.start, now, zone, translate)
    title = session.title if len(session.title) <= _LONGEST_TITLE else session.title[: _LONGEST_TITLE - 1] + "…"
    if session.students:
        return translate("Tray", "Next: {when} · {title} · {student}").format(
            when=when, title=title, student=session.students[0]
        )
    return translate("Tray", "Next: {when} · {title}").format(when=when, title=title)
