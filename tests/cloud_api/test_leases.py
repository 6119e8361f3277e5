"""Leases: one device of a tutor at a time writes to a calendar; who that is ends by the platform's clock alone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from cloud_api.app import make_parts
from cloud_api.auth.identity import Caller, ClientKind
from cloud_api.auth.scopes import AGENT_SCOPES
from cloud_api.database import Database
from cloud_api.devices import service as devices
from cloud_api.devices.schemas import DeviceOut
from cloud_api.leases import service
from cloud_api.leases.schemas import LeaseOut, LeasesIn, LeasesOut, StartIn
from cloud_api.parts import Parts
from cloud_api.problems import Forbidden, NotFound, PreconditionFailed, PreconditionRequired, Unauthorized
from cloud_api.tables import calendar_leases
from cloud_api.writes import Terms, Unit
from tests.cloud_api.tenant import Tenant, problem, signed_in

T10 = datetime(2026, 11, 24, 10, tzinfo=UTC)
WORK, HOME = "a" * 64, "b" * 64
TWO_MINUTES = timedelta(minutes=2)


class Clock:
    """The platform's clock, which a test sets."""

    def __init__(self) -> None:
        self.now = T10

    def __call__(self) -> datetime:
        """Give this instant."""
        return self.now

    def pass_by(self, time: timedelta) -> None:
        """Let time go by."""
        self.now += time


@dataclass
class Laptop:
    """A paired device, and which start of its program is running."""

    parts: Parts
    paired: DeviceOut
    counter: int = 1
    boot: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def caller(self) -> Caller:
        """Give what the API knows of it when it calls."""
        return Caller(
            client_id=self.paired.client_id,
            name="Anna",
            tenant=self.paired.tenant,
            kind=ClientKind.AGENT,
            tutor_id=self.paired.tutor_id,
            scopes=frozenset(AGENT_SCOPES),
            family="f",
        )

    def asks(self, *keys: str, ttl: timedelta = TWO_MINUTES) -> LeasesOut:
        """Ask for leases."""
        wish = LeasesIn(list(keys), ttl.total_seconds(), StartIn(self.counter, self.boot))
        return service.lease(self.parts, self.caller, wish)

    def lease(self, key: str = WORK, ttl: timedelta = TWO_MINUTES) -> LeaseOut:
        """Ask for one lease."""
        return self.asks(key, ttl=ttl).leases[0]

    def gives_back(self, lease: LeaseOut) -> None:
        """Release the very lease that it knows."""
        with self.parts.database.writing() as connection:
            terms = Terms(if_match=f'"{lease.version}"', if_none_match=None)
            service.release(Unit(connection, self.caller, self.parts.clock(), terms), lease.key)

    def starts_anew(self, counter: int | None = None) -> None:
        """End the program and start it again."""
        self.counter = self.counter + 1 if counter is None else counter
        self.boot = str(uuid.uuid4())


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def parts(database: Database, clock: Clock) -> Parts:
    return make_parts(database, clock=clock)


def a_laptop(tenant: Tenant, parts: Parts, name: str, tutor_id: str | None = None) -> Laptop:
    """Pair a laptop."""
    code = tenant.device_code(tutor_id, at=parts.clock())
    return Laptop(parts, devices.pair(parts, code, name))


@pytest.fixture
def old(tenant: Tenant, parts: Parts) -> Laptop:
    return a_laptop(tenant, parts, "The old laptop")


@pytest.fixture
def new(tenant: Tenant, parts: Parts) -> Laptop:
    return a_laptop(tenant, parts, "The new laptop")


def test_the_only_device_is_given_hours_and_one_of_two_minutes(tenant: Tenant, parts: Parts, clock: Clock) -> None:
    """A platform that is down must not stop the only laptop; with a second one nobody waits long for a lost one."""
    first = a_laptop(tenant, parts, "first")
    alone = first.lease(WORK, ttl=timedelta(hours=6))
    second = a_laptop(tenant, parts, "second")
    shared = second.lease(HOME, ttl=timedelta(hours=6))

    assert datetime.fromisoformat(alone.expires_at) == clock.now + timedelta(hours=6)
    assert datetime.fromisoformat(shared.expires_at) == clock.now + timedelta(minutes=15)


def test_what_was_given_for_hours_ends_soon_when_a_second_device_joins(
    tenant: Tenant, parts: Parts, clock: Clock
) -> None:
    """The first laptop holds its calendars for six hours and is stolen before it heard of the second."""
    first, other = a_laptop(tenant, parts, "first"), a_laptop(tenant, parts, "other", tenant.person("tutor"))
    first.lease(ttl=timedelta(hours=6))
    kept = other.lease(ttl=timedelta(hours=6))
    clock.pass_by(timedelta(minutes=1))

    second = a_laptop(tenant, parts, "second")

    assert not second.lease().is_mine
    clock.pass_by(timedelta(minutes=15))
    assert second.lease().is_mine
    assert other.lease().expires_at == kept.expires_at, "another tutor's laptop is not concerned"


def test_a_holder_hears_with_its_next_renewal_that_it_has_minutes_now(
    tenant: Tenant, parts: Parts, clock: Clock
) -> None:
    """And goes on as long as it asks."""
    first = a_laptop(tenant, parts, "first")
    first.lease(ttl=timedelta(hours=6))
    second = a_laptop(tenant, parts, "second")

    for _ in range(5):
        clock.pass_by(timedelta(minutes=5))
        renewed = first.lease(ttl=timedelta(hours=6))
        assert (renewed.is_mine, renewed.epoch) == (True, 1)
        assert datetime.fromisoformat(renewed.expires_at) == clock.now + timedelta(minutes=15)
        assert not second.lease().is_mine


def test_the_first_who_asks_gets_it_and_the_other_learns_who_has_it(old: Laptop, new: Laptop) -> None:
    """With the name that a person gave the device."""
    mine, told = old.lease(), new.lease()

    assert (mine.is_mine, mine.epoch) == (True, 1)
    assert mine.expires_at == (T10 + TWO_MINUTES).isoformat()
    assert (told.is_mine, told.epoch, told.expires_at) == (False, 1, mine.expires_at)
    assert told.holder is not None
    assert (told.holder.id, told.holder.name) == (old.paired.device_id, "The old laptop")


def test_to_ask_again_is_to_renew_in_the_same_epoch(old: Laptop, clock: Clock) -> None:
    """A lost answer costs nothing: the device asks again."""
    first = old.lease()
    clock.pass_by(timedelta(minutes=1))

    again = old.lease()

    assert (again.is_mine, again.epoch) == (True, first.epoch)
    assert again.expires_at == (T10 + timedelta(minutes=3)).isoformat()
    assert again.version > first.version


def test_a_renewal_never_ends_earlier_than_what_was_promised(old: Laptop, new: Laptop, clock: Clock) -> None:
    """Its answer may be lost, and then the device goes by the older promise; or this clock was set back."""
    old.lease(ttl=timedelta(minutes=10))

    shorter = old.lease(ttl=timedelta(minutes=1))
    clock.pass_by(-timedelta(minutes=5))
    set_back = old.lease(ttl=timedelta(minutes=1))
    clock.pass_by(timedelta(minutes=14))

    assert shorter.expires_at == set_back.expires_at == (T10 + timedelta(minutes=10)).isoformat()
    assert not new.lease().is_mine


def test_a_holder_who_goes_away_is_followed_by_the_next_when_its_time_is_over(
    old: Laptop, new: Laptop, clock: Clock
) -> None:
    """Not a moment before: it may be in the middle of a write."""
    old.lease()

    clock.pass_by(TWO_MINUTES - timedelta(microseconds=1))
    before = new.lease()
    clock.pass_by(timedelta(microseconds=1))
    after = new.lease()

    assert (before.is_mine, after.is_mine) == (False, True)
    assert (before.epoch, after.epoch) == (1, 2)
    assert not old.lease().is_mine


def test_whoever_comes_back_late_and_finds_nobody_goes_on_in_its_epoch(old: Laptop, clock: Clock) -> None:
    """Nobody else wrote in between, so it need not read everything anew."""
    old.lease()
    clock.pass_by(timedelta(days=90))

    assert (old.lease().is_mine, old.lease().epoch) == (True, 1)


def test_an_epoch_never_falls_whatever_happens_between(old: Laptop, new: Laptop, clock: Clock) -> None:
    """Given back, run out, taken over: each change of holder is one more, and an old intention stays old."""
    epochs = [old.lease().epoch]
    old.gives_back(old.lease())
    epochs.append(old.lease().epoch)
    old.gives_back(old.lease())
    epochs.append(new.lease().epoch)
    clock.pass_by(timedelta(days=1))
    epochs.append(old.lease().epoch)

    assert epochs == [1, 2, 3, 4]


def test_the_database_lets_no_epoch_fall(old: Laptop, database: Database, tenant: Tenant) -> None:
    """Even if a program of ours had such a fault."""
    old.lease()

    for column in ("epoch", "version"):
        with pytest.raises(DBAPIError, match="only rise"), database.writing() as connection:
            connection.execute(update(calendar_leases).where(calendar_leases.c.tenant == tenant.id).values({column: 0}))
    assert old.lease().is_mine


def test_what_was_given_back_is_free_at_once(old: Laptop, new: Laptop) -> None:
    """The laptop is shut down in the evening; the other one goes on."""
    old.gives_back(old.lease())

    assert new.lease().is_mine
    assert not old.lease().is_mine


def test_a_release_that_arrives_late_takes_nothing_away(old: Laptop, new: Laptop) -> None:
    """Sent before the restart, delivered after it: the lease that it names is not the one that is there."""
    before = old.lease()
    renewed = old.lease()

    with pytest.raises(PreconditionFailed):
        old.gives_back(before)

    assert not new.lease().is_mine
    old.gives_back(renewed)
    theirs = new.lease()
    assert theirs.is_mine
    with pytest.raises(PreconditionFailed):
        old.gives_back(renewed)
    old.gives_back(theirs)
    assert new.lease().epoch == theirs.epoch, "another device's lease is not ours to give back"


def test_one_calendar_has_nothing_to_do_with_another(old: Laptop, new: Laptop) -> None:
    """Each laptop may look after one of them; a request gives what it can."""
    new.lease(HOME)

    told = {lease.key: lease.is_mine for lease in old.asks(WORK, HOME, WORK).leases}

    assert told == {WORK: True, HOME: False}


def test_another_tutor_and_another_agency_are_not_in_the_way(old: Laptop, tenant: Tenant, parts: Parts) -> None:
    """They see nothing of it: not who, and not that there is anything."""
    colleague = a_laptop(tenant, parts, "Ben's laptop", tenant.person("tutor", "Ben"))
    mine = old.lease()

    with pytest.raises(NotFound) as unknown:
        colleague.gives_back(mine)
    theirs = colleague.lease()

    assert unknown.value.code == "lease.unknown"
    assert (theirs.is_mine, theirs.epoch) == (True, 1)
    assert old.lease().is_mine


def test_a_laptop_that_was_locked_out_gets_no_renewal_and_is_followed(
    old: Laptop, new: Laptop, clock: Clock, tenant: Tenant, database: Database
) -> None:
    """Stolen on the train: its time runs out, and it was told nothing that it could use."""
    old.lease()
    with database.writing() as connection:
        assert devices.revoke(connection, tenant.id, old.paired.device_id, clock.now)

    with pytest.raises(Unauthorized):
        old.lease()

    assert not new.lease().is_mine, "it may still be writing under the lease that it has"
    clock.pass_by(TWO_MINUTES)
    assert new.lease().is_mine


def test_the_hours_of_a_laptop_that_was_locked_out_end_with_its_last_write(
    tenant: Tenant, parts: Parts, clock: Clock, database: Database
) -> None:
    """It was the only one, so it was given six hours; the tutor has a new one by now and waits for nothing."""
    lost = a_laptop(tenant, parts, "lost")
    lost.lease(ttl=timedelta(hours=6))
    with database.writing() as connection:
        assert devices.revoke(connection, tenant.id, lost.paired.device_id, clock.now)
    following = a_laptop(tenant, parts, "following")

    assert not following.lease().is_mine, "what it sent a moment ago may still be on its way"
    clock.pass_by(timedelta(minutes=1))
    assert following.lease().is_mine


def test_a_start_is_known_by_its_boot_and_the_next_one_by_its_counter(old: Laptop) -> None:
    """An ordinary week: asked often, restarted now and then; the lease stays in its epoch."""
    first = old.asks(WORK)
    again = old.asks(WORK)
    old.starts_anew()
    next_one = old.asks(WORK)

    assert [(answer.start.highest, answer.start.is_current) for answer in (first, again, next_one)] == [
        (1, True),
        (1, True),
        (2, True),
    ]
    assert next_one.leases[0].is_mine
    assert next_one.leases[0].epoch == 1


def test_a_store_that_was_restored_from_a_backup_gets_no_lease_before_it_was_put_right(old: Laptop) -> None:
    """Its counter fell back: what it remembers is older than what it did."""
    old.starts_anew(9)
    old.asks()

    old.starts_anew(7)
    restored = old.asks(WORK)
    old.starts_anew(restored.start.highest + 1)
    put_right = old.asks(WORK)

    assert (restored.start.highest, restored.start.is_current, restored.leases) == (9, False, [])
    assert (put_right.start.highest, put_right.start.is_current) == (10, True)
    assert put_right.leases[0].is_mine


def test_a_profile_that_was_copied_to_a_second_laptop_is_found_out_on_both(
    old: Laptop, parts: Parts, clock: Clock
) -> None:
    """Both say that they are the same device: the one that started last has the lease, the other gets none."""
    old.starts_anew(9)
    old.asks(WORK)
    copy = Laptop(parts, old.paired, counter=9)

    first = copy.asks(WORK)
    copy.starts_anew(first.start.highest + 1)
    told_copy = copy.asks(WORK)
    told_old = old.asks(WORK)
    clock.pass_by(TWO_MINUTES)

    assert not first.start.is_current, "same counter, another boot"
    assert [lease.is_mine for lease in first.leases] == [False], "the device has it, and this start may not use it"
    assert told_copy.start.is_current
    assert not told_old.start.is_current
    assert not old.asks(WORK).leases[0].is_mine, "it was not renewed"


def test_a_request_that_arrives_after_a_later_start_changes_nothing(old: Laptop) -> None:
    """Sent before the restart, delivered after it."""
    late = Laptop(old.parts, old.paired, counter=old.counter, boot=old.boot)
    old.starts_anew()
    old.asks(WORK)

    assert not late.asks(WORK).start.is_current
    assert old.asks(WORK).start.is_current


def test_only_a_device_may_ask(parts: Parts, tenant: Tenant, old: Laptop) -> None:
    """An agency's own program writes to no calendar."""
    office = Caller(tenant.client.client_id, "x", tenant.id, ClientKind.DEVELOPER, None, frozenset(), "f")

    with pytest.raises(Forbidden) as refused:
        service.lease(parts, office, LeasesIn([WORK], 60, StartIn(1, old.boot)))

    assert refused.value.code == "device.only"


def test_which_lease_is_given_back_must_be_said(old: Laptop, database: Database) -> None:
    """Like every change of something that others change, too."""
    old.lease()

    with pytest.raises(PreconditionRequired), database.writing() as connection:
        service.release(Unit(connection, old.caller, T10, Terms(None, None)), WORK)


@contextmanager
def paired_over_http(tenant: Tenant, name: str = "A laptop") -> Iterator[tuple[httpx.Client, str]]:
    """Pair a device over HTTP; gives its calls and its id."""
    told = tenant.api.post("/api/devices", json={"code": tenant.device_code(), "name": name}).json()
    with signed_in(tenant.base_url, told["client_id"], told["client_secret"]) as device:
        yield device, told["device_id"]


def a_wish(*keys: str, **differing: Any) -> dict[str, Any]:
    """Give the body of a request for leases."""
    return {"keys": keys, "ttl_s": 60, "start": {"counter": 1, "boot": str(uuid.uuid4())}} | differing


def test_it_goes_over_the_wire(tenant: Tenant) -> None:
    """Take, give back, take again, by the server's own clock."""
    with paired_over_http(tenant, "Anna's laptop") as (device, device_id):
        given = device.post("/api/devices/leases", json=a_wish(WORK, HOME))
        lease = given.json()["leases"][0]
        path = f"/api/devices/leases/{WORK}"
        back = device.delete(path, headers={"If-Match": f'"{lease["version"]}"'})
        late = device.delete(path, headers={"If-Match": f'"{lease["version"]}"'})

    told = given.json()
    assert given.status_code == 200
    assert told["start"] == {"highest": 1, "is_current": True}
    assert [(one["key"], one["epoch"], one["is_mine"]) for one in told["leases"]] == [(WORK, 1, True), (HOME, 1, True)]
    assert lease["holder"] == {"id": device_id, "name": "Anna's laptop"}
    assert datetime.fromisoformat(lease["expires_at"]) - datetime.fromisoformat(told["now"]) == timedelta(minutes=1)
    assert (back.status_code, back.json()["holder"], back.headers["etag"]) == (200, None, f'"{lease["version"] + 1}"')
    assert problem(late)[:2] == (412, "write.other_version")


@pytest.mark.parametrize(
    ("wish", "pointer"),
    [
        pytest.param(a_wish("A" * 64), "/keys/0", id="a key that is no hash"),
        pytest.param(a_wish("anna@example.org"), "/keys/0", id="an address"),
        pytest.param(a_wish(*[f"{n:064x}" for n in range(201)]), "/keys", id="too many"),
        pytest.param(a_wish(WORK, ttl_s=29), "/ttl_s", id="too short to write anything"),
        pytest.param(a_wish(WORK, ttl_s=21_601), "/ttl_s", id="so long that a lost laptop stands in the way"),
        pytest.param(a_wish(WORK, ttl_s=60.5), "/ttl_s", id="no whole seconds"),
        pytest.param(a_wish(WORK, start={"counter": 0, "boot": str(uuid.uuid4())}), "/start/counter", id="no start"),
        pytest.param(a_wish(WORK, start={"counter": 1, "boot": "x"}), "/start/boot", id="a boot that is no UUID"),
    ],
)
def test_bad_input_a_wish_that_cannot_be(tenant: Tenant, wish: dict[str, Any], pointer: str) -> None:
    """Refused with the place of the fault."""
    with paired_over_http(tenant) as (device, _):
        refused = device.post("/api/devices/leases", json=wish)

    assert problem(refused) == (422, "body.invalid", [pointer])


def test_bad_input_no_device(tenant: Tenant) -> None:
    """Every route of leases is a device's."""
    path = f"/api/devices/leases/{WORK}"

    asked = tenant.api.post("/api/devices/leases", json=a_wish(WORK))
    released = tenant.api.delete(path, headers={"If-Match": '"1"'})
    with paired_over_http(tenant) as (device, _):
        unknown = device.delete(path, headers={"If-Match": '"1"'})
        no_key = device.delete("/api/devices/leases/anna", headers={"If-Match": '"1"'})

    assert problem(asked)[:2] == problem(released)[:2] == (403, "device.only")
    assert problem(unknown)[:2] == (404, "lease.unknown")
    assert no_key.status_code == 422
