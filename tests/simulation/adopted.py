"""What became of events that a person made by hand: which of them are sessions', and which are their owner's again.

The world notes it before anybody does anything more: what a session was made with is what its event said then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from connectors.vocabulary.times import zone_named
from sync_agent.engine.sync.adopting import DONE
from sync_agent.engine.sync.plan import WINDOW_AHEAD
from sync_agent.engine.sync.series import Stage as How
from sync_agent.engine.values import FieldGroup, QuestionKind, Role
from tests.simulation.device import HOME_ZONE, Device
from tests.simulation.ledger import GROUPS, Handmade, tokens_of_event, when_token
from tests.simulation.world.texts import events_of, raw_of, spelled

if TYPE_CHECKING:
    from connectors.vocabulary.events import Event
    from sync_agent.engine.store.questions import Question
    from tests.simulation.stage import Stage
    from tests.simulation.world.calendar_server import Touch

_WEEK, _MOST_DATES = timedelta(days=7), 60
EVENT, SERIES, GIVEN_UP = "an event is adopted", "a series is adopted", "an adopted event is given up"


def note_adopted(stage: Stage) -> None:
    """Note of which events by hand sessions were made since this was last noted."""
    ledger = stage.ledger
    if not ledger.handmade:
        return
    noted = set[tuple[str, str]]().union(*(one.wishes for one in ledger.handmade.values()))
    for device in stage.devices:
        for wish in _wishes(device):
            if (device.name, wish.id) in noted or not wish.facts.get("sessions"):
                continue
            # Of several the one that was carried out last: those before it were taken back.
            one = ledger.handmade[wish.facts["uid"]]
            one.wishes.add((device.name, wish.id))
            one.wish, one.sessions = (device.name, wish.id), tuple(wish.facts["sessions"])
            one.is_series = wish.facts.get("stage") is not None
            _note_sessions(stage, one, wish)


def _wishes(device: Device) -> list[Question]:
    with device.store.read() as connection:
        return device.store.questions.of_kinds(connection, [QuestionKind.ADOPT])


def _wish(stage: Stage, name: tuple[str, str]) -> Question | None:
    device = next((one for one in stage.devices if one.name == name[0]), stage.device)
    with device.store.read() as connection:
        return device.store.questions.get(connection, name[1])


def _note_sessions(stage: Stage, one: Handmade, wish: Question) -> None:
    ledger, event = stage.ledger, events_of(one.body)[0]
    if not one.is_series:
        (session,) = one.sessions
        ledger.uids[one.uid] = ledger.adopted[one.uid] = session
        ledger.given_up.discard(one.uid)
        stage.foreign.pop((one.place, one.key), None)
        dates = [tokens_of_event(event, HOME_ZONE)[FieldGroup.WHEN]]
    else:
        cut = datetime.fromisoformat(wish.facts["cut"])
        dates = [when_token(at, event.duration) for at in _dates(event) if cut <= at < cut + WINDOW_AHEAD]
    stage.met.faults[f"{SERIES if one.is_series else EVENT} · laptop"] += 1
    stage.say(f"  adopted: {one.uid} is {[session[-4:] for session in one.sessions]}")
    if len(dates) != len(one.sessions):
        stage.broken.append(f"I2: {one.uid} has {len(dates)} dates to come, and became {len(one.sessions)} sessions")
    for session, date in zip(one.sessions, dates, strict=False):
        _note_making(stage, one, session, date)


def _note_making(stage: Stage, one: Handmade, session: str, date: str) -> None:
    raw, tokens = raw_of(one.body), tokens_of_event(events_of(one.body)[0], HOME_ZONE)
    tokens[FieldGroup.WHEN] = date
    values = {
        FieldGroup.TITLE: raw["summary"], FieldGroup.NOTES: raw["description"], FieldGroup.WHERE: raw["location"],
    }  # fmt: skip
    stage.ledger.sessions.append(session)
    for group in GROUPS:
        stage.ledger.edit(
            session, group, token=tokens[group], value=values.get(group, date), saw="", side=one.place,
            at=stage.clock.now(), is_making=True,
        )  # fmt: skip


def _dates(event: Event) -> list[datetime]:
    """Give when the dates of a weekly series begin: counted here, not as the engine counts them."""
    (rule,) = event.rrule
    named = dict(part.split("=") for part in rule.split(";"))
    zone = zone_named(event.start.zone or HOME_ZONE)
    count = int(named.get("COUNT", _MOST_DATES))
    begins = [(event.start.local + number * _WEEK).replace(tzinfo=zone) for number in range(count)]
    until = named.get("UNTIL")
    last = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) if until else begins[-1]
    return [one.astimezone(UTC) for one in begins if one <= last]


# What the engine writes there -----------------------------------------------------------------------------------------


def is_given_up(stage: Stage, raw: Mapping[str, Any]) -> bool:
    """Whether what the engine writes to an event that was adopted makes it its owner's again."""
    return raw["uid"] in stage.ledger.adopted and raw["marker"] is None


def may_end(stage: Stage, uid: str) -> bool:
    """Whether an object is a series whose dates became sessions: it is ended, and put back if that is undone."""
    one = stage.ledger.handmade.get(uid)
    return one is not None and one.is_series


def comes_late_to_its_owners(stage: Stage, touch: Touch) -> bool:
    """Whether a write arrives in an event that was given up since it was sent.

    Our marker has to go again, if its server keeps it. Where the server drops markers, nothing is ours again.
    """
    if touch.after is None or not stage.network.is_late:
        return False
    ledger, raw = stage.ledger, raw_of(touch.sent)
    if raw["uid"] not in ledger.handmade or raw["uid"] in ledger.uids or may_end(stage, raw["uid"]):
        return False
    if raw_of(touch.after.body)["marker"] is None:
        stage.foreign[touch.collection, touch.key] = touch.after.body
    else:
        ledger.uids[raw["uid"]] = ledger.adopted[raw["uid"]] = raw["marker"]["session"]
        ledger.given_up.add(raw["uid"])
        stage.foreign.pop((touch.collection, touch.key), None)
    stage.met.excused["a write arrived in an adopted event after that was given up"] += 1
    return True


def note_written(stage: Stage, touch: Touch) -> None:
    """Note a write of the engine to an event that a person made: what it gave up is its owner's again."""
    ledger, place = stage.ledger, (touch.collection, touch.key)
    uid = raw_of(touch.sent if touch.after is not None else touch.before.body if touch.before else "{}")["uid"]
    one = ledger.handmade.get(uid)
    if one is None:
        return
    if may_end(stage, uid):
        if touch.after is None:
            stage.foreign.pop(place, None)
        else:
            stage.foreign[place] = touch.after.body
        return
    if uid not in ledger.adopted:
        return
    if touch.after is None:
        if uid in ledger.given_up or stage.roles[touch.collection] is not Role.SESSIONS:
            stage.broken.append(f"I7: {touch.key} is the tutor's own, and was removed instead of given up")
        return
    if is_given_up(stage, raw_of(touch.sent)):
        one.place, one.key, one.body = touch.collection, touch.key, touch.after.body
        stage.foreign[place] = one.body
        before = raw_of(touch.before.body) if touch.before is not None else {}
        stage.met.faults[f"{GIVEN_UP} · laptop"] += 1
        _is_its_owners(stage, uid, was_marked=before.get("marker") is not None)


def note_given_up(stage: Stage, session: str) -> None:
    """Note that the tutor took an adoption back."""
    ledger = stage.ledger
    ledger.given_up |= {uid for uid, adopted in ledger.adopted.items() if adopted == session}


# At rest --------------------------------------------------------------------------------------------------------------


def adoptions_wait(stage: Stage) -> bool:
    """Whether an event is to be adopted yet, or a series to be ended or put back.

    A series waits as long as another laptop writes to its calendar: only the one that adopted it knows of that.
    """
    rows, device = {row.id: row for row in stage.calendars()}, stage.device
    waiting = [
        rows[one.facts["calendar_id"]] for one in _wishes(device)
        if one.answer == "yes" and not one.closed_why and rows[one.facts["calendar_id"]].role is Role.SESSIONS
    ]  # fmt: skip
    if any(stage.network.wires.may_write(device.name, row.remote_id) for row in waiting):
        return True
    stage.met.excused["a series waits for the lease of its calendar"] += len(waiting)
    return False


def note_left(stage: Stage) -> None:
    """Note which adopted events are appointments as before without a write: nothing of ours ever stood in them.

    The adoption was taken back, or its calendar became one for something else, before our marker came into the event;
    what was typed there meanwhile stays where it was typed. Or another laptop had made an event for that
    session before it heard of the adoption, and all know that one.
    """
    ledger = stage.ledger
    for uid, session in list(ledger.adopted.items()):
        one = ledger.handmade[uid]
        server = next(server for server in stage.servers if one.place in server.collections)
        there = server.collections[one.place].objects.get(one.key)
        if there is None or raw_of(there.body)["marker"] is not None:
            continue
        held = _held_in(stage, session, one.place)
        is_left = uid in ledger.given_up or held or stage.roles[one.place] is not Role.SESSIONS
        if uid in held or not is_left:
            continue
        stage.met.excused["an adopted event that was never marked is its owner's again"] += 1
        if uid in ledger.given_up:
            stage.met.faults[f"{GIVEN_UP} · laptop"] += 1  # before anything of ours was written there
        one.body = stage.foreign[one.place, one.key] = there.body
        _is_its_owners(stage, uid, was_marked=False)


def _held_in(stage: Stage, session: str, place: str) -> set[str]:
    """Give the UIDs of the events that the laptops hold for a session in a collection."""
    held: set[str] = set()
    for device in stage.devices:
        with device.store.read() as connection:
            rows = {row.id: row.remote_id for row in device.store.accounts.calendars(connection)}
            found = device.store.links.of_sessions(connection, [session]).get(session, [])
        held |= {row.link.uid for row in found if rows[row.link.calendar] == place}
    return held


def _is_its_owners(stage: Stage, uid: str, *, was_marked: bool = True) -> None:
    """Let an event be nobody's but its owner's again."""
    ledger = stage.ledger
    one, session = ledger.handmade[uid], ledger.adopted.pop(uid)
    del ledger.uids[uid]
    with stage.device.store.read() as connection:
        hub = stage.device.store.sessions.get(connection, session)
    if uid in ledger.given_up or not was_marked or (hub is not None and not hub.is_live):
        # What was typed there and not heard yet stays where it was typed.
        shown = tokens_of_event(events_of(one.body)[0], HOME_ZONE)
        for edit in ledger.of(session):
            edit.is_aside = edit.is_aside or (edit.side == one.place and edit.token == shown[edit.group])
    ledger.given_up.discard(uid)


def series_are_ended(stage: Stage) -> Iterator[str]:
    """I3. No date stands twice: what became sessions is no date of its series any more, unless that was taken back.

    I7. Then the series is byte for byte what it was.
    """
    for one in stage.ledger.handmade.values():
        wish = None if one.wish is None else _wish(stage, one.wish)
        if wish is None or not one.is_series or wish.closed_why != DONE:
            continue
        server = next(server for server in stage.servers if one.place in server.collections)
        there = server.collections[one.place].objects.get(wish.facts["href"])
        if wish.facts["stage"] == How.RESTORING:
            if there is None or there.body != server.rewritten(spelled({**raw_of(one.body), "uid": wish.facts["uid"]})):
                yield f"I7: {one.uid} was put back, and is not what it was"
        elif there is not None:
            cut = datetime.fromisoformat(wish.facts["cut"])
            if any(at >= cut for at in _dates(events_of(there.body)[0])):
                yield f"I3: {one.uid} still has dates that are sessions"
