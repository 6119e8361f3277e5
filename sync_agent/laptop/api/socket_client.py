"""Asking the agent over its socket. Only the standard library: a command must start fast (httpx costs 0.12 s)."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sync_agent.laptop.errors import AgentOther, AgentSilent
from sync_agent.laptop.profile.announcement import API

if TYPE_CHECKING:
    from sync_agent.laptop.profile.announcement import Announcement

HOST = "tutorsync"
CONNECT_WITHIN_S = 3.0


class NobodyThere(Exception):
    """Nothing listens at the address: the agent that announced it has died."""


class SocketClient:
    """Asks one agent. Each request takes a connection of its own."""

    def __init__(self, announcement: Announcement) -> None:
        self._announcement = announcement

    def ask(
        self, method: str, path: str, query: Mapping[str, str], body: Mapping[str, Any], *, within_s: float
    ) -> tuple[int, dict[str, Any]]:
        """Send a request and give status and document.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: quoted.
            query: what stands behind the question mark.
            body: "" where it is empty.
            within_s: how long the agent may take to answer.

        Raises:
            NobodyThere: nothing listens there.
            AgentSilent: it takes the request and gives no answer.
            AgentOther: it speaks another version of the API.
        """
        announcement = self._announcement
        if announcement.api != API:
            raise AgentOther(found=announcement.version)
        connection = _Connection(announcement.address, within_s)
        headers = {"Host": HOST, "Authorization": f"Bearer {announcement.token}", "Content-Type": "application/json"}
        target = f"{path}?{urlencode(query)}" if query else path
        try:
            connection.connect()
        except (ConnectionError, FileNotFoundError) as cause:
            connection.close()
            raise NobodyThere from cause
        except OSError as cause:
            connection.close()
            raise AgentSilent(pid=announcement.pid) from cause
        try:
            connection.request(method, target, json.dumps(body).encode() if body else b"", headers)
            answer = connection.getresponse()
            document: dict[str, Any] = json.loads(answer.read())
        except (OSError, http.client.HTTPException, ValueError) as cause:
            raise AgentSilent(pid=announcement.pid) from cause
        finally:
            connection.close()
        return answer.status, document


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket, or over loopback TCP where there is none."""

    def __init__(self, address: str, within_s: float) -> None:
        super().__init__(HOST, timeout=within_s)
        self._address = address
        self._within_s = within_s

    def connect(self) -> None:
        kind, _, where = self._address.partition(":")
        if kind == "unix":
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.sock.settimeout(CONNECT_WITHIN_S)
            self.sock.connect(where)
        else:
            host, _, port = where.rpartition(":")
            self.sock = socket.create_connection((host, int(port)), CONNECT_WITHIN_S)
        self.sock.settimeout(self._within_s)
