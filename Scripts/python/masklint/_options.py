"""Keywords that describe a dataset, alike in every function, and how they are written on the command line."""
import os
from typing import TYPE_CHECKING, Any, Iterable, List, Literal, Mapping, Optional, TypedDict, Union

if TYPE_CHECKING:
    from typing_extensions import Unpack as Unpack

FilterRule = Literal[
    "low_self_confidence", "confident_learning", "predicted_neq_given", "low_normalized_margin", "prune_by_class",
    "prune_by_noise_rate", "both"]


class DatasetOptions(TypedDict, total=False):
    """What the arrays hold.

    ignore_label: labels that mark void pixels, one or several; they take no part in anything.
    map_label: replaces label values before everything else, such as {255: 1}.
    layout: "nhwc" for pred_probs (and one-hot labels) with the classes last; "nchw" by default.
    one_hot: labels are one-hot, (N,K,H,W).
    logits: pred_probs are logits; softmax is taken first.
    binary: pred_probs hold one foreground probability a pixel, for classes 0 and 1.
    unnormalized: scores that do not sum to 1: True takes them as they are, False refuses them. By default they are
        taken, as cleanlab does, with a warning.
    labels_key, pred_probs_key: the array to read from an archive, where a path is given.
    memory_limit: bytes, or a text such as "4G", for what would not be kept in memory beyond it.
    """

    ignore_label: Union[int, Iterable[int], None]
    map_label: Mapping[int, int]
    layout: Literal["nchw", "nhwc"]
    one_hot: bool
    logits: bool
    binary: bool
    unnormalized: Optional[bool]
    labels_key: Optional[str]
    pred_probs_key: Optional[str]
    memory_limit: Union[int, str, None]


class FindOptions(DatasetOptions, total=False):
    """DatasetOptions, and how pixels are chosen.

    filter_by: the rule; "low_self_confidence" is cleanlab's for segmentation, and the default.
    downsample_labels: how the labels of a block become one, "mean" by default.
    only_class: keeps only issues whose given or suggested label is this class.
    thresholds: a file of `masklint thresholds` or `merge`, whose thresholds count in place of the data's own.
    regions: also writes a table of mislabelled regions to this path, .json or else CSV, as `masklint regions` does.
    """

    filter_by: FilterRule
    downsample_labels: Literal["mean", "majority"]
    only_class: Optional[int]
    thresholds: "Union[str, os.PathLike[str], None]"
    regions: "Union[str, os.PathLike[str], None]"


class ScoreOptions(DatasetOptions, total=False):
    """DatasetOptions, and how pixels are chosen where that matters to a score or a report, as in FindOptions."""

    filter_by: FilterRule
    downsample_labels: Literal["mean", "majority"]


def arguments(options: Mapping[str, Any], allowed: Any, function: str) -> List[str]:
    """The options as command-line arguments.

    Errors: TypeError for a keyword that `allowed`, one of the classes above, does not have.
    """
    for name in options:
        if name not in allowed.__annotations__:
            raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
    written: List[str] = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-")
        if value is None or value is False:
            continue
        if value is True:
            written.append(option)
        elif name == "map_label":
            written += [f"{option}={source}={target}" for source, target in value.items()]
        else:
            # After an equals sign a value may be negative, as ignored labels are.
            values = value if isinstance(value, Iterable) and not isinstance(value, (str, os.PathLike)) else [value]
            written += [f"{option}={single}" for single in values]
    return written
