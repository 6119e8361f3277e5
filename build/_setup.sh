# shellcheck shell=bash
# What build/run, build/test, build/check and build/environment share: the system's packages and the environments.
#
# Reads as a list of steps that are each done once: a stamp beside every environment remembers from which lock, by which
# Python and in which folder it was made, so the second start costs two hashes. A set-up that was interrupted leaves
# a mark inside its environment and is made anew by the next start. Progress goes to stderr, one line a step.

# A virtual environment of the caller, or a path meant for another Python, must not leak into ours.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
log=$root/build/setup.log
caller="build/$(basename "$0")"

say() { printf '%s: %s\n' "$caller" "$*" >&2; }
stop() {
  say "$*"
  exit 1
}

# --- the system's packages -------------------------------------------------------------------------------------------

# For a start that shows no window. (Making the environments may need a package of the system all the same.)
# shellcheck disable=SC2034
no_packages=()
# What the wheels of Qt load from the system under X11 and Wayland, and fonts to write with.
qt_packages=(
  libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xinerama0 libxcb-image0
  libxcb-render-util0 libxcb-randr0 libegl1 libgl1 libfontconfig1 libdbus-1-3 libglib2.0-0 fonts-dejavu-core
)
# The virtual desktop of the tests (X server, window manager, panels with a tray, notification daemon), and PostgreSQL.
test_packages=(
  "${qt_packages[@]}" xvfb openbox xfce4-panel xfce4-notifyd tint2 dbus dbus-x11 libnotify-bin xdotool imagemagick
  x11-utils x11-xserver-utils fonts-noto-core procps postgresql
)

# Print those of the named packages that are not installed. Where no dpkg is, nobody can say, and nothing is printed.
missing_packages() {
  [ $# -gt 0 ] && command -v dpkg-query >/dev/null || return 0
  local installed name
  installed=" $(dpkg-query -W -f '${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true)"
  for name in "$@"; do
    [[ $installed == *" installed:$name "* ]] || printf '%s\n' "$name"
  done
}

# Print what Python needs from the system to make its first environment: Debian keeps that in a package of its own.
missing_venv() {
  local python
  [ ! -e "$root/.venv" ] && ! have_uv && python=$(find_python) || return 0
  "$python" -c 'import venv, ensurepip' 2>/dev/null || printf 'python3-venv\n'
}

# See to it that the named packages of the system are there, and all that environments need: as root by installing
# them, else by saying how.
need_packages() { # PACKAGE...
  local missing=()
  mapfile -t missing < <(missing_venv && missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  local install="apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  if [ "$(id -u)" -ne 0 ]; then
    local typed="su -c '$install'"
    command -v sudo >/dev/null && typed="sudo sh -c '$install'"
    printf '%s: this machine lacks %s. Type this, then start again:\n\n    %s\n\n' \
      "$caller" "$(plural ${#missing[@]} "package")" "$typed" >&2
    exit 1
  fi
  say "installing $(plural ${#missing[@]} "package") of the system: ${missing[*]}"
  # An update that fails may be one stale mirror among good ones: whether it matters, the installation knows.
  DEBIAN_FRONTEND=noninteractive apt-get -qq update </dev/null >"$log" 2>&1 || true
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" </dev/null >>"$log" 2>&1 ||
    stop "the system's packages could not be installed ($(reason)). Is the network there? Start again when it is; all that was said lies in ${log#"$root"/}."
}

plural() { if [ "$1" -eq 1 ]; then printf '1 %s' "$2"; else printf '%s %ss' "$1" "$2"; fi; }

# The last line of the log that names an error, without its label.
reason() {
  local line
  line=$(grep -aiE '^ *(E|error|× |├─▶|╰─▶|caused by|fatal)\b?[: ]' "$log" 2>/dev/null | tail -n 1 | sed -E 's/^ *(E:|ERROR:|error:) *//I' || true)
  printf '%s' "${line:-see the log}"
}

# --- Python and its environments -------------------------------------------------------------------------------------

# Print the Python to build with: the first on the way that is new enough. Fails where there is none.
find_python() {
  local name
  for name in "${PYTHON:-python3}" python3 python3.13 python3.12 python3.11 /usr/bin/python3; do
    if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  return 1
}

# Say what an environment made now would be made of; empty where its Python no longer runs.
fingerprint() { # FOLDER FILE...
  local version
  version=$("$1/bin/python" -I -S -c 'import sys; print(sys.version)' 2>/dev/null) || return 0
  { printf '%s\n%s\n' "$root" "$version" && cat "${@:2}"; } | sha256
}

sha256() { if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1; }

is_ready() { # FOLDER NAME FILE...
  local stamp=$1/.ready-$2
  [ ! -e "$1/.unfinished" ] && [ -r "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint "$1" "${@:3}")" ]
}

# Make an empty environment, or keep the one that is there and whole.
make_folder() { # FOLDER
  local folder=$1 name=${1##*/} python
  if [ -e "$folder" ] && ! is_whole "$folder"; then
    say "$name was left unfinished, moved, or has lost its Python: it is made anew"
    rm -rf "$folder"
  fi
  [ ! -e "$folder" ] || return 0
  python=$(find_python) ||
    stop "Python 3.11 or newer is needed, and none was found. Install python3, or name one: PYTHON=/path/to/python3 $caller"
  mkdir -p "$folder" && printf '%s\n' "$root" >"$folder/.made-in" && : >"$folder/.unfinished" ||
    stop "the folder $root cannot be written to"
  if have_uv; then
    "$uv" venv --quiet --no-project --allow-existing --python "$python" "$folder" >"$log" 2>&1
  else
    "$python" -m venv "$folder" >"$log" 2>&1
  fi || stop "the environment $name could not be made ($(reason)); all that was said lies in ${log#"$root"/}"
}

# The programs of an environment carry its path, so one that was moved with its folder only looks whole.
is_whole() { # FOLDER
  [ ! -e "$1/.unfinished" ] && [ "$(cat "$1/.made-in" 2>/dev/null || printf '%s' "$root")" = "$root" ] && [ -n "$(fingerprint "$1")" ]
}

# A shim may be on the way without the program behind it. What was found counts for the whole run.
have_uv() {
  local candidate
  if [ -z "${uv:-}" ]; then
    uv=none
    for candidate in "$root/.venv-uv/bin/uv" uv; do
      [ -n "${TUTORSYNC_SETUP_WITHOUT_UV:-}" ] || ! "$candidate" --version >/dev/null 2>&1 || uv=$candidate
    done
  fi
  [ "$uv" != none ]
}

# What takes pip a minute takes uv three seconds. Where the machine has none, pip fetches the one of our lock; where
# that cannot be had, pip does it all.
fetch_uv() {
  local folder=$root/.venv-uv lock=$root/build/locks/uv.txt
  ! have_uv && [ -z "${TUTORSYNC_SETUP_WITHOUT_UV:-}" ] || return 0
  say "fetching the installer uv into .venv-uv (build/locks/uv.txt)"
  rm -rf "$folder"
  make_folder "$folder"
  ! install_into "$folder" --require-hashes --only-binary :all: -r "$lock" || finish "$folder" uv "$lock"
  uv=
  have_uv || say "it could not be had ($(reason)): pip does it instead, which takes longer"
}

# uv does not read pip's configuration, where a house may have written down its mirror.
tell_uv_of_the_mirror() {
  [ "$uv" = "$root/.venv-uv/bin/uv" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ] || return 0
  local index=${PIP_INDEX_URL:-}
  [ -n "$index" ] || index=$("$root/.venv-uv/bin/python" -m pip config get global.index-url 2>/dev/null) || return 0
  export UV_DEFAULT_INDEX=$index
}

install_into() { # FOLDER ARGUMENT...
  local folder=$1
  shift
  if have_uv; then
    # Compiled once here, or by every process that may not write beside what it imports.
    "$uv" pip install --quiet --no-progress --compile-bytecode --python "$folder/bin/python" "$@"
  else
    has_pip "$folder" && "$folder/bin/python" -m pip install --quiet --no-warn-script-location --retries 2 "$@"
  fi </dev/null >"$log" 2>&1
}

# An environment that uv made has no pip of its own.
has_pip() { # FOLDER
  "$1/bin/python" -c 'import pip' 2>/dev/null || "$1/bin/python" -m ensurepip
}

# Install one lock into one environment. Nothing is compiled: what a lock names comes as a wheel or not at all.
install_lock() { # FOLDER LOCK
  local folder=$1 lock=$root/build/locks/$2.txt
  local what=(--require-hashes --only-binary :all: -r "$lock")
  fetch_uv
  tell_uv_of_the_mirror
  make_folder "$folder"
  say "installing $(grep -c '^[A-Za-z0-9]' "$lock") Python packages into ${folder##*/} (build/locks/$2.txt)"
  : >"$folder/.unfinished"
  install_into "$folder" "${what[@]}" && return
  if have_uv; then
    say "uv could not ($(reason)): trying with pip"
    uv=none
    install_into "$folder" "${what[@]}" && return
  fi
  # It ended by itself, so the environment is as whole as it was before; only a kill leaves the mark.
  rm -f "$folder/.unfinished"
  cannot_fetch
}

cannot_fetch() {
  stop "the Python packages could not be installed ($(reason)). Is the network there? Start again when it is; all that was said lies in ${log#"$root"/}."
}

# Make an environment for one lock alone: .venv-NAME from build/locks/NAME.txt.
need_environment() { # NAME
  local folder=$root/.venv-$1 lock=$root/build/locks/$1.txt
  is_ready "$folder" "$1" "$lock" && return
  install_lock "$folder" "$1"
  finish "$folder" "$1" "$lock"
}

# Make the project's own environment, .venv, for the demo or for the tests (whose lock holds all of the demo's).
need_project() { # demo|test
  local folder=$root/.venv name=$1 lock=$root/build/locks/$1.txt
  is_ready "$folder" "$name" "$lock" "$root/pyproject.toml" && return
  install_lock "$folder" "$name"
  say "installing TutorSync itself into .venv"
  install_into "$folder" --no-deps --no-build-isolation -e "$root" || cannot_fetch
  [ "$name" = demo ] || finish "$folder" demo "$root/build/locks/demo.txt" "$root/pyproject.toml"
  finish "$folder" "$name" "$lock" "$root/pyproject.toml"
}

finish() { # FOLDER NAME FILE...
  fingerprint "$1" "${@:3}" >"$1/.ready-$2"
  rm -f "$1/.unfinished"
}

# Two starts at once: the second waits for the first. The lock goes with the descriptor, so nothing can be left behind.
begin_setup() {
  exec 9<"$root/build/locks"
  ! command -v flock >/dev/null || flock 9
}
end_setup() { exec 9<&-; }
