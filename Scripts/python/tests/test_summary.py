"""The summaries, in NumPy, and the report, with the binary."""
from pathlib import Path
from typing import Any, Iterator

import numpy as np
import pytest

from conftest import Dataset
from masklint import _pictures, summary

# Two images of 1 x 3 pixels, 3 classes: labels, most probable classes and issues written out by hand.
LABELS = np.array([[[0, 1, 2]], [[0, 0, 255]]])
PREDICTED = np.array([[[1, 1, 0]], [[1, 2, 0]]])
ISSUES = np.array([[[True, False, True]], [[True, True, False]]])
PROBS = np.moveaxis(np.eye(3)[PREDICTED], -1, 1)
SWAPS = [("0", "1", 2), ("0", "2", 1), ("2", "0", 1)]


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


def test_classes_are_left_out_and_kept_by_name() -> None:
    names = ["road", "tree", "car"]
    by_name = summary.common_label_issues(ISSUES, LABELS, PROBS, class_names=names, exclude=["tree"], verbose=False)
    by_number = summary.common_label_issues(ISSUES, LABELS, PROBS, class_names=names, exclude=[1], verbose=False)
    assert len(by_name) == 2 and list(map(tuple, np.asarray(by_name))) == list(map(tuple, np.asarray(by_number)))
    for index in ("tree", ["tree"]):
        np.testing.assert_array_equal(
            summary.filter_by_class(index, ISSUES, LABELS, PROBS, class_names=names),
            summary.filter_by_class(1, ISSUES, LABELS, PROBS))
    with pytest.raises(ValueError, match="class_index='bus' names a class; pass class_names"):
        summary.filter_by_class("bus", ISSUES, LABELS, PROBS)


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


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator["list[Any]"]:
    """Figures in the order in which they are shown."""
    matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figures: "list[Any]" = []
    monkeypatch.setattr(pyplot, "show", lambda **options: figures.append(pyplot.gcf()))
    yield figures
    pyplot.close("all")


def titles(figure: Any) -> "list[str]":
    return [axes.get_title() for axes in figure.axes]


def pixels(figure: Any, place: int) -> Any:
    """Colours of the image on one of a figure's axes."""
    return figure.axes[place].images[0].get_array().data


def legend(figure: Any) -> "dict[str, tuple[int, ...]]":
    """Names and colours of a figure's legend."""
    return {text.get_text(): tuple(round(255 * part) for part in patch.get_facecolor()[:3])
            for shown in figure.legends for text, patch in zip(shown.get_texts(), shown.get_patches())}


def test_images_are_drawn_the_worst_first(drawn: Any) -> None:
    issues = ISSUES & [[[False, True, True]]] | [[[False]], [[True]]] & ISSUES
    summary.display_issues(issues, labels=LABELS, pred_probs=PROBS, top=1, block=False)
    summary.display_issues(issues, labels=LABELS, exclude=["a"], class_names=["a", "b", "c"])
    assert [titles(figure) for figure in drawn] == [
        ["given labels", "predicted labels", "image 1: 2 issues in red"],
        ["given labels", "image 1: 0 issues in red"], ["given labels", "image 0: 1 issues in red"]]


@pytest.mark.parametrize("options", [{"pred_probs": PROBS}, {"class_names": ["a", "b", "c"]}, {}])
def test_void_pixels_are_drawn_apart_from_every_class(drawn: Any, options: Any) -> None:
    summary.display_issues(ISSUES, labels=LABELS, **options)
    first, second = pixels(drawn[0], 0), pixels(drawn[1], 0)
    assert tuple(second[0, 2]) == _pictures.VOID
    colours = {tuple(colour) for colour in first[0]}
    assert len(colours) == 3
    assert colours.isdisjoint({_pictures.VOID, _pictures.ISSUE, (255, 255, 255)})
    np.testing.assert_array_equal(second[0, :2], [first[0, 0]] * 2)


def test_an_ignored_label_is_void_even_if_it_is_a_class(drawn: Any) -> None:
    summary.display_issues(ISSUES, labels=LABELS, pred_probs=PROBS, ignore_label=2, top=1)
    assert tuple(pixels(drawn[0], 0)[0, 2]) == _pictures.VOID
    assert list(legend(drawn[0])) == ["0", "1", "void"]


@pytest.mark.parametrize("names, expected", [
    (["road", "tree", "car"], [["road", "tree", "car"], ["road", "tree", "car", "void"]]),
    ({0: "road", 2: "car"}, [["road", "1", "car"], ["road", "1", "car", "void"]]),
    (["road"], [["road", "1", "2"], ["road", "1", "2", "void"]]),
    (None, [["0", "1", "2"], ["0", "1", "2", "void"]])])
def test_a_legend_names_the_classes_of_each_image(drawn: Any, names: Any, expected: Any) -> None:
    summary.display_issues(ISSUES, labels=LABELS, pred_probs=PROBS, class_names=names)
    assert [list(legend(figure)) for figure in drawn] == expected
    assert tuple(pixels(drawn[0], 0)[0, 0]) == list(legend(drawn[0]).values())[0]


def test_more_classes_than_a_legend_holds_are_drawn_without_one(drawn: Any) -> None:
    labels = np.arange(41).reshape(1, 1, 41)
    summary.display_issues(labels > 3, labels=labels)
    assert legend(drawn[0]) == {}


def test_issues_alone_are_drawn_without_a_legend(drawn: Any) -> None:
    summary.display_issues(ISSUES)
    assert legend(drawn[0]) == {}
    np.testing.assert_array_equal(
        np.all(pixels(drawn[0], 0) == _pictures.ISSUE, -1), ISSUES[0])


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
