"""What holds for all values: secrets, codes, cursors, remembered callers, zones, problems."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cloud_api.auth.cache import CallerCache
from cloud_api.auth.identity import Caller, ClientKind
from cloud_api.cursors import CursorSigner, filters_digest
from cloud_api.faults import methods_at
from cloud_api.ids import SecretKind, is_well_formed, new_device_code, new_secret, normalised_code, uuid7
from cloud_api.problems import Fault, Invalid
from cloud_api.sessions.service import link_fault
from cloud_api.wire import fault_of, matches
from cloud_api.zones import zone_named

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SIGNER = CursorSigner(b"key")

places = st.lists(st.one_of(st.text(), st.integers(-(2**53), 2**53), st.none()), max_size=5)


@given(places)
def test_a_cursor_reads_as_it_was_written(place: list[Any]) -> None:
    """Whatever a list keeps in it."""
    assert SIGNER.read(SIGNER.write(place)) == place


@given(places, st.data())
def test_a_cursor_with_one_letter_changed_is_refused(place: list[Any], data: st.DataObject) -> None:
    """Nobody builds one."""
    cursor = SIGNER.write(place)
    at = data.draw(st.integers(0, len(cursor) - 2))  # the last letter holds bits that mean nothing
    letter = data.draw(st.sampled_from("ABCxyz019-_").filter(lambda letter: letter != cursor[at]))

    with pytest.raises(Invalid):
        SIGNER.read(cursor[:at] + letter + cursor[at + 1 :])


@given(st.text(max_size=200))
def test_a_cursor_of_anybody_else_is_refused(text: str) -> None:
    """Also one that another installation gave."""
    with pytest.raises(Invalid):
        SIGNER.read(text)
    with pytest.raises(Invalid):
        CursorSigner(b"other key").read(SIGNER.write([text]))


def test_filters_have_one_name_in_any_order_and_others_another() -> None:
    """None is no filter."""
    assert filters_digest({"a": "1", "b": None}) == filters_digest({"b": None, "a": "1"}) == filters_digest({"a": "1"})
    assert filters_digest({"a": "1"}) != filters_digest({"a": "2"})


@pytest.mark.parametrize("kind", SecretKind)
def test_a_secret_with_a_typing_mistake_is_found_without_a_look_up(kind: SecretKind) -> None:
    """By its checksum; another kind is another secret."""
    secret = new_secret(kind)

    assert is_well_formed(secret, kind)
    assert not any(is_well_formed(secret, other) for other in SecretKind if other is not kind)
    for at in range(len(secret)):
        assert not is_well_formed(secret[:at] + ("a" if secret[at] != "a" else "b") + secret[at + 1 :], kind)


@given(st.text(max_size=60))
def test_what_is_no_secret_is_none(text: str) -> None:
    """Any text at all may stand in a header."""
    assert not is_well_formed(text, SecretKind.ACCESS)


def test_a_code_is_the_same_however_it_is_typed() -> None:
    """Small letters, blanks, no dash; none of the letters looks like another."""
    code = new_device_code()

    assert normalised_code(code) == code
    assert normalised_code(f"  {code.lower().replace('-', ' ')} ") == code
    assert not set("01OI") & set(code)


@given(st.lists(st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)), min_size=2, max_size=2))
def test_ids_sort_by_their_time(moments: list[datetime]) -> None:
    """To the millisecond (RFC 9562, section 5.7)."""
    first, second = sorted(moment.replace(tzinfo=UTC) for moment in moments)

    assert uuid7(first) <= uuid7(second) or second - first < timedelta(milliseconds=1)
    assert uuid7(first)[14] == "7"


def a_caller(family: str = "f", client_id: str = "c") -> Caller:
    """Give somebody who is let in."""
    return Caller(client_id, "name", "t", ClientKind.DEVELOPER, None, frozenset(), family)


def test_a_caller_is_remembered_for_five_seconds_and_never_beyond_the_token() -> None:
    """That long a revocation on another machine may take to be seen."""
    cache = CallerCache()
    cache.put("long", a_caller(), NOW, NOW + timedelta(hours=1))
    cache.put("short", a_caller(), NOW, NOW + timedelta(seconds=2))

    assert cache.get("long", NOW + timedelta(seconds=4.9)) is not None
    assert cache.get("long", NOW + timedelta(seconds=5)) is None
    assert cache.get("short", NOW + timedelta(seconds=2)) is None
    assert cache.get("long", NOW - timedelta(hours=1)) is None, "the clock was put back"


def test_a_revocation_here_is_seen_at_once() -> None:
    """One sign-in, or all of a client."""
    cache = CallerCache()
    for family in ("a", "b"):
        cache.put(family, a_caller(family, client_id=f"client {family}"), NOW, NOW + timedelta(hours=1))

    cache.forget(family="a")
    assert (cache.get("a", NOW), cache.get("b", NOW) is not None) == (None, True)
    cache.forget(client_id="client b")
    assert cache.get("b", NOW) is None


@pytest.mark.parametrize("name", ["Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "Asia/Kathmandu"])
def test_zones_of_the_database_are_known(name: str) -> None:
    """By their IANA names."""
    assert zone_named(name) is not None


@pytest.mark.parametrize(
    "name",
    ["", "Mars/X", "../UTC", "/etc/passwd", "europe/berlin", "localtime", "right/UTC", "Europe", "\0", "Factory"],
)
def test_bad_input_what_only_lies_beside_the_zones_is_none(name: str) -> None:
    """A machine's own `localtime` means another hour on each machine."""
    assert zone_named(name) is None


@pytest.mark.parametrize(
    ("header", "holds"),
    [('"3"', True), ('W/"3"', True), ('"1", "3"', True), ("*", True), ('"4"', False), ("3", False), ("", False)],
)
def test_a_version_is_named_as_http_names_it(header: str, holds: bool) -> None:
    """RFC 9110, sections 13.1.1 and 13.1.2."""
    assert matches(header, 3) is holds


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ("Expected `int`, got `str` - at `$.duration_minutes`", "/duration_minutes"),
        ("Expected `str` of length <= 3 - at `$.student_ids[2]`", "/student_ids/2"),
        ("Object contains unknown field `a/b`", "/a~1b"),
        ("Object missing required field `zone` - at `$.meeting`", "/meeting/zone"),
        ("Expected `object`, got `array`", ""),
    ],
)
def test_a_fault_points_into_the_body(words: str, pointer: str) -> None:
    """JSON Pointer (RFC 6901)."""
    assert fault_of(words).pointer == pointer
    assert isinstance(fault_of(words), Fault)
    assert "`" not in fault_of(words).detail


def test_all_methods_of_a_path_are_named() -> None:
    """For Allow (RFC 9110, section 10.2.1)."""
    paths = {"/api/a": {"get": 1}, "/api/a/{x}": {"get": 1, "put": 1}, "/api/a/{x}/b": {"post": 1}}

    assert methods_at(paths, "/api/a/7") == ["GET", "PUT"]
    assert methods_at(paths, "/api/a/7/b") == ["POST"]
    assert methods_at(paths, "/api/b") == []


@pytest.mark.parametrize(
    ("url", "is_refused"),
    [
        ("https://zoom.us/j/1?pwd=x", False),
        ("https://zoom.us/s/1", True),
        ("https://us02web.zoom.us/s/1?x=1", True),
        ("https://school.example/j/1?zak=abc", True),
        ("https://meet.google.com/abc-defg-hij", False),
        ("https://school.example/s/1", False),
        ("https://school.example]/1", True),
    ],
)
def test_a_hosts_link_is_known_by_its_looks(url: str, is_refused: bool) -> None:
    """It would let a student in as the host."""
    assert bool(link_fault(url)) is is_refused


@given(st.text(alphabet="[]@:/?#%.abcz\u2100\uff0e"))
@example("]")
@example("\u2100")
def test_bad_input_a_link_of_any_letters_is_judged_without_a_crash(text: str) -> None:
    """Schemathesis sent https://…], which Python's own parser raises on."""
    assert link_fault(f"https://{text}") in {
        "",
        "This is no address of a meeting.",
        "This is the host's link; send the one for students.",
    }
