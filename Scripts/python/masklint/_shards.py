"""Thresholds of datasets and shards, and joining what was found of shards: the commands thresholds and merge."""
from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping, Optional, Sequence, Union

import numpy as np
from numpy.typing import NDArray

from . import _arrays, _html, _run
from ._options import PathName, ThresholdOptions, arguments, documented

if TYPE_CHECKING:
    from ._arrays import Images
    from ._options import Unpack


@dataclass(frozen=True, repr=False, eq=False)
class Thresholds:
    """Confident thresholds in a file, which functions take as ``thresholds``.

    Attributes
    ----------
    path : str
        The .npz file.
    confident_thresholds : ndarray of float64, shape (K,)
        NaN for a class without a counted pixel.
    class_counts : ndarray of int64, shape (K,)
        Counted pixels of each given label.
    shards, shard_total : int or None
        How many shards it holds, and of how many.
    summary : dict
        All that ``masklint thresholds --json`` prints.
    """

    path: str
    confident_thresholds: NDArray[np.float64]
    class_counts: NDArray[np.int64]
    shards: int
    shard_total: Optional[int]
    summary: Mapping[str, Any]

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        total = "" if self.shard_total is None else f" of {self.shard_total}"
        return (f"Thresholds({self.path!r}, shards={self.shards}{total}, "
                f"confident_thresholds={np.array2string(self.confident_thresholds, precision=4)})")

    def _repr_html_(self) -> str:
        """The classes' thresholds, for a notebook."""
        return _html.table(["class", "pixels", "threshold"], [
            [k, int(count), None if np.isnan(threshold) else float(threshold)]
            for k, (count, threshold) in enumerate(zip(self.class_counts, self.confident_thresholds))])


@documented(ThresholdOptions)
def thresholds(
        labels: Images, pred_probs: Images, output: PathName, *, n_jobs: Optional[int] = None, verbose: bool = True,
        downsample: int = 1, **options: Unpack[ThresholdOptions]) -> Thresholds:
    """Write the confident thresholds of a dataset, or of a shard of one, to be merged and used again.

    Parameters
    ----------
    labels, pred_probs : array, path, or list of arrays or paths
        As for `find_label_issues`.
    output : path
        The .npz file to write.
    n_jobs : int, optional
        Number of threads. All cores by default.
    verbose : bool, default True
        Shows progress in terminals and notebooks, with tqdm where it is installed.
    downsample : int, default 1
        As for `find_label_issues`.
    **options
        Keywords that describe the arrays and choose the pixels.

    Returns
    -------
    Thresholds
        The file and what it holds. Other functions take it as their ``thresholds``.

    Raises
    ------
    ValueError, RuntimeError, FileNotFoundError
        As for `find_label_issues`.

    Examples
    --------
    >>> import numpy as np
    >>> import masklint
    >>> labels = np.array([[[0, 0, 1, 1]]])
    >>> of_class_1 = np.array([[[.25, .25, .75, .5]]])
    >>> found = masklint.thresholds(labels, np.stack([1 - of_class_1, of_class_1], axis=1), "reference.npz")
    >>> found
    Thresholds('reference.npz', shards=1, confident_thresholds=[0.75  0.625])
    """
    target = os.fspath(output)
    written = [f"--downsample={downsample}", "--json", "--output", _arrays.argument(target),
               *arguments(options, ThresholdOptions, "thresholds")]
    text = _run.run_to_text(
        "thresholds", labels, pred_probs, written, options=options, n_jobs=n_jobs, verbose=verbose)
    return _thresholds(target, json.loads(text))


def merge(files: Sequence[PathName], output: PathName, *, partial: bool = False,
          verbose: bool = True) -> Union[Thresholds, str]:
    """Join what was written of shards: thresholds, masks or summaries.

    Shards come in the order of their numbers, without numbers in the order given. What was merged can be merged again.

    Parameters
    ----------
    files : sequence of paths
        Files of one kind.
    output : path
        The file to write.
    partial : bool, default False
        Of thresholds: shards may be missing, to be merged later.
    verbose : bool, default True
        Shows progress in terminals and notebooks.

    Returns
    -------
    Thresholds or str
        Of thresholds what they are, else the path that was written.

    Raises
    ------
    ValueError
        For files that do not belong together, with the reason.

    Examples
    --------
    >>> masklint.merge(["1.part.npz", "2.part.npz"], "thresholds.npz")  # doctest: +SKIP
    """
    target = os.fspath(output)
    with _arrays.Handover() as handover:
        paths = [_arrays.argument(path) for path in files]
        text = _run.text_of(handover, ["merge", *paths, "--output", _arrays.argument(target), "--json",
                                       *["--partial"] * partial], verbose)
    found = json.loads(text)
    return _thresholds(target, found) if "thresholds" in found and "shards" in found else target


def _thresholds(path: str, found: Mapping[str, Any]) -> Thresholds:
    return Thresholds(
        path=path, confident_thresholds=np.array(found["thresholds"], np.float64),
        class_counts=np.array(found["class_counts"], np.int64), shards=found["shards"],
        shard_total=found["shard_total"], summary=found)
