"""The sample's notebook runs, and its pictures show what they are said to show."""
import base64
import io
import os
import re
import shutil
from pathlib import Path
from typing import Any, Dict, List

import numpy as np
import pytest
from numpy.typing import NDArray

import masklint
from masklint import _pictures

nbformat = pytest.importorskip("nbformat", reason="needs pip install masklint[notebook]")
preprocessors = pytest.importorskip("nbconvert.preprocessors", reason="needs pip install masklint[notebook]")
pillow = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
for needed in ("ipykernel", "matplotlib", "pandas"):
    pytest.importorskip(needed, reason="needs pip install masklint[notebook]")

# Those of the kernel and its messages.
pytestmark = pytest.mark.filterwarnings("ignore")

STREET = Path(__file__).parents[3] / "Samples" / "street"
NAMES = (STREET / "class_names.txt").read_text().splitlines()


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> List[List[Dict[str, Any]]]:
    """What the notebook's cells show, those of code."""
    folder = tmp_path_factory.mktemp("notebook") / "street"
    shutil.copytree(STREET, folder)
    notebook = nbformat.read(folder / "street.ipynb", as_version=4)
    nbformat.validate(notebook)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(masklint.__file__).parents[1]))
        patch.setenv("JUPYTER_PLATFORM_DIRS", "1")
        preprocessors.ExecutePreprocessor(timeout=300, kernel_name="python3").preprocess(
            notebook, {"metadata": {"path": str(folder)}})
    kept = os.environ.get("MASKLINT_KEEP_NOTEBOOK")
    if kept:
        nbformat.write(notebook, kept)
    return [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def shown(outputs: List[Dict[str, Any]], kind: str) -> List[str]:
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


def picture(text: str) -> NDArray[np.uint8]:
    with pillow.open(io.BytesIO(base64.b64decode(text))) as image:
        return np.array(image.convert("RGB"))


def count(pixels: NDArray[np.uint8], colour: Any) -> int:
    return int(np.count_nonzero((pixels == np.array(colour, np.uint8)).all(-1)))


def test_no_cell_fails_or_complains(outputs: Any) -> None:
    for cell in outputs:
        for output in cell:
            assert output["output_type"] != "error"
            assert output.get("name") != "stderr" or "Warning" not in output["text"]


def test_an_audit_shows_its_numbers_and_the_worst_image(outputs: Any) -> None:
    page, = shown(outputs[1], "text/html")
    assert "<td style=\"text-align:right\">2,176</td>" in page and "<script" not in page
    assert all(f"<td>{name}</td>" in page for name in NAMES)
    address, = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    pixels = picture(address)
    assert pixels.shape == (96, 128, 3)
    worst, issues = re.findall(r"image (\d+): (\d+) issues in red", page)[0]
    assert count(pixels, _pictures.ISSUE) == int(issues) == 473
    labels = np.load(STREET / "labels.npy")[int(worst)]
    assert count(pixels, 128 + np.array(_pictures.VOID) // 2) == np.count_nonzero(labels == 255) > 0


def test_swaps_and_regions_are_tables(outputs: Any) -> None:
    swaps, regions = shown(outputs[2], "text/html")[0], shown(outputs[3], "text/html")[0]
    assert "vegetation" in swaps and "852" in swaps
    assert "suggested_name" in regions and regions.count("<tr") == 6


def test_pictures_of_issues_have_void_apart_and_a_legend(outputs: Any) -> None:
    drawn = [picture(text) for text in shown(outputs[4], "image/png")]
    assert len(drawn) == 2
    probs = np.load(STREET / "pred_probs.npz")["pred_probs"]
    found = masklint.find_label_issues(np.load(STREET / "labels.npy"), probs, ignore_label=255, verbose=False)
    classes = _pictures.class_colours(len(NAMES))
    for pixels, index in zip(drawn, np.argsort(-found.sum((1, 2)), kind="stable")):
        # Below the pictures the legend has a patch of each class in the image, and one of void.
        legend = pixels[int(0.8 * len(pixels)):]
        labels = np.load(STREET / "labels.npy")[index]
        for k in range(len(NAMES)):
            there = (labels == k).any() or (probs[index].argmax(0) == k).any()
            assert (count(legend, classes[k]) > 50) == there, NAMES[k]
        assert count(legend, _pictures.VOID) > 50
        # The issues are red as often as they are pixels, at the scale of the drawing.
        scale = count(pixels[:int(0.8 * len(pixels))], _pictures.ISSUE) / found[index].sum()
        void = count(pixels[:int(0.8 * len(pixels))], _pictures.VOID) / np.count_nonzero(labels == 255)
        assert scale == pytest.approx(void, rel=0.25) and scale > 1


def test_what_was_planted_is_counted(outputs: Any) -> None:
    text = "".join(output["text"] for output in outputs[5])
    assert text == "90.9% of what is flagged was planted,\n73.7% of what was planted is flagged.\n"
