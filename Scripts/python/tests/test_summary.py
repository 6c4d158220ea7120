"""The summaries, in NumPy, and the report, with the binary."""
import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from conftest import Dataset
from masklint import summary

# Two images of 1 x 3 pixels, 3 classes: labels, most probable classes and issues written out by hand.
LABELS = np.array([[[0, 1, 2]], [[0, 0, 255]]])
PREDICTED = np.array([[[1, 1, 0]], [[1, 2, 0]]])
ISSUES = np.array([[[True, False, True]], [[True, True, False]]])
PROBS = np.moveaxis(np.eye(3)[PREDICTED], -1, 1)
SWAPS = [("0", "1", 2), ("0", "2", 1), ("2", "0", 1)]


@pytest.fixture
def without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)


@pytest.mark.usefixtures("without_pandas")
@pytest.mark.parametrize("options, expected", [
    ({}, SWAPS),
    ({"exclude": [1]}, SWAPS[1:]),
    ({"top": 1}, SWAPS[:1]),
    ({"top": 0}, []),
    ({"class_names": ["road", "tree", "car"]}, [("road", "tree", 2), ("road", "car", 1), ("car", "road", 1)]),
])
def test_swaps_are_counted_and_the_commonest_come_first(options: Any, expected: Any) -> None:
    assert summary.common_label_issues(ISSUES, LABELS, PROBS, verbose=False, **options) == expected


@pytest.mark.usefixtures("without_pandas")
def test_lists_of_images_are_counted_alike() -> None:
    assert summary.common_label_issues(list(ISSUES), list(LABELS), list(PROBS), verbose=False) == SWAPS


def test_with_pandas_swaps_are_a_table() -> None:
    pytest.importorskip("pandas", reason="pandas is not installed")
    table = summary.common_label_issues(ISSUES, LABELS, PROBS, verbose=False)
    assert list(table.columns) == ["given_label", "predicted_label", "num_pixel_issues"]
    assert [tuple(row) for row in table.itertuples(index=False)] == SWAPS


def test_no_issues_give_no_swaps() -> None:
    assert len(summary.common_label_issues(ISSUES & False, LABELS, PROBS, verbose=False)) == 0


@pytest.mark.parametrize("verbose, lines", [(True, 3), (False, 0)])
def test_swaps_are_printed_if_verbose(verbose: bool, lines: int, capsys: pytest.CaptureFixture[str]) -> None:
    summary.common_label_issues(ISSUES, LABELS, PROBS, verbose=verbose)
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == lines
    assert not verbose or all(word in printed[0] for word in ("'0'", "'1'", "2 pixels"))


@pytest.mark.parametrize("index, expected", [
    (0, [[[1, 0, 1]], [[1, 1, 0]]]), (1, [[[1, 0, 0]], [[1, 0, 0]]]), (2, [[[0, 0, 1]], [[0, 1, 0]]]),
    (300, [[[0, 0, 0]], [[0, 0, 0]]]), ([1, 2], [[[1, 0, 1]], [[1, 1, 0]]])])
def test_a_class_keeps_the_issues_labelled_or_predicted_as_it(index: Any, expected: Any) -> None:
    kept = summary.filter_by_class(index, ISSUES, LABELS, PROBS)
    assert kept.dtype == np.bool_
    np.testing.assert_array_equal(kept, np.array(expected, bool))


def test_a_class_of_a_list_keeps_a_list() -> None:
    issues, labels, probs = ([side[0], side[1][..., :2]] for side in (ISSUES, LABELS, PROBS))
    kept = summary.filter_by_class(0, issues, labels, probs)
    assert [mask.tolist() for mask in kept] == [[[True, False, True]], [[True, True]]]


@pytest.mark.parametrize("issues, labels, probs", [
    (ISSUES, LABELS, PROBS[:, 0]), (ISSUES[:1], LABELS, PROBS), (ISSUES, LABELS[..., :2], PROBS),
    (ISSUES, LABELS, PROBS[..., :2]), (ISSUES[:0], LABELS[:0], PROBS[:0])])
def test_shapes_that_do_not_fit_are_refused(issues: Any, labels: Any, probs: Any) -> None:
    with pytest.raises(ValueError, match=r"\(N,K,H,W\)"):
        summary.filter_by_class(0, issues, labels, probs)


def test_images_are_drawn_the_worst_first(monkeypatch: pytest.MonkeyPatch) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    titles: "list[list[str]]" = []

    def show(**options: Any) -> None:
        titles.append([axes.get_title() for axes in pyplot.gcf().axes])
        pyplot.close("all")

    monkeypatch.setattr(pyplot, "show", show)
    issues = ISSUES & [[[False, True, True]]] | [[[False]], [[True]]] & ISSUES
    summary.display_issues(issues, labels=LABELS, pred_probs=PROBS, top=1, block=False)
    summary.display_issues(issues, labels=LABELS, exclude=[0], class_names=["a", "b", "c"])
    assert titles == [
        ["given labels", "predicted labels", "image 1: 2 issues in red"],
        [],
        ["given labels", "image 1: 0 issues in red"], ["given labels", "image 0: 1 issues in red"]]


def test_excluding_classes_takes_labels() -> None:
    with pytest.raises(ValueError, match="labels"):
        summary.display_issues(ISSUES, exclude=[0])


@pytest.mark.parametrize("with_issues", [False, True])
def test_a_report_is_written_with_names_and_photographs(tmp_path: Path, dataset: Dataset, with_issues: bool) -> None:
    labels, probs = dataset
    page = tmp_path / "report.html"
    photographs = np.zeros((*labels.shape, 3), np.uint8)
    written = summary.report(
        labels, probs, page, images=photographs, class_names=["street", "kerb", "wall", "tree"], verbose=False,
        issues=probs.argmax(1) != labels if with_issues else None)
    assert written == str(page)
    assert "kerb" in page.read_text()
