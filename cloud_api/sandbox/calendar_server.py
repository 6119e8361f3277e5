"""A real CalDAV server: Radicale in a process of its own (it is GPL, and a server of its own everywhere else, too).

Users sign in with a name and a password; calendars are made over the protocol (RFC 4791, section 5.3.1), so that what
the sandbox holds came about as on any server.
"""

from __future__ import annotations

import socket
import ssl
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote
from xml.sax.saxutils import escape

import httpx
from lxml import etree

from cloud_api.sandbox.loopback import HOST, ServerDidNotStart
from cloud_api.sandbox.process import ServerProcess

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

_ATTEMPTS = 3
_CONFIG = """\
[server]
hosts = {host}:{port}
max_connections = 64
timeout = 30
ssl = {ssl}
{certificate}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = owner_only
[storage]
filesystem_folder = {folder}/data
[web]
type = none
[logging]
level = warning
"""
_MKCALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
<displayname>{name}</displayname>
<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>
</prop></set></C:mkcalendar>"""


@dataclass(frozen=True, slots=True)
class Certificate:
    """PEM files with which the server proves who it is; without them it speaks plain http.

    Attributes:
        authority: whom the sandbox's own client trusts for it.
    """

    chain: Path
    key: Path
    authority: Path


class CalendarServer:
    """Radicale with its storage in one folder."""

    def __init__(
        self, folder: Path, *, users: Mapping[str, str] | None = None, certificate: Certificate | None = None
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            folder: configuration, users, storage and log; a second start on it finds the calendars again.
            users: name to password; one user "anna" by default.
            certificate: speak https with it.
        """
        self._folder, self._certificate = folder, certificate
        self.users = dict(users) if users is not None else {"anna": "sandbox-password"}
        self._process: ServerProcess | None = None
        self._port = 0

    @property
    def address(self) -> str:
        """The base address without a slash at its end, once started; the same again after `stop` and `start`."""
        if not self._port:
            raise ServerDidNotStart
        return f"{'https' if self._certificate else 'http'}://{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """The server's process, once started."""
        if self._process is None:
            raise ServerDidNotStart
        return self._process.pid

    def start(self) -> Self:
        """Run it, and return when it answers.

        Raises:
            ServerDidNotStart: it ended or did not answer; its last words are in the error.
        """
        for attempt in range(_ATTEMPTS):
            port = self._port or _free_port()
            try:
                self._run(port)
            except ServerDidNotStart:
                # Radicale cannot be given an open socket, so somebody may have taken the port in between.
                if self._port or attempt == _ATTEMPTS - 1:
                    raise
                continue
            self._port = port
            return self
        raise ServerDidNotStart

    def stop(self) -> None:
        """End it and all that it started. The storage stays. Twice is fine."""
        if self._process is not None:
            self._process.stop()
        self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def home(self, user: str) -> str:
        """Give the address of a user's calendar home, with its slash."""
        return f"{self.address}/{user}/"

    def calendar_url(self, user: str, calendar: str) -> str:
        """Give the address of a calendar, with its slash."""
        return f"{self.home(user)}{calendar}/"

    def make_calendar(self, user: str, calendar: str, *, name: str = "") -> str:
        """Make a calendar and give its address.

        Args:
            user: its owner.
            calendar: the last part of its path: plain ASCII.
            name: for people; `calendar` by default.

        Raises:
            ServerDidNotStart: the server refused, with its answer.
        """
        url = self.calendar_url(user, calendar)
        with self.client(user) as client:
            body = _MKCALENDAR.format(name=escape(name or calendar)).encode()
            answer = client.request("MKCALENDAR", url, content=body, headers={"Content-Type": "application/xml"})
        if answer.status_code != httpx.codes.CREATED:
            raise ServerDidNotStart(f"MKCALENDAR {answer.status_code}: {answer.text[:200]}")
        return url

    def put(self, user: str, calendar: str, name: str, content: str) -> str:
        """Store an object whatever is there, as another program would; give its address."""
        url = self.calendar_url(user, calendar) + name
        with self.client(user) as client:
            headers = {"Content-Type": "text/calendar; charset=utf-8"}
            client.put(url, content=content.encode(), headers=headers).raise_for_status()
        return url

    def objects(self, user: str, calendar: str) -> dict[str, str]:
        """Read every object over the protocol: file name to text."""
        url = self.calendar_url(user, calendar)
        with self.client(user) as client:
            return {name: client.get(url + name).raise_for_status().text for name in _names(client, url)}

    def client(self, user: str) -> httpx.Client:
        """Open an HTTP client that is signed in as that user. The caller closes it."""
        context = ssl.create_default_context(cafile=str(self._certificate.authority)) if self._certificate else True
        return httpx.Client(auth=(user, self.users[user]), timeout=30, trust_env=False, verify=context)

    def _run(self, port: int) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        users = "".join(f"{name}:{password}\n" for name, password in self.users.items())
        (self._folder / "users").write_text(users)
        config = self._folder / "radicale.conf"
        config.write_text(self._config(port))
        command = [sys.executable, "-m", "radicale", "--config", str(config)]
        process = ServerProcess(command, self._folder / "radicale.log")
        self._process = process.start(lambda: _answers(port))

    def _config(self, port: int) -> str:
        pem = self._certificate
        return _CONFIG.format(
            host=HOST,
            port=port,
            folder=self._folder,
            ssl=pem is not None,
            certificate=f"certificate = {pem.chain}\nkey = {pem.key}" if pem is not None else "",
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def _names(client: httpx.Client, url: str) -> Sequence[str]:
    """List the files of a collection (RFC 4918, PROPFIND with depth 1)."""
    body = b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><getetag/></prop></propfind>'
    answer = client.request("PROPFIND", url, content=body, headers={"Depth": "1"}).raise_for_status()
    tree = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False, no_network=True))
    hrefs = [unquote(element.text or "") for element in tree.iter("{DAV:}href")]
    return sorted(href.rsplit("/", 1)[1] for href in hrefs if not href.endswith("/"))
