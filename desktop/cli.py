"""`tutorsync desktop`, which plain `tutorsync` calls as well. Loads Qt only when it runs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click


@click.command()
@click.option("--profile", type=click.Path(path_type=Path, file_okay=False), help="The profile's folder.")
@click.option("--theme", type=click.Choice(["system", "light", "dark", "contrast"]), default="system", hidden=True)
def desktop(profile: Path | None, theme: str) -> None:
    """Run the tray program; a second start shows the first one's window."""
    if sys.platform.startswith("linux") and not _has_screen():
        words = "There is no screen here for the tray program. “tutorsync agent” syncs without one."
        raise click.ClickException(words)
    # Imported here, so that "tutorsync --help" and every other command start without Qt.
    from desktop.profile import chosen_folder
    from desktop.start import run
    from desktop.theme.tokens import Look

    code = run(chosen_folder(profile), None if theme == "system" else Look(theme))
    # All is given back by now. Taking the interpreter and Qt apart would cost another 100 ms and give nothing more:
    # at the end of a session the system waits for us.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _has_screen() -> bool:
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
