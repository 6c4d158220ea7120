"""Scripts/export_torch.py: its writers with NumPy alone, the export where torch is installed."""
import importlib.util
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import masklint
from masklint._binary import find_binary

SCRIPT = Path(__file__).parents[2] / "export_torch.py"
IMAGES = np.arange(5 * 3 * 4 * 6, dtype=np.float16).reshape(5, 3, 4, 6)


@pytest.fixture(scope="module")
def script() -> Any:
    spec = importlib.util.spec_from_file_location("export_torch", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_growing_array_is_the_images_in_a_row(script: Any, tmp_path: Path) -> None:
    writer = script.GrowingArray(tmp_path, "a")
    for i, image in enumerate(IMAGES):
        writer.append(image, str(i))
    assert os.listdir(tmp_path) == ["a.npy.part"]
    writer.close()
    assert writer.paths == [str(tmp_path / "a.npy")]
    read = np.load(tmp_path / "a.npy")
    assert read.dtype == IMAGES.dtype
    np.testing.assert_array_equal(read, IMAGES)


def test_its_data_begin_at_a_multiple_of_64(script: Any, tmp_path: Path) -> None:
    writer = script.GrowingArray(tmp_path, "a")
    writer.append(IMAGES[0], "0")
    writer.close()
    assert np.load(tmp_path / "a.npy", mmap_mode="r").offset % 64 == 0


@pytest.mark.parametrize("shard_images, counts", [(2, [2, 2, 1]), (5, [5]), (9, [5])])
def test_shards_hold_so_many_images_each(script: Any, tmp_path: Path, shard_images: int, counts: Any) -> None:
    writer = script.GrowingArray(tmp_path, "a", shard_images)
    for i, image in enumerate(IMAGES):
        writer.append(image, str(i))
    writer.close()
    shards = [np.load(path) for path in writer.paths]
    assert [len(shard) for shard in shards] == counts
    np.testing.assert_array_equal(np.concatenate(shards), IMAGES)
    assert writer.paths == sorted(writer.paths)


@pytest.mark.parametrize("other", [IMAGES[1, :, 1:], IMAGES[1].astype(np.float32)])
def test_an_image_unlike_those_before_is_refused(script: Any, tmp_path: Path, other: Any) -> None:
    writer = script.GrowingArray(tmp_path, "a")
    writer.append(IMAGES[0], "0")
    with pytest.raises(ValueError, match="a: image 1 is .*file_format='npz'"):
        writer.append(other, "1")
    writer.discard()
    assert os.listdir(tmp_path) == []


def test_an_archive_has_a_member_an_image(script: Any, tmp_path: Path) -> None:
    writer = script.ImageArchive(tmp_path, "a")
    writer.append(IMAGES[0], "street")
    writer.append(IMAGES[1, :, 1:], "square")
    with pytest.raises(ValueError, match="two images are named street"):
        writer.append(IMAGES[2], "street")
    writer.close()
    writer.discard()
    with np.load(tmp_path / "a.npz") as archive:
        assert archive.files == ["street", "square"]
        np.testing.assert_array_equal(archive["square"], IMAGES[1, :, 1:])


@pytest.mark.parametrize("mask, dtype, message", [
    ([0, 255], np.uint8, None), ([0, -1], np.int16, None),
    ([0, -1], np.uint8, "label -1 of image x does not fit uint8"), ([256], np.uint8, "label 256")])
def test_a_label_never_changes_on_the_way(script: Any, mask: Any, dtype: Any, message: Any) -> None:
    if message is None:
        assert script.fitting(np.array(mask), dtype, "x").tolist() == mask
    else:
        with pytest.raises(ValueError, match=message):
            script.fitting(np.array(mask), dtype, "x")


@pytest.mark.parametrize("total, show, text", [
    (5, True, "\r2 of 5 images\r3 of 5 images\n"), (None, True, "\r2 images\r3 images\n"), (5, False, "")])
def test_without_tqdm_images_are_counted_on_one_line(
        script: Any, capsys: pytest.CaptureFixture[str], total: Any, show: bool, text: str) -> None:
    with script.PlainBar(total, show) as bar:
        bar.update(2)
        bar.update(1)
    assert capsys.readouterr().err == text


class Loader:
    """Batches, as a DataLoader gives them."""

    def __init__(self, *batches: Any) -> None:
        self.batches = batches

    def __iter__(self) -> Any:
        return iter(self.batches)


@pytest.fixture
def torch() -> Any:
    return pytest.importorskip("torch", reason="torch is not installed")


@pytest.fixture
def model(torch: Any) -> Any:
    """Logits that are its input, in training mode, on the CPU."""
    return torch.nn.Identity().train()


def batches(torch: Any) -> Any:
    generator = torch.Generator().manual_seed(1)
    logits = [100 * torch.randn((2, 3, 4, 6), generator=generator) for _ in range(3)]
    masks = [torch.randint(0, 3, (2, 4, 6), generator=generator) for _ in range(3)]
    return logits, masks


def softmax(logits: Any) -> Any:
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


@pytest.mark.parametrize("limit, count", [(None, 6), (3, 3), (4, 4), (99, 6)])
def test_labels_and_probabilities_are_exported(
        script: Any, torch: Any, model: Any, tmp_path: Path, limit: Any, count: int) -> None:
    logits, masks = batches(torch)
    paths = script.export(model, Loader(*zip(logits, masks)), tmp_path, limit=limit, progress=False)
    labels, probs = np.load(paths[0][0]), np.load(paths[1][0])
    assert (labels.dtype, probs.dtype) == (np.uint8, np.float16)
    np.testing.assert_array_equal(labels, torch.cat(masks).numpy()[:count])
    np.testing.assert_allclose(probs, softmax(torch.cat(logits).numpy())[:count], atol=1e-3)
    assert model.training


def test_logits_keep_their_softmax_whatever_their_size(script: Any, torch: Any, model: Any, tmp_path: Path) -> None:
    logits, masks = batches(torch)
    logits = [1000 * batch for batch in logits]
    paths = script.export(model, Loader(*zip(logits, masks)), tmp_path, logits=True, progress=False)
    written = np.load(paths[1][0])
    assert np.isfinite(written).all()
    expected = softmax(torch.cat(logits).double().numpy())
    np.testing.assert_allclose(softmax(written.astype(np.float64)), expected, atol=1e-3)


def test_images_of_unlike_sizes_are_exported_by_name(script: Any, torch: Any, model: Any, tmp_path: Path) -> None:
    logits, masks = batches(torch)
    loader = Loader((logits[0], masks[0], ["b", "a"]), (logits[1][..., :2], masks[1][..., :2], ["d", "c"]))
    paths = script.export(model, loader, tmp_path, file_format="npz", progress=False)
    with np.load(paths[0][0]) as labels, np.load(paths[1][0]) as probs:
        assert labels.files == probs.files == ["b", "a", "d", "c"]
        assert probs["c"].shape == (3, 4, 2)


def test_logits_are_picked_out_of_what_the_model_gives(script: Any, torch: Any, tmp_path: Path) -> None:
    class Wrapped(torch.nn.Module):  # type: ignore[misc]
        def forward(self, images: Any) -> Any:
            return {"out": images, "aux": None}

    logits, masks = batches(torch)
    paths = script.export(
        Wrapped(), Loader(*zip(logits, masks)), tmp_path, pick=lambda output: output["out"], progress=False)
    assert np.load(paths[1][0]).shape == (6, 3, 4, 6)


def knows_upsample() -> bool:
    """Whether the binary has the option that low-resolution predictions need."""
    return "--upsample" in subprocess.run([find_binary(), "find", "--help"], capture_output=True, text=True).stdout


def test_the_model_is_evaluated_and_then_trained_on(script: Any, torch: Any, tmp_path: Path) -> None:
    class Counting(torch.nn.Module):  # type: ignore[misc]
        seen: "list[Any]" = []

        def forward(self, images: Any) -> Any:
            self.seen.append((self.training, torch.is_grad_enabled(), images.device.type))
            return images

    model = Counting().train()
    logits, masks = batches(torch)
    script.export(model, Loader(*zip(logits, masks)), tmp_path, device="cpu", progress=False)
    assert model.seen == [(False, False, "cpu")] * 3
    assert model.training


def test_the_model_goes_to_the_device_that_is_named(script: Any, torch: Any, tmp_path: Path) -> None:
    logits, masks = batches(torch)
    model = torch.nn.Conv2d(3, 3, 1)
    # The device on which nothing is computed: moving there is seen, and the export fails.
    with pytest.raises((NotImplementedError, RuntimeError, TypeError)):
        script.export(model, Loader(*zip(logits, masks)), tmp_path, device="meta", progress=False)
    assert model.weight.device.type == "meta"


@pytest.mark.parametrize("align_corners", [False, True])
@pytest.mark.parametrize("as_logits", [False, True])
def test_predictions_smaller_than_masks_are_written_as_logits_of_their_size(
        script: Any, torch: Any, model: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], as_logits: bool,
        align_corners: bool) -> None:
    logits, masks = batches(torch)
    masks = [mask.repeat_interleave(4, 1).repeat_interleave(3, 2) for mask in masks]
    exported = script.export(model, Loader(*zip(logits, masks)), tmp_path, logits=as_logits,
                             align_corners=align_corners)
    labels, written = np.load(exported.labels[0]), np.load(exported.pred_probs[0])
    assert (labels.shape, written.shape, written.dtype) == ((6, 16, 18), (6, 3, 4, 6), np.float16)
    expected = torch.cat(logits) - torch.cat(logits).amax(1, keepdim=True)
    np.testing.assert_array_equal(written, expected.half().numpy())
    options = {"logits": True, "upsample": True, **({"align_corners": True} if align_corners else {})}
    assert exported.options == options
    first, call, command = capsys.readouterr().out.splitlines()
    assert f"take {written.nbytes:,} bytes: logits of the model's own size" in first
    assert f"At the size of the labels they would take {written.nbytes * 12:,} bytes" in first
    keywords = ", ".join(f"{name}=True" for name in options)
    assert call == f"masklint.find_label_issues({exported.labels[0]!r}, {exported.pred_probs[0]!r}, {keywords})"
    assert command.endswith(" --logits --upsample" + " --align-corners" * align_corners)


def test_what_is_printed_runs_and_ignores_void(
        script: Any, torch: Any, model: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logits, masks = batches(torch)
    masks[0][0, 0] = 255
    script.export(model, Loader(*zip(logits, masks)), tmp_path / "with blanks")
    _, call, command = capsys.readouterr().out.splitlines()
    assert call.endswith("ignore_label=255)")
    mask = eval(call, {"masklint": masklint})
    run = subprocess.run([find_binary(), *shlex.split(command)[1:]], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    np.testing.assert_array_equal(np.load(tmp_path / "with blanks" / "issues.npz")["label_issues"], mask)
    assert mask.any() and not mask[0, 0].any()


@pytest.mark.skipif(not knows_upsample(), reason="the binary does not know --upsample yet")
def test_masklint_takes_low_resolution_logits_as_torch_does(
        script: Any, torch: Any, model: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logits, masks = batches(torch)
    logits = [batch / 30 for batch in logits]
    masks = [mask.repeat_interleave(4, 1).repeat_interleave(3, 2) for mask in masks]
    exported = script.export(model, Loader(*zip(logits, masks)), tmp_path)
    call = capsys.readouterr().out.splitlines()[1]
    written = torch.from_numpy(np.load(exported.pred_probs[0])).double()
    whole = torch.nn.functional.interpolate(written, (16, 18), mode="bilinear", align_corners=False)
    expected = masklint.find_label_issues(torch.cat(masks).numpy(), whole.softmax(1).numpy(), verbose=False)
    np.testing.assert_array_equal(eval(call, {"masklint": masklint}), expected)


@pytest.mark.parametrize("cut, message", [
    (slice(1, None), "4 x 6 is larger than its mask, 3 x 6; cut off padding"),
    (None, "4 x 6 is smaller than its mask, 8 x 6, unlike those before")])
def test_predictions_of_sizes_that_do_not_go_together_are_refused(
        script: Any, torch: Any, model: Any, tmp_path: Path, cut: Any, message: str) -> None:
    logits, masks = batches(torch)
    masks[1] = masks[1][:, cut] if cut is not None else masks[1].repeat_interleave(2, 1)
    with pytest.raises(ValueError, match=message):
        script.export(model, Loader(*zip(logits, masks)), tmp_path, file_format="npz", progress=False)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("file_format", ["npy", "npz"])
def test_a_failed_export_leaves_nothing(script: Any, torch: Any, model: Any, tmp_path: Path, file_format: str) -> None:
    logits, masks = batches(torch)
    with pytest.raises(ValueError, match="label 300 of image 000002"):
        script.export(model, Loader((logits[0], masks[0]), (logits[1], masks[1] * 0 + 300)), tmp_path,
                      file_format=file_format, progress=False)
    assert os.listdir(tmp_path) == []
    assert model.training


@pytest.mark.parametrize("options", [[], ["--format", "npz", "--logits"], ["--shard-images", "5"]], ids=str)
def test_the_demonstrations_planted_errors_are_found(torch: Any, tmp_path: Path, options: Any) -> None:
    run = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path), *options], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "680 mislabelled pixels" in run.stdout.splitlines()[0]
    names = sorted(os.listdir(tmp_path))
    sides = [[tmp_path / name for name in names if name.startswith(side)] for side in ("labels", "pred_probs")]
    audit = masklint.audit(*sides, logits="--logits" in options, verbose=False)
    # One image in four has planted errors: 3, 7, 11 and 15.
    assert sorted(np.argsort(-audit.issue_counts)[:4]) == [3, 7, 11, 15]
