"""A program: import the named modules and print, as JSON, what each did while it was only imported.

Run by test_imports.py in a bare process: `python -m tests.house.quiet_import [--without NAME,NAME] MODULE...`.
Modules named by `--without` are as if not installed.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from tests.house.tree import ROOMS

# What the interpreter reports by itself (the table of audit events in its documentation).
_LOUD_EVENTS = {"socket.__new__", "subprocess.Popen", "sqlite3.connect", "os.fork"}
_CLOCKS = {
    "time",
    "time_ns",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "now",
    "utcnow",
    "today",
    "localtime",
    "gmtime",
}
_ENVIRONMENT = {os.getenv.__code__, type(os.environ).__getitem__.__code__}


def _is_ours(frame: FrameType | None) -> bool:
    return frame is not None and frame.f_globals.get("__name__", "").split(".")[0] in ROOMS


def _asks_the_environment(frame: FrameType) -> bool:
    """Whether a function of ours asked: the frames between belong to `os` and to the mapping it is."""
    caller = frame.f_back
    while caller is not None and caller.f_globals.get("__name__") in {"os", "_collections_abc", "collections.abc"}:
        caller = caller.f_back
    return frame.f_code in _ENVIRONMENT and _is_ours(caller)


class _Watch:
    """Notes what happens; an import of ours may read code and make values, nothing else."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def audit(self, event: str, _arguments: tuple[Any, ...]) -> None:
        if event in _LOUD_EVENTS:
            self.seen.append(event)

    def profile(self, frame: FrameType, event: str, argument: Callable[..., object]) -> None:
        if event == "c_call" and argument.__name__ == "start_new_thread":
            self.seen.append("a thread")
        elif event == "c_call" and _is_ours(frame) and argument.__name__ in _CLOCKS:
            self.seen.append(f"the clock, by {argument.__name__} in {frame.f_code.co_qualname}")
        elif event == "call" and _asks_the_environment(frame):
            self.seen.append("the environment")


def _open_files() -> set[str]:
    found = set()
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208 - a path would be resolved, and the listing's own is gone
        try:
            found.add(os.readlink(f"/proc/self/fd/{number}"))  # noqa: PTH115
        except OSError:
            continue
    return {name for name in found if not name.startswith("/proc/")}


def _import(module: str, watch: _Watch) -> list[str]:
    before, watch.seen = _open_files(), []
    sys.setprofile(watch.profile)
    try:
        importlib.import_module(module)
    except ImportError as error:
        watch.seen.append(f"{type(error).__name__}: {error}")
    finally:
        sys.setprofile(None)
    return watch.seen + [f"left open: {name}" for name in sorted(_open_files() - before)]


def main(arguments: list[str]) -> None:
    """Import what the arguments name, one after the other."""
    if arguments and arguments[0] == "--without":
        # The import system takes None for "there is no such module".
        sys.modules.update(dict.fromkeys(arguments[1].split(","), None))  # type: ignore[arg-type]
        arguments = arguments[2:]
    watch = _Watch()
    sys.addaudithook(watch.audit)
    done = {module: _import(module, watch) for module in arguments}
    json.dump({module: seen for module, seen in done.items() if seen}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
