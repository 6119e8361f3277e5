"""One history's world, put together from its seed: servers with manners, platform, meetings, a device, a ledger.

Watches what the engine does outside while it does it: what may never happen, even for a moment, is noted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.vocabulary.errors import ProfileCopied
from connectors.vocabulary.leases import calendar_key
from connectors.vocabulary.sessions import SessionRecord
from sync_agent.engine.desk.accounts import NewAccount, platform_calendar
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import CalendarRow, FieldGroup, Role
from tests.simulation.adopted import comes_late_to_its_owners, is_given_up, may_end, note_adopted, note_written
from tests.simulation.device import HOME_ZONE, Device
from tests.simulation.ledger import Ledger, Words, host_link, tokens_of_event, tokens_of_session
from tests.simulation.world.calendar_server import ENGINE, CalendarServer, Collection, Manners, Stored, Touch
from tests.simulation.world.calendars import ModelAccount
from tests.simulation.world.clock import WorldClock
from tests.simulation.world.faults import Met
from tests.simulation.world.meetings import MeetingServer, ModelMeetings
from tests.simulation.world.network import Network
from tests.simulation.world.platform import ModelPlatform, PlatformServer
from tests.simulation.world.texts import FOREIGN, events_of, raw_of

_WORDS = ("summary", "location", "description", "url", "conference")
_REWRITES = ("cut", "escape", "count", "html", "zone", "spaces", "unmark")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a world consists of.

    Attributes:
        accounts: for each account its manners, and of each of its calendars what it is for.
        sessions: so many there are at the beginning.
        share, commits: of the requests and the commits that meet a fault.
        busy_people: share of the requests during which somebody does something.
    """

    accounts: tuple[tuple[Manners, tuple[Role, ...]], ...]
    has_platform: bool
    has_leases: bool
    has_meetings: bool
    sessions: int
    share: float
    commits: float
    busy_people: float


def shape_of_world(random: Random) -> Shape:
    """Draw a world."""
    roles = random.choice(
        [((Role.SESSIONS,),)] * 3
        + [((Role.SESSIONS, Role.BUSY),)] * 3
        + [((Role.SESSIONS,), (Role.SESSIONS,))] * 3
        + [((Role.SESSIONS, Role.SESSIONS),), ((Role.SESSIONS, Role.BUSY), (Role.SESSIONS,))]
    )
    return Shape(
        accounts=tuple((_manners(random), one) for one in roles),
        has_platform=random.random() < 0.5,
        has_leases=random.random() < 0.8,
        has_meetings=random.random() < 0.3,
        sessions=random.choice([1, 1, 2, 2, 2, 3, 5]),
        share=random.choice([0, 0.03, 0.08, 0.15]),
        commits=random.choice([0, 0.01, 0.03]),
        busy_people=random.choice([0, 0.05, 0.15]),
    )


def _manners(random: Random) -> Manners:
    """Draw how a server behaves; half of them behave well."""
    if random.random() < 0.4:
        return Manners(etag=random.choice(["strong", "strong", "content"]))
    return Manners(
        rewrites=tuple(sorted(random.sample(_REWRITES, random.choice([0, 1, 1, 2, 3])))),
        etag=random.choice(["strong", "strong", "none", "weak", "content"]),
        honours=random.random() < 0.8,
        uid_unique=random.choice(["", "calendar", "account"]),
        keeps_tombstones=random.random() < 0.3,
        visible_after=random.choice([timedelta(0)] * 3 + [timedelta(seconds=20), timedelta(minutes=5)]),
        has_tokens=random.random() < 0.7,
        page=random.choice([1, 3, 200]),
    )


@dataclass(slots=True)
class Stage:
    """A world with its device.

    Attributes:
        broken: what the engine did that may never be done.
        engine_writes: by calendar: writes of the engine that were carried out.
        foreign: (collection, key) to the text that its last foreign writer left there.
        read_until: collection to the token with which its last reading ended.
        readings: collection to the instants at which those readings began that came to their end.
        last_by: (collection, key) to who wrote there last.
        devices: the tutor's laptops; device: the one that is used now.
        written_in_pass: (collection, key) of what the engine wrote in the pass that is under way.
        roles: collection to what it is for, at the laptop that is used now.
        lost_logs: what stood in the logs of stores that went.
        is_eager: people touch what the engine wrote last; written_last: (collection, key) of that.
    """

    shape: Shape
    met: Met
    clock: WorldClock = field(default_factory=WorldClock)
    ledger: Ledger = field(default_factory=Ledger)
    words: Words = field(default_factory=Words)
    servers: list[CalendarServer] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    engine_writes: Counter[str] = field(default_factory=Counter)
    foreign: dict[tuple[str, str], str] = field(default_factory=dict)
    last_by: dict[tuple[str, str], str] = field(default_factory=dict)
    is_eager: bool = False
    written_last: tuple[str, str] = ("", "")
    has_two_laptops: bool = False
    devices: list[Device] = field(default_factory=list)
    network: Network = field(init=False)
    device: Device = field(init=False)
    platform: PlatformServer | None = None
    meetings: MeetingServer | None = None
    platform_calendar: str = ""
    written_in_pass: list[tuple[str, str]] = field(default_factory=list)
    roles: dict[str, Role] = field(default_factory=dict)
    lost_logs: list[Activity] = field(default_factory=list)
    read_until: dict[str, str] = field(default_factory=dict)
    readings: dict[str, list[datetime]] = field(default_factory=dict)
    _pairings: int = 0
    _deleted: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.network = Network(self.clock, self.met)
        self.network.wires.broken, self.network.wires.may_write = self.broken, self._may_write
        self.device = Device("laptop-1", self.clock, self.met)
        self.network.wires.device = self.device.name
        self.devices.append(self.device)
        if self.shape.has_platform:
            self.platform = PlatformServer(self.clock, self._platform_touched)
            self.platform.has_leases = self.shape.has_leases
        if self.shape.has_meetings:
            self.meetings = MeetingServer(lambda: self.network.is_late)
        for number, (manners, roles) in enumerate(self.shape.accounts, 1):
            server = CalendarServer(f"server{number}", manners, self.clock, self._touched)
            for place, role in enumerate(roles, 1):
                server.add_collection(f"{role.value}{place}")
            self.servers.append(server)
        self.connect(self.device)
        if self.has_two_laptops:
            self.devices.append(Device("laptop-2", self.clock, self.met, name="laptop:2"))
            self.connect(self.devices[1])

    def sit_down_at(self, device: Device) -> None:
        """Let all that is done on a laptop be done on this one from now on."""
        self.device, self.network.wires.device = device, device.name

    def connect(self, device: Device) -> None:
        """Sign in everywhere on a laptop whose store knows nothing yet."""
        desk = device.engine.accounts
        if self.platform is not None:
            platform = ModelPlatform(self.platform, self.network, device.known_as, self.readings)
            new = NewAccount(desk.new_id(), "platform", platform.identify(), "https://platform.example")
            device.book.platforms[new.id] = platform
            _, rows = desk.connect(new, [platform_calendar(new.identity)], confirmed=True)
            self.platform_calendar = rows[0].id
        for server, (_, roles) in zip(self.servers, self.shape.accounts, strict=True):
            account = ModelAccount(server, self.network, self.read_until, self.readings)
            new = NewAccount(desk.new_id(), "caldav", account.identify(), f"https://{server.name}.example")
            device.book.accounts[new.id] = account
            found = list(zip(account.calendars(), roles, strict=True))
            self.roles |= {info.remote_id: role for info, role in found}
            desk.connect(new, found, confirmed=True)
        if self.meetings is not None:
            host = ModelMeetings(self.meetings, self.network)
            new = NewAccount(desk.new_id(), "zoom", host.identify(), "https://meet.example")
            device.book.hosts[new.id] = host
            desk.connect(new, [], confirmed=True)

    def copied(self, first: Device, content: bytes) -> Device:
        """Give another laptop with a copy of the first one's profile: its store and all its sign-ins."""
        other = Device("laptop-2", self.clock, self.met, name="laptop:2", known_as=first.known_as)
        other.book.accounts, other.book.hosts = dict(first.book.accounts), dict(first.book.hosts)
        other.book.platforms = dict(first.book.platforms)
        other.put_database(content)
        other.mark = None
        other.restart()
        return other

    def pair_again(self, device: Device) -> bool:
        """Give a laptop a sign-in of its own, if it was told that another one goes on with its own. Gives whether."""
        with device.store.read() as connection:
            found = [one for one in device.store.accounts.all(connection) if one.error_code == ProfileCopied.code]
        if not found or self.platform is None:
            return False
        self._pairings += 1
        device.known_as = f"paired:{self._pairings}"
        device.book.platforms[found[0].id] = ModelPlatform(self.platform, self.network, device.known_as, self.readings)
        self.say(f"  {device.name} is paired again")
        return True

    def is_for_sessions(self, place: Collection) -> bool:
        """Whether the tutor's sessions stand in a calendar."""
        return self.roles[place.remote_id] is Role.SESSIONS

    # What there is ---------------------------------------------------------------------------------------------------

    def calendars(self, device: Device | None = None) -> list[CalendarRow]:
        store = (device or self.device).store
        with store.read() as connection:
            return store.accounts.calendars(connection)

    def collections(self) -> list[tuple[CalendarServer, Collection]]:
        return [(server, one) for server in self.servers for one in server.collections.values()]

    def ours(self) -> list[tuple[CalendarServer, Collection, Stored]]:
        """Give every event that mirrors a session, wherever it lies."""
        return [
            (server, found, one)
            for server, found in self.collections()
            for one in found.objects.values()
            if raw_of(one.body)["uid"] in self.ledger.uids
        ]

    def session_of(self, one: Stored) -> str:
        return self.ledger.uids[raw_of(one.body)["uid"]]

    # What the engine does outside ------------------------------------------------------------------------------------

    def _touched(self, touch: Touch) -> None:
        place = (touch.collection, touch.key)
        self.last_by[place] = touch.by
        if touch.after is None:
            self._deleted.add(place)
        if touch.by != ENGINE:
            body = touch.after.body if touch.after else None
            if body is None:
                self.foreign.pop(place, None)
            elif raw_of(body)["uid"] not in self.ledger.uids:
                self.foreign[place] = body
            return
        note_adopted(self)
        self.engine_writes[touch.collection] += 1
        self.written_last = place
        if not self.network.is_late:
            self.written_in_pass.append(place)
        if touch.before is None and self.network.is_late and place in self._deleted:
            # As if somebody had taken it back from the trash: nothing tells one from the other.
            session = self.ledger.uids[raw_of(touch.sent)["uid"]]
            self.ledger.came_back(session, touch.collection)
            for ending in self.ledger.endings_of(session):
                ending.sure = ending.sure and ending.side != touch.collection
            self.met.excused["a doubled creation arrived after its event had been deleted"] += 1
        if comes_late_to_its_owners(self, touch):
            return
        if touch.after is not None:
            self._check_text(touch.sent)
            raw = raw_of(touch.sent)
            if self.roles[touch.collection] is not Role.BLOCK:
                self.ledger.blocks.discard(raw["uid"])
            elif not self.network.is_late and not is_given_up(self, raw):
                self.ledger.blocks.add(raw["uid"])
                self._check_block(touch, raw)
            if raw["marker"] is not None:
                self.ledger.uids.setdefault(raw["uid"], raw["marker"]["session"])
        if touch.before is not None:
            self._check_overwritten(touch, touch.before)
        note_written(self, touch)

    def _check_block(self, touch: Touch, raw: dict[str, Any]) -> None:
        """A calendar that only blocks shows the hours, and nothing of what; what a person wrote there is theirs."""
        there = raw_of(touch.before.body) if touch.before is not None else {}
        said = {name: raw[name] for name in _WORDS if raw[name] not in ("", there.get(name))}
        if said.pop("summary", "Busy") != "Busy" or said:
            self.broken.append(f"I13: the block {touch.key} says {raw['summary']!r} {said}")

    def _check_overwritten(self, touch: Touch, before: Stored) -> None:
        raw = raw_of(before.body)
        if raw["uid"] not in self.ledger.uids and not may_end(self, raw["uid"]):
            self.broken.append(f"I7: the engine wrote to the foreign object {touch.key}")
        if touch.after is not None and not touch.is_stale and raw[FOREIGN] != raw_of(touch.sent)[FOREIGN]:
            self.broken.append(f"I7: the engine changed what is foreign in {touch.key}")
        server = next(one for one in self.servers if touch.collection in one.collections)
        if touch.is_stale and not server.manners.is_weak:
            self.broken.append(f"I1: the engine wrote over what it had not read in {touch.key}")
        if touch.is_stale and server.manners.is_weak:
            # The server let a write through that no reading covers: what a person had said there, and no laptop had
            # heard of, is gone.
            said = tokens_of_event(events_of(before.body)[0], HOME_ZONE)
            kept = tokens_of_event(events_of(touch.after.body)[0], HOME_ZONE) if touch.after else {}
            session = self.ledger.uids.get(raw["uid"], "")
            heard = self._heard_of(session)
            lost = {
                (session, group, token)
                for group, token in said.items()
                if kept.get(group) != token and (group, token) not in heard
            }
            before_it = len(self.ledger.excused)
            self.ledger.excuse(lost, touch.collection)
            if len(self.ledger.excused) > before_it:
                self.met.excused["a stale write went through"] += 1

    def _heard_of(self, session: str) -> set[tuple[FieldGroup, str]]:
        """Give what the laptops hold of a session, by group."""
        found = set[tuple[FieldGroup, str]]()
        for device in self.devices:
            with device.store.read() as connection:
                hub = device.store.sessions.get(connection, session)
            found |= set(tokens_of_session(hub).items()) if hub is not None else set()
        return found

    def _check_text(self, text: str) -> None:
        for secret in self.ledger.secrets:
            if secret in text:
                self.broken.append(f"I13: the foreign title {secret} was written into a calendar")
            if host_link(secret) in text:
                self.broken.append(f"I13: the host's link of {secret} was written into a calendar")

    def _platform_touched(self, before: SessionRecord | None, after: SessionRecord, by: str) -> None:
        if by != ENGINE:
            return
        self.engine_writes["platform"] += 1
        self._check_text(" ".join([after.title, after.notes, after.place]))

    def _may_write(self, device: str, place: str) -> bool:
        """Whether the platform says that this device may write to a collection now."""
        platform = self.platform
        if platform is None or not platform.has_leases or place == "platform":
            return True
        server = next(one for one in self.servers if place in one.collections)
        identity = ModelAccount(server, self.network, self.read_until, self.readings).identify()
        device = next(one.known_as for one in self.devices if one.name == device)
        return platform.leases.is_held(device, calendar_key(identity.issuer, identity.subject, place))

    def say(self, line: str) -> None:
        if self.network.trace is not None:
            self.network.trace(line)


def names_of(found: Sequence[tuple[CalendarServer, Collection, Stored]]) -> list[str]:
    """Name some events, for a trace."""
    return [f"{one.key}" for _, _, one in found]
