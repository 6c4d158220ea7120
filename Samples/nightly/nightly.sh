#!/bin/sh
# One night's audit: finds issues, compares them with the last night that passed, keeps a history.
#
# usage: nightly.sh [CONFIG]       (config.json beside this script)
#   MASKLINT   the program (masklint)
#   HISTORY    folder of the nights (history beside this script)
#   NIGHT      name of this night's folder in it (the date); nights sort by their names
#   WORSE_BY   how much a rate may rise from one night that passed to the next (0.2%)
#   KEEP       nights that are kept (30)
#
# HISTORY/NIGHT gets issues.npz, summary.json, summary.md and junit.xml; HISTORY/last.json is this night's summary, and
# HISTORY/baseline.json that of the last night that passed. To accept a night that failed, copy last.json over it.
# A night on which no pixel was counted fails, whatever the gates are, and is never a baseline.
#
# Exit status is masklint's: 0 passed, 1 a gate failed, 2 the data or a file is at fault.
set -eu

here=$(dirname "$0")
config=${1:-$here/config.json}
history=${HISTORY:-$here/history}
night=$history/${NIGHT:-$(date +%Y-%m-%d)}
baseline=$history/baseline.json

mkdir -p "$night"
set -- find --config "$config" --output "$night/issues.npz" --json-file "$night/summary.json" \
    --markdown "$night/summary.md" --junit "$night/junit.xml"
# The first night has nothing to be compared with.
[ ! -f "$baseline" ] || set -- "$@" --baseline "$baseline" --fail-if-worse-by "${WORSE_BY:-0.2%}"

status=0
"${MASKLINT:-masklint}" "$@" || status=$?
if [ "$status" -gt 1 ]; then
    rmdir "$night" 2>/dev/null || true
    exit "$status"
fi

if [ "$status" -eq 0 ] && grep -q '"counted_pixels":0,' "$night/summary.json"; then
    echo "nightly.sh: no pixel was counted, so the night does not pass; see $night/summary.md" >&2
    status=1
fi
cp "$night/summary.json" "$history/last.json"
if [ "$status" -eq 0 ]; then
    # Renamed into place: a run that is killed leaves the old baseline or the new one.
    cp "$night/summary.json" "$baseline.new"
    mv "$baseline.new" "$baseline"
fi
# What GitHub shows on the page of a job.
[ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$night/summary.md" >> "$GITHUB_STEP_SUMMARY"

# Nights alone have a summary; whatever else lies in the folder stays.
for old in "$history"/*/summary.json; do dirname "$old"; done | sort -r | tail -n "+$((${KEEP:-30} + 1))" |
    while IFS= read -r folder; do rm -r "$folder"; done
exit "$status"
