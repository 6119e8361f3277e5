"""One process at a time works on a profile. The system gives the lock back when that process ends, however it ends."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_agent.laptop.profile.places import PRIVATE_FILE, cannot_write

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

AGENT, COMMAND = "agent", "command"
_BETWEEN_TRIES = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a profile: `kind` is "agent", "command" or "" if that cannot be read."""

    pid: int
    kind: str


class LockHeld(Exception):
    """Somebody else works on this profile."""

    def __init__(self, holder: Holder) -> None:
        self.holder = holder
        super().__init__(f"held by {holder.pid}")


class ProfileLock:
    """The lock of a profile, for as long as it is open."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    @classmethod
    def take(cls, path: Path, kind: str, *, patience: timedelta = timedelta(0)) -> ProfileLock:
        """Take the lock.

        Args:
            path: the lock's file.
            kind: AGENT or COMMAND, to tell others.
            patience: how long to wait for a command to end; an agent is not waited for.

        Raises:
            LockHeld: by whom.
            ProfileNotWritable, DiskFull.
        """
        deadline = time.monotonic() + patience.total_seconds()
        while True:
            try:
                return cls._try(path, kind)
            except LockHeld as held:
                if held.holder.kind == AGENT or time.monotonic() >= deadline:
                    raise
            time.sleep(_BETWEEN_TRIES.total_seconds())

    @classmethod
    def _try(cls, path: Path, kind: str) -> ProfileLock:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE_FILE)
        except OSError as cause:
            raise cannot_write(path.parent, cause) from cause
        if not _locked(handle):
            holder = _holder(handle)
            os.close(handle)
            raise LockHeld(holder)
        try:
            os.ftruncate(handle, 0)
            os.lseek(handle, 0, os.SEEK_SET)
            os.write(handle, json.dumps({"pid": os.getpid(), "kind": kind}).encode())
        except OSError as cause:
            os.close(handle)
            raise cannot_write(path.parent, cause) from cause
        return cls(handle)

    def release(self) -> None:
        """Give it back."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def __enter__(self) -> ProfileLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _holder(handle: int) -> Holder:
    try:
        told = json.loads(os.pread(handle, 200, 0) if hasattr(os, "pread") else os.read(handle, 200))
        return Holder(int(told["pid"]), str(told["kind"]))
    except (OSError, ValueError, KeyError, TypeError):
        # Between taking the lock and writing its name, or Windows, which hides a locked file's content.
        return Holder(0, "")


if sys.platform == "win32":
    import msvcrt

    def _locked(handle: int) -> bool:
        try:
            # One byte far behind the name, so that others can read who holds it.
            os.lseek(handle, 4096, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _locked(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
