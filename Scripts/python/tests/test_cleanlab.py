"""Beside cleanlab itself, where it is installed, on data without ties."""
import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import masklint
from conftest import draw

reference = pytest.importorskip("cleanlab.segmentation", reason="cleanlab is not installed")


@pytest.mark.parametrize("seed", range(4))
def test_masks_are_equal(seed: int) -> None:
    labels, probs = draw(seed, 4, 5, 12, 16)
    expected = reference.filter.find_label_issues(labels, probs, n_jobs=1, verbose=False)
    np.testing.assert_array_equal(masklint.find_label_issues(labels, probs, verbose=False), expected)


@pytest.mark.parametrize("method", ["softmin", "num_pixel_issues"])
def test_scores_are_equal(method: str) -> None:
    labels, probs = draw(7, 4, 5, 12, 16)
    images, pixels = masklint.get_label_quality_scores(labels, probs, method=method, verbose=False)
    expected = reference.rank.get_label_quality_scores(labels, probs, method=method, n_jobs=1, verbose=False)
    np.testing.assert_allclose(images, expected[0], rtol=1e-12)
    np.testing.assert_allclose(pixels, expected[1], rtol=6e-8)
    assert (images.dtype, pixels.dtype) == (expected[0].dtype, expected[1].dtype)


@pytest.mark.parametrize("threshold", [0, 0.1, 0.6, 1])
def test_issues_from_scores_are_equal(threshold: float) -> None:
    rng = np.random.default_rng(5)
    images, pixels = rng.random(9), rng.random((9, 4, 5))
    for scores in (None, pixels):
        np.testing.assert_array_equal(
            masklint.issues_from_scores(images, scores, threshold),
            reference.rank.issues_from_scores(images, scores, threshold))


@pytest.mark.parametrize("options", [{}, {"exclude": [1]}, {"top": 3}, {"class_names": list("abcde")}])
def test_swaps_are_equal(options: Any) -> None:
    labels, probs = draw(8, 4, 5, 12, 16)
    issues = probs.argmax(1) != labels
    expected = reference.summary.common_label_issues(issues, labels, probs, verbose=False, **options)
    found = masklint.common_label_issues(issues, labels, probs, verbose=False, **options)
    assert found.values.tolist() == expected.values.tolist()
    assert list(found.columns) == list(expected.columns)


def test_issues_of_a_class_are_equal() -> None:
    labels, probs = draw(9, 4, 5, 12, 16)
    issues = probs.argmax(1) != labels
    np.testing.assert_array_equal(
        masklint.filter_by_class(3, issues, labels, probs), reference.summary.filter_by_class(3, issues, labels, probs))


def test_scores_that_are_no_probabilities_are_taken_alike() -> None:
    labels, probs = draw(10, 4, 5, 12, 16)
    probs = probs * np.random.default_rng(1).uniform(0.2, 3, (4, 1, 12, 16))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mask = masklint.find_label_issues(labels, probs, verbose=False)
    np.testing.assert_array_equal(mask, reference.filter.find_label_issues(labels, probs, n_jobs=1, verbose=False))


@pytest.mark.skipif("MASKLINT_CLEANLAB_TESTS" not in os.environ, reason=(
    "cleanlab's source distribution does not hold its tests: set MASKLINT_CLEANLAB_TESTS to the path of "
    "tests/test_segmentation.py of its repository at v2.9.0"))
def test_cleanlabs_own_tests_pass_with_these_functions_in_place() -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    here = Path(__file__).parent
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "cleanlab_in_place", "-c", os.devnull, "--color=no",
         os.environ["MASKLINT_CLEANLAB_TESTS"]],
        env={**os.environ, "PYTHONPATH": f"{here}{os.pathsep}{here.parent}", "MPLBACKEND": "Agg"},
        capture_output=True, text=True)
    assert run.returncode == 0, run.stdout
    assert " passed" in run.stdout and "skipped" not in run.stdout
