"""The XML of CalDAV: hostile documents, odd spellings, etags."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.dav.xml import (
    NotMultistatus,
    address_within,
    etag_of,
    is_strong,
    key_of,
    multiget_body,
    read_multistatus,
    read_preconditions,
    sync_body,
)

COLLECTION = "https://school.example/anna/work/"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><multistatus xmlns="DAV:"/>', id="entity"),
        pytest.param(b"<!doctype html><html></html>", id="a web page"),
        pytest.param(b"<html><body><br></body></html>", id="a web page without its head"),
        pytest.param(b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", id="a well-formed web page"),
        pytest.param(b"<multistatus/>", id="without its namespace"),
        pytest.param(b'<multistatus xmlns="DAV:"><response>', id="cut in half"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_bad_input_what_is_no_multistatus_is_refused(body: bytes) -> None:
    with pytest.raises(NotMultistatus):
        read_multistatus(body)


def test_bad_input_entities_are_never_expanded() -> None:
    """Also where the document type hides behind a long comment."""
    body = (
        f"<!--{'x' * 2000}--><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/hostname'><!ENTITY b 'laugh'>]>"
        '<multistatus xmlns="DAV:"><sync-token>&b;</sync-token><response><href>/&a;</href></response></multistatus>'
    )

    status = read_multistatus(body.encode())

    assert status.sync_token == ""
    assert [one.href for one in status.responses] == ["/"]


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_bad_input_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(NotMultistatus):
        read_multistatus(body)
    assert read_preconditions(body) == ()


def test_prefixes_mean_nothing_and_namespaces_everything() -> None:
    body = (
        '<x:multistatus xmlns:x="DAV:"><x:response><x:href> /a/b.ics </x:href><x:propstat><x:prop><x:getetag>"1"'
        "</x:getetag></x:prop><x:status>HTTP/1.1 200 OK</x:status></x:propstat><x:propstat><x:prop><y:calendar-data "
        'xmlns:y="urn:ietf:params:xml:ns:caldav"/></x:prop><x:status>HTTP/1.1 404 Not Found</x:status></x:propstat>'
        "</x:response></x:multistatus>"
    )

    (response,) = read_multistatus(body.encode()).responses

    assert response.href == "/a/b.ics"
    assert list(response.found) == ["{DAV:}getetag"]


@pytest.mark.parametrize(
    "spelling",
    [
        "/anna/work/a%40b.ics",
        "/anna/work/a@b.ics",
        "https://school.example/anna/work/a%40b.ics",
        "https://SCHOOL.example:443/anna/work/a@b.ics",
        "a@b.ics",
        "/anna/w%6Frk/a%40b.ics",
    ],
)
def test_every_spelling_of_a_place_has_one_key(spelling: str) -> None:
    assert key_of(spelling, COLLECTION) == "/anna/work/a@b.ics"


@given(st.text(max_size=60))
@example("mailto:.evil.example/x")
@example("//evil.example/x")
def test_bad_input_an_object_is_never_asked_for_elsewhere(href: str) -> None:
    """A server that names another host for an event does not get our password sent there."""
    assert address_within(href, COLLECTION).startswith("https://school.example/")
    assert isinstance(key_of(href, COLLECTION), str)


def test_bad_input_another_host_in_an_href_is_ignored() -> None:
    assert address_within("https://evil.example/anna/work/a%40b.ics", COLLECTION) == f"{COLLECTION}a%40b.ics"


@pytest.mark.parametrize(
    ("raw", "etag", "strong"),
    [
        ('"abc"', "abc", True),
        ("abc", "abc", True),
        ('W/"abc"', "W/abc", False),
        (' "a b" ', "a b", True),
        ("", None, False),
        ('""', None, False),
        (None, None, False),
    ],
)
def test_etags_lose_their_quotes_and_keep_their_weakness(raw: str | None, etag: str | None, strong: bool) -> None:
    assert etag_of(raw) == etag
    assert is_strong(etag) is strong


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50))
def test_what_we_ask_is_well_formed_whatever_a_server_called_things(text: str) -> None:
    from lxml import etree

    with contextlib.suppress(ValueError):
        assert (etree.fromstring(sync_body(text)).findtext("{DAV:}sync-token") or "") == text
        assert [one.text or "" for one in etree.fromstring(multiget_body([text])).iter("{DAV:}href")] == [text]
