"""Volumes as arrays: the same issues as in their slices taken as images."""
from typing import Any

import masklint
import numpy as np
import pytest
from masklint import _pictures

RNG = np.random.default_rng(3)
LABELS = RNG.integers(0, 3, (2, 4, 6, 5)).astype(np.uint8)
# (N,D,K,H,W), as images would be; the given class is the most probable one at most pixels.
SLICES = (0.6 * RNG.dirichlet(np.ones(3), LABELS.shape) + 0.4 * np.eye(3)[LABELS]).transpose(0, 1, 4, 2, 3).astype(np.float32)
VOLUMES = np.ascontiguousarray(SLICES.transpose(0, 2, 1, 3, 4))
MASK = masklint.find_label_issues(LABELS.reshape(8, 6, 5), SLICES.reshape(8, 3, 6, 5)).reshape(LABELS.shape)


@pytest.mark.parametrize("pred_probs", [
    VOLUMES, np.asfortranarray(VOLUMES), np.moveaxis(np.ascontiguousarray(np.moveaxis(VOLUMES, 1, -1)), -1, 1)])
def test_volumes_have_the_masks_of_their_slices(pred_probs: Any) -> None:
    np.testing.assert_array_equal(masklint.find_label_issues(LABELS, pred_probs, volumes=True), MASK)


def test_one_volume_has_a_mask_without_an_axis_over_volumes() -> None:
    found = masklint.find_label_issues(LABELS[0], VOLUMES[0], volumes=True, filter_by="predicted_neq_given")
    np.testing.assert_array_equal(found, VOLUMES[0].argmax(0) != LABELS[0])


def test_volumes_of_unlike_sizes_give_a_list() -> None:
    labels, probs = [LABELS[0], LABELS[1, :2]], [VOLUMES[0], VOLUMES[1, :, :2]]
    found = masklint.find_label_issues(labels, probs, volumes=True, filter_by="predicted_neq_given")
    for mask, given, planes in zip(found, labels, probs):
        np.testing.assert_array_equal(mask, planes.argmax(0) != given)


def test_volumes_without_the_keyword_are_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match="volumes=True"):
        masklint.find_label_issues(LABELS, VOLUMES)


def test_a_picture_of_a_volume_is_that_of_its_worst_slice() -> None:
    issues = np.zeros((3, 4, 5), bool)
    issues[1, 2, 3:] = True
    labels = np.arange(3)[:, None, None] * np.ones((3, 4, 5), int)
    np.testing.assert_array_equal(
        _pictures.worst_image(issues, labels, 3), _pictures.worst_image(issues[1], labels[1], 3))
    assert "<img" in masklint.audit(LABELS, VOLUMES, volumes=True)._repr_html_()
    assert "<img" in masklint.audit(LABELS[0], VOLUMES[0], volumes=True)._repr_html_()


def test_issues_of_volumes_are_counted_by_class() -> None:
    kept = masklint.filter_by_class(1, MASK, LABELS, VOLUMES)
    predicted = VOLUMES.argmax(1)
    np.testing.assert_array_equal(kept, MASK & ((LABELS == 1) | (predicted == 1)))


def test_regions_reach_through_slices() -> None:
    found = masklint.regions(LABELS, VOLUMES, volumes=True, filter_by="predicted_neq_given")
    rows = found if isinstance(found, list) else list(found.itertuples(index=False))
    assert rows[0]._fields[13:17] == ("center_y", "slice", "depth", "center_z")
    predicted = VOLUMES.argmax(1)
    assert sum(row.area for row in rows) == np.count_nonzero(predicted != LABELS)
    for row in rows:
        image, place = row.id.split("@")
        volume, (first, line, column) = int(image), map(int, place.split("x"))
        assert first == row.slice
        assert (LABELS[volume, first, line, column], predicted[volume, first, line, column]) == (row.given, row.suggested)
    of_faces = masklint.regions(LABELS, VOLUMES, volumes=True, filter_by="predicted_neq_given", connectivity=6)
    assert len(of_faces) > len(rows)
