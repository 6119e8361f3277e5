"""A vendor of the registry is known wherever a room needs to know it: what adding one touches, as a test."""

from __future__ import annotations

import pytest

from connectors.registry import CALENDARS, MEETINGS, PLATFORMS
from sync_agent.engine.sync.book import CALENDAR_PROVIDERS, MEETING_PROVIDERS, PLATFORM
from sync_agent.laptop.cli.commands.connect import connect
from sync_agent.laptop.errors import ProviderUnknown
from sync_agent.laptop.profile.settings import SETTINGS


def test_a_pass_knows_every_vendor_that_can_be_connected() -> None:
    """Else its account could be added and would never be read."""
    assert set(CALENDARS) <= CALENDAR_PROVIDERS
    assert set(MEETINGS) <= MEETING_PROVIDERS
    assert set(PLATFORMS) == {PLATFORM}


@pytest.mark.parametrize("vendor", [*CALENDARS, *MEETINGS, *PLATFORMS])
def test_every_vendor_can_be_connected_by_command(vendor: str) -> None:
    """With its settings, and by the name that the refusal of a wrong one lists."""
    assert vendor in connect.commands
    assert f"connectors.{vendor}.ca_file" in SETTINGS
    assert vendor in ProviderUnknown.action


@pytest.mark.parametrize("vendor", MEETINGS)
def test_every_meeting_service_can_be_the_chosen_one(vendor: str) -> None:
    """In the settings."""
    assert SETTINGS["meetings.provider"].read(vendor) == vendor
