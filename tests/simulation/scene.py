"""A short story in the model world, told step by step: for tests of one fault, named for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from random import Random
from typing import Any

from connectors.vocabulary.sessions import SessionRecord, SessionStatus
from sync_agent.engine.desk.sessions import SessionEdit
from sync_agent.engine.store.activity import Activity
from sync_agent.engine.values import Role, Session
from tests.simulation.device import HOME_ZONE, empty_database, seeded_ids
from tests.simulation.ledger import FieldGroup
from tests.simulation.stage import Shape, Stage
from tests.simulation.world.calendar_server import Manners, Stored
from tests.simulation.world.clock import BEGINNING
from tests.simulation.world.faults import CALM, Fault, Met, Weather
from tests.simulation.world.network import ProcessDied
from tests.simulation.world.texts import raw_of, spelled

PHONE = "phone"


class Storm(Weather):
    """Each step of a pass meets its faults, one call after the other; None lets a call through."""

    def __init__(self, **faults: Sequence[Fault | None]) -> None:
        super().__init__(Random(0), share=0, commits=0)
        self._faults = {step: list(found) for step, found in faults.items()}

    def draw(self, step: str, *, is_write: bool) -> Fault | None:
        found = self._faults.get(step)
        return found.pop(0) if found else None


class Scene:
    """A tutor with calendars for sessions, each at a server of its own."""

    def __init__(
        self,
        *manners: Manners,
        platform: bool = False,
        leases: bool = False,
        meetings: bool = False,
        busy: bool = False,
        laptops: bool = False,
    ) -> None:
        """Prepare.

        Args:
            manners: of each server.
            platform: there is one.
            leases: and it knows them.
            meetings: there is a service for them.
            busy: each account has a calendar that is not for sessions, too.
            laptops: there are two of them on one platform with leases.
        """
        platform, leases = platform or laptops, leases or laptops
        roles = (Role.SESSIONS, Role.BUSY) if busy else (Role.SESSIONS,)
        accounts = tuple((one, roles) for one in manners or (Manners(),))
        self.stage = Stage(Shape(accounts, platform, leases, meetings, 0, 0, 0, 0), Met(), has_two_laptops=laptops)

    # What people do --------------------------------------------------------------------------------------------------

    def sit_down_at(self, number: int) -> None:
        """Use one of the laptops from now on."""
        self.stage.sit_down_at(self.stage.devices[number])

    def add(self, title: str = "Maths", **fields: Any) -> str:
        start = BEGINNING.replace(tzinfo=None) + timedelta(days=5)
        fields = {"online": False, "zone": HOME_ZONE, **fields}
        edit = SessionEdit(start=start, duration=timedelta(hours=1), title=title, **fields)
        return self.stage.device.engine.sessions.add(edit).session.id

    def change(self, session: str, **fields: Any) -> None:
        self.stage.device.engine.sessions.change(session, SessionEdit(**fields))

    def cancel(self, session: str) -> None:
        self.change(session, status=SessionStatus.CANCELLED)

    def phone(self, number: int = 0, **fields: Any) -> None:
        """Edit the one event of a calendar on the phone."""
        server, place = self.stage.collections()[number]
        (one,) = place.objects.values()
        server.update(place.remote_id, one.key, spelled({**raw_of(one.body), **fields}), by=PHONE)

    def phone_makes_all_day(self, number: int = 0) -> None:
        (one,) = self.stage.collections()[number][1].objects.values()
        when = raw_of(one.body)["when"]
        self.phone(number, when={**when, "kind": "date", "local": when["local"][:10] + "T00:00:00", "seconds": 86400})

    def phone_deletes(self, number: int = 0, *, key: str | None = None) -> None:
        server, place = self.stage.collections()[number]
        (one,) = [one for one in place.objects.values() if key in (None, one.key)]
        server.delete(place.remote_id, one.key, by=PHONE)

    def phone_creates(self, one: Stored, number: int = 0) -> None:
        """Take an event back from the trash."""
        server, place = self.stage.collections()[number]
        server.create(place.remote_id, one.key, one.body, by=PHONE)

    def phone_moves(self, number: int = 0, *, to: int = 1) -> None:
        """Move the one event of a calendar into another of its account."""
        (server, place), (_, target) = self.stage.collections()[number], self.stage.collections()[to]
        (one,) = place.objects.values()
        server.delete(place.remote_id, one.key, by=PHONE)
        key = target.remote_id + one.key.rpartition("/")[2]
        server.create(target.remote_id, key, one.body, by=PHONE, made_at=one.made_at)

    def role(self, role: Role, number: int = 0) -> None:
        """Let a calendar be for something else."""
        stage, (_, place) = self.stage, self.stage.collections()[number]
        row = next(one for one in stage.calendars() if one.remote_id == place.remote_id)
        stage.device.engine.accounts.set_role(row.id, role)
        stage.roles[place.remote_id] = role

    def answer(self, answer: str) -> str:
        """Answer the one open question. Gives its kind."""
        device = self.stage.device
        with device.store.read() as connection:
            (question,) = device.store.questions.open(connection)
        return device.engine.questions.answer(question.id, answer).kind

    def office(self, record: SessionRecord, *groups: FieldGroup) -> None:
        assert self.stage.platform is not None
        self.stage.platform.edit(record, [group.value for group in groups])

    # What the engine does --------------------------------------------------------------------------------------------

    def run(
        self, *, minutes: int = 20, between: Callable[[str], None] | None = None, **faults: Sequence[Fault | None]
    ) -> None:
        """Do a pass, with these faults in its steps."""
        stage, network = self.stage, self.stage.network
        stage.clock.wait(timedelta(minutes=minutes))
        with stage.device.store.write() as connection:
            stage.device.store.accounts.wake(connection)
        network.weather, network.wrote = Storm(**faults), False
        network.before = between
        try:
            stage.device.engine.run_pass()
        except ProcessDied:
            stage.device.restart()
        finally:
            network.weather, network.before = CALM, None

    def settle(self, passes: int = 3) -> None:
        for _ in range(passes):
            self.run()

    # What befalls the laptop -----------------------------------------------------------------------------------------

    def backup(self) -> bytes:
        """Copy the store aside."""
        content = self.stage.device.database()
        self.stage.device.restart()
        return content

    def put_back(self, content: bytes) -> None:
        """Put an old store in the place of the one that was used since."""
        self.stage.device.put_database(content)
        self.stage.device.restart()

    def lose(self) -> None:
        """Begin with an empty store, and sign in everywhere again."""
        self.put_back(empty_database())
        self.stage.connect(self.stage.device)

    # What is there ---------------------------------------------------------------------------------------------------

    def session(self, session: str) -> Session:
        with self.stage.device.store.read() as connection:
            found = self.stage.device.store.sessions.get(connection, session)
        assert found is not None
        return found

    def join_url(self, session: str) -> str:
        with self.stage.device.store.read() as connection:
            return self.stage.device.store.meetings.of_sessions(connection, [session])[session].join_url

    def events(self, number: int = 0) -> list[Stored]:
        return list(self.stage.collections()[number][1].objects.values())

    def titles(self, number: int = 0) -> list[str]:
        return sorted(raw_of(one.body)["summary"] for one in self.events(number))

    def record(self, session: str) -> SessionRecord:
        assert self.stage.platform is not None
        return self.stage.platform.records[session]

    def newest(self) -> Activity:
        """Give what was done last."""
        return self._log()[0]

    def lost(self) -> list[Activity]:
        """Give the versions that lost, newest first."""
        return [one for one in self._log() if one.kind == "version.lost"]

    def _log(self) -> list[Activity]:
        with self.stage.device.store.read() as connection:
            return list(self.stage.device.store.activity.newest(connection))


@contextmanager
def repeatable() -> Iterator[None]:
    """Let ids come in a fixed order."""
    with seeded_ids(Random(0)):
        yield
