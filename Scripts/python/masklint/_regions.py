"""Mislabelled regions, listed by the binary's command regions."""
from __future__ import annotations

import os
import tempfile
from collections import namedtuple
from typing import TYPE_CHECKING, Any, Dict, NamedTuple, Optional

from . import _run
from ._options import RegionOptions, arguments, documented

if TYPE_CHECKING:
    from ._arrays import Images
    from ._options import Unpack


class Region(NamedTuple):
    """A connected component of issues with one given and one suggested class. Fields are the columns of the CSV table.

    Attributes
    ----------
    id : str
        Image, row and column of its first pixel; the slice stands before the row in volumes.
    decision : str or None
        For ``accept`` or ``reject``, to be filled in.
    image : str
        Key, stem or number of the image.
    given, suggested : int
        Classes.
    given_name, suggested_name : str or None
        Their names.
    area : int
        Number of pixels.
    left, top, width, height : int
        The smallest rectangle around it, in pixels.
    center_x, center_y : float
        Mean column and row of its pixels.
    self_confidence, lowest_self_confidence : float
        Mean and smallest probability of the given class over its pixels.
    suggested_confidence : float
        Mean probability of the suggested class.
    boundary_share : float
        Share of its pixels that moving a boundary would mend.
    evidence : float or None
        With filter_by="calibrated": the mean evidence of its pixels.
    score : float
        How likely it is mislabelled; regions are listed by it, highest first.
    filter_by : str
        The rule, on which it depends what the score is.
    mask : str
        The image's size and the run lengths of the region's pixels, as COCO writes them; a volume has its slices under one
        another.
    """

    id: str
    decision: Optional[str]
    image: str
    given: int
    given_name: Optional[str]
    suggested: int
    suggested_name: Optional[str]
    area: int
    left: int
    top: int
    width: int
    height: int
    center_x: float
    center_y: float
    self_confidence: float
    lowest_self_confidence: float
    suggested_confidence: float
    boundary_share: float
    evidence: Optional[float]
    score: float
    filter_by: str
    mask: str


# The same of a volume, in the order of the CSV table: its first slice, how many there are, and the mean slice of its pixels.
_END = Region._fields.index("center_y") + 1
_VolumeRegion: Any = namedtuple(  # type: ignore[misc]
    "VolumeRegion", [*Region._fields[:_END], "slice", "depth", "center_z", *Region._fields[_END:]])


@documented(RegionOptions)
def regions(
        labels: Images, pred_probs: Images, *, n_jobs: Optional[int] = None, verbose: bool = True, downsample: int = 1,
        **options: Unpack[RegionOptions]) -> Any:
    """List mislabelled regions, most likely mislabelled first.

    A region is a connected component of issues with one given and one suggested class. To review them, write the table
    with ``to_csv("regions.csv", index=False)``, fill in its column decision with accept or reject, and pass it as
    ``accept`` with ``corrected="corrected.npz"``.

    Parameters
    ----------
    labels, pred_probs : array, path, or list of arrays or paths
        As for `find_label_issues`.
    n_jobs : int, optional
        Number of threads. All cores by default.
    verbose : bool, default True
        Shows progress in terminals and notebooks, with tqdm where it is installed.
    downsample : int, default 1
        As for `find_label_issues`.
    **options
        Keywords that describe the arrays, choose the pixels and list the regions.

    Returns
    -------
    pandas.DataFrame or list of Region
        A row for each region. A list where pandas is not installed. Regions of volumes also have their first slice, how
        many they reach through (depth), and the mean slice of their pixels (center_z).

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
    >>> found = masklint.regions(labels, np.stack([1 - of_class_1, of_class_1], axis=1), class_names=["road", "car"])
    >>> found[["id", "given_name", "suggested_name", "area"]]  # a DataFrame, where pandas is installed
          id given_name suggested_name  area
    0  0@1x1        car           road     1
    """
    written = arguments(options, RegionOptions, "regions")
    if downsample != 1:
        written.append(f"--downsample={downsample}")
    # A named file: its ending chooses the form.
    with tempfile.TemporaryDirectory(prefix="masklint-") as folder:
        path = os.path.join(folder, "regions.json")
        _run.run_to_text("regions", labels, pred_probs, [*written, f"--output={path}"], options=options, n_jobs=n_jobs,
                         verbose=verbose)
        written_table = _run.read_json(path)
    kind = _VolumeRegion if options.get("volumes") else Region
    return _run.table([_region(one, written_table["filter_by"], kind) for one in written_table["regions"]], kind)


def _region(one: Dict[str, Any], rule: str, kind: Any) -> Any:
    """A region of the JSON table with the columns of the CSV table."""
    left, top, width, height = one["bbox"]
    rows, columns = one["segmentation"]["size"]
    written = {"left": left, "top": top, "width": width, "height": height, "center_x": one["centroid"][0],
               "center_y": one["centroid"][1], "mask": f"{rows}x{columns}:{one['segmentation']['counts']}",
               "filter_by": rule}
    return kind(**{name: written[name] if name in written else one[name] for name in kind._fields})
