"""Link states: written by the holder of the lease, read by the tutor's other devices. No HTTP in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec import Raw

from cloud_api.devices.service import device_of
from cloud_api.leases import service as leases
from cloud_api.leases import store as lease_rows
from cloud_api.links import store
from cloud_api.links.schemas import LinkBase, LinkGroup, LinkState, LinksWritten
from cloud_api.problems import Clash
from cloud_api.wire import encoded
from cloud_api.writes import Outcome

if TYPE_CHECKING:
    from cloud_api.auth.identity import Caller
    from cloud_api.links.schemas import LinksIn
    from cloud_api.parts import Parts
    from cloud_api.writes import Unit


def put(unit: Unit, key: str, wish: LinksIn) -> Outcome:
    """Store what the holder of a lease tells of some links.

    Raises:
        NotFound: no such lease of this tutor.
        Clash: `lease.lost`, it is not this device's (any more), or has another epoch.
        PreconditionFailed, PreconditionRequired: other links were written since (a request that arrives late).
    """
    device = device_of(unit.connection, unit.caller)
    lease = leases.visible(unit.connection, device, key, for_change=True)
    if not lease.is_held_by(device.id, unit.now) or lease.epoch != wish.epoch:
        raise Clash("lease.lost", "This device does not hold this lease, or not in this epoch. Ask for it again.")
    unit.terms.check(lease.links_version, required=True)
    latest = {link.session: link for link in wish.links}
    if not latest:
        return Outcome(LinksWritten(lease.links_version, 0), lease.links_version)
    version = lease.links_version + 1
    rows = [_row(link, version) for link in latest.values()]
    store.put(unit.connection, device.tenant, device.tutor_id, key, rows)
    lease_rows.set_links_version(unit.connection, device.tenant, device.tutor_id, key, version)
    return Outcome(LinksWritten(version, len(rows)), version)


def page(
    parts: Parts, caller: Caller, key: str, *, since: int, after: tuple[int, str] | None, limit: int
) -> tuple[int, list[store.LinkRow]]:
    """Give some links of a calendar, and the version of all of them.

    Raises:
        Forbidden: the caller is no device.
        NotFound: no such lease of this tutor.
    """
    with parts.database.reading() as connection:
        device = device_of(connection, caller)
        lease = leases.visible(connection, device, key)
        found = store.page(
            connection, device.tenant, device.tutor_id, key, since=since, after=after or (since, ""), limit=limit
        )
    return lease.links_version, found


def shown(row: store.LinkRow) -> LinkState:
    """Give a link as it goes over the wire."""
    return LinkState(
        session=row.session_id,
        incarnation=row.incarnation,
        uid=row.uid,
        href=row.href,
        etag=row.etag,
        state=row.state,  # type: ignore[arg-type]  # the database holds the same list of words
        # Stored in the words of the wire, so neither is read again.
        bases=cast("dict[LinkGroup, LinkBase]", Raw(row.bases.encode())),
        sent=cast("dict[LinkGroup, str | None]", Raw(row.sent.encode())),
        closed_why=row.closed_why,
    )


def _row(link: LinkState, version: int) -> store.LinkRow:
    return store.LinkRow(
        session_id=link.session,
        version=version,
        incarnation=int(link.incarnation),
        uid=link.uid,
        href=link.href,
        etag=link.etag,
        state=link.state,
        bases=encoded(link.bases).decode(),
        sent=encoded(link.sent).decode(),
        closed_why=link.closed_why,
    )
