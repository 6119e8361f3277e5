"""What another device told of its links, beside what is known here (ARCHITECTURE.md, "Several laptops"). Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from sync_agent.engine.session_fields import canonical
from sync_agent.engine.values import CALENDAR_GROUPS, GIVEN_UP, NEVER_AGAIN, Base, FieldGroup, Link, LinkState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connectors.vocabulary.leases import LinkRecord
    from sync_agent.engine.store.links import LinkRow


_NOTHING: Mapping[FieldGroup, str] = {}


def digest(record: LinkRecord) -> str:
    """Give the hash by which it is known whether the platform was told this already."""
    text = canonical(
        [
            record.session, record.incarnation, record.uid, record.state, record.href, record.etag,
            {group: [base.hub, base.side] for group, base in record.bases.items()}, dict(record.sent),
            *([record.closed_why] if record.closed_why else []),
        ]
    )  # fmt: skip
    return hashlib.sha256(text.encode()).hexdigest()


def agreed_with(
    record: LinkRecord, own: LinkRow | None, told: str = "", *, still: Mapping[FieldGroup, str] = _NOTHING
) -> dict[FieldGroup, Base]:
    """Say what counts as agreed with an event that another device looked after, from what it told and what we knew.

    What was typed back here meanwhile is newer than that agreement, whoever tells of it. Of what nobody told, our own
    stands: whoever changed that event since saw what we knew of it. And so does all of our own where nobody told
    anything since we did: what we agreed on then and could tell nobody is later. So it does where the platform still
    says what we agreed on: what that device agreed on since, only the event tells, where it is an edit. And where the
    event says what we agreed on, though a newer version won on that device: whoever types over it knows ours.

    Args:
        record: as it was told.
        own: our link.
        told: the hash of what was told of it last, as far as we know: by us, or to us.
        still: what the platform says of the session, as this device agreed with it.
    """
    known = own.bases if own is not None else {}
    found = {
        (group := FieldGroup(name)): Base(None if group in known and known[group].hub is None else one.hub, one.side)
        for name, one in record.bases.items()
    }
    if own is None or (own.link.uid, own.link.incarnation) != (record.uid, record.incarnation):
        return found
    if told == digest(record):
        return found | dict(known)
    for group, base in known.items():
        is_still = group in CALENDAR_GROUPS and base.side is not None and base.hub == still.get(group)
        if is_still and group in found and found[group].hub not in (None, base.hub):
            found[group] = Base(base.hub, base.side)
        elif group in found and found[group] == Base(None, base.side):
            found[group] = base
    return {group: base for group, base in known.items() if group in CALENDAR_GROUPS} | found


def is_later_here(record: LinkRecord, mine: Sequence[Link], *, is_there: bool) -> bool:
    """Whether our link of a session is a later one than a device told of: here somebody has answered what it asks.

    Its event is to be made anew, is to go, or is left to itself by now. One that was given up is its owner's for good.

    Args:
        record: as that device told it.
        mine: our links of the session in that calendar.
        is_there: whether the event that was told of was there when this device last looked.
    """
    if any(one.closed_why == GIVEN_UP and one.uid == record.uid for one in mine):
        return record.state != LinkState.CLOSED.value
    open_ = next((one for one in mine if one.state is not LinkState.CLOSED), None)
    if open_ is not None and open_.state is LinkState.WANT:
        return open_.incarnation > record.incarnation and not is_there and record.state != LinkState.CLOSED.value
    if record.state != LinkState.HELD.value:
        return False
    if open_ is not None:
        return open_.state is LinkState.CLOSING and open_.incarnation == record.incarnation
    return any(one.incarnation >= record.incarnation and one.closed_why in NEVER_AGAIN for one in mine)


def announced_with(record: LinkRecord, agreed: Mapping[FieldGroup, Base]) -> dict[FieldGroup, Base]:
    """Say with what another device was about to make an event: it may be there, or come, and say that (`attach`)."""
    groups = [group for group in CALENDAR_GROUPS if group not in agreed and record.sent.get(group.value) is not None]
    return {group: Base(hub=record.sent[group.value], side=None) for group in groups}
