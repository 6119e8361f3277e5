"""What the laptop program refuses, each with a code that never changes, words for a tutor and what to do."""

from __future__ import annotations

from typing import ClassVar


class LaptopError(Exception):
    """Anything that the program around the engine refuses to do.

    `status` is what the local API answers with (RFC 9110, section 15).
    """

    code: ClassVar[str] = "laptop.refused"
    words: ClassVar[str] = "That cannot be done."
    action: ClassVar[str] = ""
    status: ClassVar[int] = 422

    def __init__(self, **facts: str | int) -> None:
        self.facts: dict[str, str | int] = facts
        super().__init__(self.words.format(**facts))


class ProfileNotWritable(LaptopError):
    """The profile's folder cannot be made or written."""

    code = "profile.not_writable"
    words = "TutorSync cannot write into its folder {folder} ({reason}). Nothing was changed."
    action = "Give yourself the right to write there, or choose another folder with --profile."


class DiskFull(LaptopError):
    """No room for a file of the profile. The same code as the store's, for it is the same to the tutor."""

    code = "store.full"
    words = "The disk is full, so nothing more can be kept. What was kept before is safe."
    action = "Free some space and try again."
    status = 507


class ProfileInUse(LaptopError):
    """Another agent has this profile."""

    code = "profile.in_use"
    words = "An agent already runs on this profile (process {pid}). This one stops, nothing was changed."
    action = "Use the one that runs, stop it first, or choose another profile with --profile."


class ProfileBusy(LaptopError):
    """A command works on this profile and does not end."""

    code = "profile.busy"
    words = "Another command (process {pid}) works on this profile and has not ended yet."
    action = "Wait until it is done, then try again."


class RuntimeFolderUnsafe(LaptopError):
    """The folder for the socket belongs to somebody else, or others may write it."""

    code = "profile.runtime_folder"
    words = "The folder {folder} for the agent's socket is not safe ({reason})."
    action = "Remove it, or set XDG_RUNTIME_DIR to a folder that only you can read."


class AgentSilent(LaptopError):
    """The profile is held by an agent that gives no answer."""

    code = "agent.silent"
    words = "The agent of this profile (process {pid}) does not answer."
    action = "Try again in a moment; if it stays so, stop that process and start “tutorsync agent” again."


class AgentAbsent(LaptopError):
    """A command that makes sense with an agent only."""

    code = "agent.absent"
    words = "No agent runs on this profile, so there is nothing to {verb}."
    action = "Start one with “tutorsync agent”."


class AgentOther(LaptopError):
    """An agent of another version runs, with another API."""

    code = "agent.other_version"
    words = "The agent that runs on this profile is of another version ({found}) and speaks differently."
    action = "Stop it and start it again."


class EventsLeft(LaptopError):
    """Our events were to be removed before an account is disconnected, and some are still there."""

    code = "account.events_left"
    words = "{name} stays connected: {count} of our events there could not be removed yet.{why}"
    action = "Try again in a while, or disconnect it without --remove-events and leave them there."
    status = 409


class ConfigBroken(LaptopError):
    """config.toml is no TOML, or holds a value of the wrong kind."""

    code = "config.broken"
    words = "The settings in {file} cannot be read: {reason}. Nothing was changed."
    action = "Mend that line, or move the file away to get the usual settings back."


class ConfigKeyUnknown(LaptopError):
    """There is no such setting."""

    code = "config.key_unknown"
    words = "There is no setting called “{key}”."
    action = "“tutorsync config get” lists all of them."
    status = 404


class ConfigValueWrong(LaptopError):
    """A value that a setting cannot have."""

    code = "config.value_wrong"
    words = "“{value}” cannot be the value of {key}: {reason}. Nothing was changed."


class VaultLocked(LaptopError):
    """The vault is there and nobody opened it."""

    code = "vault.locked"
    words = "The vault with your passwords is locked."
    action = "Open it with “tutorsync vault unlock”, or give its passphrase with --passphrase-file FILE."
    status = 423


class VaultAbsent(LaptopError):
    """There is no vault yet, and nobody said how secrets are to be kept."""

    code = "vault.absent"
    words = "There is no vault yet to keep this password in, and it is never kept in plain text."
    action = "Choose a passphrase: “tutorsync vault unlock”, or --passphrase-file FILE."
    status = 423


class PassphraseWrong(LaptopError):
    """The passphrase does not open the vault; nothing was changed."""

    code = "vault.wrong_passphrase"
    words = "That passphrase does not open the vault. Nothing was changed."
    action = "Try again; without the right one only signing in anew helps."
    status = 403


class PassphraseMissing(LaptopError):
    """An empty passphrase, or a file that cannot be read."""

    code = "vault.no_passphrase"
    words = "There is no password or passphrase in {where}."
    action = "Put it on the first line."


class VaultBroken(LaptopError):
    """The vault's file is damaged or of a newer version; it is left as it is."""

    code = "vault.broken"
    words = "The vault's file cannot be read ({reason}). It was left as it is."
    action = "Put a copy of it back, or move it away and sign in again; sessions and calendars are not touched."


class RequestWrong(LaptopError):
    """A request that does not say what is needed, or not in the right form."""

    code = "request.wrong"
    words = "{reason}"
    status = 400


class RouteUnknown(LaptopError):
    """The local API has no such route."""

    code = "request.unknown_route"
    words = "The agent knows nothing called {path}."
    status = 404


class FileUnreadable(LaptopError):
    """A file that the person named cannot be read."""

    code = "file.unreadable"
    words = "{file} cannot be read ({reason})."
    action = "Check its name and whether you may read it."


class RoleUnknown(LaptopError):
    """A calendar can be for four things."""

    code = "calendar.role_unknown"
    words = "“{role}” is nothing that a calendar can be for."
    action = "Choose sessions, busy, block or ignore."


class ProviderUnknown(LaptopError):
    """No connector of that name."""

    code = "account.provider_unknown"
    words = "There is no connector for “{provider}”."
    action = "Choose caldav, ics, zoom or platform."


class CalendarNotFound(LaptopError):
    """The calendar that was named is not among those that were found. Nothing was connected."""

    code = "calendar.not_found"
    words = "There is no calendar called “{name}”, only {found}. Nothing was connected."
    action = "Give one of these names."


class InstallationBroken(LaptopError):
    """The file with the installation's name is damaged. A new name would make every event there is a stranger's."""

    code = "profile.installation"
    words = "The file {file}, which names this installation, is damaged. Nothing was changed."
    action = "Put a copy of it back."
