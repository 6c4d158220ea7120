"""One run of the binary on labels and predictions, from arrays to arrays."""
import os
import sys
import warnings
from types import FrameType
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import numpy as np
from numpy.typing import NDArray

from . import _arrays, _binary

Arrays = Dict[str, NDArray[Any]]
# What the binary says of probabilities that are none, in cleanlab's eyes too: it looks at shapes alone.
SUMS_FAULT = "probabilities sum to"
# The most that a command writes a pixel: a mask and a suggested label of 2 bytes, or a score of 4 and a mask.
PIXEL_BYTES = 5


def run(command: str, labels: Any, pred_probs: Any, arguments: Sequence[str], *, options: Mapping[str, Any],
        others: Sequence[Tuple[str, Any]] = (), class_names: Optional[Sequence[str]] = None,
        output: Optional[str] = None, n_jobs: Optional[int] = None, verbose: bool = True) -> Arrays:
    """Runs a command; gives the arrays that it writes, or none where it writes to the path `output`.

    `options` are the DatasetOptions, which are among the `arguments` too; `others` are further arrays by the option
    that they go with. Warnings are given with warnings.warn, on behalf of whoever called the public function.
    """
    with _arrays.Handover() as handover:
        written = [command, *_inputs(handover, labels, pred_probs, arguments, options)]
        for option, value in others:
            written += [f"--{option}", *handover.paths(value, option)]
        if class_names is not None:
            written.append(f"--class-names={handover.text(class_names, 'class_names')}")
        if n_jobs is not None:
            written.append(f"--threads={n_jobs}")
        written += ["--output", "-", "--store"] if output is None else ["--output", output]
        byte_count = _bytes_written(labels) if output is None else 0
        try:
            return _arrays_of(handover, written, byte_count, verbose)
        except ValueError as error:
            if SUMS_FAULT not in str(error) or options.get("unnormalized") is not None:
                raise
            _warn(f"{error}; taken as they are, as unnormalized=True does without this warning")
            return _arrays_of(handover, [*written, "--unnormalized"], byte_count, verbose)


def images(arrays: Arrays, key: str, labels: Any) -> Union[NDArray[Any], List[NDArray[Any]]]:
    """What was written for each image: (N,H,W), or a list with an array an image if the labels were given so."""
    if key in arrays:
        return list(arrays[key]) if _arrays.is_list_of_images(labels) else arrays[key]
    return [arrays[f"{key}/{name}"] for name in image_names(arrays, key) or ()]


def image_names(arrays: Arrays, key: str) -> Optional[List[str]]:
    """Names of the images where each has an array of its own, in their order."""
    return None if key in arrays else [name[len(key) + 1:] for name in arrays if name.startswith(f"{key}/")]


def _inputs(handover: _arrays.Handover, labels: Any, pred_probs: Any, arguments: Sequence[str],
            options: Mapping[str, Any]) -> List[str]:
    written = list(arguments)
    plain = options.get("layout", "nchw") == "nchw" and not options.get("one_hot")
    if plain and _arrays.is_channels_last(pred_probs):
        # The order in memory is that of a layout that the binary reads: no need to turn it around.
        pred_probs = np.moveaxis(pred_probs, 1, -1)
        written = [a for a in written if not a.startswith("--layout=")] + ["--layout=nhwc"]
    return [*written, "--labels", *handover.paths(labels, "labels"), "--pred-probs",
            *handover.paths(pred_probs, "pred_probs")]


def _arrays_of(handover: _arrays.Handover, written: Sequence[str], byte_count: Optional[int],
               verbose: bool) -> Arrays:
    with handover.file(byte_count) as output:
        try:
            messages = _binary.run(written, output, handover.descriptors, verbose)
        except ValueError as error:
            raise ValueError(handover.explain(str(error))) from None
        for message in messages:
            _warn(handover.explain(message))
        if "--store" not in written:
            return {}
        output.seek(0)
        with np.load(output, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}


def _bytes_written(labels: Any) -> Optional[int]:
    """No less than what a command writes for these labels, where they are at hand."""
    if _arrays.is_list_of_images(labels):
        return sum(int(np.size(image)) for image in labels) * PIXEL_BYTES
    return int(labels.size) * PIXEL_BYTES if isinstance(labels, np.ndarray) else None


def _warn(message: str) -> None:
    """Warns at the line outside this package that called it."""
    package = os.path.dirname(__file__)
    frame: Optional[FrameType] = sys._getframe()
    level = 1
    while frame is not None and frame.f_code.co_filename.startswith(package):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=level)
