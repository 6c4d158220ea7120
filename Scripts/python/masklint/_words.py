"""The binary's messages in the words of a Python program: options as keywords, and what cleanlab's callers look for."""
import functools
import re
from typing import Dict, Optional, Set

from . import _options

# Keywords of functions that are no options of a dataset, by the option that they go with.
OWN_KEYWORDS = {
    "labels": "labels", "pred-probs": "pred_probs", "images": "images", "issues": "issues", "output": "output",
    "threads": "n_jobs", "downsample": "downsample", "method": "method", "temperature": "temperature", "top": "top",
    "joint": "joint", "suggest": "suggest", "partial": "partial", "headers-only": "headers_only"}
OWN_FLAGS = {"joint", "suggest", "partial", "headers-only"}
# What the command is called here.
FUNCTIONS = {"find": "audit", "score": "get_label_quality_scores"}
# A value after an option: a pair, a fraction or a number; or one of a few words, or what stands in quotes.
NUMBER = r"-?\d+(?:=-?\d+|/\d+|\.\d+)?(?![\w%])"
WORD = r"[a-z]+(?:_[a-z]+)+|nchw|nhwc|mean|majority|softmin|both|'[^']*'"
OPTION = re.compile(rf"(?<![\w-])--([a-z][a-z0-9-]*[a-z0-9])(?:=({NUMBER}|{WORD}|[^\s;,]+)|[ ]({NUMBER}|{WORD})(?!\w))?")
COMMAND = re.compile(
    r"masklint (find|score|report|regions|inspect|thresholds|merge)((?: --[a-z][a-z0-9-]*[a-z0-9])?)(?![\w-])")
DOWNSAMPLE = re.compile(r"height (\d+) and width (\d+) are not both divisible by --downsample (\d+)")


@functools.lru_cache(maxsize=None)
def _keywords() -> Dict[str, str]:
    """Every keyword of every function, by the option of the binary that it goes with."""
    found = dict(OWN_KEYWORDS)
    for options in _classes():
        found.update({name.replace("_", "-"): name for name in _options.keywords(options)})
    return found


@functools.lru_cache(maxsize=None)
def _flags() -> Set[str]:
    """Options without a value."""
    return OWN_FLAGS | {name.replace("_", "-") for options in _classes()
                        for name, about in _options.keywords(options).items() if about.values == "bool"}


def _classes() -> "list[type]":
    return [_options.FindOptions, _options.ScoreOptions, _options.ReportOptions, _options.RegionOptions,
            _options.ThresholdOptions]


def spoken(message: str) -> str:
    """The message with options spelled as keywords: ``--ignore-label=11`` is ``ignore_label=11``.

    Options that no function has a keyword for stay as they are.
    """
    message = COMMAND.sub(_function, message)
    found = DOWNSAMPLE.search(message)
    message = OPTION.sub(_keyword, message)
    if found is not None:
        # The words that programs written for cleanlab look for.
        height, width, factor = found.groups()
        message = (f"Height {height} and width {width} not divisible by downsample value of {factor}. "
                   f"Set kwarg downsample to 1 to avoid downsampling. ({message})")
    return message


def _function(found: "re.Match[str]") -> str:
    name, option = f"masklint.{FUNCTIONS.get(found[1], found[1])}", found[2].strip(" -")
    keyword = _keywords().get(option)
    if not option or keyword is None:
        return name + found[2]
    return f"{name}({keyword}={'True' if option in _flags() else '...'})"


def _keyword(found: "re.Match[str]") -> str:
    option, value = found[1], found[2] if found[2] is not None else found[3]
    keyword = _keywords().get(option)
    if keyword is None:
        return found[0]
    if option in _flags():
        return f"{keyword}=True" + found[0][2 + len(option):]
    return keyword if value is None else f"{keyword}={_value(value)}"


def _value(text: str) -> str:
    """The value as Python writes it."""
    pair: Optional["re.Match[str]"] = re.fullmatch(r"(-?\d+)=(-?\d+)", text)
    if pair is not None:
        return f"{{{pair[1]}: {pair[2]}}}"
    if re.fullmatch(r"-?\d+(?:\.\d+)?", text) or text.startswith("'"):
        return text
    return repr(text)
