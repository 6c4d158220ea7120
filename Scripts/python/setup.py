"""Puts the binary and its version into the wheel; all that does not change stands in pyproject.toml.

usage: python -m build --wheel Scripts/python      (after `make dist`; MASKLINT_DIST names another binary)

The wheel is for the platform that the binary is for: on Linux, for systems whose C library is at least as new as the
newest of its symbols that the binary uses. Source distributions carry the binary too, so that a wheel can be made of
one.
"""
import os
import re
import shutil
import struct
import sysconfig
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
PACKAGED = HERE / "masklint" / "masklint"
# e_machine of an ELF header.
ELF_MACHINES = {62: "x86_64", 183: "aarch64"}
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


def pack() -> None:
    """Copies the binary and the licence into the package, if they are here to copy."""
    if (REPOSITORY / "LICENSE").exists():
        shutil.copyfile(REPOSITORY / "LICENSE", HERE / "LICENSE")
    built = Path(os.environ.get("MASKLINT_DIST") or REPOSITORY / ".artifacts" / "masklint")
    if built.exists():
        shutil.copyfile(built, PACKAGED)
        PACKAGED.chmod(0o755)
    if not PACKAGED.exists():
        raise SystemExit(f"setup.py: {built} is not there; run `make dist` first, or set MASKLINT_DIST to a binary")


def platform_tag(binary: bytes) -> str:
    """The wheel's platform tag for this binary.

    A dynamically linked ELF binary gets manylinux_X_Y for the newest GLIBC_X.Y among its symbol versions; one without
    any is linked statically and runs on every Linux.
    """
    if not binary.startswith(b"\x7fELF"):
        return f"{MACOS}_{sysconfig.get_platform().rsplit('-', 1)[1]}"
    machine = ELF_MACHINES[struct.unpack_from("<H", binary, 18)[0]]
    versions = [tuple(map(int, found)) for found in re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=[.\d]*\0)", binary)]
    if not versions:
        return f"linux_{machine}"
    major, minor = max(versions)
    return f"manylinux_{major}_{minor}_{machine}"


class BinaryDistribution(Distribution):
    """What belongs where a platform's libraries go."""

    def has_ext_modules(self) -> bool:
        return True


class BinaryWheel(bdist_wheel):
    """A wheel for any Python 3 on one platform."""

    def get_tag(self) -> "tuple[str, str, str]":
        return "py3", "none", platform_tag(PACKAGED.read_bytes())


if __name__ == "__main__":
    pack()
    setup(version=version(), distclass=BinaryDistribution, cmdclass={"bdist_wheel": BinaryWheel})
