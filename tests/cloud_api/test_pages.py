"""Lists in pages: nothing shown twice, nothing left out, whatever is added meanwhile."""

from __future__ import annotations

import random
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cloud_api.tenant import Tenant, problem


def a_start(chance: random.Random) -> str:
    """Give some hour of one week; hours repeat, so that the order falls back on the id."""
    return f"2026-11-{chance.randint(23, 27)}T{chance.randint(8, 12):02}:00:00"


@pytest.mark.parametrize("seed", range(3))
def test_pages_hold_all_that_was_there_once_while_others_add(tenant: Tenant, seed: int) -> None:
    """Sessions are made before, at and after the place that is being read, all the time."""
    chance = random.Random(seed)
    there = {tenant.session(start_wall=a_start(chance))["id"] for _ in range(14)}
    added: set[str] = set()
    seen: list[str] = []
    cursor: str | None = None

    while cursor is not None or not seen:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = tenant.api.get("/api/sessions", params=params).json()
        seen += [session["id"] for session in page["data"]]
        cursor = page["next_cursor"]
        if len(added) < 9:
            added |= {tenant.session(start_wall=a_start(chance))["id"] for _ in range(3)}

    assert len(seen) == len(set(seen)), "shown twice"
    assert there <= set(seen), "left out"
    assert set(seen) <= there | added


def test_the_link_header_leads_through_all_pages(tenant: Tenant) -> None:
    """For clients that follow RFC 8288; filters go along."""
    made = [tenant.session(start_wall=f"2026-11-{day}T10:00:00")["id"] for day in (24, 25, 26)]
    tenant.session(status="completed")
    seen, url = [], "/api/sessions?limit=1&status=planned"

    while url:
        page = tenant.api.get(url)
        seen += [session["id"] for session in page.json()["data"]]
        url = page.links.get("next", {}).get("url", "")

    assert seen == made


def test_people_come_in_pages_too(tenant: Tenant) -> None:
    """By id."""
    for number in range(4):
        tenant.person("student", f"Student {number}")
    seen, cursor = [], None

    while True:
        page = tenant.api.get("/api/students", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [student["id"] for student in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 6
    assert seen == sorted(seen)


def test_bad_input_a_cursor_that_this_list_did_not_give(tenant: Tenant) -> None:
    """Built by hand, changed by one letter, of other filters, of another list: none is believed."""
    for _ in range(2):
        tenant.session()
    link = tenant.api.get("/api/sessions", params={"limit": 1}).links["next"]["url"]
    good = parse_qs(urlsplit(link).query)["cursor"][0]
    changed = good[:-1] + ("A" if good[-1] != "A" else "B")

    answers = [
        tenant.api.get("/api/sessions", params={"cursor": "bm90aGluZw"}),
        tenant.api.get("/api/sessions", params={"cursor": "ünïcode"}),
        tenant.api.get("/api/sessions", params={"cursor": changed}),
        tenant.api.get("/api/sessions", params={"cursor": good, "tutor_id": str(uuid.uuid4())}),
        tenant.api.get("/api/students", params={"cursor": good}),
        tenant.api.get("/api/feed", params={"cursor": good}),
    ]

    assert [answer.status_code for answer in answers[:5]] == [422] * 5
    assert {problem(answer)[1] for answer in answers[:5]} == {"cursor.invalid"}
    assert problem(answers[5]) == (410, "feed.cursor_gone", [])


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "from=yesterday", "to=2026-11-24T10:00:00", "tutor_id=7", "status=done"],
)
def test_bad_input_a_query_that_means_nothing(tenant: Tenant, query: str) -> None:
    """The parameter is named."""
    status, _, names = problem(tenant.api.get(f"/api/sessions?{query}"))

    assert (status, names) == (422, [query.partition("=")[0]])
