"""The auditor beside the engine's own stories: a profile with a calendar on a server that can be tampered with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from sync_agent.audit import AccountAudit, Auditor, Finding
from tests.engine.world import Home
from tests.servers.nullcal import NullCal


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A tutor with a calendar named Work, on a CalDAV server in memory."""
    with Home(tmp_path, NullCal()) as made:
        yield made


Audit = Callable[[], AccountAudit]


@pytest.fixture
def audit(home: Home) -> Audit:
    """Audit the one calendar account."""

    def run() -> AccountAudit:
        (found,) = auditor_of(home).run()
        return found

    return run


def auditor_of(
    home: Home, now: Callable[[], datetime] | None = None, *, elsewhere: frozenset[str] = frozenset()
) -> Auditor:
    """Give an auditor of a profile."""
    return Auditor(
        home.world.folder / "tutorsync.db",
        owner="me",
        installation="tenant-1",
        credentials=lambda account: home.world.book.credentials[account.id],
        now=now or home.world.clock.now,
        elsewhere=lambda: elsewhere,
    )


def told(found: AccountAudit) -> list[str]:
    """Give what was found, short: "differs title", "missing"."""
    return sorted(_told(one) for one in found.findings)


def _told(finding: Finding) -> str:
    return f"{finding.kind} {finding.field}" if finding.field else str(finding.kind)
