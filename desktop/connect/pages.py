"""The pages of the connect dialog; each shows its part of the screen and tells what was typed or chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QWidget

from desktop.connect.field_view import FieldView
from desktop.connect.form import Field, Form, Provider
from desktop.connect.presenter import Choice, Screen
from desktop.parts.buttons import ChoiceButton, push
from desktop.parts.choice_box import ChoiceBox
from desktop.parts.glyph import Glyph, beside
from desktop.parts.layout import card, clear, column, row
from desktop.parts.text import Text
from desktop.theme.tokens import SPACE_L, SPACE_M, SPACE_S
from desktop.theme.type import Type

if TYPE_CHECKING:
    from desktop.theme.theme import Theme


class AddressPage(QWidget):
    """Which calendar, where, and who."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._provider = Provider.CALDAV
        self._group = QButtonGroup(self)
        self._kinds = {
            Provider.CALDAV: self._kind(
                theme,
                "server",
                self.tr("Calendar account"),
                self.tr("Nextcloud, Fastmail, any CalDAV server. Both ways."),
            ),
            Provider.ICS: self._kind(
                theme, "feed", self.tr("Calendar feed"), self.tr("A link that ends in .ics. Read only.")
            ),
        }
        for provider, button in self._kinds.items():
            self._group.addButton(button)
            button.clicked.connect(lambda _=False, provider=provider: self._choose(provider))
        self.url = FieldView(self.tr("&Address"), placeholder="cloud.example.org")
        self.username = FieldView(self.tr("&User name"))
        self.password = FieldView(self.tr("&Password"), is_secret=True)
        self._advice = Text(
            self.tr("If your provider has app passwords, make one for TutorSync. It is kept sealed on this computer."),
            Type.SMALL,
            tone="muted",
        )
        self._private = QCheckBox(self.tr("This address may lead into a &private network"))
        kinds = row(gap=SPACE_M)
        for button in self._kinds.values():
            kinds.addWidget(button, 1)
        fields = column(self.url, self._private, self.username, self.password, self._advice, None, gap=SPACE_M)
        self.setLayout(column(kinds, fields, gap=SPACE_L))
        self._choose(Provider.CALDAV)
        self._private.hide()

    def form(self) -> Form:
        """Give what is typed."""
        is_feed = self._provider is Provider.ICS
        return Form(
            provider=self._provider,
            url=self.url.text,
            username="" if is_feed else self.username.text,
            password="" if is_feed else self.password.text,
            allow_private=self._private.isChecked(),
        )

    def show_screen(self, screen: Screen) -> None:
        """Show what is wrong, and let nothing be typed while an answer is waited for."""
        fields = {Field.URL: self.url, Field.USERNAME: self.username, Field.PASSWORD: self.password}
        for field, view in fields.items():
            view.show_error(screen.errors.get(field, ""))
            view.setEnabled(not screen.waiting)
        for button in self._kinds.values():
            button.setEnabled(not screen.waiting)
        self._private.setVisible(screen.is_private)
        wrong = next((field for field in fields if field in screen.errors), None)
        if wrong is not None and not screen.waiting:
            fields[wrong].take_focus()

    def _kind(self, theme: Theme, glyph: str, title: str, words: str) -> ChoiceButton:
        said = column(Text(title, Type.STRONG), Text(words, Type.SMALL, tone="muted"), gap=0)
        inside = row(gap=SPACE_M)
        inside.addWidget(Glyph(theme, glyph, "accent", lines=1.6), 0, Qt.AlignmentFlag.AlignTop)
        inside.addLayout(said, 1)
        inside.setContentsMargins(SPACE_M, SPACE_M, SPACE_M, SPACE_M)
        return ChoiceButton(theme, f"{title}. {words}", inside)

    def _choose(self, provider: Provider) -> None:
        self._provider = provider
        for one, button in self._kinds.items():
            button.setChecked(one is provider)
        is_feed = provider is Provider.ICS
        for view in (self.username, self.password, self._advice):
            view.setVisible(not is_feed)


class CalendarsPage(QWidget):
    """What each calendar that was found is for."""

    role_chosen = Signal(str, str)
    """Remote id, role."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[str, ...] = ()
        self._boxes: dict[str, ChoiceBox] = {}
        self._column = column(gap=SPACE_S)
        self.setLayout(column(self._column, None, gap=SPACE_M))

    def show_screen(self, screen: Screen) -> None:
        """Show the calendars; keeps the keyboard focus where it is."""
        keys = tuple(one.calendar.remote_id for one in screen.choices)
        if keys != self._shown:
            self._shown = keys
            clear(self._column)
            self._boxes = {}
            for one in screen.choices:
                self._column.addWidget(self._line(one))
            widest = max((box.sizeHint().width() for box in self._boxes.values()), default=0)
            for box in self._boxes.values():
                box.setMinimumWidth(widest)
        for one in screen.choices:
            box = self._boxes[one.calendar.remote_id]
            box.setCurrentIndex(one.roles.index(one.role) if one.role in one.roles else 0)
            box.setEnabled(not screen.waiting)

    def _line(self, choice: Choice) -> QWidget:
        box = ChoiceBox(self._theme)
        for role in choice.roles:
            box.addItem(self._role_words(role), role)
        key = choice.calendar.remote_id
        box.setAccessibleName(self.tr("What “{name}” is for").format(name=choice.calendar.name))
        box.activated.connect(lambda at: self.role_chosen.emit(key, choice.roles[at]))
        self._boxes[key] = box
        kind = self.tr("Can be changed") if choice.calendar.writable else self.tr("Read only")
        said = column(Text(choice.calendar.name, Type.STRONG), Text(kind, Type.SMALL, tone="muted"), gap=0)
        inside = row(gap=SPACE_M)
        inside.addWidget(Glyph(self._theme, "calendar", "muted"), 0, Qt.AlignmentFlag.AlignVCenter)
        inside.addLayout(said, 1)
        inside.addWidget(box)
        return card(inside, margin=SPACE_M)

    def _role_words(self, role: str) -> str:
        match role:
            case "sessions":
                return self.tr("Your sessions go here")
            case "busy":
                return self.tr("Counts as busy")
            case "block":
                return self.tr("Gets “Busy” for your sessions")
            case _:
                return self.tr("Is left alone")


class VaultPage(QWidget):
    """The passphrase that seals passwords, or none for this session."""

    session_only_chosen = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._title = Text(kind=Type.BODY)
        self.passphrase = FieldView(self.tr("&Passphrase"), is_secret=True)
        self.repeated = FieldView(self.tr("&The same again"), is_secret=True)
        self._only = push(self.tr("Only for this &session"))
        self._only.clicked.connect(self.session_only_chosen)
        said = Text(
            self.tr(
                "Without a passphrase your password is forgotten when this computer restarts, and is asked for again."
            ),
            Type.SMALL,
            tone="muted",
        )
        other = row(said, gap=SPACE_M)
        other.addWidget(self._only, 0, Qt.AlignmentFlag.AlignTop)
        inside = column(
            beside(theme, "lock", self._title, "accent"), self.passphrase, self.repeated, other, None, gap=SPACE_L
        )
        self.setLayout(inside)

    def show_screen(self, screen: Screen) -> None:
        """Ask for a new passphrase, or for the one that there is."""
        self._title.setText(
            self.tr("Choose a passphrase. It seals your calendar passwords here; they are never kept in the clear.")
            if screen.vault_is_new
            else self.tr("Your passwords are sealed. Type the passphrase that you chose.")
        )
        self.repeated.setVisible(screen.vault_is_new)
        for field, view in {Field.PASSPHRASE: self.passphrase, Field.REPEATED: self.repeated}.items():
            view.show_error(screen.errors.get(field, ""))
            view.setEnabled(not screen.waiting)
        self._only.setEnabled(not screen.waiting)


class SummaryPage(QWidget):
    """What the first write would do."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._add, self._change, self._delete = (Text(kind=Type.HERO, wraps=False) for _ in range(3))
        figures = row(gap=SPACE_M)
        for figure, words in (
            (self._add, self.tr("will be added")),
            (self._change, self.tr("will be changed")),
            (self._delete, self.tr("will be deleted")),
        ):
            figures.addWidget(card(column(figure, Text(words, Type.SMALL, tone="muted"), gap=0)), 1)
        calm = Text(self.tr("Nothing has been written yet. Entries that are not sessions of yours are never touched."))
        undo = Text(self.tr("Everything TutorSync writes can be undone."), Type.SMALL, tone="muted")
        self.setLayout(column(figures, beside(theme, "done", calm, "ok"), undo, None, gap=SPACE_L))

    def show_screen(self, screen: Screen) -> None:
        """Show the figures."""
        if screen.counts is not None:
            self._add.setText(str(screen.counts.add))
            self._change.setText(str(screen.counts.change))
            self._delete.setText(str(screen.counts.delete))


class DonePage(QWidget):
    """That it is connected."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._words = Text()
        self._words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        glyph = Glyph(theme, "done", "ok", lines=3)
        title = Text(self.tr("Connected"), Type.TITLE)
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        inside = column(None, glyph, title, self._words, None, gap=SPACE_M)
        inside.setAlignment(glyph, Qt.AlignmentFlag.AlignHCenter)
        self.setLayout(inside)

    def show_screen(self, screen: Screen) -> None:
        """Name what was connected."""
        self._words.setText(
            self.tr("“{account}” is read from now on. You are told about double bookings.").format(
                account=screen.account
            )
        )


Page = AddressPage | CalendarsPage | VaultPage | SummaryPage | DonePage
"""One step of the dialog."""
