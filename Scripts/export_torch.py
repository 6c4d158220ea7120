#!/usr/bin/env python3
"""Writes what a PyTorch model predicts, and the labels beside it, as arrays for masklint.

usage: python3 Scripts/export_torch.py FOLDER [--format npy|npz] [--shard-images S] [--logits] [--limit N] [--stride S]

As a command it shows itself: a tiny model is trained on drawn images whose labels hold planted errors, and exported to
FOLDER. Your own model goes through export(), which prints what to run next:

    from export_torch import export
    export(model, loader, "audit", pick=lambda output: output["out"])

Where the model's output is smaller than the labels (SegFormer's and DeepLab's are), its logits are written as they are,
and masklint interpolates them: --upsample.

Needs numpy and torch; tqdm draws the progress where it is installed. One batch is in memory at a time.
"""
import argparse
import os
import shlex
import sys
import zipfile
from collections import namedtuple

import numpy as np

# Room for the header of any array of four axes; a multiple of 64, as NPY wants it.
HEADER_BYTES = 128
LOWEST_HALF = -65504
# What datasets mark pixels with that are of no class.
USUAL_VOID = (255, -1)
SEED = 20260601


class GrowingArray:
    """One .npy that grows image by image, or several in a row of `shard_images` each.

    The number of images is known last: the header has a fixed size and is written again when a file is whole, which
    then gets its name. `paths` lists the files that have theirs.
    """

    def __init__(self, folder, name, shard_images=None):
        self.folder, self.name, self.shard_images = folder, name, shard_images
        self.paths, self.file, self.count, self.image = [], None, 0, None

    def append(self, image, key):
        """Adds an image. Errors: ValueError for one of another shape or type than the first."""
        if self.image is None:
            self.image = (image.shape, image.dtype)
        if (image.shape, image.dtype) != self.image:
            raise ValueError(
                f"{self.name}: image {key} is {image.shape} {image.dtype}, those before are {self.image[0]} "
                f"{self.image[1]}; images that differ go into an archive: file_format='npz'")
        if self.file is None:
            self.file = open(self._path() + ".part", "wb")
            self.file.write(bytes(HEADER_BYTES))
            self.count = 0
        self.file.write(np.ascontiguousarray(image).data)
        self.count += 1
        if self.count == self.shard_images:
            self.close()

    def close(self):
        """Completes the last file."""
        if self.file is None:
            return
        shape, dtype = self.image
        header = f"{{'descr': '{dtype.str}', 'fortran_order': False, 'shape': {(self.count, *shape)}, }}"
        self.file.seek(0)
        self.file.write(b"\x93NUMPY\x01\x00" + (HEADER_BYTES - 10).to_bytes(2, "little"))
        self.file.write(header.ljust(HEADER_BYTES - 11).encode() + b"\n")
        self.file.close()
        self.file = None
        os.replace(self._path() + ".part", self._path())
        self.paths.append(self._path())

    def discard(self):
        """Removes what is incomplete."""
        if self.file is not None:
            self.file.close()
            os.remove(self._path() + ".part")

    def _path(self):
        number = "" if self.shard_images is None else f"-{len(self.paths):05d}"
        return os.path.join(self.folder, f"{self.name}{number}.npy")


class ImageArchive:
    """One .npz with a member an image, stored; images may differ in size, and keys pair labels with predictions."""

    def __init__(self, folder, name):
        self.paths = []
        self.path = os.path.join(folder, f"{name}.npz")
        self.archive = zipfile.ZipFile(self.path + ".part", "w")

    def append(self, image, key):
        """Adds an image under its key. Errors: ValueError for a key that was there before."""
        if f"{key}.npy" in self.archive.NameToInfo:
            raise ValueError(f"{self.path}: two images are named {key}; give each a name of its own")
        with self.archive.open(f"{key}.npy", "w", force_zip64=True) as member:
            np.lib.format.write_array(member, np.ascontiguousarray(image), allow_pickle=False)

    def close(self):
        """Completes the archive."""
        self.archive.close()
        os.replace(self.path + ".part", self.path)
        self.paths = [self.path]

    def discard(self):
        """Removes what is incomplete."""
        if not self.paths:
            self.archive.close()
            os.remove(self.path + ".part")


class Exported(namedtuple("Exported", ("labels", "pred_probs"))):
    """The paths of both sides, two lists; `options` are the keywords that masklint's functions need for them.

    `written_bytes` is what the predictions take, `full_bytes` what they would take at the size of the labels.
    """

    def __new__(cls, labels, pred_probs, options, written_bytes, full_bytes):
        self = super().__new__(cls, labels, pred_probs)
        self.options, self.written_bytes, self.full_bytes = options, written_bytes, full_bytes
        return self

    def call(self):
        """The call in Python that comes next."""
        sides = [repr(paths[0] if len(paths) == 1 else paths) for paths in self]
        options = [f"{name}={value!r}" for name, value in self.options.items()]
        return f"masklint.find_label_issues({', '.join([*sides, *options])})"

    def command(self, output="issues.npz"):
        """The command that comes next."""
        words = ["masklint", "find", "--labels", *self.labels, "--pred-probs", *self.pred_probs, "--output", output]
        for name, value in self.options.items():
            words.append("--" + name.replace("_", "-") + ("" if value is True else f"={value}"))
        return " ".join(map(shlex.quote, words))


def export(model, loader, folder, *, logits=False, file_format="npy", shard_images=None, limit=None, device=None,
           pick=None, label_dtype=np.uint8, align_corners=False, progress=True):
    """Runs the model over the loader; writes labels and predictions; gives the paths of both, two lists.

    The loader yields (images, masks) or (images, masks, names), images (B,...) and integer masks (B,H,W); names are
    used in archives. The model gives logits (B,K,H,W); `pick` gets them out of what it returns, if it returns more.
    Written are probabilities in float16, or with `logits` the logits less their maximum at each pixel, which float16
    holds without overflow and which have the same softmax (masklint: --logits). `limit` stops after so many images.
    The model is moved to `device` where one is given, else the images go to where the model is; it is switched to
    evaluation, and back at the end.

    Where predictions are smaller than masks, the logits are written at the model's own size, whatever `logits` says:
    masklint interpolates them to the labels' size before the softmax, as the model's own evaluation does (masklint:
    --upsample). `align_corners` says that this model is evaluated with interpolate(align_corners=True).
    What to run next is printed unless `progress` is false.

    Shapes: "npy": labels (N,H,W), pred_probs (N,K,H,W), cut into files of `shard_images` where that is given;
        "npz": a member for each image.
    Errors: ValueError for masks that label_dtype does not hold, for images that do not fit into one array, and for
        predictions larger than their masks. A file gets its name when it is whole; what is not is removed.
    """
    import torch

    os.makedirs(folder, exist_ok=True)
    if file_format == "npz":
        writers = [ImageArchive(folder, name) for name in ("labels", "pred_probs")]
    else:
        writers = [GrowingArray(folder, name, shard_images) for name in ("labels", "pred_probs")]
    if device is None:
        device = next((parameter.device for parameter in model.parameters()), "cpu")
    else:
        model.to(device)
    was_training = model.training
    model.eval()
    total = len(loader.dataset) if hasattr(getattr(loader, "dataset", None), "__len__") else None
    if limit is not None:
        total = limit if total is None else min(limit, total)
    done, smaller, written_bytes, full_bytes, void = 0, None, 0, 0, set()
    try:
        with torch.inference_mode(), progress_bar(total, progress) as bar:
            for images, masks, *names in loader:
                if done == limit:
                    break
                output = model(images.to(device))
                output = (output if pick is None else pick(output)).float()
                sizes = tuple(output.shape[2:]), tuple(masks.shape[1:])
                if smaller is None:
                    smaller = sizes[0] != sizes[1]
                check_sizes(*sizes, smaller)
                if logits or smaller:
                    output = (output - output.amax(1, keepdim=True)).clamp(min=LOWEST_HALF)
                else:
                    output = output.softmax(1)
                predictions = output.half().cpu().numpy()
                for i, (mask, prediction) in enumerate(zip(masks.cpu().numpy(), predictions)):
                    if done == limit:
                        break
                    key = str(names[0][i]) if names else f"{done:06d}"
                    writers[0].append(fitting(mask, label_dtype, key), key)
                    writers[1].append(prediction, key)
                    written_bytes += prediction.nbytes
                    full_bytes += prediction.itemsize * len(prediction) * mask.size
                    void.update(
                        label for label in USUAL_VOID if label not in range(len(prediction)) and (mask == label).any())
                    done += 1
                    bar.update(1)
        for writer in writers:
            writer.close()
    except BaseException:
        for writer in writers:
            writer.discard()
        raise
    finally:
        model.train(was_training)
    flags = {"logits": logits or smaller, "upsample": smaller, "align_corners": smaller and align_corners}
    options = {name: True for name, needed in flags.items() if needed}
    if len(void) == 1:
        options["ignore_label"] = void.pop()
    exported = Exported(writers[0].paths, writers[1].paths, options, written_bytes, full_bytes)
    if progress:
        print(summary(exported, done, os.path.join(folder, "issues.npz")))
    return exported


def summary(exported, count, output):
    """What was written, and what to run next."""
    lines = [f"{count} images; the predictions take {exported.written_bytes:,} bytes"]
    if "upsample" in exported.options:
        lines[0] += (f": logits of the model's own size. At the size of the labels they would take "
                     f"{exported.full_bytes:,} bytes")
    return "\n".join([lines[0] + ". Next, in Python or a shell:", exported.call(), exported.command(output)])


def check_sizes(predicted, given, smaller):
    """Errors: ValueError for predictions larger than masks, and where only some are smaller."""
    if any(p > g for p, g in zip(predicted, given)):
        raise ValueError(
            f"pred_probs: {predicted[0]} x {predicted[1]} is larger than its mask, {given[0]} x {given[1]}; cut off "
            "padding with pick")
    if (predicted != given) != smaller:
        raise ValueError(
            f"pred_probs: {predicted[0]} x {predicted[1]} {'is as large as' if smaller else 'is smaller than'} its "
            f"mask, {given[0]} x {given[1]}, unlike those before; export these images on their own")


def fitting(mask, dtype, key):
    """The mask in this type. Errors: ValueError if a label would change."""
    cast = mask.astype(dtype)
    if not np.array_equal(cast, mask):
        label = mask[cast != mask][0]
        raise ValueError(
            f"labels: label {label} of image {key} does not fit {np.dtype(dtype)}; pass a wider label_dtype")
    return cast


def progress_bar(total, show):
    """tqdm, or a line of our own; on a terminal only."""
    show = show and sys.stderr.isatty()
    try:
        from tqdm import tqdm
    except ImportError:
        return PlainBar(total, show)
    return tqdm(total=total, unit="image", disable=not show)


class PlainBar:
    """Counts on one line of standard error."""

    def __init__(self, total, show):
        self.total, self.show, self.done = total, show, 0

    def update(self, count):
        """Counts images."""
        self.done += count
        if self.show:
            sys.stderr.write(f"\r{self.done}" + ("" if self.total is None else f" of {self.total}") + " images")

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.show:
            sys.stderr.write("\n")


def demo_data(count, side=48):
    """Discs and squares on a ground: images, labels with one image in four mislabelled, and where; classes 0, 1, 2."""
    rng = np.random.default_rng(SEED)
    rows, columns = np.mgrid[:side, :side]
    truth = np.zeros((count, side, side), np.int64)
    labels = truth.copy()
    for i in range(count):
        for kind in (1, 2):
            y, x = rng.integers(10, side - 10, 2)
            r = rng.integers(5, 10)
            near = (rows - y) ** 2 + (columns - x) ** 2 < r * r
            shape = near if kind == 1 else np.maximum(abs(rows - y), abs(columns - x)) < r
            truth[i][shape] = kind
        labels[i] = truth[i]
        if i % 4 == 3:
            labels[i][truth[i] == 1] = 2
    colours = np.array([[0.2, 0.8, 0.3], [0.2, 0.3, 0.8], [0.4, 0.2, 0.7]])[truth]
    images = np.moveaxis(colours + rng.normal(scale=0.15, size=colours.shape), -1, 1).astype(np.float32)
    return images, labels, labels != truth


def demo_model(images, labels, steps=60, stride=1):
    """Two convolutions, trained on these; their output is `stride` times smaller than the images."""
    import torch
    from torch.nn.functional import cross_entropy, interpolate

    torch.manual_seed(SEED)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3, stride, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 3, 3, padding=1))
    optimizer = torch.optim.Adam(model.parameters(), 0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        output = interpolate(model(images), labels.shape[1:], mode="bilinear", align_corners=False)
        cross_entropy(output, labels).backward()
        optimizer.step()
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--format", choices=("npy", "npz"), default="npy")
    parser.add_argument("--shard-images", type=int, metavar="S")
    parser.add_argument("--logits", action="store_true")
    parser.add_argument("--limit", type=int, metavar="N")
    parser.add_argument("--stride", type=int, metavar="S", default=1, help="the model's output is S times smaller")
    options = parser.parse_args()
    try:
        import torch
    except ImportError:
        sys.exit("export_torch: needs PyTorch: pip install torch")

    images, labels, planted = demo_data(32)
    images, labels = torch.from_numpy(images), torch.from_numpy(labels)
    # The model learns from the first half and is asked about the second: it repeats the errors that it was trained on.
    model = demo_model(images[:16], labels[:16], stride=options.stride)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images[16:], labels[16:]), batch_size=4)
    count = 16 if options.limit is None else min(options.limit, 16)
    print(f"{count} images with {planted[16:16 + count].sum():,} mislabelled pixels")
    export(model, loader, options.folder, logits=options.logits, file_format=options.format,
           shard_images=options.shard_images, limit=options.limit)


if __name__ == "__main__":
    main()
