"""Bytes in, bytes out: msgspec on both sides, problems where a body does not fit."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from starlette.responses import Response

from cloud_api.problems import Fault, Invalid, Malformed, Problem, UnsupportedMedia

if TYPE_CHECKING:
    from starlette.requests import Request

JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"

_encoder = msgspec.json.Encoder()
_Body = TypeVar("_Body")
_WHERE = re.compile(r"^(?P<words>.*?)(?: - at (?:`key` in )?`\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_NAMED = re.compile(r"(?:missing required|contains unknown) field `(?P<name>.*)`")


def encoded(value: Any) -> bytes:
    """Give a value as JSON."""
    return _encoder.encode(value)


def problem_response(problem: Problem, request_id: str) -> Response:
    """Give a problem as an answer."""
    return Response(
        encoded(problem.document(request_id)),
        status_code=problem.status,
        media_type=PROBLEM_TYPE,
        headers=problem.headers,
    )


def etag_of(version: int) -> str:
    """Give the strong entity tag of a version (RFC 9110, section 8.8.3)."""
    return f'"{version}"'


def one_response(request: Request, value: Any, version: int) -> Response:
    """Answer with one thing and its ETag, or with 304 if the caller has that version already."""
    headers = {"ETag": etag_of(version)}
    if matches(request.headers.get("if-none-match"), version):
        return Response(status_code=304, headers=headers)
    return Response(encoded(value), media_type=JSON_TYPE, headers=headers)


def matches(header: str | None, version: int) -> bool:
    """Whether an If-None-Match or If-Match names this version (weak comparison: we give no weak tags)."""
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or etag_of(version) in tags


def decoded(body: bytes, content_type: str, decoder: msgspec.json.Decoder[_Body]) -> _Body:
    """Read a body.

    Raises:
        UnsupportedMedia: it does not say that it is JSON.
        Malformed: it is not JSON.
        Invalid: it is JSON of another shape.
    """
    media = content_type.partition(";")[0].strip().lower()
    if media not in {JSON_TYPE, "application/merge-patch+json"}:
        raise UnsupportedMedia("body.content_type", "Send the body as application/json.", headers={"Accept": JSON_TYPE})
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as cause:
        fault = fault_of(str(cause))
        raise Invalid("body.invalid", fault.detail, errors=[fault]) from cause
    except (msgspec.DecodeError, UnicodeDecodeError) as cause:
        raise Malformed("body.not_json", "The body is not JSON.") from cause


def fault_of(words: str) -> Fault:
    """Turn msgspec's sentence ("Expected `int`, got `str` - at `$.a[0].b`") into one with a JSON Pointer."""
    found = _WHERE.match(words)
    text, path = (found["words"], found["path"] or "") if found else (words, "")
    steps = [name or index for name, index in _STEP.findall(path)]
    if named := _NAMED.search(text):
        steps.append(named["name"])
    pointer = "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
    return Fault(detail=f"{text.replace('`', '')}.", pointer=pointer)
