"""Where a profile is, what it says, and how small files are written."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_agent.laptop.errors import ConfigBroken, ConfigKeyUnknown, ConfigValueWrong, RuntimeFolderUnsafe
from sync_agent.laptop.profile.announcement import Announcement, announce, read_announcement
from sync_agent.laptop.profile.config import Config, read_file, spelled
from sync_agent.laptop.profile.files import write_private
from sync_agent.laptop.profile.installation import device_name, installation_id, shown_name
from sync_agent.laptop.profile.places import Profile, default_folder
from sync_agent.laptop.profile.runtime import LONGEST_ADDRESS, runtime_folders, socket_name, socket_path
from sync_agent.laptop.profile.settings import SETTINGS, stretches_of

HOME = Path("/home/anna")


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        pytest.param("linux", {}, "/home/anna/.local/share/tutorsync", id="Linux"),
        pytest.param("linux", {"XDG_DATA_HOME": "/data"}, "/data/tutorsync", id="Linux with a data folder"),
        pytest.param(
            "linux", {"XDG_DATA_HOME": "data"}, "/home/anna/.local/share/tutorsync", id="a relative one is none"
        ),
        pytest.param("darwin", {}, "/home/anna/Library/Application Support/tutorsync", id="macOS"),
        pytest.param("win32", {"LOCALAPPDATA": "/L"}, "/L/tutorsync", id="Windows"),
        pytest.param("win32", {}, "/home/anna/AppData/Local/tutorsync", id="Windows without its variable"),
        pytest.param("linux", {"TUTORSYNC_PROFILE": "/p"}, "/p", id="a variable names it"),
    ],
)
def test_the_profile_lies_where_the_platform_keeps_such_things(
    platform: str, environment: dict[str, str], folder: str
) -> None:
    """The desktop has the same rule: both find the same agent."""
    assert default_folder(platform, environment, HOME) == Path(folder)


def test_a_new_profile_is_private(tmp_path: Path) -> None:
    """Nobody else may look in, also where the folder was there before with wide rights."""
    folder = tmp_path / "profile"
    folder.mkdir(mode=0o755)

    Profile.at(folder).prepare()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "tutorsync.db").stat().st_mode) == 0o600


def test_a_small_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    """A reader sees the old one or the new one, and no other file is left behind."""
    path = tmp_path / "agent.json"
    write_private(path, b"old")
    held = path.open("rb")
    write_private(path, b"new")

    assert held.read() == b"old"
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["agent.json"]
    held.close()


def test_what_an_agent_announces_is_read_back(tmp_path: Path) -> None:
    """And its token prints nowhere."""
    told = Announcement("unix:/run/x.sock", 12, "0.1.0", "a-secret")
    announce(tmp_path / "agent.json", told)

    assert read_announcement(tmp_path / "agent.json") == told
    assert "a-secret" not in repr(told)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"address": 1}'])
def test_half_an_announcement_is_none(tmp_path: Path, content: bytes) -> None:
    """What cannot be read is an agent that is not there."""
    (tmp_path / "agent.json").write_bytes(content)

    assert read_announcement(tmp_path / "agent.json") is None


def test_laptops_are_told_apart_without_telling_what_they_are_called() -> None:
    """The agency's operator sees two of them, and not that one is called after its owner."""
    names = [shown_name(device_name(host)) for host in ("annas-thinkpad", "office-2")]

    assert len(set(names)) == 2
    assert all(name.startswith("Laptop ") and len(name) == 15 for name in names)
    assert "anna" not in " ".join(names)


def test_an_installation_is_named_once_for_ever(tmp_path: Path) -> None:
    """The name stands in every event's marker: another one would make them strangers."""
    first = installation_id(tmp_path / "installation")

    assert installation_id(tmp_path / "installation") == first


def test_flag_goes_before_variable_before_file_before_default(tmp_path: Path) -> None:
    """The nearest word counts."""
    path = tmp_path / "config.toml"
    Config(path, {}, {}).change({"sync.poll_seconds": 10, "sync.feed_seconds": 20, "travel_buffer_minutes": 5})
    variables = {"TUTORSYNC_SYNC_POLL_SECONDS": "11", "TUTORSYNC_SYNC_FEED_SECONDS": "21"}

    config = Config(path, variables, {"sync.poll_seconds": 12})

    assert [config.get(key) for key in ("sync.poll_seconds", "sync.feed_seconds", "travel_buffer_minutes")] == [
        12,
        21,
        5,
    ]
    assert config.get("sync.stale_minutes") == SETTINGS["sync.stale_minutes"].default


_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "tutor.name": st.text(st.characters(exclude_categories=("Cs", "Cc"))).map(str.strip),
        "sync.poll_seconds": st.integers(1, 604800),
        "connectors.zoom.api_base": st.sampled_from(["", "http://127.0.0.1:99/v2", "https://zoom.example.org"]),
        "home_zone": st.sampled_from(["", "Europe/Berlin", "America/New_York"]),
    },
)


@given(_VALUES)
def test_what_is_written_into_the_settings_reads_back(values: dict[str, str | int]) -> None:
    """Whatever letters a name has."""
    import tomllib

    from sync_agent.laptop.profile.config import _flat

    assert _flat(tomllib.loads(spelled(values)), "") == values


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("sync.poll_seconds", "soon"),
        ("sync.poll_seconds", "0"),
        ("home_zone", "Mars/Phobos"),
        ("working_hours.monday", "9-12"),
        ("working_hours.monday", "14:00-09:00"),
        ("connectors.zoom.api_base", "zoom.example.org"),
        ("log.level", "loud"),
    ],
)
def test_a_wrong_value_changes_nothing(tmp_path: Path, key: str, value: str) -> None:
    """All or none: a right value beside a wrong one is not kept either."""
    config = Config(tmp_path / "config.toml", {}, {})

    with pytest.raises(ConfigValueWrong):
        config.change({"tutor.name": "Anna", key: value})

    assert not (tmp_path / "config.toml").exists()
    assert config.get("tutor.name") == "you"


def test_an_unknown_setting_is_named(tmp_path: Path) -> None:
    """A typing mistake must not be kept in silence."""
    with pytest.raises(ConfigKeyUnknown, match=r"sync\.pol"):
        Config(tmp_path / "config.toml", {}, {}).change({"sync.pol": 1})


@pytest.mark.parametrize("text", ["sync.poll_seconds = soon", "sync.poll_seconds = 'x'", "nothing = 1", "\x00"])
def test_a_broken_settings_file_is_left_as_it_is(tmp_path: Path, text: str) -> None:
    """One sentence names the file."""
    path = tmp_path / "config.toml"
    path.write_text(text)

    with pytest.raises(ConfigBroken, match=r"config\.toml"):
        read_file(path)

    assert path.read_text() == text


def test_working_hours_are_stretches() -> None:
    """Several a day, up to midnight, or none."""
    assert [(f"{lo:%H:%M}", f"{hi:%H:%M}") for lo, hi in stretches_of("9:00-12:00, 14:00-24:00")] == [
        ("09:00", "12:00"),
        ("14:00", "00:00"),
    ]
    assert stretches_of("") == ()


def test_one_profile_has_one_socket_however_it_is_spelled(tmp_path: Path) -> None:
    """A link to the folder, dots in its name: the same agent."""
    (tmp_path / "profile").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "profile")

    names = {socket_name(Profile.at(tmp_path / part)) for part in ("profile", "link", "profile/../profile")}

    assert len(names) == 1


def test_a_socket_has_a_short_name_in_a_private_folder(tmp_path: Path) -> None:
    """However deep the profile lies: the system refuses a path of more than 107 bytes."""
    deep = Profile.at(tmp_path.joinpath(*["a-folder-with-a-long-name"] * 8))
    long_runtime = str(tmp_path / ("r" * 120))

    path = socket_path(deep, runtime_folders({"XDG_RUNTIME_DIR": long_runtime}, tmp_path, os.getuid()), os.getuid())

    assert len(os.fsencode(path)) <= LONGEST_ADDRESS
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_runtime_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """Who owns the folder could put a socket of their own there."""
    with pytest.raises(RuntimeFolderUnsafe):
        socket_path(Profile.at(tmp_path), [tmp_path / "run"], os.getuid() + 1)
