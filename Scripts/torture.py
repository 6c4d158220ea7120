#!/usr/bin/env python3
"""Makes every system call of every command fail in turn, and checks how the command ends.

usage: Scripts/torture.py BINARY [--quick] [COMMAND...]

A command ends either with exit status 0 and the outputs of a run without failures, or with exit status 2, one line on standard
error and every old output as it was. It never leaves a temporary file, is ended by a signal, or hangs. Where memory is refused,
an end by SIGABRT is taken too, as long as it is told in one line: Swift cannot go on without memory.

Needs strace. --quick takes a few calls of each kind, of find and merge alone. Exit status: 0 all is well, 1 something failed,
2 strace is missing or may not trace.
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
STREET = ROOT / "Samples" / "street"

# What each call is made to fail with. EINTR and EAGAIN are no failures: whoever gets them tries again.
ERRORS = {
    "openat": ["EMFILE", "EACCES"],
    "read": ["EIO", "EINTR"],
    "pread64": ["EIO", "EINTR"],
    "write": ["ENOSPC", "EINTR"],
    "pwrite64": ["ENOSPC", "EINTR"],
    "close": ["EIO"],
    "fstat": ["EIO"],
    "stat": ["EIO"],
    "newfstatat": ["EIO"],
    "statx": ["EIO"],
    "access": ["EACCES"],
    "faccessat2": ["EACCES"],
    "getdents64": ["EIO"],
    "rename": ["EIO", "EXDEV"],
    "renameat2": ["EIO"],
    "link": ["EIO"],
    "linkat": ["EIO"],
    "unlink": ["EIO"],
    "fchmod": ["EPERM"],
    "ftruncate": ["EIO"],
    "fsync": ["EIO"],
    "lseek": ["EINVAL"],
    "fcntl": ["EINVAL"],
    "readlink": ["EACCES"],
    "ioctl": ["ENOTTY"],
    "getrlimit": ["EINVAL"],
    "prlimit64": ["EINVAL"],
    "rt_sigaction": ["EINVAL"],
    "mincore": ["ENOMEM"],
    "madvise": ["ENOMEM"],
    "mmap": ["ENOMEM"],
    "mremap": ["ENOMEM"],
    "clone3": ["EAGAIN"],
    "clone": ["EAGAIN"],
    "sched_getaffinity": ["EINVAL"],
}
MEMORY_CALLS = {"mmap", "mremap"}
# What the program itself calls begins here: a constructor that runs before main and after the loader.
START = re.compile(r'readlink\("/proc/self/exe", .*, 2\)')
OLD = b"what was there before\n"

Command = collections.namedtuple("Command", "name arguments outputs prepare")

DATA = ["-l", "labels.npy", "-p", "pred_probs.npz", "--ignore-label", "255", "--threads", "1"]
COMMANDS = [
    Command(
        "find",
        ["find", *DATA, "-o", "o.npz", "--suggest", "--json-file", "o.json", "--markdown", "o.md", "--junit", "o.xml",
         "--regions", "o.csv"],
        ["o.npz", "o.json", "o.md", "o.xml", "o.csv"], []),
    Command("find-piped", ["find", *DATA, "-o", "-"], [], []),
    Command("find-spooled", ["find", *DATA, "-o", "o.npz", "--memory-limit", "0"], ["o.npz"], []),
    Command("merge-masks", ["merge", "a.npz", "-o", "o.npz"], ["o.npz"], [["find", *DATA, "-o", "a.npz"]]),
    Command("merge-parts", ["merge", "a.npz", "-o", "o.npz"], ["o.npz"], [["thresholds", *DATA, "-o", "a.npz"]]),
    Command(
        "merge-summaries", ["merge", "a.json", "-o", "o.json"], ["o.json"],
        [["find", *DATA, "-o", "a.npz", "--json-file", "a.json"]]),
    Command(
        "regions",
        ["regions", *DATA, "-o", "o.csv", "--coco", "o.json", "--label-studio", "ls.json", "--corrected", "o.npz"],
        ["o.csv", "o.json", "ls.json", "o.npz"], []),
    Command("score", ["score", *DATA, "-o", "o.npz", "--pixel-scores"], ["o.npz"], []),
    Command("report", ["report", *DATA, "-o", "o.html", "--images", "images.npz"], ["o.html"], []),
    Command("inspect", ["inspect", "labels.npy", "pred_probs.npz"], [], []),
    Command(
        "thresholds", ["thresholds", *DATA, "-o", "o.npz", "--keep-records", "o.records"], ["o.npz", "o.records"], []),
    Command("records", ["find", "--records", "r", "--ignore-label", "255", "-o", "o.npz"], ["o.npz"],
            [["thresholds", *DATA, "-o", "a.npz", "--keep-records", "r"]]),
]
QUICK = ["find", "merge-masks"]


class Torture:
    def __init__(self, binary, command, quick):
        self.binary = binary
        self.command = command
        self.quick = quick
        self.folder = tempfile.TemporaryDirectory(prefix="masklint-torture-")
        self.path = pathlib.Path(self.folder.name)
        for name in ("labels.npy", "pred_probs.npz", "images.npz"):
            shutil.copy(STREET / name, self.path / name)
        for arguments in command.prepare:
            subprocess.run([binary, *arguments], cwd=self.path, check=True, capture_output=True)
        self.inputs = set(os.listdir(self.path))
        self.failures = []
        self.parts = []
        self.runs = 0

    def run(self, *options):
        """Runs the command under strace, with old outputs in place."""
        for name in set(os.listdir(self.path)) - self.inputs:
            os.unlink(self.path / name)
        for name in self.command.outputs:
            (self.path / name).write_bytes(OLD)
        trace = self.path.with_suffix(".trace")
        try:
            done = subprocess.run(
                ["strace", "-f", "-o", trace, *options, "--", self.binary, *self.command.arguments], cwd=self.path,
                capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None, ""
        text = trace.read_text(errors="replace") if trace.exists() else ""
        if trace.exists():
            trace.unlink()
        return done, text

    def outputs(self):
        """What each output holds, but for times, which differ from run to run."""
        found = {}
        for name in self.command.outputs:
            path = self.path / name
            data = path.read_bytes() if path.exists() else None
            if data is not None and data != OLD and not name.endswith((".npz", ".records")):
                data = re.sub(rb'("seconds": ?|in |time="|took )[0-9.e-]+( s)?', rb"\1", data)
                data = re.sub(rb"[0-9.,]+ (ms|s|MB/s|GB/s|MiB|GiB)\b", rb"", data)
            found[name] = data
        return found

    def torment(self):
        done, trace = self.run("-e", "trace=all", "-e", "signal=none")
        if done is None or done.returncode != 0:
            sys.exit(f"torture: {self.command.name} does not run without failures: {done and done.stderr.decode()}")
        self.reference = self.outputs()
        self.standard_output = done.stdout
        before = collections.Counter()
        after = collections.Counter()
        counts = before
        for line in trace.splitlines():
            if START.search(line):
                counts = after
            match = re.match(r"\d+ +(\w+)\(", line)
            if match:
                counts[match.group(1)] += 1
        if not after:
            sys.exit("torture: the trace does not show where the program starts")
        for call, errors in ERRORS.items():
            numbers = range(before[call] + 1, before[call] + after[call] + 1)
            if call == "readlink":
                numbers = numbers[1:]
            if self.quick:
                numbers = sorted(set([*numbers[:2], *numbers[-2:], *numbers[:: max(1, len(numbers) // 3)]]))
            for error in errors:
                for number in numbers:
                    self.fail_one(call, error, number)

    def fail_one(self, call, error, number):
        done, trace = self.run(
            "-e", f"trace={call}", "-e", "signal=none", "-e", f"inject={call}:error={error}:when={number}")
        self.runs += 1
        place = f"{self.command.name}: {call} {number} {error}"
        if done is None:
            self.failures.append(f"{place}: hangs")
            return
        found = self.outputs()
        errors = done.stderr.decode(errors="replace")
        status = done.returncode
        left = [name for name in os.listdir(self.path) if ".masklint-" in name]
        if left and call != "unlink":
            self.failures.append(f"{place}: leaves {left}")
        if status == 0:
            if found != self.reference:
                different = [name for name in found if found[name] != self.reference[name]]
                self.failures.append(f"{place}: exit status 0, and {different} are not what they should be")
            if not self.command.outputs and len(done.stdout) == 0 and call not in ("write",):
                self.failures.append(f"{place}: exit status 0 with nothing on standard output")
            return
        lines = [line for line in errors.splitlines() if not line.startswith("masklint: warning: ")]
        is_told = len(lines) == 1 and lines[0].startswith("masklint: error: ")
        if status == -6 and call in MEMORY_CALLS:
            if not any(line.startswith("masklint: error: ") for line in lines):
                self.failures.append(f"{place}: SIGABRT without a line")
        elif status != 2:
            self.failures.append(f"{place}: exit status {status}: {errors.strip()[:300]}")
            return
        elif not is_told and not (call == "write" and not lines):
            self.failures.append(f"{place}: not one line: {errors.strip()[:300]}")
        new = [name for name in found if found[name] == self.reference[name]]
        damaged = [name for name in found if found[name] not in (OLD, self.reference[name])]
        if damaged:
            self.failures.append(f"{place}: {damaged} are neither old nor new")
        if new and len(new) < len(found):
            self.parts.append(f"{place}: {new} are new, the other outputs old")
        if new and len(new) == len(found) and found and "is complete" not in errors:
            self.parts.append(f"{place}: all outputs are new, and the exit status is {status}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("commands", nargs="*", help="names of commands, all by default")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if shutil.which("strace") is None:
        print("torture: strace is not installed, which makes system calls fail (apt install strace)", file=sys.stderr)
        return 2
    probe = subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True)
    if probe.returncode != 0:
        print(f"torture: strace may not trace here: {probe.stderr.decode().strip()}", file=sys.stderr)
        return 2
    names = options.commands or (QUICK if options.quick else [command.name for command in COMMANDS])
    failed = False
    for command in COMMANDS:
        if command.name not in names:
            continue
        torture = Torture(os.path.abspath(options.binary), command, options.quick)
        torture.torment()
        print(f"torture: {command.name}: {torture.runs} calls failed in turn, {len(torture.failures)} ended badly", flush=True)
        for line in torture.failures:
            print(f"    {line}")
        # Outputs of one run are not yet replaced together, so this is told and does not fail.
        for line in torture.parts:
            print(f"    note: {line}")
        failed = failed or bool(torture.failures)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
