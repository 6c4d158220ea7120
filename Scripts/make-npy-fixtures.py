#!/usr/bin/env python3
"""Writes the small NPY and NPZ files of Tests/Fixtures/npy.

    python3 Scripts/make-npy-fixtures.py            (needs NumPy; no randomness)

Element i of every array is i modulo 2 for bool, else i - 3 for signed, i for unsigned, i / 4 for float, in C order.
"""
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "npy"


def values(dtype, shape):
    i = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    kind = np.dtype(dtype).kind
    return {"b": i % 2 == 1, "i": i - 3, "u": i, "f": i / 4}[kind].astype(dtype)


def save(name, array, version=None):
    with open(FOLDER / name, "wb") as f:
        np.lib.format.write_array(f, array, version=version)


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.np[yz]"):
        old.unlink()
    for t in "b1 i1 u1 <i2 >i2 <u2 >u2 <i4 >i4 <u4 >u4 <i8 >i8 <u8 >u8 <f2 >f2 <f4 >f4 <f8 >f8".split():
        order = {"<": "le-", ">": "be-"}.get(t[0], "")
        a = values(t, (2, 3))
        save(f"{order}{t[-2:]}.npy", a)
        if t in ("u1", ">i2", "<f4", ">f8"):
            save(f"fortran-{order}{t[-2:]}.npy", np.asfortranarray(a))
    for name, shape in ("scalar", ()), ("one-axis", (5,)), ("empty-axis", (2, 0, 3)), ("four-axes", (2, 3, 1, 2)):
        save(f"shape-{name}.npy", values("u1", shape))
    for version in (1, 0), (2, 0), (3, 0):
        save(f"version-{version[0]}.npy", values("<f4", (2, 3)), version)
    arrays = dict(labels=values("u1", (2, 2, 3)), pred_probs=values("<f2", (2, 2, 2, 3)))
    np.savez(FOLDER / "stored.npz", **arrays)
    np.savez_compressed(FOLDER / "deflated.npz", **arrays)
    # Compresses by more than stored blocks can, over several of zlib's blocks.
    np.savez_compressed(FOLDER / "zeros.npz", zeros=np.zeros((100, 1000), "u1"), ramp=values("<u4", (40, 50)))
    np.savez(FOLDER / "names.npz", **{"étiquettes": arrays["labels"], "val/a b": arrays["labels"]})
    (FOLDER / "README.md").write_text(
        f"Written by `Scripts/make-npy-fixtures.py` with NumPy {np.__version__}; no seed, the script tells the values.\n")


main()
