"""A feed as an account: one calendar, read only (RFC 5545; sheet ics-feeds)."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import unquote, urlsplit

from connectors.ical.errors import Unreadable
from connectors.ical.feed import Feed, FeedDamaged, FeedObject, decoded, take_apart
from connectors.ical.scan import read
from connectors.ical.zones import Effort
from connectors.ics.fetch import Answer, FileSource, Source, Validators, WebSource, web_address
from connectors.vocabulary.accounts import Access, CalendarInfo, Identity
from connectors.vocabulary.changes import Broken, Cursor, Page
from connectors.vocabulary.errors import FeatureMissing, FeedBroken
from connectors.vocabulary.events import CalendarObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from connectors.registry import Credentials

_KIND = "feed"
_PAGE = 200
_YES = frozenset({"1", "true", "yes", "on"})
_ID_LETTERS = 32
_MAIL_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def open_account(credentials: Credentials) -> FeedAccount:
    """Open a feed. Makes no request.

    Args:
        credentials: secret "url" (or `base_url`), or setting "file"; setting "allow_private" if the address may lie in
            a private network.
    """
    file = credentials.settings.get("file", "")
    if file:
        path = Path(file).expanduser().absolute()
        return FeedAccount(FileSource(path), issuer="file:", address=str(path))
    typed = credentials.secrets.get("url") or credentials.base_url
    address = web_address(typed)
    parts = urlsplit(address)
    port = f":{parts.port}" if parts.port else ""
    allow_private = credentials.settings.get("allow_private", "").lower() in _YES
    source = WebSource(address, credentials.rules, allow_private=allow_private)
    return FeedAccount(source, issuer=f"{parts.scheme}://{parts.hostname}{port}", address=address)


class FeedAccount:
    """One feed. Its stable id is a hash of its address, because the address is a secret."""

    def __init__(self, source: Source, *, issuer: str, address: str) -> None:
        self._source, self._issuer = source, issuer
        self._subject = sha256(address.encode()).hexdigest()[:_ID_LETTERS]
        self._owners = _addresses_in(unquote(address))

    @property
    def requests(self) -> int:
        """How many requests this account has sent since it was opened."""
        return self._source.requests

    def identify(self) -> Identity:
        """Name the feed; nobody signs in, so nothing is asked."""
        return Identity(self._issuer, self._subject, self._source.where, tuple(sorted(self._owners)))

    def calendars(self) -> Sequence[CalendarInfo]:
        """Give the one calendar, after reading it: what is no feed is refused here.

        Raises:
            FeedBroken, FeedGone, TooLarge, PrivateAddress: as they say.
        """
        feed = _taken_apart(self._source.get(Validators()), self._source.where)
        return (CalendarInfo(self._subject, feed.name or self._source.where, Access.READ),)

    def reader(self, remote_id: str) -> FeedReader:
        """Open the feed for reading. `remote_id` is that of its one calendar."""
        return FeedReader(self._source, self._owners)

    def calendar(self, remote_id: str, *, before_write: Callable[[], None] = lambda: None) -> NoReturn:
        """Refuse: a feed can only be read.

        Raises:
            FeatureMissing: always.
        """
        raise FeatureMissing(self._source.where, reason="a feed can only be read")

    def close(self) -> None:
        """Let go of the connections."""
        if isinstance(self._source, WebSource):
            self._source.close()


@dataclass(frozen=True, slots=True)
class _Place:
    """Where reading goes on; the text of the cursor.

    Attributes:
        body: hash of the whole body, for servers that give no validator.
        is_emptied: the feed held events and suddenly held none: to be believed if it is so again.
    """

    etag: str = ""
    modified: str = ""
    body: str = ""
    is_emptied: bool = False

    @classmethod
    def of(cls, cursor: Cursor | None) -> _Place:
        if cursor is None or cursor.kind != _KIND:
            return cls()
        try:
            return cls(**json.loads(cursor.token))
        except (ValueError, TypeError):  # a token of another version: read everything
            return cls()

    @property
    def cursor(self) -> Cursor:
        return Cursor(_KIND, json.dumps(asdict(self), separators=(",", ":")))


class FeedReader:
    """Reads a feed; every answer is the whole truth of it, if it is believed at all."""

    def __init__(self, source: Source, owners: frozenset[str] = frozenset()) -> None:
        self._source, self._owners = source, owners

    def changes(self, since: Cursor | None, known: Mapping[str, str | None]) -> Iterator[Page]:
        """Give the objects whose hash differs from the known one, and the keys of all; see `CalendarReader.changes`.

        A feed that held events and suddenly holds none is not believed at once: one page moves the cursor, then
        FeedBroken is raised. The next fetch that says the same is believed.

        Raises:
            FeedBroken, FeedGone, TooLarge, PrivateAddress: the last good copy stays.
        """
        before = _Place.of(since)
        answer = self._source.get(Validators(before.etag, before.modified))
        if answer.body is None:
            yield Page(unchanged=True)
            return
        place = _Place(answer.validators.etag, answer.validators.modified, sha256(answer.body).hexdigest())
        if place.body == before.body:
            yield Page(unchanged=True) if place == before else Page(cursor=place.cursor)
            return
        feed = _taken_apart(answer, self._source.where)
        if not feed.objects and known and not before.is_emptied:
            yield Page(cursor=_Place(is_emptied=True).cursor)
            raise FeedBroken(self._source.where, reason="it suddenly holds no event at all")
        owners, effort = self._owners | _addresses_in(feed.name), Effort()
        changed = [one for one in feed.objects if known.get(one.key) != one.digest]
        for at in range(0, len(changed), _PAGE):
            yield _page(changed[at : at + _PAGE], owners, effort)
        yield Page(listed=frozenset(one.key for one in feed.objects), cursor=replace(place, is_emptied=False).cursor)


def _addresses_in(text: str) -> frozenset[str]:
    """Whose feed it is: Google names the owner in the address, and calls a person's own calendar by their address."""
    return frozenset(f"mailto:{found.lower()}" for found in _MAIL_ADDRESS.findall(text))


def _taken_apart(answer: Answer, where: str) -> Feed:
    try:
        return take_apart(decoded(answer.body or b"", answer.charset))
    except FeedDamaged as cause:
        raise FeedBroken(where, reason=cause.reason) from cause


def _page(changed: Sequence[FeedObject], owners: frozenset[str], effort: Effort) -> Page:
    objects: list[CalendarObject] = []
    broken: list[Broken] = []
    for one in changed:
        try:
            reading = read(one.text, owners, effort)
        except Unreadable as cause:
            broken.append(Broken(one.key, cause.reason, cause.title, cause.starts, cause.repeats))
            continue
        objects.append(CalendarObject(one.key, one.key, one.digest, reading.events, one.text, reading.doubts))
    return Page(objects=tuple(objects), broken=tuple(broken))
