#!/usr/bin/env python3
"""Checks what `masklint regions` wrote against SciPy's components and the tools that are to read it.

usage: python3 Scripts/check-regions.py ISSUES.npz COCO.json [LABEL_STUDIO.json] [--labels LABELS.npy] [--connectivity 4]

ISSUES.npz is of `masklint find --suggest` with the same inputs and rule, COCO.json of `masklint regions --coco` without
filters. Needs numpy, scipy and pycocotools, and for LABEL_STUDIO.json label-studio-converter's brush.py or the package.
One dataset in one array.
"""
import argparse
import json
import sys

import numpy as np
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from scipy import ndimage


def components(labels, issues, suggested, connectivity):
    """Masks by (image, row, column of the first pixel), with given and suggested class."""
    structure = np.ones((3, 3), int) if connectivity == 8 else ndimage.generate_binary_structure(2, 1)
    found = {}
    for image, flags in enumerate(issues):
        pairs = labels[image].astype(np.int64) << 16 | suggested[image]
        for pair in np.unique(pairs[flags]):
            numbered, _ = ndimage.label(flags & (pairs == pair), structure)
            for number, box in enumerate(ndimage.find_objects(numbered), 1):
                mask = np.zeros(flags.shape, np.uint8)
                mask[box] = numbered[box] == number
                row, column = np.argwhere(mask)[0]
                found[f"{image}@{row}x{column}"] = mask, int(pair >> 16), int(pair & 0xFFFF)
    return found


def check_coco(path, found, height, width):
    coco = COCO(path)
    annotations = coco.loadAnns(coco.getAnnIds())
    assert {a["region"] for a in annotations} == set(found), "other regions than SciPy's components"
    for a in annotations:
        mask, given, suggested = found[a["region"]]
        assert (coco.annToMask(a) == mask).all(), a["region"]
        encoded = coco_mask.encode(np.asfortranarray(mask))
        if isinstance(a["segmentation"], dict):
            assert encoded["counts"].decode() == a["segmentation"]["counts"], a["region"]
        assert a["area"] == coco_mask.area(encoded) == mask.sum(), a["region"]
        assert a["bbox"] == coco_mask.toBbox(encoded).tolist(), a["region"]
        assert (a["given_category_id"], a["category_id"]) == (given + 1, suggested + 1), a["region"]
        image = coco.loadImgs(a["image_id"])[0]
        assert (image["height"], image["width"]) == (height, width)
    polygons = sum(isinstance(a["segmentation"], list) for a in annotations)
    print(
        f"COCO: {len(annotations)} masks, {polygons} of them polygons, are SciPy's components; text, area and bbox are "
        "pycocotools'")


def check_label_studio(path, found):
    try:
        from label_studio_converter.brush import decode_rle
    except ImportError:
        from label_studio_sdk.converter.brush import decode_rle
    with open(path) as file:
        tasks = json.load(file)
    count = 0
    for result in (r for task in tasks for r in task["predictions"][0]["result"]):
        shape = result["original_height"], result["original_width"], 4
        decoded = decode_rle(result["value"]["rle"]).reshape(shape)
        mask = found[result["id"]][0]
        assert (decoded == 255 * mask[..., None]).all(), result["id"]
        count += 1
    assert count == len(found), "regions are missing"
    print(f"Label Studio: {count} brush masks decode to the same pixels")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("\n\n")[1].removeprefix("usage: "))
    parser.add_argument("issues")
    parser.add_argument("coco")
    parser.add_argument("label_studio", nargs="?")
    parser.add_argument("--labels", default="labels.npy")
    parser.add_argument("--connectivity", type=int, default=8)
    arguments = parser.parse_args()
    labels = np.load(arguments.labels)
    with np.load(arguments.issues) as output:
        issues, suggested = output["label_issues"], output["suggested_labels"]
    found = components(labels, issues, suggested, arguments.connectivity)
    check_coco(arguments.coco, found, *labels.shape[-2:])
    if arguments.label_studio:
        check_label_studio(arguments.label_studio, found)


if __name__ == "__main__":
    sys.exit(main())
