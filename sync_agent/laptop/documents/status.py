"""How things stand, in one word and one sentence: a pure function of what is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sync_agent.engine.conflicts.seal import Seal
from sync_agent.engine.conflicts.words import stale_words
from sync_agent.engine.words import at_words
from sync_agent.laptop.documents.accounts import health_state, is_offline
from sync_agent.laptop.documents.coverage import coverage_document
from sync_agent.laptop.documents.looks import look_document
from sync_agent.laptop.documents.times import instant

if TYPE_CHECKING:
    from sync_agent.engine.sync.progress import Advance
    from sync_agent.engine.values import Account
    from sync_agent.laptop.documents.looks import Look


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the state depends on.

    Attributes:
        waiting: sessions that some side does not say yet.
        vault: "absent", "locked", "open", "session_only".
        conflicts, questions: ids of what is open; `conflict_words` tells the first.
        problem: one sentence while nothing can be kept, else "".
        doubts: how many things in foreign events were not understood.
        seal: how far the calendars are looked at.
        looks: how it goes on with each account.
        advance: how far the pass is that is under way.
    """

    now: datetime
    zone: str
    accounts: Sequence[Account]
    conflicts: Sequence[str]
    conflict_words: str
    questions: Sequence[str]
    question_words: str
    waiting: int
    vault: str
    is_syncing: bool
    paused_until: datetime | None
    last_sync_at: datetime | None
    problem: str = ""
    doubts: int = 0
    seal: Seal = field(default_factory=lambda: Seal(None))
    looks: Sequence[Look] = ()
    advance: Advance | None = None


@dataclass(frozen=True, slots=True)
class Banner:
    """The one matter that is most important now."""

    kind: str
    text: str
    action: str = "none"
    target: str | None = None


def state_of(standing: Standing) -> tuple[str, str]:
    """Give the state and its reason. Broken > needs you > offline > paused > syncing > ok."""
    if standing.problem:
        return "broken", standing.problem
    broken = [account for account in standing.accounts if health_state(account) == "broken"]
    if broken:
        return "broken", broken[0].error_words
    if standing.conflicts:
        return "needs_you", _counted(len(standing.conflicts), "double booking") + " to settle."
    if standing.questions:
        return "needs_you", _counted(len(standing.questions), "question") + " for you."
    if is_offline(standing.accounts, standing.now):
        since = min(account.failing_since or standing.now for account in standing.accounts)
        return "offline", f"Offline since {at_words(since, standing.zone)}{_waiting(standing.waiting)}."
    if standing.paused_until is not None:
        return "paused", _paused(standing)
    if standing.is_syncing:
        return "syncing", _advance_words(standing.advance)
    ailing = [account for account in standing.accounts if health_state(account) in ("attention", "offline")]
    if ailing:
        return "needs_you", ailing[0].error_words
    if not standing.accounts:
        return "ok", "No calendar is connected yet."
    if standing.seal.stale:
        # Nothing fails, and nobody looked: the computer slept, no agent ran, or the first look is still to come.
        state = "starting" if standing.seal.checked_at is None else "offline"
        return state, f"{'; '.join(stale_words(one, zone=standing.zone) for one in standing.seal.stale)}."
    if standing.waiting:
        return "ok", f"{_counted(standing.waiting, 'change')} on the way."
    return "ok", "Everything agrees."


def banner_of(standing: Standing) -> Banner:
    """Give the one matter that is most important now, with what to do about it."""
    if standing.vault == "locked" or (standing.vault == "absent" and _lacks_secrets(standing.accounts)):
        return Banner("vault", "Your passwords are locked. Unlock them, and syncing goes on.", "unlock")
    broken = [account for account in standing.accounts if health_state(account) == "broken"]
    if broken:
        return Banner("sign_in", broken[0].error_words, "reconnect", broken[0].id)
    if standing.conflicts:
        count = len(standing.conflicts)
        text = (
            standing.conflict_words if count == 1 else f"{count} double bookings. The first: {standing.conflict_words}"
        )
        return Banner("conflict", text, "resolve", standing.conflicts[0])
    if standing.questions:
        return Banner("question", standing.question_words, "answer", standing.questions[0])
    if is_offline(standing.accounts, standing.now):
        return Banner("offline", state_of(standing)[1])
    return Banner("none", "")


def status_document(standing: Standing, *, next_session: dict[str, Any] | None, version: str) -> dict[str, Any]:
    """Give **Status**."""
    state, reason = state_of(standing)
    banner = banner_of(standing)
    return {
        "state": state,
        "reason": reason,
        "offline_since": instant(_offline_since(standing), standing.zone) if state == "offline" else None,
        "paused_until": instant(standing.paused_until, standing.zone),
        "last_sync_at": instant(standing.last_sync_at, standing.zone),
        "waiting_changes": standing.waiting,
        "open_conflicts": len(standing.conflicts),
        "open_questions": len(standing.questions),
        "doubts": standing.doubts,
        "coverage": coverage_document(standing.seal, standing.zone),
        "next_session": next_session,
        "accounts": [
            look_document(one, now=standing.now, zone=standing.zone, is_paused=standing.paused_until is not None)
            for one in standing.looks
        ],
        "progress": _progress_document(standing.advance) if standing.is_syncing else None,
        "banner": {"kind": banner.kind, "text": banner.text, "action": banner.action, "target": banner.target},
        "vault": standing.vault,
        "platform": any(account.provider == "platform" for account in standing.accounts),
        "zone": standing.zone,
        "version": version,
    }


def _progress_document(advance: Advance | None) -> dict[str, Any] | None:
    if advance is None:
        return None
    return {"pass": advance.run, "read": advance.read, "written": advance.written, "to_write": advance.to_write}


def _advance_words(advance: Advance | None) -> str:
    if advance is not None and advance.written < advance.to_write:
        return f"Writing: {advance.written:,} of {_counted(advance.to_write, 'change')}."
    if advance is not None and advance.read and not advance.to_write:
        return f"Reading: {_counted(advance.read, 'event')} so far."
    return "Looking at calendars, platform and meetings."


def _offline_since(standing: Standing) -> datetime | None:
    """Since when nothing can be reached; where nothing fails, when somebody last looked."""
    if is_offline(standing.accounts, standing.now):
        return min((account.failing_since or standing.now for account in standing.accounts), default=None)
    return standing.seal.checked_at


def _lacks_secrets(accounts: Sequence[Account]) -> bool:
    """Whether an account waits for secrets that were kept for an earlier session only."""
    return any(account.error_code == "vault.locked" for account in accounts)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _waiting(count: int) -> str:
    return f", {_counted(count, 'change')} waiting" if count else ""


def _paused(standing: Standing) -> str:
    until = standing.paused_until
    if until is None or until.year > standing.now.year + 1:
        return "Paused until you resume."
    return f"Paused until {at_words(until, standing.zone)}."
