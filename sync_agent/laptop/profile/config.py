"""The settings in force: flag, then environment, then config.toml, then the default. No secret is among them."""

from __future__ import annotations

import json
import threading
import tomllib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sync_agent.laptop.errors import ConfigBroken, ConfigKeyUnknown, ConfigValueWrong
from sync_agent.laptop.profile.files import write_private
from sync_agent.laptop.profile.settings import SETTINGS, Value

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_HEAD = """\
# TutorSync's settings. “tutorsync config set KEY VALUE” writes this file; you may, too, while no agent runs.
# “tutorsync config get” shows every setting with its present value.
"""


class Config:
    """What is set, and where from. May be used from any thread."""

    def __init__(self, path: Path, environment: Mapping[str, str], flags: Mapping[str, Value]) -> None:
        """Read the file.

        Args:
            path: config.toml; it need not be there.
            environment: TUTORSYNC_… variables.
            flags: from the command line, by key.

        Raises:
            ConfigBroken: the file cannot be read, or a value in it is wrong.
            ConfigValueWrong: a variable's or a flag's value is wrong.
        """
        self._path = path
        self._lock = threading.Lock()
        self._file = read_file(path)
        self._over = {
            setting.key: setting.value_of(environment[setting.variable])
            for setting in SETTINGS.values()
            if environment.get(setting.variable)
        }
        self._over |= {key: _setting_value(key, value) for key, value in flags.items()}

    def get(self, key: str) -> Value:
        """Give one setting's value.

        Raises:
            ConfigKeyUnknown.
        """
        if key not in SETTINGS:
            raise ConfigKeyUnknown(key=key)
        with self._lock:
            return self._over.get(key, self._file.get(key, SETTINGS[key].default))

    def text(self, key: str) -> str:
        """Give a setting that is a text."""
        return str(self.get(key))

    def seconds(self, key: str) -> timedelta:
        """Give a setting that counts seconds."""
        return timedelta(seconds=int(self.get(key)))

    def minutes(self, key: str) -> timedelta:
        """Give a setting that counts minutes."""
        return timedelta(minutes=int(self.get(key)))

    def all(self) -> dict[str, Value]:
        """Give every setting with its value."""
        return {key: self.get(key) for key in SETTINGS}

    def change(self, changes: Mapping[str, Value]) -> None:
        """Write some settings into the file; all or none.

        Raises:
            ConfigKeyUnknown, ConfigValueWrong, ProfileNotWritable, DiskFull.
        """
        wanted = {key: _setting_value(key, value) for key, value in changes.items()}
        with self._lock:
            changed = self._file | wanted
            write_private(self._path, spelled(changed).encode())
            self._file = changed


def read_file(path: Path) -> dict[str, Value]:
    """Read config.toml into dotted keys.

    Raises:
        ConfigBroken.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as cause:
        raise ConfigBroken(file=path.name, reason="it is no text in UTF-8") from cause
    except (OSError, ValueError) as cause:
        raise ConfigBroken(file=path.name, reason=str(cause)) from cause
    try:
        return {key: _setting_value(key, value) for key, value in _flat(raw, "").items()}
    except (ConfigKeyUnknown, ConfigValueWrong) as cause:
        reason = str(cause).removesuffix(" Nothing was changed.").removesuffix(".")
        raise ConfigBroken(file=path.name, reason=reason) from cause


def spelled(values: Mapping[str, Value]) -> str:
    """Give the file's text: each setting under the sentence that says what it does."""
    parts = [f"# {SETTINGS[key].help}\n{key} = {_spelled(values[key])}\n" for key in SETTINGS if key in values]
    return "\n".join([_HEAD, *parts])


def _spelled(value: Value) -> str:
    """Spell a value: a JSON string, number or boolean is a TOML one, too (TOML 1.0: basic strings have JSON's escapes).

    But for two things: TOML knows no surrogate pairs, and wants DEL escaped.
    """
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _setting_value(key: str, value: Value) -> Value:
    if key not in SETTINGS:
        raise ConfigKeyUnknown(key=key)
    return SETTINGS[key].value_of(value)


def _flat(table: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        found |= _flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return found
