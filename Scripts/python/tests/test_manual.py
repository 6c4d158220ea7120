"""The Python of README and the manual runs, on the arrays of Samples/street. Its commands are run by the Swift tests."""
import os
import re
import shutil
from pathlib import Path
from typing import Any, Dict, List, Tuple

import numpy as np
import pytest

ROOT = Path(__file__).parents[3]
MANUAL = ROOT / "Sources" / "masklint" / "Documentation.docc"
# test_documentation.py runs the examples of the page on the functions.
ARTICLES = [page for page in sorted(MANUAL.glob("*.md")) if page.name != "python-api.md"]
PAGES = [ROOT / "README.md", ROOT / "Scripts" / "python" / "README.md", *ARTICLES]
# A block in Python, and a comment before it that says that it is not run.
BLOCK = re.compile(r"(?P<mark><!-- not run: [^\n]*-->\n)?```python\n(?P<code>.*?)\n```", re.DOTALL)


def blocks(page: Path) -> List[Tuple[int, str]]:
    """Line and code of the blocks that run."""
    text = page.read_text(encoding="utf-8")
    return [(text[:match.start("code")].count("\n"), match["code"])
            for match in BLOCK.finditer(text) if match["mark"] is None]


def names() -> Dict[str, Any]:
    """What a page's code takes for granted."""
    return {
        "labels": np.load("labels.npy"), "pred_probs": np.load("pred_probs.npy"),
        "names": Path("class_names.txt").read_text(encoding="utf-8").split(),
    }


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.stem)
def test_the_code_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "Samples" / "street", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    np.save("pred_probs.npy", np.load("pred_probs.npz")["pred_probs"])
    # The page's commands have left this behind.
    np.savez("issues.npz", label_issues=np.zeros((8, 96, 128), bool), issue_counts=np.zeros(8, int))
    given = names()
    for line, code in blocks(page):
        exec(compile("\n" * line + code, os.fspath(page), "exec"), given)
    if "mask" in given:
        assert given["mask"].shape == (8, 96, 128)


def test_some_pages_have_code() -> None:
    assert sum(len(blocks(page)) for page in PAGES) >= 4
