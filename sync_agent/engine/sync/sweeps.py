"""When everything was last looked at, whatever hints of being at rest there are; pure, and kept in memory.

A sweep belongs to no account and waits for none: the sessions are looked at in whichever pass comes next, each host's
meetings and what the platform is to know when that account comes next. After a start all of it is due.
"""

from __future__ import annotations

from datetime import timedelta

SWEEP_EVERY = timedelta(hours=6)

SESSIONS = "sessions"
"""The sweep of all sessions, beside those of accounts, which are named by their ids."""


class Sweeps:
    """What was swept when, on the clock of elapsed time: set back, the other one would sweep a day later."""

    def __init__(self) -> None:
        self._swept: dict[str, timedelta] = {}
        self._broken_off, self._looked = 0, dict[str, int]()

    def is_due(self, what: str, elapsed: timedelta) -> bool:
        """Whether it is time to look at all of an account's, or at all `SESSIONS`."""
        swept = self._swept.get(what)
        return swept is None or elapsed - swept >= SWEEP_EVERY

    def note(self, what: str, elapsed: timedelta) -> None:
        """Note that all of it was looked at now."""
        self._swept[what] = elapsed

    def broke_off(self) -> None:
        """Note that a pass broke off, so that nobody said what it left undone."""
        self._broken_off += 1

    def is_in_doubt(self, account: str) -> bool:
        """Whether what a pass that broke off left undone at an account was not looked for yet."""
        return self._looked.get(account, 0) < self._broken_off

    def looked(self, account: str) -> None:
        """Note that it was."""
        self._looked[account] = self._broken_off
