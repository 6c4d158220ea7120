"""Runs masklint and cleanlab on a set, and counts what they found. Needs numpy and scipy; cleanlab for its own part."""
import csv
import re
import subprocess
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from .measures import Found


@dataclass
class Set:
    """Labels with planted errors (N,H,W), probabilities (N,K,H,W), and the kind of each planted pixel, 0 elsewhere.

    `left_out` marks pixels that measures leave out beside ignored ones: where only one of several kinds is looked at.
    """
    labels: np.ndarray
    probabilities: np.ndarray
    void: int
    kind: np.ndarray
    left_out: np.ndarray

    @property
    def counted(self):
        return (self.labels != self.void) & ~self.left_out


def rules_of(binary):
    """The values of --filter-by, from the help."""
    text = " ".join(run([binary, "find", "--help"]).split())
    return re.search(r"--filter-by <filter-by>.*?\(values: ([^;)]*)", text).group(1).split(", ")


def run(command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"quality: {' '.join(command)} exits {done.returncode}\n{done.stderr.strip()}")
    return done.stdout


def run_lengths(counts):
    """The numbers in COCO's compressed run lengths: five bits a character, the third number and later as differences."""
    out, value, shift = [], 0, 0
    for character in counts:
        c = ord(character) - 48
        value |= (c & 31) << shift
        shift += 5
        if not c & 32:
            if c & 16:
                value -= 1 << shift
            out.append(value + (out[-2] if len(out) > 2 else 0))
            value, shift = 0, 0
    return out


def read_regions(path, images):
    """From a table of regions the image of each, and its runs: their regions, images, first and last-but-one pixels by column."""
    image, region, first, last = [], [], [], []
    with open(path, newline="") as file:
        for number, row in enumerate(csv.DictReader(file)):
            image.append(int(row["image"]))
            ends = np.cumsum(run_lengths(row["mask"].split(":", 1)[1]))
            first.append(ends[:-1:2])
            last.append(ends[1::2])
            region.append(np.full(len(first[-1]), number))
    if not image:
        return np.zeros(0, int), *(np.zeros(0, int),) * 3
    return np.array(image), np.concatenate(region), np.concatenate(first), np.concatenate(last)


def pixels_in(planes, image, region, first, last):
    """How many marked pixels of (N,H,W) each region holds."""
    by_column = planes.transpose(0, 2, 1).reshape(len(planes), -1)
    upto = np.pad(by_column.cumsum(1), ((0, 0), (1, 0)))
    of = image[region]
    return np.bincount(region, upto[of, last] - upto[of, first], minlength=len(image)).astype(int)


def masklint(binary, rule, data, paths, folder):
    """What a rule flags (N,H,W), and its regions, read from the table that `find --regions` writes."""
    labels, probabilities = paths
    run([binary, "find", "-l", labels, "-p", probabilities, "-o", f"{folder}/issues.npz", "--regions", f"{folder}/regions.csv",
         "--ignore-label", str(data.void), "--filter-by", rule, "--store", "--quiet"])
    with np.load(f"{folder}/issues.npz") as archive:
        flags = archive["label_issues"]
    regions = read_regions(f"{folder}/regions.csv", len(flags))
    return flags, regions[0], lambda planes: pixels_in(planes, *regions)


def cleanlab(data):
    """What cleanlab's find_label_issues flags. It lists no regions: here they are the 8-connected components of its mask with
    one given and one predicted class, by mean self-confidence, lowest first.

    cleanlab knows no ignored label. It looks at pixels one by one, so it is given the counted ones as one image of one row.
    """
    from cleanlab.segmentation.filter import find_label_issues

    given = data.labels != data.void
    labels = data.labels[given].astype(int)
    p = np.moveaxis(data.probabilities, 1, -1)[given].astype(np.float32)
    flags = np.zeros(given.shape, bool)
    flags[given] = find_label_issues(labels[None, None], p.T[None, :, None], n_jobs=1, verbose=False)[0, 0]

    classes = data.probabilities.shape[1]
    own = np.zeros(given.shape)
    own[given] = p[np.arange(labels.size), labels]
    pair = np.where(flags, data.labels.astype(int) * classes + data.probabilities.argmax(1), -1)
    numbered, count = np.zeros(given.shape, int), 0
    for image, plane in enumerate(pair):
        for code in np.unique(plane[plane >= 0]):
            part, more = ndimage.label(plane == code, np.ones((3, 3)))
            numbered[image] += np.where(part, part + count, 0)
            count += more
    area = np.bincount(numbered.ravel(), minlength=count + 1)[1:]
    confidence = np.bincount(numbered.ravel(), own.ravel(), count + 1)[1:] / np.maximum(area, 1)
    order = np.argsort(confidence, kind="stable")
    where = np.broadcast_to(np.arange(len(flags))[:, None, None], flags.shape)
    image = np.zeros(count + 1, int)
    image[numbered.ravel()] = where.ravel()
    return flags, image[1:][order], lambda planes: np.bincount(numbered[planes], minlength=count + 1)[1:][order]


def found(data, flags, image, pixels):
    """The counts of what was found, with what is left out left out."""
    counted, planted = data.counted, (data.kind > 0) & data.counted
    area, wrong = pixels(counted), pixels(planted)
    kept = area > 0
    return Found((flags & counted).sum((1, 2)), (flags & planted).sum((1, 2)), planted.sum((1, 2)),
                 image[kept], area[kept], wrong[kept])
