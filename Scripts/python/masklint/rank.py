"""Scores images and pixels: `cleanlab.segmentation.rank`, done by the masklint binary."""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Optional, Tuple

import numpy as np
from numpy.typing import NDArray

from . import _run
from ._options import ScoreOptions, arguments
from .filter import check_batch_size

if TYPE_CHECKING:
    from ._arrays import Images
    from ._options import Unpack

METHODS = ("softmin", "num_pixel_issues")


def get_label_quality_scores(
        labels: Images, pred_probs: Images, *, method: str = "softmin", batch_size: Optional[int] = None,
        n_jobs: Optional[int] = None, verbose: bool = True, downsample: int = 1, temperature: float = 0.1,
        **options: Unpack[ScoreOptions]) -> Tuple[NDArray[np.float64], Any]:
    """Quality scores of images and of pixels; lower is worse.

    A pixel's score is its self-confidence. An image's is, by method, "softmin": the mean of its pixels' scores s
    weighted by softmax((1 - s) / temperature); or "num_pixel_issues": one less the share of its pixels that
    find_label_issues flags. Arguments as for find_label_issues; downsample is for num_pixel_issues alone.

    Shapes: float64 (N,) and float64 (N,H,W), or a list of (H,W) as for find_label_issues.
    Edge cases: NaN for ignored pixels, and for an image without any other.
    Errors: as for find_label_issues.
    Units: pixel scores pass through float32, exact for probabilities of up to 4 bytes.
    """
    check_batch_size(batch_size)
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; {' and '.join(map(repr, METHODS))} are known")
    written = [f"--method={method}", "--pixel-scores", *arguments(options, ScoreOptions, "get_label_quality_scores")]
    if method == "num_pixel_issues":
        written.append(f"--downsample={downsample}")
    else:
        written.append(f"--temperature={temperature}")
        if downsample != 1:
            warnings.warn("downsample has no effect on softmin; it is for method='num_pixel_issues'", stacklevel=2)
    arrays = _run.run("score", labels, pred_probs, written, options=options, n_jobs=n_jobs, verbose=verbose)
    scores = _run.images(arrays, "pixel_scores", labels)
    if isinstance(scores, list):
        return arrays["image_scores"], [score.astype(np.float64) for score in scores]
    return arrays["image_scores"], scores.astype(np.float64)


def issues_from_scores(
        image_scores: NDArray[Any], pixel_scores: Any = None, threshold: float = 0.1) -> Any:
    """The pixels whose score is below the threshold, or, without pixel scores, the worst images first.

    Shapes: bool of the shape of pixel_scores; or indices of images, those below the threshold and one more if there
        is one, as cleanlab gives them.
    Edge cases: pixels and images without a score (NaN) are no issues; pixel_scores may be a list, as scores are of
        images that differ in size.
    Errors: ValueError for a missing image_scores and for a threshold outside 0...1.
    """
    if image_scores is None:
        raise ValueError("image_scores are needed")
    if not 0 <= threshold <= 1:
        raise ValueError(f"threshold is {threshold}, a score from 0 to 1 is needed")
    if isinstance(pixel_scores, (list, tuple)):
        return [scores < threshold for scores in pixel_scores]
    if pixel_scores is not None:
        return np.asarray(pixel_scores) < threshold
    scores = np.asarray(image_scores)
    ranking = np.argsort(scores)
    below = int(np.searchsorted(scores[ranking], threshold))
    return ranking[:min(below + 1, np.count_nonzero(~np.isnan(scores)))]
