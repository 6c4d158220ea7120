"""The binary's messages in a Python program's words."""
import re
import subprocess
from typing import Any, List, Tuple

import numpy as np
import pytest

import masklint
from conftest import Dataset
from masklint import _options, _words
from masklint._binary import find_binary

COMMANDS = ("find", "score", "report", "regions", "inspect", "thresholds", "merge")
# Options that belong to a command alone: they choose files, forms and gates of a job, not what the arrays mean.
COMMAND_ALONE = {
    "baseline", "config", "csv", "dry-run", "exclude", "fail-if-worse-by", "fail-on-new-worst", "fail-over",
    "fail-over-class", "help", "images-key", "issues-below", "json", "json-file", "junit", "markdown", "pixel-scores",
    "quiet", "records", "store", "version"}


def options_of_the_binary() -> List[Tuple[str, str]]:
    """Every option with what follows it in the help, in every command."""
    found = set()
    for command in COMMANDS:
        text = subprocess.run([find_binary(), command, "--help"], capture_output=True, text=True, check=True).stdout
        found |= set(re.findall(r"(?m)^  (?:-\w, )?--([a-z0-9-]+)((?: <[^>]+>)?)", text))
    return sorted(found)


OPTIONS = options_of_the_binary()


def test_the_help_is_read() -> None:
    assert ("ignore-label", " <value>") in OPTIONS and ("logits", "") in OPTIONS and len(OPTIONS) > 50


@pytest.mark.parametrize("option, value", OPTIONS)
def test_every_option_is_a_keyword_or_belongs_to_a_command_alone(option: str, value: str) -> None:
    said = _words.spoken(f"file: fault; pass --{option}, or leave --{option} out")
    if option in COMMAND_ALONE:
        assert said.count(f"--{option}") == 2
    else:
        keyword = "n_jobs" if option == "threads" else option.replace("-", "_")
        keyword += "" if value else "=True"
        assert said == f"file: fault; pass {keyword}, or leave {keyword} out", "a new option is a line of _options.py"


@pytest.mark.parametrize("text, said", [
    ("pass --ignore-label=11", "pass ignore_label=11"),
    ("pass --ignore-label=-1.", "pass ignore_label=-1."),
    ("pass --ignore-label=255 if 255 marks void", "pass ignore_label=255 if 255 marks void"),
    ("255, --map-label 255=1", "255, map_label={255: 1}"),
    ("pass --map-label=3=-1", "pass map_label={3: -1}"),
    ("pass --layout nhwc", "pass layout='nhwc'"),
    ("the data need --filter-by low_self_confidence now", "the data need filter_by='low_self_confidence' now"),
    ("choose another --filter-by and leave --joint out", "choose another filter_by and leave joint=True out"),
    ("--binary --logits", "binary=True logits=True"),
    ("give all parts a --shard of one count", "give all parts a shard of one count"),
    ("name the shard, --shard 3/8", "name the shard, shard='3/8'"),
    ("--threads is from 1 to 1024.", "n_jobs is from 1 to 1024."),
    ("--min-score 0.5 is", "min_score=0.5 is"),
    ("--classes 'bus' is no class of 4", "classes='bus' is no class of 4"),
    ("a file that masklint thresholds --keep-records wrote", "a file that masklint.thresholds(keep_records=...) wrote"),
    ("masklint thresholds or merge wrote", "masklint.thresholds or merge wrote"),
    ("masklint find --joint", "masklint.audit(joint=True)"),
    ("--only-classes", "--only-classes"),
    ("a file called x--logits", "a file called x--logits"),
    ("no option at all", "no option at all"),
])
def test_options_are_spelled_as_keywords(text: str, said: str) -> None:
    assert _words.spoken(text) == said


def test_the_words_that_cleanlabs_callers_look_for_are_there(dataset: Dataset) -> None:
    with pytest.raises(ValueError) as error:
        masklint.find_label_issues(*dataset, downsample=3)
    assert str(error.value).startswith(
        "Height 8 and width 12 not divisible by downsample value of 3. Set kwarg downsample to 1 to avoid "
        "downsampling. (labels: height 8 and width 12 ")


@pytest.mark.parametrize("labels, probs, keyword", [
    (np.full((1, 3, 4), 255), np.full((1, 2, 3, 4), 0.5), {"ignore_label": 255}),
    (np.zeros((1, 3, 4), int), np.full((1, 2, 3, 4), -1.0), {"logits": True}),
    (np.zeros((1, 3, 4), int), np.full((1, 3, 4, 2), 0.5), {"layout": "nhwc"}),
    (np.zeros((2, 3, 4), int), np.full((2, 3, 4), 0.5), {"binary": True}),
    (np.ones((1, 2, 3, 4), int) * [[[[1]], [[0]]]], np.full((1, 2, 3, 4), 0.5), {"one_hot": True}),
], ids=str)
@pytest.mark.filterwarnings("ignore")
def test_advice_that_is_followed_leads_on(labels: Any, probs: Any, keyword: Any) -> None:
    (name, value), = keyword.items()
    with pytest.raises(ValueError, match=re.escape(f"{name}={value!r}")):
        masklint.find_label_issues(labels, probs)
    assert masklint.find_label_issues(labels, probs, **keyword).shape[1:] == (3, 4)


@pytest.mark.parametrize("options", [
    _options.FindOptions, _options.ScoreOptions, _options.ReportOptions, _options.RegionOptions,
    _options.ThresholdOptions])
def test_every_keyword_is_an_option_of_the_binary(options: type) -> None:
    known = {option for option, _ in OPTIONS}
    assert [name for name in _options.keywords(options) if name.replace("_", "-") not in known] == []
