"""A session in a calendar's words, and a calendar's words as values of a session.

Pure. What a calendar says is compared in its own words (so that a server's rewriting is no edit); only an edit is read.
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import replace

from connectors.vocabulary.events import Event, EventStatus, Marker, OwnFields
from connectors.vocabulary.times import REAL_YEARS, Moment, MomentKind, WallSpan, zone_named
from sync_agent.engine.naming import Naming
from sync_agent.engine.session_fields import canonical, span_of, value_of, when_value, where_value
from sync_agent.engine.values import CALENDAR_GROUPS, FieldGroup, Session

FENCE = "— TutorSync —"
_BLOCK = re.compile(r"\n*— TutorSync —\n.*?\n—+[ \t]*(?:\n|\Z)", re.DOTALL)
_ADDRESS = re.compile(r"https?://\S+")
_LINK_LINE = re.compile(r"^Join: (\S+)$", re.MULTILINE)


def block_of(join_url: str) -> str:
    """Give the fenced part of a description that is ours. Nothing to say, no block."""
    return f"{FENCE}\nJoin: {join_url}\n——" if join_url else ""


def without_block(description: str) -> str:
    """Give a description without our fenced part: what a person wrote."""
    return _BLOCK.sub("\n", description).strip("\n") if FENCE in description else description.strip("\n")


def description_of(notes: str, join_url: str) -> str:
    """Give the whole description of a session's event."""
    return "\n\n".join(part for part in (notes, block_of(join_url)) if part)


def link_value(join_url: str) -> str:
    """Spell the derived group."""
    return f'{{"join_url":{canonical(join_url)}}}'


def join_url_of(value: str) -> str:
    """Read what `link_value` wrote."""
    url: str = json.loads(value)["join_url"]
    return url


def join_url_in(event: Event) -> str:
    """Give the join link that an event shows, "" if none: in our part of its text, as such, or instead of a place."""
    found = _LINK_LINE.search(event.description) if FENCE in event.description else None
    if found:
        return found.group(1)
    location = event.location.strip()
    return event.conference or event.url or (location if _ADDRESS.fullmatch(location) else "")


def link_words(event: Event) -> str:
    """Say what of our derived fields an event holds, in its own words."""
    found = _LINK_LINE.search(event.description) if FENCE in event.description else None
    # As `canonical` spells the whole, put together from texts: those it spells ten times as fast.
    block, conference, url = map(canonical, (found.group(1) if found else "", event.conference, event.url))
    return f'{{"block":{block},"conference":{conference},"url":{url}}}'


def holds_link(words: str, join_url: str) -> bool:
    """Say whether `link_words` found this link; for "": whether they found none at all."""
    held = [text for text in json.loads(words).values() if text]
    return join_url in held if join_url else not held


def own_fields(session: Session, *, join_url: str, groups: frozenset[FieldGroup], marker: Marker) -> OwnFields:
    """Spell some groups of a session as fields of its event.

    Args:
        session: the hub.
        join_url: of its meeting, "" without one.
        groups: what is to be written; the rest is left alone. All of them for a creation.
        marker: always written.
    """
    touches_text = bool(groups & {FieldGroup.NOTES, FieldGroup.LINK})
    touches_place = bool(groups & {FieldGroup.WHERE, FieldGroup.LINK})
    return OwnFields(
        when=session.when if FieldGroup.WHEN in groups else None,
        summary=session.title if FieldGroup.TITLE in groups else None,
        location=(session.place or join_url) if touches_place else None,
        description=description_of(session.notes, join_url) if touches_text else None,
        url=join_url if FieldGroup.LINK in groups else None,
        conference=join_url if FieldGroup.LINK in groups else None,
        marker=marker,
    )


def written_with(groups: frozenset[FieldGroup]) -> frozenset[FieldGroup]:
    """Give all groups that a write of these touches: the link stands in the same text as notes and place.

    What a server makes of them in that write is its spelling, and nobody's edit.
    """
    return groups | {FieldGroup.NOTES, FieldGroup.WHERE} if FieldGroup.LINK in groups else groups


def marker_for(session: Session, *, naming: Naming, calendar: str, uid: str, version: int) -> Marker:
    """Make the marker of a session's event: who wrote it and a short hash of each group as written."""
    hashes = tuple((group.value, short_hash(value_of(session, group))) for group in CALENDAR_GROUPS)
    key = naming.keys.get(calendar, "")
    return Marker(tenant=naming.tenant, session=session.id, calendar=key, uid=uid, version=version, hashes=hashes)


def short_hash(text: str) -> str:
    """Give twelve hex digits by which a value is recognised."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def words_of(event: Event) -> dict[FieldGroup, str]:
    """Give what an event says, group by group, in the calendar's own words: what bases are compared with."""
    return {
        FieldGroup.WHEN: f"[{canonical(_moment_words(event.start))},{int(event.duration.total_seconds())}]",
        FieldGroup.WHERE: event.location,
        FieldGroup.TITLE: event.summary,
        FieldGroup.NOTES: without_block(event.description),
        FieldGroup.LINK: link_words(event),
    }


def words_for(group: FieldGroup, value: str) -> str:
    """Give the words in which a calendar that rewrites nothing says a hub value."""
    match group:
        case FieldGroup.WHEN:
            when = span_of(value)
            moment = Moment(MomentKind.ZONED, when.start, when.zone)
            return f"[{canonical(_moment_words(moment))},{int(when.duration.total_seconds())}]"
        case FieldGroup.WHERE:
            place: str = json.loads(value)["place"]
            return place
        case _:
            return value


def values_of(event: Event, session: Session, *, own_links: frozenset[str]) -> dict[FieldGroup, str]:
    """Read one single, timed event of ours as values of its session.

    Args:
        event: as the calendar holds it; its shape is "single".
        session: the hub, for what a calendar cannot say (online or not; the zone, which only the app changes).
        own_links: every join link that we may have written there; as a location they are ours, not a place.
    """
    return {FieldGroup.WHEN: _when_read(event, session), **texts_of(event, session, own_links=own_links)}


def texts_of(event: Event, session: Session, *, own_links: frozenset[str]) -> dict[FieldGroup, str]:
    """Read what can be read of an event of ours in whatever shape: all but when it is (`values_of`)."""
    location = event.location.strip()
    place = "" if location in own_links else location
    return {
        FieldGroup.WHERE: where_value(online=session.online, place=place),
        FieldGroup.TITLE: event.summary.strip(),
        FieldGroup.NOTES: without_block(event.description).strip(),
    }


def shape_of(events: tuple[Event, ...]) -> str:
    """Say what an object of ours has become.

    Returns:
        "single"; or "series", "all_day", "floating", "zero", "long", "unreal" (in a year that no session can lie in),
        "cancelled", "empty".
    """
    if not events:
        return "empty"
    event = events[0]
    if event.status is EventStatus.CANCELLED or event.declined:
        return "cancelled"
    if event.is_recurring or len(events) > 1:
        return "series"
    match event.start.kind:
        case MomentKind.DATE:
            return "all_day"
        case MomentKind.FLOATING:
            return "floating"
        case _:
            pass
    if event.duration.total_seconds() <= 0:
        return "zero"
    # A year less at each end: in the session's own zone it may be another day.
    if not REAL_YEARS.start < event.start.local.year < REAL_YEARS.stop - 1:
        return "unreal"
    return "single" if event.duration.total_seconds() < 24 * 3600 else "long"


HEARD = frozenset({"series", "all_day", "floating", "zero", "long", "unreal"})
"""What an event of ours can become that is still its session's event: the tutor is asked about its shape alone."""


def can_be_read(events: tuple[Event, ...]) -> bool:
    """Whether an object can be read as values of its session: single and timed, also where it was called off."""
    shape = shape_of(events)
    if shape != "cancelled":
        return shape == "single"
    return shape_of((replace(events[0], status=EventStatus.CONFIRMED, declined=False), *events[1:])) == "single"


def _moment_words(moment: Moment) -> str:
    zone = moment.tzid or moment.zone or ("Z" if moment.kind is MomentKind.UTC else "")
    return f"{moment.local.isoformat()} {zone}".strip()


def _when_read(event: Event, session: Session) -> str:
    """Read when an event is, in the session's own zone: only the app or the platform changes a session's zone."""
    start = event.start
    zone = session.when.zone
    if start.kind is MomentKind.ZONED and start.zone == zone:
        local = start.local
    else:
        local = start.instant(zone).astimezone(zone_named(zone)).replace(tzinfo=None)
    return when_value(WallSpan(local, zone, event.duration))


def spellings(group: FieldGroup, value: str) -> tuple[str, ...]:
    """Give the hub values that are one in a calendar's words: it cannot say whether a session is online."""
    if group is not FieldGroup.WHERE:
        return (value,)
    place = json.loads(value)["place"]
    return (where_value(online=False, place=place), where_value(online=True, place=place))


def unescaped(group: FieldGroup, value: str) -> tuple[str, ...]:
    """Give the hub values of which a server that escapes what it gets makes this one; none where it has no escapes."""
    match group:
        case FieldGroup.TITLE | FieldGroup.NOTES:
            plain = html.unescape(value)
            return (plain,) if plain != value else ()
        case FieldGroup.WHERE:
            place = json.loads(value)["place"]
            plain = html.unescape(place)
            return spellings(group, where_value(online=False, place=plain)) if plain != place else ()
        case _:
            return ()


def when_as_written(event: Event) -> str:
    """Read when an event is, in the zone that it names: as the session said it whose zone that was. "" without one."""
    start = event.start
    return when_value(WallSpan(start.local, start.zone, event.duration)) if start.zone else ""


def is_rewriting(group: FieldGroup, sent: str, got: str) -> bool:
    """Whether a server may have made `got` of our `sent` (hub values): cut, re-spaced, re-escaped, another zone.

    Used only where the answer to a write carries no ETag to tell our object from somebody's edit right after it.
    """
    if sent == got:
        return True
    match group:
        case FieldGroup.WHEN:
            one, other = span_of(sent), span_of(got)
            return (one.starts_at, one.duration) == (other.starts_at, other.duration)
        case FieldGroup.WHERE:
            return is_rewriting(FieldGroup.NOTES, json.loads(sent)["place"], json.loads(got)["place"])
        case _:
            flat_sent, flat_got = _flat(sent), _flat(got)
            return flat_sent == flat_got or (len(flat_got) >= _SHORTEST_CUT and flat_sent.startswith(flat_got))


_SHORTEST_CUT = 40
_TAGS = re.compile(r"<[^>]+>")


def _flat(text: str) -> str:
    """Give what is left of a text when escapes, tags, backslashes and spaces are nobody's business."""
    return " ".join(_TAGS.sub(" ", html.unescape(text)).replace("\\", "").split())
