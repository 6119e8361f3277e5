"""What a client may be allowed to do: one word per resource and direction."""

from __future__ import annotations

from enum import StrEnum


class Scope(StrEnum):
    """A permission, spelled as in `api_clients.permissions` and in the scope of a token."""

    TUTORS_READ = "tutors:read"
    TUTORS_WRITE = "tutors:write"
    STUDENTS_READ = "students:read"
    STUDENTS_WRITE = "students:write"
    GUARDIANS_READ = "guardians:read"
    GUARDIANS_WRITE = "guardians:write"
    SESSIONS_READ = "sessions:read"
    SESSIONS_WRITE = "sessions:write"
    FEED_READ = "feed:read"


MEANING: dict[Scope, str] = {
    Scope.TUTORS_READ: "See tutors",
    Scope.TUTORS_WRITE: "Add and change tutors",
    Scope.STUDENTS_READ: "See students",
    Scope.STUDENTS_WRITE: "Add and change students",
    Scope.GUARDIANS_READ: "See guardians",
    Scope.GUARDIANS_WRITE: "Add and change guardians",
    Scope.SESSIONS_READ: "See sessions",
    Scope.SESSIONS_WRITE: "Add, change and cancel sessions",
    Scope.FEED_READ: "Read what changed (devices)",
}

AGENT_SCOPES: tuple[Scope, ...] = (
    Scope.TUTORS_READ,
    Scope.STUDENTS_READ,
    Scope.STUDENTS_WRITE,
    Scope.SESSIONS_READ,
    Scope.SESSIONS_WRITE,
    Scope.FEED_READ,
)


def scopes_in(text: str) -> frozenset[str]:
    """Read a scope parameter (RFC 6749, section 3.3): words between blanks, order means nothing."""
    return frozenset(text.split())
