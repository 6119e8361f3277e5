"""Pairing: a one-time code is traded for credentials of this device's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from connectors.http import open_client, send
from connectors.platform.errors import NotAPlatform, PairingRefused, detail_of, error_in, is_problem
from connectors.registry import Credentials
from connectors.vocabulary.errors import InsecureAddress

if TYPE_CHECKING:
    from connectors.http import HttpRules

_CODE_REFUSED = frozenset({403, 409, 410, 422})


def pair(base_url: str, code: str, rules: HttpRules, *, device_name: str = "A laptop") -> Credentials:
    """Trade a code for credentials. They hold: settings `client_id`, `device`, `tenant`, `tutor`, `tutor_name`, `zone`.

    A code works once: after a lost answer ask for a new one (the first try's client is never used).

    Raises:
        PairingRefused: the code is unknown, used or too old; its facts say which.
        NotAPlatform: something else answers there.
        Unreachable, UnknownHost, CertificateWrong, InsecureAddress, AnswerLost: as for every connector.
    """
    base = normalised(base_url)
    with open_client(rules) as client:
        request = client.build_request("POST", f"{base}/api/devices", json={"code": code, "name": device_name})
        answer = send(client, request)
    host = request.url.host
    if answer.status_code in _CODE_REFUSED and is_problem(answer):
        raise PairingRefused(host, reason=detail_of(answer) + ".")
    if answer.status_code == httpx.codes.NOT_FOUND:
        raise NotAPlatform(host)
    error = error_in(answer)
    if error is not None:
        raise error
    try:
        told = answer.json()
        settings = {
            "client_id": str(told["client_id"]),
            "device": str(told["device_id"]),
            "tenant": str(told["tenant"]),
            "tutor": str(told["tutor_id"]),
            "tutor_name": str(told["tutor_name"]),
            "zone": str(told["zone"]),
        }
        secrets = {"client_secret": str(told["client_secret"])}
    except (ValueError, KeyError, TypeError) as cause:
        raise NotAPlatform(host) from cause
    return replace(Credentials(base, rules=rules), settings=settings, secrets=secrets)


def normalised(base_url: str) -> str:
    """Give an address as it is kept: with a scheme (https if none was typed), without a path at its end.

    Raises:
        InsecureAddress: it is no address at all.
    """
    typed = base_url.strip()
    text = typed if "://" in typed else f"https://{typed}"
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as cause:
        raise InsecureAddress(typed) from cause
    if not url.host:
        raise InsecureAddress(typed)
    return str(url.copy_with(query=None, fragment=None)).rstrip("/").removesuffix("/api")
