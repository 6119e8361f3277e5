"""Takes a feed apart into one object per UID, each with a hash that changes only when the object does.

The whole feed is either understood or refused (a web page, nothing, a file that breaks off); one broken event among
good ones is left to whoever reads the object. Rules: sheet ics-feeds, "Meaning of a fetch".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from connectors.ical.limits import MOST_EVENTS
from connectors.ical.lines import hashed_id, parameters, short_id, split_line, unescaped, unfolded
from connectors.ical.zones import definition_of

_UID = re.compile(r"\nUID(?:;[^:\n]*)?:([^\n]*)", re.IGNORECASE)
_TZID = re.compile(r'TZID=(?:"([^"\n]*)"|([^:;,\n]*))')
_STAMP = "\nDTSTAMP"
_ODD_FRAME = re.compile(r"^(begin|end)[ \t]*:[ \t]*(\w+)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_KEPT_HEADER = ("METHOD", "X-WR-TIMEZONE")
_DIGEST_BYTES = 16
_MOST_ZONES = 600


class FeedDamaged(ValueError):
    """What came is not a whole calendar.

    Attributes:
        reason: half a sentence for people, fits behind "did not send a whole calendar".
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class FeedObject:
    """All events of one UID.

    Attributes:
        key: the UID, or a stable name made of start, title and organizer.
        digest: hash of everything but DTSTAMP, and of nothing that depends on the order in the feed.
        text: a whole VCALENDAR of its own, unfolded, LF line ends.
    """

    key: str
    digest: str
    text: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that was understood as a whole; `name` is "" if it has none."""

    name: str
    objects: tuple[FeedObject, ...]


@dataclass(slots=True)
class _Part:
    """One VCALENDAR of the file (several are allowed)."""

    header: dict[str, str] = field(default_factory=dict)
    zones: dict[str, str] = field(default_factory=dict)
    events: list[str] = field(default_factory=list)
    frees: list[str] = field(default_factory=list)
    is_closed: bool = False


def decoded(body: bytes, declared: str = "") -> str:
    """Read the bytes of a feed: UTF-8 by the RFC; else what was declared, else Windows' western letters."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", errors="replace")
    for charset in ("utf-8-sig", declared, "cp1252"):
        if charset:
            try:
                return body.decode(charset)
            except (UnicodeDecodeError, LookupError):
                continue
    return body.decode("latin-1")


def take_apart(text: str) -> Feed:
    """Take a feed apart.

    Raises:
        FeedDamaged: it is no whole calendar.
    """
    plain = unfolded(text)
    _require_calendar(plain)
    if _is_odd(plain):
        plain = _ODD_FRAME.sub(lambda found: f"{found[1]}:{found[2]}".upper(), plain)
    parts = _parts(plain)
    name = next((name for part in parts if (name := part.header.get("NAME") or part.header.get("X-WR-CALNAME"))), "")
    return Feed(unescaped(name).strip(), tuple(_objects(parts)))


def _is_odd(plain: str) -> bool:
    """Whether a BEGIN or END is not in capitals: put right at the price of a slow pass, instead of lost silently."""
    upper = plain.upper()
    return any(upper.count(frame) != plain.count(frame) for frame in ("\nBEGIN:V", "\nEND:V"))


def _require_calendar(plain: str) -> None:
    start = plain[:512].lstrip().lower()
    if not plain.strip():
        raise FeedDamaged("nothing at all came")
    if start.startswith(("<!doctype", "<html", "<?xml", "<head")):
        raise FeedDamaged("a web page came instead, perhaps a sign-in")
    if "begin:vcalendar" not in start and "begin:vcalendar" not in plain.lower():
        raise FeedDamaged("what came is no calendar")


def _parts(plain: str) -> list[_Part]:
    """Cut at each BEGIN; everything else here is finding the matching END."""
    parts: list[_Part] = []
    open_name, open_chunks = "", list[str]()
    for chunk in f"\n{plain}".split("\nBEGIN:")[1:]:
        component = chunk.partition("\n")[0].strip()
        # An event that is open while the next one begins lost its end: kept as it is, it will be reported as broken.
        if open_name and component in {"VEVENT", "VTIMEZONE", "VFREEBUSY", "VCALENDAR"}:
            _close(parts[-1], open_name, open_chunks, "")
            open_name = ""
        if component == "VCALENDAR":
            parts.append(_Part(_header(chunk)))
            _note_end(parts[-1], chunk)
            continue
        if not parts or parts[-1].is_closed:
            raise FeedDamaged("what came is no calendar")
        if not open_name:
            open_name, open_chunks = component, []
        open_chunks.append(chunk)
        end = f"\nEND:{open_name}"
        at = chunk.find(end)
        if at >= 0:
            open_chunks[-1] = chunk[:at]
            _close(parts[-1], open_name, open_chunks, end)
            _note_end(parts[-1], chunk[at + len(end) :])
            open_name = ""
    if open_name or not parts or not all(part.is_closed for part in parts):
        raise FeedDamaged("it breaks off in the middle")
    return parts


def _note_end(part: _Part, rest: str) -> None:
    part.is_closed |= "\nEND:VCALENDAR" in rest


def _close(part: _Part, component: str, chunks: list[str], end: str) -> None:
    text = "BEGIN:" + "\nBEGIN:".join(chunks) + end
    if component == "VEVENT":
        part.events.append(text)
    elif component == "VFREEBUSY":
        part.frees.append(text)
    elif component == "VTIMEZONE":
        tzid, definition = definition_of(text.split("\n"))
        part.zones.setdefault(tzid, definition)
        if len(part.zones) > _MOST_ZONES:
            raise FeedDamaged("it defines more time zones than there are")


def _header(chunk: str) -> dict[str, str]:
    header: dict[str, str] = {}
    for line in chunk.split("\n")[1:]:
        name, _, value = split_line(line)
        header.setdefault(name, value.strip())
    if header.get("VERSION") == "1.0":
        raise FeedDamaged("it is in the old format vCalendar 1.0")
    return header


def _objects(parts: list[_Part]) -> Iterator[FeedObject]:
    count = 0
    grouped: dict[str, tuple[_Part, list[str]]] = {}
    for part in parts:
        for event in (*part.events, *_busy_blocks(part.frees)):
            count += 1
            if count > MOST_EVENTS:
                raise FeedDamaged("it holds more events than anybody has")
            uid, text = _with_uid(event)
            grouped.setdefault(uid, (part, []))[1].append(text)
            if grouped[uid][0] is not part:  # one series over two calendars of the file: its zones may lie in either
                for tzid, definition in part.zones.items():
                    grouped[uid][0].zones.setdefault(tzid, definition)
    for uid, (part, events) in grouped.items():
        head = [f"{name}:{part.header[name]}" for name in _KEPT_HEADER if name in part.header]
        named = {(quoted or bare).strip() for event in events for quoted, bare in _TZID.findall(event)}
        head += [part.zones[tzid] for tzid in sorted(named & part.zones.keys())]
        hashed = "\n".join([*head, *sorted(map(_without_stamp, events))])
        digest = blake2b(hashed.encode("utf-8", errors="replace"), digest_size=_DIGEST_BYTES).hexdigest()
        text = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *head, *events, "END:VCALENDAR", ""])
        yield FeedObject(uid, digest, text)


def _with_uid(event: str) -> tuple[str, str]:
    """Give the event's UID and its text; one without gets a stable one of start, title and organizer."""
    # Alarms may have a UID, too (RFC 9074), so the event's own is looked for before them, and only then behind.
    nested = event.find("\nBEGIN:")
    found = _UID.search(event, 0, nested if nested >= 0 else len(event))
    if found is None and nested >= 0:
        found = _UID.search(_without_nested(event))
    uid = unescaped(found[1]).strip() if found is not None else ""
    if uid:
        return short_id(uid), event
    named = {name: value for name, _, value in map(split_line, _without_nested(event).split("\n"))}
    origin = "\n".join(named.get(name, "") for name in ("DTSTART", "SUMMARY", "ORGANIZER"))
    made = hashed_id(origin, "no-uid")
    lines = [line for line in event.split("\n") if not line.upper().startswith("UID:")]
    return made, "\n".join([lines[0], f"UID:{made}", *lines[1:]])


def _without_stamp(event: str) -> str:
    """Many publishers stamp every event anew at every fetch. Cut by hand: a tenth of a regular expression's time."""
    at = event.find(_STAMP)
    if at < 0:
        return event
    behind = event.find("\n", at + 1)
    return event[:at] + event[behind:] if behind >= 0 else event[:at]


def _without_nested(event: str) -> str:
    rows: list[str] = []
    depth = 0
    for row in event.split("\n"):
        depth += row.startswith("BEGIN:")
        if depth <= 1:
            rows.append(row)
        depth -= row.startswith("END:")
    return "\n".join(rows)


def _busy_blocks(frees: list[str]) -> Iterator[str]:
    """Read VFREEBUSY (RFC 5545, section 3.6.4): all that a free/busy feed has; each busy period becomes an event."""
    for free in frees:
        for line in free.split("\n"):
            name, params, values = split_line(line)
            if name != "FREEBUSY" or parameters(params).get("FBTYPE", "BUSY").upper() == "FREE":
                continue
            for period in filter(None, (value.strip() for value in values.split(","))):
                first, _, last = period.partition("/")
                length = f"DURATION:{last}" if last[:1] in {"P", "+", "p"} else f"DTEND:{last}"
                yield f"BEGIN:VEVENT\nUID:{period}@busy\nDTSTART:{first}\n{length}\nSUMMARY:Busy\nEND:VEVENT"
