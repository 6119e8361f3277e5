"""One run of Schemathesis: all checks, all phases, against a server that runs.

A longer one by hand: `python -m tests.cloud_api.fuzz.attack --seconds 600 [--store postgresql] [--seed N]`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.cloud_api.fuzz.environment import schemathesis_command
from tests.cloud_api.postgres import running_postgres
from tests.cloud_api.server import run_cloud, running_cloud

_HERE = Path(__file__).parent
# What only a tutor's paired device may do.
_DEVICE_TAG = "devices"
_PAIRS = "pair_device"
# The operation that ends the very token with which all others are tried: it gets a run of its own.
_ENDS_TOKEN = "revoke_own_token"


@dataclass(frozen=True)
class Target:
    """What is attacked: a server with a small sample, a client that may do everything, and a tutor's device.

    Attributes:
        client, device: client_id and key.
    """

    url: str
    client: tuple[str, str]
    device: tuple[str, str]
    tutor: str
    student: str


def signed_in(url: str, client: tuple[str, str]) -> str:
    """Sign in anew and give the token."""
    form = {"grant_type": "client_credentials"}
    answer = httpx.post(f"{url}/api/auth/token", data=form, auth=client, verify=False)
    token: str = answer.json()["access_token"]
    return token


def attack(target: Target, *arguments: str, caller: tuple[str, str] | None) -> str:
    """Run Schemathesis and give what it says if it found anything, else nothing.

    Args:
        target: what is attacked.
        arguments: for Schemathesis.
        caller: as whom; None: as nobody.
    """
    headers = ("--header", f"Authorization: Bearer {signed_in(target.url, caller)}") if caller else ()
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *(str(schemathesis_command()), "--config-file", str(_HERE / "schemathesis.toml"), "run"),
                *(f"{target.url}/api/openapi.json", "--checks", "all", "--continue-on-failure", "--no-color"),
                *("--generation-database", "none", "--request-timeout", "20", "--output-sanitize", "false"),
                *headers,
                *arguments,
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder,
            env=os.environ
            | {
                "SCHEMATHESIS_HOOKS": str(_HERE / "hooks.py"),
                "FUZZ_TUTOR": target.tutor,
                "FUZZ_STUDENT": target.student,
            },
        )
    return "" if done.returncode == 0 else f"exit {done.returncode}\n{done.stdout}{done.stderr}"


def prepared(url: str, *place: str) -> Target:
    """Fill in the sample and make a client."""
    tutor = run_cloud("sample", "--sessions", "20", "--around", "2026-11-24", *place)["tutors"][0]["id"]
    made = run_cloud("client", "create", "fuzz", "--permissions", "all", *place)
    client = made["client_id"], made["api_key"]
    code = run_cloud("device-code", "--tutor", tutor, *place)["code"]
    paired = httpx.post(f"{url}/api/devices", json={"code": code}, verify=False).json()
    bearer = {"Authorization": f"Bearer {signed_in(url, client)}"}
    people = httpx.get(f"{url}/api/students", headers=bearer, verify=False).json()["data"]
    return Target(url, client, (paired["client_id"], paired["client_secret"]), tutor, people[0]["id"])


def everything_but_ending_the_token(*arguments: str) -> tuple[str, ...]:
    """Give the arguments of the main run."""
    return ("--exclude-operation-id", _ENDS_TOKEN, *arguments)


def only_what_devices_do(*arguments: str) -> tuple[str, ...]:
    """Give the arguments of the run as a paired device; no answer there links to another, so no chains are tried."""
    phases = ("--phases", "examples,coverage,fuzzing")
    return ("--include-tag", _DEVICE_TAG, "--exclude-operation-id", _PAIRS, *phases, *arguments)


def only_ending_the_token(*arguments: str) -> tuple[str, ...]:
    """Give the arguments of the small run."""
    return ("--include-operation-id", _ENDS_TOKEN, *arguments)


def main() -> int:
    """Attack for as long as asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--store", choices=("sqlite", "postgresql"), default="sqlite")
    options = parser.parse_args()
    with _database(options.store) as url, running_cloud("--database-url", url) as server:
        seed = () if options.seed is None else ("--seed", str(options.seed))
        limits = ("--max-time", str(options.seconds), "--max-examples", "1000", *seed)
        target = prepared(server.url, "--database-url", url)
        found = attack(target, *everything_but_ending_the_token(*limits), caller=target.client)
        found += attack(target, *only_what_devices_do(*limits), caller=target.device)
    sys.stdout.write(found or "Nothing found.\n")
    return 1 if found else 0


@contextmanager
def _database(store: str) -> Iterator[str]:
    if store == "postgresql":
        with running_postgres() as url:
            yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/cloud.db"


if __name__ == "__main__":
    sys.exit(main())
