"""What the marker of an event tells that no link held yet."""

from __future__ import annotations

from sync_agent.engine.store.event_json import event_to_json
from sync_agent.engine.sync.attach import Found, untouched
from sync_agent.engine.sync.spell import short_hash
from sync_agent.engine.values import CALENDAR_GROUPS, Base, FieldGroup
from tests.engine.sync.builders import a_link, a_session, an_event


def test_what_its_server_escaped_is_as_it_was_written_though_the_session_says_something_else_now() -> None:
    """Nobody but the event tells what was sent: another laptop made it (2367)."""
    assert _title_agreed(written="Sums & <b>more</b>", said="Sums &amp; &lt;b&gt;more&lt;/b&gt;") == Base(
        hub="Sums & <b>more</b>", side="Sums &amp; &lt;b&gt;more&lt;/b&gt;"
    )


def test_what_has_escapes_that_was_not_written_so_was_typed() -> None:
    assert _title_agreed(written="Sums", said="Sums &amp; more") is None


def _title_agreed(*, written: str, said: str) -> Base | None:
    fields = {
        "event": event_to_json(an_event(summary=said)),
        "hashes": {FieldGroup.TITLE.value: short_hash(written)},
        "groups": {group.value: [said if group is FieldGroup.TITLE else ""] for group in CALENDAR_GROUPS},
    }
    link = a_link()
    found = Found(link=link, obj="o", uid=link.uid, etag=None, shape="single", fields=fields)
    rows = untouched(found, a_session(title="Physics"), frozenset())
    return next((row.base for row in rows if row.group is FieldGroup.TITLE), None)
