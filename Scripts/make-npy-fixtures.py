#!/usr/bin/env python3
"""Writes the small NPY and NPZ files of Tests/Fixtures/npy.

    python3 Scripts/make-npy-fixtures.py            (needs NumPy; no randomness)

Element i of every array is i modulo 2 for bool, else i - 3 for signed, i for unsigned, i / 4 for float, in C order.
"""
import io
import pathlib
import struct
import zipfile

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests" / "Fixtures" / "npy"


def values(dtype, shape):
    i = np.arange(int(np.prod(shape, dtype=int))).reshape(shape)
    kind = np.dtype(dtype).kind
    return {"b": i % 2 == 1, "i": i - 3, "u": i, "f": i / 4}[kind].astype(dtype)


def save(name, array, version=None):
    with open(FOLDER / name, "wb") as f:
        np.lib.format.write_array(f, array, version=version)


class Unseekable(io.RawIOBase):
    """Makes zipfile write data descriptors: it cannot go back to fill in sizes."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)


def save_zip(name, arrays, method=zipfile.ZIP_STORED, unseekable=False, zip64=False, comment=b"", prefix=b""):
    """An archive that NumPy itself would not write, but reads."""
    with open(FOLDER / name, "wb") as f:
        f.write(prefix)
        with zipfile.ZipFile(Unseekable(f) if unseekable else f, "w", method) as archive:
            archive.comment = comment
            for key, array in arrays.items():
                info = zipfile.ZipInfo(key + ".npy")
                info.compress_type = method
                with archive.open(info, "w", force_zip64=zip64) as member:
                    np.lib.format.write_array(member, array)


def zip64_end(name, of):
    """The archive `of` with a zip64 end record, and all sizes of its end record at all-ones."""
    data = (FOLDER / of).read_bytes()
    end = data.rindex(b"PK\5\6")
    count, size, offset = struct.unpack("<HII", data[end + 10:end + 20])
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    (FOLDER / name).write_bytes(data[:end] + record + locator + tail)


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
    few = dict(labels=values("u1", (2, 3)), pred_probs=values("<f4", (2, 2)))
    save_zip("descriptor-stored.npz", few, unseekable=True)
    save_zip("descriptor-deflated.npz", few, zipfile.ZIP_DEFLATED, unseekable=True)
    save_zip("zip64-members.npz", few, zipfile.ZIP_DEFLATED, zip64=True)
    save_zip("comment.npz", few, comment=b"a comment of 25 characters")
    save_zip("prefix.npz", few, prefix=b"#!/bin/sh\nexit 0\n")
    zip64_end("zip64-end.npz", of="descriptor-stored.npz")


main()
