"""`/api/docs`: Swagger UI with its files from this machine, and the description that it shows."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Literal

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from cloud_api.openapi import described
from cloud_api.problems import NotFound
from cloud_api.wire import JSON_TYPE, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

router = APIRouter(include_in_schema=False)

_FILES: Mapping[str, str] = {
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
# Without validatorUrl the page would show its address to a service on the internet.
_START = """window.ui = SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TutorSync Developer API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""


class Health(msgspec.Struct, frozen=True):
    """Requests are taken."""

    status: Literal["ok"] = "ok"


health_router = APIRouter(tags=["health"])


@health_router.get("/api/health", **described("Is it up?", {200: Health}))
async def read_health() -> Response:
    """Answers as soon as requests are taken; needs no token."""
    return Response(encoded(Health()), media_type=JSON_TYPE)


@router.get("/api/docs")
async def read_docs() -> Response:
    """The page; whatever it needs comes from this server."""
    return HTMLResponse(_PAGE)


@router.get("/api/docs/{name}")
async def read_docs_file(name: str) -> Response:
    """One of the page's files."""
    if name == "start.js":
        return Response(_START, media_type="text/javascript")
    if name not in _FILES:
        raise NotFound("path.unknown", "There is nothing at this path.")
    content = files("fastapi_swagger").joinpath("resources", name).read_bytes()
    return Response(content, media_type=_FILES[name], headers={"Cache-Control": "public, max-age=86400"})


@router.get("/api/openapi.json")
async def read_description(request: Request) -> Response:
    """The same text that is checked in as `resources/openapi/cloud.json`."""
    return Response(encoded(request.app.openapi()), media_type=JSON_TYPE)
