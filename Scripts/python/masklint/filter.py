"""Finds mislabelled pixels: `cleanlab.segmentation.filter`, done by the masklint binary."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Union, overload

import numpy as np
from numpy.typing import NDArray

from . import _html, _pictures, _run
from ._options import FindOptions, arguments, documented

if TYPE_CHECKING:
    from ._arrays import Images
    from ._options import Unpack

Masks = Union[NDArray[np.bool_], List[NDArray[np.bool_]]]
# Swaps that the view in a notebook lists.
SWAPS_SHOWN = 5


@dataclass(frozen=True, repr=False, eq=False)
class Audit:
    """What `audit` found. In a notebook it shows its numbers and the worst image.

    Attributes
    ----------
    label_issues : ndarray of bool, shape (N,H,W), or list of (H,W)
        True at pixels whose label is probably wrong. A list where labels were a list of arrays or the images differ
        in size.
    suggested_labels : ndarray of the smallest unsigned type that holds K and 255, or list of them, or None
        The suggested class where flagged, the given label elsewhere. None with ``suggest=False``.
    image_names : list of str or None
        Keys of an archive or stems of files, in the order of the masks. None where the images are one array.
    confident_thresholds : ndarray of float64, shape (K,)
        NaN for a class without a counted pixel.
    class_counts : ndarray of int64, shape (K,)
        Counted pixels of each given label.
    issue_counts : ndarray of int64, shape (N,)
        Flagged pixels of each image.
    confident_joint : ndarray of int64, shape (K,K), or None
        Counts by given (row) and estimated true class. None unless asked for or needed by the rule.
    summary : dict
        The summary as ``masklint find --json`` prints it.
    """

    label_issues: Masks
    suggested_labels: Optional[Any]
    image_names: Optional[List[str]]
    confident_thresholds: NDArray[np.float64]
    class_counts: NDArray[np.int64]
    issue_counts: NDArray[np.int64]
    confident_joint: Optional[NDArray[np.int64]]
    summary: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return "Audit(" + ", ".join(f"{name}={value}" for name, value in self._numbers().items()) + ")"

    def _repr_html_(self) -> str:
        """Numbers, classes, swaps and the worst image, for a notebook."""
        classes = self.summary["per_class"]
        names = [str(row["class"]) if row["name"] is None else row["name"] for row in classes]
        parts = [
            _html.table(["Audit", ""], list(self._numbers().items())),
            _html.table(["class", "pixels", "issues", "threshold"], [
                [name, row["pixels"], row["issues"], row["threshold"]] for name, row in zip(names, classes)]),
            _html.table(["given", "suggested", "pixels"], [
                [names[swap["given"]], names[swap["suggested"]], swap["pixels"]]
                for swap in self.summary["swaps"][:SWAPS_SHOWN]])]
        return _html.block([*parts, self._worst_image()] if len(self.issue_counts) > 0 else parts)

    def _numbers(self) -> Mapping[str, Any]:
        counted, issues = int(self.class_counts.sum()), int(self.issue_counts.sum())
        numbers: Dict[str, Any] = {
            "images": len(self.issue_counts), "classes": len(self.class_counts), "counted_pixels": counted,
            "issues": issues, "issue_rate": round(issues / max(counted, 1), 4)}
        if issues > 0:
            numbers["worst_image"] = self._name(int(np.argmax(self.issue_counts)))
        return numbers

    def _worst_image(self) -> str:
        worst = int(np.argmax(self.issue_counts))
        issues: Any = self.label_issues
        labels: Any = self.suggested_labels
        # One image, or one volume, may lack an axis over images.
        if np.ndim(issues[0]) > 1 and len(issues) == len(self.issue_counts):
            issues, labels = issues[worst], None if labels is None else labels[worst]
        picture = _pictures.worst_image(issues, labels, len(self.class_counts))
        return _html.figure(picture, f"image {self._name(worst)}: {self.issue_counts[worst]:,} issues in red")

    def _name(self, index: int) -> Union[int, str]:
        return index if self.image_names is None else self.image_names[index]


@overload
def find_label_issues(
        labels: NDArray[Any], pred_probs: NDArray[Any], *, batch_size: Optional[int] = ..., n_jobs: Optional[int] = ...,
        verbose: bool = ..., downsample: int = ..., **options: Unpack[FindOptions]) -> NDArray[np.bool_]: ...


@overload
def find_label_issues(
        labels: Images, pred_probs: Images, *, batch_size: Optional[int] = ..., n_jobs: Optional[int] = ...,
        verbose: bool = ..., downsample: int = ..., **options: Unpack[FindOptions]) -> Any: ...


@documented(FindOptions)
def find_label_issues(
        labels: Images, pred_probs: Images, *, batch_size: Optional[int] = None, n_jobs: Optional[int] = None,
        verbose: bool = True, downsample: int = 1, **options: Unpack[FindOptions]) -> Any:
    """Find the pixels whose label is probably wrong.

    Arrays in memory are written once to a memory file system, from which the binary reads them. Paths, and whole memory
    maps of .npy files, are read where they are.

    Parameters
    ----------
    labels : array of int, shape (N,H,W), path, or list of arrays or paths
        Given labels, from 0 to K-1. A list of arrays has one (H,W) for each image, and sizes may differ. A path is a
        .npy file, a .npz file, or a folder with one .npy for each image; paths in a list follow each other along N.
    pred_probs : array of float, shape (N,K,H,W), path, or list of arrays or paths
        Predicted probabilities, likewise.
    batch_size : int, optional
        Has no effect, since memory does not depend on it; it must be positive.
    n_jobs : int, optional
        Number of threads. All cores by default.
    verbose : bool, default True
        Shows progress in terminals and notebooks, with tqdm where it is installed.
    downsample : int, default 1
        Averages blocks of so many pixels in height and width before both passes. It must divide both.
    **options
        Keywords that describe the arrays and choose the pixels.

    Returns
    -------
    ndarray of bool, shape (N,H,W), or list of (H,W)
        True at pixels whose label is probably wrong. A list where labels are a list of arrays, or where the images
        differ in size.

    Raises
    ------
    ValueError
        If the arrays or keywords are at fault; the message has the place, the reason and a remedy.
    RuntimeError
        If the binary crashed.
    FileNotFoundError
        If there is no binary.

    Examples
    --------
    >>> import numpy as np
    >>> import masklint
    >>> labels = np.array([[[0, 0, 1, 1], [0, 1, 1, 1]]])
    >>> of_class_1 = np.array([[[.1, .2, .9, .8], [.1, .1, .7, .9]]])
    >>> pred_probs = np.stack([1 - of_class_1, of_class_1], axis=1)
    >>> masklint.find_label_issues(labels, pred_probs)
    array([[[False, False, False, False],
            [False,  True, False, False]]])
    """
    check_batch_size(batch_size)
    written = [f"--downsample={downsample}", *arguments(options, FindOptions, "find_label_issues")]
    arrays = _run.run("find", labels, pred_probs, written, options=options, n_jobs=n_jobs, verbose=verbose)
    return _run.images(arrays, "label_issues", labels)


@documented(FindOptions)
def audit(
        labels: Images, pred_probs: Images, *, suggest: bool = True, joint: bool = False, n_jobs: Optional[int] = None,
        verbose: bool = True, downsample: int = 1, **options: Unpack[FindOptions]) -> Audit:
    """Find mislabelled pixels, and give suggestions, thresholds and counts beside the masks.

    Parameters
    ----------
    labels, pred_probs : array, path, or list of arrays or paths
        As for `find_label_issues`.
    suggest : bool, default True
        Also gives suggested_labels.
    joint : bool, default False
        Also gives confident_joint, for which the probabilities are read once more.
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
    Audit
        Masks, suggested labels, thresholds, counts and the summary of one run.

    Raises
    ------
    ValueError, RuntimeError, FileNotFoundError
        As for `find_label_issues`.

    Examples
    --------
    >>> import numpy as np
    >>> import masklint
    >>> labels = np.array([[[0, 0, 1, 1], [0, 1, 1, 1]]])
    >>> of_class_1 = np.array([[[.1, .2, .9, .8], [.1, .1, .7, .9]]])
    >>> found = masklint.audit(labels, np.stack([1 - of_class_1, of_class_1], axis=1))
    >>> found
    Audit(images=1, classes=2, counted_pixels=8, issues=1, issue_rate=0.125, worst_image=0)
    >>> found.suggested_labels
    array([[[0, 0, 1, 1],
            [0, 0, 1, 1]]], dtype=uint8)
    """
    written = [f"--downsample={downsample}", *arguments(options, FindOptions, "audit")]
    written += ["--suggest"] * suggest + ["--joint"] * joint
    arrays, summary = _run.run_with_summary(
        "find", labels, pred_probs, written, options=options, n_jobs=n_jobs, verbose=verbose)
    return Audit(
        label_issues=_run.images(arrays, "label_issues", labels),
        suggested_labels=_run.images(arrays, "suggested_labels", labels) if suggest else None,
        image_names=_run.image_names(arrays, "label_issues"),
        confident_thresholds=arrays["confident_thresholds"],
        class_counts=arrays["class_counts"],
        issue_counts=arrays["issue_counts"],
        confident_joint=arrays.get("confident_joint"),
        summary=summary)


def check_batch_size(batch_size: Optional[int]) -> None:
    """Errors: ValueError for what cleanlab refuses, in the words that its callers look for."""
    if batch_size is not None and batch_size <= 0:
        raise ValueError(f"Batch size must be greater than 0, got {batch_size}")
