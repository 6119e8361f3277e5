"""Everything behind the icon put together: who is made when, and which signal leads where. Decides nothing about words.

Windows are made when they are first wanted.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices

from desktop.agent.client import AgentClient
from desktop.agent.link import AgentLink
from desktop.agent.process import AgentProcess, agent_command
from desktop.mirror import Mirror
from desktop.notify.bus import NotificationBus
from desktop.notify.notifier import Notifier
from desktop.prompts.questions import Questions
from desktop.theme.theme import Theme
from desktop.tray.menu import Pause
from desktop.tray.presenter import seconds_until_morning, tray_card
from desktop.wakeups import Wakeups
from desktop.windows import raise_window
from desktop.words.from_qt import translate
from desktop.words.problems import problem_words

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from PySide6.QtWidgets import QApplication

    from desktop.agent.documents import AgentProblem, Json
    from desktop.compact.window import CompactWindow
    from desktop.conflict.window import ConflictWindow
    from desktop.connect.dialog import ConnectDialog
    from desktop.face import Face
    from desktop.single_instance import SingleInstance
    from desktop.theme.tokens import Look

_HOUR_S = 3600
_NOTICE_MS = 4_000
_LONGEST_TIMER = timedelta(days=1)


def now() -> datetime:
    """Give this instant."""
    return datetime.now(UTC)


class TrayApp(QObject):
    """Owns everything behind the icon, for as long as the process runs."""

    def __init__(
        self, app: QApplication, profile: Path, instance: SingleInstance, face: Face, look: Look | None
    ) -> None:
        """Make what talks, and find the agent.

        Args:
            app: the one of the process.
            profile: absolute.
            instance: holds the lock.
            face: the icon, which is up already.
            look: the chosen theme; None follows the system.
        """
        super().__init__(app)
        self._app, self._instance, self._face = app, instance, face
        self._tray, self._menu = face.tray, face.menu
        self._theme = Theme(app, look)
        self._client = AgentClient(self)
        self._link = AgentLink(profile, self._client, AgentProcess(agent_command(profile)), self)
        self._mirror = Mirror(self._client, self._link, now, self)
        self._notifier = Notifier(NotificationBus(self), translate, self)
        self._wakeups = Wakeups(self)
        self._questions = Questions(self._client, self._theme, self)
        self._compact: CompactWindow | None = None
        self._conflict: ConflictWindow | None = None
        self._connect_dialog: ConnectDialog | None = None
        self._due = QTimer(self, singleShot=True)
        self._quiet = QTimer(self, singleShot=True, interval=_NOTICE_MS)
        self._connect()
        self._connect_menu()
        self._link.start()
        self._tray.watch_panels()
        self._notifier.start()

    def _connect(self) -> None:
        self._mirror.changed.connect(self._show)
        self._mirror.conflicts_read.connect(self._on_conflicts)
        self._notifier.resolve_asked.connect(self.open_conflict)
        self._wakeups.asked_to_end.connect(self._app.quit)
        self._wakeups.child_ended.connect(self._link.child_ended)
        self._instance.rung.connect(self.open_compact)
        self._tray.activated.connect(self.open_compact)
        self._tray.unavailable.connect(self._on_no_tray)
        self._questions.refused.connect(self._notice)
        self._questions.outdated.connect(self._mirror.refresh)
        self._questions.quit_wished.connect(self._on_quit_wished)
        self._due.timeout.connect(self._show)
        self._quiet.timeout.connect(lambda: self._notice(""))

    def _connect_menu(self) -> None:
        menu = self._menu
        menu.menu.aboutToShow.connect(self._show_tray)
        menu.opened.connect(self.open_compact)
        menu.join_chosen.connect(self.join)
        menu.settle_chosen.connect(self.open_conflict)
        menu.sync_chosen.connect(self.sync)
        menu.pause_chosen.connect(self.pause)
        menu.resume_chosen.connect(lambda: self._post("/v1/resume", {}))
        menu.connect_chosen.connect(self.open_connect)
        menu.quit_chosen.connect(self._questions.ask_to_quit)

    def _made_compact(self) -> CompactWindow:
        if self._compact is None:
            from desktop.compact.window import CompactWindow

            window = CompactWindow(self._theme, self._menu.menu)
            window.banner_chosen.connect(self._on_banner)
            window.settle_chosen.connect(self.open_conflict)
            window.join_chosen.connect(self.join)
            window.copy_chosen.connect(self.copy)
            window.sync_chosen.connect(self.sync)
            window.connect_chosen.connect(self.open_connect)
            window.closed.connect(self._due.stop)
            self._compact = window
        return self._compact

    def _show(self) -> None:
        """Make the cards anew from what the agent told last."""
        self._show_tray()
        window = self._compact
        if window is not None and window.isVisible():
            from desktop.compact.presenter import compact_card

            card = compact_card(self._mirror.standing, now(), translate)
            window.show_card(card)
            if card.changes_at is not None:
                wait = min(card.changes_at - now(), _LONGEST_TIMER)
                self._due.start(max(wait // timedelta(milliseconds=1), 0) + 1)

    def _show_tray(self) -> None:
        self._face.show_card(tray_card(self._mirror.standing, now(), translate))

    def _on_conflicts(self) -> None:
        self._notifier.show_conflicts(self._mirror.standing.conflicts)
        if self._conflict is not None and self._conflict.isVisible():
            self._conflict.refresh()

    def _on_no_tray(self) -> None:
        self.open_compact()
        if self._compact is not None:
            self._compact.say(
                self.tr("Your desktop shows no icons of programs like this one, so TutorSync lives in this window.")
            )

    def open_compact(self) -> None:
        """Show the small window in front of the others."""
        window = self._made_compact()
        was_visible = window.isVisible()
        window.show()
        self._show()
        raise_window(window)
        if not was_visible:
            window.focus_first()

    def open_conflict(self, conflict: str = "") -> None:
        """Show the window of double bookings with one of them, "" with the first."""
        if self._conflict is None:
            from desktop.conflict.window import ConflictWindow

            self._conflict = ConflictWindow(self._client, self._theme)
        self._conflict.show_conflict(conflict or None)
        raise_window(self._conflict)

    def open_connect(self) -> None:
        """Show the dialog that connects a calendar."""
        if self._connect_dialog is None or not self._connect_dialog.isVisible():
            from desktop.connect.dialog import ConnectDialog

            self._connect_dialog = ConnectDialog(self._client, self._theme)
            self._connect_dialog.connected.connect(self._mirror.refresh)
        raise_window(self._connect_dialog)

    def join(self, url: str) -> None:
        """Open a meeting's link; only ever an address of the web."""
        link = QUrl(url)
        if link.scheme() in {"https", "http"}:
            QDesktopServices.openUrl(link)

    def copy(self, url: str) -> None:
        """Put a link on the clipboard."""
        self._app.clipboard().setText(url)
        self._notice(self.tr("The link is copied."))

    def sync(self) -> None:
        """Sync now."""
        self._post("/v1/sync", {})

    def pause(self, how: Pause) -> None:
        """Pause for an hour, until tomorrow, or until it is resumed."""
        status = self._mirror.standing.status
        match how:
            case Pause.FOR_AN_HOUR:
                self._post("/v1/pause", {"seconds": _HOUR_S})
            case Pause.UNTIL_TOMORROW:
                self._post("/v1/pause", {"seconds": seconds_until_morning(now(), status.zone if status else "UTC")})
            case Pause.UNTIL_RESUMED:
                self._post("/v1/pause", {})

    def leave(self) -> None:
        """Let go of everything; the agent runs on."""
        self._notifier.close()
        self._link.leave()
        self._wakeups.close()

    def _post(self, path: str, body: dict[str, Any]) -> None:
        self._client.post(path, body, _nothing_more, self._on_refused)

    def _on_refused(self, problem: AgentProblem) -> None:
        self._notice(problem_words(problem, translate))

    def _notice(self, words: str) -> None:
        if self._compact is not None:
            self._compact.say(words)
            if words:
                self._quiet.start()

    def _on_banner(self, action: str, target: str) -> None:
        match action:
            case "resolve":
                self.open_conflict(target)
            case "answer":
                self._questions.ask(target)
            case "unlock":
                self._questions.ask_to_unlock()
            case "reconnect":
                self.open_connect()

    def _on_quit_wished(self, stops_syncing: bool) -> None:
        if not stops_syncing:
            self._app.quit()
            return
        # Let go first: the link would start the agent again.
        self._link.leave()
        self._client.post("/v1/shutdown", {}, lambda _: self._app.quit(), lambda _: self._app.quit())


def _nothing_more(_document: Json) -> None:
    """What was done comes back as an event."""
