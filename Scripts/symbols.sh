#!/bin/sh
# Fails if a C target exports a name that its public header does not declare, or that lacks the target's prefix.
#
# usage: Scripts/symbols.sh [BUILD_FOLDER]        (.build/release unless given; build it first)
set -eu
cd "$(dirname "$0")/.."
build=${1:-.build/release}
status=0

case $(uname) in
Darwin) echo "symbols: left out, objects here are not ELF"; exit 0 ;;
esac
command -v readelf >/dev/null || { echo "symbols: readelf is needed (apt-get install binutils)" >&2; exit 1; }

check() {
    target=$1 prefix=$2 checked=0
    for source in $(find Sources/"$target" -name '*.c'); do
        object=$build/$target.build/${source#Sources/"$target"/}.o
        [ -f "$object" ] || { echo "symbols: $object is not there; build first" >&2; exit 1; }
        # Columns: number, value, size, type, binding, visibility, section, name.
        for name in $(readelf -sW "$object" |
            awk '$5 != "LOCAL" && $6 == "DEFAULT" && $7 != "UND" && $8 != "" { print $8 }'); do
            checked=$((checked + 1))
            case $name in
            "$prefix"*) ;;
            *) echo "symbols: $source exports $name, which does not start with $prefix" >&2; status=1 ;;
            esac
            if ! grep -qw "$name" Sources/"$target"/include/*.h; then
                echo "symbols: $source exports $name, which no public header declares; make it static or hidden" >&2
                status=1
            fi
        done
    done
    echo "symbols: $target: $checked names"
}

check CHostSystem host_
check CNpyIO npio_
check CPixelKernels mlk_
exit $status
