#!/bin/sh
# A sharded audit as Slurm job arrays: submit.sh DATA OUT [SBATCH OPTION...]
#
# Shard NAME is DATA/labels/NAME.npy and DATA/probs/NAME.npy; masks appear in OUT/masks, the summary of all as
# OUT/summary.json. Every step waits for the one before. OPTIONS holds what the data are (--ignore-label 255 ...), RULE the
# rule, MASKLINT the program. Failed tasks: scontrol requeue JOB_TASK, or submit again.
set -eu
[ $# -ge 2 ] || {
    echo "usage: submit.sh DATA OUT [SBATCH OPTION...]" >&2
    exit 64
}
data=$1 out=$2
shift 2
here=$(dirname "$0")
# As step.sh counts them: what lies in folders below is no shard.
n=0
for label in "$data"/labels/*.npy; do
    if [ -f "$label" ]; then n=$((n + 1)); fi
done
[ "$n" -gt 0 ] || {
    echo "submit.sh: no .npy in $data/labels" >&2
    exit 66
}
mkdir -p "$out"
before=
submit() {
    before=$(sbatch --parsable ${before:+--dependency=afterok:$before} --output="$out/%x-%j.log" "$@")
    # On several clusters it is JOB;CLUSTER.
    before=${before%%;*}
}
all=--array=1-$((n))
submit "$all" "$@" "$here/step.sh" part "$data" "$out"
submit "$@" "$here/step.sh" thresholds "$data" "$out"
case ${RULE:-low_self_confidence} in
    low_self_confidence)
        submit "$all" "$@" "$here/step.sh" rank "$data" "$out"
        submit "$@" "$here/step.sh" ranked "$data" "$out"
        ;;
esac
submit "$all" "$@" "$here/step.sh" mask "$data" "$out"
submit "$@" "$here/step.sh" summary "$data" "$out"
echo "job $before writes $out/summary.json when all is done"
