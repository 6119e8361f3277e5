"""The small window: shows a CompactCard, says what was chosen, decides nothing."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QListView, QMenu, QToolButton, QWidget

from desktop.compact.agenda import CARD, AgendaDelegate, AgendaModel
from desktop.compact.card import CompactCard, RowCard
from desktop.compact.pieces import Banner, Empty, Following
from desktop.parts.buttons import push
from desktop.parts.glyph import Glyph
from desktop.parts.layout import column, row, scrolled
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S, SPACE_XS
from desktop.theme.type import Type
from desktop.windows import size_for

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QResizeEvent

    from desktop.theme.theme import Theme

_SIZE = (368, 600)
_SMALLEST = (320, 400)
_LINES_OF_LIST = 6
_LINES_OF_CARDS = 5


class CompactWindow(QWidget):
    """Today, the coming days, and the one thing to do now."""

    banner_chosen = Signal(str, str)
    """An action of the banner and its target."""
    settle_chosen = Signal(str)
    """A double booking."""
    join_chosen = Signal(str)
    copy_chosen = Signal(str)
    sync_chosen = Signal()
    connect_chosen = Signal()
    closed = Signal()

    def __init__(self, theme: Theme, more: QMenu) -> None:
        """Make the window.

        Args:
            theme: for colours and glyphs.
            more: the menu behind the button in the corner; the same as the tray's.
        """
        super().__init__()
        self.setObjectName("page")
        self.setWindowTitle(self.tr("TutorSync"))
        self._theme = theme
        self._glyph = Glyph(theme, "more", "muted", lines=1.7)
        self._headline, self._reason = Text(kind=Type.TITLE), Text(kind=Type.SMALL, tone="muted")
        self._notice = Text(kind=Type.SMALL, tone="muted")
        self._notice.hide()
        self._more = self._corner(more)
        self.banner, self.following, self.empty = Banner(theme), Following(theme), Empty()
        self.agenda = self._agenda()
        self._last_sync = Text(kind=Type.SMALL, tone="muted")
        self._sync = push(self.tr("&Sync now"), flat=True)
        self._waits_for_content = False
        self._lay_out()
        self._connect()
        self._dress()
        self.setMinimumWidth(size_for(self, *_SMALLEST).width())
        self.resize(size_for(self, *_SIZE))

    def show_card(self, card: CompactCard) -> None:
        """Replace what is shown; keeps the keyboard focus and the chosen session where they are."""
        self._glyph.show_glyph(card.glyph, card.tone)
        self._headline.setText(card.headline)
        self._reason.tell(card.reason)
        self.banner.show_card(card.banner)
        self.following.show_card(card.following)
        self._show_days(card)
        self.empty.show_card(card.empty)
        self._last_sync.setText(card.last_sync)
        self._sync.setEnabled(card.can_sync)
        self._share_height()
        if self._waits_for_content and self.focusWidget() is self._more:
            self.focus_first()

    def focus_first(self) -> None:
        """Give the keyboard to what a tutor most likely wants now, as soon as there is anything."""
        wanted = (self.banner.button, self.following.join, self.empty.button, self.agenda)
        found = next((one for one in wanted if one.isVisible()), None)
        self._waits_for_content = found is None
        (found or self._more).setFocus()

    def say(self, text: str) -> None:
        """Say something below the headline until something else is said; "" says nothing."""
        self._notice.tell(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower window needs more lines."""
        super().resizeEvent(event)
        self._share_height()

    @property
    def notice(self) -> str:
        """What was said last, "" once it is gone."""
        return self._notice.text()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Hide; syncing goes on."""
        event.accept()
        self.closed.emit()

    def _show_days(self, card: CompactCard) -> None:
        chosen = self.agenda.currentIndex().data(CARD)
        self._model.show_days(card.days)
        self.agenda.setVisible(bool(card.days))
        self._filler.setVisible(not card.days)
        if isinstance(chosen, RowCard) and not self.agenda.currentIndex().isValid():
            self.agenda.setCurrentIndex(self._model.index(max(self._model.row_of(chosen.session), 0), 0))

    def _share_height(self) -> None:
        """Give the cards what they need, but leave two sessions of the list to be seen; then the cards scroll."""
        self._cards.activate()
        needed = self._cards.totalHeightForWidth(self.width())
        kept = self.fontMetrics().height() * _LINES_OF_LIST if self.agenda.isVisibleTo(self) else 0
        room = self.height() - self._bar.sizeHint().height() - kept
        self._top.setFixedHeight(max(min(needed, room), self.fontMetrics().height() * _LINES_OF_CARDS))

    def _corner(self, menu: QMenu) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", "true")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(menu)
        button.setAccessibleName(self.tr("More"))
        button.setToolTip(self.tr("More (F10)"))
        QShortcut(QKeySequence(Qt.Key.Key_F10), self, button.showMenu)
        return button

    def _agenda(self) -> QListView:
        view = QListView()
        self._model = AgendaModel(self)
        view.setModel(self._model)
        view.setItemDelegate(AgendaDelegate(self._theme, self))
        view.setMouseTracking(True)
        view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setAccessibleName(self.tr("Coming sessions"))
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        return view

    def _lay_out(self) -> None:
        words = column(self._headline, self._reason, gap=SPACE_XS // 2)
        header = row(self._glyph, words, self._more, gap=SPACE_M)
        header.setStretch(1, 1)
        top = column(header, self._notice, self.banner, self.following, self.empty, None, gap=SPACE_M)
        foot = row(self._last_sync, self._sync, gap=SPACE_S)
        foot.setContentsMargins(SPACE_L, SPACE_XS, SPACE_S, SPACE_XS)
        foot.setStretch(0, 1)
        bar = QFrame()
        bar.setProperty("role", "bar")
        bar.setLayout(foot)
        top.setContentsMargins(SPACE_L, SPACE_L, SPACE_L, SPACE_M)
        self._filler = QWidget()
        self._cards, self._top, self._bar = top, scrolled(top), bar
        whole = column(self._top, self.agenda, self._filler, bar, gap=0)
        whole.setStretch(1, 1)
        whole.setStretch(2, 1)
        self.setLayout(whole)

    def _connect(self) -> None:
        self.banner.action_chosen.connect(self.banner_chosen)
        self.following.join_chosen.connect(self.join_chosen)
        self.following.copy_chosen.connect(self.copy_chosen)
        self.empty.connect_chosen.connect(self.connect_chosen)
        self._sync.clicked.connect(self.sync_chosen)
        self.agenda.activated.connect(self._on_activated)
        self.agenda.customContextMenuRequested.connect(self._on_menu_wished)
        self._theme.changed.connect(self._dress)
        following = self.following
        order = (
            self.banner.button,
            following.join,
            following.copy,
            self.empty.button,
            self.agenda,
            self._sync,
            self._more,
        )
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), self, self.close)
        QShortcut(QKeySequence.StandardKey.Refresh, self, self.sync_chosen.emit)

    def _dress(self) -> None:
        self._more.setIcon(self._theme.glyph("more"))
        self._sync.setIcon(self._theme.glyph("sync"))
        self.agenda.viewport().update()

    def _on_activated(self, index: QModelIndex) -> None:
        card = index.data(CARD)
        if isinstance(card, RowCard) and card.conflict:
            self.settle_chosen.emit(card.conflict)
        elif isinstance(card, RowCard):
            self._open_menu(card, self.agenda.visualRect(index).bottomLeft())

    def _on_menu_wished(self, place: QPoint) -> None:
        card = self.agenda.indexAt(place).data(CARD)
        if isinstance(card, RowCard):
            self._open_menu(card, place)

    def _open_menu(self, card: RowCard, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if card.join_url:
            menu.addAction(self.tr("&Join the meeting"), lambda: self.join_chosen.emit(card.join_url))
            menu.addAction(self.tr("&Copy the link"), lambda: self.copy_chosen.emit(card.join_url))
        if conflict := card.conflict:
            menu.addAction(self.tr("&Settle the double booking…"), lambda: self.settle_chosen.emit(conflict))
        if menu.isEmpty():
            menu.addAction(self.tr("This session has no meeting link")).setEnabled(False)
        menu.popup(self.agenda.viewport().mapToGlobal(place))
