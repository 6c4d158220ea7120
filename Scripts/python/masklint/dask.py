"""An audit of many shards on a Dask cluster, with the masks of one run over all of them.

Dask moves the work; the files stay where every worker sees them. Only the
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
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Mapping, Sequence, Tuple, Union

from . import _binary, _progress
from ._options import PathName, ShardedOptions, arguments, documented, list_of_names
from ._words import spoken

if TYPE_CHECKING:
    from distributed import Client

    from ._options import Unpack

__all__ = ["audit", "summarize", "match_shards", "read_manifest", "Shard", "ShardMasks"]

# More pairs of classes than any dataset has: every swap of a shard is listed, so that those of all add up.
ALL_SWAPS = "4294967296"
# Options that choose among issues or name classes, which thresholds do not depend on.
FIND_ALONE = ("only_class", "class_names")
# Keywords of masklint.audit that do not serve here, and why.
REFUSED = {
    "thresholds": "makes its own thresholds; to judge by others, run masklint.audit on each",
    "shard": "numbers the shards itself",
    "regions": "works on records, which hold no labels to put regions together from"}
# Images that a summary lists.
WORST_IMAGES = 10


@dataclass(frozen=True)
class Shard:
    """A part of a dataset.

    Parameters
    ----------
    labels, pred_probs : str
        Files or folders as ``masklint find`` takes them, under names that every worker knows them by.
    """

    labels: str
    pred_probs: str


@dataclass(frozen=True)
class ShardMasks:
    """What was found in one shard.

    Attributes
    ----------
    index : int
        Place among the shards, from 0.
    shard : Shard
        The shard itself.
    masks : str
        Path of the archive that ``masklint find`` wrote: ``label_issues`` and counts.
    summary : dict
        The summary of the shard, as ``masklint find --json`` prints it.
    """

    index: int
    shard: Shard
    masks: str
    summary: Mapping[str, Any]


def match_shards(labels: str, pred_probs: str) -> List[Shard]:
    """Find shards by two patterns.

    Parameters
    ----------
    labels, pred_probs : str
        Patterns as of `glob.glob`; the paths that they match are put in natural order (2 before 10) and paired.

    Returns
    -------
    list of Shard

    Raises
    ------
    ValueError
        If they match no paths, or not as many on both sides.

    Examples
    --------
    >>> from masklint import dask
    >>> dask.match_shards("labels/*.npy", "pred_probs/*.npy")  # doctest: +SKIP
    [Shard(labels='labels/1.npy', pred_probs='pred_probs/1.npy')]
    """
    given, predicted = (sorted(glob.glob(pattern, recursive=True), key=_natural) for pattern in (labels, pred_probs))
    if not given or len(given) != len(predicted):
        raise ValueError(
            f"{labels} matches {len(given)} paths and {pred_probs} {len(predicted)}; as many are needed on both sides")
    return [Shard(*pair) for pair in zip(given, predicted)]


def read_manifest(path: PathName) -> List[Shard]:
    """Read shards from a CSV file with a line for each: its labels and its pred_probs.

    Parameters
    ----------
    path : path
        The file. Relative paths in it are taken from its folder. A first line ``labels,pred_probs`` is a heading.

    Returns
    -------
    list of Shard

    Raises
    ------
    ValueError
        For a line that does not hold two paths, by its number.

    Examples
    --------
    >>> from masklint import dask
    >>> dask.read_manifest("shards.csv")  # doctest: +SKIP
    [Shard(labels='labels/1.npy', pred_probs='pred_probs/1.npy')]
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


@documented(ShardedOptions)
def audit(
        client: Client, shards: Sequence[Shard], folder: PathName, *, retries: int = 3, n_jobs: int = 1,
        verbose: bool = True, downsample: int = 1, **options: Unpack[ShardedOptions]) -> Iterator[ShardMasks]:
    """Find issues in all shards, judged as one dataset.

    The masks are those of one ``masklint find`` over all shards in their order, pixel for pixel. Rules that prune and
    ``'low_normalized_margin'`` take the whole dataset at once and are refused.

    Parameters
    ----------
    client : distributed.Client
        Of any cluster whose workers have this package and see the same files.
    shards : sequence of Shard
        Shards in dataset order; of pixels equal at the cut-off, those of earlier shards are taken.
    folder : path
        Where results go, seen by all workers; it is made if it is not there. What an earlier call with other shards or
        options left there is written anew.
    retries : int, default 3
        How often a step of a shard is tried again when it fails. Workers that die count as Dask counts them
        (``distributed.scheduler.allowed-failures``).
    n_jobs : int, default 1
        Threads of one step; workers usually have as many as they have processors.
    verbose : bool, default True
        Shows how many steps are done in terminals and notebooks, with tqdm where it is installed.
    downsample : int, default 1
        As for `find_label_issues`.
    **options
        Keywords that describe the arrays and choose the pixels.

    Yields
    ------
    ShardMasks
        As shards are done, in any order; `summarize` adds them up at any time. After the last one
        ``folder/summary.json`` holds the summary of all.

    Raises
    ------
    ValueError
        With the place of a fault in the data and a remedy.

    Examples
    --------
    >>> from masklint import dask
    >>> done = []
    >>> for found in dask.audit(client, shards, "out", ignore_label=255):  # doctest: +SKIP
    ...     done.append(found)
    ...     print(dask.summarize(done, len(shards))["issue_rate"])
    """
    if not shards:
        raise ValueError("no shards to audit")
    for name, reason in REFUSED.items():
        if options.get(name) is not None:
            raise TypeError(f"audit() of shards {reason}")
    files = _Files(Path(folder))
    files.make_folders()
    common = [f"--downsample={downsample}", f"--threads={n_jobs}", "--quiet"]
    data = common + arguments({k: v for k, v in options.items() if k not in FIND_ALONE}, ShardedOptions, "audit")
    found = common + arguments(options, ShardedOptions, "audit")
    names = options.get("class_names")
    ranked = options.get("filter_by", "low_self_confidence") == "low_self_confidence"
    every = range(len(shards))
    steps = _Steps(client, retries, len(shards) * (3 if ranked else 2) + (3 if ranked else 2), verbose)

    def merge(paths: Sequence[str], output: str) -> None:
        # On a worker: it is the workers that are known to see the files.
        steps.all("merge", [["merge", *paths, "--output", output, "--quiet"]])

    try:
        steps.all("part", [
            ["thresholds", *data, "--labels", shards[i].labels, "--pred-probs", shards[i].pred_probs,
             f"--shard={i + 1}/{len(shards)}", "--keep-records", files.records(i), "--output", files.part(i)]
            for i in every])
        merge([files.part(i) for i in every], files.thresholds)
        given = files.thresholds
        if ranked:
            steps.all("rank", [
                ["thresholds", *data, "--records", files.records(i), "--thresholds", files.thresholds,
                 "--output", files.rank(i)]
                for i in every])
            merge([files.rank(i) for i in every], files.ranked)
            given = files.ranked
        if names is not None:
            steps.write(files.names, "".join(f"{name}\n" for name in list_of_names(names)))
            found += ["--class-names", files.names]
        for index, text in steps.stream("mask", [
                ["find", *found, "--records", files.records(i), "--thresholds", given, "--top", ALL_SWAPS,
                 "--json-file", files.summary(i), "--json", "--output", files.masks(i)]
                for i in every]):
            yield ShardMasks(index, shards[index], files.masks(index), json.loads(text))
        merge([files.summary(i) for i in every], files.whole_summary)
    finally:
        steps.close()


def summarize(found: Iterable[ShardMasks], shard_total: int) -> Dict[str, Any]:
    """Add up the summaries of the shards that are done, while others are missing.

    Parameters
    ----------
    found : iterable of ShardMasks
        What `audit` has given so far, in any order.
    shard_total : int
        Number of shards of the dataset.

    Returns
    -------
    dict
        The summary of these shards, as ``masklint find --json`` prints one, and two more keys: shards_done and
        shards_missing, lists of their indices. The worst images have the index of their shard, and their number or
        name in it.

    Raises
    ------
    ValueError
        If no shard is done, or one is named twice.

    Examples
    --------
    >>> from masklint import dask
    >>> dask.summarize(done, 8)["shards_missing"]  # doctest: +SKIP
    [3, 7]
    """
    done = sorted(found, key=lambda one: one.index)
    indices = [one.index for one in done]
    if not done or len(set(indices)) < len(indices):
        raise ValueError("no shard is done yet" if not done else "a shard is named twice")
    with tempfile.TemporaryDirectory(prefix="masklint-") as folder, tempfile.TemporaryFile() as output:
        paths = [os.path.join(folder, f"{index}.json") for index in indices]
        for path, one in zip(paths, done):
            Path(path).write_text(json.dumps(one.summary), encoding="utf-8")
        _binary.run(["merge", *paths, "--output", os.path.join(folder, "all.json"), "--json", "--quiet"], output)
        output.seek(0)
        summary: Dict[str, Any] = json.load(output)
    images = [{"shard": one.index, **image} for one in done for image in one.summary["worst_images"]]
    summary["worst_images"] = sorted(images, key=lambda image: -image["issues"])[:WORST_IMAGES]
    summary["shards_done"] = indices
    summary["shards_missing"] = sorted(set(range(shard_total)) - set(indices))
    return summary


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
    def names(self) -> str:
        return str(self.folder / "class_names.txt")

    @property
    def thresholds(self) -> str:
        return str(self.folder / "thresholds.npz")

    @property
    def ranked(self) -> str:
        return str(self.folder / "ranked.npz")

    @property
    def whole_summary(self) -> str:
        return str(self.folder / "summary.json")


class _Steps:
    """Runs steps on the cluster, and shows how many of all are done."""

    def __init__(self, client: Client, retries: int, total: int, verbose: bool) -> None:
        self._client, self._retries, self._total, self._done = client, retries, total, 0
        self._display = _progress.display() if verbose else None

    def all(self, name: str, steps: Sequence[Sequence[str]]) -> None:
        """Runs steps and waits for all of them."""
        for _ in self.stream(name, steps):
            pass

    def stream(self, name: str, steps: Sequence[Sequence[str]]) -> Iterator[Tuple[int, str]]:
        """Runs steps; gives the place of each as it is done, and what it printed.

        What is still to be done is cancelled when a step fails for good or the caller stops.
        """
        import distributed

        # Neither has type hints.
        as_completed: Any = distributed.as_completed
        cancel: Any = self._client.cancel
        # Of one step each: a lost worker's results are not needed once they are here, and are not computed again.
        futures = self._client.map(
            _run, [list(step) for step in steps], key=[f"masklint-{name}-{os.urandom(8).hex()}" for _ in steps],
            retries=self._retries, pure=False)
        index = {future.key: i for i, future in enumerate(futures)}
        try:
            for future, text in as_completed(futures, with_results=True):
                self._done += 1
                if self._display is not None:
                    self._display.count(self._done, self._total, name)
                yield index[future.key], text
                future.release()
        except ValueError as error:
            raise ValueError(spoken(str(error))) from None
        finally:
            cancel(futures)

    def write(self, path: str, text: str) -> None:
        """Writes a file on a worker."""
        self._client.submit(_write, path, text, pure=False).result()

    def close(self) -> None:
        """Leaves nothing of the display."""
        if self._display is not None:
            self._display.close()


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")


def _run(step: Sequence[str]) -> str:
    """Runs the binary on a worker; gives what it printed."""
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
