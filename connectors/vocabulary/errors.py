"""What can go wrong outside, one class per thing that a caller would do differently.

Each has a code that never changes, words for a tutor and the one button that mends it. Vendors' errors are translated
to these at the connector's edge, nowhere else.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Self


class Remedy(StrEnum):
    """The one button that health shows beside an error."""

    NONE = "none"
    WAIT = "wait"
    RETRY = "retry"
    RECONNECT = "reconnect"
    CHECK_ADDRESS = "check_address"
    CHECK_CERTIFICATE = "check_certificate"
    CHOOSE_CALENDAR = "choose_calendar"
    FREE_SPACE = "free_space"
    UNLOCK = "unlock"


class ConnectorError(Exception):
    """Anything an outside system did to us.

    `where` is a host or a name for people, never an address with a query, a password or a token.

    Attributes:
        wait_s: for so long the other side asked to be left alone; None if it did not.
    """

    code: ClassVar[str] = "connection.failed"
    remedy: ClassVar[Remedy] = Remedy.RETRY
    words: ClassVar[str] = "{where} answered in a way that TutorSync does not understand. Nothing was changed."

    def __init__(self, where: str, **facts: str | int) -> None:
        self.where = where
        self.facts: dict[str, str | int] = {"where": where, **facts}
        self.wait_s: int | None = None
        super().__init__(self.sentence)

    def after(self, wait_s: int | None) -> Self:
        """Note for how long the other side asked to be left alone. Gives the error itself."""
        self.wait_s = wait_s
        return self

    @property
    def sentence(self) -> str:
        """What happened, what it means for the sessions, what to do."""
        return self.words.format_map(_Facts(self.facts))


class _Facts(dict[str, "str | int"]):
    def __missing__(self, key: str) -> str:
        return f"({key} unknown)"


class Unreachable(ConnectorError):
    """No connection: nothing was sent. Try later."""

    code = "connection.unreachable"
    remedy = Remedy.WAIT
    words = "{where} cannot be reached. Your changes are kept and go out as soon as it answers."


class UnknownHost(Unreachable):
    """The name resolves to nothing."""

    code = "connection.unknown_host"
    remedy = Remedy.CHECK_ADDRESS
    words = "There is no server called {where}. Check the address for a typing mistake."


class AnswerLost(ConnectorError):
    """The request was sent and no whole answer came: it may have been carried out or not. Look before sending again."""

    code = "connection.answer_lost"
    remedy = Remedy.WAIT
    words = "{where} broke off in the middle of an answer. TutorSync looks what arrived before it sends anything again."


class CertificateWrong(ConnectorError):
    """TLS could not be trusted."""

    code = "connection.certificate"
    remedy = Remedy.CHECK_CERTIFICATE
    words = (
        "{where} could not prove who it is (its certificate does not fit: {reason}). Nothing was sent. If it is your "
        "school's own server, give its CA file."
    )


class InsecureAddress(ConnectorError):
    """http:// to somewhere that is not this computer."""

    code = "connection.insecure"
    remedy = Remedy.CHECK_ADDRESS
    words = (
        "{where} would be asked without encryption, so your password could be read on the way. Use an https address."
    )


class PrivateAddress(ConnectorError):
    """An address inside this computer's own network, which nobody allowed."""

    code = "connection.private_address"
    remedy = Remedy.CHECK_ADDRESS
    words = "{where} leads into a private network. If you mean that, allow it for this address."


class SignInRefused(ConnectorError):
    """Wrong password, revoked or ended consent (RFC 9110: 401; RFC 6749: invalid_grant). Never retried in a loop."""

    code = "connection.sign_in_refused"
    remedy = Remedy.RECONNECT
    words = "{where} does not accept the user name or password. Sign in again; nothing is lost."


class ScopeMissing(SignInRefused):
    """Signed in, but the app was not given a permission that it needs: no new token helps, only a new consent."""

    code = "connection.scope_missing"
    words = (
        "{where} was not given the permission for this ({scopes}). Allow it there and sign in again; nothing is lost."
    )


class ProfileCopied(SignInRefused):
    """Another computer goes on with this one's sign-in: the profile was copied, and one sign-in is one computer's."""

    code = "connection.profile_copied"
    words = (
        "{where} is used with this sign-in by another computer, too: this profile was copied. Pair this computer again "
        "with a new code from your agency; nothing is lost."
    )


class Forbidden(ConnectorError):
    """Signed in, but not allowed to do this."""

    code = "connection.forbidden"
    remedy = Remedy.CHOOSE_CALENDAR
    words = "{where} does not let this account do that. Its owner can give it the right to change events."


class NotACalendarServer(ConnectorError):
    """Something answers there, but it does not speak CalDAV (RFC 4791)."""

    code = "connection.not_a_calendar_server"
    remedy = Remedy.CHECK_ADDRESS
    words = "{where} answers, but it is no calendar server. Ask whoever runs it for the CalDAV address."


class CalendarGone(ConnectorError):
    """The collection itself is no longer there. Nothing may be deleted because of it."""

    code = "calendar.gone"
    remedy = Remedy.CHOOSE_CALENDAR
    words = "The calendar “{where}” is no longer on its server. No session was cancelled; choose another calendar."


class FeedBroken(ConnectorError):
    """An answer that is not a whole calendar. Nothing may be deleted because of it."""

    code = "feed.broken"
    remedy = Remedy.WAIT
    words = "{where} did not send a whole calendar ({reason}). The last good copy stays in use."


class FeedGone(ConnectorError):
    """404 or 410: the feed is not published any more; the last good copy stays, marked stale."""

    code = "feed.gone"
    remedy = Remedy.CHECK_ADDRESS
    words = "{where} no longer publishes this calendar. The last good copy stays in use and grows old."


class TooLarge(ConnectorError):
    """More than we are willing to read."""

    code = "connection.too_large"
    remedy = Remedy.CHECK_ADDRESS
    words = "{where} sent more than {limit} megabytes. That is no tutor's calendar, and it was not read."


class TooManyRedirects(ConnectorError):
    """Redirected in circles, or from https to http."""

    code = "connection.redirects"
    remedy = Remedy.CHECK_ADDRESS
    words = "{where} sends on to other addresses without end. Check the address."


class Throttled(ConnectorError):
    """Asked to wait (429, 503). `retry_after_s` is a fact."""

    code = "connection.throttled"
    remedy = Remedy.WAIT
    words = "{where} asked for a pause of {retry_after_s} seconds. Nothing is lost; it goes on by itself."

    def __init__(self, where: str, retry_after_s: int) -> None:
        super().__init__(where, retry_after_s=retry_after_s)
        self.retry_after_s = self.wait_s = retry_after_s


class ServerFault(ConnectorError):
    """5xx, or an answer against the protocol. Try later."""

    code = "connection.server_fault"
    remedy = Remedy.WAIT
    words = "{where} has trouble of its own ({reason}). TutorSync tries again later."


class StorageFull(ConnectorError):
    """507 or a quota: the server keeps nothing more."""

    code = "connection.storage_full"
    remedy = Remedy.FREE_SPACE
    words = "{where} has no room left for this account. Free some space there; the change waits."


class CursorDead(ConnectorError):
    """The token is no longer known (RFC 6578, section 3.8: valid-sync-token; 410): read everything again."""

    code = "sync.cursor_dead"
    remedy = Remedy.NONE
    words = "{where} forgot where we were; everything is read again."


class ChangedMeanwhile(ConnectorError):
    """412: somebody else changed it since we read it. Read again and plan again."""

    code = "sync.changed_meanwhile"
    remedy = Remedy.NONE
    words = "Somebody changed this event at the same moment. TutorSync reads it again and brings both together."


class LeaseLost(ConnectorError):
    """Another device writes to this calendar now, or our lease ended. Nothing was changed; ask for the lease again."""

    code = "sync.lease_lost"
    remedy = Remedy.NONE
    words = "Another device of yours looks after this calendar now. Nothing is lost; this one reads along."


class AlreadyExists(ConnectorError):
    """Our own UID or name is taken: an earlier try arrived after all, or a tombstone holds it."""

    code = "sync.already_exists"
    remedy = Remedy.NONE
    words = "{where} already has this event. TutorSync looks at it before it does anything."


class ObjectGone(ConnectorError):
    """404 or 410 for one object, while its calendar lives."""

    code = "sync.object_gone"
    remedy = Remedy.NONE
    words = "The event is no longer in {where}."


class ObjectRefused(ConnectorError):
    """The server will not keep this object whatever we do (precondition, unsupported data)."""

    code = "sync.object_refused"
    remedy = Remedy.NONE
    words = "{where} does not accept this event ({reason}). The session stays as it is."


class FeatureMissing(ConnectorError):
    """The account type cannot do this."""

    code = "connection.feature_missing"
    remedy = Remedy.NONE
    words = "This account at {where} cannot do that ({reason})."


ABOUT_ONE_OBJECT = (ChangedMeanwhile, ObjectGone, AlreadyExists, ObjectRefused)
"""Refusals of one write, which say nothing about the account's other objects."""
