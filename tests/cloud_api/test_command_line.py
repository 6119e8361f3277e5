"""`tutorsync cloud …`: what an operator types, and what they are told when it cannot be."""

from __future__ import annotations

import os
import resource
import socket
import sqlite3
import subprocess
import sys
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from cloud_api.database import Database
from cloud_api.migrate import VERSION_TABLE
from tests.cloud_api.server import run_cloud, running_cloud
from tests.cloud_api.tenant import problem, signed_in


def a_folder(tmp_path: Path) -> tuple[str, str]:
    """Give the option for a data folder of this test's own."""
    return "--data", str(tmp_path / "cloud")


def test_a_client_is_made_and_signs_in(tmp_path: Path) -> None:
    """From nothing to the first call: two commands and a request."""
    place = a_folder(tmp_path)
    client = run_cloud("client", "create", "My script", "--permissions", "tutors:read, sessions:read", *place)

    with running_cloud(*place) as server, signed_in(server.url, client["client_id"], client["api_key"]) as api:
        assert client["permissions"] == ["tutors:read", "sessions:read"]
        assert api.get("/api/tutors").json() == {"data": [], "next_cursor": None}
        assert api.get("/api/students").status_code == 403


def test_it_ends_well_when_told_to(tmp_path: Path) -> None:
    """SIGTERM: exit 0, also while a device waits for news."""
    place = a_folder(tmp_path)
    client = run_cloud("client", "create", "x", "--permissions", "all", *place)
    with running_cloud(*place) as server, signed_in(server.url, client["client_id"], client["api_key"]) as api:
        cursor = api.get("/api/feed").json()["cursor"]
        waiting = subprocess.Popen(
            [sys.executable, "-c", _WAITS, server.url, api.headers["authorization"], cursor], stdout=subprocess.PIPE
        )
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == b"sent\n"

        assert server.stop() == 0

        waiting.wait(timeout=15)
        assert waiting.stdout.readline() == b"200\n"
        waiting.stdout.close()


_WAITS = """
import socket, sys, urllib.parse
url, token, cursor = sys.argv[1:]
host = urllib.parse.urlsplit(url)
with socket.create_connection((host.hostname, host.port)) as connection:
    path = "/api/feed?wait=60&cursor=" + cursor
    connection.sendall(f"GET {path} HTTP/1.1\\r\\nHost: x\\r\\nAuthorization: {token}\\r\\n\\r\\n".encode())
    print("sent", flush=True)
    print(connection.recv(100).split()[1].decode(), flush=True)
"""


def test_the_sample_is_the_same_for_the_same_seed_and_date(tmp_path: Path) -> None:
    """Somebody else's demo shows the same sessions."""
    options = ("sample", "--sessions", "25", "--seed", "3", "--around", "2026-11-24")

    first = run_cloud(*options, "--data", tmp_path / "a")
    second = run_cloud(*options, "--data", tmp_path / "b")
    again = run_cloud(*options, "--data", tmp_path / "a")

    assert first == second
    assert (first["sessions"], first["added"], again["added"]) == (25, 25, 0)
    assert _rows(tmp_path / "a") == _rows(tmp_path / "b")


def test_a_lost_laptop_is_found_in_the_list_and_locked_out(tmp_path: Path) -> None:
    """Whose it is, when it was last heard of, what it looks after; then it is let in no more, and its time runs out."""
    place = a_folder(tmp_path)
    tutor = run_cloud("sample", "--sessions", "1", *place)["tutors"][0]
    before = run_cloud("devices", *place)
    with running_cloud(*place) as server:
        code = run_cloud("device-code", "--tutor", tutor["id"], *place)["code"]
        paired = httpx.post(f"{server.url}/api/devices", json={"code": code, "name": "Lost"}, verify=False).json()
        wish = {"keys": ["a" * 64], "ttl_s": 900, "start": {"counter": 1, "boot": str(uuid.uuid4())}}
        unheard = run_cloud("devices", *place)["devices"][0]
        with signed_in(server.url, paired["client_id"], paired["client_secret"]) as laptop:
            given = laptop.post("/api/devices/leases", json=wish).json()
            listed = run_cloud("devices", *place)["devices"]

            revoked = run_cloud("device", "revoke", paired["device_id"], *place)
            # At once, also where its token is still in the cache of a running server.
            refused = laptop.post("/api/devices/leases", json=wish)
        after = run_cloud("devices", *place)["devices"][0]

    lease = given["leases"][0]
    assert before == {"devices": []}
    assert (unheard["seen_at"], unheard["leases"]) == (None, [])
    assert [(one["id"], one["name"], one["tutor_name"]) for one in listed] == [
        (paired["device_id"], "Lost", tutor["name"])
    ]
    assert listed[0]["seen_at"] >= given["now"]
    assert listed[0]["leases"] == [{"key": "a" * 64, "epoch": 1, "expires_at": lease["expires_at"]}]
    # Not before what it sent a moment ago has arrived, and long before what it was given is over.
    free_in = datetime.fromisoformat(revoked["free_at"]) - datetime.fromisoformat(given["now"])
    assert timedelta(minutes=1) <= free_in < timedelta(minutes=5)
    assert revoked["free_at"] < lease["expires_at"]
    assert revoked == {
        "device_id": paired["device_id"],
        "is_active": False,
        "calendars": 1,
        "free_at": revoked["free_at"],
    }
    assert refused.status_code == 401
    assert after["is_active"] is False


def test_bad_input_a_laptop_or_a_tenant_that_is_not_there(tmp_path: Path) -> None:
    """Nothing is made by asking."""
    place = a_folder(tmp_path)

    no_laptop = run_cloud("device", "revoke", "nobody", *place, expect=1)
    no_tenant = run_cloud("devices", "--tenant", "nobody", *place, expect=1)

    assert no_laptop["error"]["code"] == "device.unknown"
    assert no_tenant["error"]["code"] == "tenant.unknown"
    assert run_cloud("devices", "--tenant", "nobody", *place, expect=1) == no_tenant


def test_bad_input_a_tutor_who_is_not_there(tmp_path: Path) -> None:
    """No code for nobody."""
    told = run_cloud("device-code", "--tutor", "nobody", *a_folder(tmp_path), expect=1)

    assert told["error"]["code"] == "device.tutor_unknown"


def test_bad_input_a_permission_that_is_none(tmp_path: Path) -> None:
    """The known ones are listed."""
    told = run_cloud("client", "create", "x", "--permissions", "sessions:eat", *a_folder(tmp_path), expect=1)

    assert told["error"]["code"] == "client.permission_unknown"
    assert "sessions:read" in told["error"]["action"]


def test_bad_input_a_port_that_is_taken(tmp_path: Path) -> None:
    """The sentence names it and the way out."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        told = run_cloud("--port", str(port), *a_folder(tmp_path), expect=1)

    assert told["error"]["code"] == "cloud.address_taken"
    assert str(port) in told["error"]["message"]
    assert "--port 0" in told["error"]["action"]


def test_bad_input_a_folder_that_cannot_be_used(tmp_path: Path) -> None:
    """A file stands in its way."""
    (tmp_path / "cloud").write_text("a file")

    told = run_cloud("migrate", "--data", tmp_path / "cloud" / "deeper", expect=1)

    assert told["error"]["code"] == "cloud.data_folder"


def test_bad_input_a_file_that_is_no_database(tmp_path: Path) -> None:
    """It is left as it is."""
    (tmp_path / "cloud.db").write_bytes(b"this is a letter to my aunt" * 100)

    told = run_cloud("migrate", "--data", tmp_path, expect=1)

    assert told["error"]["code"] == "cloud.database"
    assert (tmp_path / "cloud.db").read_bytes().startswith(b"this is a letter")


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "postgresql+psycopg://nobody@127.0.0.1:1/x"])
def test_bad_input_an_address_of_no_database(url: str) -> None:
    """One sentence, no traceback."""
    told = run_cloud("migrate", "--database-url", url, expect=1)

    assert told["error"]["code"] in {"cloud.database_url", "cloud.database", "cloud.driver_missing"}
    assert "Traceback" not in told["error"]["message"]


def test_bad_input_a_database_from_a_newer_version(own_url: str) -> None:
    """It is left alone: an old program does not know what it would break."""
    run_cloud("migrate", "--database-url", own_url)
    database = Database(own_url)
    with database.writing() as connection:
        known = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one()
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999_future'"))

    told = run_cloud("migrate", "--database-url", own_url, expect=1)
    served = run_cloud("--port", "0", "--database-url", own_url, expect=1)

    with database.writing() as connection:
        assert connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar_one() == "9999_future"
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '{known}'"))
    database.close()
    assert told["error"]["code"] == served["error"]["code"] == "database.newer"
    assert "install the newer version" in told["error"]["message"]


def test_without_json_an_error_is_a_sentence_for_people(tmp_path: Path) -> None:
    """On stderr, with what to do."""
    done = subprocess.run(
        [sys.executable, "-m", "cloud_api.cli", "client", "revoke", "nobody", "--data", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "There is no client nobody. Check the id.\n"


def test_bad_input_a_full_disk(tmp_path: Path) -> None:
    """The change is refused as a whole, with a sentence; reading goes on; with room again, so does writing."""
    place = a_folder(tmp_path)
    client = run_cloud("client", "create", "x", "--permissions", "all", *place)
    with running_cloud(*place) as server, signed_in(server.url, client["client_id"], client["api_key"]) as api:
        tutor = {"name": "Anna", "zone": "UTC"}
        api.post("/api/tutors", json=tutor)
        unlimited = resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

        refused = api.post("/api/tutors", json=tutor, headers={"Idempotency-Key": "k"})
        read = api.get("/api/tutors")
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, unlimited)
        again = api.post("/api/tutors", json=tutor, headers={"Idempotency-Key": "k"})

    assert problem(refused) == (503, "database.unavailable", [])
    assert refused.headers["retry-after"] == "5"
    assert len(read.json()["data"]) == 1
    assert again.status_code == 201


def test_it_is_a_part_of_the_one_command(tmp_path: Path) -> None:
    """`tutorsync cloud …`, with --json before or after."""
    command = Path(sys.executable).with_name("tutorsync")
    for line in (["--json", "cloud", "migrate"], ["cloud", "migrate", "--json"], ["cloud", "--json", "migrate"]):
        done = subprocess.run(
            [str(command), *line, "--data", str(tmp_path)], capture_output=True, text=True, check=False
        )

        assert (done.returncode, done.stdout) == (0, '{"revision":"0003_why_links_ended"}\n'), done.stderr


def test_the_servers_address_is_told_in_words_too(tmp_path: Path) -> None:
    """An operator reads where it listens and where the documentation is."""
    process = subprocess.Popen(
        [sys.executable, "-m", "cloud_api.cli", "--port", "0", "--data", str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    url = line.split()[5]

    assert line.startswith("The Developer API answers at http://127.0.0.1:")
    assert httpx.get(f"{url}/api/health", verify=False).json() == {"status": "ok"}
    process.terminate()
    assert process.wait(timeout=15) == 0
    process.stdout.close()


def _rows(folder: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder / "cloud.db")
    try:
        query = "SELECT id, title, start_wall, zone, status, notes, created_at FROM sessions ORDER BY id"
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_command_that_serves_nothing_loads_no_web_framework() -> None:
    """Half of the time of `tutorsync cloud device-code` went into a server that nobody had asked for."""
    asked = "import sys, cloud_api.cli; print({'fastapi', 'starlette', 'pydantic', 'uvicorn'} & set(sys.modules))"

    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True).stdout == "set()\n"
