"""The agent's process: what is opened in which order, and how it ends without losing anything."""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from sync_agent.engine.errors import StoreFull
from sync_agent.laptop.agent.beating import Beating
from sync_agent.laptop.agent.daily import DailyAudit
from sync_agent.laptop.agent.due import Want
from sync_agent.laptop.api.events import Events
from sync_agent.laptop.api.routing import Router
from sync_agent.laptop.api.server import LocalServer, listen_on, listen_on_loopback
from sync_agent.laptop.errors import LaptopError
from sync_agent.laptop.logs import log_to_file
from sync_agent.laptop.office import Office
from sync_agent.laptop.operations.agent import our_version
from sync_agent.laptop.operations.table import ROUTES
from sync_agent.laptop.profile.announcement import Announcement, announce, withdraw
from sync_agent.laptop.profile.runtime import runtime_folders, socket_path
from sync_agent.laptop.profile.starts import begin, here

if TYPE_CHECKING:
    from sync_agent.laptop.agent.worker import Worker
    from sync_agent.laptop.profile.config import Config
    from sync_agent.laptop.profile.places import Profile
    from sync_agent.laptop.vault.secrets import Secret

log = structlog.get_logger()

_TOKEN_BYTES = 32
# What a person does reaches the calendars at once, not at the next beat.
_NUDGES = frozenset({"session.changed", "question.answered", "health.changed"})


def run_agent(
    profile: Profile,
    config: Config,
    passphrase: Callable[[], Secret | None],
    environment: Mapping[str, str],
    *,
    told: Callable[[str], None],
) -> None:
    """Run until SIGTERM, Ctrl+C or a request to shut down. The caller holds the profile.

    Args:
        profile: prepared and held.
        config: the settings in force.
        passphrase: opens the vault at the start, if there is one.
        environment: says where the socket goes.
        told: called with a sentence for whoever looks on.

    Raises:
        EngineError, LaptopError: the profile cannot be opened; nothing was changed.
    """
    log_to_file(profile.logs, config.text("log.level"))
    with ExitStack() as held:
        events, nudge = Events(), _Nudge()

        def notify(kind: str, ids: Sequence[str]) -> None:
            events.publish(kind, ids)
            nudge.heard(kind)

        office = Office(profile, config, notify=notify, came_late=lambda _: nudge.came_late())
        held.callback(office.close)
        begin(office.engine, here(environment))
        _unlock(office, passphrase)
        daily = DailyAudit(office)
        held.callback(daily.stop)
        beating = Beating(office, after=daily.after_pass)
        nudge.beating = beating
        office.wait_of = beating.beats.wait_of
        address, listener = _listener(profile, environment)
        held.callback(listener.close)
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        server = LocalServer(office, Router(ROUTES), events, token, start_sync=_starter(beating.worker))
        announce(profile.announcement, Announcement(address, os.getpid(), our_version(), token))
        held.callback(withdraw, profile.announcement)
        _wake(office)
        beating.start()
        held.callback(beating.stop)
        log.info("agent.started", pid=os.getpid(), version=our_version())
        told(f"The agent runs (process {os.getpid()}); Ctrl+C ends it.")
        server.run(listener)
        log.info("agent.stopping")


class _Nudge:
    """Asks for a pass when a person did something; what a pass itself tells is no reason for another one."""

    def __init__(self) -> None:
        self.beating: Beating | None = None

    def heard(self, kind: str) -> None:
        if self.beating is None or self.beating.worker.is_mine:
            return
        if kind == "session.changed":
            self.beating.beats.edited()
            self.beating.worker.ask(Want.BOOKED)
        if kind in _NUDGES:
            self.beating.worker.ask(Want.SIDES)
        elif kind == "state.changed":
            self.beating.rhythm.follow()

    def came_late(self) -> None:
        """Take in what an account brings that the last pass did not wait for."""
        if self.beating is not None:
            self.beating.worker.ask(Want.LATE)


def _unlock(office: Office, passphrase: Callable[[], Secret | None]) -> None:
    """Open the vault if somebody said how; a wrong passphrase is a state of health, not the end of everything."""
    try:
        given = passphrase()
        if given is not None:
            office.vault.unlock(given)
    except LaptopError as error:
        log.warning("vault.not_opened", code=error.code)


def _wake(office: Office) -> None:
    """Let no account wait any longer: who starts the agent wants to know how things stand now."""
    try:
        with office.store.write() as connection:
            office.store.accounts.wake(connection)
    except StoreFull as error:
        office.problem = str(error)
        log.warning("agent.disk_full", code=error.code)


def _starter(worker: Worker) -> Callable[[str | None], None]:
    def start(account_id: str | None) -> None:
        if account_id is None:
            worker.ask(Want.ALL)
        else:
            worker.ask_account(account_id)

    return start


def _listener(profile: Profile, environment: Mapping[str, str]) -> tuple[str, socket.socket]:
    if not hasattr(socket, "AF_UNIX"):
        listener = listen_on_loopback()
        host, port = listener.getsockname()
        return f"tcp:{host}:{port}", listener
    user = os.getuid()
    path = socket_path(profile, runtime_folders(environment, Path(tempfile.gettempdir()), user), user)
    return f"unix:{path}", listen_on(path)
