"""Summarises and shows issues: `cleanlab.segmentation.summary`, in NumPy, and the HTML report of the binary."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, List, NamedTuple, Optional, Sequence

import numpy as np
from numpy.typing import NDArray

from . import _arrays, _run
from ._options import ScoreOptions, arguments

if TYPE_CHECKING:
    from ._arrays import Images, PathName
    from ._options import Unpack

# cleanlab's default: swaps that are listed, images that are shown.
LISTED = 20


class Swap(NamedTuple):
    """How many flagged pixels carry one label and are predicted another. Fields are cleanlab's columns."""

    given_label: str
    predicted_label: str
    num_pixel_issues: int


def common_label_issues(
        issues: Any, labels: Any, pred_probs: Any, *, class_names: Optional[Sequence[str]] = None,
        exclude: Optional[Sequence[int]] = None, top: Optional[int] = None, verbose: bool = True) -> Any:
    """The commonest swaps among the issues, by given and most probable class; printed if verbose.

    issues are (N,H,W), labels (N,H,W), pred_probs (N,K,H,W), or lists with an array an image. `exclude` leaves out
    swaps to these classes, `top` is the number of swaps (20).

    Shapes: a pandas.DataFrame with the columns of Swap where pandas is installed, else a list of Swap.
    Errors: ValueError for shapes that do not fit.
    Cost: reads the probabilities of flagged pixels alone.
    """
    classes = _class_count(issues, labels, pred_probs)
    counts = np.zeros((classes, classes), np.int64)
    for flagged, given, probs in zip(issues, labels, pred_probs):
        given, predicted = _swaps(flagged, given, probs)
        # A label that is no class, such as an ignored one, has no row, as in cleanlab.
        known = (given >= 0) & (given < classes)
        np.add.at(counts, (given[known], predicted[known]), 1)
    counts[:, [k for k in exclude or () if 0 <= k < classes]] = 0
    names = list(class_names) if class_names is not None else [str(k) for k in range(classes)]
    swaps = [
        Swap(names[given], names[predicted], int(counts[given, predicted]))
        for given, predicted in zip(*np.nonzero(counts)) if given < len(names)]
    swaps = sorted(swaps, key=lambda swap: -swap.num_pixel_issues)[:LISTED if top is None else top]
    if verbose:
        for given_name, predicted_name, count in swaps:
            print(f"{count} pixels labelled '{given_name}' are more likely '{predicted_name}'")
    try:
        import pandas
    except ImportError:
        return swaps
    return pandas.DataFrame(swaps, columns=list(Swap._fields))


def filter_by_class(class_index: Any, issues: Any, labels: Any, pred_probs: Any) -> Any:
    """The issues whose given or most probable class is this one, or one of these.

    Shapes: bool (N,H,W) like issues; a list where issues are one.
    Errors: ValueError for shapes that do not fit.
    Cost: reads the probabilities of flagged pixels alone.
    """
    _class_count(issues, labels, pred_probs)
    kept = []
    for flagged, given, probs in zip(issues, labels, pred_probs):
        given, predicted = _swaps(flagged, given, probs)
        mask = np.zeros(np.shape(flagged), bool)
        mask[np.asarray(flagged, bool)] = np.isin(given, class_index) | np.isin(predicted, class_index)
        kept.append(mask)
    return kept if isinstance(issues, (list, tuple)) else np.array(kept, bool).reshape(np.shape(issues))


def display_issues(
        issues: Any, *, labels: Any = None, pred_probs: Any = None, class_names: Optional[Sequence[str]] = None,
        exclude: Optional[Sequence[int]] = None, top: Optional[int] = None, **kwargs: Any) -> None:
    """Draws the images with most issues: given labels, predicted labels and issues side by side, what there is of them.

    Issues at labels in `exclude` are left out. Other keywords are for matplotlib.pyplot.show.
    For a page that needs neither matplotlib nor a notebook see report().

    Errors: ValueError for `exclude` without labels; ImportError without matplotlib.
    """
    if exclude and labels is None:
        raise ValueError("exclude goes by the given labels: pass labels too")
    try:
        from matplotlib import colormaps, patches, pyplot
    except ImportError:
        raise ImportError("display_issues draws with matplotlib: pip install matplotlib") from None
    counts = np.array([np.count_nonzero(flagged) for flagged in issues])
    worst = np.argsort(-counts, kind="stable")[:LISTED if top is None else top]
    if pred_probs is not None:
        classes = len(pred_probs[0])
    else:
        classes = 0 if labels is None else int(max(np.max(given) for given in labels)) + 1
    # Steps of the golden ratio around the wheel keep neighbouring classes apart, however many there are.
    palette = colormaps["hsv"](np.arange(max(classes, 1)) * 0.618034 % 1)[:, :3]
    if class_names is not None and classes > 0:
        legend = pyplot.figure()
        handles = [patches.Patch(color=color, label=name) for color, name in zip(palette, class_names)]
        legend.legend(handles=handles, loc="center")
        pyplot.show(**kwargs)
    for index in worst:
        flagged = np.asarray(issues[index], bool)
        pictures = []
        if labels is not None:
            pictures.append(("given labels", palette[np.clip(labels[index], 0, classes - 1)]))
            flagged = flagged & ~np.isin(labels[index], list(exclude or ()))
        if pred_probs is not None:
            pictures.append(("predicted labels", palette[np.argmax(pred_probs[index], axis=0)]))
        pictures.append((f"image {index}: {np.count_nonzero(flagged)} issues in red", np.where(
            flagged[..., None], (1.0, 0.0, 0.0), (1.0, 1.0, 1.0))))
        figure = pyplot.figure(figsize=(5 * len(pictures), 5))
        for place, (title, picture) in enumerate(pictures, 1):
            axes = figure.add_subplot(1, len(pictures), place)
            axes.imshow(picture)
            axes.set_title(title)
        pyplot.show(**kwargs)


def report(
        labels: Images, pred_probs: Images, output: PathName, *, images: Optional[Images] = None, issues: Any = None,
        class_names: Optional[Sequence[str]] = None, top: int = 12, n_jobs: Optional[int] = None, verbose: bool = True,
        downsample: int = 1, **options: Unpack[ScoreOptions]) -> str:
    """Writes the HTML report to the path `output`, which is returned.

    images are photographs, uint8 (N,H,W,3); issues a mask that was found before, instead of finding it again; top is
    the number of images in the gallery. Others as for find_label_issues.

    Errors: as for find_label_issues.
    """
    written = [f"--top={top}", *arguments(options, ScoreOptions, "report")]
    if downsample != 1:
        written.append(f"--downsample={downsample}")
    others = [(name, value) for name, value in (("images", images), ("issues", issues)) if value is not None]
    target = os.fspath(output)
    _run.run("report", labels, pred_probs, written, options=options, others=others, class_names=class_names,
             output=_arrays.argument(target), n_jobs=n_jobs, verbose=verbose)
    return target


def _class_count(issues: Any, labels: Any, pred_probs: Any) -> int:
    """K, if the three fit each other."""
    shapes = [[np.shape(image) for image in images] for images in (issues, labels, pred_probs)]
    if not shapes[2] or any(len(shape) != 3 for shape in shapes[2]):
        raise ValueError("pred_probs must be (N,K,H,W), or a list of (K,H,W)")
    if shapes[0] != shapes[1] or shapes[0] != [shape[1:] for shape in shapes[2]]:
        raise ValueError("issues and labels must be (N,H,W) with the N, H and W of pred_probs (N,K,H,W)")
    return int(shapes[2][0][0])


def _swaps(flagged: Any, given: Any, probs: Any) -> List[NDArray[Any]]:
    """Given and most probable classes of an image's flagged pixels, in order."""
    rows, columns = np.nonzero(flagged)
    return [np.asarray(given)[rows, columns].astype(np.int64), np.asarray(probs)[:, rows, columns].argmax(0)]
