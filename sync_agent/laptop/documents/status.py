"""The Status document: state, sentence and banner are one pure function of what is so (DESKTOP: tray states).

Priority: broken > needs you > offline > paused > syncing > ok. So the icon can never say "all is well" while a double
booking is open or a calendar was not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sync_agent.engine.words import at_words, listed
from sync_agent.laptop.documents.accounts import SIGN_IN
from sync_agent.laptop.documents.moments import stamp


@dataclass(frozen=True, slots=True)
class Banner:
    """The one thing to do now; `action` and `kind` are "none" where there is nothing."""

    kind: str = "none"
    text: str = ""
    action: str = "none"
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the state depends on.

    Attributes:
        health: Health documents.
        conflicts: (id, sentence) of the open double bookings, the next one first.
        questions: (id, sentence) of the open questions.
        vault: its state's name.
        needs_secrets: some account cannot work while the vault is closed.
        paused_until: with `is_paused`; None: until somebody resumes.
        store_problem: a sentence where nothing can be kept (a full disk), else "".
        has_read: a pass ended since the agent started, or there is nothing to read.
    """

    zone: str
    health: Sequence[Mapping[str, Any]] = ()
    conflicts: Sequence[tuple[str, str]] = ()
    questions: Sequence[tuple[str, str]] = ()
    stale: Sequence[str] = ()
    vault: str = "open"
    needs_secrets: bool = False
    is_paused: bool = False
    paused_until: datetime | None = None
    is_syncing: bool = False
    has_read: bool = True
    store_problem: str = ""
    offline_since: datetime | None = None
    last_sync_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """State, the sentence that says why, and the banner."""

    state: str
    reason: str
    banner: Banner


def judge(now: Situation) -> Verdict:
    """Say how things stand. The banner names what a person can do about it; the state what matters most."""
    banner = _banner(now)
    broken = [one for one in now.health if one["state"] == "broken"]
    if now.store_problem:
        return Verdict("broken", now.store_problem, banner)
    if _is_locked(now):
        return Verdict("broken", banner.text, banner)
    if broken:
        return Verdict("broken", str(broken[0]["message"]), banner)
    if now.conflicts:
        count = len(now.conflicts)
        more = "" if count == 1 else f" One of {count} double bookings."
        return Verdict("needs_you", now.conflicts[0][1] + more, banner)
    if now.questions:
        return Verdict("needs_you", now.questions[0][1], banner)
    troubled = [one for one in now.health if one["state"] in ("offline", "attention")]
    if any(one["state"] == "offline" for one in troubled):
        return Verdict("offline", _offline_words(now), banner)
    if troubled:
        return Verdict("needs_you", str(troubled[0]["message"]), banner)
    if now.is_paused:
        return Verdict("paused", _paused_words(now), banner)
    if not now.has_read:
        return Verdict("starting", "TutorSync is starting.", banner)
    if now.is_syncing:
        return Verdict("syncing", "Calendars are being compared.", banner)
    return Verdict("ok", _ok_words(now), banner)


def status_document(
    now: Situation, *, waiting_changes: int, next_session: dict[str, Any] | None, has_platform: bool, version: str
) -> dict[str, Any]:
    """Give the Status document."""
    verdict = judge(now)
    banner = verdict.banner
    return {
        "state": verdict.state,
        "reason": verdict.reason,
        "offline_since": stamp(now.offline_since),
        "paused_until": stamp(now.paused_until),
        "last_sync_at": stamp(now.last_sync_at),
        "waiting_changes": waiting_changes,
        "open_conflicts": len(now.conflicts),
        "open_questions": len(now.questions),
        "next_session": next_session,
        "banner": {"kind": banner.kind, "text": banner.text, "action": banner.action, "target": banner.target},
        "vault": now.vault,
        "platform": has_platform,
        "zone": now.zone,
        "version": version,
    }


def _banner(now: Situation) -> Banner:
    if _is_locked(now):
        return Banner("vault", "Your passwords are locked away. Unlock them, and syncing goes on.", "unlock")
    for one in now.health:
        if one["state"] == "broken" and one["code"] in SIGN_IN:
            return Banner("sign_in", str(one["message"]), "reconnect", str(one["account"]))
    if now.conflicts:
        return Banner("conflict", now.conflicts[0][1], "resolve", now.conflicts[0][0])
    if now.questions:
        return Banner("question", now.questions[0][1], "answer", now.questions[0][0])
    if any(one["state"] == "offline" for one in now.health):
        return Banner("offline", _offline_words(now))
    return Banner()


def _is_locked(now: Situation) -> bool:
    return now.needs_secrets and now.vault in ("locked", "absent")


def _offline_words(now: Situation) -> str:
    names = listed([str(one["name"]) for one in now.health if one["state"] == "offline"])
    since = f" since {at_words(now.offline_since, now.zone)}" if now.offline_since else ""
    return f"{names} cannot be reached{since}. Your changes are kept and go out as soon as there is a connection."


def _paused_words(now: Situation) -> str:
    if now.paused_until is None:
        return "Syncing is paused until you resume it."
    return f"Syncing is paused until {at_words(now.paused_until, now.zone)}."


def _ok_words(now: Situation) -> str:
    if not now.health:
        return "No calendar is connected yet."
    if now.stale:
        return f"Everything that could be read agrees; not checked lately: {listed(list(now.stale))}."
    if now.last_sync_at is None:
        return "Nothing was compared yet."
    return "Sessions and calendars agree, and no double booking is open."
