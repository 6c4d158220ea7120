#!/usr/bin/env python3
"""Writes Tests/Fixtures/rules: what cleanlab's classification filter makes of the datasets in Tests/Fixtures/algorithm.

usage: python3 Scripts/make-rule-fixtures.py [ALGORITHM] [RULES]
       (ALGORITHM: Tests/Fixtures/algorithm, read; RULES: Tests/Fixtures/rules, written)

Needs cleanlab 2.9.0 and numpy (`make fixtures` sets both up). Every counted pixel is an example; arrays are listed in
Tests/Fixtures/README.md. cleanlab is handed probabilities widened to float64, as in make-algorithm-fixtures.py.

cleanlab sorts unstably where it ranks and where it rounds the joint, so equal values fall as the processor has it. Each
result is therefore computed twice, with a stable sort the second time, and a dataset on which both differ is left out.
"""
import os
import sys
import warnings

import cleanlab
import cleanlab.filter
import cleanlab.internal.util
import numpy as np
from cleanlab.count import compute_confident_joint
from cleanlab.filter import find_label_issues

CLEANLAB = "2.9.0"
VOID = 255
RULES = ("predicted_neq_given", "low_normalized_margin", "prune_by_class", "prune_by_noise_rate", "both")


class StableNumPy:
    """NumPy with a stable argsort."""

    def __getattr__(self, name):
        return getattr(np, name)

    @staticmethod
    def argsort(a):
        return np.argsort(a, kind="stable")


def both_ways(function):
    """The result of a function of cleanlab, or None where it depends on how equal values are sorted."""
    plain = function()
    modules = cleanlab.filter, cleanlab.internal.util
    try:
        for module in modules:
            module.np = StableNumPy()
        stable = function()
    finally:
        for module in modules:
            module.np = np
    return plain if (plain == stable).all() else None


def expected(labels, probs):
    """Masks (N,H,W) of every rule and the calibrated joint; None where sorting matters."""
    counted = labels != VOID
    flat, p = labels[counted].astype(int), np.moveaxis(probs, 1, -1)[counted]
    out = {"confident_joint": both_ways(lambda: compute_confident_joint(flat, p))}
    for rule in RULES:
        flags = both_ways(lambda: find_label_issues(flat, p, filter_by=rule, n_jobs=1))
        if flags is not None:
            mask = np.zeros(labels.shape, bool)
            mask[counted] = flags
            out[rule] = mask
    return None if len(out) <= len(RULES) or out["confident_joint"] is None else out


def downsampled(labels, probs, d):
    """The same on averaged blocks, masks at full size: repeated, then cleared where the argmax is the given label."""
    n, k, h, w = probs.shape
    small = np.round(labels.reshape(n, h // d, d, w // d, d).mean((4, 2))).astype(np.uint8)
    p = probs.reshape(n, k, h // d, d, w // d, d).mean((5, 3))
    out = expected(small, p / p.sum(1, keepdims=True))
    if out is None:
        return None
    for rule in RULES:
        out[rule] = out[rule].repeat(d, 1).repeat(d, 2) & (probs.argmax(1) != labels)
    return {f"{key}_downsample_{d}": value for key, value in out.items()}


def main():
    if cleanlab.__version__ != CLEANLAB:
        raise SystemExit(f"cleanlab {cleanlab.__version__} is installed; the fixtures are made with {CLEANLAB}")
    # A class with a single pixel makes cleanlab warn that it is left alone.
    warnings.simplefilter("ignore")
    source = sys.argv[1] if len(sys.argv) > 1 else "Tests/Fixtures/algorithm"
    folder = sys.argv[2] if len(sys.argv) > 2 else "Tests/Fixtures/rules"
    os.makedirs(folder, exist_ok=True)
    for name in sorted(os.listdir(source)):
        with np.load(os.path.join(source, name)) as inputs:
            labels, probs = inputs["labels"], inputs["pred_probs"].astype(np.float64)
        out = expected(labels, probs)
        if out is None:
            print(f"{name:30}left out: depends on how equal values are sorted")
            continue
        if not (labels == VOID).any():
            out.update(downsampled(labels, probs, 2) or {})
        path = os.path.join(folder, name)
        np.savez_compressed(path, **out)
        assert os.path.getsize(path) < 20_000, path
        print(f"{name:30}{os.path.getsize(path):6} bytes, " + ", ".join(f"{rule} {out[rule].sum()}" for rule in RULES))


if __name__ == "__main__":
    main()
