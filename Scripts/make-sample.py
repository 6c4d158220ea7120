#!/usr/bin/env python3
"""Writes the sample datasets Samples/street and Samples/ragged.

usage: python3 Scripts/make-sample.py [FOLDER]        (FOLDER: Samples)

Needs numpy alone. The seed is fixed, so the arrays come out the same each time. The scenes are drawn, not
photographed: a road with pavements, house fronts, trees and vehicles. A made-up model, right about most pixels
and unsure at borders, supplies the probabilities; label errors are then planted in the labels and recorded in
planted_mask.npy.
"""
import os
import sys

import numpy as np

SEED = 20260301
CLASSES = ("road", "sidewalk", "building", "vegetation", "vehicle")
ROAD, SIDEWALK, BUILDING, VEGETATION, VEHICLE = range(5)
VOID = 255
COLOURS = np.array([(104, 100, 108), (176, 160, 150), (150, 116, 92), (74, 122, 58), (58, 74, 148)])


def smooth(a, radius, passes=2):
    """Box mean over the last two axes, edges repeated; two passes come close to a triangle filter."""
    for _ in range(passes):
        for axis in (-2, -1):
            pad = [(0, 0)] * a.ndim
            pad[axis] = (radius + 1, radius)
            total = np.pad(a, pad, mode="edge").cumsum(axis)
            n = a.shape[axis]
            upper = np.take(total, np.arange(2 * radius + 1, 2 * radius + 1 + n), axis)
            lower = np.take(total, np.arange(0, n), axis)
            a = (upper - lower) / (2 * radius + 1)
    return a


def field(rng, shape, radius):
    """Smooth noise with mean 0 and deviation 1 over each plane."""
    f = smooth(rng.normal(size=shape), radius)
    f -= f.mean((-2, -1), keepdims=True)
    return f / f.std((-2, -1), keepdims=True)


def scene(rng, h, w):
    """One street: true labels (h,w) and the vehicles as a list of boolean masks."""
    rows, cols = np.mgrid[0:h, 0:w]
    horizon = int(h * rng.uniform(0.36, 0.46))
    truth = np.full((h, w), BUILDING)
    depth = np.clip((rows - horizon) / (h - horizon), 0, 1)
    middle = w * rng.uniform(0.42, 0.58)
    below = rows >= horizon
    truth[below] = SIDEWALK
    truth[below & (np.abs(cols - middle) < w * (0.06 + 0.36 * depth))] = ROAD
    for _ in range(rng.integers(2, 5)):
        y, x = horizon - rng.uniform(0, h * 0.18), rng.uniform(0, w)
        ry, rx = h * rng.uniform(0.08, 0.2), w * rng.uniform(0.05, 0.13)
        crown = ((rows - y) / ry) ** 2 + ((cols - x) / rx) ** 2 < 1 + 0.25 * field(rng, (h, w), 3)
        truth[crown & (truth != ROAD)] = VEGETATION
    vehicles = []
    for _ in range(rng.integers(2, 4)):
        d = rng.uniform(0.15, 0.65)
        y, x = int(horizon + d * (h - horizon)), middle + rng.uniform(-0.3, 0.3) * w * (0.2 + d)
        height, width = h * (0.07 + 0.16 * d), w * (0.07 + 0.17 * d)
        body = (rows <= y) & (rows > y - height) & (np.abs(cols - x) < width / 2)
        cabin = (rows > y - height / 2) | (np.abs(cols - x) < width / 3)
        truth[body & cabin] = VEHICLE
        vehicles = [v & ~(body & cabin) for v in vehicles] + [body & cabin]
    return truth, [v for v in vehicles if v.sum() >= 20]


def border(truth):
    """Pixels that touch another class to the right or below."""
    edge = np.zeros(truth.shape, bool)
    edge[:-1] |= truth[:-1] != truth[1:]
    edge[:, :-1] |= truth[:, :-1] != truth[:, 1:]
    return edge


def predict(rng, truth):
    """Softmax probabilities (K,h,w) of the made-up model.

    It works at half resolution, as many networks do, and its logits are rounded to 1/8: both make the file small.
    """
    small = truth[::2, ::2]
    one_hot = (small == np.arange(len(CLASSES))[:, None, None]).astype(float)
    logits = 6 * smooth(one_hot, 1, 1) + 1.1 * field(rng, one_hot.shape, 4) + 0.4 * field(rng, one_hot.shape, 1)
    logits = np.rint(logits * 8) / 8
    p = np.exp(logits - logits.max(0))
    p = (p / p.sum(0)).repeat(2, 1).repeat(2, 2)
    return p[:, :truth.shape[0], :truth.shape[1]].astype(np.float16)


def plant(rng, truth, vehicles):
    """Labels with errors, and where they are: whole objects swapped or dropped, one border moved."""
    labels = truth.copy()
    for i, vehicle in enumerate(vehicles[:2]):
        kind = rng.integers(0, 3)
        if kind == 0 or i == 0:
            labels[vehicle] = rng.choice([BUILDING, VEGETATION])
        elif kind == 1:
            labels[vehicle] = ROAD
    if rng.random() < 0.5:
        move = int(rng.integers(3, 6))
        moved = np.roll(truth == SIDEWALK, move, 1) & (truth == ROAD)
        moved[:, :move] = False
        labels[moved] = SIDEWALK
    return labels, labels != truth


def render(rng, truth):
    """uint8 RGB (h,w,3); shading in steps of 8 keeps the archive small."""
    shade = smooth(rng.normal(size=truth.shape), 2) * 60
    image = COLOURS[truth] + (np.rint(shade / 8) * 8)[..., None]
    return np.clip(image, 0, 255).astype(np.uint8)


def example(rng, h, w):
    truth, vehicles = scene(rng, h, w)
    labels, planted = plant(rng, truth, vehicles)
    void = border(truth) & (rng.random((h, w)) < 0.5)
    void[-max(2, h // 24):] = True      # the bonnet of the camera car
    labels[void] = VOID
    return labels.astype(np.uint8), predict(rng, truth), planted & ~void, render(rng, truth)


def main():
    folder = sys.argv[1] if len(sys.argv) > 1 else "Samples"
    street, ragged = os.path.join(folder, "street"), os.path.join(folder, "ragged")
    os.makedirs(street, exist_ok=True)
    os.makedirs(ragged, exist_ok=True)

    rng = np.random.default_rng(SEED)
    labels, probs, planted, images = map(np.array, zip(*[example(rng, 96, 128) for _ in range(8)]))
    np.save(f"{street}/labels.npy", labels)
    np.savez_compressed(f"{street}/pred_probs.npz", pred_probs=probs)
    np.save(f"{street}/planted_mask.npy", planted)
    np.savez_compressed(f"{street}/images.npz", images=images)
    for place in (street, ragged):
        with open(f"{place}/class_names.txt", "w") as f:
            f.write("\n".join(CLASSES) + "\n")

    # Names whose natural order differs from their alphabetical order: frame2 comes before frame10.
    names, sizes = ("frame1", "frame2", "frame10", "frame11"), ((32, 48), (48, 32), (40, 40), (24, 64))
    scenes = [example(rng, *size) for size in sizes]
    np.savez_compressed(f"{ragged}/labels.npz", **{n: s[0] for n, s in zip(names, scenes)})
    np.savez_compressed(f"{ragged}/pred_probs.npz", **{n: s[1] for n, s in zip(names, scenes)})
    print(f"{street}: labels {labels.shape} {labels.dtype}, pred_probs {probs.shape} {probs.dtype}, {planted.sum()} planted errors")
    print(f"{ragged}: {len(names)} images, {sum(s[2].sum() for s in scenes)} planted errors")


if __name__ == "__main__":
    main()
