"""A Zoom host at the simulator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cloud_api.sandbox.zoom import ZoomSimulator
from tests.connectors.zoom.world import ZoomWorld

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def zoom_server() -> Iterator[ZoomSimulator]:
    with ZoomSimulator() as simulator:
        yield simulator


@pytest.fixture
def world(zoom_server: ZoomSimulator) -> Iterator[ZoomWorld]:
    zoom_server.reset()
    with ZoomWorld(zoom_server) as world:
        yield world
