#!/bin/sh
# Builds the tests and runs them: each failure whole as it happens, then a line per suite, then Swift Testing's own closing
# line. Fails when a test fails, when the tests end early, and when no test ran.
#
# usage: Scripts/test.sh [OPTION OF swift test...]      for example Scripts/test.sh --filter RegionTests
set -eu
cd "$(dirname "$0")/.."

# Tests run make of their own, which would say that it is called by another one.
unset MAKEFLAGS MAKELEVEL MFLAGS

events=.build/test-events
log=.build/test-log
status=.build/test-status
mkdir -p .build
rm -f $events $log $status

# The manual page's snapshot needs the argument parser's tool.
swift build --quiet --build-tests
swift build --quiet --product generate-manual

# Quiet, Swift Testing prints failures and its closing line alone.
{
    code=0
    swift test --quiet --skip-build --disable-xctest --event-stream-version 0 --event-stream-output-path $events "$@" 2>&1 || code=$?
    echo $code >$status
} | tee $log

# Seconds are those from the start to the end of each test case, added up: cases run beside one another.
[ ! -f $events ] || awk '
    function text(key) { return match($0, "\"" key "\":\"[^\"]*\"") ? substr($0, RSTART + length(key) + 4, RLENGTH - length(key) - 5) : "" }
    function seconds() { return match($0, /"absolute":[0-9.]+/) ? substr($0, RSTART + 11, RLENGTH - 11) : 0 }
    !/"testID":/ { next }
    { test = text("testID"); suite = test; sub(/\\\/.*/, "", suite); isSuite = test == suite }
    /"kind":"testCaseStarted"/ { spent[suite] -= seconds(); next }
    /"kind":"testCaseEnded"/ { spent[suite] += seconds(); next }
    /"kind":"testStarted"/ { if (!isSuite) running[test] = 1; next }
    /"kind":"testEnded"/ { if (!isSuite) { tests[suite]++; delete running[test] } next }
    /"kind":"issueRecorded"/ { if (!(test in failed)) { failed[test] = 1; failures[suite]++ } }
    END {
        sorted = "sort"
        for (suite in tests)
            printf "%-52s %4d tests %7.1f s%s\n", suite, tests[suite], spent[suite], failures[suite] ? ", " failures[suite] " failed" : "" | sorted
        close(sorted)
        for (test in running) print "not ended: " test
    }' $events
code=$(cat $status)
grep 'Test run with' $log || true
[ "$code" = 0 ] || { echo "test: failed, exit code $code" >&2; exit "$code"; }
grep -q 'Test run with [1-9][0-9]* test' $log || { echo "test: no test ran" >&2; exit 1; }
