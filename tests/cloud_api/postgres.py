"""A PostgreSQL of the tests' own: made in a temporary folder, spoken to over a socket in it, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_PLACES = ("/usr/lib/postgresql", "/usr/local/pgsql")
_USER = "tutorsync"


@contextmanager
def running_postgres() -> Iterator[str]:
    """Give the address of a server with an empty database (`postgresql+psycopg://…`)."""
    # A short path: a socket's name has at most 107 bytes.
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    data, programs = home / "data", _programs()
    as_user = _unprivileged(home)
    try:
        _run(
            as_user,
            programs / "initdb",
            "-D",
            data,
            "-U",
            _USER,
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        )
        options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync=off -c max_connections=200"
        _run(as_user, programs / "pg_ctl", "-D", data, "-l", home / "log", "-w", "-o", options, "start")
        try:
            with psycopg.connect(host=str(home), user=_USER, dbname="postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE cloud")
            yield f"postgresql+psycopg://{_USER}@/cloud?host={home}"
        finally:
            _run(as_user, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path:
    """Find the newest server that Debian's packages brought."""
    found = sorted(
        (folder for place in _PLACES for folder in Path(place).glob("*/bin") if (folder / "initdb").exists()),
        key=lambda folder: int(folder.parent.name) if folder.parent.name.isdigit() else 0,
    )
    assert found, "no PostgreSQL server: apt-get install postgresql"
    return found[-1]


def _unprivileged(home: Path) -> list[str]:
    """PostgreSQL refuses to run as root: then it runs as the user nobody."""
    if os.geteuid() != 0:
        return []
    shutil.chown(home, "nobody", "nogroup")
    return ["runuser", "-u", "nobody", "--"]


def _run(as_user: list[str], *command: str | Path) -> None:
    done = subprocess.run(
        [*as_user, *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/", check=False
    )
    assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
