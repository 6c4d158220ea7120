"""Scripts/quality: the planter, the counts and the measures of `make quality`. Values are worked out by hand."""
import importlib
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import draw
from masklint._binary import find_binary

SCRIPTS = Path(__file__).parents[2]
VOID = 255


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports one module of Scripts/quality."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return lambda name: importlib.import_module(f"quality.{name}")


def squares() -> Any:
    """Twelve images 40 x 50 of class 0 with a 10 x 10 square of class 1 and one of class 2, and a void row."""
    labels = np.zeros((12, 40, 50), np.uint8)
    for i, plane in enumerate(labels):
        plane[5:15, 5 + i:15 + i] = 1
        plane[25:35, 25 - i:35 - i] = 2
        plane[10] = VOID
    return labels


@pytest.mark.parametrize("kind", ["swap", "boundary", "drop", "invent", "cut", "merge", "all"])
def test_planted_pixels_are_those_that_changed_once_and_never_void(part: Any, kind: str) -> None:
    planter = part("planter")
    labels = squares()
    kinds = planter.KINDS if kind == "all" else (kind,)
    rate = 0.06 if kind == "all" else 0.018
    planted = planter.Planter(labels, VOID, 1).plant(kinds, rate)
    np.testing.assert_array_equal(planted.kind > 0, planted.labels != labels)
    np.testing.assert_array_equal(planted.event > 0, planted.labels != labels)
    assert not planted.kind[labels == VOID].any()
    assert (planted.labels[labels == VOID] == VOID).all()
    share = (planted.kind > 0).sum() / (labels != VOID).sum()
    assert 0.8 * rate < share <= 1.1 * rate
    for number, event in enumerate(planted.events, 1):
        where = planted.event == number
        assert where.sum() == event.pixels == where[event.image].sum()
        assert (planted.kind[where] == 1 + planter.KINDS.index(event.kind)).all()
    assert {event.kind for event in planted.events} == set(kinds)


def test_one_image_in_six_stays_without_errors(part: Any) -> None:
    planter = part("planter")
    planted = planter.Planter(squares(), VOID, 1).plant(planter.KINDS, 0.06)
    assert (~planted.kind.any((1, 2))).sum() >= 2


def test_the_same_seed_plants_the_same_errors_and_another_seed_others(part: Any) -> None:
    planter = part("planter")
    a, b, c = (planter.Planter(squares(), VOID, seed).plant(planter.KINDS, 0.03).labels for seed in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


def test_a_swap_gives_a_whole_object_one_other_class(part: Any) -> None:
    labels = squares()
    labels[labels == VOID] = 0
    mask, values = part("planter").Planter(labels, VOID, 1).swap(3)
    before, after = np.unique(labels[3][mask]), np.unique(values[mask])
    assert before.size == after.size == 1 and before != after
    assert mask.sum() == (labels[3] == before).sum()


def test_a_dropped_object_gets_the_class_around_it(part: Any) -> None:
    mask, values = part("planter").Planter(squares(), VOID, 1).drop(3)
    assert mask.any() and (squares()[3][mask] > 0).all() and (values[mask] == 0).all()


def test_a_moved_boundary_stays_within_four_pixels(part: Any) -> None:
    labels = squares()
    planter = part("planter").Planter(labels, VOID, 1)
    for _ in range(20):
        mask, _ = planter.boundary(3)
        assert mask.any()
        for row, column in np.argwhere(mask):
            near = labels[3, max(row - 4, 0):row + 5, max(column - 4, 0):column + 5]
            assert np.unique(near).size > 1


def test_a_cut_takes_a_part_of_an_object_on_one_side(part: Any) -> None:
    labels = squares()
    labels[labels == VOID] = 0
    planter = part("planter").Planter(labels, VOID, 1)
    for _ in range(20):
        mask, values = planter.cut(3)
        assert 20 <= mask.sum() <= 65 and np.unique(labels[3][mask]).size == 1 and (values[mask] == 0).all()


def test_a_merge_takes_all_of_a_class_in_an_image(part: Any) -> None:
    labels = squares()
    mask, values = part("planter").Planter(labels, VOID, 1).merge(3)
    given = np.unique(labels[3][mask])
    assert given.size == 1 and np.array_equal(mask, labels[3] == given) and (values[mask] != given).all()


@pytest.mark.parametrize("text, counts", [("5232", [5, 2, 3, 4]), ("523O", [5, 2, 3, 1]), ("d0", [20]), ("123O2", [1, 2, 3, 1, 5])])
def test_run_lengths_are_read_as_coco_writes_them(part: Any, text: str, counts: Any) -> None:
    assert part("finders").run_lengths(text) == counts


def test_the_pixels_of_a_region_are_counted_from_its_runs(part: Any, tmp_path: Path) -> None:
    # By column of 3 x 4 pixels: the first region holds pixels 1, 2 and 6 of image 1, the second the last two of image 0.
    (tmp_path / "r.csv").write_text("image,mask\n1,3x4:123O2\n0,3x4::2\n")
    finders = part("finders")
    regions = finders.read_regions(tmp_path / "r.csv", 2)
    planes = np.zeros((2, 3, 4), bool)
    assert finders.pixels_in(~planes, *regions).tolist() == [3, 2]
    planes[1, 2, 0] = planes[1, 0, 2] = planes[0, 2, 3] = planes[0, 0, 0] = True    # 2 and 6 of image 1; 11 and 0 of image 0
    assert finders.pixels_in(planes, *regions).tolist() == [2, 1]


def found(part: Any) -> Any:
    array = np.array
    return part("measures").Found(flagged=array([5, 5]), hit=array([3, 2]), planted=array([4, 6]), image=array([0, 1, 0, 1]),
                                  area=array([4, 3, 1, 2]), wrong=array([2, 1, 1, 1]))


def test_measures(part: Any) -> None:
    m = part("measures").measures(found(part))
    assert m["precision"] == 5 / 10 and m["recall"] == 5 / 10 and m["iou"] == 5 / 15
    assert m["first20"] == m["first100"] == 3 / 4       # 2 of 4, 1 of 1 and 1 of 2 pixels are half or more, 1 of 3 is not
    assert m["share100"] == 5 / 10
    assert m["average_precision"] == pytest.approx((2 * 2 / 4 + 1 * 3 / 7 + 1 * 4 / 8 + 1 * 5 / 10) / 10)


def test_measures_of_a_sample_count_an_image_as_often_as_it_was_drawn(part: Any) -> None:
    m = part("measures").measures(found(part), np.array([2, 0]))
    assert m["precision"] == 6 / 10 and m["recall"] == 6 / 8 and m["first20"] == 1
    assert m["average_precision"] == pytest.approx((2 * 2 / 4 + 2 * 4 / 8 + 1 * 5 / 9 + 1 * 6 / 10) / 8)


def test_samples_of_equal_images_all_agree(part: Any) -> None:
    measures = part("measures")
    same = np.array([4, 4, 4])
    f = measures.Found(same, same // 2, same * 2, np.array([0, 1, 2]), same, same // 2)
    draws = measures.resampled(f)
    assert measures.interval(draws["iou"]) == pytest.approx((2 / 10, 2 / 10))
    assert len(draws["precision"]) == measures.DRAWS


def test_a_set_without_planted_pixels_has_no_recall(part: Any) -> None:
    none = np.zeros(2, int)
    m = part("measures").measures(part("measures").Found(none + 3, none, none, none[:0], none[:0], none[:0]))
    assert m["precision"] == 0 and np.isnan(m["recall"]) and np.isnan(m["average_precision"]) and np.isnan(m["first20"])


def test_cleanlab_and_the_default_rule_flag_the_same_pixels_and_void_is_left_out(part: Any, tmp_path: Path) -> None:
    finders = part("finders")
    labels, probabilities = draw(5, n=3, h=20, w=24)
    truth, labels[:, 3] = labels.copy(), VOID
    probabilities = probabilities.astype(np.float32)
    kind = (truth != probabilities.argmax(1)).astype(np.uint8)
    data = finders.Set(labels, probabilities, VOID, kind, np.zeros(labels.shape, bool))
    paths = str(tmp_path / "labels.npy"), str(tmp_path / "probs.npy")
    np.save(paths[0], labels)
    np.save(paths[1], probabilities)
    ours = finders.masklint(os.fspath(find_binary()), "low_self_confidence", data, paths, tmp_path)
    theirs = finders.cleanlab(data)
    np.testing.assert_array_equal(ours[0], theirs[0])
    assert ours[0].any() and not ours[0][:, 3].any()
    everywhere = np.ones(labels.shape, bool)
    assert sorted(ours[2](everywhere)) == sorted(theirs[2](everywhere))
    counts = finders.found(data, *ours)
    assert counts.flagged.sum() == counts.area.sum() == ours[0].sum()
    assert counts.hit.sum() == counts.wrong.sum() == ours[0].sum()      # every flagged pixel is contested, so of kind 1
    data.left_out[:, :10] = True
    counts = finders.found(data, *ours)
    assert counts.flagged.sum() == counts.area.sum() == ours[0][:, 10:].sum() > 0


def test_the_rules_are_read_from_the_help(part: Any) -> None:
    rules = part("finders").rules_of(os.fspath(find_binary()))
    assert rules[0] == "low_self_confidence" and "confident_learning" in rules


def test_a_drawn_scene_repeats_and_its_model_is_right_about_most_pixels(part: Any) -> None:
    scenes = part("scenes")
    scene = scenes.SCENES[1]
    labels, probabilities = scenes.draw(scene, 2)
    again = scenes.draw(scene, 1)
    np.testing.assert_array_equal(labels[:1], again[0])
    np.testing.assert_array_equal(probabilities[:1], again[1])
    counted = labels != VOID
    assert labels[counted].max() == scene.classes - 1 and 0 < (~counted).mean() < 0.1
    assert abs(probabilities.astype(float).sum(1) - 1).max() < 0.005
    assert 0.8 < (probabilities.argmax(1) == labels)[counted].mean() < 1
