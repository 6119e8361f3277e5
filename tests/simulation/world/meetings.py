"""A model meeting service like Zoom: it knows no keys of ours, and makes another meeting each time it is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from connectors.vocabulary.accounts import Identity
from connectors.vocabulary.errors import ObjectGone
from connectors.vocabulary.meetings import Meeting, MeetingDraft
from tests.simulation.world.network import Network


class MeetingServer:
    """All meetings of one host.

    Attributes:
        made_late: markers of meetings that were made after whoever asked had gone on.
        gone_late: markers of meetings that were removed when whoever asked for that had gone on.
        doubled: markers of meetings that were made while another of theirs was there, for anybody to find.
    """

    def __init__(self, is_late: Callable[[], bool]) -> None:
        """Begin with none.

        Args:
            is_late: whether what is asked now is a request for which nobody waits any more.
        """
        self._is_late = is_late
        self.made_late: set[str] = set()
        self.gone_late: set[str] = set()
        self.doubled: list[str] = []
        self.meetings: dict[str, Meeting] = {}
        self.ever: dict[str, str] = {}
        self._number = 0

    def create(self, draft: MeetingDraft) -> Meeting:
        self._number += 1
        if self._is_late():
            self.made_late.add(draft.marker)
        elif self.find(draft.marker) and draft.marker not in self.made_late:
            self.doubled.append(draft.marker)
        number = str(self._number)
        made = _as(draft, number, f"https://meet.example/j/{number}")
        self.meetings[number] = made
        self.ever[made.join_url] = draft.marker
        return made

    def update(self, remote_id: str, draft: MeetingDraft) -> Meeting:
        there = self.fetch(remote_id)
        self.meetings[remote_id] = _as(draft, remote_id, there.join_url)
        return self.meetings[remote_id]

    def fetch(self, remote_id: str) -> Meeting:
        if remote_id not in self.meetings:
            raise ObjectGone("meetings")
        return self.meetings[remote_id]

    def find(self, marker: str) -> list[Meeting]:
        return [one for one in self.meetings.values() if one.marker == marker]

    def delete(self, remote_id: str) -> None:
        gone = self.meetings.pop(remote_id, None)
        if gone is not None and self._is_late():
            self.gone_late.add(gone.marker)

    def is_living(self, join_url: str) -> bool:
        return any(one.join_url == join_url for one in self.meetings.values())


def _as(draft: MeetingDraft, number: str, join_url: str) -> Meeting:
    minutes = int(draft.when.duration.total_seconds() // 60)
    blank = Meeting(number, join_url, draft.topic, "", minutes, draft.marker)
    return replace(blank, starts=draft.when.starts_at.isoformat())


class ModelMeetings:
    """The service as a device reaches it."""

    def __init__(self, server: MeetingServer, network: Network) -> None:
        self._server, self._network = server, network

    def identify(self) -> Identity:
        return Identity("https://meet.example", "host-1", "anna at the meeting service")

    def create(self, draft: MeetingDraft) -> Meeting:
        return self._network.call("meetings", "meeting", lambda: self._server.create(draft), is_write=True)

    def find(self, marker: str) -> Sequence[Meeting]:
        return self._network.call("meetings", "meeting look", lambda: self._server.find(marker))

    def fetch(self, remote_id: str) -> Meeting:
        return self._network.call("meetings", "meeting look", lambda: self._server.fetch(remote_id))

    def update(self, remote_id: str, draft: MeetingDraft) -> Meeting:
        return self._network.call("meetings", "meeting", lambda: self._server.update(remote_id, draft), is_write=True)

    def delete(self, remote_id: str) -> None:
        self._network.call("meetings", "meeting", lambda: self._server.delete(remote_id), is_write=True)
