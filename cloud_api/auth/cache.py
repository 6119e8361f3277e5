"""Callers known a moment ago, so that a token is not looked up with each request."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cloud_api.auth.identity import Caller

_KEPT_FOR = timedelta(seconds=5)
_KEPT_AT_MOST = 10_000


class CallerCache:
    """Token hash to caller, for at most five seconds: that long a revocation on another machine may take to be seen.

    A revocation in this process is seen at once. Any thread may call it.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[Caller, datetime, datetime]] = OrderedDict()
        self._lock = Lock()

    def get(self, token_hash: str, now: datetime) -> Caller | None:
        """Give the caller, or None if it must be looked up (again)."""
        entry = self._entries.get(token_hash)
        if entry is None:
            return None
        caller, since, until = entry
        return caller if since <= now < until else None

    def put(self, token_hash: str, caller: Caller, now: datetime, expires_at: datetime) -> None:
        """Keep a caller that was just looked up, not longer than its token lives."""
        with self._lock:
            self._entries[token_hash] = (caller, now, min(now + _KEPT_FOR, expires_at))
            self._entries.move_to_end(token_hash)
            if len(self._entries) > _KEPT_AT_MOST:
                self._entries.popitem(last=False)

    def forget(self, *, family: str = "", client_id: str = "") -> None:
        """Forget all tokens of a sign-in or of a client."""
        with self._lock:
            gone = [
                token_hash
                for token_hash, (caller, _, _) in self._entries.items()
                if caller.family == family or caller.client_id == client_id
            ]
            for token_hash in gone:
                del self._entries[token_hash]
