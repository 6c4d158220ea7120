#!/bin/sh
# Makes reports of the samples and opens them in headless Chromium.
#
# usage: SWIFT_BUILD=.build/debug Scripts/check-report.sh
#
# street has photographs and a gate that fails; ragged has images of several sizes and names, and no photographs; the
# third report takes its masks from a finished run. Pages, summaries and screenshots go to .artifacts/report.
# Exit status as of check-report.py.
set -eu
cd "$(dirname "$0")/.."
masklint="${SWIFT_BUILD:-.build/debug}/masklint"
out=.artifacts/report
street="-l Samples/street/labels.npy -p Samples/street/pred_probs.npz --class-names Samples/street/class_names.txt"
ragged="-l Samples/ragged/labels.npz -p Samples/ragged/pred_probs.npz --class-names Samples/ragged/class_names.txt"
mkdir -p "$out"

# check NAME EXIT ARGUMENTS...: a report, its expected exit status, and the look at it.
check() {
    name=$1
    expected=$2
    shift 2
    status=0
    "$masklint" report "$@" --ignore-label 255 --quiet --json -o "$out/$name.html" >"$out/$name.json" || status=$?
    [ "$status" = "$expected" ] || { echo "check-report: $name: exit status $status, not $expected" >&2; exit 1; }
    python3 Scripts/check-report.py "$out/$name.html" "$out/$name.json" --pictures "$out/$name"
}

# Options are words: splitting is meant.
# shellcheck disable=SC2086
{
    check street 1 $street --images Samples/street/images.npz --fail-over 0.02
    check ragged 0 $ragged --fail-over 0.9
    "$masklint" find $street --ignore-label 255 --quiet -o "$out/issues.npz"
    check reused 0 $street --issues "$out/issues.npz" --top 3
}
