"""What a write puts in the place of what: of each group the hub's value, beside what its side says of it now. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_agent.engine.session_fields import value_of
from sync_agent.engine.store.journal import Sent
from sync_agent.engine.sync.blocking import said_of
from sync_agent.engine.sync.pull_platform import platform_link_value
from sync_agent.engine.sync.spell import join_url_of, link_value
from sync_agent.engine.values import CalendarRow, FieldGroup, MeetingRow, Role, Session

if TYPE_CHECKING:
    from sync_agent.engine.store.links import LinkRow
    from sync_agent.engine.store.mirror import MirrorRow


def link_of_ours(row: LinkRow, meeting: MeetingRow | None) -> str:
    """Give the link that we put into an event; the tutor's own, which was there before, is none."""
    base = row.bases.get(FieldGroup.LINK)
    is_own = meeting is not None and not meeting.remote_id and meeting.account == ""
    return "" if base is None or base.hub is None or is_own else join_url_of(base.hub)


def sent_of(
    session: Session, meeting: MeetingRow | None, calendar: CalendarRow, group: FieldGroup, obj: MirrorRow | None
) -> Sent:
    """Say what a row writes of one group."""
    url = meeting.join_url if meeting else ""
    if group is FieldGroup.LINK:
        provider = meeting.provider if meeting else ""
        hub = platform_link_value(provider, url) if calendar.is_platform else link_value(url)
    else:
        hub = said_of(session, group) if calendar.role is Role.BLOCK else value_of(session, group)
    groups = obj.fields.get("groups", {}) if obj else {}
    return Sent(hub=hub, words=groups.get(group.value, [""])[0])
