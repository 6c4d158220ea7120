"""Shows progress: with tqdm where it is installed, else on a line that is drawn again; in terminals and notebooks."""
import re
import sys
import warnings
from typing import Any, Optional

PASS = re.compile(r"pass (\d+) of (\d+), ([\d,]+) of ([\d,]+) images")


class Display:
    """Draws on one line of standard error what the binary, or a count of steps, says of its progress."""

    def __init__(self) -> None:
        self._width = 0

    def draw(self, text: str) -> None:
        """Draws the text over what was there."""
        text = text.strip("\r\n")
        sys.stderr.write("\r" + text + " " * (self._width - len(text)))
        sys.stderr.flush()
        self._width = len(text)

    def count(self, done: int, total: int, what: str) -> None:
        """Draws how many steps are done."""
        self.draw(f"{what}: {done} of {total}")

    def close(self) -> None:
        """Leaves the line empty."""
        if self._width > 0:
            self.draw("")
            sys.stderr.write("\r")


class Bar(Display):
    """The same with tqdm's bar, over the images of all passes."""

    def __init__(self, tqdm: Any) -> None:
        super().__init__()
        self._tqdm = tqdm
        self._bar: Any = None

    def draw(self, text: str) -> None:
        found = PASS.search(text)
        if found is not None:
            number, passes, images, total = (int(group.replace(",", "")) for group in found.groups())
            self._move((number - 1) * total + images, passes * total, f"pass {number} of {passes}", "image")

    def count(self, done: int, total: int, what: str) -> None:
        self._move(done, total, what, "step")

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def _move(self, done: int, total: int, what: str, unit: str) -> None:
        if self._bar is None:
            self._bar = self._tqdm(desc=what, total=total, unit=unit, leave=False)
        if self._bar.total != total:
            self._bar.reset(total)
        self._bar.set_description(what, refresh=False)
        self._bar.update(done - self._bar.n)


def display() -> Optional[Display]:
    """What shows progress here, if anything can."""
    if not (_is_terminal() or _is_notebook()):
        return None
    try:
        with warnings.catch_warnings():
            # It tells of widgets that a notebook lacks, and does without them.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm
    except ImportError:
        return Display()
    return Bar(tqdm)


def _is_terminal() -> bool:
    try:
        return sys.stderr.isatty()
    except (AttributeError, ValueError):  # replaced, or closed
        return False


def _is_notebook() -> bool:
    """Whether this runs in a Jupyter kernel, whose standard error is no terminal and shows carriage returns as one."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return hasattr(shell, "kernel")
