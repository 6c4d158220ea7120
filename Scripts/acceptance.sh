#!/bin/sh
# Runs parts of the acceptance run one after the other and fails if any of them did.
#
# usage: Scripts/acceptance.sh PYTHON RUN.PY BINARY [PART...]        (no PART: all of them, in one run)
set -u

[ $# -ge 3 ] || { echo "usage: Scripts/acceptance.sh PYTHON RUN.PY BINARY [PART...]" >&2; exit 64; }
python=$1 run=$2 binary=$3
shift 3

# The acceptance folder may be read-only, and is not ours to litter.
export PYTHONDONTWRITEBYTECODE=1

[ $# -gt 0 ] || exec "$python" "$run" --binary "$binary"

status=0
for part in "$@"; do
    echo "acceptance $part:"
    "$python" "$run" --binary "$binary" --only "$part" || status=1
done
exit "$status"
