#!/usr/bin/env bash
# What the tests of pages need beside the packages: Chromium, and axe-core, which checks a page for accessibility.
#
#   scripts/browser.sh
#
# What is there already is skipped. What cannot be had is said, and is no failure here: the tests that need it are
# skipped, or fail where CI=true.
set -uo pipefail

axe=4.14.1
sum=e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745   # of the package's archive
cache=${SLINGSHOT_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/slingshot}
script=$cache/axe-core-$axe.min.js

say() { echo "browser: $*" >&2; }
run() { printf '+' >&2; printf ' %q' "$@" >&2; printf '\n' >&2; "$@"; }

# A command, from the Debian package of the same name if it is not there.
provide() {
  command -v "$1" >/dev/null && return
  local sudo=()
  [ "$(id -u)" = 0 ] || sudo=(sudo -n)
  if command -v apt-get >/dev/null && "${sudo[@]}" true 2>/dev/null; then
    run "${sudo[@]}" apt-get update -qq || true
    run "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" && return
  fi
  say "$1 is missing and could not be installed; the tests that open pages need it"
  return 1
}

provide_axe() {
  [ -e "$script" ] && return
  provide npm || return
  local folder code=1
  folder=$(mktemp -d) || return
  if (cd "$folder" && run npm pack --silent "axe-core@$axe" >/dev/null) &&
    echo "$sum  $folder/axe-core-$axe.tgz" | sha256sum --check --quiet &&
    tar -xzf "$folder/axe-core-$axe.tgz" -C "$folder" package/axe.min.js &&
    mkdir -p "$cache" && cp "$folder/package/axe.min.js" "$script.part" && mv "$script.part" "$script"; then
    code=0
  else
    say "axe-core $axe could not be had from npm; the tests of accessibility need it"
  fi
  rm -rf "$folder"
  return "$code"
}

provide chromium
provide_axe
exit 0
