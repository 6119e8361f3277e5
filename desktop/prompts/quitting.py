"""Asks what quitting means: the icon only, or syncing as well."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from desktop.prompts.prompt import Choice, Prompt

if TYPE_CHECKING:
    from desktop.theme.theme import Theme

WINDOW_ONLY, STOP_SYNCING, STAY = "window", "stop", "stay"


def quit_prompt(theme: Theme) -> Prompt:
    """Make the question."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("Quit", text)

    return Prompt(
        theme,
        title=tr("Quit TutorSync?"),
        text=tr(
            "Syncing can go on without this icon: your calendars stay in agreement, but nobody tells you about a "
            "double booking."
        ),
        glyph="quit",
        choices=(
            Choice(STAY, tr("&Cancel")),
            Choice(STOP_SYNCING, tr("&Stop syncing too")),
            Choice(WINDOW_ONLY, tr("&Keep syncing"), is_main=True),
        ),
    )
