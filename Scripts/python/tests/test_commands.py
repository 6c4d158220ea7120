"""regions, inspect, thresholds and merge, against what the commands write."""
import csv
import json
import subprocess
from pathlib import Path
from typing import Any, List

import numpy as np
import pytest

import masklint
from conftest import Dataset, draw
from masklint._binary import find_binary
from oracle import low_self_confidence, self_confidence

NAMES = ["road", "tree", "car", "sky"]


def rows(table: Any) -> List[Any]:
    """Regions as named tuples, whether pandas is installed or not."""
    return table if isinstance(table, list) else list(table.itertuples(index=False, name="Region"))


def run(command: str, folder: Path, *arguments: str) -> str:
    return subprocess.run(
        [find_binary(), command, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def files(tmp_path: Path, dataset: Dataset) -> Path:
    np.save(tmp_path / "labels.npy", dataset[0])
    np.save(tmp_path / "probs.npy", dataset[1])
    (tmp_path / "names.txt").write_text("\n".join(NAMES))
    return tmp_path


def test_regions_are_those_of_the_commands_table(files: Path, dataset: Dataset) -> None:
    run("regions", files, "-l", "labels.npy", "-p", "probs.npy", "--class-names", "names.txt", "-o", "r.csv", "-q")
    with open(files / "r.csv", newline="") as file:
        expected = list(csv.DictReader(file))
    found = rows(masklint.regions(*dataset, class_names=NAMES, verbose=False))
    assert len(found) == len(expected) > 5
    assert list(masklint.Region._fields) == list(expected[0])
    for region, row in zip(found, expected):
        assert (region.id, region.mask, region.given_name) == (row["id"], row["mask"], row["given_name"])
        assert [region.area, region.left, region.top, region.width, region.height] == [
            int(row[name]) for name in ("area", "left", "top", "width", "height")]
        assert region.center_x == pytest.approx(float(row["center_x"]), abs=0.006)
        assert region.score == pytest.approx(float(row["score"]), abs=1e-6)


def test_regions_cover_the_issues(dataset: Dataset) -> None:
    found = rows(masklint.regions(*dataset, verbose=False))
    assert sum(region.area for region in found) == low_self_confidence(*dataset).sum()


def test_calibrated_flags_regions_of_enough_evidence(dataset: Dataset) -> None:
    contested = dataset[1].argmax(1) != dataset[0]
    every = masklint.find_label_issues(*dataset, filter_by="calibrated", min_evidence=-100.0, verbose=False)
    assert (every == contested).all()
    found = rows(masklint.regions(*dataset, filter_by="calibrated", min_evidence=3.0, verbose=False))
    joined = rows(masklint.regions(
        *dataset, filter_by="calibrated", min_evidence=-100.0, group="given", verbose=False))
    assert {region.filter_by for region in found} == {"calibrated"}
    assert 0 < sum(region.area for region in found) < contested.sum() == sum(region.area for region in joined)
    for region in found:
        assert region.evidence >= 3
        assert region.score == pytest.approx(region.evidence + np.log(region.area), abs=1e-9)


@pytest.mark.usefixtures("without_pandas")
def test_regions_are_a_list_without_pandas(dataset: Dataset) -> None:
    found = masklint.regions(*dataset, verbose=False)
    assert isinstance(found, list) and isinstance(found[0], masklint.Region)


@pytest.mark.parametrize("classes", [2, "car", [2], ["car"]])
def test_regions_of_a_class_are_chosen_by_number_or_name(dataset: Dataset, classes: Any) -> None:
    found = rows(masklint.regions(*dataset, classes=classes, class_names=NAMES, verbose=False))
    assert found
    assert all(2 in (region.given, region.suggested) for region in found)


def test_what_is_accepted_is_corrected(files: Path, dataset: Dataset) -> None:
    pandas = pytest.importorskip("pandas", reason="writes the table with pandas")
    table = masklint.regions(*dataset, verbose=False)
    table["decision"] = pandas.Series(["accept"] + ["reject"] * (len(table) - 1))
    table.to_csv(files / "done.csv", index=False)
    masklint.regions(*dataset, accept=files / "done.csv", corrected=files / "fixed.npz", verbose=False)
    changed = np.load(files / "fixed.npz")["labels"] != dataset[0]
    assert np.count_nonzero(changed) == table["area"][0]


def test_only_class_takes_a_name(dataset: Dataset) -> None:
    by_name = masklint.find_label_issues(*dataset, only_class="car", class_names=NAMES, verbose=False)
    by_number = masklint.find_label_issues(*dataset, only_class=2, verbose=False)
    np.testing.assert_array_equal(by_name, by_number)
    assert by_name.any()


@pytest.mark.parametrize("names", [NAMES, dict(enumerate(NAMES)), "names.txt", "names.json", "config.json"], ids=str)
def test_class_names_come_in_several_forms(
        files: Path, dataset: Dataset, names: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(files)
    (files / "names.json").write_text(json.dumps(NAMES))
    (files / "config.json").write_text(json.dumps({"id2label": dict(enumerate(NAMES))}))
    found = masklint.audit(*dataset, only_class="sky", class_names=names, verbose=False)
    assert found.summary["only_class"] == 3
    assert [row["name"] for row in found.summary["per_class"]] == NAMES


@pytest.mark.parametrize("options, text", [
    ({"only_class": "car"}, "only_class='car' names a class; pass class_names"),
    ({"only_class": "cart", "class_names": NAMES}, "only_class='cart' is none of class_names; did you mean 'car'?"),
    ({"only_class": "x", "class_names": NAMES}, "is none of class_names, which are road, tree, car, sky")])
def test_a_class_of_another_name_is_told(dataset: Dataset, options: Any, text: str) -> None:
    with pytest.raises(ValueError) as error:
        masklint.find_label_issues(*dataset, verbose=False, **options)
    assert text in str(error.value)


def test_inspect_tells_what_arrays_and_files_are(files: Path, dataset: Dataset) -> None:
    np.savez(files / "both.npz", labels=dataset[0], probs=dataset[1])
    facts = masklint.inspect(dataset[0], files / "both.npz")
    assert [(one.file, one.key) for one in facts] == [
        ("data[0]", ""), (str(files / "both.npz"), "labels"), (str(files / "both.npz"), "probs")]
    assert facts[0].values == dict(enumerate(np.bincount(dataset[0].reshape(-1))))
    assert (facts[2].dtype, facts[2].shape, facts[2].max) == ("float64", (3, 4, 8, 12), dataset[1].max())
    assert "3 images" in (facts[0].taken_for or "")


def test_inspect_gives_hints_as_keywords_and_shows_itself(dataset: Dataset) -> None:
    labels = dataset[0].copy()
    labels[0, 0] = 255
    facts, = masklint.inspect(labels)
    assert facts.hints == ["pass ignore_label=255 if 255 marks void pixels"]
    assert repr(facts).startswith("<data[0]: uint8 (3, 8, 12), 0 to 255; labels (N, H, W)")
    assert "<td>255</td>" in facts._repr_html_().replace(' style="text-align:right"', "")


def test_inspect_of_headers_reads_no_values(files: Path) -> None:
    facts, = masklint.inspect(files / "probs.npy", headers_only=True)
    assert facts.shape == (3, 4, 8, 12) and facts.max is None


def test_inspect_says_which_file_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_text("no array")
    with pytest.raises(ValueError, match="a.npy"):
        masklint.inspect(tmp_path / "a.npy")


def test_thresholds_are_those_of_the_formula_and_serve_as_a_keyword(tmp_path: Path, dataset: Dataset) -> None:
    labels, probs = dataset
    reference = masklint.thresholds(labels, probs, tmp_path / "t.npz", verbose=False)
    score = self_confidence(labels, probs)
    np.testing.assert_allclose(
        reference.confident_thresholds, [score[labels == k].mean() for k in range(4)], rtol=1e-6)
    np.testing.assert_array_equal(reference.class_counts, np.bincount(labels.reshape(-1)))
    found = masklint.audit(labels[:1], probs[:1], thresholds=reference, verbose=False)
    np.testing.assert_array_equal(found.confident_thresholds, reference.confident_thresholds)
    assert repr(reference).startswith(f"Thresholds('{tmp_path / 't.npz'}', shards=1, confident_thresholds=[")
    assert reference._repr_html_().count("<tr>") == 5


def test_thresholds_of_shards_merge_to_those_of_the_whole(tmp_path: Path, dataset: Dataset) -> None:
    labels, probs = dataset[0], dataset[1].astype(np.float16)
    parts = [masklint.thresholds(labels[i:i + 1], probs[i:i + 1], tmp_path / f"{i}.npz", shard=f"{i + 1}/3",
                                 verbose=False) for i in range(3)]
    merged = masklint.merge(parts, tmp_path / "merged.npz", verbose=False)
    assert isinstance(merged, masklint.Thresholds)
    assert (merged.shards, merged.shard_total) == (3, 3)
    whole = masklint.find_label_issues(labels, probs, verbose=False)
    masks = [masklint.find_label_issues(labels[i:i + 1], probs[i:i + 1], thresholds=merged, shard=i + 1, verbose=False)
             for i in range(3)]
    np.testing.assert_array_equal(np.concatenate(masks), whole)


def test_shards_that_are_missing_are_named_or_left_for_later(tmp_path: Path, dataset: Dataset) -> None:
    part = masklint.thresholds(*dataset, tmp_path / "1.npz", shard="1/2", verbose=False)
    with pytest.raises(ValueError, match="shard 2 of 2 is missing; .*partial=True"):
        masklint.merge([part], tmp_path / "m.npz", verbose=False)
    merged = masklint.merge([part], tmp_path / "m.npz", partial=True, verbose=False)
    assert isinstance(merged, masklint.Thresholds)
    assert repr(merged).startswith(f"Thresholds('{tmp_path / 'm.npz'}', shards=1 of 2, ")


def test_masks_are_merged_to_a_path(files: Path) -> None:
    run("find", files, "-l", "labels.npy", "-p", "probs.npy", "-o", "a.npz", "-q", "--filter-by", "predicted_neq_given")
    merged = masklint.merge([files / "a.npz", files / "a.npz"], files / "both.npz", verbose=False)
    assert merged == str(files / "both.npz")
    assert len(np.load(files / "both.npz")["label_issues"]) == 6


@pytest.mark.parametrize("draw_again", range(2))
def test_an_audit_shows_its_numbers_and_the_worst_image(draw_again: int) -> None:
    labels, probs = draw(draw_again)
    labels[0, 0, :2] = 255
    found = masklint.audit(labels, probs, ignore_label=255, class_names=NAMES, verbose=False)
    worst = int(np.argmax(found.issue_counts))
    assert repr(found) == (
        f"Audit(images=3, classes=4, counted_pixels=286, issues={found.issue_counts.sum()}, "
        f"issue_rate={round(found.issue_counts.sum() / 286, 4)}, worst_image={worst})")
    page = found._repr_html_()
    assert "<script" not in page and "<th>given</th>" in page
    assert all(f"<td>{name}</td>" in page for name in NAMES)
    assert f"image {worst}: {found.issue_counts[worst]} issues in red" in page
    assert found.summary["counted_pixels"] == 286


def test_audits_without_suggestions_images_or_issues_show_themselves_too() -> None:
    labels, probs = draw(3)
    perfect = np.eye(4)[labels].transpose(0, 3, 1, 2) * 0.9 + 0.025
    assert "worst_image" not in repr(masklint.audit(labels, perfect, verbose=False))
    for found in (masklint.audit(labels, probs, suggest=False, verbose=False),
                  masklint.audit(labels, perfect, verbose=False),
                  masklint.audit([labels[0], labels[1, :5]], [probs[0], probs[1, :, :5]], verbose=False)):
        assert "data:image/png;base64," in found._repr_html_()
    with pytest.warns(UserWarning, match="no pixels"):
        nothing = masklint.audit(labels[:0], probs[:0], verbose=False)
    assert "data:image" not in nothing._repr_html_()
    assert repr(nothing) == "Audit(images=0, classes=4, counted_pixels=0, issues=0, issue_rate=0.0)"
