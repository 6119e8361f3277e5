"""What Schemathesis is told about our API: who exists, and which refusals a request of the right shape may meet.

Runs inside Schemathesis' own environment, never inside pytest's.
"""

from __future__ import annotations

import os
import re
import zlib
from typing import Any

import schemathesis

_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_KEY = re.compile(r'"?[A-Za-z0-9_.:+/=-]{1,200}"?')
_ZONES = ("Europe/Berlin", "Asia/Kolkata", "America/New_York", "Pacific/Auckland", "UTC")
_LEASE_KEY = re.compile(r"[0-9a-f]{64}")
_ONE_LEASE = "a" * 64
_PEOPLE = {"tutor_id": os.environ.get("FUZZ_TUTOR", ""), "student_ids": os.environ.get("FUZZ_STUDENT", "")}
# Of a request that fits the schema, these may be wrong: what it refers to, what it meets.
_MEANINGS = re.compile(
    r"^(cursor\.invalid|feed\.cursor_gone|device\.\w+|auth\.\w+|path\.\w+|\w+\.unknown|(session|tutor|student|guardian)\.invalid|lease\.lost"
    r"|write\.(exists|other_version|version_required|key_reused|in_flight))$"
)


@schemathesis.hook
def map_body(context: schemathesis.HookContext, body: Any) -> Any:
    """Let most references lead somewhere. Only what fits the schema is replaced, so that no bad request turns good."""
    if not isinstance(body, dict):
        return body
    if isinstance(zone := body.get("zone"), str) and 0 < len(zone) <= 64 and "\0" not in zone and _mostly(zone):
        body["zone"] = _ZONES[len(zone) % len(_ZONES)]
    if isinstance(tutor := body.get("tutor_id"), str) and _UUID.match(tutor) and _mostly(tutor):
        body["tutor_id"] = _PEOPLE["tutor_id"]
    keys = body.get("keys")
    if isinstance(keys, list) and 0 < len(keys) <= 200 and all(_is_key(key) for key in keys):
        body["keys"] = [*keys[1:], _ONE_LEASE]
    epoch = body.get("epoch")
    if type(epoch) is int and 1 <= epoch < 2**31 and _mostly(str(epoch)):
        body["epoch"] = 1
    students = body.get("student_ids")
    if isinstance(students, list) and len(students) <= 100 and _are_ids(students) and _mostly(str(students)):
        body["student_ids"] = [_PEOPLE["student_ids"]]
    return body


@schemathesis.hook
def map_path_parameters(context: schemathesis.HookContext, path_parameters: Any) -> Any:
    """Let most leases be one that was asked for."""
    key = path_parameters.get("key") if path_parameters else None
    if isinstance(key, str) and _is_key(key) and _mostly(key):
        path_parameters["key"] = _ONE_LEASE
    return path_parameters


@schemathesis.hook
def map_headers(context: schemathesis.HookContext, headers: Any) -> Any:
    """Leave most keys away: Schemathesis likes to use one for everything, and then sees nothing but "used before"."""
    key = headers.get("Idempotency-Key") if headers else None
    if isinstance(key, str) and _KEY.fullmatch(key) and _mostly(key):
        del headers["Idempotency-Key"]
    return headers


@schemathesis.check
def refused_for_its_meaning(ctx: Any, response: Any, case: Any) -> None:
    """A request that fits the schema is never refused for its shape: then the schema would promise too much."""
    if case.meta is None or case.meta.generation.mode.is_negative or not 400 <= response.status_code < 500:
        return
    if "application/problem+json" not in response.headers.get("content-type", [""])[0]:
        return
    code = response.json()["code"]
    assert _MEANINGS.match(code), f"refused with {code}, which the schema does not foresee"


def _is_key(value: Any) -> bool:
    return isinstance(value, str) and _LEASE_KEY.fullmatch(value) is not None


def _are_ids(values: list[Any]) -> bool:
    return all(isinstance(value, str) and _UUID.match(value) for value in values)


def _mostly(text: str) -> bool:
    """Three times of four, and always the same for the same text: a failure must come again."""
    return zlib.crc32(text.encode("utf-8", "surrogatepass")) % 4 != 0
