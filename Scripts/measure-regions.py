#!/usr/bin/env python3
"""Tells how many of the regions in tables that `masklint regions` wrote are planted errors.

usage: python3 Scripts/measure-regions.py PLANTED_KIND.npz TABLE.csv...

PLANTED_KIND.npz holds `planted_kind`, uint8 (N,H,W): 0 none, 1 swap, 2 boundary, 3 drop. A region is a hit where at least
half of its pixels are planted, of the kind that most of them are. Recall is of planted pixels, those of hits or not. The
first table goes by score, area and self-confidence: hits among the first 20, 50 and 100 regions, and in brackets the
planted pixels in them. Needs numpy and pycocotools.
"""
import csv
import sys

import numpy as np
from pycocotools import mask as coco_mask

KINDS = ("none", "swap", "boundary", "drop")


def load(path, kinds):
    """Of each region score, area, self-confidence and planted pixels by kind."""
    rows = []
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            size, counts = row["mask"].split(":", 1)
            height, width = map(int, size.split("x"))
            mask = coco_mask.decode({"size": [height, width], "counts": counts.encode()}).astype(bool)
            planted = np.bincount(kinds[int(row["image"])][mask], minlength=4)
            rows.append((float(row["score"]), int(row["area"]), float(row["self_confidence"]), *planted))
    return np.array(rows)


def main():
    with np.load(sys.argv[1]) as planted:
        kinds = planted["planted_kind"]
    total = np.bincount(kinds.ravel(), minlength=4)
    for path in sys.argv[2:]:
        regions = load(path, kinds)
        score, area, confidence, pixels = regions[:, 0], regions[:, 1], regions[:, 2], regions[:, 3:]
        hits = pixels[:, 1:].sum(1) >= area / 2
        most = pixels[:, 1:].argmax(1) + 1
        print(f"\n{path}: {len(regions)} regions, {int(area.sum())} pixels, {hits.sum()} hits")
        for name, order in (("score", -score), ("area", -area), ("self_confidence", confidence)):
            ranked = np.argsort(order, kind="stable")
            first = [(hits[ranked[:n]].mean(), int(pixels[ranked[:n], 1:].sum())) for n in (20, 50, 100)]
            print(f"  by {name:16}" + "  ".join(f"{share:.2f} ({count:5})" for share, count in first))
        print(f"  regions that are hits {hits.mean():.3f}, pixels that are planted {pixels[:, 1:].sum() / area.sum():.3f}")
        for kind in (1, 2, 3):
            count = (hits & (most == kind)).sum()
            print(
                f"  {KINDS[kind]:9} hits {count:4}, share of regions {count / len(regions):.3f}, "
                f"pixel precision {pixels[:, kind].sum() / area.sum():.3f}, pixel recall {pixels[:, kind].sum() / total[kind]:.3f}")


if __name__ == "__main__":
    main()
