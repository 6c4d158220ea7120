#!/usr/bin/env python3
"""The parts of bench.py that need numpy or cleanlab, each run as a process of its own.

usage: bench_child.py generate SPEC LABELS PROBS       write a dataset; SPEC is a JSON object (see bench.py, Data)
       bench_child.py cleanlab LABELS PROBS MASK D LAYOUT   cleanlab's find_label_issues; saves MASK (.npy)
       bench_child.py differ LABELS PROBS MASK OUT     compare cleanlab's mask with masklint's
       bench_child.py read FILE                        speed of reading a page-cached file
       bench_child.py write_mapped FROM TO             copy a file through a memory map
       bench_child.py inflate FILE.npz                 time of zlib inflating the first member once

Each prints one JSON object. They are apart from bench.py because Linux counts the memory of the process that starts
a child towards the child's peak: the starting process has to stay small.
"""
import json
import mmap
import os
import struct
import sys
import threading
import time
import zipfile
import zlib

import numpy as np

SEED = 20260401
FLIPPED = 0.1


def image(spec, i):
    """Image i: labels uint8 (H,W), probabilities (K,H,W). Squares of one class, noise on top, one label in ten drawn anew."""
    k, h, w = spec["k"], spec["h"], spec["w"]
    rng = np.random.default_rng((SEED, k, h, i))
    side = 16 if h % 16 == 0 and h > 64 else 4
    truth = rng.integers(0, k, (h // side, w // side)).repeat(side, 0).repeat(side, 1)
    z = rng.standard_normal((k, h, w), dtype=np.float32)
    np.put_along_axis(z, truth[None], np.take_along_axis(z, truth[None], 0) + np.float32(2 + np.log(k)), 0)
    np.exp(z, out=z)
    z /= z.sum(0)
    flip = rng.random((h, w), dtype=np.float32) < FLIPPED
    labels = truth.astype(np.uint8)
    labels[flip] = rng.integers(0, k, int(flip.sum()))
    return labels, z


def generate(spec, labels_path, probs_path):
    spec = json.loads(spec)
    n, k, h, w, dtype = spec["n"], spec["k"], spec["h"], spec["w"], np.dtype(spec["dtype"])
    distinct = spec.get("distinct", n)      # images beyond these repeat them
    container = spec["container"]
    if container == "ragged":
        some = [image(dict(spec, h=h - 16 * (i % 3)), i) for i in range(n)]
        with open(labels_path, "wb") as f:
            np.savez(f, **{f"image{i}": s[0] for i, s in enumerate(some)})
        with open(probs_path, "wb") as f:
            np.savez(f, **{f"image{i}": s[1].astype(dtype) for i, s in enumerate(some)})
        return {}
    labels = np.empty((n, h, w), np.uint8)
    shape = {"nhwc": (n, h, w, k), "quarter": (n, k, h // 4, w // 4)}.get(container, (n, k, h, w))
    scratch = probs_path + ".npy"
    probs = np.lib.format.open_memmap(scratch, mode="w+", dtype=dtype, shape=shape)
    for i in range(n):
        if i < distinct:
            labels[i], p = image(spec, i)
            if container == "quarter":
                # Not the mean of each block: any small map of a model that is mostly right takes as long.
                p = np.log(p[:, ::4, ::4])
            probs[i] = np.moveaxis(p, 0, -1) if container == "nhwc" else p
        else:
            labels[i], probs[i] = labels[i % distinct], probs[i % distinct]
    probs.flush()
    with open(labels_path, "wb") as f:
        np.save(f, labels)
    if container in ("stored", "deflated"):
        with open(probs_path, "wb") as f:
            (np.savez if container == "stored" else np.savez_compressed)(f, pred_probs=probs)
        os.remove(scratch)
    else:
        os.replace(scratch, probs_path)
    return {}


def load(path):
    if path.endswith(".npz"):
        with np.load(path) as z:
            return z["pred_probs"]
    return np.load(path, mmap_mode="r")


def run_cleanlab(labels_path, probs_path, mask_path, downsample, layout):
    from cleanlab.segmentation.filter import find_label_issues

    labels = np.load(labels_path)
    start = time.perf_counter()
    probs = load(probs_path)
    if layout == "nhwc":
        probs = np.moveaxis(probs, -1, 1)
    loaded = time.perf_counter()
    mask = find_label_issues(labels, probs, n_jobs=1, verbose=False, downsample=int(downsample))
    done = time.perf_counter()
    np.save(mask_path, mask)
    return {"call": done - loaded, "load": loaded - start, "issues": int(mask.sum())}


def differ(labels_path, probs_path, mask_path, out_path):
    """Pixels whose verdict differs, and how many of those share one self-confidence (the tie at the cut-off)."""
    theirs = np.load(mask_path)
    with np.load(out_path) as z:
        ours = z["label_issues"]
    places = np.argwhere(theirs != ours)
    tied = 0
    if len(places):
        labels, probs = np.load(labels_path), load(probs_path)
        own = np.array([probs[n, labels[n, i, j], i, j] for n, i, j in places[:10000]])
        tied = int(np.unique(own, return_counts=True)[1].max()) if len(own) > 1 else 0
    return {"pixels": int(theirs.size), "differ": len(places), "tied": tied}


def read_speed(path):
    """Bytes a second of adding up a page-cached file, as 64-bit words, on 1 and on 2 threads: the best of five.

    Two ways, the faster counts: through a memory map, and by reads into a buffer that stays in the cache.
    """
    words = os.path.getsize(path) // 8

    def mapped(first, last):
        a = np.memmap(path, np.uint64, "r", shape=(words,))
        for at in range(first, last, 1 << 20):
            a[at:min(at + (1 << 20), last)].sum()

    def buffered(first, last):
        buffer = np.empty(1 << 16, np.uint64)
        with open(path, "rb", buffering=0) as f:
            f.seek(first * 8)
            for at in range(first, last, buffer.size):
                got = f.readinto(memoryview(buffer[:last - at]).cast("B"))
                buffer[:got // 8].sum()

    def seconds(way, threads):
        edges = [words * t // threads for t in range(threads + 1)]
        workers = [threading.Thread(target=way, args=edge) for edge in zip(edges, edges[1:])]
        start = time.perf_counter()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return time.perf_counter() - start

    return {str(t): words * 8 / min(seconds(way, t) for way in (mapped, buffered) for _ in range(5)) for t in (1, 2)}


def write_mapped(source, target):
    """Copies a file as numpy.lib.format.open_memmap would write it."""
    with open(source, "rb") as old, open(target, "w+b") as new:
        new.truncate(os.path.getsize(source))
        with mmap.mmap(new.fileno(), 0) as pages:
            while piece := old.read(1 << 20):
                pages.write(piece)
            pages.flush()
    return {}


def inflate(path):
    with zipfile.ZipFile(path) as z:
        info = z.infolist()[0]
    with open(path, "rb") as f:
        f.seek(info.header_offset)
        local = f.read(30)
        f.seek(sum(struct.unpack("<HH", local[26:30])), os.SEEK_CUR)
        raw = f.read(info.compress_size)
    start = time.perf_counter()
    stream, size = zlib.decompressobj(-15), 0
    for at in range(0, len(raw), 1 << 16):
        size += len(stream.decompress(raw[at:at + (1 << 16)]))
    assert size + len(stream.flush()) == info.file_size
    return {"seconds": time.perf_counter() - start, "bytes": info.file_size}


PARTS = {"generate": generate, "cleanlab": run_cleanlab, "differ": differ, "read": read_speed, "write_mapped": write_mapped, "inflate": inflate}

if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in PARTS:
        raise SystemExit(__doc__)
    print(json.dumps(PARTS[sys.argv[1]](*sys.argv[2:])))
