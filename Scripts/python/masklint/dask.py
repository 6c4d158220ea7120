"""An audit of many shards on a Dask cluster, with the masks of one run over all of them.

Dask moves the work and shows its progress on its own dashboard; the files stay where every worker sees them. Only the
first step reads the probabilities: it leaves records of about 2 bytes a pixel, from which the others go on. Every step
writes its file whole or not at all, so that a worker may die at any time and another does the shard again.
"""
from __future__ import annotations

import csv
import glob
import io
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from . import _binary
from ._options import FindOptions, arguments, documented

if TYPE_CHECKING:
    from distributed import Client

    from ._options import Unpack

__all__ = ["audit", "match_shards", "read_manifest", "Shard", "ShardMasks"]

PathName = Union[str, "os.PathLike[str]"]
# More pairs of classes than any dataset has: every swap of a shard is listed, so that those of all add up.
ALL_SWAPS = "4294967296"
# Options that choose among issues, which thresholds do not depend on.
FIND_ALONE = ("only_class",)


@dataclass(frozen=True)
class Shard:
    """A part of a dataset.

    Parameters
    ----------
    labels, pred_probs
        Files or folders as ``masklint find`` takes them, under names that every worker knows them by.
    """

    labels: str
    pred_probs: str


@dataclass(frozen=True)
class ShardMasks:
    """What was found in one shard.

    Attributes
    ----------
    index
        Place among the shards, from 0.
    shard
        The shard itself.
    masks
        Path of the archive that ``masklint find`` wrote: ``label_issues`` and counts.
    summary
        The summary of the shard, as ``masklint find --json`` prints it.
    """

    index: int
    shard: Shard
    masks: str
    summary: Mapping[str, Any]


def match_shards(labels: str, pred_probs: str) -> List[Shard]:
    """Finds shards by two patterns.

    Parameters
    ----------
    labels, pred_probs
        Patterns as of `glob.glob`; the paths that they match are put in natural order (2 before 10) and paired.

    Returns
    -------
    list of Shard

    Raises
    ------
    ValueError
        If they match no paths, or not as many on both sides.
    """
    given, predicted = (sorted(glob.glob(pattern, recursive=True), key=_natural) for pattern in (labels, pred_probs))
    if not given or len(given) != len(predicted):
        raise ValueError(
            f"{labels} matches {len(given)} paths and {pred_probs} {len(predicted)}; as many are needed on both sides")
    return [Shard(*pair) for pair in zip(given, predicted)]


def read_manifest(path: PathName) -> List[Shard]:
    """Reads shards from a CSV file: a line a shard, its labels and its pred_probs.

    Parameters
    ----------
    path
        The file. Relative paths in it are taken from its folder. A first line ``labels,pred_probs`` is a heading.

    Returns
    -------
    list of Shard

    Raises
    ------
    ValueError
        For a line that does not hold two paths, by its number.
    """
    folder = Path(path).parent
    shards = []
    with open(path, newline="", encoding="utf-8") as file:
        for number, row in enumerate(csv.reader(file), 1):
            if not row or number == 1 and row == ["labels", "pred_probs"]:
                continue
            if len(row) != 2:
                raise ValueError(f"{os.fspath(path)}: line {number} has {len(row)} fields; write labels,pred_probs")
            shards.append(Shard(*(str(folder / name) for name in row)))
    if not shards:
        raise ValueError(f"{os.fspath(path)}: no shards in it")
    return shards


def audit(
        client: Client, shards: Sequence[Shard], folder: PathName, *, retries: int = 3, n_jobs: int = 1,
        downsample: int = 1, **options: Unpack[FindOptions]) -> Iterator[ShardMasks]:
    """Finds issues in all shards, judged as one dataset.

    The masks are those of one ``masklint find`` over all shards in their order, pixel for pixel.

    Parameters
    ----------
    client
        Of any cluster whose workers have this package and see the same files.
    shards
        Shards in dataset order; of pixels equal at the cut-off, those of earlier shards are taken.
    folder
        Where results go, seen by all workers; it is made if it is not there. What an earlier call with other shards or
        options left there is written anew.
    retries
        How often a step of a shard is tried again when it fails. Workers that die count as Dask counts them
        (``distributed.scheduler.allowed-failures``).
    n_jobs
        Threads of one step; workers usually have as many as they have processors.
    downsample
        As of `masklint.find_label_issues`.
    **options
        As of `masklint.find_label_issues`. Rules that prune and ``low_normalized_margin`` take the whole dataset at
        once and are refused by ``masklint find``.

    Yields
    ------
    ShardMasks
        As shards are done, in any order. After the last one ``folder/summary.json`` holds the summary of all.

    Raises
    ------
    ValueError
        With the place of a fault in the data and a remedy.
    """
    if not shards:
        raise ValueError("no shards to audit")
    files = _Files(Path(folder))
    files.make_folders()
    common = [f"--downsample={downsample}", f"--threads={n_jobs}", "--quiet"]
    data = common + arguments({k: v for k, v in options.items() if k not in FIND_ALONE}, FindOptions, "audit")
    if options.get("thresholds") is not None:
        raise TypeError("audit() of shards makes its own thresholds; to judge by others, run masklint.audit on each")
    if options.get("regions") is not None:
        raise TypeError("audit() of shards works on records, which hold no labels to put regions together from")
    rule = options.get("filter_by", "low_self_confidence")
    every = range(len(shards))

    def merge(paths: Sequence[str], output: str) -> None:
        # On a worker: it is the workers that are known to see the files.
        _each(client, "merge", [["merge", *paths, "--output", output, "--quiet"]], retries)

    _each(client, "part", [
        ["thresholds", *data, "--labels", shards[i].labels, "--pred-probs", shards[i].pred_probs,
         f"--shard={i + 1}/{len(shards)}", "--keep-records", files.records(i), "--output", files.part(i)]
        for i in every], retries)
    merge([files.part(i) for i in every], files.thresholds)
    given = files.thresholds
    if rule == "low_self_confidence":
        _each(client, "rank", [
            ["thresholds", *data, "--records", files.records(i), "--thresholds", files.thresholds,
             "--output", files.rank(i)]
            for i in every], retries)
        merge([files.rank(i) for i in every], files.ranked)
        given = files.ranked
    found = common + arguments(options, FindOptions, "audit")
    for index, text in _stream(client, "mask", [
            ["find", *found, "--records", files.records(i), "--thresholds", given, "--top", ALL_SWAPS,
             "--json-file", files.summary(i), "--json", "--output", files.masks(i)]
            for i in every], retries):
        yield ShardMasks(index, shards[index], files.masks(index), json.loads(text))
    merge([files.summary(i) for i in every], files.whole_summary)


@dataclass(frozen=True)
class _Files:
    """Names of what the steps write."""

    folder: Path

    def make_folders(self) -> None:
        for name in ("parts", "records", "ranks", "masks"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)

    def part(self, index: int) -> str:
        return str(self.folder / "parts" / f"{index}.npz")

    def records(self, index: int) -> str:
        return str(self.folder / "records" / f"{index}.npz")

    def rank(self, index: int) -> str:
        return str(self.folder / "ranks" / f"{index}.npz")

    def masks(self, index: int) -> str:
        return str(self.folder / "masks" / f"{index}.npz")

    def summary(self, index: int) -> str:
        return str(self.folder / "masks" / f"{index}.json")

    @property
    def thresholds(self) -> str:
        return str(self.folder / "thresholds.npz")

    @property
    def ranked(self) -> str:
        return str(self.folder / "ranked.npz")

    @property
    def whole_summary(self) -> str:
        return str(self.folder / "summary.json")


def _each(client: Client, name: str, steps: Sequence[Sequence[str]], retries: int) -> None:
    """Runs steps and waits for all of them."""
    for _ in _stream(client, name, steps, retries):
        pass


def _stream(
        client: Client, name: str, steps: Sequence[Sequence[str]], retries: int) -> Iterator[Tuple[int, str]]:
    """Runs steps on the cluster; gives the place of each as it is done, and what it printed.

    What is still to be done is cancelled when a step fails for good or the caller stops.
    """
    import distributed

    # Neither has type hints.
    as_completed: Any = distributed.as_completed
    cancel: Any = client.cancel
    # Of one step each: a lost worker's results are not needed once they are here, and are not computed again.
    futures = client.map(
        _run, [list(step) for step in steps], key=[f"masklint-{name}-{os.urandom(8).hex()}" for _ in steps],
        retries=retries, pure=False)
    index = {future.key: i for i, future in enumerate(futures)}
    try:
        for future, text in as_completed(futures, with_results=True):
            yield index[future.key], text
            future.release()
    finally:
        cancel(futures)


def _run(step: Sequence[str]) -> str:
    """Runs the binary on a worker; gives what it printed."""
    import tempfile

    with tempfile.TemporaryFile() as output:
        _binary.run(step, output)
        output.seek(0)
        return io.TextIOWrapper(output, encoding="utf-8").read()


def _natural(path: str) -> List[Union[Tuple[int, str], Tuple[int, int]]]:
    """Orders numbers in names by their value."""
    parts: List[Union[Tuple[int, str], Tuple[int, int]]] = []
    for text in re.split(r"(\d+)", path):
        parts.append((0, int(text)) if text.isdigit() else (1, text))
    return parts
