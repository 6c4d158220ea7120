"""Plants label errors of known kinds into labels.

    swap      an object gets another class
    boundary  an object is dilated, eroded or shifted by 2 to 4 pixels
    drop      an object is missing: its pixels get the classes around it
    invent    the shape of an object lies where there is none
    cut       part of an object is missing
    merge     all pixels of a class in an image have another class

Ignored pixels are never touched, and no pixel is changed twice. An object is an 8-connected component of one class. One
image in six stays without errors, and the others get unlike shares. Needs numpy and scipy.
"""
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import ndimage

KINDS = ("swap", "boundary", "drop", "invent", "cut", "merge")
EIGHT = np.ones((3, 3), bool)
SMALLEST = 12           # pixels of an object, and of an event
MOST_OF_AN_IMAGE = 0.4  # the share of an image's counted pixels that may be changed
TRIES = 800             # proposals for one kind; then the share stays below what was asked for
PART_OF_A_KIND = 0.2    # the largest event, as a share of all pixels of its kind, so that there are several; but see `merge`
ALWAYS_SMALL = 200      # pixels; events of fewer are never too large for that


class Event(NamedTuple):
    kind: str
    image: int
    pixels: int


class Object(NamedTuple):
    image: int
    label: int
    area: int
    mask: np.ndarray        # bool, within the box
    box: tuple


@dataclass
class Planted:
    labels: np.ndarray      # as the labels given, with errors
    kind: np.ndarray        # uint8 (N,H,W): 0, or 1 + the place in KINDS
    event: np.ndarray       # int32 (N,H,W): 0, or 1 + the place in `events`
    events: list


def objects_of(labels, void):
    """The objects of labels (N,H,W), of SMALLEST pixels or more."""
    out = []
    for image, plane in enumerate(labels):
        for label in np.unique(plane[plane != void]):
            numbered, _ = ndimage.label(plane == label, EIGHT)
            for number, box in enumerate(ndimage.find_objects(numbered), 1):
                mask = numbered[box] == number
                if mask.sum() >= SMALLEST:
                    out.append(Object(image, int(label), int(mask.sum()), mask, box))
    return out


class Planter:
    """`labels` are the true ones, (N,H,W); what is planted follows from them, the kinds, the share and the seed."""

    def __init__(self, labels, void, seed):
        self.truth, self.void = labels, void
        self.rng = np.random.default_rng(seed)
        self.shapes = objects_of(labels, void)
        self.objects = list(self.shapes)    # those of which no pixel is changed yet
        self.counted = (labels != void).sum((1, 2))
        self.classes, count = np.unique(labels[labels != void], return_counts=True)
        self.weight = np.sqrt(count)        # of a class to be the wrong one: rare classes too, common ones more often
        self.plane = labels[0].size
        self.labels = labels.copy()
        self.kind = np.zeros(labels.shape, np.uint8)
        self.event = np.zeros(labels.shape, np.int32)
        self.events = []
        share = self.rng.uniform(0.3, 1.7, len(labels))
        share[self.rng.permutation(len(labels))[:len(labels) // 6]] = 0
        self.share = share / share.sum()
        self.merged = None

    def plant(self, kinds, rate):
        """Errors of `kinds` in equal parts, together `rate` of the counted pixels as far as there is room."""
        for kind in kinds:
            left = budget = int(rate * self.counted.sum() / len(kinds))
            for _ in range(TRIES):
                if left < max(0.03 * budget, SMALLEST):
                    break
                image = int(self.rng.choice(len(self.truth), p=self.share))
                proposal = getattr(self, kind)(image)
                if proposal is not None:
                    most = budget if kind == "merge" else max(PART_OF_A_KIND * budget, ALWAYS_SMALL)
                    left -= self.accept(kind, image, *proposal, most=min(1.1 * left, most))
        return Planted(self.labels, self.kind, self.event, self.events)

    def accept(self, kind, image, mask, values, most):
        """Writes the proposed values where they change a counted pixel; returns how many, 0 where the proposal is no good."""
        change = mask & (self.truth[image] != self.void) & (values != self.truth[image])
        before = self.kind[image] != 0
        if kind == "merge":
            change &= ~before
        pixels = int(change.sum())
        room = MOST_OF_AN_IMAGE * self.counted[image] - before.sum()
        if not SMALLEST <= pixels <= min(most, room) or (change & before).any():
            return 0
        self.events.append(Event(kind, image, pixels))
        self.labels[image][change] = values[change]
        self.kind[image][change] = 1 + KINDS.index(kind)
        self.event[image][change] = len(self.events)
        self.objects = [o for o in self.objects if o.image != image or not (change[o.box] & o.mask).any()]
        return pixels

    def pick(self, objects, largest, smallest=SMALLEST):
        """One of the objects as a mask (H,W), and its label; `largest` is a share of the image."""
        some = [o for o in objects if smallest <= o.area <= largest * self.plane]
        if not some:
            return None, None
        chosen = some[self.rng.integers(len(some))]
        mask = np.zeros(self.truth.shape[1:], bool)
        mask[chosen.box] = chosen.mask
        return mask, chosen.label

    def objects_in(self, image):
        return [o for o in self.objects if o.image == image]

    def other(self, label):
        """A class other than `label`."""
        weight = self.weight * (self.classes != label)
        return self.rng.choice(self.classes, p=weight / weight.sum())

    def around(self, image, mask):
        """Of each pixel the nearest label outside of the mask that is not ignored."""
        outside = ~mask & (self.truth[image] != self.void)
        if not outside.any():
            return self.truth[image]
        nearest = ndimage.distance_transform_edt(~outside, return_distances=False, return_indices=True)
        return self.labels[image][tuple(nearest)]

    def swap(self, image):
        mask, label = self.pick(self.objects_in(image), 0.1)
        return None if mask is None or len(self.classes) < 2 else (mask, np.full(mask.shape, self.other(label)))

    def boundary(self, image):
        mask, label = self.pick(self.objects_in(image), 0.4, 40)
        if mask is None:
            return None
        step = int(self.rng.integers(2, 5))
        how = self.rng.integers(3)
        if how == 0:
            moved = ndimage.binary_dilation(mask, EIGHT, step)
        elif how == 1:
            moved = ndimage.binary_erosion(mask, EIGHT, step, border_value=1)
        else:
            turn = self.rng.uniform(0, 2 * np.pi)
            moved = ndimage.shift(mask, (round(step * np.sin(turn)), round(step * np.cos(turn))), order=0, mode="nearest")
        return mask ^ moved, np.where(moved, label, self.around(image, mask))

    def drop(self, image):
        mask, _ = self.pick(self.objects_in(image), 0.08)
        return None if mask is None else (mask, self.around(image, mask))

    def invent(self, image):
        mask, label = self.pick(self.shapes, 0.08)
        if mask is None:
            return None
        y, x = np.nonzero(mask)
        y += self.rng.integers(-y.min(), mask.shape[0] - y.max())
        x += self.rng.integers(-x.min(), mask.shape[1] - x.max())
        placed = np.zeros_like(mask)
        placed[y, x] = True
        # Most of it has to lie on something else, or it would be an object made larger.
        if (placed & (self.truth[image] != label)).sum() < 0.7 * y.size:
            return None
        return placed, np.full(mask.shape, label)

    def cut(self, image):
        mask, _ = self.pick(self.objects_in(image), 0.2, 5 * SMALLEST)
        if mask is None:
            return None
        y, x = np.nonzero(mask)
        turn = self.rng.uniform(0, 2 * np.pi)
        along = y * np.sin(turn) + x * np.cos(turn)
        lost = along > np.quantile(along, self.rng.uniform(0.4, 0.75))
        gone = np.zeros_like(mask)
        gone[y[lost], x[lost]] = True
        return gone, self.around(image, mask)

    def merge(self, image):
        if self.merged is None:
            self.merged = [(label, self.other(label)) for label in self.rng.permutation(self.classes)]
        # One pair of classes is used as long as it gives anything, as one annotator's habit would be.
        for label, other in self.merged:
            mask = (self.truth[image] == label) & (self.kind[image] == 0)
            if SMALLEST <= mask.sum() <= 0.2 * self.plane:
                return mask, np.full(mask.shape, other)
        return None
