"""Rows of idempotency keys: who claimed one, and the answer that its request got."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cloud_api.problems import Clash
from cloud_api.tables import idempotency_keys as keys

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import ColumnElement, Connection


class Standing(Enum):
    """How a key stands that has no answer yet."""

    OURS = "claimed just now"
    IN_FLIGHT = "somebody else works on it"
    OTHER_REQUEST = "it belongs to another request"


@dataclass(frozen=True, slots=True)
class Claim:
    """One request's hold on a key.

    Attributes:
        id: made for this request; a claim that was taken over has another.
        fingerprint: short name of what is asked.
    """

    client_id: str
    key: str
    tenant: str
    fingerprint: str
    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it was given, for giving it again."""

    status: int
    headers: dict[str, str]
    body: bytes


def claimed(
    connection: Connection, claim: Claim, *, stale_before: datetime, drop_before: datetime
) -> Standing | Answer:
    """Claim a key, or say how it stands; an answer that is given again says so in a header.

    Args:
        connection: a unit of work of its own.
        claim: the request's hold.
        stale_before: a claim older than this without an answer belongs to a process that died.
        drop_before: keys older than this are forgotten.
    """
    connection.execute(delete(keys).where(keys.c.client_id == claim.client_id, keys.c.claimed_at < drop_before))
    values = {
        "client_id": claim.client_id,
        "key": claim.key,
        "tenant": claim.tenant,
        "fingerprint": claim.fingerprint,
        "claim": claim.id,
        "claimed_at": claim.at,
    }
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    claiming = dialect.insert(keys).values(**values).on_conflict_do_nothing().returning(keys.c.claim)
    if connection.execute(claiming).first() is not None:
        return Standing.OURS
    row = connection.execute(select(keys).where(_this_key(claim)).with_for_update()).one()
    if row.fingerprint != claim.fingerprint:
        return Standing.OTHER_REQUEST
    if row.is_settled:
        return Answer(row.status, {**row.headers, "Idempotency-Replayed": "true"}, row.body)
    if row.claimed_at >= stale_before:
        return Standing.IN_FLIGHT
    connection.execute(update(keys).where(_this_key(claim)).values(claim=claim.id, claimed_at=claim.at))
    return Standing.OURS


def settle(connection: Connection, claim: Claim, answer: Answer) -> None:
    """Keep the answer, in the transaction of the change itself.

    Raises:
        Clash: the claim was taken over meanwhile; the change must not be carried out twice.
    """
    done = connection.execute(
        update(keys)
        .where(_this_key(claim), keys.c.claim == claim.id)
        .values(is_settled=True, status=answer.status, headers=answer.headers, body=answer.body)
    )
    if done.rowcount != 1:
        raise Clash("write.in_flight", "Another request took this Idempotency-Key over.", headers={"Retry-After": "1"})


def release(connection: Connection, claim: Claim) -> None:
    """Give a key back whose request changed nothing."""
    connection.execute(delete(keys).where(_this_key(claim), keys.c.claim == claim.id, ~keys.c.is_settled))


def _this_key(claim: Claim) -> ColumnElement[bool]:
    return and_(keys.c.client_id == claim.client_id, keys.c.key == claim.key)
