"""The keywords of the public functions: a line here adds one to signatures, documentation and the command line."""
import functools
import inspect
import json
import os
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import (
    TYPE_CHECKING, Annotated, Any, Callable, Dict, List, Literal, NamedTuple, Optional, TypedDict, TypeVar, Union,
    get_type_hints)

if TYPE_CHECKING:
    from typing_extensions import Unpack as Unpack

PathName = Union[str, os.PathLike[str]]
ClassNames = Union[Sequence[str], Mapping[int, str], PathName]
FilterRule = Literal[
    "low_self_confidence", "confident_learning", "predicted_neq_given", "low_normalized_margin", "prune_by_class",
    "prune_by_noise_rate", "both", "calibrated"]
Function = TypeVar("Function", bound=Callable[..., Any])


class About(NamedTuple):
    """What documentation says of a keyword: its values in words, its default, its meaning."""

    values: str
    default: Any
    text: str


class DatasetOptions(TypedDict, total=False):
    """What the arrays hold, in every function that takes labels and pred_probs."""

    ignore_label: Annotated[Union[int, Iterable[int], None], About(
        "int or iterable of int", None, "Labels that mark void pixels. They take no part in anything.")]
    map_label: Annotated[Optional[Mapping[int, Union[int, Literal["ignore"]]]], About(
        "dict of int to int", None, "Replaces label values, such as ``{255: 1}``, or leaves them out, as in "
        "``{7: 'ignore'}``.")]
    map_labels: Annotated[Optional[PathName], About(
        "path", None, "A table of such replacements: a CSV of lines from,to, or a JSON object.")]
    label_divisor: Annotated[Optional[int], About(
        "int", None, "For panoptic ids, such as 1000: the class is the label divided by it, rounded down.")]
    reduce_zero_label: Annotated[bool, About(
        "bool", False, "Label 0 is ignored, and the others stand for the class one below.")]
    ignore_unpredicted: Annotated[bool, About(
        "bool", False, "Pixels whose probabilities are all 0 have no prediction. They are left out.")]
    layout: Annotated[Literal["nchw", "nhwc"], About(
        "{'nchw', 'nhwc'}", "nchw", "Axis order of pred_probs, and of one-hot labels.")]
    one_hot: Annotated[bool, About("bool", False, "Labels are one-hot, (N,K,H,W).")]
    logits: Annotated[bool, About("bool", False, "pred_probs are logits; softmax is taken first.")]
    binary: Annotated[bool, About(
        "bool", False, "pred_probs hold one foreground probability for each pixel, for classes 0 and 1.")]
    channel: Annotated[Optional[int], About(
        "int", None, "With binary, the class that is judged against all others: that plane of pred_probs, that class of "
        "the labels.")]
    bfloat16: Annotated[bool, About(
        "bool", False, "pred_probs hold bfloat16 as two bytes without a type, or viewed as uint16 or int16.")]
    unnormalized: Annotated[Optional[bool], About(
        "bool", None, "What happens to scores that do not sum to 1: True takes them as they are, False raises "
        "ValueError. By default they are taken with a warning, as cleanlab takes them without one.")]
    upsample: Annotated[bool, About(
        "bool", False, "pred_probs may be smaller than labels. They are enlarged bilinearly, image by image, logits before "
        "the softmax.")]
    align_corners: Annotated[bool, About(
        "bool", False, "With upsample: as PyTorch's ``interpolate(align_corners=True)``.")]
    volumes: Annotated[bool, About(
        "bool", False, "Images are volumes: labels (N,D,H,W) or (D,H,W), pred_probs (N,K,D,H,W) or (K,D,H,W).")]
    labels_key: Annotated[Optional[str], About("str", None, "The array to read where labels is an archive's path.")]
    pred_probs_key: Annotated[Optional[str], About(
        "str", None, "The array to read where pred_probs is an archive's path.")]
    class_names: Annotated[Optional[ClassNames], About(
        "list of str, dict of int to str, or path", None,
        "Names of the classes, class 0 first. A file has one name on each line, or is JSON: a list, an object, or a "
        "model's config.json with id2label.")]
    memory_limit: Annotated[Union[int, str, None], About(
        "int or str", None,
        'Bytes, or a text such as ``"4G"``, for records of contested pixels; more go to a temporary file.')]
    no_sync: Annotated[bool, About(
        "bool", False, "Does not wait until files that are written are on the disk. After a loss of power they may be "
        "empty.")]


class RuleOptions(DatasetOptions, total=False):
    """DatasetOptions, and how pixels are chosen."""

    filter_by: Annotated[FilterRule, About(
        "str", "low_self_confidence",
        "The rule: ``'low_self_confidence'`` (cleanlab's for segmentation), ``'confident_learning'``, "
        "``'predicted_neq_given'``, ``'low_normalized_margin'``, ``'prune_by_class'``, ``'prune_by_noise_rate'``, "
        "``'both'`` or ``'calibrated'``, which looks for errors rather than disagreements, region by region.")]
    min_evidence: Annotated[Optional[float], About(
        "float", None, "With filter_by='calibrated': the evidence from which on a region is flagged, 3.5 by default.")]
    downsample_labels: Annotated[Literal["mean", "majority"], About(
        "{'mean', 'majority'}", "mean", "With downsample: how the labels of a block become one.")]


class JudgeOptions(RuleOptions, total=False):
    """RuleOptions, and thresholds that were found before."""

    thresholds: Annotated[Optional[PathName], About(
        "path or Thresholds", None, "Thresholds to judge by in place of the data's own: what `thresholds` returned, or "
        "the path of a file that it or `merge` wrote.")]
    shard: Annotated[Union[int, str, None], About(
        "int or str", None, "With thresholds: which of its shards the data are, from 1. Found out where it is not "
        "given.")]


class ShardedOptions(RuleOptions, total=False):
    """RuleOptions, and what is kept of the issues."""

    only_class: Annotated[Union[int, str, None], About(
        "int or str", None, "Keeps only issues whose given or suggested label is this class, a number or one of "
        "class_names.")]


class FindOptions(JudgeOptions, ShardedOptions, total=False):
    """JudgeOptions and ShardedOptions, and a table."""

    regions: Annotated[Optional[PathName], About(
        "path", None, "Also writes the table that `regions` returns, to a .json or else a CSV file.")]


class ScoreOptions(JudgeOptions, total=False):
    """JudgeOptions; a rule matters to scores by method="num_pixel_issues" alone."""


class ReportOptions(JudgeOptions, total=False):
    """JudgeOptions, and what the page shows."""

    regions: Annotated[int, About("int", 24, "Number of mislabelled regions that get a picture.")]
    png_dir: Annotated[Optional[PathName], About(
        "path", None, "Also writes the pictures as PNG files of full size to this folder.")]


class RegionOptions(RuleOptions, total=False):
    """RuleOptions, which regions are listed, and what else is written of them."""

    connectivity: Annotated[Optional[Literal[4, 8, 6, 26]], About(
        "{8, 4, 26, 6}", None, "Neighbours of a pixel that belong to its region: 4, or 8 with those at its corners. Of volumes "
        "6 or 26. By default 8, and 26 of volumes.")]
    group: Annotated[Literal["swap", "given"], About(
        "{'swap', 'given'}", "swap", "Pixels of a region: those of one given and one suggested class, or of one given "
        "class whatever they suggest.")]
    boundary: Annotated[int, About(
        "int", 2, "How far a boundary may move for boundary_share, in pixels.")]
    skip_boundary: Annotated[Optional[int], About(
        "int", None, "Leaves out regions that moving a boundary by so many pixels would mend; sets boundary.")]
    min_area: Annotated[int, About("int", 1, "Leaves out regions of fewer pixels.")]
    min_score: Annotated[float, About("float", 0.0, "Leaves out regions of a lower score.")]
    classes: Annotated[Union[int, str, Iterable[Union[int, str]], None], About(
        "int, str or iterable of them", None, "Leaves only regions whose given or suggested class is one of these, "
        "numbers or class_names.")]
    top: Annotated[Optional[int], About("int", None, "Leaves only so many regions, those of highest score.")]
    accept: Annotated[Optional[PathName], About(
        "path", None, "A table of regions, CSV or JSON, with accept or reject in its column decision: exports and "
        "corrected labels hold what is accepted.")]
    known: Annotated[Union[PathName, Iterable[PathName], None], About(
        "path or iterable of paths", None, "Tables of rejected regions; what lies in them with at least half of its "
        "pixels is left out.")]
    known_out: Annotated[Optional[PathName], About(
        "path", None, "With accept: writes the rejected regions, and those of known, for the next run.")]
    corrected: Annotated[Optional[PathName], About(
        "path", None, "Also writes labels with regions replaced by their suggested classes (.npz).")]
    coco: Annotated[Optional[PathName], About("path", None, "Also writes a COCO file of masks.")]
    polygons: Annotated[bool, About(
        "bool", False, "With coco: regions without holes are polygons along pixel edges instead of masks.")]
    label_studio: Annotated[Optional[PathName], About("path", None, "Also writes Label Studio tasks.")]
    file_names: Annotated[Optional[PathName], About(
        "path", None, "With coco or label_studio: a file with the images' file names, one on each line.")]


class ThresholdOptions(RuleOptions, total=False):
    """RuleOptions, and which part of a dataset this is."""

    shard: Annotated[Optional[str], About(
        "str", None, 'Which of how many shards the data are, from 1, such as ``"3/8"``: `merge` then orders them and '
        "says which are missing.")]
    thresholds: Annotated[Optional[PathName], About(
        "path or Thresholds", None, "Makes the second round of merged thresholds.")]
    keep_records: Annotated[Optional[PathName], About(
        "path", None, "Also keeps what later steps need of the data, about 2 bytes for each pixel.")]


# Keywords that name a class by number or name.
CLASS_KEYWORDS = ("only_class", "classes")
# Keywords that _run hands over in a file of its own.
HANDED_OVER = ("class_names",)


@functools.lru_cache(maxsize=None)
def keywords(options: type) -> Dict[str, About]:
    """The keywords of one of the classes above."""
    return {name: hint.__metadata__[0] for name, hint in get_type_hints(options, include_extras=True).items()}


def arguments(options: Mapping[str, Any], allowed: type, function: str) -> List[str]:
    """The options as command-line arguments.

    Errors: TypeError for a keyword that `allowed`, one of the classes above, does not have; ValueError for a class
        that has no such name.
    """
    for name in options:
        if name not in keywords(allowed):
            raise TypeError(f"{function}() got an unexpected keyword argument '{name}'")
    written: List[str] = []
    for name, value in options.items():
        if value is None or value is False or name in HANDED_OVER:
            continue
        option = "--" + name.replace("_", "-")
        if value is True:
            written.append(option)
        elif name == "map_label":
            written += [f"{option}={source}={target}" for source, target in value.items()]
        else:
            values = value if isinstance(value, Iterable) and not isinstance(value, (str, os.PathLike)) else [value]
            if name in CLASS_KEYWORDS:
                values = [class_number(single, name, options.get("class_names")) for single in values]
            # After an equals sign a value may be negative, as ignored labels are.
            written += [f"{option}={os.fspath(single) if isinstance(single, os.PathLike) else single}"
                        for single in values]
    return written


def list_of_names(names: ClassNames) -> List[str]:
    """Names in the order of their classes; a class without a name has its number as one.

    Errors: OSError for a file that is not there.
    """
    known: Any = names
    if isinstance(names, (str, os.PathLike)):
        with open(names, encoding="utf-8") as file:
            text = file.read()
        known = json.loads(text) if text[:1] in ("{", "[") else text.splitlines()
    if isinstance(known, Mapping):
        # A model's whole config.json has them so.
        numbered = {int(number): name for number, name in known.get("id2label", known).items()}
        known = [numbered.get(number, number) for number in range(max(numbered, default=-1) + 1)]
    return [str(name) for name in known]


def class_number(value: Union[int, str], keyword: str, names: Optional[ClassNames]) -> Union[int, str]:
    """The number of a class that is named.

    Errors: ValueError for a name without class_names, or that is none of them.
    """
    if not isinstance(value, str) or value.isdecimal():
        return value
    if names is None:
        raise ValueError(f"{keyword}={value!r} names a class; pass class_names, or the class's number")
    known = list_of_names(names)
    if value not in known:
        near = get_close_matches(value, known, 1)
        raise ValueError(f"{keyword}={value!r} is none of class_names"
                         + (f"; did you mean {near[0]!r}?" if near else f", which are {', '.join(known)}"))
    return known.index(value)


def class_numbers(values: Any, keyword: str, names: Optional[ClassNames]) -> List[int]:
    """The numbers of one class or several, numbers or names. Errors: as class_number."""
    several = isinstance(values, Iterable) and not isinstance(values, str)
    return [int(class_number(value, keyword, names)) for value in (values if several else [values])]


def documented(options: type) -> Callable[[Function], Function]:
    """Writes the keywords of `options` into a function's signature and docstring, in place of its ``**options``."""

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)
        written = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
        written += [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=about.default)
                    for name, about in keywords(options).items() if name not in signature.parameters]
        function.__signature__ = signature.replace(parameters=written)  # type: ignore[attr-defined]
        text = inspect.cleandoc(function.__doc__ or "")
        function.__doc__ = re.sub(
            r"(?m)^\*\*options\n(?:    .*\n)+", lambda found: _parameters(options, signature.parameters), text)
        return function

    return decorate


def _parameters(options: type, others: Iterable[str]) -> str:
    """The keywords as a docstring's section of parameters lists them."""
    lines = []
    for name, about in keywords(options).items():
        if name not in set(others):
            default = "optional" if about.default is None else f"default {about.default!r}"
            lines += [f"{name} : {about.values}, {default}",
                      *textwrap.wrap(about.text, 100, initial_indent="    ", subsequent_indent="    ")]
    return "\n".join(lines) + "\n"
