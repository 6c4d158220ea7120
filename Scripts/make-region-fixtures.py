#!/usr/bin/env python3
"""Writes Tests/Fixtures/regions: what SciPy's components and pycocotools' run lengths make of random contested pixels.

usage: python3 Scripts/make-region-fixtures.py [FOLDER]   (default: Tests/Fixtures/regions)

Needs numpy, scipy and pycocotools. Arrays are listed in Tests/Fixtures/README.md. Probabilities are multiples of 1/64, so
that sums are exact in any order.
"""
import os
import sys

import numpy as np
from pycocotools import mask as coco_mask
from scipy import ndimage

# File: seed, classes, images, height, width, share of contested pixels, repeats of each drawn pixel along both axes.
CASES = {
    "noise": (1, 3, 2, 21, 34, 0.6, 1),
    "blocks": (2, 4, 2, 30, 27, 0.4, 3),
    "solid": (3, 2, 1, 17, 40, 0.9, 1),
    "sparse": (4, 5, 3, 12, 19, 0.1, 1),
}
RADIUS = 2


def draw(seed, classes, images, height, width, share, repeat):
    """Labels, and probabilities whose argmax differs from them at some pixels."""
    rng = np.random.default_rng(seed)
    small = images, -(-height // repeat), -(-width // repeat)

    def grown(a):
        return a.repeat(repeat, 1).repeat(repeat, 2)[:, :height, :width]

    labels = grown(rng.integers(0, classes, small))
    other = grown((rng.random(small) < share) * rng.integers(1, classes, small))
    predicted = (labels + other) % classes
    own = rng.integers(1, 16, labels.shape)
    probs = np.zeros((images, classes, height, width))
    rest = 64 - own
    for k in range(classes):
        probs[:, k] = np.where(predicted == k, rest, np.where(labels == k, own, 0))
    # Where label and prediction agree, the rest goes to them too.
    agree = labels == predicted
    for k in range(classes):
        probs[:, k][agree & (predicted == k)] = 64
    return labels.astype(np.uint8), (probs / 64).astype(np.float32)


def regions(labels, probs, connectivity):
    """Whole numbers and floats of each component by image and first pixel, and the COCO counts of each mask."""
    structure = ndimage.generate_binary_structure(2, 1 if connectivity == 4 else 2)
    near = np.ones((2 * RADIUS + 1, 2 * RADIUS + 1), bool)
    predicted = probs.argmax(1)
    rows = []
    for image, (given, to) in enumerate(zip(labels.astype(int), predicted)):
        own = np.take_along_axis(probs[image], given[None], 0)[0].astype(float)
        best = probs[image].max(0).astype(float)
        for pair in np.unique(given * 256 + to):
            g, s = pair // 256, pair % 256
            if g == s:
                continue
            numbered, count = ndimage.label((given == g) & (to == s), structure)
            boundary = ndimage.binary_dilation(given == s, near)
            for number in range(1, count + 1):
                mask = numbered == number
                y, x = np.nonzero(mask)
                whole = [image, y[0], x[0], g, s, mask.sum(), x.min(), y.min(), np.ptp(x) + 1, np.ptp(y) + 1]
                whole.append((mask & boundary).sum())
                floats = [x.mean(), y.mean(), own[mask].mean(), own[mask].min(), best[mask].mean()]
                counts = coco_mask.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"]
                rows.append((whole, floats, counts))
    rows.sort(key=lambda row: row[0][:3])
    return rows


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "Tests/Fixtures/regions"
    os.makedirs(folder, exist_ok=True)
    for name, case in CASES.items():
        labels, probs = draw(*case)
        out = {"labels": labels, "pred_probs": probs}
        for connectivity in (4, 8):
            rows = regions(labels, probs, connectivity)
            out[f"whole_{connectivity}"] = np.array([row[0] for row in rows], np.int32)
            out[f"floats_{connectivity}"] = np.array([row[1] for row in rows])
            out[f"counts_{connectivity}"] = np.frombuffer(b"\n".join(row[2] for row in rows), np.uint8)
        path = os.path.join(folder, name + ".npz")
        np.savez_compressed(path, **out)
        assert os.path.getsize(path) < 60_000, path
        print(f"{name:8}{os.path.getsize(path):6} bytes, regions: {len(out['whole_4'])} and {len(out['whole_8'])}")


if __name__ == "__main__":
    main()
