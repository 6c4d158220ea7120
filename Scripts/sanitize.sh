#!/bin/sh
# Runs tests under sanitizers: the C reader, encoder and pixel kernels under the address and undefined-behaviour sanitizers,
# the Swift tests under the address sanitizer, the tests with threads under the thread sanitizer.
#
# usage: [SHORT=1] Scripts/sanitize.sh
#
# SHORT=1 leaves out the thread sanitizer and runs the file layer's tests alone under the address sanitizer.
set -eu
cd "$(dirname "$0")/.."

CC=${CC:-clang}
targets="Sources/CHostSystem Sources/CNpyIO Sources/CPixelKernels"
includes="-ISources/CHostSystem/include -ISources/CNpyIO/include -ISources/CPixelKernels/include"
sources=$(find $targets -name '*.c')
build=.build-sanitize
short=${SHORT:-}
mkdir -p $build

# swift test does not take the undefined-behaviour sanitizer, so the C code has a driver of its own: the fuzz harnesses
# over all fixtures, each whole, cut and with flipped bits.
for harness in header directory archive deflate kernels; do
    # shellcheck disable=SC2086
    $CC -std=c11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all \
        $includes $sources "Tests/Fuzz/$harness.c" Tests/Fuzz/replay.c -lz -lpthread -lm \
        -o $build/$harness 2>$build/build.log || { cat $build/build.log >&2; exit 1; }
    printf 'sanitize: %s: ' $harness
    find Tests/Fixtures/npy Tests/Fixtures/regressions $targets -type f -exec $build/$harness {} +
done

# What the system's libraries leak once a process is started or a test bundle loaded, and the argument parser when it
# ends the process with an error, is not ours to mend.
printf 'leak:libFoundation\nleak:libXCTest.so\nleak:ArgumentParser\n' >$build/leaks
export LSAN_OPTIONS="suppressions=$PWD/$build/leaks:print_suppressions=0"
# The command's tests know by this that limits of memory cannot hold.
export MASKLINT_SANITIZER=address
# Not optimised: what is still held when the command ends the process would be told as a leak.
filter=""
[ -z "$short" ] || filter="--filter NumPyFilesTests"
# shellcheck disable=SC2086
swift test --disable-xctest --sanitize=address -Xswiftc -Onone --scratch-path .build-asan $filter
echo "sanitize: address: passed"

if [ -n "$short" ]; then
    echo "sanitize: SHORT is set, the thread sanitizer is left out"
    exit 0
fi
export MASKLINT_SANITIZER=thread
# Asked of swiftc: clang alone may lack libraries that this sanitizer wants.
echo 'print(1)' >$build/probe.swift
if swiftc -sanitize=thread $build/probe.swift -o $build/probe 2>/dev/null && $build/probe >/dev/null; then
    swift test --disable-xctest --sanitize=thread -Xswiftc -DTHREAD_SANITIZER -Xswiftc -O --scratch-path .build-tsan --filter 'NumPyFilesTests.FileTests|MaskAuditTests'
    echo "sanitize: thread: passed"
else
    echo "sanitize: this toolchain or machine has no thread sanitizer, it is left out"
fi
