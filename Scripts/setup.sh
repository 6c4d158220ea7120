#!/bin/sh
# Checks that this machine can build masklint; installs what apt-get can supply.
#
# usage: Scripts/setup.sh
#
# Says nothing when all is there. As root (or with sudo that asks no password) missing Debian packages are
# installed; otherwise the exact command is printed and the exit status is 1. Swift itself is never installed:
# if it is missing or older than 6.2, the message says where to get it.
set -eu

fail() {
    printf 'setup: %s\n' "$*" >&2
    exit 1
}

has() {
    command -v "$1" >/dev/null 2>&1
}

# A header can lie in a multiarch folder or an SDK, so the compiler is asked rather than a path.
has_zlib_header() {
    for compiler in clang gcc cc; do
        if has "$compiler" && echo '#include <zlib.h>' | "$compiler" -E -x c - >/dev/null 2>&1; then
            return 0
        fi
    done
    return 1
}

missing=""
has clang || has gcc || missing="$missing gcc libc6-dev"
has_zlib_header || missing="$missing zlib1g-dev"
has make || missing="$missing make"
has git || missing="$missing git"
# The scripts make virtual environments; Debian packs ensurepip apart from python3.
{ has python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; } || missing="$missing python3 python3-venv"

if [ -n "$missing" ]; then
    has apt-get || fail "missing (by their Debian names):$missing. Install them with this system's package manager, then run this again."
    if [ "$(id -u)" = 0 ]; then
        as_root="env DEBIAN_FRONTEND=noninteractive"
    elif has sudo && sudo -n true 2>/dev/null; then
        as_root="sudo -n env DEBIAN_FRONTEND=noninteractive"
    else
        fail "missing packages. Run: sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing"
    fi
    echo "setup: installing$missing"
    # A package name is one word: splitting is meant.
    # shellcheck disable=SC2086
    { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends $missing; } </dev/null >&2 ||
        fail "apt-get could not install$missing. Its own message stands above."
    has_zlib_header || fail "zlib.h is still not found by the C compiler after installing zlib1g-dev."
fi

install_swift="Install Swift 6.2 or later: https://www.swift.org/install (on Linux: swiftly, or the tarball for your distribution, with its usr/bin on PATH)."
has swift || fail "swift is not on PATH. $install_swift"
version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
[ -n "$version" ] || fail "swift --version prints no version. $install_swift"
major=${version% *}
minor=${version#* }
if [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 2 ]; }; then
    fail "Swift $major.$minor is too old. $install_swift"
fi
