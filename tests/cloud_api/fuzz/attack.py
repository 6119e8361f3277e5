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
# The operation that ends the very token with which all others are tried: it gets a run of its own.
_ENDS_TOKEN = "revoke_own_token"


@dataclass(frozen=True)
class Target:
    """What is attacked: a server with a small sample, and a client that may do everything."""

    url: str
    client_id: str
    key: str
    tutor: str
    student: str

    def token(self) -> str:
        """Sign in anew."""
        form = {"grant_type": "client_credentials"}
        answer = httpx.post(f"{self.url}/api/auth/token", data=form, auth=(self.client_id, self.key), verify=False)
        token: str = answer.json()["access_token"]
        return token


def attack(target: Target, *arguments: str, signed_in: bool = True) -> str:
    """Run Schemathesis and give what it says if it found anything, else nothing."""
    headers = ("--header", f"Authorization: Bearer {target.token()}") if signed_in else ()
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
    client = run_cloud("client", "create", "fuzz", "--permissions", "all", *place)
    target = Target(url, client["client_id"], client["api_key"], tutor, "")
    bearer = {"Authorization": f"Bearer {target.token()}"}
    people = httpx.get(f"{url}/api/students", headers=bearer, verify=False).json()["data"]
    return Target(url, target.client_id, target.key, tutor, people[0]["id"])


def everything_but_ending_the_token(*arguments: str) -> tuple[str, ...]:
    """Give the arguments of the main run."""
    return ("--exclude-operation-id", _ENDS_TOKEN, *arguments)


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
        found = attack(target, *everything_but_ending_the_token(*limits))
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
