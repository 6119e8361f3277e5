"""One address for several laptops, with a wire of its own for each: whose connection it is, the kernel says.

Two proxies on two ports would be two servers to the laptops, and their calendars two calendars. Linux only (`/proc`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.running import Running
from tests.servers.wiretap import Wiretap

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

_PROCESSES = Path("/proc")
NOBODY = ""


class Crossroads:
    """Forwards to one port of this computer, each laptop through its own wiretap.

    Attributes:
        wires: by the name of the laptop; `NOBODY` is for everybody else (the test itself).
    """

    def __init__(self, to: int, laptops: Mapping[str, str]) -> None:
        """Know the laptops.

        Args:
            to: the server's port.
            laptops: name to a text that stands in the command line of its processes, and in nobody else's.
        """
        self._laptops = dict(laptops)
        self.wires = {name: Wiretap(to) for name in [*laptops, NOBODY]}

    def started(self) -> Running:
        """Give the proxy, to be used in a `with` block."""
        return Running(self.converse)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hand a connection to the wire of the laptop that it comes from."""
        port = writer.get_extra_info("peername")[1]
        await self.wires[self._whose(port)].converse(reader, writer)

    def _whose(self, port: int) -> str:
        socket = f"socket:[{_inode_of(port)}]"
        for process in _PROCESSES.iterdir():
            if not process.name.isdigit():
                continue
            try:
                said = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
                name = next((name for name, text in self._laptops.items() if text in said), NOBODY)
                if name != NOBODY and any(str(one.readlink()) == socket for one in (process / "fd").iterdir()):
                    return name
            except OSError:
                continue  # it ended while we looked
        return NOBODY


def _inode_of(port: int) -> str:
    """Give the inode of the client's end of a connection from this port of 127.0.0.1."""
    local = f"0100007F:{port:04X}"
    lines = Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]
    return next((fields[9] for line in lines if (fields := line.split())[1] == local), "")
