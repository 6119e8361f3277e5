"""Calendars published as files: an ICS server with validators (RFC 9110, section 13), and the troubles of real ones.

Serves every `*.ics` file of a folder. Each answer is written down, so that a test can show that an unchanged feed costs
a 304 and nothing more.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from cloud_api.sandbox.loopback import LoopbackServer

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request

_CALENDAR = "text/calendar; charset=utf-8"
_LOGIN_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
_HUGE_BYTES = 64 * 1024 * 1024


class Trouble(StrEnum):
    """What a feed can do instead of its job."""

    NONE = "none"
    TRUNCATED = "truncated"  # 200, whole by its length, and the calendar ends in the middle
    BROKEN_OFF = "broken off"  # the connection ends before the length that was announced
    HTML = "html"  # a login page with 200
    EMPTY = "empty"  # 200 and not one byte
    NOT_FOUND = "not found"
    GONE = "gone"
    FAILED = "failed"
    CIRCLE = "circle"  # redirects to itself
    HUGE = "huge"  # far more than any tutor's calendar


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """One answer that was given."""

    path: str
    status: int
    size_bytes: int


class FeedServer(LoopbackServer):
    """Serves a folder. Files may be changed at any time, by its methods or by anybody."""

    def __init__(self, folder: Path, *, port: int = 0) -> None:
        """Prepare; nothing listens yet.

        Args:
            folder: holds the files; made if it is not there.
            port: 0 lets the system choose.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._troubles: dict[str, Trouble] = {}
        self._log: list[FeedAnswer] = []
        routes = [
            Route("/{name}.ics", self._serve, methods=["GET", "HEAD"]),
            Route("/__sandbox__/log", self._told, methods=["GET"]),
            Route("/__sandbox__/feeds/{name}", self._published, methods=["PUT"]),
            Route("/__sandbox__/feeds/{name}/trouble", self._troubled, methods=["PUT"]),
        ]
        super().__init__(Starlette(routes=routes), port=port)

    @property
    def log(self) -> tuple[FeedAnswer, ...]:
        """Every answer so far, in order."""
        return tuple(self._log)

    def url(self, name: str) -> str:
        """Give the address of a feed."""
        return f"{self.address}/{name}.ics"

    def publish(self, name: str, content: str | bytes) -> str:
        """Write the file, as a whole or not at all, with a later time than before; give its address."""
        data = content.encode() if isinstance(content, str) else content
        path = self._path(name)
        earlier = path.stat().st_mtime if path.exists() else 0
        fresh = path.with_suffix(".new")
        fresh.write_bytes(data)
        # HTTP dates have whole seconds: a second version within one would look unchanged.
        changed_at = max(time.time(), earlier + 1)
        os.utime(fresh, (changed_at, changed_at))
        fresh.replace(path)
        return self.url(name)

    def withdraw(self, name: str) -> None:
        """Remove the file: 404 from now on."""
        self._path(name).unlink(missing_ok=True)

    def trouble(self, name: str, trouble: Trouble) -> None:
        """Let a feed misbehave until it is told NONE."""
        self._troubles[name] = trouble

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.ics"

    async def _serve(self, request: Request) -> Response:
        name = str(request.path_params["name"])
        answer = self._answer(name, request)
        self._log.append(FeedAnswer(request.url.path, answer.status_code, len(answer.body)))
        return answer

    def _answer(self, name: str, request: Request) -> Response:
        match self._troubles.get(name, Trouble.NONE):
            case Trouble.NOT_FOUND:
                return Response(status_code=404)
            case Trouble.GONE:
                return Response(status_code=410)
            case Trouble.FAILED:
                return Response(status_code=500)
            case Trouble.HTML:
                return Response(_LOGIN_PAGE, media_type="text/html")
            case Trouble.EMPTY:
                return Response(b"", media_type=_CALENDAR)
            case Trouble.CIRCLE:
                return RedirectResponse(request.url.path, 302)
            case Trouble.HUGE:
                return Response(b"BEGIN:VCALENDAR\r\n" + b" " * _HUGE_BYTES, media_type=_CALENDAR)
            case trouble:
                return self._file(name, request, trouble)

    def _file(self, name: str, request: Request, trouble: Trouble) -> Response:
        try:
            content = self._path(name).read_bytes()
            changed_at = self._path(name).stat().st_mtime
        except OSError:
            return Response(status_code=404)
        if trouble is Trouble.TRUNCATED:
            return Response(content[: len(content) // 2], media_type=_CALENDAR)
        if trouble is Trouble.BROKEN_OFF:
            return Response(content[: len(content) // 2], headers={"Content-Length": str(len(content))})
        headers = {
            "ETag": f'"{sha256(content).hexdigest()[:32]}"',
            "Last-Modified": formatdate(changed_at, usegmt=True),
            "Cache-Control": "no-cache",
        }
        if _is_unchanged(request, headers["ETag"], changed_at):
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=_CALENDAR, headers=headers)

    async def _told(self, request: Request) -> Response:
        told = [{"path": one.path, "status": one.status, "size_bytes": one.size_bytes} for one in self._log]
        return JSONResponse({"answers": told})

    async def _published(self, request: Request) -> Response:
        self.publish(str(request.path_params["name"]), await request.body())
        return Response(status_code=204)

    async def _troubled(self, request: Request) -> Response:
        order: dict[str, Any] = await request.json()
        self.trouble(str(request.path_params["name"]), Trouble(order["trouble"]))
        return Response(status_code=204)


def _is_unchanged(request: Request, etag: str, changed_at: float) -> bool:
    """If-None-Match wins over If-Modified-Since (RFC 9110, section 13.2.2)."""
    known = request.headers.get("If-None-Match")
    if known is not None:
        return etag in {one.strip().removeprefix("W/") for one in known.split(",")} or known.strip() == "*"
    since = request.headers.get("If-Modified-Since")
    if since is None:
        return False
    try:
        return int(changed_at) <= parsedate_to_datetime(since).timestamp()
    except ValueError:
        return False
