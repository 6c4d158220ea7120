"""find_label_issues and audit, with the binary."""
import os
import subprocess
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, List

import numpy as np
import pytest
from numpy.typing import NDArray

import masklint
from conftest import Dataset, draw
from masklint._binary import find_binary
from oracle import low_self_confidence

HandOver = Callable[[Path, NDArray[Any]], Any]


def saved(folder: Path, array: NDArray[Any]) -> Path:
    path = folder / f"{array.ndim}.npy"
    np.save(path, array)
    return path


def find(labels: Any, probs: Any, **options: Any) -> Any:
    return masklint.find_label_issues(labels, probs, verbose=False, **options)


def test_the_mask_is_that_of_the_formula(dataset: Dataset) -> None:
    mask = find(*dataset)
    assert mask.dtype == np.bool_
    assert mask.any()
    np.testing.assert_array_equal(mask, low_self_confidence(*dataset))


@pytest.mark.parametrize("hand_over", [
    saved,
    lambda folder, a: str(saved(folder, a)),
    lambda folder, a: np.load(saved(folder, a), mmap_mode="r"),
    lambda folder, a: np.load(saved(folder, a), mmap_mode="r")[:],
    lambda folder, a: np.load(saved(folder, np.concatenate([a, a])), mmap_mode="r")[:len(a)],
    lambda folder, a: np.asfortranarray(a),
    lambda folder, a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    lambda folder, a: a.repeat(2, -1)[..., ::2],
    lambda folder, a: a.astype(a.dtype.newbyteorder(">")),
    lambda folder, a: a.astype(np.float64),
    lambda folder, a: a.astype(np.longdouble),
    lambda folder, a: np.moveaxis(np.ascontiguousarray(np.moveaxis(a, 1, -1)), -1, 1),
    lambda folder, a: np.moveaxis(np.load(saved(folder, np.moveaxis(a, 1, -1)), mmap_mode="r"), -1, 1),
    lambda folder, a: a.tolist(),
], ids=["path", "text", "memmap", "view", "part", "fortran", "reversed", "strided", "big-endian", "float64",
        "longdouble", "nhwc", "nhwc-memmap", "nested-lists"])
def test_the_mask_does_not_depend_on_how_arrays_are_given(
        tmp_path: Path, dataset: Dataset, hand_over: HandOver) -> None:
    labels, probs = dataset
    expected = low_self_confidence(labels, probs)
    np.testing.assert_array_equal(find(hand_over(tmp_path, labels), hand_over(tmp_path, probs)), expected)


@pytest.mark.parametrize("dtype", ["i1", "i2", "<i4", ">i8", "u2", "f4"])
def test_labels_may_be_of_any_number_type(dataset: Dataset, dtype: str) -> None:
    labels, probs = dataset
    np.testing.assert_array_equal(find(labels.astype(dtype), probs), low_self_confidence(labels, probs))


def test_half_precision_is_compared_as_it_is(dataset: Dataset) -> None:
    labels, probs = dataset[0], dataset[1].astype(np.float16)
    np.testing.assert_array_equal(find(labels, probs), low_self_confidence(labels, probs))


def test_lists_of_images_of_one_size_give_a_list(dataset: Dataset) -> None:
    labels, probs = dataset
    masks = find(list(labels), list(probs))
    assert isinstance(masks, list)
    np.testing.assert_array_equal(masks, low_self_confidence(labels, probs))


@pytest.mark.parametrize("as_maps", [False, True])
def test_images_of_unlike_sizes_give_a_list_in_their_order(tmp_path: Path, as_maps: bool) -> None:
    sizes = [(8, 9), (5, 4), (6, 6)]
    labels, probs = [list(side) for side in zip(*(draw(i, 1, 4, *size) for i, size in enumerate(sizes)))]
    joined_labels = np.concatenate([a.reshape(-1) for a in labels])[None, None]
    joined_probs = np.concatenate([a.reshape(4, -1) for a in probs], 1)[None, :, None]
    expected = np.split(low_self_confidence(joined_labels, joined_probs)[0, 0], [72, 92])
    flat_probs: List[Any] = [a[0] for a in probs]
    if as_maps:
        for i, image in enumerate(flat_probs):
            np.save(tmp_path / f"m{9 - i}.npy", image)
        flat_probs = [np.load(tmp_path / f"m{9 - i}.npy", mmap_mode="r") for i in range(3)]
    masks = find([a[0] for a in labels], flat_probs)
    assert [mask.shape for mask in masks] == sizes
    for mask, flat in zip(masks, expected):
        np.testing.assert_array_equal(mask.reshape(-1), flat)


def test_shards_given_as_a_list_of_paths_are_joined(tmp_path: Path, dataset: Dataset) -> None:
    labels, probs = dataset
    for i in range(3):
        np.save(tmp_path / f"p{i}.npy", probs[i:i + 1])
    mask = find(labels, [tmp_path / f"p{i}.npy" for i in range(3)])
    np.testing.assert_array_equal(mask, low_self_confidence(labels, probs))


@pytest.mark.parametrize("void", [255, -1])
def test_ignored_labels_are_not_counted_and_never_flagged(dataset: Dataset, void: int) -> None:
    labels, probs = dataset[0].astype(np.int16), dataset[1]
    holes = np.random.default_rng(1).random(labels.shape) < 0.3
    labels[holes] = void
    mask = find(labels, probs, ignore_label=[void, 77])
    counted = low_self_confidence(labels[~holes][None, None], np.moveaxis(probs, 1, 0)[:, ~holes][None, :, None])
    np.testing.assert_array_equal(mask[~holes], counted[0, 0])
    assert not mask[holes].any()


@pytest.mark.parametrize("options, change", [
    ({"logits": True}, lambda labels, probs: (labels, np.log(probs))),
    ({"map_label": {100: 0, 101: 1, 102: 2, 103: 3}}, lambda labels, probs: (labels + 100, probs)),
    ({"layout": "nhwc"}, lambda labels, probs: (labels, np.moveaxis(probs, 1, -1).copy())),
    ({"one_hot": True}, lambda labels, probs: ((labels[:, None] == np.arange(4)[:, None, None]).astype("u1"), probs)),
    ({"memory_limit": 0}, lambda labels, probs: (labels, probs)),
    ({"memory_limit": "1K"}, lambda labels, probs: (labels, probs)),
    ({"unnormalized": True}, lambda labels, probs: (labels, probs)),
    ({"n_jobs": 1}, lambda labels, probs: (labels, probs)),
    ({"batch_size": 1}, lambda labels, probs: (labels, probs)),
    ({"filter_by": "low_self_confidence"}, lambda labels, probs: (labels, probs)),
], ids=str)
def test_options_that_describe_the_same_data_give_the_same_mask(dataset: Dataset, options: Any, change: Any) -> None:
    np.testing.assert_array_equal(find(*change(*dataset), **options), low_self_confidence(*dataset))


def test_a_rule_is_passed_on(dataset: Dataset) -> None:
    labels, probs = dataset
    np.testing.assert_array_equal(find(labels, probs, filter_by="predicted_neq_given"), probs.argmax(1) != labels)


def test_binary_probabilities_are_one_plane(dataset: Dataset) -> None:
    labels, foreground = dataset[0] % 2, dataset[1][:, 1]
    two = np.stack([1 - foreground, foreground], 1)
    np.testing.assert_array_equal(find(labels, foreground, binary=True), low_self_confidence(labels, two))


def run_command(command: str, dataset: Dataset, output: Path) -> None:
    """Runs a command over the arrays, saved beside its output."""
    labels, probs = dataset
    np.save(output.parent / "labels.npy", labels)
    np.save(output.parent / "probs.npy", probs)
    subprocess.run(
        [find_binary(), command, "-l", "labels.npy", "-p", "probs.npy", "-o", output.name, "-q"], cwd=output.parent,
        check=True)


def test_thresholds_of_a_reference_count(dataset: Dataset, tmp_path: Path) -> None:
    labels, probs = dataset
    run_command("thresholds", dataset, tmp_path / "reference.npz")
    found = masklint.audit(labels[:1], probs[:1], thresholds=tmp_path / "reference.npz")
    whole, alone = masklint.audit(labels, probs), masklint.audit(labels[:1], probs[:1])
    np.testing.assert_array_equal(found.confident_thresholds, whole.confident_thresholds)
    assert not np.array_equal(found.confident_thresholds, alone.confident_thresholds)


def test_a_table_of_regions_is_that_of_the_command(dataset: Dataset, tmp_path: Path) -> None:
    labels, probs = dataset
    run_command("regions", dataset, tmp_path / "regions.csv")
    mask = find(labels, probs, regions=tmp_path / "found.csv")
    np.testing.assert_array_equal(mask, low_self_confidence(labels, probs))
    assert (tmp_path / "found.csv").read_bytes() == (tmp_path / "regions.csv").read_bytes()


def test_only_class_keeps_what_filter_by_class_keeps(dataset: Dataset) -> None:
    mask = find(*dataset)
    np.testing.assert_array_equal(find(*dataset, only_class=2), masklint.filter_by_class(2, mask, *dataset))


@pytest.mark.parametrize("downsample", [2, 4])
def test_downsampling_flags_whole_blocks_less_what_is_predicted_as_labelled(dataset: Dataset, downsample: int) -> None:
    labels, probs = dataset
    d = downsample
    mask = find(labels, probs, downsample=d, downsample_labels="majority")
    contested = probs.argmax(1) != labels
    blocks = mask.reshape(3, 8 // d, d, 12 // d, d)
    flagged = blocks.any((2, 4), keepdims=True) & np.ones(blocks.shape, bool)
    np.testing.assert_array_equal(mask, flagged.reshape(mask.shape) & contested)


def test_an_audit_holds_all_that_is_written(dataset: Dataset) -> None:
    labels, probs = dataset
    audit = masklint.audit(labels, probs, joint=True, verbose=False)
    mask = low_self_confidence(labels, probs)
    np.testing.assert_array_equal(audit.label_issues, mask)
    np.testing.assert_array_equal(audit.suggested_labels, np.where(mask, probs.argmax(1), labels))
    np.testing.assert_array_equal(audit.class_counts, np.bincount(labels.reshape(-1), minlength=4))
    np.testing.assert_array_equal(audit.issue_counts, mask.sum((1, 2)))
    assert audit.confident_joint is not None
    np.testing.assert_array_equal(audit.confident_joint.sum(1), audit.class_counts)


def test_an_audit_of_folders_names_the_images_in_their_order(tmp_path: Path, dataset: Dataset) -> None:
    sides: Any = {"labels": dataset[0], "probs": dataset[1]}
    for side, images in sides.items():
        (tmp_path / side).mkdir()
        for name, image in zip(("img2", "img10", "img1"), images):
            np.save(tmp_path / side / f"{name}.npy", image)
    audit = masklint.audit(tmp_path / "labels", tmp_path / "probs", verbose=False)
    assert audit.image_names == ["img1", "img2", "img10"]
    np.testing.assert_array_equal(audit.label_issues, low_self_confidence(*dataset)[[2, 0, 1]])


def test_an_audit_of_one_array_has_no_names(dataset: Dataset) -> None:
    assert masklint.audit(*dataset, verbose=False).image_names is None


def test_runs_in_several_threads_do_not_meet(dataset: Dataset) -> None:
    datasets = [draw(seed) for seed in range(8)]
    with ThreadPoolExecutor(4) as pool:
        masks = list(pool.map(lambda one: find(*one), datasets))
    for mask, one in zip(masks, datasets):
        np.testing.assert_array_equal(mask, low_self_confidence(*one))


def test_an_audit_leaves_out_what_is_not_asked_for(dataset: Dataset) -> None:
    audit = masklint.audit(*dataset, suggest=False, verbose=False)
    assert audit.suggested_labels is None
    assert audit.confident_joint is None


def test_sums_that_are_off_are_taken_with_a_warning_at_the_callers_line(dataset: Dataset) -> None:
    labels, probs = dataset
    with pytest.warns(UserWarning, match="pred_probs: probabilities sum to 2.*unnormalized=True") as caught:
        mask = find(labels, probs * 2)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(mask, low_self_confidence(labels, probs * 2))


def test_sums_that_are_off_can_be_refused(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="pred_probs: probabilities sum to 2, not 1, at image 0 row 0 column 0"):
        find(dataset[0], dataset[1] * 2, unnormalized=False)


def test_sums_that_are_off_can_be_taken_without_a_word(dataset: Dataset) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find(dataset[0], dataset[1] * 2, unnormalized=True)


def test_the_binarys_warnings_are_given(dataset: Dataset) -> None:
    labels, probs = dataset
    with pytest.warns(UserWarning, match="class 3"):
        find(np.minimum(labels, 2), probs)


@pytest.mark.parametrize("labels, probs, options, text", [
    (np.zeros((2, 3, 4), int), np.full((2, 2, 3, 5), 0.5), {}, "pred_probs"),
    (np.zeros((1, 1, 1, 3), int), np.full((2, 2, 3, 4), 0.5), {}, "labels"),
    (np.full((1, 3, 4), 9), np.full((1, 2, 3, 4), 0.5), {}, "labels: label 9 at image 0 row 0 column 0"),
    (np.zeros((1, 3, 4), int), np.full((1, 2, 3, 4), np.nan), {}, "pred_probs: NaN at image 0 class 0 row 0 column 0"),
    (np.zeros((1, 3, 4), int), np.full((1, 2, 3, 4), -1.0), {}, "logits=True"),
    (np.zeros((1, 3, 4), int), np.full((1, 2, 3, 4), 0.5), {"downsample": 2}, "height 3 and width 4"),
    (np.zeros((1, 3, 4), int), np.full((1, 2, 3, 4), 0.5), {"n_jobs": 0}, "n_jobs is from"),
    (np.zeros((1, 3, 4), int), np.full((1, 2, 3, 4), 0.5), {"filter_by": "best"}, "best"),
    (np.zeros((1, 3, 4), int), np.full((1, 2, 3, 4), 0.5), {"batch_size": 0}, "must be greater than 0, got 0"),
    (np.zeros((1, 3, 4), int), np.full((1, 2, 3, 4), 0.5), {"memory_limit": "3Q"}, "3Q"),
    (np.zeros((1, 3, 4), int), "nowhere.npy", {}, "nowhere.npy: no such file"),
    (np.zeros((1, 3, 4), complex), np.full((1, 2, 3, 4), 0.5), {}, "labels has dtype complex128"),
])
def test_faults_are_value_errors_that_name_the_argument(labels: Any, probs: Any, options: Any, text: str) -> None:
    with pytest.raises(ValueError) as error:
        find(labels, probs, **options)
    assert text in str(error.value)
    assert "/dev/shm" not in str(error.value) and "/proc" not in str(error.value)


def test_no_images_give_an_empty_mask() -> None:
    with pytest.warns(UserWarning, match="no pixels"):
        assert find(np.zeros((0, 3, 4), int), np.zeros((0, 2, 3, 4))).shape == (0, 3, 4)


@pytest.mark.parametrize("function", [masklint.find_label_issues, masklint.audit, masklint.get_label_quality_scores])
def test_a_misspelt_keyword_is_no_keyword(dataset: Dataset, function: Any) -> None:
    with pytest.raises(TypeError, match=r"\(\) got an unexpected keyword argument 'ignore_labels'"):
        function(*dataset, ignore_labels=255)


def test_no_file_is_left_in_memory_or_open(dataset: Dataset) -> None:
    def state() -> Any:
        folders = [set(os.listdir(place)) for place in ("/dev/shm", "/proc/self/fd") if os.path.isdir(place)]
        return [len(folder) for folder in folders[1:]], [n for n in folders[0] if "masklint" in n] if folders else []

    before = state()
    find(*dataset)
    with pytest.raises(ValueError):
        find(dataset[0] + 100, dataset[1])
    assert state() == before
