"""How long a lease lasts."""

from __future__ import annotations

from datetime import timedelta

LONGEST = timedelta(hours=6)
"""For a tutor's only device: it goes on while the platform is down, and nobody waits for it."""

SHARED = timedelta(minutes=15)
"""Where another device may have to go on in its place."""

LAST_WRITE = timedelta(minutes=1)
"""For a device that was locked out: what it sent a moment before arrives within this time, or not at all."""
