#!/usr/bin/env python3
"""Writes Tests/Fixtures/algorithm: small datasets and what cleanlab and NumPy make of them.

usage: python3 Scripts/make-algorithm-fixtures.py [FOLDER]        (FOLDER: Tests/Fixtures/algorithm)

Needs cleanlab 2.9.0 and numpy (`make fixtures` sets both up). The seed of each dataset stands in CASES. Arrays of
the fixtures are listed in Tests/Fixtures/README.md.

cleanlab is handed the stored probabilities widened to float64: given float16 or float32 it would average and
compare in that type, which rounds the thresholds. Its own numbers stay in float64 throughout that way.
"""
import os
import sys
import warnings

import cleanlab
import numpy as np
from cleanlab.experimental.label_issues_batched import LabelInspector
from cleanlab.segmentation.filter import find_label_issues
from cleanlab.segmentation.rank import get_label_quality_scores

CLEANLAB = "2.9.0"
VOID = 255
FLOOR = 2e-6        # lower bound of a threshold
MARGIN = 1e-6       # slack of a comparison with a threshold

# name, seed, dtype, N, K, H, W, kind, share of void pixels
CASES = (
    ("k2-float64", 101, "float64", 3, 2, 12, 16, "random", 0.0),
    ("k3-float32", 102, "float32", 4, 3, 12, 16, "random", 0.0),
    ("k5-float16", 103, "float16", 3, 5, 8, 12, "random", 0.0),
    ("k12-float32", 104, "float32", 2, 12, 12, 16, "random", 0.0),
    ("k7-float64-one-image", 105, "float64", 1, 7, 16, 12, "random", 0.0),
    ("k4-float32-planted", 106, "float32", 4, 4, 12, 16, "planted", 0.0),
    ("k6-float16-planted", 107, "float16", 3, 6, 12, 12, "planted", 0.0),
    ("k5-float32-absent-class", 108, "float32", 2, 5, 12, 16, "absent", 0.0),
    ("k6-float32-unsure", 111, "float32", 3, 6, 12, 16, "unsure", 0.0),
    ("k4-float32-void", 109, "float32", 3, 4, 12, 16, "planted", 0.15),
    ("k9-float64-void", 110, "float64", 2, 9, 12, 16, "random", 0.15),
)


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def dataset(seed, dtype, n, k, h, w, kind, void_share):
    """Labels uint8 (N,H,W) and probabilities (N,K,H,W) in dtype.

    random: independent pixels, one label in eight drawn anew. planted: blocks of one class, in each image one block
    given another class. absent: as random, but no pixel is labelled with the last class. unsure: as random, but flat
    probabilities that favour the low classes, so thresholds lie far apart and the most probable class is often not
    one that the pixel is confident in; the two rules then flag different numbers.
    """
    rng = np.random.default_rng(seed)
    if kind == "planted":
        blocks = rng.integers(0, k, (n, h // 4, w // 4))
        truth = blocks.repeat(4, 1).repeat(4, 2)
        z = rng.normal(size=(n, k, h, w)) + 2.5 * (truth[:, None] == np.arange(k)[:, None, None])
        labels = truth.copy()
        for i in range(n):
            r, c = rng.integers(0, h // 4) * 4, rng.integers(0, w // 4) * 4
            labels[i, r:r + 4, c:c + 4] = (truth[i, r, c] + 1 + rng.integers(0, k - 1)) % k
    else:
        z = 2 * rng.normal(size=(n, k, h, w))
        if kind == "unsure":
            z = z / 3 + np.linspace(0.6, 0, k)[:, None, None]
        labels = z.argmax(1)
        flip = rng.random(labels.shape) < 0.125
        labels[flip] = rng.integers(0, k, flip.sum())
        if kind == "absent":
            last = labels == k - 1
            labels[last] = rng.integers(0, k - 1, last.sum())
    labels[rng.random(labels.shape) < void_share] = VOID
    return labels.astype(np.uint8), softmax(z).astype(dtype)


def per_pixel(labels, probs):
    """Counted pixels as cleanlab's classification code wants them: labels (M,), probabilities (M,K), where (N,H,W)."""
    counted = labels != VOID
    return labels[counted].astype(int), np.moveaxis(probs, 1, -1)[counted], counted


def inspector(labels, probs):
    """cleanlab's confident thresholds, number of issues, and its mask after the cross-check with the argmax."""
    flat, p, counted = per_pixel(labels, probs)
    lab = LabelInspector(num_class=probs.shape[1], verbose=False, n_jobs=1)
    lab.update_confident_thresholds(flat, p)
    lab.score_label_quality(flat, p)
    chosen = np.zeros(flat.size, bool)
    chosen[lab.get_label_issues()] = True
    mask = np.zeros(labels.shape, bool)
    mask[counted] = chosen & (p.argmax(1) != flat)
    return lab.get_confident_thresholds(), int(lab.get_num_issues()), mask


def confident_learning(labels, probs, t):
    """Mask and suggested labels of the rule `confident_learning`; t are the thresholds."""
    flat, p, counted = per_pixel(labels, probs)
    evidence = np.bincount(flat, minlength=p.shape[1]) > 0
    confident = (p >= t - MARGIN) & evidence
    best = np.where(confident, p, -1.0).argmax(1)
    flagged = confident.any(1) & (best != flat) & (p.argmax(1) != flat)
    mask = np.zeros(labels.shape, bool)
    mask[counted] = flagged
    suggested = labels.copy()
    suggested[counted] = np.where(flagged, best, flat)
    return mask, suggested


def softmin(scores, counted, temperature=0.1):
    """Image scores over the counted pixels, NaN where there are none."""
    out = np.full(len(scores), np.nan)
    for i, (s, c) in enumerate(zip(scores, counted)):
        if c.any():
            weight = np.exp((s[c].min() - s[c]) / temperature)
            out[i] = (s[c] * weight).sum() / weight.sum()
    return out


def has_tie_at_cut(labels, probs, n):
    flat, p, _ = per_pixel(labels, probs)
    own = np.sort(p[np.arange(flat.size), flat])
    return 0 < n < own.size and own[n - 1] == own[n]


def near_threshold(labels, probs, t):
    """Distance of the closest probability to what it is compared with."""
    return np.abs(per_pixel(labels, probs)[1] - (t - MARGIN)).min()


def shrunk(labels, probs, d):
    """What cleanlab's downsampling hands to its two passes."""
    n, k, h, w = probs.shape
    small = np.round(labels.reshape(n, h // d, d, w // d, d).mean((4, 2))).astype(np.uint8)
    p = probs.reshape(n, k, h // d, d, w // d, d).mean((5, 3))
    return small, p / p.sum(1, keepdims=True)


def expected(labels, probs, void):
    counts = np.bincount(per_pixel(labels, probs)[0], minlength=probs.shape[1])
    clipped, n, by_pixel = inspector(labels, probs)
    out = {
        "confident_thresholds": clipped,
        "class_counts": counts.astype(np.int64),
        "num_issues": np.array(n, np.int64),
    }
    # By the rule itself, as a check on cleanlab's running means.
    flat, p, counted = per_pixel(labels, probs)
    plain = np.array([max(p[flat == k, k].mean(), FLOOR) if counts[k] else FLOOR for k in range(probs.shape[1])])
    assert np.allclose(plain, clipped, rtol=0, atol=1e-12), (plain, clipped)
    assert not has_tie_at_cut(labels, probs, n), "a tie at the cut-off: choose another seed"
    assert near_threshold(labels, probs, plain) > 1e-9, "a probability too close to a threshold: choose another seed"

    mask, suggested = confident_learning(labels, probs, plain)
    out["confident_learning"] = mask
    out["confident_learning_suggested"] = suggested
    if void:
        out["low_self_confidence"] = by_pixel
        own = np.take_along_axis(probs, np.where(counted, labels, 0).astype(int)[:, None], 1)[:, 0]
        out["pixel_scores"] = np.where(counted, own, np.nan)
        out["image_scores_softmin"] = softmin(own, counted)
        out["image_scores_num_pixel_issues"] = 1 - by_pixel.sum((1, 2)) / counted.sum((1, 2))
    else:
        given = labels.astype(int)
        out["low_self_confidence"] = find_label_issues(given, probs, n_jobs=1, verbose=False)
        assert (out["low_self_confidence"] == by_pixel).all()
        small, p2 = shrunk(labels, probs, 2)
        t2, n2, _ = inspector(small, p2)
        assert not has_tie_at_cut(small, p2, n2) and near_threshold(small, p2, t2) > 1e-9, "choose another seed"
        out["low_self_confidence_downsample_2"] = find_label_issues(given, probs, n_jobs=1, verbose=False, downsample=2)
        out["image_scores_softmin"], out["pixel_scores"] = get_label_quality_scores(given, probs, method="softmin", n_jobs=1, verbose=False)
        assert np.allclose(out["image_scores_softmin"], softmin(out["pixel_scores"], labels != VOID), rtol=0, atol=1e-12)
        out["image_scores_num_pixel_issues"], again = get_label_quality_scores(given, probs, method="num_pixel_issues", n_jobs=1, verbose=False)
        assert (again == out["pixel_scores"]).all()
    return out


def main():
    if cleanlab.__version__ != CLEANLAB:
        raise SystemExit(f"cleanlab {cleanlab.__version__} is installed; the fixtures are made with {CLEANLAB}")
    # An absent class makes cleanlab take the mean of nothing, which NumPy remarks upon.
    warnings.simplefilter("ignore")
    folder = sys.argv[1] if len(sys.argv) > 1 else "Tests/Fixtures/algorithm"
    os.makedirs(folder, exist_ok=True)
    for name, *how, void_share in CASES:
        labels, probs = dataset(*how, void_share)
        out = expected(labels, probs.astype(np.float64), void_share > 0)
        path = os.path.join(folder, f"{name}.npz")
        np.savez(path, labels=labels, pred_probs=probs, **out)
        size = os.path.getsize(path)
        assert size < 60_000, f"{path} is {size} bytes"
        print(f"{name:26}{size:7} bytes, {out['low_self_confidence'].sum():4} issues, {out['confident_learning'].sum():4} confident_learning")


if __name__ == "__main__":
    main()
