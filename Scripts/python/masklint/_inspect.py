"""What is in files, told by the binary's command inspect."""
from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Tuple

from . import _arrays, _html, _run
from ._words import spoken

if TYPE_CHECKING:
    from ._arrays import Images


@dataclass(frozen=True, repr=False)
class ArrayFacts:
    """What `inspect` says of an array.

    Attributes
    ----------
    file, key : str
        Where it is; the key is empty in a .npy file.
    dtype : str
    shape : tuple of int
    min, max : int or float or None
        None for arrays without values, and where headers alone are read.
    values : dict of int to int, or None
        For labels, how often each value occurs.
    taken_for : str or None
        What masklint would read it as.
    hints : list of str
        Keywords that the data seem to need.
    facts : dict
        All that ``masklint inspect --json`` prints of the array.
    """

    file: str
    key: str
    dtype: str
    shape: Tuple[int, ...]
    min: Optional[float]
    max: Optional[float]
    values: Optional[Mapping[int, int]]
    taken_for: Optional[str]
    hints: List[str]
    facts: Mapping[str, Any]

    def __repr__(self) -> str:
        place = f"{self.file}[{self.key}]" if self.key else self.file
        limits = "" if self.min is None else f", {self.min} to {self.max}"
        return f"<{place}: {self.dtype} {self.shape}{limits}; {'; '.join([self.taken_for or 'unknown', *self.hints])}>"

    def _repr_html_(self) -> str:
        """The facts as a table, for a notebook."""
        parts = [_html.table([self.file, self.key], [
            ["dtype", self.dtype], ["shape", str(self.shape)], ["smallest", _text(self.min)],
            ["largest", _text(self.max)], ["read as", _text(self.taken_for)], ["hints", "; ".join(self.hints)]])]
        if self.values:
            parts.append(_html.table(["value", "count"], list(self.values.items())))
        return _html.block(parts)


def inspect(*data: Images, headers_only: bool = False, verbose: bool = True) -> List[ArrayFacts]:
    """Tell what is in arrays and files, and what masklint would read it as.

    Data are read in pieces, so size does not matter.

    Parameters
    ----------
    *data : paths or arrays
        Files, folders of .npy files, or arrays.
    headers_only : bool, default False
        Reads headers alone, not the values.
    verbose : bool, default True
        Shows progress in terminals and notebooks.

    Returns
    -------
    list of ArrayFacts
        One for each array.

    Raises
    ------
    ValueError
        For a file that cannot be read, with the reason.

    Examples
    --------
    >>> import numpy as np
    >>> import masklint
    >>> labels, = masklint.inspect(np.array([[[0, 1, 255]]], np.uint8))
    >>> labels
    <data[0]: uint8 (1, 1, 3), 0 to 255; labels (N, H, W): 1 image of 1 x 3;
     pass ignore_label=255 if 255 marks void pixels>
    >>> labels.values
    {0: 1, 1: 1, 255: 1}
    """
    with _arrays.Handover() as handover:
        paths = [path for i, value in enumerate(data) for path in handover.paths(value, f"data[{i}]")]
        text = _run.text_of(handover, ["inspect", *paths, "--json", *["--headers-only"] * headers_only], verbose)
        found = json.loads(text)
        return [_facts(handover.shown.get(file["file"], file["file"]), array)
                for file in found["files"] for array in file["arrays"]]


def _facts(file: str, array: Dict[str, Any]) -> ArrayFacts:
    counted = array["values"]
    return ArrayFacts(
        file=file, key=array["key"], dtype=array["dtype"], shape=tuple(array["shape"]), min=array["min"],
        max=array["max"], values=None if counted is None else {one["value"]: one["count"] for one in counted},
        taken_for=array["taken_for"], hints=[spoken(hint) for hint in array["hints"]], facts=array)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
