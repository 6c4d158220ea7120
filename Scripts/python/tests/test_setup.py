"""How the wheel is tagged, and where its version comes from."""
import importlib.util
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest

from masklint._binary import find_binary

pytest.importorskip("setuptools.command.bdist_wheel", reason="setuptools is not installed, or older than 70.1")


@pytest.fixture(scope="module")
def setup() -> Any:
    spec = importlib.util.spec_from_file_location("masklint_setup", Path(__file__).parents[1] / "setup.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def elf(machine: int, strings: bytes) -> bytes:
    """What of an ELF file the tag depends on: magic, e_machine at byte 18, and its strings."""
    return b"\x7fELF" + bytes(14) + struct.pack("<H", machine) + bytes(44) + b"\0" + strings + b"\0"


@pytest.mark.parametrize("binary, tag", [
    (elf(62, b"GLIBC_2.2.5\0GLIBC_2.35\0GLIBC_2.4"), "manylinux_2_35_x86_64"),
    (elf(62, b"GLIBC_2.9\0GLIBC_2.17"), "manylinux_2_17_x86_64"),
    (elf(183, b"GLIBC_2.34\0GLIBCXX_3.4.29\0xGLIBC_2.99\0GLIBC_2.98x"), "manylinux_2_34_aarch64"),
    (elf(183, b"no versions"), "linux_aarch64"),
])
def test_a_linux_binary_is_tagged_by_its_machine_and_newest_symbol_version(setup: Any, binary: bytes, tag: str) -> None:
    assert setup.platform_tag(binary) == tag


@pytest.mark.parametrize("platform, tag", [
    ("macosx-11.0-arm64", "macosx_15_0_arm64"), ("macosx-10.9-x86_64", "macosx_15_0_x86_64")])
def test_a_macos_binary_is_tagged_by_the_system_it_is_built_for(
        setup: Any, monkeypatch: pytest.MonkeyPatch, platform: str, tag: str) -> None:
    monkeypatch.setattr("sysconfig.get_platform", lambda: platform)
    assert setup.platform_tag(b"\xcf\xfa\xed\xfe" + bytes(60)) == tag


def test_the_version_is_the_binarys(setup: Any) -> None:
    shown = subprocess.run([find_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    assert setup.version() == shown.strip()


def test_an_unpacked_source_distribution_knows_its_version(
        setup: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: masklint\nVersion: 9.8.7\n")
    monkeypatch.setattr(setup, "REPOSITORY", tmp_path)
    monkeypatch.setattr(setup, "HERE", tmp_path)
    assert setup.version() == "9.8.7"


def test_without_a_binary_nothing_is_built(setup: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(setup, "REPOSITORY", tmp_path)
    monkeypatch.setattr(setup, "PACKAGED", tmp_path / "masklint")
    monkeypatch.delenv("MASKLINT_DIST", raising=False)
    with pytest.raises(SystemExit, match="make dist"):
        setup.pack()
