"""A real Radicale for the engine's tests: a process on loopback, in a folder of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import httpx

USER, PASSWORD = "anna", "not-a-secret"


class Radicale(AbstractContextManager["Radicale"]):
    """Radicale as a process. `calendar(name)` makes a collection and gives its address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}/"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Radicale:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def start(self) -> None:
        users = self._folder / "users"
        users.write_text(f"{USER}:{PASSWORD}\n")
        config = self._folder / "config"
        config.write_text(
            f"[server]\nhosts = 127.0.0.1:{self.port}\n[auth]\ntype = htpasswd\nhtpasswd_filename = {users}\n"
            f"htpasswd_encryption = plain\ndelay = 0\n[storage]\nfilesystem_folder = {self._folder / 'storage'}\n"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "radicale", "--config", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        with httpx.HTTPTransport(retries=0) as transport:
            del transport
        while True:
            try:
                httpx.get(self.address, timeout=2)
                return
            except httpx.TransportError:
                if self._process.poll() is not None:
                    msg = "Radicale did not start"
                    raise RuntimeError(msg) from None

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def calendar(self, name: str) -> str:
        address = f"{self.address}{USER}/{name.lower()}/"
        body = (
            '<?xml version="1.0"?><C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>'
            f"<displayname>{name}</displayname></prop></set></C:mkcalendar>"
        )
        httpx.request("MKCALENDAR", address, content=body, auth=(USER, PASSWORD)).raise_for_status()
        return address

    def objects(self, address: str) -> dict[str, str]:
        """Read every object of a calendar over the server's own protocol: href to text."""
        body = (
            '<C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><prop><getetag/><C:calendar-data/>'
            '</prop><C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
        )
        answer = httpx.request("REPORT", address, content=body, headers={"Depth": "1"}, auth=(USER, PASSWORD))
        from lxml import etree

        found = {}
        for response in etree.fromstring(answer.content).iter("{DAV:}response"):
            data = response.find(".//{urn:ietf:params:xml:ns:caldav}calendar-data")
            if data is not None:
                found[response.findtext("{DAV:}href")] = data.text
        return found

    def put(self, href: str, text: str) -> None:
        address = f"http://127.0.0.1:{self.port}{href}"
        httpx.put(
            address, content=text.encode(), headers={"Content-Type": "text/calendar"}, auth=(USER, PASSWORD)
        ).raise_for_status()

    def delete(self, href: str) -> None:
        httpx.delete(f"http://127.0.0.1:{self.port}{href}", auth=(USER, PASSWORD)).raise_for_status()
