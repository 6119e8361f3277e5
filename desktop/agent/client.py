"""Requests to the agent over its socket. Nothing waits: each answer comes by a call on the UI thread.

Leaves to link.py whether there is an agent at all, and to the presenters what an answer means.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QObject, QUrl, Signal
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkReply, QNetworkRequest

from desktop.agent.documents import NO_ANSWER, AgentProblem, Json, problem

if TYPE_CHECKING:
    from desktop.agent.announcement import Announcement

Answered = Callable[[Json], None]
Refused = Callable[[AgentProblem], None]

_LONGEST_MS = 120_000
"""Longer than a slow calendar server lets the agent wait; after it the window says that nothing came."""

_STATUS = QNetworkRequest.Attribute.HttpStatusCodeAttribute
_FIRST_ERROR = 400


class Call(QObject):
    """A request on its way. `cancel` ends it, and nothing is told of it any more."""

    def __init__(self, reply: QNetworkReply, parent: QObject) -> None:
        super().__init__(parent)
        self._reply = reply
        self.is_cancelled = False

    def cancel(self) -> None:
        """Stop waiting for the answer."""
        if not self.is_cancelled:
            self.is_cancelled = True
            self._reply.abort()


class AgentClient(QObject):
    """Speaks to the agent that was announced last."""

    unanswered = Signal()
    """A request got no answer: perhaps the agent is gone."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._network = QNetworkAccessManager(self)
        # A proxy of the system is for the web, never for a socket of this machine.
        self._network.setAutoDeleteReplies(True)
        self._announced: Announcement | None = None

    def speak_to(self, announced: Announcement | None) -> None:
        """Say which agent is meant from now on; None: there is none."""
        self._announced = announced

    def get(self, path: str, answered: Answered, refused: Refused) -> Call | None:
        """Ask for a document."""
        return self.send("GET", path, None, answered, refused)

    def post(self, path: str, body: dict[str, Any], answered: Answered, refused: Refused) -> Call | None:
        """Have something done."""
        return self.send("POST", path, body, answered, refused)

    def send(
        self, method: str, path: str, body: dict[str, Any] | None, answered: Answered, refused: Refused
    ) -> Call | None:
        """Send a request; exactly one of the two is called, later and once, unless the call is cancelled.

        Args:
            method: GET, POST, PATCH or DELETE.
            path: from "/v1/" on, its parts already percent-encoded.
            body: becomes JSON.
            answered: gets the document of a 2xx.
            refused: gets the agent's problem, or silence.

        Returns:
            The call, or None where no agent is known; then `refused` was told at once.
        """
        request = self.request(path)
        if request is None:
            refused(AgentProblem(NO_ANSWER, ""))
            return None
        request.setTransferTimeout(_LONGEST_MS)
        content = QByteArray()
        if body is not None:
            request.setHeader(QNetworkRequest.KnownHeaders.ContentTypeHeader, "application/json")
            content = QByteArray(json.dumps(body).encode())
        reply = self._network.sendCustomRequest(request, QByteArray(method.encode()), content)
        call = Call(reply, self)
        reply.finished.connect(lambda: self._finished(call, reply, answered, refused))
        return call

    def stream(self, path: str, last_event: str) -> QNetworkReply | None:
        """Open the event stream; the caller reads it and deletes it."""
        request = self.request(path)
        if request is None:
            return None
        request.setRawHeader(QByteArray(b"Accept"), QByteArray(b"text/event-stream"))
        request.setAttribute(QNetworkRequest.Attribute.AutoDeleteReplyOnFinishAttribute, False)
        # Compressed events would arrive in blocks instead of at once.
        request.setRawHeader(QByteArray(b"Accept-Encoding"), QByteArray(b"identity"))
        if last_event:
            request.setRawHeader(QByteArray(b"Last-Event-ID"), QByteArray(last_event.encode()))
        return self._network.get(request)

    def request(self, path: str) -> QNetworkRequest | None:
        """Give a request with address and credentials, or None where no agent is known."""
        if self._announced is None:
            return None
        request = QNetworkRequest(QUrl(self._announced.base + path))
        if self._announced.socket:
            request.setAttribute(QNetworkRequest.Attribute.FullLocalServerNameAttribute, self._announced.socket)
        request.setRawHeader(QByteArray(b"Host"), QByteArray(b"tutorsync"))
        request.setRawHeader(QByteArray(b"Authorization"), QByteArray(f"Bearer {self._announced.token}".encode()))
        return request

    def _finished(self, call: Call, reply: QNetworkReply, answered: Answered, refused: Refused) -> None:
        cancelled = call.is_cancelled
        call.is_cancelled = True
        call.deleteLater()
        if cancelled:
            return
        status = reply.attribute(_STATUS)
        if status is None:
            self.unanswered.emit()
            refused(AgentProblem(NO_ANSWER, ""))
            return
        document = _document(reply.readAll().data())
        if document is None:
            refused(AgentProblem("agent.strange_answer", ""))
        elif int(status) >= _FIRST_ERROR:
            refused(problem(document))
        else:
            answered(document)


def _document(content: bytes | bytearray | memoryview) -> Json | None:
    try:
        found = json.loads(bytes(content) or b"{}")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
