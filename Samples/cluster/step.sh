#!/bin/sh
#SBATCH --job-name=masklint
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
#SBATCH --time=01:00:00
# One step of a sharded audit: step.sh part|thresholds|rank|ranked|mask|summary DATA OUT
#
# Steps of one shard (part, rank, mask) take its number, from 1, from SLURM_ARRAY_TASK_ID. submit.sh submits them in
# order; the Makefile beside this says what each step does. From the environment: MASKLINT, RULE, OPTIONS.
# shellcheck disable=SC2086  # options are words of their own
set -eu
step=$1 data=$2 out=$3
masklint=${MASKLINT:-masklint}
threads=${SLURM_CPUS_PER_TASK:-1}
common="--filter-by ${RULE:-low_self_confidence} ${OPTIONS:-} --threads $threads --quiet"
case ${RULE:-low_self_confidence} in
    low_self_confidence) given=$out/ranked.npz ;;
    *) given=$out/thresholds.npz ;;
esac
mkdir -p "$out/parts" "$out/records" "$out/ranks" "$out/masks"

# Joins the files that one step left of all shards, in the order of their names.
merge() {
    folder=$out/$1 suffix=$2 target=$3
    set --
    for label in "$data"/labels/*.npy; do
        set -- "$@" "$folder/$(basename "$label" .npy).$suffix"
    done
    "$masklint" merge "$@" --output "$target"
}

case $step in
    part | rank | mask)
        i=${SLURM_ARRAY_TASK_ID:?number of the shard, from 1}
        set -- "$data"/labels/*.npy
        n=$#
        shift $((i - 1))
        name=$(basename "$1" .npy)
        records=$out/records/$name.npz
        ;;
esac
case $step in
    part)
        "$masklint" thresholds $common --labels "$data/labels/$name.npy" --pred-probs "$data/probs/$name.npy" \
            --shard "$i/$n" --keep-records "$records" --output "$out/parts/$name.npz"
        ;;
    thresholds) merge parts npz "$out/thresholds.npz" ;;
    rank)
        "$masklint" thresholds $common --records "$records" --thresholds "$out/thresholds.npz" \
            --output "$out/ranks/$name.npz"
        ;;
    ranked) merge ranks npz "$out/ranked.npz" ;;
    mask)
        "$masklint" find $common --records "$records" --thresholds "$given" --top 1000000 \
            --json-file "$out/masks/$name.json" --output "$out/masks/$name.npz"
        ;;
    summary) merge masks json "$out/summary.json" ;;
    *)
        echo "step.sh: no step $step" >&2
        exit 64
        ;;
esac
