#!/usr/bin/env python3
"""Times masklint beside cleanlab and prints one table (Markdown) from one run.

usage: bench.py [--binary PATH] [--quick] [--repeats R] [--only TEXT] [--list]

    --binary PATH   the release binary (.build/release/masklint)
    --quick         four rows, cleanlab once a row: under a minute, drawing the data included
    --repeats R     runs of masklint a row and thread count; medians are printed (5; 3 with --quick)
    --only TEXT     rows whose name contains TEXT
    --list          name the rows and the disk space of their data, run nothing

Needs numpy and cleanlab 2.9.0 (`make bench` sets both up). Data are drawn once, with a fixed seed, into .bench/ (up
to 12 GB) and used again. What is timed:

    cleanlab  find_label_issues(labels, pred_probs, n_jobs=1, verbose=False) on np.load(..., mmap_mode="r"), the call
              alone: without starting Python, importing cleanlab, or opening the files. For .npz, NumPy has to read the
              array whole first; that time is counted in, as there is no call without it. And the whole process around
              it, from Python's start to its end, as masklint is timed.
    masklint  the whole process, from its start to its end, mask written.

Runs take turns (cleanlab, masklint on 1 thread, on 2 threads, and again) so that a change of the machine's pace meets
all alike. Before its row every file is dropped from the page cache where the system allows that, and read once: so it
lies there as reading leaves it, in large pieces. A file that was just written through a memory map (NumPy's open_memmap)
lies there page by page, which takes longer to map; one row shows that. Nothing in the table measures the disk, the lines on cold files do. Peak
memory is ru_maxrss of the process; the start of the process alone shows up as the floor given under the table.
"""
import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from statistics import median

HERE = os.path.dirname(os.path.abspath(__file__))
FOLDER = ".bench"
# A cleanlab run slower than this is not repeated.
SLOW_SECONDS = 20
CLEANLAB_RUNS = 3


@dataclass(frozen=True)
class Data:
    n: int
    k: int
    h: int
    w: int
    dtype: str = "float32"
    container: str = "npy"      # npy, stored, deflated, nhwc, ragged, quarter (logits at a quarter of each side)
    distinct: int = 0           # images beyond these repeat them; 0: all differ
    fresh: bool = False         # in the page cache as writing through a memory map left it

    @property
    def bytes(self):
        pixels = self.h * self.w // (16 if self.container == "quarter" else 1)
        return self.n * self.k * pixels * {"float16": 2, "float32": 4, "float64": 8}[self.dtype]

    @property
    def paths(self):
        stem = f"{FOLDER}/{self.n}x{self.k}x{self.h}x{self.w}-{self.dtype}-{self.container}" + (f"-of{self.distinct}" if self.distinct else "") + ("-fresh" if self.fresh else "")
        zipped = self.container in ("stored", "deflated", "ragged")
        return stem + (".labels.npz" if self.container == "ragged" else ".labels.npy"), stem + (".probs.npz" if zipped else ".probs.npy")


@dataclass(frozen=True)
class Row:
    name: str
    data: Data
    rule: str = "low_self_confidence"
    downsample: int = 1
    like: str = ""              # take cleanlab's figures from this row
    cleanlab: bool = True

    @property
    def options(self):
        out = [f"--filter-by={self.rule}"]
        if self.downsample > 1:
            out.append(f"--downsample={self.downsample}")
        if self.data.container == "nhwc":
            out.append("--layout=nhwc")
        if self.data.container == "quarter":
            out += ["--logits", "--upsample"]
        return out


HEADLINE = Data(16, 21, 512, 512)
ROWS = (
    Row("16 images, K=21, 512x512 float32 .npy", HEADLINE),
    Row("same, confident_learning", HEADLINE, rule="confident_learning", like="16 images, K=21, 512x512 float32 .npy"),
    Row("same, calibrated", HEADLINE, rule="calibrated", cleanlab=False),
    Row("same, downsample 4", HEADLINE, downsample=4),
    Row("same, just written through a map", replace(HEADLINE, fresh=True)),
    Row("same, .npz stored", replace(HEADLINE, container="stored")),
    Row("4 images of it, .npz deflated", replace(HEADLINE, n=4, container="deflated")),
    Row("64 images, K=2, 512x512", Data(64, 2, 512, 512)),
    Row("64 images, K=21, 512x512", replace(HEADLINE, n=64, distinct=16)),
    Row("64 images, K=19, 512x512 float16", Data(64, 19, 512, 512, "float16", distinct=16)),
    Row("8 images, K=21, 512x512 float64", Data(8, 21, 512, 512, "float64")),
    Row("8 images, K=150, 512x512", Data(8, 150, 512, 512)),
    Row("8 images, K=150, 512x512 float16", Data(8, 150, 512, 512, "float16")),
    Row("10,000 images, K=5, 32x32", Data(10_000, 5, 32, 32)),
    Row("4 images, K=19, 1024x2048", Data(4, 19, 1024, 2048)),
    Row("4 images, K=19, 1024x2048 float16", Data(4, 19, 1024, 2048, "float16"), cleanlab=False),
    Row("same from logits at a quarter of each side, --upsample", Data(4, 19, 1024, 2048, "float16", "quarter"), cleanlab=False),
    Row("4 images, K=5, 4000x6000", Data(4, 5, 4000, 6000, distinct=1), cleanlab=False),
    Row("4 images, K=21, 512x512, nhwc", Data(4, 21, 512, 512, container="nhwc")),
    Row("4 images of unlike sizes, K=21, .npz", Data(4, 21, 512, 512, container="ragged"), cleanlab=False),
)
QUICK_ROWS = (
    *ROWS[:2],
    Row("2 images, K=21, 256x256, .npz deflated", Data(2, 21, 256, 256, container="deflated")),
    Row("500 images, K=5, 32x32", Data(500, 5, 32, 32)),
)
# What time and memory cost, one size varied at a time.
USUAL = Data(16, 21, 256, 256, distinct=4)
CURVE = (
    *(replace(USUAL, n=n) for n in (16, 32, 64, 128)),
    *(replace(USUAL, h=side, w=side) for side in (128, 256, 512, 1024)),
    *(replace(USUAL, k=k) for k in (5, 10, 21, 42, 84)),
)
QUICK_CURVE = tuple(Data(n, 21, 128, 128, distinct=4) for n in (16, 64))


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


@dataclass
class Run:
    seconds: float
    peak_bytes: int
    status: int
    stdout: str
    stderr: str


def run(command):
    """One process, timed from outside, with the peak of its resident memory."""
    with open(f"{FOLDER}/stdout", "w+b") as out, open(f"{FOLDER}/stderr", "w+b") as err:
        start = time.perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        texts = out.read().decode(errors="replace"), err.read().decode(errors="replace")
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit, child.returncode, *texts)


def child(part, *args):
    r = run([sys.executable, os.path.join(HERE, "bench_child.py"), part, *map(str, args)])
    if r.status != 0:
        raise SystemExit(f"bench: {part} {' '.join(map(str, args))}\n{r.stderr}")
    return json.loads(r.stdout), r


def drop(path):
    """Takes a file out of the page cache, where the system has a way."""
    with open(path, "rb") as f:
        os.fsync(f.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_through(path):
    with open(path, "rb", buffering=0) as f:
        while f.read(1 << 20):
            pass


def prepare(data):
    """Draws the dataset unless it is there, then puts it into the page cache."""
    labels, probs = data.paths
    if not (os.path.exists(labels) and os.path.exists(probs)):
        say(f"drawing {probs} ({data.bytes / 1e6:.0f} MB of probabilities)")
        spec = dict(vars(data), distinct=data.distinct or data.n)
        child("generate", json.dumps(spec), labels + ".part", probs + ".part")
        os.replace(labels + ".part", labels)
        os.replace(probs + ".part", probs)
    for path in (labels, probs):
        if data.fresh:
            # In a process of its own: this one's memory would count as that of the processes it starts.
            child("write_mapped", path, path + ".part")
            os.replace(path + ".part", path)
        else:
            drop(path)
            read_through(path)
    return labels, probs


class Bench:
    def __init__(self, binary, repeats, quick):
        self.binary, self.repeats, self.quick = binary, repeats, quick
        self.out, self.mask = f"{FOLDER}/out.npz", f"{FOLDER}/cleanlab.npy"
        self.theirs = {}        # row name: (call seconds, whole seconds, peak, runs)
        self.notes = []
        self.read = {}

    def find(self, data, threads, options):
        labels, probs = data.paths
        return run([self.binary, "find", "--labels", labels, "--pred-probs", probs, "--output", self.out,
                    f"--threads={threads}", "--quiet", *options])

    def row(self, row):
        say(row.name)
        labels, probs = prepare(row.data)
        calls, wholes, their_peak = [], [], 0
        ours = {1: [], 2: []}
        wanted = 0 if row.like or not row.cleanlab else (1 if self.quick else CLEANLAB_RUNS)
        for turn in range(self.repeats):
            if turn < wanted and not (calls and calls[0] > SLOW_SECONDS):
                layout = "nhwc" if row.data.container == "nhwc" else "nchw"
                told, r = child("cleanlab", labels, probs, self.mask, row.downsample, layout)
                calls.append(told["call"] + (told["load"] if probs.endswith(".npz") else 0))
                wholes.append(r.seconds)
                their_peak = max(their_peak, r.peak_bytes)
            for threads in ours:
                r = self.find(row.data, threads, row.options)
                if r.status != 0:
                    self.notes.append(f"{row.name}: masklint exits {r.status}: {(r.stderr.strip().splitlines() or ['no message'])[-1][:300]}")
                    return None
                ours[threads].append(r)
        theirs = self.theirs.get(row.like) if row.like else (median(calls), median(wholes), their_peak, len(calls)) if calls else None
        self.theirs[row.name] = theirs
        if calls:
            d, _ = child("differ", labels, probs, self.mask, self.out)
            tied = f" ({d['tied']} of them with one self-confidence)" if d["differ"] else ""
            self.notes.append(f"{row.name}: masks differ at {d['differ']:,} of {d['pixels']:,} pixels{tied}.")
        if row.data.container == "deflated":
            d, _ = child("inflate", probs)
            self.notes.append(f"{row.name}: zlib, from Python, inflates these bytes once in {d['seconds']:.2f} s on one core.")
        one, two = (median(r.seconds for r in ours[t]) for t in (1, 2))
        peak = max(r.peak_bytes for r in ours[2])
        speed = row.data.bytes / two
        mark = "*" if row.like else ""

        def ratio(s, part=0):
            return f"{theirs[part] / s:.1f}{mark}" if theirs else "-"

        return [row.name, f"{theirs[0]:.2f}{mark}" if theirs else "-", f"{theirs[1]:.2f}{mark}" if theirs else "-",
                f"{one:.3f}", f"{two:.3f}", ratio(one), ratio(two), ratio(one, 1), ratio(two, 1),
                f"{speed / 1e9:.2f}", f"{100 * speed / self.read['2']:.0f} %",
                f"{theirs[2] / 1e6:,.0f}{mark}" if theirs else "-", f"{peak / 1e6:,.0f}",
                f"{theirs[3]}{mark} / {self.repeats}" if theirs else f"- / {self.repeats}"]

    def curve(self, sets):
        rows = []
        for data in sets:
            prepare(data)
            say(f"cost at N={data.n}, K={data.k}, {data.h}x{data.w}")
            runs = {t: [] for t in (1, 2)}
            for _ in range(self.repeats):
                for t in runs:
                    runs[t].append(self.find(data, t, []))
            one, two = (median(r.seconds for r in runs[t]) for t in runs)
            rows.append([f"N={data.n}, K={data.k}, {data.h}x{data.w}", f"{data.bytes / 1e6:,.0f}",
                         f"{one * 1e3:.0f}", f"{two * 1e3:.0f}", f"{one * 1e9 / (data.n * data.h * data.w):.1f}",
                         *[f"{max(r.peak_bytes for r in runs[t]) / 1e6:.0f}" for t in runs]])
        return rows

    def cold(self, data):
        """Seconds of reading a dataset from the disk alone, and of masklint doing so; medians."""
        paths = prepare(data)
        alone, ours = [], []
        for _ in range(self.repeats):
            for path in paths:
                drop(path)
            start = time.perf_counter()
            for path in paths:
                read_through(path)
            alone.append(time.perf_counter() - start)
            for path in paths:
                drop(path)
            ours.append(self.find(data, 2, []).seconds)
        return median(alone), median(ours)


def table(head, rows, left=1):
    """A table in Markdown; `left` columns are of text, the others of numbers."""
    width = [max(len(r[i]) for r in [head, *rows]) for i in range(len(head))]

    def line(cells):
        return "| " + " | ".join(c.ljust(w) if i < left else c.rjust(w) for i, (c, w) in enumerate(zip(cells, width))) + " |"

    rule = "| " + " | ".join("-" * w if i < left else "-" * (w - 1) + ":" for i, w in enumerate(width)) + " |"
    return "\n".join([line(head), rule, *map(line, rows)])


# Files with n things in them, and the command that looks each of them up: twice the time for twice the number is as it should be.
GROWTH = [
    # name, n, what makes the files, the arguments
    ("merge of named images", 1000, "named", ["merge", "masks.npz", "-o", "merged.npz"]),
    ("report --issues of named images", 1000, "named",
     ["report", "-l", "labels.npz", "-p", "probs.npz", "--issues", "masks.npz", "-o", "report.html"]),
    ("archive of named images and one odd member", 5000, "odd", ["find", "-l", "odd.npz", "-p", "probs.npz", "-o", "o.npz"]),
    ("configuration file of values", 250, "config", ["find", "--config", "config.json"]),
    ("summary with warnings", 5000, "warnings", ["merge", "summary.json", "-o", "merged.json"]),
]


def make_files(binary, folder, kind, n):
    """Files of a row of GROWTH, with n things in them."""
    import numpy as np
    label, probs = np.array([[0, 1]], "u1"), np.array([[[0.75, 0.25]], [[0.25, 0.75]]], "f4")

    def find(*more):
        subprocess.run([binary, "find", "-l", "labels.npz", "-p", "probs.npz", "-o", "masks.npz", "-q", *more], cwd=folder,
                       check=True)

    names = [f"image{i}" for i in range(n if kind in ("named", "odd") else 2)]
    np.savez(f"{folder}/labels.npz", **{name: label for name in names})
    np.savez(f"{folder}/probs.npz", **{name: probs for name in names})
    if kind == "named":
        find()
    elif kind == "odd":
        np.savez(f"{folder}/odd.npz", odd=np.zeros((2, 2, 2, 2), "u1"), **{name: label for name in names})
    elif kind == "config":
        with open(f"{folder}/config.json", "w") as file:
            json.dump({"labels": "labels.npz", "pred-probs": "probs.npz", "output": "o.npz",
                       "ignore-label": list(range(1000, 1000 + n))}, file)
    elif kind == "warnings":
        find("--json-file", "summary.json")
        with open(f"{folder}/summary.json") as file:
            summary = json.load(file)
        summary["warnings"] = [f"warning {i}" for i in range(n)]
        with open(f"{folder}/summary.json", "w") as file:
            json.dump(summary, file)


def growth(binary, repeats):
    """Rows with the median times at n and at 4 n, in ms."""
    lines = []
    for name, n, kind, arguments in GROWTH:
        times = []
        for count in (n, 4 * n):
            with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
                make_files(binary, folder, kind, count)
                runs = []
                for _ in range(repeats):
                    start = time.perf_counter()
                    subprocess.run([binary, *arguments, "-q"], cwd=folder, capture_output=True)
                    runs.append(time.perf_counter() - start)
                times.append(median(runs))
        lines.append([name, str(n), *[f"{1000 * t:.0f}" for t in times], f"{times[1] / times[0]:.1f}"])
    return lines


def machine():
    cpu = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as f:
            cpu = next((x.split(":", 1)[1].strip() for x in f if x.startswith("model name")), cpu)
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("--binary", default=".build/release/masklint")
    a.add_argument("--quick", action="store_true")
    a.add_argument("--repeats", type=int)
    a.add_argument("--only", default="")
    a.add_argument("--list", action="store_true")
    a = a.parse_args()
    rows = [r for r in (QUICK_ROWS if a.quick else ROWS) if a.only in r.name]
    if a.list:
        sets = {r.data.paths: r.data.bytes for r in rows} | {m.paths: m.bytes for m in (QUICK_CURVE if a.quick else CURVE)}
        print("\n".join(f"{r.data.bytes / 1e6:8.0f} MB  {r.name}" for r in rows))
        print(f"{sum(sets.values()) / 1e6:8.0f} MB  together with those of the cost curve, files shared by rows counted once")
        return
    if not os.access(a.binary, os.X_OK):
        raise SystemExit(f"bench: {a.binary} is not there; run `make release` or name it with --binary")
    os.makedirs(FOLDER, exist_ok=True)
    start = time.time()
    bench = Bench(os.path.abspath(a.binary), a.repeats or (3 if a.quick else 5), a.quick)
    _, reference = prepare((QUICK_ROWS if a.quick else ROWS)[0].data)
    bench.read, _ = child("read", reference)
    floor = run(["true"]).peak_bytes

    lines = []
    for row in rows:
        if row.like and row.like not in bench.theirs:
            bench.notes.append(f"{row.name}: without cleanlab's figures, as its row was not run.")
        cells = bench.row(row)
        lines += [cells] if cells else []
    version = run([bench.binary, "--version"]).stdout.strip()
    theirs = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("cleanlab", "numpy"))
    print(f"masklint {version} beside {theirs}; {machine()}; page-cached files.\n")
    print(table(["data", "cleanlab s", "its process s", "1 thread s", "2 threads s", "ratio 1T", "ratio 2T", "whole 1T",
                        "whole 2T", "GB/s", "of read speed", "cleanlab MB", "masklint MB", "runs"], lines))
    print()
    print("cleanlab s: its call alone; its process s: from Python's start to its end. masklint s: the whole process. Medians.")
    print("ratio: cleanlab s over masklint s; whole: its process s over masklint s.")
    print("GB/s: bytes of probabilities over the time on 2 threads; masklint reads each once.")
    print(f"of read speed: GB/s against adding the file up once from the page cache, {bench.read['2'] / 1e9:.1f} GB/s on 2 threads ({bench.read['1'] / 1e9:.1f} on 1).")
    print(f"MB: peak resident memory, masklint's on 2 threads; {floor / 1e6:.0f} MB is the least this can show. runs: of cleanlab / of masklint;")
    print(f"cleanlab runs {'once' if a.quick else f'{CLEANLAB_RUNS} times, or once if the first took over {SLOW_SECONDS} s'}.")
    if any(r.like for r in rows):
        print("*: cleanlab has no such rule for segmentation; its figures are those of low_self_confidence on the same data.")
    print("\n".join(["", *bench.notes]))
    if not a.only:
        alone, ours = bench.cold(rows[0].data)
        print(f"\nFrom a cold disk: {rows[0].name}: reading alone takes {alone:.2f} s, masklint {ours:.2f} s on 2 threads.")
        print("\nCost against N, H x W and K (different images repeated):\n")
        print(table(["data", "probabilities MB", "1 thread ms", "2 threads ms", "ns a pixel 1T", "1 thread MB", "2 threads MB"],
                    bench.curve(QUICK_CURVE if a.quick else CURVE)))
        print("\nTime at n and at 4 n (4 times as much is linear):\n")
        print(table(["look-ups", "n", "n ms", "4 n ms", "ratio"], growth(bench.binary, bench.repeats)))
    say(f"{time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
