"""The real API as a process with a small sample, and a device that is paired with its tutor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from connectors.http import HttpRules
from connectors.platform.client import PlatformClient, open_account, pair
from connectors.registry import Credentials
from tests.cloud_api.server import CloudProcess, run_cloud, running_cloud
from tests.cloud_api.tenant import signed_in


@dataclass(frozen=True)
class Agency:
    """An agency's platform.

    Attributes:
        office: calls as the agency's own software.
    """

    data: Path
    server: CloudProcess
    tutor: str
    office: httpx.Client

    def device_code(self) -> str:
        """Make a one-time code as an operator does."""
        code: str = run_cloud("device-code", "--tutor", self.tutor, "--data", self.data)["code"]
        return code


@pytest.fixture(scope="package")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    """A running platform with forty sessions."""
    data = tmp_path_factory.mktemp("platform")
    sample = run_cloud("sample", "--sessions", "40", "--seed", "7", "--around", "2026-11-24", "--data", data)
    office = run_cloud("client", "create", "Office", "--permissions", "all", "--data", data)
    with (
        running_cloud("--data", str(data)) as server,
        signed_in(server.url, office["client_id"], office["api_key"]) as calls,
    ):
        yield Agency(data, server, sample["tutors"][0]["id"], calls)


@pytest.fixture(scope="package")
def credentials(agency: Agency) -> Credentials:
    """What a laptop keeps after pairing."""
    return pair(agency.server.url, agency.device_code(), HttpRules(), device_name="Anna's laptop")


@pytest.fixture
def platform(credentials: Credentials) -> Iterator[PlatformClient]:
    """A laptop's view of the platform."""
    opened = open_account(credentials)
    yield opened
    opened.close()


@pytest.fixture
def second_platform(agency: Agency) -> Iterator[PlatformClient]:
    """The view of another laptop of the same tutor."""
    opened = open_account(pair(agency.server.url, agency.device_code(), HttpRules(), device_name="Anna's old laptop"))
    yield opened
    opened.close()
