"""The vault: what goes in comes out with the passphrase, and with nothing else."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_agent.laptop.errors import PassphraseMissing, PassphraseWrong, VaultAbsent, VaultBroken, VaultLocked
from sync_agent.laptop.vault.passphrase import passphrase_file, read_passphrase
from sync_agent.laptop.vault.sealed import Lock, lock_of, seal, unseal
from sync_agent.laptop.vault.secrets import Secret, Secrets
from sync_agent.laptop.vault.vault import PassphraseVault, VaultState

_CHEAP = Lock(b"salt-salt-salt-s", cost=2, block=1, lanes=1)
_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
_CONTENT = st.dictionaries(_TEXT, st.dictionaries(_TEXT, _TEXT, max_size=3), max_size=4)
_PASSPHRASES = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=40)
RIGHT, WRONG = Secret("open sesame"), Secret("open barley")


@given(_CONTENT, _PASSPHRASES)
def test_what_is_sealed_opens_with_its_passphrase(content: dict[str, dict[str, str]], passphrase: str) -> None:
    """For any accounts, secrets and passphrases, in any script."""
    key = _CHEAP.key(passphrase)
    file = seal(_CHEAP, key, content)

    assert unseal(file, lock_of(file).key(passphrase)) == content


@given(_PASSPHRASES, _PASSPHRASES)
def test_another_passphrase_opens_nothing(one: str, other: str) -> None:
    """Not even one that differs in a single letter."""
    file = seal(_CHEAP, _CHEAP.key(one), {"a": {"password": "p"}})

    if one.encode() == other.encode():
        return
    with pytest.raises(PassphraseWrong):
        unseal(file, _CHEAP.key(other))


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    """Whoever changes the file, header included, cannot make us read something else."""
    key = _CHEAP.key("p")
    file = bytearray(seal(_CHEAP, key, {"a": {"password": "p"}}))
    at = data.draw(st.integers(0, len(file) - 2))
    changed = data.draw(st.integers(32, 126).filter(lambda byte: byte != file[at]))
    file[at] = changed

    try:
        read = unseal(bytes(file), lock_of(bytes(file)).key("p"))
    except (PassphraseWrong, VaultBroken):
        return
    # A blank that became another blank, or padding bits of base64: nothing else may pass.
    assert read == {"a": {"password": "p"}}


@given(st.binary(max_size=200))
def test_any_other_file_is_no_vault(file: bytes) -> None:
    """One clear error whatever lies there."""
    with pytest.raises(VaultBroken):
        lock_of(file)


@pytest.mark.parametrize(("name", "value"), [("n", 2**30), ("r", 1000), ("p", 1000), ("n", 3), ("n", 0), ("salt", "?")])
def test_a_lock_that_would_take_hours_is_refused(name: str, value: object) -> None:
    """A foreign file must not freeze the program."""
    import json

    document = json.loads(seal(_CHEAP, _CHEAP.key("p"), {}))
    document["kdf"][name] = value

    with pytest.raises(VaultBroken):
        lock_of(json.dumps(document).encode())


def test_a_vault_of_a_newer_version_is_left_alone() -> None:
    """Its words say so."""
    file = seal(_CHEAP, _CHEAP.key("p"), {}).replace(b'"version": 1', b'"version": 2')

    with pytest.raises(VaultBroken, match="newer version"):
        lock_of(file)


@settings(max_examples=1)
@given(st.just("s3cret-in-the-open"))
def test_no_secret_prints(secret: str) -> None:
    """Not in a log, not in a debugger, not in an f-string."""
    shown = f"{Secret(secret)} {Secret(secret)!r} {Secrets({'password': secret})} {[Secrets({'p': secret})]}"

    assert secret not in shown


class TestInAFile:
    """The vault of a profile."""

    @pytest.fixture
    def path(self, tmp_path: Path) -> Path:
        return tmp_path / "vault.json"

    def test_a_first_passphrase_makes_it(self, path: Path) -> None:
        """Afterwards it is locked for everybody else, private, and holds no secret in plain text."""
        vault = PassphraseVault(path)
        assert vault.state is VaultState.ABSENT
        vault.unlock(RIGHT)
        vault.put("account-1", {"password": "hunter2-hunter2"})

        assert vault.state is VaultState.OPEN
        assert PassphraseVault(path).state is VaultState.LOCKED
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert b"hunter2" not in path.read_bytes()
        assert b"account-1" not in path.read_bytes()

    def test_a_wrong_passphrase_loses_nothing(self, path: Path) -> None:
        """The file is byte for byte what it was, and the right one still opens it."""
        first = PassphraseVault(path)
        first.unlock(RIGHT)
        first.put("a", {"password": "p"})
        before = path.read_bytes()
        second = PassphraseVault(path)

        with pytest.raises(PassphraseWrong):
            second.unlock(WRONG)

        assert second.state is VaultState.LOCKED
        assert path.read_bytes() == before
        second.unlock(RIGHT)
        assert dict(second.get("a")) == {"password": "p"}

    def test_closed_it_gives_nothing(self, path: Path) -> None:
        """It says whether there is one."""
        with pytest.raises(VaultAbsent):
            PassphraseVault(path).get("a")
        PassphraseVault(path).unlock(RIGHT)
        with pytest.raises(VaultLocked):
            PassphraseVault(path).put("a", {})

    def test_for_this_session_only_nothing_reaches_the_disk(self, path: Path) -> None:
        """Until a passphrase is chosen after all: then it moves in."""
        vault = PassphraseVault(path)
        vault.use_session_only()
        vault.put("a", {"password": "p"})
        assert (vault.state, path.exists()) == (VaultState.SESSION_ONLY, False)

        vault.unlock(RIGHT)

        again = PassphraseVault(path)
        again.unlock(RIGHT)
        assert dict(again.get("a")) == {"password": "p"}

    def test_an_account_that_is_removed_is_forgotten(self, path: Path) -> None:
        """The others stay."""
        vault = PassphraseVault(path)
        vault.unlock(RIGHT)
        vault.put("a", {"password": "p"})
        vault.put("b", {"password": "q"})
        vault.remove("a")

        again = PassphraseVault(path)
        again.unlock(RIGHT)
        assert (dict(again.get("a")), dict(again.get("b"))) == ({}, {"password": "q"})

    def test_it_opens_by_itself_only_when_a_secret_is_needed(self, path: Path) -> None:
        """A command that needs no secret does not pay for making the key."""
        PassphraseVault(path).unlock(RIGHT)
        vault = PassphraseVault(path)
        vault.opens_with(lambda: RIGHT)

        assert vault.state is VaultState.OPEN
        assert dict(vault.get("a")) == {}

    def test_no_passphrase_is_no_passphrase(self, path: Path) -> None:
        """An empty one would be no protection."""
        with pytest.raises(PassphraseMissing):
            PassphraseVault(path).unlock(Secret(""))


@pytest.mark.parametrize(
    ("content", "passphrase"),
    [("one\ntwo\n", "one"), ("grüße\r\n", "grüße"), (" blanks count ", " blanks count ")],
)
def test_a_passphrase_is_the_first_line_of_its_file(tmp_path: Path, content: str, passphrase: str) -> None:
    """Whatever an editor puts at its end."""
    (tmp_path / "p").write_bytes(content.encode())

    assert read_passphrase(tmp_path / "p").reveal() == passphrase


@pytest.mark.parametrize("content", [b"", b"\nsecond", b"\xff\xfe"])
def test_a_file_without_a_passphrase_is_named(tmp_path: Path, content: bytes) -> None:
    """So that one sees which file is meant."""
    (tmp_path / "p").write_bytes(content)

    with pytest.raises(PassphraseMissing, match=str(tmp_path)):
        read_passphrase(tmp_path / "p")


def test_the_flag_goes_before_the_variable() -> None:
    """As for every other option."""
    environment = {"TUTORSYNC_PASSPHRASE_FILE": "/from-variable"}

    assert passphrase_file(None, environment) == Path("/from-variable")
    assert passphrase_file(Path("/from-flag"), environment) == Path("/from-flag")
    assert passphrase_file(None, {}) is None
