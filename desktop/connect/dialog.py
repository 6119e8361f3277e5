"""The connect dialog: one page after the other, nothing frozen while it waits. The presenter decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QFrame, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from desktop.connect.pages import AddressPage, CalendarsPage, DonePage, Page, SummaryPage, VaultPage
from desktop.connect.presenter import ConnectPresenter, Screen, Step
from desktop.parts.buttons import push, rename
from desktop.parts.layout import card, column, row, scrolled
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS
from desktop.theme.type import Type
from desktop.windows import size_for
from desktop.words.from_qt import translate

if TYPE_CHECKING:
    from desktop.agent.client import AgentClient
    from desktop.theme.theme import Theme

_WIDTH, _HEIGHT = 560, 600
_STEPS = (Step.ADDRESS, Step.CALENDARS, Step.VAULT, Step.SUMMARY, Step.DONE)


class ConnectDialog(QDialog):
    """Connects a CalDAV account or a feed."""

    connected = Signal()
    """An account was added."""

    def __init__(self, client: AgentClient, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Connect a calendar"))
        self._title, self._subtitle = Text(kind=Type.TITLE), Text(tone="muted")
        self._address, self._calendars, self._vault = AddressPage(theme), CalendarsPage(theme), VaultPage(theme)
        self._summary, self._done = SummaryPage(theme), DonePage(theme)
        self._pages: dict[Step, Page] = {
            Step.ADDRESS: self._address,
            Step.CALENDARS: self._calendars,
            Step.VAULT: self._vault,
            Step.SUMMARY: self._summary,
            Step.DONE: self._done,
        }
        self._stack = QStackedWidget()
        for step in _STEPS:
            self._stack.addWidget(scrolled(self._padded(self._pages[step])))
        self._was = Step.ADDRESS
        self._lay_out()
        self._presenter = ConnectPresenter(client, translate, self._render)
        self._calendars.role_chosen.connect(self._presenter.choose_role)
        self._vault.session_only_chosen.connect(self._presenter.keep_for_session_only)
        self._next.clicked.connect(self._forward)
        self._back.clicked.connect(self._presenter.back)
        self._cancel.clicked.connect(self._leave)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            QShortcut(QKeySequence(key), self).activated.connect(self._enter)
        self.resize(size_for(self, _WIDTH, _HEIGHT))
        self._render(self._presenter.screen)
        self._address.url.take_focus()

    def reject(self) -> None:
        """Escape stops waiting first, and closes then."""
        self._leave()

    def _padded(self, page: QWidget) -> QVBoxLayout:
        inside = column(page)
        inside.setContentsMargins(SPACE_XL, SPACE_S, SPACE_XL, SPACE_L)
        return inside

    def _lay_out(self) -> None:
        head = column(self._title, self._subtitle, gap=SPACE_XS)
        head.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_S)
        self._trouble_words = Text(tone="danger")
        self._trouble = card(column(self._trouble_words), "danger", margin=SPACE_M)
        told = column(self._trouble)
        told.setContentsMargins(SPACE_XL, 0, SPACE_XL, SPACE_M)
        self._busy = QProgressBar()
        self._busy.setRange(0, 0)
        self._busy.setTextVisible(False)
        self._busy.setFixedHeight(SPACE_XS)
        self._busy.setAccessibleName(self.tr("Waiting"))
        self._waiting = Text(kind=Type.SMALL, tone="muted")
        self._back, self._cancel = push(self.tr("&Back")), push(self.tr("&Cancel"))
        self._next = push(self.tr("&Look for calendars"), main=True)
        buttons = row(gap=SPACE_S)
        buttons.addWidget(self._waiting, 1)
        for button in (self._back, self._cancel, self._next):
            buttons.addWidget(button)
        buttons.setContentsMargins(SPACE_XL, SPACE_M, SPACE_XL, SPACE_M)
        foot = QFrame()
        foot.setProperty("role", "bar")
        foot.setLayout(buttons)
        whole = column(gap=0)
        whole.addLayout(head)
        whole.addWidget(self._stack, 1)
        whole.addLayout(told)
        whole.addWidget(self._busy)
        whole.addWidget(foot)
        self.setLayout(whole)

    def _enter(self) -> None:
        focused = self.focusWidget()
        for button in (self._back, self._cancel):
            if focused is button:
                button.click()
                return
        if self._next.isEnabled():
            self._forward()

    def _forward(self) -> None:
        match self._presenter.screen.step:
            case Step.ADDRESS:
                self._presenter.look(self._address.form())
            case Step.CALENDARS:
                self._presenter.connect()
            case Step.VAULT:
                self._presenter.open_vault(self._vault.passphrase.text, self._vault.repeated.text)
            case Step.SUMMARY:
                self._presenter.write()
            case Step.DONE:
                self.accept()

    def _leave(self) -> None:
        screen = self._presenter.screen
        if screen.waiting:
            self._presenter.cancel_waiting()
        elif screen.step is Step.SUMMARY:
            self._presenter.write_later()
        else:
            self.done(QDialog.DialogCode.Rejected if screen.step is not Step.DONE else QDialog.DialogCode.Accepted)

    def _render(self, screen: Screen) -> None:
        moved, self._was = screen.step is not self._was, screen.step
        for page in self._pages.values():
            page.show_screen(screen)
        self._stack.setCurrentIndex(_STEPS.index(screen.step))
        title, subtitle = self._words(screen.step)
        self._title.setText(title)
        self._subtitle.setText(subtitle)
        self._trouble_words.setText(screen.trouble)
        self._trouble.setVisible(bool(screen.trouble))
        self._busy.setVisible(bool(screen.waiting))
        self._waiting.setText(screen.waiting)
        self._back.setVisible(screen.step in (Step.CALENDARS, Step.VAULT))
        self._back.setEnabled(not screen.waiting)
        self._next.setEnabled(not screen.waiting)
        rename(self._next, self._forward_words(screen.step))
        rename(self._cancel, self._cancel_words(screen))
        self._cancel.setVisible(screen.step is not Step.DONE)
        if moved:
            self._begin(screen.step)

    def _begin(self, step: Step) -> None:
        """Put the keyboard where the step begins."""
        match step:
            case Step.ADDRESS:
                self._address.url.take_focus()
            case Step.VAULT:
                self._vault.passphrase.take_focus()
            case Step.DONE:
                self._next.setFocus()
                self.connected.emit()
            case _:
                self._next.setFocus()

    def _words(self, step: Step) -> tuple[str, str]:
        match step:
            case Step.ADDRESS:
                return self.tr("Connect a calendar"), self.tr("First TutorSync only looks. Nothing is stored yet.")
            case Step.CALENDARS:
                return self.tr("What are your calendars for?"), self.tr("You can change this at any time.")
            case Step.VAULT:
                return self.tr("Keep your password safe"), self.tr("This is asked once.")
            case Step.SUMMARY:
                return self.tr("Before anything is written"), self.tr("This is what the first sync would do.")
            case Step.DONE:
                return "", ""

    def _forward_words(self, step: Step) -> str:
        match step:
            case Step.ADDRESS:
                return self.tr("&Look for calendars")
            case Step.CALENDARS:
                return self.tr("C&onnect")
            case Step.VAULT:
                return self.tr("&Seal and connect")
            case Step.SUMMARY:
                return self.tr("&Write now")
            case Step.DONE:
                return self.tr("&Done")

    def _cancel_words(self, screen: Screen) -> str:
        if screen.waiting:
            return self.tr("&Stop waiting")
        return self.tr("&Not yet") if screen.step is Step.SUMMARY else self.tr("&Cancel")
