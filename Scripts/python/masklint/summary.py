"""Summarises and shows issues: `cleanlab.segmentation.summary`, in NumPy, and the HTML report of the binary."""
from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Iterable, List, NamedTuple, Optional, Sequence, Union

import numpy as np
from numpy.typing import NDArray

from . import _arrays, _pictures, _run
from ._options import ReportOptions, arguments, class_numbers, documented, list_of_names

if TYPE_CHECKING:
    from ._arrays import Images
    from ._options import ClassNames, PathName, Unpack

# cleanlab's default: swaps that are listed, images that are shown.
LISTED = 20
# What datasets mark void pixels with; where the number of classes is not known, it is none of them.
USUAL_VOID = 255
# More classes than this do not fit into a legend beside the images.
LEGEND_CLASSES = 40
LEGEND_COLUMNS = 8


class Swap(NamedTuple):
    """How many flagged pixels carry one label and are predicted another. Fields are cleanlab's columns."""

    given_label: str
    predicted_label: str
    num_pixel_issues: int


def common_label_issues(
        issues: Any, labels: Any, pred_probs: Any, *, class_names: Optional[ClassNames] = None,
        exclude: Optional[Sequence[Union[int, str]]] = None, top: Optional[int] = None, verbose: bool = True) -> Any:
    """Count the commonest swaps among the issues, by given and most probable class.

    Only the probabilities of flagged pixels are read.

    Parameters
    ----------
    issues : array of bool, shape (N,H,W), or list of (H,W)
        A mask as `find_label_issues` returns it.
    labels : array of int, shape (N,H,W), or list of (H,W)
        Given labels.
    pred_probs : array of float, shape (N,K,H,W), or list of (K,H,W)
        Predicted probabilities.
    class_names : list of str, dict of int to str, or path, optional
        Names to use in place of the classes' numbers.
    exclude : sequence of int or str, optional
        Classes, numbers or class_names; swaps to these are left out.
    top : int, default 20
        Number of swaps.
    verbose : bool, default True
        Also prints them.

    Returns
    -------
    pandas.DataFrame or list of Swap
        Columns given_label, predicted_label and num_pixel_issues, most pixels first. A list where pandas is not
        installed.

    Raises
    ------
    ValueError
        For shapes that do not fit, and for a class of another name.

    Examples
    --------
    >>> import numpy as np
    >>> import masklint
    >>> labels = np.array([[[0, 1, 2]]])
    >>> pred_probs = np.eye(3)[[[[0, 2, 2]]]].transpose(0, 3, 1, 2)
    >>> swaps = masklint.common_label_issues(
    ...     pred_probs.argmax(1) != labels, labels, pred_probs, class_names=["road", "car", "tree"])
    1 pixels labelled 'car' are more likely 'tree'
    """
    classes = _class_count(issues, labels, pred_probs)
    counts = np.zeros((classes, classes), np.int64)
    for flagged, given, probs in zip(issues, labels, pred_probs):
        given, predicted = _swaps(flagged, given, probs)
        # A label that is no class, such as an ignored one, has no row, as in cleanlab.
        known = (given >= 0) & (given < classes)
        np.add.at(counts, (given[known], predicted[known]), 1)
    counts[:, [k for k in class_numbers(exclude or (), "exclude", class_names) if 0 <= k < classes]] = 0
    names = [] if class_names is None else list_of_names(class_names)
    names += [str(k) for k in range(len(names), classes)]
    swaps = [Swap(names[given], names[predicted], int(counts[given, predicted]))
             for given, predicted in zip(*np.nonzero(counts))]
    swaps = sorted(swaps, key=lambda swap: -swap.num_pixel_issues)[:LISTED if top is None else top]
    if verbose:
        for given_name, predicted_name, count in swaps:
            print(f"{count} pixels labelled '{given_name}' are more likely '{predicted_name}'")
    return _run.table(swaps, Swap)


def filter_by_class(
        class_index: Union[int, str, Iterable[Union[int, str]]], issues: Any, labels: Any, pred_probs: Any, *,
        class_names: Optional[ClassNames] = None) -> Any:
    """Keep the issues whose given or most probable class is this one, or one of these.

    Only the probabilities of flagged pixels are read.

    Parameters
    ----------
    class_index : int, str, or iterable of them
        The class, or several: numbers, or names among class_names.
    issues, labels, pred_probs : array or list of arrays
        As for `common_label_issues`.
    class_names : list of str, dict of int to str, or path, optional
        Names of the classes, class 0 first.

    Returns
    -------
    ndarray of bool, shape (N,H,W), or list of (H,W)
        Of the shape of issues; a list where issues are one.

    Raises
    ------
    ValueError
        For shapes that do not fit, and for a class of another name.

    Examples
    --------
    >>> import numpy as np
    >>> import masklint
    >>> labels = np.array([[[0, 1, 2]]])
    >>> pred_probs = np.eye(3)[[[[1, 2, 0]]]].transpose(0, 3, 1, 2)
    >>> masklint.filter_by_class(1, np.array([[[True, True, True]]]), labels, pred_probs)
    array([[[ True,  True, False]]])
    """
    _class_count(issues, labels, pred_probs)
    wanted = class_numbers(class_index, "class_index", class_names)
    kept = []
    for flagged, given, probs in zip(issues, labels, pred_probs):
        given, predicted = _swaps(flagged, given, probs)
        mask = np.zeros(np.shape(flagged), bool)
        mask[np.asarray(flagged, bool)] = np.isin(given, wanted) | np.isin(predicted, wanted)
        kept.append(mask)
    return kept if isinstance(issues, (list, tuple)) else np.array(kept, bool).reshape(np.shape(issues))


def display_issues(
        issues: Any, *, labels: Any = None, pred_probs: Any = None, class_names: Optional[ClassNames] = None,
        exclude: Optional[Sequence[Union[int, str]]] = None, top: Optional[int] = None,
        ignore_label: Union[int, Iterable[int], None] = None, **kwargs: Any) -> None:
    """Draw the images with most issues: given labels, predicted labels and issues side by side.

    Volumes, (N,D,H,W) or a list of (D,H,W), show their slice with most issues.
    What is not passed is not drawn. Void pixels are grey, and issues are red. Each image has a legend of the classes in
    it, which has no names beyond 40 classes. `report` writes a page that needs neither matplotlib nor a notebook.

    Parameters
    ----------
    issues : array of bool, shape (N,H,W), or list of (H,W)
        A mask as `find_label_issues` returns it.
    labels : array of int, shape (N,H,W), or list of (H,W), optional
        Given labels.
    pred_probs : array of float, shape (N,K,H,W), or list of (K,H,W), optional
        Predicted probabilities.
    class_names : list of str, dict of int to str, or path, optional
        Names for the legend, in place of the classes' numbers.
    exclude : sequence of int or str, optional
        Issues at these labels, numbers or class_names, are left out.
    top : int, default 20
        Number of images.
    ignore_label : int or iterable of int, optional
        Labels that mark void pixels. Labels that are no class are void anyway; how many classes there are is told by
        pred_probs, else by class_names, else by the largest label other than 255.
    **kwargs
        For `matplotlib.pyplot.show`.

    Raises
    ------
    ValueError
        For ``exclude`` without labels, and for a class of another name.
    ImportError
        Without matplotlib.

    Examples
    --------
    >>> masklint.display_issues(mask, labels=labels, class_names=["road", "car"])  # doctest: +SKIP
    """
    if exclude and labels is None:
        raise ValueError("exclude goes by the given labels: pass labels too")
    try:
        from matplotlib import patches, pyplot
    except ImportError:
        raise ImportError("display_issues draws with matplotlib: pip install matplotlib") from None
    names = None if class_names is None else list_of_names(class_names)
    void = [] if ignore_label is None else [*ignore_label] if isinstance(ignore_label, Iterable) else [ignore_label]
    excluded = class_numbers(exclude or (), "exclude", class_names)
    colours = _pictures.class_colours(_drawn_classes(labels, pred_probs, names, void))
    counts = np.array([np.count_nonzero(flagged) for flagged in issues])
    for index in np.argsort(-counts, kind="stable")[:LISTED if top is None else top]:
        flagged = np.asarray(issues[index], bool)
        given = None if labels is None else np.asarray(labels[index])
        probs = None if pred_probs is None else np.asarray(pred_probs[index])
        title = f"image {index}"
        if flagged.ndim == 3:
            worst = _pictures.worst_slice(flagged)
            flagged, title = flagged[worst], f"{title} slice {worst}"
            given = None if given is None else given[worst]
            probs = None if probs is None else probs[:, worst]
        pictures, shown = [], []
        if given is not None:
            shown.append(given)
            pictures.append(("given labels", _pictures.drawn_labels(shown[0], colours, void)))
            flagged = flagged & ~np.isin(shown[0], excluded)
        if probs is not None:
            shown.append(np.argmax(probs, axis=0))
            pictures.append(("predicted labels", _pictures.drawn_labels(shown[-1], colours)))
        pictures.append((f"{title}: {np.count_nonzero(flagged)} issues in red", np.where(
            flagged[..., None], np.array(_pictures.ISSUE, np.uint8), np.uint8(255))))
        figure = pyplot.figure(figsize=(5 * len(pictures), 5))
        for place, (caption, picture) in enumerate(pictures, 1):
            axes = figure.add_subplot(1, len(pictures), place)
            axes.imshow(picture, interpolation="nearest")
            axes.set_title(caption)
        entries = [patches.Patch(facecolor=colour, edgecolor="grey", label=name)
                   for name, colour in _legend(shown, colours, names, void)]
        if entries:
            figure.subplots_adjust(bottom=0.08 + 0.06 * -(-len(entries) // LEGEND_COLUMNS))
            figure.legend(handles=entries, loc="lower center", ncol=min(len(entries), LEGEND_COLUMNS))
        pyplot.show(**kwargs)


@documented(ReportOptions)
def report(
        labels: Images, pred_probs: Images, output: PathName, *, images: Optional[Images] = None, issues: Any = None,
        top: int = 12, n_jobs: Optional[int] = None, verbose: bool = True, downsample: int = 1,
        **options: Unpack[ReportOptions]) -> str:
    """Write an HTML page with the numbers and the worst images.

    Parameters
    ----------
    labels, pred_probs : array, path, or list of arrays or paths
        As for `find_label_issues`.
    output : path
        The .html file to write.
    images : array of uint8, shape (N,H,W,3), path, or list of arrays or paths, optional
        Photographs to show issues over.
    issues : array of bool, shape (N,H,W), or path, optional
        A mask that was found before, in place of finding it again.
    top : int, default 12
        Number of images in the gallery.
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
    str
        The path of the page.

    Raises
    ------
    ValueError, RuntimeError, FileNotFoundError
        As for `find_label_issues`.

    Examples
    --------
    >>> masklint.report("labels.npy", "pred_probs.npz", "report.html", ignore_label=255)  # doctest: +SKIP
    'report.html'
    """
    written = [f"--top={top}", *arguments(options, ReportOptions, "report")]
    if downsample != 1:
        written.append(f"--downsample={downsample}")
    others = [(name, value) for name, value in (("images", images), ("issues", issues)) if value is not None]
    target = os.fspath(output)
    _run.run_to_text("report", labels, pred_probs, [*written, "--output", _arrays.argument(target)], options=options,
                     others=others, n_jobs=n_jobs, verbose=verbose)
    return target


def _drawn_classes(labels: Any, pred_probs: Any, names: Optional[List[str]], void: Sequence[int]) -> int:
    """K, as far as it can be known."""
    if pred_probs is not None:
        return len(pred_probs[0])
    if names is not None:
        return len(names)
    if labels is None:
        return 0
    largest = -1
    for given in labels:
        classes = np.setdiff1d(given, [USUAL_VOID, *void])
        largest = max(largest, int(classes.max(initial=-1)))
    return largest + 1


def _legend(shown: Sequence[NDArray[Any]], colours: NDArray[np.uint8], names: Optional[Sequence[str]],
            void: Sequence[int]) -> "list[tuple[str, Any]]":
    """Names and colours of what an image shows."""
    found = np.unique(np.concatenate([np.unique(picture) for picture in shown])) if shown else np.array([], int)
    known = [int(k) for k in found if 0 <= k < len(colours) and k not in void]
    if len(known) > LEGEND_CLASSES:
        return []
    entries: "list[tuple[str, Any]]" = [
        (names[k] if names is not None and k < len(names) else str(k), colours[k]) for k in known]
    entries += [("void", _pictures.VOID)] * (len(known) < len(found))
    return [(name, tuple(int(part) / 255 for part in colour)) for name, colour in entries]


def _class_count(issues: Any, labels: Any, pred_probs: Any) -> int:
    """K, if the three fit each other."""
    shapes = [[np.shape(image) for image in images] for images in (issues, labels, pred_probs)]
    if not shapes[2] or any(len(shape) not in (3, 4) for shape in shapes[2]):
        raise ValueError("pred_probs must be (N,K,H,W), or a list of (K,H,W); of volumes (N,K,D,H,W)")
    if shapes[0] != shapes[1] or shapes[0] != [shape[1:] for shape in shapes[2]]:
        raise ValueError("issues and labels must be (N,H,W) with the N, H and W of pred_probs (N,K,H,W)")
    return int(shapes[2][0][0])


def _swaps(flagged: Any, given: Any, probs: Any) -> List[NDArray[Any]]:
    """Given and most probable classes of an image's flagged pixels, in order."""
    at = np.nonzero(flagged)
    return [np.asarray(given)[at].astype(np.int64), np.moveaxis(probs, 0, -1)[at].argmax(-1)]
