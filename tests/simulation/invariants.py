"""The invariants, each one function that gives what breaks it in sentences.

They compare the engine, the servers and the platform with the ledger: what people really did. I14 is watched in
`order`; I7, I9 and I13 in `stage`, while the engine writes; I10 after each start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.vocabulary.sessions import SessionStatus
from sync_agent.engine.desk.undo import UNDOABLE
from sync_agent.engine.ids import meeting_marker
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.sync.plan import WINDOW_BACK
from sync_agent.engine.sync.spell import description_of, holds_link, link_words, without_block
from sync_agent.engine.values import CalendarRow, FieldGroup, MeetingRow, Role, Session
from tests.simulation.device import HOME_ZONE, TENANT, Device
from tests.simulation.ledger import GROUPS, Edit, Ending, Ledger, is_plain, token_in, tokens_of_event, tokens_of_session
from tests.simulation.mirrored import is_mirrored, was_typed_too_late
from tests.simulation.stage import Stage
from tests.simulation.unsaid import types_anew, was_taken_back, went_aside
from tests.simulation.world.calendar_server import CalendarServer, Stored
from tests.simulation.world.texts import events_of, raw_of, spelled, when_raw


@dataclass(frozen=True, slots=True)
class Rest:
    """Everything as it stands when nobody does anything any more."""

    stage: Stage
    sessions: Mapping[str, Session]
    meetings: Mapping[str, MeetingRow]
    calendars: tuple[CalendarRow, ...]
    log: Mapping[str, tuple[Activity, ...]]

    @classmethod
    def of(cls, stage: Stage, device: Device | None = None) -> Rest:
        store = (device or stage.device).store
        with store.read() as connection:
            sessions = store.sessions.many(connection, stage.ledger.sessions)
            log: dict[str, list[Activity]] = {}
            for entry in _entries(stage):
                log.setdefault(entry.session or "", []).append(entry)
            return cls(
                stage,
                sessions,
                store.meetings.of_sessions(connection, sessions),
                tuple(store.accounts.calendars(connection)),
                {session: tuple(entries) for session, entries in log.items()},
            )

    def places(self) -> Iterator[tuple[CalendarRow, CalendarServer]]:
        """Give the calendars that take sessions, each with its server."""
        for row in self.calendars:
            for server in self.stage.servers:
                if row.role is Role.SESSIONS and row.remote_id in server.collections:
                    yield row, server

    def events(self, session: str, remote_id: str, server: CalendarServer) -> list[Stored]:
        """Give the events of a session in one calendar."""
        uids = self.stage.ledger.uids
        return [
            one for one in server.collections[remote_id].objects.values()
            if uids.get(raw_of(one.body)["uid"]) == session and raw_of(one.body)["status"] != "CANCELLED"
        ]  # fmt: skip


def _entries(stage: Stage) -> Iterator[Activity]:
    """Give what stands in the logs of all laptops, newest first in each: each tells what it took from whom.

    And what stood in those that went with their store: there it could be brought back until then.
    """
    yield from stage.lost_logs
    for device in stage.devices:
        with device.store.read() as connection:
            yield from device.store.activity.newest(connection, limit=10_000)


def settled(stage: Stage) -> bool:
    """Whether the engine has nothing left to do and all sides agree."""
    store = stage.device.store
    with store.read() as connection:
        if store.sessions.has_unsettled(connection) or store.journal.unsettled(connection):
            return False
    rest = Rest.of(stage)
    unknown = [one for one in stage.ledger.sessions if one not in rest.sessions and one not in stage.ledger.forgotten]
    if any(not _was_never_told(stage, one) for one in unknown):
        return False
    return not any(True for check in (one_object_each, all_agree, one_meeting_each) for _ in check(rest))


def at_rest(stage: Stage) -> Iterator[str]:
    """Check everything that must hold at rest."""
    rest = Rest.of(stage)
    for check in (
        nothing_is_lost, nothing_is_made_up, one_object_each, all_agree, one_meeting_each, every_write_has_a_cause,
        foreign_is_untouched, nothing_is_cancelled_by_itself,
    ):  # fmt: skip
        yield from check(rest)
    for wrong in stage.device.faults_in_store():
        yield f"I10: {wrong}"


def nothing_is_lost(rest: Rest) -> Iterator[str]:
    """I1. Each edit is the final value, or was replaced by one that was made where it showed, or the log keeps it.

    Excepted, and counted: what a server with ignored preconditions itself overwrote.
    """
    for session in rest.stage.ledger.sessions:
        hub = rest.sessions.get(session)
        if session in rest.stage.ledger.unsaved:
            continue
        if hub is None and (_was_never_told(rest.stage, session) or session in rest.stage.ledger.forgotten):
            continue
        if hub is None:
            yield f"I1: session {session[-4:]} is not in the hub"
            continue
        final, edits = tokens_of_session(hub), rest.stage.ledger.of(session)
        kept = _kept(rest.log.get(session, ()))
        endings = rest.stage.ledger.endings_of(session)
        removals = [one for one in rest.stage.ledger.removals if one.session == session]
        for edit in edits:
            fate = _fate(edit, edits, endings + removals, final[edit.group], kept)
            if edit.place in rest.stage.ledger.excused or edit.is_aside:
                continue
            if was_typed_too_late(rest.stage, hub, rest.calendars, edit):
                continue
            if edit.group is FieldGroup.WHEN and edit.number <= rest.stage.ledger.refused.get(session, 0):
                continue
            if edit.side == "app" and not rest.stage.ledger.doubt:
                yield from _beaten_by_older(edit, edits, final[edit.group])
            if fate == "kept" and not rest.stage.ledger.doubt and not rest.stage.ledger.was_replaced:
                # Where a store went, what showed where is known to nobody.
                yield from _beaten_by_its_own_past(edit, edits, final[edit.group])
            if fate:
                continue
            yield (
                f"I1: {edit.group.value} {edit.token} of {session[-4:]}, made at {edit.side}, is lost: "
                f"it is {final[edit.group] or 'empty'} now, and the log does not keep it"
            )
        if hub.is_live and not hub.is_over(rest.stage.clock.at):
            yield from _lost_endings(rest, hub, edits, endings)


def _was_never_told(stage: Stage, session: str) -> bool:
    """Whether a session was ended on another laptop before the platform heard of it: then nobody else needs to."""
    return len(stage.devices) > 1 and stage.platform is not None and session not in stage.platform.records


def _beaten_by_older(edit: Edit, edits: list[Edit], final: str) -> Iterator[str]:
    """Nothing that was typed in a calendar beats what was typed later in the app."""
    if edit.token == final or any(one.saw == edit.token and one.number > edit.number for one in edits):
        return
    winners = [one for one in edits if one.group is edit.group and one.token == final]
    if winners and all(one.side not in ("app", "platform") and one.number < edit.number for one in winners):
        yield f"I1: {edit.group.value} {edit.token} lost to {final}, which was typed earlier at {winners[0].side}"


def _beaten_by_its_own_past(edit: Edit, edits: list[Edit], final: str) -> Iterator[str]:
    """What was typed where another value showed never loses to that value: one knew of the other.

    A value that an undo typed anew may be of either edit: then nobody can say.
    """
    winners = {one.number for one in edits if one.group is edit.group and one.token == final}
    if len(winners) == 1 and winners <= _behind(edit, edits):
        yield f"I1: {edit.group.value} {edit.token}, made at {edit.side}, lost to {final}, over which it was typed"


def _behind(edit: Edit, edits: list[Edit]) -> set[int]:
    """Give the edits over which one was typed, and over which those were."""
    found, todo = set[int](), [edit]
    while todo:
        one = todo.pop()
        seen = (other for other in edits if other.group is one.group and other.token == one.saw)
        made = [other for other in seen if other.number < one.number and other.number not in found]
        found |= {other.number for other in made}
        todo += made
    return found


def _fate(
    edit: Edit, edits: list[Edit], endings: list[Ending], final: str, kept: Mapping[tuple[FieldGroup, str], datetime]
) -> str:
    if edit.token == final:
        return "final"
    if any(one.group is edit.group and one.saw == edit.token and one.number > edit.number for one in edits):
        return "replaced"
    if (edit.group, edit.token) in kept:
        return "kept"
    if any(one.number > edit.number and one.saw.get(edit.group) == edit.token for one in endings):
        return "deleted by somebody who saw it"
    return ""


def _kept(log: tuple[Activity, ...]) -> dict[tuple[FieldGroup, str], datetime]:
    """Give what the log keeps beside what replaced it, so that one key brings it back, with when it was replaced."""
    kept: dict[tuple[FieldGroup, str], datetime] = {}
    for entry in log:
        lost = entry.before if entry.lost_value is None else entry.lost_value
        if entry.kind in UNDOABLE and entry.field_group and lost is not None:
            group = FieldGroup(entry.field_group)
            key = (group, token_in(group, lost))
            kept[key] = min(entry.at, kept.get(key, entry.at))
    return kept


def _lost_endings(rest: Rest, hub: Session, edits: list[Edit], endings: list[Ending]) -> Iterator[str]:
    """A cancellation or deletion that nothing spoke against must have ended the session."""
    is_heard = rest.stage.ledger.may_be_heard
    for ending in endings:
        if ending.void or not ending.sure or _rivals(ending, edits, {}, surely=False, is_heard=is_heard):
            continue
        if _reshapings(rest.stage.ledger, ending):
            continue
        yield f"I1: {hub.id[-4:]} was ended at {ending.side}, nothing spoke against it, and it lives"


def _reshapings(ledger: Ledger, ending: Ending) -> list[Ending]:
    """Give the events of a session that somebody had made into something else, of which an ending did not know."""
    return [
        one
        for one in ledger.removals
        if one.session == ending.session and not one.is_moved and not _was_asked(ledger, one, ending)
    ]


def _was_asked(ledger: Ledger, removal: Ending, ending: Ending) -> bool:
    """Whether somebody was asked what is to become of an event before a session was ended."""
    return any(removal.number < one < ending.number for one in ledger.asked_of.get(ending.session, ()))


def _rivals(
    ending: Ending,
    edits: list[Edit],
    kept: Mapping[tuple[FieldGroup, str], datetime],
    *,
    surely: bool,
    doubt: timedelta = timedelta(0),
    is_heard: Callable[[Edit], bool] = lambda _: False,
) -> list[Edit]:
    """Give the edits that are concurrent with an ending: neither was made where the other showed.

    What had lost, or was replaced where it showed, before the ending was made does not count; an undo, "a new edit
    whose origin is the person who undid", is not replaced by what was typed elsewhere over the old value.

    Args:
        ending: a cancellation or deletion.
        edits: all of that session.
        kept: what the log keeps.
        is_heard: says of what was typed in an event that is no session's whether it may count: where that event follows
            its session all the same, or stands in a calendar that is being left.
        surely: an undo types an old value anew, so that a value may be of either edit: count only what is beyond doubt.
        doubt: so far apart the log's clock and the world's may be.
    """
    known = _ancestors(ending, edits, widely=surely)
    return [
        edit
        for edit in edits
        if edit.number not in known
        and not edit.is_making
        and not (edit.is_aside and (surely or not is_heard(edit)))
        and not (edit.after_end and edit.number > ending.number)
        and not any(
            one.group is edit.group
            and one.saw == edit.token
            and edit.number < one.number < ending.number
            and (surely or one.side == edit.side or not types_anew(edit, edits))
            for one in edits
        )
        and not _had_lost(edit, ending, kept, doubt)
        and not (surely and was_taken_back(edit, ending, edits, known))
    ]


def _had_lost(edit: Edit, ending: Ending, kept: Mapping[tuple[FieldGroup, str], datetime], doubt: timedelta) -> bool:
    """Whether the log had an edit among what lost already when a session was ended."""
    at = kept.get((edit.group, edit.token))
    return at is not None and at < ending.at + doubt


def _ancestors(ending: Ending, edits: list[Edit], *, widely: bool) -> set[int]:
    """Give the edits behind what somebody saw who ended a session."""
    found = set[int]()
    todo = [(group, token, ending.number) for group, token in ending.saw.items()]
    while todo:
        group, token, before = todo.pop()
        made = [one for one in edits if one.group is group and one.token == token and one.number < before]
        for one in made if widely else made[:1]:
            if one.number not in found:
                found.add(one.number)
                todo.append((group, one.saw, one.number))
    return found


def _hours_asked_about(ledger: Ledger, ending: Ending) -> set[int]:
    """Give the changed hours of events that were reshaped, and asked about, before a session was ended.

    Such an event's dates are what the question is about ("put back / unlink / adopt the dates"): whoever ended
    the session then, instead of an answer, had them before their eyes. Its other fields are heard.
    """
    asked = [
        one
        for one in ledger.removals
        if one.session == ending.session and not one.is_moved and _was_asked(ledger, one, ending)
    ]
    edits = ledger.of(ending.session)
    hours = {one.number for one in edits if one.group is FieldGroup.WHEN}
    return {number for one in asked for number in _ancestors(one, edits, widely=True)} & hours


def _went_aside(rest: Rest, session: str) -> set[int]:
    """Give the edits that went with an event that was moved out of its calendars, and did not follow its session."""
    ledger, edits = rest.stage.ledger, rest.stage.ledger.of(session)
    if any(one == session for one, _ in ledger.followed):
        return set()
    moved = [one for one in ledger.removals if one.session == session and one.is_moved]
    log = rest.log.get(session, ())
    return {number for one in moved for number in went_aside(one, edits, _ancestors(one, edits, widely=True), log)}


def nothing_is_cancelled_by_itself(rest: Rest) -> Iterator[str]:
    """I8. A session is cancelled only if a person ended it, and nobody edited it meanwhile."""
    doubt = rest.stage.ledger.doubt
    for session, hub in rest.sessions.items():
        if hub.is_live or session in rest.stage.ledger.unsaved:
            continue
        endings = rest.stage.ledger.endings_of(session)
        refused = rest.stage.ledger.refused.get(session, 0)
        edits = [
            one
            for one in rest.stage.ledger.of(session)
            if (one.group is not FieldGroup.WHEN or one.number > refused or one.is_making)
            and one.place not in rest.stage.ledger.excused
        ]
        real = [one for one in endings if not one.void or one.side != "app"]
        if not real:
            yield f"I8: {session[-4:]} is cancelled, and nobody did that"
            continue
        kept = _kept(rest.log.get(session, ()))
        rivals = [
            {edit.number for edit in _rivals(one, edits, kept, surely=True, doubt=doubt)}
            - _hours_asked_about(rest.stage.ledger, one)
            for one in real
        ]
        unknown = set.intersection(*rivals) - _went_aside(rest, session)
        if unknown:
            against = sorted(edit.token for edit in edits if edit.number in unknown)
            yield f"I8: {session[-4:]} is cancelled although somebody edited it meanwhile: {against}"


def nothing_is_made_up(rest: Rest) -> Iterator[str]:
    """I2. Every final value is what somebody typed, as the side where they typed it stored it."""
    for session, hub in rest.sessions.items():
        final = tokens_of_session(hub)
        values = {FieldGroup.TITLE: hub.title, FieldGroup.NOTES: hub.notes, FieldGroup.WHERE: hub.place}
        for group in GROUPS:
            made = [one for one in rest.stage.ledger.of(session) if one.group is group and one.token == final[group]]
            if not made:
                yield f"I2: {group.value} of {session[-4:]} is {final[group] or 'empty'}, which nobody typed"
            elif rest.stage.ledger.was_replaced:
                continue  # of what was under way nobody knows how it was sent: it is what a side made of it
            elif group in values and not any(_is_as_typed(values[group], one) for one in made):
                yield f"I2: {group.value} of {session[-4:]} is {values[group]!r}, typed was {made[0].value!r}"


def _is_as_typed(value: str, edit: Edit) -> bool:
    typed = without_block(edit.value) if edit.group is FieldGroup.NOTES else edit.value
    # A WHERE without a token is a session online: its event's location is the link.
    return value.strip() == typed.strip() or not edit.token


def one_object_each(rest: Rest) -> Iterator[str]:
    """I3. A live session has exactly one event of ours in each calendar for sessions, a dead one none."""
    now = rest.stage.clock.at
    for session, hub in rest.sessions.items():
        for row, server in rest.places():
            if hub.is_over(now) or (session, row.remote_id) in rest.stage.ledger.loose:
                continue
            found = rest.events(session, row.remote_id, server)
            wanted = 1 if hub.is_live else 0
            if len(found) != wanted:
                yield f"I3: {session[-4:]} ({hub.status.value}) has {len(found)} events in {row.remote_id}"


def all_agree(rest: Rest) -> Iterator[str]:
    """I4. All sides say the same in every authored field, each in its own spelling."""
    for session, hub in rest.sessions.items():
        url = rest.meetings[session].join_url if session in rest.meetings else ""
        for row, server in rest.places():
            if (session, row.remote_id) in rest.stage.ledger.loose or not hub.is_live:
                continue
            if not is_mirrored(rest.stage, hub, row):
                continue
            for one in rest.events(session, row.remote_id, server):
                for what in _differing(hub, one, url, server):
                    if what.startswith("link") and (session, row.remote_id) in rest.stage.ledger.unsure_links:
                        continue
                    yield f"I4: {session[-4:]} differs in {what} at {row.remote_id}"
        yield from _platform_differs(rest, session, hub)


def _differing(hub: Session, one: Stored, url: str, server: CalendarServer) -> Iterator[str]:
    event, raw = events_of(one.body)[0], raw_of(one.body)
    if not is_plain(event):
        yield "shape"
        return
    written = {
        **raw, "summary": hub.title, "location": hub.place or url, "description": description_of(hub.notes, url),
        "when": when_raw(hub.when),
    }  # fmt: skip
    stored = raw_of(server.rewritten(spelled(written)))
    hub_says = {"summary": hub.title, "location": hub.place or url, "description": hub.notes}
    for name, value in hub_says.items():
        says, spells = without_block(raw[name]).strip(), without_block(stored[name]).strip()
        if says not in (spells, value.strip()):
            yield f"{name}: it says {says!r}, the hub {value!r}"
    if tokens_of_event(event, HOME_ZONE)[FieldGroup.WHEN] != tokens_of_session(hub)[FieldGroup.WHEN]:
        yield f"when: it says {event.start.local} {event.start.zone}, the hub {hub.when.start} {hub.when.zone}"
    if not holds_link(link_words(event), url):
        yield f"link: it says {link_words(event)}, the meeting is {url!r}"


def _platform_differs(rest: Rest, session: str, hub: Session) -> Iterator[str]:
    platform = rest.stage.platform
    if platform is None or session in platform.hidden or (session, "platform") in rest.stage.ledger.loose:
        return
    record = platform.records.get(session)
    if record is None and not hub.is_live:
        return  # it was taken back before the platform ever heard of it
    if record is None and hub.when.ends_at < rest.stage.clock.at - WINDOW_BACK:
        return  # it was long over before the platform could hear of it
    if record is None:
        yield f"I4: {session[-4:]} is not on the platform"
        return
    for name in ("title", "notes", "place", "online", "when", "status"):
        there, here = getattr(record, name), getattr(hub, name)
        if there != here:
            yield f"I4: {session[-4:]} differs in {name} on the platform: {there!r}, here {here!r}"


def one_meeting_each(rest: Rest) -> Iterator[str]:
    """I5. A live session online has one meeting, and that is the one whose link everybody sees; others have none."""
    server = rest.stage.meetings
    if server is None:
        return
    now = rest.stage.clock.at
    if server.doubled:
        yield f"I5: {len(server.doubled)} meetings were made although theirs was there"
    for session, hub in rest.sessions.items():
        row = rest.meetings.get(session)
        if row is not None and row.provider == "room":
            continue  # the tutor's own link, which stood in the event that was adopted: `all_agree` compares it
        wanted = hub.online and hub.status is SessionStatus.PLANNED and not hub.is_over(now)
        marker = meeting_marker(TENANT, session)
        if wanted and (row is None or not server.is_living(row.join_url)) and marker not in server.gone_late:
            # What is removed late is missed when everything is looked at, ten minutes later or with the next sweep.
            yield f"I5: {session[-4:]} has no meeting"
        took_place = hub.is_live and hub.is_over(now)
        if not (wanted or took_place) and row is not None and row.remote_id and server.is_living(row.join_url):
            yield f"I5: {session[-4:]} needs no meeting and has one"
        if marker not in server.made_late and len(server.find(marker)) > 1:
            yield f"I5: {session[-4:]} has {len(server.find(marker))} meetings"


def every_write_has_a_cause(rest: Rest) -> Iterator[str]:
    """I6, first half. Each write names its cause; the rest is counted in idle passes."""
    store = rest.stage.device.store
    with store.read() as connection:
        for row in store.journal.recent(connection, limit=10_000):
            if not row.cause:
                yield f"I6: {row.verb.value} of {row.href} names no cause"


def cursors_cover(stage: Stage) -> list[str]:
    """I10, after each pass that came to its end: the cursor moved with the mirror, and waited for nothing."""
    store = stage.device.store
    with store.read() as connection:
        cursors = store.accounts.cursors(connection)
        rows = store.accounts.calendars(connection)
    stored = {row.remote_id: cursors[row.id].token for row in rows if row.id in cursors}
    return [
        f"I10: {place} was read until {token}, and the cursor is at {stored.get(place)}"
        for place, token in stage.read_until.items()
        if stored.get(place) != token
    ]


def foreign_is_untouched(rest: Rest) -> Iterator[str]:
    """I7. What we do not own is byte for byte what its last foreign writer left."""
    for server, place in rest.stage.collections():
        del server
        for key, body in ((k, b) for (where, k), b in rest.stage.foreign.items() if where == place.remote_id):
            there = place.objects.get(key)
            if there is None or there.body != body:
                yield f"I7: the foreign object {key} was touched"
