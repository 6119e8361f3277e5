"""From what a tutor types to their calendars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from connectors.dav.discover import candidates
from connectors.vocabulary.accounts import Access
from connectors.vocabulary.errors import InsecureAddress, TooManyRedirects
from tests.connectors.dav_world import DavWorld, open_dav
from tests.servers.nullcal import Answer, NullCal
from tests.servers.radicale import PASSWORD, USER, Radicale

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        pytest.param(
            "calendars.school.example",
            ["https://calendars.school.example/.well-known/caldav", "https://calendars.school.example/"],
            id="a host name",
        ),
        pytest.param(
            " anna@school.example ",
            ["https://school.example/.well-known/caldav", "https://school.example/"],
            id="a mail address",
        ),
        pytest.param(
            "https://school.example/dav/anna/",
            [
                "https://school.example/dav/anna/",
                "https://school.example/.well-known/caldav",
                "https://school.example/",
            ],
            id="a full address",
        ),
        pytest.param(
            "caldavs://school.example",
            ["https://school.example/", "https://school.example/.well-known/caldav"],
            id="a scheme of its own",
        ),
        pytest.param(
            "localhost:5232",
            ["http://localhost:5232/.well-known/caldav", "http://localhost:5232/"],
            id="this computer has no certificate",
        ),
        pytest.param(
            "school.example:8443/remote.php/dav",
            [
                "https://school.example:8443/remote.php/dav",
                "https://school.example:8443/.well-known/caldav",
                "https://school.example:8443/",
            ],
            id="host, port and path",
        ),
    ],
)
def test_addresses_are_tried_best_first(typed: str, asked: list[str]) -> None:
    assert list(candidates(typed)) == asked


@pytest.fixture
def work(radicale: Radicale) -> Iterator[DavWorld]:
    world = DavWorld(radicale.address, USER, PASSWORD)
    yield world
    world.close()


@pytest.mark.parametrize("spelling", ["127.0.0.1:{port}", "http://127.0.0.1:{port}/", "http://127.0.0.1:{port}{path}"])
def test_radicale_is_found_by_host_by_root_and_by_a_calendars_address(
    radicale: Radicale, work: DavWorld, spelling: str
) -> None:
    account = open_dav(spelling.format(port=radicale.port, path=work.path), USER, PASSWORD)

    identity = account.identify()
    found = {info.remote_id: info for info in account.calendars()}
    account.close()

    assert (identity.issuer, identity.subject) == (f"http://127.0.0.1:{radicale.port}", f"/{USER}/")
    assert found[work.address].access is Access.WRITE


def test_the_same_person_is_the_same_identity_whatever_was_typed(radicale: Radicale, work: DavWorld) -> None:
    """Connected twice, once by host and once by address: one account, not two that write to one calendar."""
    one = open_dav(f"127.0.0.1:{radicale.port}", USER, PASSWORD)
    other = open_dav(work.address, USER, PASSWORD)

    assert one.identify() == other.identify()

    one.close()
    other.close()


class SendingOnCal(NullCal):
    """Lives under /dav/ and sends on to it from the well-known address, as RFC 6764 (section 5) has it."""

    location = "/dav/"

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, str, str, bool]] = []

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.seen.append((method, path, headers.get("depth", ""), "authorization" in headers))
        if path.startswith("/.well-known"):
            return 301, b"", {"Location": self.location}
        if path == "/":
            return 405, b"", {}
        if path == "/dav/":
            path = "/"
        return super().answer(method, path, headers, body)


def test_a_redirect_keeps_method_and_depth() -> None:
    server = SendingOnCal()
    with server.started() as running:
        account = open_dav(f"127.0.0.1:{running.port}", "anna", "x")
        identity = account.identify()
        account.close()

    assert identity.subject == "/anna/"
    assert server.seen[:2] == [("PROPFIND", "/.well-known/caldav", "0", True), ("PROPFIND", "/dav/", "0", True)]


def test_bad_input_a_redirect_out_of_encryption_gets_no_password() -> None:
    server = SendingOnCal()
    server.location = "http://calendars.invalid/dav/"
    with server.started() as running:
        account = open_dav(f"127.0.0.1:{running.port}", "anna", "x")
        with pytest.raises(InsecureAddress):
            account.identify()
        account.close()


def test_bad_input_a_redirect_in_circles_ends() -> None:
    server = SendingOnCal()
    server.location = "/.well-known/caldav"
    with server.started() as running:
        account = open_dav(f"127.0.0.1:{running.port}", "anna", "x")
        with pytest.raises(TooManyRedirects):
            account.identify()
        account.close()

    assert len(server.seen) == 6


def test_calendars_tell_what_they_are_for() -> None:
    """Tasks are left out, a subscription is marked, one without the right to write is read only."""
    with HomeCal().started() as running:
        account = open_dav(f"127.0.0.1:{running.port}", "anna", "x")
        found = {info.name: info for info in account.calendars()}
        account.close()

    assert set(found) == {"Lessons", "Holidays", "Staff"}
    assert found["Lessons"].colour == "#ff8800"
    assert found["Lessons"].remote_id.endswith("/anna/les%20sons/")
    assert found["Holidays"].subscribed
    assert found["Staff"].access is Access.READ


class HomeCal(NullCal):
    """A home with collections of many kinds."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if headers.get("depth") != "1":
            return super().answer(method, path, headers, body)
        calendar = "<collection/><C:calendar/>"
        rows = [
            ("les%20sons", calendar, "Lessons", "<A:calendar-color>#FF8800FF</A:calendar-color>"),
            ("todo", calendar, "Tasks", _only("VTODO")),
            ("fair", "<collection/><CS:subscribed/>", "Holidays", ""),
            ("staff", calendar, "Staff", _only("VEVENT") + "<current-user-privilege-set><privilege><read/></privilege>"
             "</current-user-privilege-set>"),
            ("inbox", "<collection/><C:schedule-inbox/>", "Inbox", ""),
        ]  # fmt: skip
        text = "".join(
            f"<response><href>/anna/{name}/</href><propstat><prop><resourcetype>{kind}</resourcetype>"
            f"<displayname>{title}</displayname>{more}</prop><status>HTTP/1.1 200 OK</status></propstat></response>"
            for name, kind, title, more in rows
        )
        spaces = (
            'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/" '
            'xmlns:A="http://apple.com/ns/ical/"'
        )
        return 207, f"<multistatus {spaces}>{text}</multistatus>".encode(), {}


def _only(component: str) -> str:
    return f'<C:supported-calendar-component-set><C:comp name="{component}"/></C:supported-calendar-component-set>'


class DigestCal(NullCal):
    """Takes no Basic (RFC 7616)."""

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        if not headers.get("authorization", "").startswith("Digest "):
            return 401, b"", {"WWW-Authenticate": 'Digest realm="school", nonce="4f2a", qop="auth", algorithm=SHA-256'}
        return super().answer(method, path, headers, body)


def test_digest_is_used_where_the_server_asks_for_it() -> None:
    with DigestCal().started() as running:
        account = open_dav(f"http://127.0.0.1:{running.port}/", "anna", "x")
        assert account.identify().subject == "/anna/"
        asked = account.requests
        account.identify()
        account.close()

    assert account.requests - asked == 2  # from then on without being asked


class HomeElsewhereCal(NullCal):
    """Names a home on another host."""

    home_elsewhere = "http://evil.invalid/anna/"

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        status, content, more = super().answer(method, path, headers, body)
        here = b"<C:calendar-home-set><href>/anna/"
        return status, content.replace(here, f"<C:calendar-home-set><href>{self.home_elsewhere}".encode()), more


def test_bad_input_a_home_outside_of_encryption_gets_no_password() -> None:
    with HomeElsewhereCal().started() as running:
        account = open_dav(f"http://127.0.0.1:{running.port}/", "anna", "x")
        with pytest.raises(InsecureAddress):
            account.calendars()
        account.close()
