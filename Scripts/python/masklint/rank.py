"""Scores images and pixels: `cleanlab.segmentation.rank`, done by the masklint binary."""
from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Optional, Tuple

import numpy as np
from numpy.typing import NDArray

from . import _run
from ._options import ScoreOptions, arguments, documented
from .filter import check_batch_size

if TYPE_CHECKING:
    from ._arrays import Images
    from ._options import Unpack

METHODS = ("softmin", "num_pixel_issues")


@documented(ScoreOptions)
def get_label_quality_scores(
        labels: Images, pred_probs: Images, *, method: str = "softmin", batch_size: Optional[int] = None,
        n_jobs: Optional[int] = None, verbose: bool = True, downsample: int = 1, temperature: float = 0.1,
        **options: Unpack[ScoreOptions]) -> Tuple[NDArray[np.float64], Any]:
    """Score images and pixels by how likely their labels are right; lower is worse.

    A pixel's score is the probability that the model gives its label.

    Parameters
    ----------
    labels, pred_probs : array, path, or list of arrays or paths
        As for `find_label_issues`.
    method : {'softmin', 'num_pixel_issues'}, default 'softmin'
        How pixels make an image's score. ``'softmin'`` is the mean of its pixels' scores s, weighted by
        ``softmax((1 - s) / temperature)``. ``'num_pixel_issues'`` is one less the share of its pixels that
        `find_label_issues` flags.
    batch_size : int, optional
        Has no effect; it must be positive.
    n_jobs : int, optional
        Number of threads. All cores by default.
    verbose : bool, default True
        Shows progress in terminals and notebooks, with tqdm where it is installed.
    downsample : int, default 1
        As for `find_label_issues`; for ``'num_pixel_issues'`` alone.
    temperature : float, default 0.1
        Of ``'softmin'``: near 0 the lowest pixel is the score, with a large one the mean is.
    **options
        Keywords that describe the arrays and choose the pixels.

    Returns
    -------
    image_scores : ndarray of float64, shape (N,)
        NaN for an image without a counted pixel.
    pixel_scores : ndarray of float64, shape (N,H,W), or list of (H,W)
        NaN at ignored pixels. They pass through float32, which is exact for probabilities of up to 4 bytes.

    Raises
    ------
    ValueError, RuntimeError, FileNotFoundError
        As for `find_label_issues`.

    Examples
    --------
    >>> import numpy as np
    >>> import masklint
    >>> labels = np.array([[[0, 1]], [[1, 1]]])
    >>> of_class_1 = np.array([[[.25, .75]], [[.5, .125]]])
    >>> pred_probs = np.stack([1 - of_class_1, of_class_1], axis=1)
    >>> images, pixels = masklint.get_label_quality_scores(labels, pred_probs)
    >>> images.round(3)
    array([0.75 , 0.134])
    >>> pixels
    array([[[0.75 , 0.75 ]],
    <BLANKLINE>
           [[0.5  , 0.125]]])
    """
    check_batch_size(batch_size)
    if method not in METHODS:
        # In the words that programs written for cleanlab look for.
        raise ValueError("Invalid Method: Specify correct method. Currently only supports "
                         f"{' and '.join(map(repr, METHODS))}, got {method!r}")
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
    """Find the pixels whose score is below a threshold, or put the worst images first.

    Parameters
    ----------
    image_scores : array of float, shape (N,)
        Scores of images, as `get_label_quality_scores` returns them.
    pixel_scores : array of float, shape (N,H,W), or list of (H,W), optional
        Scores of pixels, likewise.
    threshold : float, default 0.1
        From 0 to 1.

    Returns
    -------
    ndarray
        With pixel_scores: bool, of their shape; a list where they are one. Without: the indices of the images below
        the threshold, worst first, and of one more if there is one, as cleanlab gives them. Pixels and images without
        a score (NaN) are no issues.

    Raises
    ------
    ValueError
        For a missing image_scores and for a threshold outside 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> import masklint
    >>> masklint.issues_from_scores(np.array([.9]), np.array([[[.05, .5]]]))
    array([[[ True, False]]])
    >>> masklint.issues_from_scores(np.array([.3, .9, .1]), threshold=.4)
    array([2, 0, 1])
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
