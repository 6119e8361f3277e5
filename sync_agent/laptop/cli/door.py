"""The way to the work: over the socket where an agent runs, else in this process under the profile's lock."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync_agent.laptop.api.socket_client import NobodyThere, SocketClient
from sync_agent.laptop.errors import AgentAbsent, AgentSilent, ProfileBusy
from sync_agent.laptop.profile.announcement import read_announcement
from sync_agent.laptop.profile.lock import COMMAND, LockHeld, ProfileLock

if TYPE_CHECKING:
    from types import TracebackType

    from sync_agent.laptop.office import Office
    from sync_agent.laptop.profile.places import Profile
    from sync_agent.laptop.vault.secrets import Secret

_BETWEEN_TRIES = timedelta(milliseconds=50)
_WRONG_TOKEN = 401
_VAULT = "/v1/vault"
LONG_S = 1800.0
"""How long an agent may take for what goes over the network."""


class Refused(Exception):
    """The answer is an error document."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        self.error = error
        super().__init__(str(error.get("message", "")))


class Door:
    """Answers this command's requests, from wherever the work is done."""

    def __init__(
        self,
        profile: Profile,
        opened: Callable[[], Office],
        *,
        patience: timedelta,
        passphrase: Callable[[], Secret | None],
    ) -> None:
        """Prepare; nothing is opened yet.

        Args:
            profile: whose.
            opened: opens the profile in this process; called at most once, with the lock held.
            patience: how long an agent may take to answer what it can answer at once, and others to free the profile.
            passphrase: opens an agent's vault before something is done there; None: there is none to lend.
        """
        self._profile, self._opened, self._patience_s = profile, opened, patience.total_seconds()
        self._office: Office | None = None
        self._held = ExitStack()
        self._passphrase = passphrase

    def __enter__(self) -> Door:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        within_s: float | None = None,
        only_agent: str = "",
    ) -> dict[str, Any]:
        """Ask, and give the document.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: quoted.
            query: what stands behind the question mark.
            body: the JSON object that goes along.
            within_s: how long an agent may take; None: as long as our patience lasts.
            only_agent: a verb, where the request makes sense to an agent only.

        Raises:
            Refused: the answer is an error.
            AgentSilent, ProfileBusy: the profile is held and nobody answers.
            AgentAbsent: no agent runs, and only one could do this.
            EngineError, LaptopError: the profile cannot be opened in this process.
        """
        query, body = query or {}, body or {}
        deadline = time.monotonic() + self._patience_s
        within_s = within_s or self._patience_s
        while self._office is None:
            announcement = read_announcement(self._profile.announcement)
            if announcement is not None:
                client = SocketClient(announcement)
                try:
                    if method != "GET" and path != _VAULT:
                        self._lend_key(client)
                    status, document = client.ask(method, path, query, body, within_s=within_s)
                    if status != _WRONG_TOKEN or read_announcement(self._profile.announcement) == announcement:
                        return checked(status, document)
                    # It was started again between our two looks: the token is another one now.
                    continue
                except NobodyThere:
                    announcement = None
            if only_agent and not self._agent_starts():
                raise AgentAbsent(verb=only_agent)
            self._open_here(deadline)
        return self._ask_here(method, path, query, body)

    def halt(self) -> bool:
        """End what this process does at its next safe point. False: it does nothing itself, or has not begun."""
        if self._office is None:
            return False
        self._office.engine.end()
        return True

    def _lend_key(self, client: SocketClient) -> None:
        """Open the agent's vault with the passphrase that this command was given, if it is closed.

        Raises:
            Refused: it is the wrong one.
        """
        given = self._passphrase()
        if given is None:
            return
        _, told = client.ask("GET", _VAULT, {}, {}, within_s=self._patience_s)
        if told.get("vault", {}).get("state") in ("locked", "absent"):
            body = {"passphrase": given.reveal()}
            checked(*client.ask("POST", _VAULT, {}, body, within_s=self._patience_s))

    def _open_here(self, deadline: float) -> None:
        self._profile.prepare()
        try:
            lock = ProfileLock.take(self._profile.lock, COMMAND)
        except LockHeld as held:
            if time.monotonic() < deadline:
                # An agent that starts announces itself soon; another command ends soon.
                time.sleep(_BETWEEN_TRIES.total_seconds())
                return
            if held.holder.kind == COMMAND:
                raise ProfileBusy(pid=held.holder.pid) from held
            raise AgentSilent(pid=held.holder.pid) from held
        self._held.callback(lock.release)
        self._office = self._opened()
        self._held.callback(self._office.close)

    def _agent_starts(self) -> bool:
        """Whether somebody holds the profile who may be an agent that has not announced itself yet."""
        if not self._profile.lock.exists():
            return False
        try:
            ProfileLock.take(self._profile.lock, COMMAND).release()
        except LockHeld as held:
            return held.holder.kind != COMMAND
        return False

    def _ask_here(self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any]) -> dict[str, Any]:
        from sync_agent.laptop.api.routing import Router
        from sync_agent.laptop.operations.table import ROUTES

        assert self._office is not None  # noqa: S101  (the only caller has just opened it)
        reply = Router(ROUTES).answer(self._office, method, path, query, body)
        return checked(reply.status, reply.body)


def checked(status: int, document: dict[str, Any]) -> dict[str, Any]:
    """Give the document of an answer.

    Raises:
        Refused: it is an error.
    """
    if status >= 400 or "error" in document:
        raise Refused(document.get("error") or {"code": "agent.silent", "message": "The agent gave no answer."})
    return document
