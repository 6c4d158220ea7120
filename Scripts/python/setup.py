"""Puts the binary and its version into the wheel; all that does not change stands in pyproject.toml.

usage: python -m build --wheel Scripts/python      (after `make dist`; MASKLINT_DIST names another binary)

The wheel is for the platform that the binary is for. A source distribution holds no binary: who builds a wheel of one
names a binary with MASKLINT_DIST.
"""
import os
import re
import shutil
import struct
import subprocess
import sysconfig
from pathlib import Path
from typing import Dict, Iterator, List, Tuple

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
BINARY = Path(os.environ.get("MASKLINT_DIST") or REPOSITORY / ".artifacts" / "masklint")
# e_machine of an ELF header.
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
# Of the ELF format: kinds of segments, and entries of the dynamic section.
PT_LOAD, PT_DYNAMIC, PT_INTERP, PT_NOTE = 1, 2, 3, 4
DT_NULL, DT_NEEDED, DT_STRTAB = 0, 1, 5
# Libraries that every Linux of a manylinux tag has, by PEP 600.
SYSTEM_LIBRARIES = {
    "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libgcc_s.so.1", "libz.so.1",
    "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
# The kernel of the oldest system that manylinux_2_17 stands for.
OLDEST_KERNEL = (3, 10, 0)
# The macOS that Package.swift asks for.
MACOS = "macosx_15_0"


def version() -> str:
    """The binary's, from its source; in an unpacked source distribution, from that."""
    source = next((REPOSITORY / "Sources").glob("**/AuditVersion.swift"), None)
    if source is not None:
        place, pattern = source, r'masklintVersion = "([^"]+)"'
    else:
        place, pattern = HERE / "PKG-INFO", r"(?m)^Version: (.+)$"
    found = re.search(pattern, place.read_text(encoding="utf-8"))
    if found is None:
        raise SystemExit(f"setup.py: no version in {place}")
    return found.group(1)


def addresses() -> Dict[str, str]:
    """Where the repository that this is built in was cloned from, if that is a public address."""
    run = subprocess.run(["git", "-C", str(REPOSITORY), "remote", "get-url", "origin"], capture_output=True, text=True)
    address = re.sub(r"\.git$", "", run.stdout.strip())
    return {"Source": address} if re.match(r"https://[^@]+$", address) else {}


class BuildWithBinary(build_py):
    """The package with the binary in it."""

    def run(self) -> None:
        if not BINARY.is_file():
            raise SystemExit(
                f"setup.py: {BINARY} is not there. A wheel holds the masklint binary, which is written in Swift: build "
                "it in the repository with `make dist` (Swift 6.2 or later), and name it with MASKLINT_DIST where this "
                "is not the repository; or install a wheel that was built for this platform")
        super().run()
        target = Path(self.build_lib) / "masklint" / "masklint"
        shutil.copyfile(BINARY, target)
        target.chmod(0o755)


class BinaryDistribution(Distribution):
    """What belongs where a platform's libraries go."""

    def has_ext_modules(self) -> bool:
        return True


class BinaryWheel(bdist_wheel):
    """A wheel for any Python 3 on the binary's platform."""

    def get_tag(self) -> Tuple[str, str, str]:
        return "py3", "none", platform_tags(BINARY.read_bytes())


def platform_tags(binary: bytes) -> str:
    """The wheel's platform tags for this binary, joined by dots.

    A Linux binary without an interpreter that needs no library runs wherever the kernel is not older than its ABI note
    asks for. One that needs system libraries alone gets manylinux_X_Y for the newest GLIBC_X.Y
    among its symbol versions. Any other gets a tag for this machine alone.
    """
    if not binary.startswith(b"\x7fELF"):
        return f"{MACOS}_{sysconfig.get_platform().rsplit('-', 1)[1]}"
    machine = ELF_MACHINES[struct.unpack_from("<H", binary, 18)[0]]
    needed = needed_libraries(binary)
    if not needed and all(kind != PT_INTERP for kind, *_ in segments(binary)):
        if oldest_kernel(binary) > OLDEST_KERNEL:
            return f"linux_{machine}"
        return f"manylinux_2_17_{machine}.manylinux2014_{machine}.musllinux_1_1_{machine}"
    versions = [tuple(map(int, found)) for found in re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=[.\d]*\0)", binary)]
    if not versions or not set(needed) <= SYSTEM_LIBRARIES:
        return f"linux_{machine}"
    major, minor = max(versions)
    return f"manylinux_{major}_{minor}_{machine}"


def needed_libraries(binary: bytes) -> List[str]:
    """Names of the libraries that an ELF binary is linked with."""
    found = list(segments(binary))
    entries = [entry for kind, offset, _, size in found if kind == PT_DYNAMIC
               for entry in struct.iter_unpack("<qQ", binary[offset:offset + size])]
    if (DT_NULL, 0) in entries:
        entries = entries[:entries.index((DT_NULL, 0))]
    names = dict(entries).get(DT_STRTAB, 0)
    # The table is named by the address at which it is loaded.
    table = next((offset + names - address for kind, offset, address, size in found
                  if kind == PT_LOAD and address <= names < address + size), 0)
    return [binary[table + place:binary.index(b"\0", table + place)].decode()
            for tag, place in entries if tag == DT_NEEDED]


def oldest_kernel(binary: bytes) -> Tuple[int, ...]:
    """The Linux version that an ELF binary's ABI note asks for; zeros without one."""
    for kind, offset, _, size in segments(binary):
        note = binary[offset:offset + size]
        place = note.find(b"\4\0\0\0\x10\0\0\0\1\0\0\0GNU\0\0\0\0\0") if kind == PT_NOTE else -1
        if place >= 0:
            return struct.unpack_from("<III", note, place + 20)
    return 0, 0, 0


def segments(binary: bytes) -> Iterator[Tuple[int, int, int, int]]:
    """Kind, offset, address and size in the file of the segments of a 64-bit ELF binary."""
    start, = struct.unpack_from("<Q", binary, 32)
    size, count = struct.unpack_from("<HH", binary, 54)
    for place in range(start, start + size * count, size):
        kind, _, offset, address, _, length = struct.unpack_from("<IIQQQQ", binary, place)
        yield kind, offset, address, length


if __name__ == "__main__":
    setup(version=version(), project_urls=addresses(), distclass=BinaryDistribution,
          cmdclass={"bdist_wheel": BinaryWheel, "build_py": BuildWithBinary})
