"""Drives the phone: a process in its own environment, one JSON line each way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_PHONE = Path(__file__).with_name("phone.py")


class PhoneMissing(RuntimeError):
    """The environment with the `caldav` library is not there."""

    def __init__(self) -> None:
        super().__init__(
            "The demo's phone needs the library caldav in an environment of its own. build/run makes it; elsewhere say "
            "where its Python is with TUTORSYNC_PHONE_PYTHON."
        )


class PhoneFailed(RuntimeError):
    """The phone could not do what it was asked; says why."""


def phone_python() -> Path:
    """Find the Python that has the `caldav` library.

    Raises:
        PhoneMissing: there is none.
    """
    named = os.environ.get("TUTORSYNC_PHONE_PYTHON")
    beside = Path(sys.prefix).with_name(".venv-phone") / ("Scripts" if os.name == "nt" else "bin") / "python"
    found = Path(named) if named else beside
    if not found.exists():
        raise PhoneMissing
    return found


class Handset:
    """A phone that is signed in at a CalDAV server."""

    def __init__(self, log_file: Path) -> None:
        """Start it; it knows no calendar yet.

        Raises:
            PhoneMissing: its environment is not there.
        """
        with log_file.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own script, no shell
                [str(phone_python()), "-I", str(_PHONE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
            )

    def sign_in(self, url: str, username: str, password: str) -> list[str]:
        """Find the calendars of a server; gives their names."""
        names: list[str] = self._ask("sign_in", url=url, username=username, password=password)
        return names

    def events(self, calendar: str) -> list[dict[str, Any]]:
        """Read every event: href, uid, summary, location, description, url, conference, start and end in UTC."""
        found: list[dict[str, Any]] = self._ask("events", calendar=calendar)
        return found

    def busy(self, calendar: str, start: str, end: str) -> list[dict[str, str]]:
        """Read every occurrence between two instants: uid, start, end (UTC)."""
        found: list[dict[str, str]] = self._ask("busy", calendar=calendar, start=start, end=end)
        return found

    def add(self, calendar: str, text: str) -> str:
        """Store a new event given as iCalendar text."""
        href: str = self._ask("add", calendar=calendar, text=text)
        return href

    def edit(self, calendar: str, uid: str, **changes: Any) -> dict[str, Any]:
        """Change an event: `minutes` later, `summary`, `note`, `alarm`."""
        told: dict[str, Any] = self._ask("edit", calendar=calendar, uid=uid, **changes)
        return told

    def remove(self, calendar: str, uid: str) -> None:
        """Delete an event."""
        self._ask("remove", calendar=calendar, uid=uid)

    def stop(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _ask(self, do: str, **request: Any) -> Any:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise PhoneMissing
        process.stdin.write(json.dumps({"do": do, **request}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            msg = "the phone ended"
            raise PhoneFailed(msg)
        answer = json.loads(line)
        if "error" in answer:
            raise PhoneFailed(answer["error"])
        return answer["answer"]
