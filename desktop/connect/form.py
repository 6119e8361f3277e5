"""What is typed to connect a calendar, what is missing of it, and which field an error belongs to. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from desktop.agent.documents import AgentProblem
    from desktop.words.translation import Translate

_CONTEXT = "ConnectDialog"


class Provider(StrEnum):
    """What can be connected here, spelled as the local API does."""

    CALDAV = "caldav"
    ICS = "ics"


class Field(StrEnum):
    """A field of the dialog."""

    URL = "url"
    USERNAME = "username"
    PASSWORD = "password"  # noqa: S105 -- the name of a field
    PASSPHRASE = "passphrase"  # noqa: S105
    REPEATED = "repeated"


_FIELD_OF_CODE = {
    "connection.sign_in_refused": Field.PASSWORD,
    "connection.forbidden": Field.USERNAME,
    "vault.wrong_passphrase": Field.PASSPHRASE,
    "vault.no_passphrase": Field.PASSPHRASE,
}
_ADDRESS_ERRORS = ("connection.", "feed.", "file.")


@dataclass(frozen=True, slots=True)
class Form:
    """What is typed so far. Its password is never printed.

    Attributes:
        allow_private: the tutor ticked that this address may lead into a private network.
    """

    provider: Provider = Provider.CALDAV
    url: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    allow_private: bool = False

    def body(self) -> dict[str, Any]:
        """Give the body of a look."""
        body: dict[str, Any] = {"provider": self.provider.value, "url": self.url.strip()}
        if self.provider is Provider.CALDAV:
            body |= {"username": self.username.strip(), "secrets": {"password": self.password}}
        if self.allow_private:
            body["allow_private"] = True
        return body


def missing(form: Form, translate: Translate) -> dict[Field, str]:
    """Say what has to be typed before anything can be looked at."""
    found: dict[Field, str] = {}
    if not form.url.strip():
        found[Field.URL] = (
            translate(_CONTEXT, "Type the address of the server.")
            if form.provider is Provider.CALDAV
            else translate(_CONTEXT, "Paste the link of the feed.")
        )
    if form.provider is Provider.CALDAV and not form.username.strip():
        found[Field.USERNAME] = translate(_CONTEXT, "Type your user name.")
    if form.provider is Provider.CALDAV and not form.password:
        found[Field.PASSWORD] = translate(_CONTEXT, "Type your password.")
    return found


def wrong_passphrase(passphrase: str, repeated: str, *, is_new: bool, translate: Translate) -> dict[Field, str]:
    """Say what is wrong with a passphrase before it is sent."""
    if not passphrase:
        return {Field.PASSPHRASE: translate(_CONTEXT, "Type a passphrase.")}
    if is_new and passphrase != repeated:
        return {Field.REPEATED: translate(_CONTEXT, "These two are not the same.")}
    return {}


def field_of(problem: AgentProblem) -> Field | None:
    """Say beside which field an error stands; None: it is about none of them."""
    if problem.code in _FIELD_OF_CODE:
        return _FIELD_OF_CODE[problem.code]
    return Field.URL if problem.code.startswith(_ADDRESS_ERRORS) else None
