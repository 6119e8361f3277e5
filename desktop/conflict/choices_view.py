"""What can be decided: four ways out, the five free slots, the reason, and which session is meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QLineEdit, QWidget

from desktop.conflict.cards import SlotCard, action_words, explain
from desktop.conflict.decision import Action
from desktop.parts.buttons import ChoiceButton, Segment
from desktop.parts.layout import clear, column, row
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XS
from desktop.theme.type import Type
from desktop.words.from_qt import translate

if TYPE_CHECKING:
    from desktop.conflict.presenter import Screen
    from desktop.theme.theme import Theme


class ChoicesView(QWidget):
    """Shows the choices; decides nothing."""

    action_chosen = Signal(object)
    """An Action."""
    slot_chosen = Signal(int)
    session_chosen = Signal(str)
    reason_given = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown_slots: tuple[SlotCard, ...] | None = None
        self._shown_sessions: tuple[tuple[str, str], ...] = ()
        self._slot_buttons: dict[int, ChoiceButton] = {}
        self._session_buttons: dict[str, Segment] = {}
        self._actions = {action: self._segment(action) for action in Action}
        self._group = QButtonGroup(self)
        for button in self._actions.values():
            self._group.addButton(button)
        self._sessions, self._slots = row(gap=SPACE_XS), column(gap=SPACE_XS)
        self._which = QWidget()
        self._which.setLayout(self._sessions)
        self._explained = Text(kind=Type.SMALL, tone="muted")
        self._waiting = Text(tone="muted")
        self._reason = QLineEdit()
        self._reason.setPlaceholderText(self.tr("For example: the dentist was moved, the calendar is not up to date"))
        self._reason.setAccessibleName(self.tr("Why both may stay"))
        self._reason.textEdited.connect(self.reason_given)
        self._reason_label = Text(self.tr("Why &both may stay").replace("&", ""), Type.SMALL)
        self._reason_label.setBuddy(self._reason)
        self.setLayout(
            column(
                row(*self._actions.values(), None, gap=SPACE_XS),
                self._which,
                self._explained,
                self._waiting,
                self._slots,
                column(self._reason_label, self._reason, gap=SPACE_XS),
                gap=SPACE_S,
            )
        )

    def show_choices(self, screen: Screen) -> None:
        """Replace what is shown; keeps the keyboard focus where it is."""
        decision, card = screen.decision, screen.card
        if decision is None or card is None:
            return
        for action, button in self._actions.items():
            button.setVisible(action in screen.actions)
            button.setChecked(action is decision.action)
            button.setEnabled(not screen.is_busy)
        self._explained.tell(explain(decision.action, screen.slots, translate))
        self._show_sessions(card.sessions, decision.session, decision.action)
        self._show_slots(screen)
        is_reasoned = decision.action is Action.KEEP_BOTH
        self._reason.setVisible(is_reasoned)
        self._reason_label.setVisible(is_reasoned)
        if self._reason.text() != decision.reason:
            self._reason.setText(decision.reason)

    def focus_reason(self) -> None:
        """Let the reason be typed at once."""
        self._reason.setFocus(Qt.FocusReason.OtherFocusReason)

    def _segment(self, action: Action) -> Segment:
        button = Segment(self._theme, action_words(action, translate))
        button.clicked.connect(lambda: self.action_chosen.emit(action))
        return button

    def _show_sessions(self, sessions: tuple[tuple[str, str], ...], chosen: str, action: Action) -> None:
        self._which.setVisible(len(sessions) > 1 and action in (Action.MOVE, Action.CANCEL))
        if sessions != self._shown_sessions:
            self._shown_sessions = sessions
            clear(self._sessions)
            self._session_buttons = {}
            group = QButtonGroup(self._which)
            self._sessions.addWidget(Text(self.tr("Which one?"), Type.SMALL, tone="muted", wraps=False))
            for key, title in sessions:
                button = Segment(self._theme, title.replace("&", "&&"))
                button.setAccessibleName(self.tr("Change “{title}”").format(title=title))
                button.clicked.connect(lambda _=False, key=key: self.session_chosen.emit(key))
                group.addButton(button)
                self._session_buttons[key] = button
                self._sessions.addWidget(button)
            self._sessions.addStretch(1)
        for key, button in self._session_buttons.items():
            button.setChecked(key == chosen)

    def _show_slots(self, screen: Screen) -> None:
        is_moving = screen.decision is not None and screen.decision.action is Action.MOVE
        slots = screen.slots if is_moving else ()
        if is_moving and screen.slots is None:
            self._waiting.tell(self.tr("Looking for free times …"))
        elif is_moving and not screen.slots:
            self._waiting.tell(self.tr("No free time was found in the coming weeks. The other ways are open to you."))
        else:
            self._waiting.tell("")
        if slots != self._shown_slots:
            self._shown_slots = slots
            clear(self._slots)
            self._slot_buttons = {slot.rank: self._slot(slot) for slot in slots or ()}
            for button in self._slot_buttons.values():
                self._slots.addWidget(button)
        for rank, button in self._slot_buttons.items():
            button.setChecked(rank == screen.chosen_slot)
            button.setEnabled(not screen.is_busy)

    def _slot(self, slot: SlotCard) -> ChoiceButton:
        key = Text(str(slot.rank), Type.SMALL, tone="chip", wraps=False)
        day = Text(slot.day, Type.STRONG, wraps=False)
        span = Text(slot.span, wraps=False)
        why = Text(slot.why, Type.SMALL, tone="muted")
        letters = self.fontMetrics().averageCharWidth()
        key.setMinimumWidth(4 * letters)
        key.setAlignment(Qt.AlignmentFlag.AlignCenter)
        day.setMinimumWidth(12 * letters)
        span.setMinimumWidth(14 * letters)
        inside = row(gap=SPACE_M)
        for text in (key, day, span):
            inside.addWidget(text, 0, Qt.AlignmentFlag.AlignVCenter)
        inside.addWidget(why, 1)
        inside.setContentsMargins(SPACE_M, SPACE_XS + 2, SPACE_L, SPACE_XS + 2)
        button = ChoiceButton(self._theme, slot.spoken, inside)
        button.clicked.connect(lambda: self.slot_chosen.emit(slot.rank))
        return button
