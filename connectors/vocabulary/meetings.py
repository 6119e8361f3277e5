"""Meetings at a conferencing vendor. There is no field for a host link: it is never kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.vocabulary.times import WallSpan


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """A meeting as we want it.

    Attributes:
        topic: what guests read; never a student's full name.
        marker: our text by which the meeting is found again; goes where guests do not look (Zoom: agenda).
    """

    topic: str
    when: WallSpan
    marker: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as the vendor holds it.

    Attributes:
        remote_id: as text (Zoom's are 64-bit numbers).
        join_url: for guests.
        marker: the marker found in it, "" if none.
        starts: UTC instant in RFC 3339, as the vendor says; duration in whole minutes.
    """

    remote_id: str
    join_url: str
    topic: str
    starts: str
    duration_minutes: int
    marker: str = ""
