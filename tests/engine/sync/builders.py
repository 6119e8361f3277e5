"""Values of the engine's plan, with only what a test is about named in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.vocabulary.events import Event
from connectors.vocabulary.sessions import Origin
from connectors.vocabulary.times import Moment, MomentKind, WallSpan
from sync_agent.engine.session_fields import value_of, when_value
from sync_agent.engine.sync.link_now import LinkNow
from sync_agent.engine.sync.merge import Opinion
from sync_agent.engine.sync.plan import SessionPlan, plan
from sync_agent.engine.sync.spell import link_value
from sync_agent.engine.values import (
    CALENDAR_GROUPS,
    PLATFORM_GROUPS,
    Base,
    FieldGroup,
    Link,
    LinkState,
    Session,
    SideWord,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ZONE = "Europe/Berlin"
T15, T16, T17 = (datetime(2026, 11, 26, hour) for hour in (15, 16, 17))
NO_LINK = link_value("")


def minute(number: int) -> datetime:
    """Give an instant so many minutes after eight."""
    return NOW - timedelta(hours=1) + timedelta(minutes=number)


def an_origin(since: int, until: int | None = None, *, side: str = "app") -> Origin:
    """Give an edit between two minutes (or at one)."""
    return Origin("anna", "laptop", side, minute(since), minute(since if until is None else until))


def a_span(start: datetime = T15, *, minutes: int = 60, zone: str = ZONE) -> WallSpan:
    return WallSpan(start, zone, timedelta(minutes=minutes))


def at(start: datetime, *, minutes: int = 60) -> str:
    """Spell a time as a value of WHEN."""
    return when_value(a_span(start, minutes=minutes))


def a_session(start: datetime = T15, *, edited: int = 0, **differing: Any) -> Session:
    """Give a session whose fields all were edited at one minute."""
    origins = dict.fromkeys(PLATFORM_GROUPS, an_origin(edited))
    plain = Session(id="s1", when=a_span(start), title="Maths", notes="book", origins=origins)
    return replace(plain, **differing)


def an_opinion(side: str, **differing: Any) -> Opinion:
    """Give a calendar's opinion that agrees with the hub's "old"; `said` is words and value in one."""
    said = differing.pop("said", "old")
    plain = Opinion(side, (1, side), Base("old", "old"), said, said, an_origin(4, 6, side=side))
    return replace(plain, **differing)


def a_link(calendar: str = "work", *, state: LinkState = LinkState.LIVE, obj: str | None = "o") -> Link:
    return Link(f"link-{calendar}", "s1", calendar, 0, f"uid-{calendar}", state, f"{obj}-{calendar}" if obj else None)


def in_calendar(
    session: Session, calendar: str = "work", *, said: Mapping[FieldGroup, str] | None = None, **differing: Any
) -> LinkNow:
    """Give a link that agreed with this session; `said` is what a phone has made of some groups since."""
    groups = PLATFORM_GROUPS if differing.get("is_platform") else CALENDAR_GROUPS
    agreed = {group: value_of(session, group) for group in groups} | {FieldGroup.LINK: NO_LINK}
    now_says = agreed | dict(said or {})
    words = {group: SideWord(text, text, minute(5), minute(6)) for group, text in now_says.items()}
    plain = LinkNow(
        link=a_link(calendar),
        is_platform=False,
        bases={group: Base(text, text) for group, text in agreed.items()},
        said=words if differing.get("shape", "single") == "single" else None,
    )
    return replace(plain, **differing)


def wanted_in(calendar: str = "work", **differing: Any) -> LinkNow:
    """Give a link whose event is still to be made."""
    plain = LinkNow(link=a_link(calendar, state=LinkState.WANT, obj=None), is_platform=False, bases={}, said=None)
    return replace(plain, **differing)


def gone_from(session: Session, calendar: str = "work", **differing: Any) -> LinkNow:
    """Give a link whose event a direct look did not find."""
    seen = in_calendar(session, calendar, said=None)
    return replace(seen, **({"said": None, "is_gone": True, "last_seen": minute(5)} | differing))


def an_event(start: datetime = T15, *, minutes: int = 60, zone: str = ZONE, **differing: Any) -> Event:
    """Give a single, timed event."""
    lasting = timedelta(minutes=minutes)
    begins = Moment(MomentKind.ZONED, start, zone, zone)
    plain = Event("uid-work", begins, replace(begins, local=start + lasting), lasting, summary="Maths")
    return replace(plain, **differing)


def planned(
    session: Session, links: Sequence[LinkNow], *, missing: Sequence[str] = (), link: str = NO_LINK
) -> SessionPlan:
    """Plan one session."""
    return plan(session, links, join_values={one.link.id: link for one in links}, missing=missing, now=NOW)
