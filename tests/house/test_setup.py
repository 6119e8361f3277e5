"""The set-up behind build/run and build/test: says what is missing, makes it once, and repairs what was interrupted."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.house.tree import ROOT

# Stands in for uv where a test is about the bookkeeping: makes an empty environment, installs nothing.
QUICK = """uv() { case $1 in venv) "$PYTHON" -m venv --without-pip "${!#}" ;; *) : ;; esac; }"""
# By pip, as on a machine that has no uv and reaches none.
WITH_PIP = {"TUTORSYNC_SETUP_WITHOUT_UV": "1"}
# Stand in for Python and pip while uv itself is fetched.
MAKING = """find_python() { echo making; }; making() { mkdir -p "${!#}/bin"; ln -s "$PYTHON" "${!#}/bin/python"; }"""
NO_UV = "uv() { return 127; }"
SCRIPTS = ["build/run", "build/test", "build/check", "build/environment", "build/lock", ".ci/run"]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone whose path has a space in it, reduced to what the set-up reads, with one lock that names nothing."""
    clone = tmp_path / "a clone"
    shutil.copytree(ROOT / "build", clone / "build", ignore=shutil.ignore_patterns("locks", "*.log", "screenshots*"))
    (clone / "build" / "locks").mkdir()
    (clone / "build" / "locks" / "nothing.txt").write_text("# This lock names nothing.\n")
    return clone


def _run(clone: Path, *command: str, before: str = ":", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the build folder, with a line of shell that redefines what it would call."""
    script = f"source build/_setup.sh; {before}; {' '.join(command)}"
    variables = {"PATH": os.environ["PATH"], "HOME": str(clone / "home"), "PYTHON": sys.executable} | environment
    return subprocess.run(
        ["bash", "-euc", script], cwd=clone, env=variables, capture_output=True, text=True, check=False
    )


def _stamp(clone: Path) -> Path:
    return clone / ".venv-nothing" / ".ready-nothing"


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_is_a_program(script: str) -> None:
    """It can be called by its name, and bash understands it."""
    assert os.access(ROOT / script, os.X_OK)
    assert subprocess.run(["bash", "-n", ROOT / script], check=False).returncode == 0


def test_without_root_the_exact_command_is_said(clone: Path) -> None:
    """A tutor's own account may not install packages: it stops with one line to type, naming only what is missing."""
    ran = _run(clone, "need_packages libc6 not-there-a not-there-b", before="id() { echo 1000; }; sudo() { :; }")

    assert ran.returncode == 1
    assert "lacks 2 packages. Type this, then start again:" in ran.stderr
    wanted = "apt-get update && apt-get install -y --no-install-recommends not-there-a not-there-b"
    assert f"    sudo sh -c '{wanted}'\n" in ran.stderr


def test_what_is_installed_is_not_asked_for(clone: Path) -> None:
    """The ordinary case: nothing is missing, nothing is said, nothing is called."""
    ran = _run(clone, "need_packages libc6 bash", before="apt-get() { exit 9; }")

    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_package_that_cannot_be_installed_is_one_sentence(clone: Path) -> None:
    """As root without a network: what the packager says becomes one sentence, and the rest lies in a file."""
    refuse = "id() { echo 0; }; apt-get() { echo 'E: Unable to fetch some archives'; return 100; }"
    ran = _run(clone, "need_packages not-there", before=refuse)

    assert ran.returncode == 1
    assert (
        "could not be installed (Unable to fetch some archives). Is the network there?" in ran.stderr.splitlines()[-1]
    )
    assert "Unable to fetch" in (clone / "build" / "setup.log").read_text()


def test_an_environment_is_made_once(clone: Path) -> None:
    """The first start makes it, the second finds it ready and says nothing."""
    first = _run(clone, "need_environment nothing", **WITH_PIP)
    made = _stamp(clone).stat().st_mtime_ns
    began = time.monotonic()
    second = _run(clone, "need_environment nothing", **WITH_PIP)
    took_s = time.monotonic() - began

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "installing 0 Python packages into .venv-nothing" in first.stderr
    assert second.stderr == ""
    assert _stamp(clone).stat().st_mtime_ns == made
    assert took_s < 2


def test_where_no_uv_is_it_is_fetched_and_does_the_rest(clone: Path) -> None:
    """On a machine with nothing but Python, pip fetches one package and uv installs all others."""
    fetched = """install_into() { case $* in
        */uv.txt) printf '#!/bin/sh\necho "$@" >>said\n' >"$1/bin/uv" && chmod +x "$1/bin/uv" ;;
        *) "$uv" pip install "$@" ;;
    esac; }"""
    ran = _run(clone, "need_environment nothing", before=f"{NO_UV}; {MAKING}; {fetched}")

    assert ran.returncode == 0, ran.stderr
    assert "fetching the installer uv into .venv-uv" in ran.stderr
    said = (clone / "said").read_text()
    assert "venv --quiet" in said
    assert "nothing.txt" in said


def test_where_uv_cannot_be_had_pip_does_it(clone: Path) -> None:
    """A processor for which nobody built uv: it takes longer, and that is all."""
    refused = """install_into() { case $* in */uv.txt) echo 'ERROR: no wheel' >"$log"; false ;; *) : ;; esac; }"""
    ran = _run(clone, "need_environment nothing", before=f"{NO_UV}; {MAKING}; {refused}")

    assert ran.returncode == 0, ran.stderr
    assert "it could not be had (no wheel): pip does it instead" in ran.stderr
    assert "installing 0 Python packages into .venv-nothing" in ran.stderr


def test_the_mirror_that_pip_knows_is_told_to_uv(clone: Path) -> None:
    """A house that wrote its mirror into pip's configuration does not write it down again for uv."""
    (clone / ".venv-uv" / "bin").mkdir(parents=True)
    python = clone / ".venv-uv" / "bin" / "python"
    python.write_text('#!/bin/sh\n[ "$*" = "-m pip config get global.index-url" ] && echo file:///configured\n')
    python.chmod(0o755)

    def told(**environment: str) -> str:
        told = "tell_uv_of_the_mirror; echo $UV_DEFAULT_INDEX"
        return _run(clone, told, before="uv=$root/.venv-uv/bin/uv", **environment).stdout

    assert told() == "file:///configured\n"
    assert told(PIP_INDEX_URL="file:///named") == "file:///named\n"
    assert told(UV_DEFAULT_INDEX="file:///own") == "file:///own\n"


def test_a_changed_lock_is_installed(clone: Path) -> None:
    """After a pull that brought a new lock, the next start installs it."""
    _run(clone, "need_environment nothing", before=QUICK)
    (clone / "build" / "locks" / "nothing.txt").write_text("# Another one.\n")

    assert "installing 0 Python packages" in _run(clone, "need_environment nothing", before=QUICK).stderr


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param("touch .venv-nothing/.unfinished", id="killed in the middle of an installation"),
        pytest.param("rm .venv-nothing/bin/python", id="its Python was removed"),
    ],
)
def test_a_broken_environment_is_made_anew(clone: Path, harm: str) -> None:
    """Nobody has to know which folder to remove."""
    _run(clone, "need_environment nothing", before=QUICK)
    (clone / ".venv-nothing" / "left-over").touch()
    ran = _run(clone, harm, "; need_environment nothing", before=QUICK)

    assert "it is made anew" in ran.stderr
    assert not (clone / ".venv-nothing" / "left-over").exists()
    assert _stamp(clone).exists()


def test_a_moved_clone_gets_new_environments(clone: Path) -> None:
    """The programs of an environment carry its path: moved with the clone, it would run the Python of the old place."""
    _run(clone, "need_environment nothing", before=QUICK)
    moved = clone.rename(clone.with_name("moved"))
    ran = _run(moved, "need_environment nothing", before=QUICK)

    assert "it is made anew" in ran.stderr
    assert _stamp(moved).exists()


def test_a_lock_that_cannot_be_installed_is_one_sentence(clone: Path) -> None:
    """The network is gone: the environment is not taken for ready, and the next start tries again."""
    refuse = "install_into() { echo 'ERROR: No matching distribution found for nothing' >\"$log\"; return 1; }"
    ran = _run(clone, "need_environment nothing", before=f"{MAKING}; {refuse}", **WITH_PIP)

    assert ran.returncode == 1
    assert "(No matching distribution found for nothing). Is the network there?" in ran.stderr.splitlines()[-1]
    assert not _stamp(clone).exists()
    assert _run(clone, "need_environment nothing", before=QUICK).returncode == 0


def test_no_python_is_one_sentence(clone: Path) -> None:
    """A machine whose Python is too old."""
    ran = _run(clone, "need_environment nothing", before="find_python() { return 1; }")

    assert ran.returncode == 1
    assert "Python 3.11 or newer is needed" in ran.stderr
