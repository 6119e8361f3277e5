"""Exit codes: what a script can tell without reading a word."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExitCode(IntEnum):
    """What a command's end means."""

    DONE = 0
    WRONG = 1
    USAGE = 2
    SILENT = 3
    SIGN_IN = 4
    QUESTION = 5


_CODES: Mapping[str, ExitCode] = {
    "agent.silent": ExitCode.SILENT,
    "agent.absent": ExitCode.SILENT,
    "agent.other_version": ExitCode.SILENT,
    "profile.busy": ExitCode.SILENT,
    "request.wrong": ExitCode.USAGE,
    "connection.sign_in_refused": ExitCode.SIGN_IN,
    "connection.scope_missing": ExitCode.SIGN_IN,
    "connection.profile_copied": ExitCode.SIGN_IN,
    "connection.consent_ended": ExitCode.SIGN_IN,
    "vault.locked": ExitCode.SIGN_IN,
    "vault.absent": ExitCode.SIGN_IN,
    "vault.wrong_passphrase": ExitCode.SIGN_IN,
}


def exit_of_error(code: str) -> ExitCode:
    """Give the exit code of an error by its code."""
    return _CODES.get(code, ExitCode.WRONG)


def exit_of_pass(document: Mapping[str, Any], *, open_questions: int) -> ExitCode:
    """Give the exit code of a pass: what needs a person first.

    Args:
        document: a Pass.
        open_questions: how many wait, also from earlier passes.
    """
    if document.get("stopped"):
        return ExitCode.WRONG
    if document.get("dry_run"):
        return ExitCode.DONE
    codes = [exit_of_error(str(one["code"])) for one in document.get("accounts", ()) if not one["ok"]]
    if ExitCode.SIGN_IN in codes:
        return ExitCode.SIGN_IN
    if codes:
        return ExitCode.WRONG
    return ExitCode.QUESTION if open_questions else ExitCode.DONE
