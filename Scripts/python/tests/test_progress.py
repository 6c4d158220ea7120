"""Progress in terminals and notebooks, with tqdm and without."""
import io
import os
import sys
import types
from pathlib import Path
from typing import Any, Callable, List

import pytest

import masklint
from conftest import Dataset
from masklint import _progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class FakeBar:
    """Keeps what tqdm would be told."""

    made: List["FakeBar"] = []

    def __init__(self, desc: str, total: int, unit: str, leave: bool) -> None:
        self.total, self.unit, self.n, self.closed = total, unit, 0, False
        self.texts = [desc]
        FakeBar.made.append(self)

    def update(self, count: int) -> None:
        self.n += count

    def reset(self, total: int) -> None:
        self.total, self.n = total, 0

    def set_description(self, text: str, refresh: bool) -> None:
        self.texts.append(text)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def tqdm(monkeypatch: pytest.MonkeyPatch) -> List[FakeBar]:
    FakeBar.made.clear()
    monkeypatch.setitem(sys.modules, "tqdm", types.ModuleType("tqdm"))
    monkeypatch.setitem(sys.modules, "tqdm.auto", types.SimpleNamespace(tqdm=FakeBar))
    return FakeBar.made


@pytest.fixture
def without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)


def notebook(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Standard error as in a Jupyter kernel, from now on: no terminal."""
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    error = io.StringIO()
    monkeypatch.setattr(sys, "stderr", error)
    return error


DRAWINGS = ["", "pass 1 of 2, 1,000 of 1,200 images, 3.1 Mpixel/s, 2 s left", "pass 2 of 2, 600 of 1,200 images"]


def test_a_bar_counts_the_images_of_all_passes(tqdm: List[FakeBar], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    display = _progress.display()
    assert isinstance(display, _progress.Bar)
    seen = []
    for text in DRAWINGS:
        display.draw(text)
        seen.append([(bar.n, bar.total) for bar in tqdm])
    display.close()
    assert seen == [[], [(1000, 2400)], [(1800, 2400)]]
    assert tqdm[0].texts == ["pass 1 of 2"] * 2 + ["pass 2 of 2"]
    assert (tqdm[0].unit, tqdm[0].closed) == ("image", True)


@pytest.mark.usefixtures("without_tqdm")
def test_without_tqdm_the_binarys_line_is_drawn_over_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    error = Terminal()
    monkeypatch.setattr(sys, "stderr", error)
    display = _progress.display()
    assert type(display) is _progress.Display
    display.draw("pass 1 of 2, 3")
    display.draw("pass 2")
    display.close()
    assert error.getvalue() == "\rpass 1 of 2, 3" + "\rpass 2" + " " * 8 + "\r" + " " * 6 + "\r"


@pytest.mark.usefixtures("without_tqdm")
def test_a_notebook_is_shown_the_line_though_it_is_no_terminal(
        monkeypatch: pytest.MonkeyPatch, fake_binary: Callable[[str], Path], dataset: Dataset) -> None:
    fake_binary("test -t 2 || exit 9; printf '\\r\\033[Kpass 1 of 2, 1 of 3 images' >&2; sleep 0.1; "
                "printf '\\r\\033[K' >&2; echo 'masklint: error: the line' >&2; exit 2")
    shown = notebook(monkeypatch)
    with pytest.raises(ValueError, match="^the line$"):
        masklint.find_label_issues(*dataset)
    assert shown.getvalue().startswith("\rpass 1 of 2, 1 of 3 images")
    assert "\x1b" not in shown.getvalue() and "the line" not in shown.getvalue()


def test_a_bar_is_closed_when_the_run_fails(
        monkeypatch: pytest.MonkeyPatch, tqdm: List[FakeBar], fake_binary: Callable[[str], Path],
        dataset: Dataset) -> None:
    notebook(monkeypatch)
    fake_binary("printf '\\r\\033[Kpass 1 of 2, 1 of 3 images' >&2; sleep 0.1; kill -SEGV $$")
    with pytest.raises(RuntimeError, match="SIGSEGV"):
        masklint.find_label_issues(*dataset)
    assert [(bar.n, bar.total, bar.closed) for bar in tqdm] == [(1, 6, True)]


@pytest.mark.parametrize("error", [io.StringIO(), None, object()])
def test_nothing_is_shown_where_nobody_looks(
        tqdm: List[FakeBar], monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    monkeypatch.setattr(sys, "stderr", error)
    assert _progress.display() is None


def test_a_closed_standard_error_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with open(os.devnull, "w") as closed:
        pass
    monkeypatch.setattr(sys, "stderr", closed)
    assert _progress.display() is None


def test_the_real_tqdm_draws_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    error = Terminal()
    monkeypatch.setattr(sys, "stderr", error)
    display = _progress.display()
    assert isinstance(display, _progress.Bar)
    display.draw("pass 1 of 2, 6 of 10 images")
    display.close()
    assert "pass 1 of 2" in error.getvalue()


def test_steps_are_counted(tqdm: List[FakeBar], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Terminal())
    display = _progress.display()
    assert display is not None
    for done in range(3):
        display.count(done, 2, "mask")
    display.count(1, 5, "merge")
    assert [(bar.n, bar.total, bar.unit) for bar in tqdm] == [(1, 5, "step")]
