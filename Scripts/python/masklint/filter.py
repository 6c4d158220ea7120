"""Finds mislabelled pixels: `cleanlab.segmentation.filter`, done by the masklint binary."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, List, Optional, Union, overload

import numpy as np
from numpy.typing import NDArray

from . import _run
from ._options import FindOptions, arguments

if TYPE_CHECKING:
    from ._arrays import Images
    from ._options import Unpack

Masks = Union[NDArray[np.bool_], List[NDArray[np.bool_]]]


@dataclass(frozen=True)
class Audit:
    """All that `masklint find` writes.

    label_issues: bool (N,H,W), or a list with an array an image where the sizes differ.
    suggested_labels: likewise; the suggested class where flagged, the given label elsewhere. None if not asked for.
    image_names: keys of an archive or stems of files, in the order of that list; None where the images are one array.
    confident_thresholds: float64 (K,); NaN for a class without a counted pixel.
    class_counts: int64 (K,), counted pixels a given label.
    issue_counts: int64 (N,), flagged pixels an image.
    confident_joint: int64 (K,K), given classes by row. None unless asked for or needed by the rule.
    """

    label_issues: Masks
    suggested_labels: Optional[Any]
    image_names: Optional[List[str]]
    confident_thresholds: NDArray[np.float64]
    class_counts: NDArray[np.int64]
    issue_counts: NDArray[np.int64]
    confident_joint: Optional[NDArray[np.int64]]


@overload
def find_label_issues(
        labels: NDArray[Any], pred_probs: NDArray[Any], *, batch_size: Optional[int] = ..., n_jobs: Optional[int] = ...,
        verbose: bool = ..., downsample: int = ..., **options: Unpack[FindOptions]) -> NDArray[np.bool_]: ...


@overload
def find_label_issues(
        labels: Images, pred_probs: Images, *, batch_size: Optional[int] = ..., n_jobs: Optional[int] = ...,
        verbose: bool = ..., downsample: int = ..., **options: Unpack[FindOptions]) -> Any: ...


def find_label_issues(
        labels: Images, pred_probs: Images, *, batch_size: Optional[int] = None, n_jobs: Optional[int] = None,
        verbose: bool = True, downsample: int = 1, **options: Unpack[FindOptions]) -> Any:
    """Mask of the pixels whose label is wrong by the evidence of the predictions.

    labels are integers (N,H,W), pred_probs probabilities (N,K,H,W): arrays, memory maps of .npy files (which go by
    their path, without a copy), paths of .npy, .npz or folders, or lists of arrays or paths, one an image or a shard.
    n_jobs is the number of threads, all cores by default. verbose shows progress where standard error is a terminal.
    batch_size must be positive and has no other effect: memory does not depend on it.
    For the other keywords see FindOptions and DatasetOptions.

    Shapes: bool (N,H,W); a list of bool (H,W) where labels are a list of arrays or the images differ in size.
    Errors: ValueError with the place of the fault, the reason and a remedy; RuntimeError if the binary crashed;
        FileNotFoundError if there is none.
    Cost: arrays in memory are written once to a memory file system; the probabilities are then read once.
    """
    check_batch_size(batch_size)
    written = [f"--downsample={downsample}", *arguments(options, FindOptions, "find_label_issues")]
    arrays = _run.run("find", labels, pred_probs, written, options=options, n_jobs=n_jobs, verbose=verbose)
    return _run.images(arrays, "label_issues", labels)


def audit(
        labels: Images, pred_probs: Images, *, suggest: bool = True, joint: bool = False, n_jobs: Optional[int] = None,
        verbose: bool = True, downsample: int = 1, **options: Unpack[FindOptions]) -> Audit:
    """The masks, suggested labels, thresholds and counts of one run. Keywords as for find_label_issues.

    Cost: `joint` reads the probabilities once more.
    """
    written = [f"--downsample={downsample}", *arguments(options, FindOptions, "audit")]
    written += ["--suggest"] * suggest + ["--joint"] * joint
    arrays = _run.run("find", labels, pred_probs, written, options=options, n_jobs=n_jobs, verbose=verbose)
    return Audit(
        label_issues=_run.images(arrays, "label_issues", labels),
        suggested_labels=_run.images(arrays, "suggested_labels", labels) if suggest else None,
        image_names=_run.image_names(arrays, "label_issues"),
        confident_thresholds=arrays["confident_thresholds"],
        class_counts=arrays["class_counts"],
        issue_counts=arrays["issue_counts"],
        confident_joint=arrays.get("confident_joint"))


def check_batch_size(batch_size: Optional[int]) -> None:
    """Errors: ValueError for what cleanlab refuses."""
    if batch_size is not None and batch_size <= 0:
        raise ValueError(f"batch_size is {batch_size}, a positive number is needed")
