"""One run of the binary on labels and predictions, from arrays to arrays."""
import json
import os
import sys
import warnings
from types import FrameType
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, TypeVar, Union

import numpy as np
from numpy.typing import NDArray

from . import _arrays, _binary
from ._options import list_of_names

Result = TypeVar("Result")
Arrays = Dict[str, NDArray[Any]]
# What the binary says of probabilities that are none, in cleanlab's eyes too: it looks at shapes alone.
SUMS_FAULT = "probabilities sum to"
# The most that a command writes for a pixel: a mask and a suggested label of 2 bytes, or a score of 4 and a mask.
PIXEL_BYTES = 5


def run(command: str, labels: Any, pred_probs: Any, arguments: Sequence[str], *, options: Mapping[str, Any],
        n_jobs: Optional[int] = None, verbose: bool = True) -> Arrays:
    """Runs a command; gives the arrays that it writes.

    `options` are the keywords, of which the `arguments` were made. Warnings are given with warnings.warn, on behalf of
    whoever called the public function.
    """
    return run_with_summary(command, labels, pred_probs, arguments, options=options, n_jobs=n_jobs, verbose=verbose,
                            summarised=False)[0]


def run_with_summary(
        command: str, labels: Any, pred_probs: Any, arguments: Sequence[str], *, options: Mapping[str, Any],
        n_jobs: Optional[int] = None, verbose: bool = True, summarised: bool = True) -> Tuple[Arrays, Dict[str, Any]]:
    """The same; gives the summary as a dict too."""
    with _arrays.Handover() as handover:
        written = [command, *_dataset(handover, labels, pred_probs, arguments, options, n_jobs), "--output", "-",
                   "--store"]
        summary = os.path.join(handover.folder(), "summary.json") if summarised else None
        if summary is not None:
            written.append(f"--json-file={summary}")

        def once(more: Sequence[str]) -> Tuple[Arrays, Dict[str, Any]]:
            with handover.file(_bytes_written(labels)) as output:
                call(handover, [*written, *more], output, verbose)
                output.seek(0)
                with np.load(output, allow_pickle=False) as archive:
                    arrays = {key: archive[key] for key in archive.files}
            return arrays, {} if summary is None else read_json(summary)

        return _taking_any_sums(once, options)


def run_to_text(
        command: str, labels: Any, pred_probs: Any, arguments: Sequence[str], *, options: Mapping[str, Any],
        others: Sequence[Tuple[str, Any]] = (), n_jobs: Optional[int] = None, verbose: bool = True) -> str:
    """Runs a command that writes to paths among its arguments; gives what it prints.

    `others` are further arrays by the option that they go with.
    """
    with _arrays.Handover() as handover:
        written = [command, *_dataset(handover, labels, pred_probs, arguments, options, n_jobs)]
        for option, value in others:
            written += [f"--{option}", *handover.paths(value, option)]
        return _taking_any_sums(lambda more: text_of(handover, [*written, *more], verbose), options)


def text_of(handover: _arrays.Handover, written: Sequence[str], verbose: bool) -> str:
    """Runs the binary; gives what it prints."""
    with handover.file(None) as output:
        call(handover, written, output, verbose)
        output.seek(0)
        return str(output.read(), "utf-8")


def call(handover: _arrays.Handover, written: Sequence[str], output: Any, verbose: bool) -> None:
    """Runs the binary with its standard output in a file; errors and warnings are in the caller's words."""
    try:
        messages = _binary.run(written, output, handover.descriptors, verbose)
    except ValueError as error:
        raise ValueError(handover.explain(str(error))) from None
    for message in messages:
        warn(handover.explain(message))


def images(arrays: Arrays, key: str, labels: Any) -> Union[NDArray[Any], List[NDArray[Any]]]:
    """What was written for each image: (N,H,W), or a list with an array for each image if the labels were given so."""
    if key in arrays:
        return list(arrays[key]) if _arrays.is_list_of_images(labels) else arrays[key]
    return [arrays[f"{key}/{name}"] for name in image_names(arrays, key) or ()]


def image_names(arrays: Arrays, key: str) -> Optional[List[str]]:
    """Names of the images where each has an array of its own, in their order."""
    return None if key in arrays else [name[len(key) + 1:] for name in arrays if name.startswith(f"{key}/")]


def table(rows: Sequence[Any], kind: Any) -> Any:
    """Named tuples of one kind as a pandas.DataFrame where pandas is installed, else as the list that they are."""
    try:
        import pandas
    except ImportError:
        return list(rows)
    return pandas.DataFrame(rows, columns=list(kind._fields))


def read_json(path: str) -> Any:
    """What a JSON file holds."""
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def warn(message: str) -> None:
    """Warns at the line outside this package that called it."""
    package = os.path.dirname(__file__)
    frame: Optional[FrameType] = sys._getframe()
    level = 1
    while frame is not None and frame.f_code.co_filename.startswith(package):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, UserWarning, stacklevel=level)


def _dataset(handover: _arrays.Handover, labels: Any, pred_probs: Any, arguments: Sequence[str],
             options: Mapping[str, Any], n_jobs: Optional[int]) -> List[str]:
    """The arguments with the arrays, the class names and the number of threads."""
    written = list(arguments)
    plain = options.get("layout", "nchw") == "nchw" and not options.get("one_hot")
    if plain and _arrays.is_channels_last(pred_probs, bool(options.get("volumes"))):
        # The order in memory is that of a layout that the binary reads: no need to turn it around.
        pred_probs = np.moveaxis(pred_probs, 1, -1)
        written = [a for a in written if not a.startswith("--layout=")] + ["--layout=nhwc"]
    written += ["--labels", *handover.paths(labels, "labels"),
                "--pred-probs", *handover.paths(pred_probs, "pred_probs")]
    names = options.get("class_names")
    if names is not None:
        written.append(f"--class-names={handover.text(list_of_names(names), 'class_names')}")
    if n_jobs is not None:
        written.append(f"--threads={n_jobs}")
    return written


def _taking_any_sums(once: Callable[[Sequence[str]], Result], options: Mapping[str, Any]) -> Result:
    """Runs once; again where probabilities do not sum to 1 and the caller did not say what is to happen then."""
    try:
        return once(())
    except ValueError as error:
        if SUMS_FAULT not in str(error) or options.get("unnormalized") is not None:
            raise
        warn(f"{error}; taken as they are, as unnormalized=True does without this warning")
        return once(["--unnormalized"])


def _bytes_written(labels: Any) -> Optional[int]:
    """No less than what a command writes for these labels, where they are at hand."""
    if _arrays.is_list_of_images(labels):
        return sum(int(np.size(image)) for image in labels) * PIXEL_BYTES
    return int(labels.size) * PIXEL_BYTES if isinstance(labels, np.ndarray) else None
