"""The double-booking window: puts the views together and gives keys to them. The presenter decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QPushButton, QVBoxLayout, QWidget

from desktop.conflict.choices_view import ChoicesView
from desktop.conflict.decision import Action
from desktop.conflict.list_view import EntriesView
from desktop.conflict.outcome_view import PreviewView, SettledView
from desktop.conflict.presenter import UNDO_FOR, ConflictPresenter, Screen
from desktop.conflict.sides_view import SidesView, TimeLineView
from desktop.parts.buttons import push, rename
from desktop.parts.glyph import beside
from desktop.parts.layout import box, card, column, row, scrolled
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XL, SPACE_XS
from desktop.theme.type import Type
from desktop.windows import size_for
from desktop.words.from_qt import translate

if TYPE_CHECKING:
    from desktop.agent.client import AgentClient
    from desktop.theme.theme import Theme

_WIDTH, _HEIGHT = 1000, 820
_CHARACTERS_WIDE = 90
_MILLISECOND = timedelta(milliseconds=1)


class ConflictWindow(QWidget):
    """Shows one double booking and its choices; decides nothing."""

    closed = Signal()

    def __init__(self, client: AgentClient, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Double bookings"))
        self._is_beginning = False
        what = Text(self.tr("Double booking"), Type.STRONG, tone="warn")
        self._what = beside(theme, "alert", what, "warn")
        self._when, self._why = Text(kind=Type.TITLE), Text(tone="muted")
        self._line, self._sides = TimeLineView(theme), SidesView(theme)
        self._choices, self._preview = ChoicesView(theme), PreviewView(theme)
        self._settled, self._entries = SettledView(theme), EntriesView(theme)
        self._waiting = Text(self.tr("Reading your double bookings …"), tone="muted")
        self._trouble_words = Text(tone="danger")
        self._trouble = card(column(self._trouble_words), "danger", margin=SPACE_M)
        self._open = box(self._laid_out())
        self._lay_out()
        self._presenter = ConflictPresenter(client, translate, lambda: datetime.now(UTC), self._render)
        self._undo_ends = QTimer(self, singleShot=True)
        self._undo_ends.timeout.connect(self._presenter.undo_ended)
        self._connect()
        self._add_keys()
        self.resize(size_for(self, _WIDTH, _HEIGHT))
        self._render(self._presenter.screen)

    def show_conflict(self, conflict: str | None = None) -> None:
        """Open the window on one double booking, or on the next that waits."""
        self._presenter.show_conflict(conflict)
        self.show()
        self.raise_()
        self.activateWindow()
        # Until there is something to apply, Enter must not press what happens to come first.
        self._is_beginning = True
        self.setFocus()

    def refresh(self) -> None:
        """Something about double bookings changed at the agent."""
        if self.isVisible():
            self._presenter.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the list out where the letters are so large that both would have too little room; J and K remain."""
        super().resizeEvent(event)
        self._entries.set_room(self.width() >= _CHARACTERS_WIDE * self.fontMetrics().averageCharWidth())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tell that it was closed."""
        super().closeEvent(event)
        self.closed.emit()

    def _laid_out(self) -> QVBoxLayout:
        return column(
            column(self._what, self._when, self._why, gap=SPACE_XS),
            self._line,
            self._sides,
            self._choices,
            None,
            gap=SPACE_M,
        )

    def _lay_out(self) -> None:
        inside = column(self._waiting, self._open, self._settled, gap=SPACE_M)
        inside.setContentsMargins(SPACE_XL, SPACE_XL, SPACE_XL, SPACE_L)
        self._area = scrolled(inside)
        self._apply = push(self.tr("&Apply"), main=True)
        self._undo = push(self.tr("&Undo  (Z)"))
        self._next = push(self.tr("&Next double booking"), main=True)
        self._later = push(self.tr("&Later"))
        self._hint = Text(kind=Type.SMALL, tone="muted")
        buttons = row(gap=SPACE_S)
        buttons.addWidget(self._hint, 1)
        for button in (self._later, self._undo, self._next, self._apply):
            buttons.addWidget(button)
        buttons.setContentsMargins(SPACE_XL, SPACE_M, SPACE_XL, SPACE_M)
        foot = QFrame()
        foot.setProperty("role", "bar")
        foot.setLayout(buttons)
        # Outside what scrolls: what a decision does stands beside the button that carries it out.
        told = column(self._preview, self._trouble, gap=SPACE_S)
        told.setContentsMargins(SPACE_XL, SPACE_S, SPACE_XL, SPACE_M)
        main = column(gap=0)
        main.addWidget(self._area, 1)
        main.addLayout(told)
        main.addWidget(foot)
        whole = row(self._entries, gap=0)
        whole.addLayout(main, 1)
        self.setLayout(whole)

    def _connect(self) -> None:
        presenter = self._presenter
        self._choices.action_chosen.connect(self._choose_action)
        self._choices.slot_chosen.connect(presenter.choose_slot)
        self._choices.session_chosen.connect(presenter.choose_session)
        self._choices.reason_given.connect(presenter.give_reason)
        self._entries.entry_chosen.connect(presenter.show_conflict)
        self._apply.clicked.connect(presenter.apply)
        self._undo.clicked.connect(presenter.undo)
        self._next.clicked.connect(lambda: presenter.show_conflict(None))
        self._later.clicked.connect(self.close)

    def _add_keys(self) -> None:
        presenter = self._presenter
        for rank in range(1, 6):
            self._key(str(rank), partial(presenter.choose_slot, rank))
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._key(key, self._enter)
        self._key("Z", presenter.undo)
        self._key("J", lambda: presenter.step(1))
        self._key("K", lambda: presenter.step(-1))
        self._key(Qt.Key.Key_Escape, self.close)

    def _key(self, key: str | Qt.Key, does: Callable[[], object]) -> None:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.activated.connect(does)

    def _enter(self) -> None:
        """Enter carries out what is chosen, unless a button has the focus that says something else."""
        focused = QApplication.focusWidget()
        if isinstance(focused, QPushButton) and focused is not self._apply:
            focused.click()
        elif self._presenter.screen.card is not None:
            self._presenter.apply()
        elif self._next.isVisible():
            self._next.click()

    def _choose_action(self, action: Action) -> None:
        self._presenter.choose_action(action)
        if action is Action.KEEP_BOTH:
            self._choices.focus_reason()

    def _render(self, screen: Screen) -> None:
        card, settled = screen.card, screen.settled
        is_empty = card is None and settled is None and not screen.is_loading
        self._waiting.setVisible(screen.is_loading and not screen.trouble)
        self._open.setVisible(card is not None)
        self._settled.setVisible(settled is not None or (is_empty and not screen.trouble))
        self._entries.show_entries(screen.entries, card.id if card else "")
        if card is not None:
            self._when.setText(card.when)
            self._why.setText(card.why)
            self._line.show_line(card.line, card.why)
            self._sides.show_sides(card.sides)
            self._choices.show_choices(screen)
        self._preview.show_preview(screen.preview)
        self._trouble_words.setText(screen.trouble)
        self._trouble.setVisible(bool(screen.trouble))
        if settled is not None:
            self._settled.show_settled(settled, len(screen.entries), screen.unchecked)
        elif is_empty:
            self._settled.show_nothing(screen.unchecked)
        self._render_foot(screen)

    def _render_foot(self, screen: Screen) -> None:
        settled = screen.settled
        self._apply.setVisible(screen.card is not None)
        self._apply.setEnabled(screen.can_apply)
        if screen.can_apply and self._is_beginning:
            self._is_beginning = False
            self._apply.setFocus()
        rename(self._apply, self._apply_words(screen))
        can_undo = settled is not None and bool(settled.activity)
        self._undo.setVisible(can_undo)
        self._undo.setEnabled(not screen.is_busy)
        self._next.setVisible(settled is not None and bool(screen.entries))
        rename(self._later, self.tr("&Later") if screen.card is not None else self.tr("C&lose"))
        if screen.card is not None:
            self._hint.setText(self.tr("Keys: 1–5, Enter, J and K"))
        elif can_undo and settled is not None:
            until = settled.undo_until.astimezone().strftime("%H:%M")
            self._hint.setText(self.tr("Can be undone here until {clock}.").format(clock=until))
            self._undo_ends.start(UNDO_FOR // _MILLISECOND)
        else:
            self._hint.setText("")

    def _apply_words(self, screen: Screen) -> str:
        if screen.is_busy:
            return self.tr("Working …")
        decision = screen.decision
        match decision.action if decision else Action.MOVE:
            case Action.MOVE:
                slot = next((one for one in screen.slots or () if one.rank == screen.chosen_slot), None)
                if slot is None:
                    return self.tr("&Apply")
                return self.tr("&Apply: move to {when}").format(when=f"{slot.day}, {slot.span.split('–')[0]}")
            case Action.KEEP_BOTH:
                return self.tr("&Apply: keep both")
            case Action.CANCEL:
                return self.tr("&Apply: cancel the session")
            case Action.MARK_FREE:
                return self.tr("&Apply: mark as free")
