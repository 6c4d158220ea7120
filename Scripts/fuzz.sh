#!/bin/sh
# Fuzzes the C reader, encoder and pixel kernels with libFuzzer under the address and undefined-behaviour sanitizers, and what
# reads other files than arrays with damaged copies of good ones.
#
# usage: [FUZZ_SECONDS=60] [FUZZ_RUNS=N] [FUZZ_COVERAGE=1] Scripts/fuzz.sh [HARNESS...]
#
# HARNESS is header, directory, archive, deflate or kernels (Tests/Fuzz/*.c), or part, records, masks, summary, baseline, config,
# review, class-names or label-map (Tests/masklintTests/Fuzz); all by default, which share FUZZ_SECONDS.
# FUZZ_RUNS ends each harness after so many inputs instead. FUZZ_COVERAGE=1 adds lines covered by what was found so far.
# Inputs that add coverage are kept in .build-fuzz/corpus and start the next run. An input that fails is left in
# .build-fuzz and named; copy it to Tests/Fixtures/regressions with its fix.
set -eu
cd "$(dirname "$0")/.."

CC=${CC:-clang}
targets="Sources/CHostSystem Sources/CNpyIO Sources/CPixelKernels"
sources=$(find $targets -name '*.c')
build=.build-fuzz
seconds=${FUZZ_SECONDS:-60}
runs=${FUZZ_RUNS:--1}
readback="part records masks summary baseline config review class-names label-map"
# shellcheck disable=SC2086
[ $# -gt 0 ] || set -- header directory archive deflate kernels $readback
flags="-std=c11 -O2 -g -fno-omit-frame-pointer -ISources/CHostSystem/include -ISources/CNpyIO/include"
flags="$flags -ISources/CPixelKernels/include -Wno-nullability-completeness"

mkdir -p $build
rm -f $build/tests-built
if ! echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d && n > 9; }' |
    $CC -x c -fsanitize=fuzzer,address,undefined -o $build/probe - 2>$build/probe.log; then
    echo "fuzz: $CC cannot build with -fsanitize=fuzzer: its libFuzzer runtime (libclang_rt.fuzzer) is missing." >&2
    echo "fuzz: set CC to a clang that has it, such as the one of a swift.org toolchain; details in $build/probe.log" >&2
    exit 1
fi
if [ "$runs" = -1 ]; then share=$((seconds / $# > 0 ? seconds / $# : 1)); else share=0; fi

for harness in "$@"; do
    case " $readback " in
    *" $harness "*)
        [ -f $build/tests-built ] || swift build --build-tests >$build/build.log 2>&1 || { tail -n 20 $build/build.log >&2; exit 1; }
        touch $build/tests-built
        if ! MASKLINT_FUZZ=$harness MASKLINT_FUZZ_SECONDS=$((share > 0 ? share : 10)) MASKLINT_FUZZ_FOLDER=$PWD/$build \
            swift test --skip-build --disable-xctest --filter 'ReadBackTests/long' >$build/"$harness".log 2>&1; then
            tail -n 40 $build/"$harness".log >&2
            echo "fuzz: $harness failed; the input is $build/$harness.input, all output is in $build/$harness.log" >&2
            exit 1
        fi
        grep '^fuzz: ' $build/"$harness".log
        continue
        ;;
    esac
    [ -f "Tests/Fuzz/$harness.c" ] || { echo "fuzz: no harness Tests/Fuzz/$harness.c" >&2; exit 64; }
    # These compare values with one another and look for no magic ones: to trace comparisons takes most of their time.
    case $harness in deflate | kernels) coverage=-fno-sanitize-coverage=trace-cmp ;; *) coverage= ;; esac
    # Some linkers warn about a runtime's symbols by the hundred; only a failure is worth showing.
    # shellcheck disable=SC2086
    $CC $flags -fsanitize=fuzzer,address,undefined $coverage -fno-sanitize-recover=all \
        $sources "Tests/Fuzz/$harness.c" -lz -lpthread -lm -o $build/"$harness" 2>$build/build.log ||
        { cat $build/build.log >&2; exit 1; }
    # Short inputs are quick ones, and long enough for each harness: an archive of two small members has 500 bytes.
    case $harness in deflate) longest=256 ;; archive) longest=1024 ;; *) longest=2048 ;; esac
    corpus=$build/corpus/$harness
    mkdir -p "$corpus" $build/seeds
    cp -f Tests/Fixtures/npy/*.np[yz] Tests/Fixtures/regressions/* $build/seeds/ 2>/dev/null || true
    # One allocation above 16 MiB, five seconds over one input or half a gigabyte in all is a failure like any other.
    if ! $build/"$harness" -max_total_time="$share" -runs="$runs" -max_len="$longest" -timeout=5 -rss_limit_mb=512 \
        -malloc_limit_mb=16 -dict=Tests/Fuzz/npy.dict -artifact_prefix="$build/$harness-" -print_final_stats=1 \
        "$corpus" $build/seeds >$build/"$harness".log 2>&1; then
        tail -n 40 $build/"$harness".log >&2
        echo "fuzz: $harness failed; the input is named above, all output is in $build/$harness.log" >&2
        exit 1
    fi
    executed=$(sed -n 's/^stat::number_of_executed_units: *//p' $build/"$harness".log)
    found=$(sed -n 's/.*\(cov: [0-9]* ft: [0-9]*\).*/\1/p' $build/"$harness".log | tail -n 1)
    speed=$(sed -n 's/^stat::average_exec_per_sec: *//p' $build/"$harness".log)
    echo "fuzz: $harness: $executed inputs, $speed a second, $found"
    if [ "${FUZZ_COVERAGE:-}" = 1 ]; then
        # shellcheck disable=SC2086
        $CC $flags -fprofile-instr-generate -fcoverage-mapping $sources "Tests/Fuzz/$harness.c" Tests/Fuzz/replay.c \
            -lz -lpthread -lm -o $build/"$harness"-lines
        find "$corpus" $build/seeds -type f -print0 |
            LLVM_PROFILE_FILE=$build/$harness-%m.profraw xargs -0 $build/"$harness"-lines >/dev/null
    fi
done

if [ "${FUZZ_COVERAGE:-}" = 1 ]; then
    # The compiler's own tools: others do not read its format.
    "$($CC -print-prog-name=llvm-profdata)" merge -o $build/all.profdata $build/*.profraw
    objects=""
    for harness in "$@"; do
        [ ! -f "$build/$harness-lines" ] || objects="$objects -object $build/$harness-lines"
    done
    # shellcheck disable=SC2086
    "$($CC -print-prog-name=llvm-cov)" report -instr-profile $build/all.profdata ${objects# -object } -sources $targets
fi
