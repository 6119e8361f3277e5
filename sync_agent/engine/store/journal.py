"""The journal: every write stands here before it is sent, and blocks its object until it is settled or given up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, select, update

from sync_agent.engine.store.asked import Asked
from sync_agent.engine.store.bulk import changed_rows, kept_rows, new_rows
from sync_agent.engine.store.chunks import in_chunks
from sync_agent.engine.store.record_json import record_from_json, record_to_json
from sync_agent.engine.store.tables import UNSETTLED, echo, intent
from sync_agent.engine.values import GROUPS, FieldGroup, Verb

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, RowMapping

    from connectors.vocabulary.sessions import SessionRecord

ECHO_KEPT = timedelta(hours=24)
BEFORE_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a row writes of one group.

    Attributes:
        hub: the hub's value that the side is to hold.
        words: the side's own words before the write, for telling our echo from an edit; "" for a creation.
    """

    hub: str
    words: str


@dataclass(frozen=True, slots=True)
class Intent:
    """One intention. Its body never changes after it was stored.

    Attributes:
        id: also the idempotency key.
        obj_key: what it touches; one unsettled row an object.
        href: where the object is, or will be.
        before: the whole object as it was, for undo.
        cause: why ("session.moved by tutor", …).
        answer_etag: what the answer said; set when it came.
        record: to the platform, the whole session as it was sent: what is asked once more is the very same.
    """

    id: str
    obj_key: str
    account: str
    calendar: str | None
    session: str
    link: str | None
    verb: Verb
    href: str
    fields: Mapping[FieldGroup, Sent]
    if_match: str | None
    before: str | None
    cause: str
    state: str
    sent_at: datetime
    answered_at: datetime | None = None
    answer_etag: str | None = None
    record: SessionRecord | None = None

    @property
    def key(self) -> str:
        """The mirror's key of what it touches."""
        return self.obj_key.split("/", 1)[1]

    @property
    def values(self) -> dict[FieldGroup, str]:
        """What it writes, as hub values."""
        return {group: sent.hub for group, sent in self.fields.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the answer to a row's request said."""

    intent: str
    etag: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Echo:
    """Something that may still arrive late.

    Attributes:
        since: when it was given up.
        value: the hub value that was sent; None: of a whole text, and of what only stood beside such a value.
    """

    since: datetime
    value: str | None


Echoes = Mapping[tuple[FieldGroup, str], Echo]
"""What may still arrive late at one object, by group and hash (`JournalStore.echoes`)."""

_SENT, _ANSWERED = new_rows(intent), changed_rows(intent, "id")
_ANSWERS = Asked(
    select(intent.c.id, intent.c.answered_at, intent.c.answer_etag).where(
        intent.c.id.in_(bindparam("b_ids")), UNSETTLED
    )
)
_WRITES = Asked(
    select(intent.c.link, intent.c.fields).where(intent.c.link.in_(bindparam("b_links"))).order_by(intent.c.id)
)
_CLOSED = Asked(update(intent).where(intent.c.id.in_(bindparam("b_ids"))).values(state=bindparam("b_state")))
_ECHOES = Asked(
    select(echo.c.obj_key, echo.c.field_group, echo.c.words_hash, echo.c.until, echo.c.value).where(
        echo.c.obj_key.in_(bindparam("b_keys")), echo.c.until > bindparam("b_now")
    )
)
_OLD_ECHOES = Asked(delete(echo).where(echo.c.until <= bindparam("b_now")))
_OLD_BEFORES = Asked(
    update(intent)
    .where(intent.c.sent_at < bindparam("b_before"), intent.c.state.in_(["settled", "given_up"]))
    .values(before=None, record=None)
)
_SESSIONS_OF = Asked(
    select(intent.c.session, intent.c.fields).where(
        intent.c.owner == bindparam("b_owner"),
        intent.c.sent_at >= bindparam("b_since"),
        intent.c.calendar == bindparam("b_calendar"),
        intent.c.verb == bindparam("b_verb"),
    )
)
_VERBS = {verb.value: verb for verb in Verb}
_ECHOED = kept_rows(echo, "obj_key", "field_group", "words_hash")


REMOVAL = (FieldGroup.STATUS, "removed")
"""Stands among the echoes of an object that we sent a deletion of: where it is gone, that may have come late."""


class JournalStore:
    """All intentions of one owner."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        # Asked with every idle pass, so made once.
        # Not sorted by the database, which would go through the whole journal in the order of its index.
        unsettled = select(intent).where(intent.c.owner == owner, UNSETTLED)
        self._unsettled = Asked(unsettled)
        self._unsettled_of = Asked(unsettled.where(intent.c.account.in_(bindparam("b_accounts"))))
        self._blocked = Asked(
            select(intent.c.link).where(intent.c.owner == owner, UNSETTLED, intent.c.link.is_not(None))
        )

    def send(self, connection: Connection, new: Intent) -> None:
        """Write an intention down, just before its request leaves."""
        self.send_many(connection, [new])

    def send_many(self, connection: Connection, rows: Sequence[Intent]) -> None:
        """Write several intentions down, just before their requests leave."""
        _SENT.run(
            connection,
            [
                {
                    "owner": self._owner,
                    "id": new.id,
                    "obj_key": new.obj_key,
                    "account": new.account,
                    "calendar": new.calendar,
                    "session": new.session,
                    "link": new.link,
                    "verb": new.verb.value,
                    "href": new.href,
                    "fields": {group.value: [sent.hub, sent.words] for group, sent in new.fields.items()},
                    "if_match": new.if_match,
                    "before": new.before,
                    "record": None if new.record is None else record_to_json(new.record),
                    "cause": new.cause,
                    "state": "sent",
                    "sent_at": new.sent_at,
                }
                for new in rows
            ],
        )

    def answered_many(self, connection: Connection, answers: Sequence[Answer]) -> None:
        """Note several answers at once."""
        _ANSWERED.run(
            connection, [{"id": one.intent, "answered_at": one.at, "answer_etag": one.etag} for one in answers]
        )

    def with_answers(self, connection: Connection, rows: Iterable[Intent]) -> list[Intent]:
        """Give rows with what their answers said that came after they were read; a row's body never changes.

        Those that were closed since are left out: a take-over gives up what was under way before it.
        """
        found: list[Intent] = []
        for part in in_chunks(rows):
            came = _ANSWERS.rows(connection, {"b_ids": [row.id for row in part]})
            answers = {intent_id: (at, etag) for intent_id, at, etag in came}
            for row in part:
                if row.id in answers:
                    at, etag = answers[row.id]
                    found.append(replace(row, answered_at=at, answer_etag=etag))
        return found

    def close_many(self, connection: Connection, ids: Sequence[str], state: str) -> None:
        """Close several rows in the same way."""
        for part in in_chunks(ids):
            _CLOSED.do(connection, {"b_ids": part, "b_state": state})

    def close(self, connection: Connection, intent_id: str, state: str) -> None:
        """Settle a row ("settled"), give it up ("given_up") or note that nobody knows ("unknown")."""
        self.close_many(connection, [intent_id], state)

    def unsettled(self, connection: Connection, accounts: Iterable[str] | None = None) -> list[Intent]:
        """Give the rows whose outcome nobody knows yet, oldest first."""
        if accounts is None:
            found = self._unsettled.named(connection, {})
        else:
            wanted = list(accounts)
            found = self._unsettled_of.named(connection, {"b_accounts": wanted}) if wanted else []
        return sorted(map(_intent, found), key=lambda row: (row.sent_at, row.id))

    def get(self, connection: Connection, intent_id: str) -> Intent | None:
        """Give one row, or None."""
        row = connection.execute(select(intent).where(intent.c.id == intent_id)).mappings().first()
        return None if row is None else _intent(row)

    def blocked_links(self, connection: Connection) -> set[str]:
        """Give the links whose object has an unsettled write."""
        return {row[0] for row in self._blocked.rows(connection, {})}

    def sessions_of(
        self,
        connection: Connection,
        calendar_id: str,
        verb: Verb,
        group: FieldGroup | None = None,
        *,
        since: datetime,
    ) -> set[str]:
        """Give the sessions that were written to a calendar with this verb since then; of a group only if it was in."""
        asked = {"b_owner": self._owner, "b_since": since, "b_calendar": calendar_id, "b_verb": verb.value}
        rows = _SESSIONS_OF.rows(connection, asked)
        return {session for session, fields in rows if group is None or group.value in fields}

    def written_with(self, connection: Connection, links: Iterable[str]) -> dict[str, list[dict[FieldGroup, str]]]:
        """Give by link what the hub said each time its event was sent, the oldest first."""
        found: dict[str, list[dict[FieldGroup, str]]] = {}
        for part in in_chunks(links):
            for link, fields in _WRITES.rows(connection, {"b_links": part}):
                found.setdefault(link, []).append({GROUPS[group]: hub for group, (hub, _) in fields.items()})
        return found

    def written_to(self, connection: Connection) -> set[str]:
        """Give the calendars that this store wrote to, as far back as rows are kept."""
        rows = connection.execute(select(intent.c.calendar).where(intent.c.owner == self._owner).distinct())
        return {calendar for calendar in rows.scalars() if calendar is not None}

    def last_sent(self, connection: Connection, obj_key: str, verb: Verb) -> datetime | None:
        """Give when such a write to an object was last sent."""
        mine = (intent.c.owner == self._owner, intent.c.obj_key == obj_key, intent.c.verb == verb.value)
        found: datetime | None = connection.execute(select(func.max(intent.c.sent_at)).where(*mine)).scalar()
        return found

    def recent(self, connection: Connection, *, limit: int = 200) -> list[Intent]:
        """Give the last rows, newest first: what was written where and why."""
        rows = connection.execute(
            select(intent)
            .where(intent.c.owner == self._owner)
            .order_by(intent.c.sent_at.desc(), intent.c.id.desc())
            .limit(limit)
        ).mappings()
        return [_intent(row) for row in rows]

    def remember_echo(
        self,
        connection: Connection,
        row: Intent,
        values: Mapping[FieldGroup, str],
        now: datetime,
        *,
        beside: Mapping[FieldGroup, str] | None = None,
    ) -> None:
        """Remember what was sent by a row that was given up, or whose answer never came: it may still arrive.

        Args:
            connection: the unit of work.
            row: it.
            values: what it wrote.
            now: this instant.
            beside: what its text said besides, as it was before: where conditions are ignored that comes along.
        """
        sent = _sent(values)
        sent += [(*REMOVAL, None)] if row.verb is Verb.DELETE else []
        sent += [(group, hash_beside(value), None) for group, value in (beside or {}).items()]
        self._remember(connection, row.obj_key, sent, now)
        if row.verb is Verb.CREATE:
            # What it makes is known by its place, once it is there.
            self._remember(connection, f"{row.calendar}/{row.href}", sent, now)

    def remember_echoes(
        self, connection: Connection, obj_key: str, values: Mapping[FieldGroup, str], now: datetime
    ) -> None:
        """Remember what was sent to an object by the device that looked after it before."""
        self._remember(connection, obj_key, _sent(values), now)

    def let_echoes_follow(self, connection: Connection, obj_key: str, to: str) -> None:
        """Expect what may still arrive at an object where it was moved to, too: it may have arrived before that."""
        rows = connection.execute(
            select(echo.c.field_group, echo.c.words_hash, echo.c.value, echo.c.until).where(echo.c.obj_key == obj_key)
        )
        _ECHOED.run(connection, [{"obj_key": to, **row} for row in rows.mappings()])

    def remember_texts(
        self, connection: Connection, calendar: str, texts: Iterable[tuple[str, str]], now: datetime
    ) -> None:
        """Remember whole objects (key, text) as our writes left them: a copy of such a write would say just that."""
        _ECHOED.run(
            connection,
            [
                {
                    "obj_key": f"{calendar}/{key}",
                    "field_group": FieldGroup.LINK.value,
                    "words_hash": hash_of_text(text),
                    "until": now + ECHO_KEPT,
                }
                for key, text in texts
            ],
        )

    def _remember(
        self, connection: Connection, obj_key: str, sent: Iterable[tuple[FieldGroup, str, str | None]], now: datetime
    ) -> None:
        until = now + ECHO_KEPT
        _ECHOED.run(
            connection,
            [
                {"obj_key": obj_key, "field_group": group.value, "words_hash": sign, "value": value, "until": until}
                for group, sign, value in sent
            ],
        )

    def echoes(self, connection: Connection, obj_keys: Iterable[str], now: datetime) -> dict[str, Echoes]:
        """Give what may still arrive late, by object: (group, `hash_of` or `hash_beside` the hub value) to the echo.

        A whole text stands there as `hash_of_text` beside the derived group, a removal as `REMOVAL`.
        """
        found: dict[str, dict[tuple[FieldGroup, str], Echo]] = {}
        for part in in_chunks(obj_keys):
            for key, group, sign, until, value in _ECHOES.rows(connection, {"b_keys": part, "b_now": now}):
                found.setdefault(key, {})[GROUPS[group], sign] = Echo(until - ECHO_KEPT, value)
        return {**found}

    def forget_old(self, connection: Connection, now: datetime) -> None:
        """Drop echoes and before-images whose time is over."""
        _OLD_ECHOES.do(connection, {"b_now": now})
        _OLD_BEFORES.do(connection, {"b_before": now - BEFORE_KEPT})


def _sent(values: Mapping[FieldGroup, str]) -> list[tuple[FieldGroup, str, str | None]]:
    return [(group, hash_of(value), value) for group, value in values.items()]


def hash_of(value: str) -> str:
    """Give the hash by which a value that we sent is known again."""
    return hashlib.sha256(value.encode()).hexdigest()


def hash_beside(value: str) -> str:
    """Give the hash by which a value is known again that only stood in the text in which we sent another."""
    return hash_of(f"beside\n{value}")


def hash_of_text(text: str) -> str:
    """Give the hash by which a whole object is known again."""
    return hash_of(f"text\n{text}")


def _intent(row: RowMapping | Mapping[str, Any]) -> Intent:
    return Intent(
        id=row["id"],
        obj_key=row["obj_key"],
        account=row["account"],
        calendar=row["calendar"],
        session=row["session"],
        link=row["link"],
        verb=_VERBS[row["verb"]],
        href=row["href"],
        fields={GROUPS[group]: Sent(hub, words) for group, (hub, words) in row["fields"].items()},
        if_match=row["if_match"],
        before=row["before"],
        cause=row["cause"],
        state=row["state"],
        sent_at=row["sent_at"],
        answered_at=row["answered_at"],
        answer_etag=row["answer_etag"],
        record=None if row["record"] is None else record_from_json(row["record"]),
    )
