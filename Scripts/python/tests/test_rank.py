"""get_label_quality_scores with the binary, issues_from_scores without."""
from typing import Any

import numpy as np
import pytest

from conftest import Dataset, draw
from masklint import rank
from oracle import low_self_confidence, self_confidence, softmin


def score(labels: Any, probs: Any, **options: Any) -> Any:
    return rank.get_label_quality_scores(labels, probs, verbose=False, **options)


@pytest.mark.parametrize("temperature", [0.05, 0.1, 2.0])
def test_softmin_scores_are_those_of_the_formula(dataset: Dataset, temperature: float) -> None:
    images, _ = score(*dataset, temperature=temperature)
    assert images.dtype == np.float64
    expected = [softmin(image, temperature) for image in self_confidence(*dataset)]
    np.testing.assert_allclose(images, expected, rtol=1e-12)


@pytest.mark.parametrize("dtype, tolerance", [(np.float16, 0), (np.float32, 0), (np.float64, 6e-8)])
def test_pixel_scores_are_probabilities_of_the_label(dataset: Dataset, dtype: Any, tolerance: float) -> None:
    labels, probs = dataset[0], dataset[1].astype(dtype)
    _, pixels = score(labels, probs)
    assert pixels.dtype == np.float64
    np.testing.assert_allclose(pixels, self_confidence(labels, probs).astype(np.float64), rtol=tolerance)


@pytest.mark.parametrize("rule", ["low_self_confidence", "predicted_neq_given"])
def test_num_pixel_issues_is_the_share_that_is_not_flagged(dataset: Dataset, rule: Any) -> None:
    labels, probs = dataset
    mask = low_self_confidence(labels, probs) if rule == "low_self_confidence" else probs.argmax(1) != labels
    images, pixels = score(labels, probs, method="num_pixel_issues", filter_by=rule)
    np.testing.assert_allclose(images, 1 - mask.mean((1, 2)), rtol=1e-12)
    assert pixels.shape == labels.shape


def test_ignored_pixels_have_no_score(dataset: Dataset) -> None:
    labels, probs = dataset[0].copy(), dataset[1]
    labels[0, :2] = 255
    labels[2] = 255
    images, pixels = score(labels, probs, ignore_label=255)
    np.testing.assert_array_equal(np.isnan(pixels), labels == 255)
    np.testing.assert_array_equal(np.isnan(images), [False, False, True])


def test_images_of_unlike_sizes_give_a_list_of_pixel_scores() -> None:
    (a, p), (b, q) = draw(1, 1), draw(2, 1, 4, 5, 6)
    images, pixels = score([a[0], b[0]], [p[0], q[0]])
    assert images.shape == (2,)
    assert [scores.shape for scores in pixels] == [(8, 12), (5, 6)]
    assert [scores.dtype for scores in pixels] == [np.float64] * 2


def test_downsampling_has_no_effect_on_softmin_and_says_so(dataset: Dataset) -> None:
    with pytest.warns(UserWarning, match="num_pixel_issues"):
        images, _ = score(*dataset, downsample=2)
    np.testing.assert_array_equal(images, score(*dataset)[0])


@pytest.mark.parametrize("options, text", [
    ({"method": "worst"}, "Currently only supports 'softmin' and 'num_pixel_issues', got 'worst'"),
    ({"batch_size": -1}, "got -1"), ({"temperature": 0}, "temperature"),
    ({"method": "num_pixel_issues", "downsample": 3},
     "Height 8 and width 12 .*the nearest that divides both is downsample=2")])
def test_faults_are_value_errors(dataset: Dataset, options: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        score(*dataset, **options)


@pytest.mark.parametrize("threshold", [0, 0.1, 0.5, 1])
def test_issues_are_the_pixels_below_the_threshold(threshold: float) -> None:
    pixels = np.random.default_rng(3).random((2, 5, 6))
    pixels[0, 0, 0] = np.nan
    np.testing.assert_array_equal(rank.issues_from_scores(np.ones(2), pixels, threshold), pixels < threshold)


def test_issues_of_a_list_are_a_list() -> None:
    masks = rank.issues_from_scores(np.ones(2), [np.array([[0.05, 0.2]]), np.array([[0.0]])])
    assert [mask.tolist() for mask in masks] == [[[True, False]], [[True]]]


@pytest.mark.parametrize("scores, threshold, expected", [
    ([0.3, 0.1, 0.9, 0.2], 0.25, [1, 3, 0]),         # those below, and the next
    ([0.3, 0.1], 1, [1, 0]),
    ([0.3, np.nan, 0.1], 1, [2, 0]),                 # an image without a score is none of the worst
    ([0.3, 0.1], 0, [1]),
])
def test_without_pixel_scores_the_worst_images_come_first(scores: Any, threshold: float, expected: Any) -> None:
    assert rank.issues_from_scores(np.array(scores), threshold=threshold).tolist() == expected


@pytest.mark.parametrize("scores, threshold", [(None, 0.1), ([0.5], 1.1), ([0.5], -0.1), ([0.5], float("nan"))])
def test_scores_and_thresholds_that_are_none_are_refused(scores: Any, threshold: float) -> None:
    with pytest.raises(ValueError):
        rank.issues_from_scores(scores, threshold=threshold)
