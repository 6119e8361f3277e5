"""The small window's card, from what the agent told last. Pure: this instant and the translation are arguments."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from desktop.compact.card import BannerCard, CompactCard, DayCard, EmptyCard, NextCard, RowCard
from desktop.tray.presenter import TrayState, tray_state
from desktop.words.moments import ago_words, day_words, month_name, span_words, until_words, weekday_name

if TYPE_CHECKING:
    from desktop.agent.documents import Session, Status
    from desktop.standing import Standing
    from desktop.words.translation import Translate

_GONE = {"cancelled"}
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_HALF_DAY = timedelta(hours=12)

_SIGNS = {
    TrayState.OK: ("done", "ok"),
    TrayState.SYNCING: ("sync", "busy"),
    TrayState.PAUSED: ("pause", "muted"),
    TrayState.OFFLINE: ("offline", "muted"),
    TrayState.NEEDS_YOU: ("alert", "warn"),
    TrayState.BROKEN: ("alert", "danger"),
    TrayState.STARTING: ("more", "muted"),
}


def compact_card(standing: Standing, now: datetime, translate: Translate) -> CompactCard:
    """Say what the small window shows."""
    status, state = standing.status, tray_state(standing)
    zone = ZoneInfo(status.zone if status else "UTC")
    is_new = status is not None and standing.accounts == () and state is TrayState.OK
    glyph, tone = ("calendar", "accent") if is_new else _SIGNS[state]
    days, banner = _days(standing, now, zone, translate), _banner(status, translate)
    following = status.next_session if status else None
    return CompactCard(
        glyph=glyph,
        tone=tone,
        headline=translate("Compact", "Welcome to TutorSync") if is_new else _headline(state, translate),
        reason="" if is_new else _reasons(standing, banner, translate),
        banner=banner,
        following=_next(following, now, zone, translate) if following else None,
        days=days,
        empty=_empty(standing, translate) if not days else None,
        last_sync=_last_sync(status, now, zone, translate),
        can_sync=status is not None and not is_new and state is not TrayState.SYNCING,
        changes_at=_changes_at(standing, now, zone) if status else None,
    )


def _headline(state: TrayState, translate: Translate) -> str:
    match state:
        case TrayState.OK:
            return translate("Compact", "Up to date")
        case TrayState.SYNCING:
            return translate("Compact", "Syncing")
        case TrayState.PAUSED:
            return translate("Compact", "Paused")
        case TrayState.OFFLINE:
            return translate("Compact", "Offline")
        case TrayState.NEEDS_YOU:
            return translate("Compact", "Needs you")
        case TrayState.BROKEN:
            return translate("Compact", "Something has stopped")
        case TrayState.STARTING:
            return translate("Compact", "Starting")


def _reasons(standing: Standing, banner: BannerCard | None, translate: Translate) -> str:
    """Say why things stand as they do, unless the banner says it in more words; and what was not checked."""
    said = [] if banner and banner.button else [_reason(standing, translate)]
    missing = standing.status.coverage.missing if standing.status else ""
    if missing and missing not in said:
        said.append(missing)
    return "\n".join(said)


def _reason(standing: Standing, translate: Translate) -> str:
    if standing.status is not None:
        return standing.status.reason
    return standing.trouble or translate("Compact", "Looking for what changed.")


def _banner(status: Status | None, translate: Translate) -> BannerCard | None:
    if status is None or status.banner.kind == "none":
        return None
    told = status.banner
    if told.action == "none" and told.text == status.reason:
        return None  # said in the headline already
    match told.action:
        case "resolve":
            return BannerCard("warn", "", told.text, translate("Compact", "&Settle…"), told.action, told.target)
        case "answer":
            return BannerCard("warn", "question", told.text, translate("Compact", "&Answer…"), told.action, told.target)
        case "reconnect":
            words = translate("Compact", "Sign &in again…")
            return BannerCard("danger", "key", told.text, words, told.action, told.target)
        case "unlock":
            return BannerCard("danger", "lock", told.text, translate("Compact", "&Unlock…"), told.action, told.target)
        case _:
            return BannerCard("quiet", "offline" if told.kind == "offline" else "alert", told.text, target=told.target)


def _next(session: Session, now: datetime, zone: ZoneInfo, translate: Translate) -> NextCard:
    start = session.start.astimezone(zone).date()
    return NextCard(
        day=_near_day(start, now.astimezone(zone).date(), translate),
        hours=span_words(session.start, session.end, zone),
        ahead=until_words(session.start, session.end, now, translate),
        title=session.title,
        people=", ".join(session.students),
        place=_place(session, translate),
        join_url=session.meeting.join_url if session.meeting else "",
    )


def _near_day(day: date, today: date, translate: Translate) -> str:
    """Say the day as short as it can be said."""
    if day == today:
        return translate("Compact", "Today")
    if day == today + timedelta(days=1):
        return translate("Compact", "Tomorrow")
    return translate("Compact", "{weekday} {day} {month}").format(
        weekday=weekday_name(day, translate), day=day.day, month=month_name(day, translate)
    )


def _place(session: Session, translate: Translate) -> str:
    if session.place:
        return session.place
    return translate("Compact", "Online") if session.online else ""


def _days(standing: Standing, now: datetime, zone: ZoneInfo, translate: Translate) -> tuple[DayCard, ...]:
    today = now.astimezone(zone).date()

    def day_of(session: Session) -> date:
        return session.start.astimezone(zone).date()

    coming = sorted(
        (one for one in standing.sessions if day_of(one) >= today and one.status not in _GONE),
        key=lambda one: (one.start, one.title),
    )
    return tuple(
        DayCard(day_words(day, today, translate), tuple(_row(one, now, zone, standing, translate) for one in sessions))
        for day, sessions in groupby(coming, day_of)
    )


def _row(session: Session, now: datetime, zone: ZoneInfo, standing: Standing, translate: Translate) -> RowCard:
    open_ones = {one.id for one in standing.conflicts}
    conflict = next((one for one in session.conflicts if one in open_ones), None)
    hours = span_words(session.start, session.end, zone)
    # First, because what is too long is cut at its end.
    unchecked = translate("Compact", "not checked") if session.not_checked and session.end > now else ""
    details = " · ".join(filter(None, (unchecked, ", ".join(session.students), _place(session, translate))))
    spoken = [hours, session.title, details, translate("Compact", "double booking") if conflict else ""]
    return RowCard(
        session=session.id,
        hours=hours,
        title=session.title,
        details=details,
        spoken=", ".join(part for part in spoken if part),
        join_url=session.meeting.join_url if session.meeting else "",
        conflict=conflict,
        is_over=session.end <= now,
    )


def _empty(standing: Standing, translate: Translate) -> EmptyCard | None:
    if standing.status is None:
        return None
    if standing.accounts == ():
        return EmptyCard(
            translate("Compact", "Add your first calendar"),
            translate(
                "Compact",
                "TutorSync then watches it for double bookings and keeps your sessions in step. "
                "Nothing is written until you have seen what.",
            ),
            translate("Compact", "&Add a calendar…"),
        )
    return EmptyCard(
        translate("Compact", "Nothing planned"),
        translate("Compact", "You have no sessions in the next two weeks."),
    )


def _last_sync(status: Status | None, now: datetime, zone: ZoneInfo, translate: Translate) -> str:
    if status is None:
        return ""
    if status.last_sync_at is None:
        told = translate("Compact", "Not synced yet")
    else:
        told = translate("Compact", "Last sync {when}").format(
            when=ago_words(status.last_sync_at, now, zone, translate)
        )
    if not status.waiting_changes:
        return told
    waiting = translate("Compact", "%n change(s) waiting", None, status.waiting_changes)
    return f"{told} · {waiting}"


def _changes_at(standing: Standing, now: datetime, zone: ZoneInfo) -> datetime:
    """Give the next instant at which the same standing reads differently: a session begins or ends, a day, a minute."""
    midnight = (now.astimezone(zone) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    moments = [midnight, *(one.start for one in standing.sessions), *(one.end for one in standing.sessions)]
    following = standing.status.next_session if standing.status else None
    if following is not None and now < following.start:
        ahead = following.start - now
        step = _MINUTE if ahead <= _HOUR else _HOUR
        moments.append(following.start - (ahead // step) * step if ahead % step else now + step)
        moments.append(following.start - _HALF_DAY)
    return min(moment for moment in moments if moment > now)
