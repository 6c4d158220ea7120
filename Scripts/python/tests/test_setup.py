"""How wheels are tagged, where their version comes from, and that what is built can be installed and used."""
import importlib.util
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any, List, Sequence, Tuple

import pytest

from masklint._binary import find_binary

pytest.importorskip("setuptools.command.bdist_wheel", reason="setuptools is not installed, or older than 70.1")

HERE = Path(__file__).parents[1]
STATIC = "manylinux_2_17_{0}.manylinux2014_{0}.musllinux_1_1_{0}"
INTERP = (3, b"/lib64/ld-linux.so.2\0")
KERNEL_3_2 = struct.pack("<III4sIIII", 4, 16, 1, b"GNU\0", 0, 3, 2, 0)
KERNEL_5_4 = struct.pack("<III4sIIII", 4, 16, 1, b"GNU\0", 0, 5, 4, 0)


@pytest.fixture(scope="module")
def setup() -> Any:
    spec = importlib.util.spec_from_file_location("masklint_setup", HERE / "setup.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def elf(machine: int, *parts: Tuple[int, bytes], needed: Sequence[str] = (), strings: bytes = b"") -> bytes:
    """What of an ELF file the tags depend on: machine, segments, and libraries with the strings that name them."""
    table = b"\0" + b"".join(name.encode() + b"\0" for name in needed) + strings + b"\0"
    places = [table.index(b"\0" + name.encode() + b"\0") + 1 for name in needed]
    found = list(parts)
    start = 64 + 56 * (len(found) + 2)
    if needed:
        # The string table is loaded at an address 0x400000 beyond its place in the file.
        entries = [(1, place) for place in places] + [(5, 0x400000 + start), (0, 0), (1, 999)]
        found.append((2, b"".join(struct.pack("<qQ", *entry) for entry in entries)))
    data, headers = table, struct.pack("<IIQQQQQQ", 1, 4, start, 0x400000 + start, 0, len(table), 0, 0)
    for kind, text in found:
        headers += struct.pack("<IIQQQQQQ", kind, 4, start + len(data), 0x500000, 0, len(text), 0, 0)
        data += text
    head = b"\x7fELF" + bytes(12) + struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, 0, 64, 0, 0, 64, 56, len(found) + 1,
                                                0, 0, 0)
    return (head + headers).ljust(start, b"\0") + data


@pytest.mark.parametrize("binary, tags", [
    (elf(62, (4, KERNEL_3_2)), STATIC.format("x86_64")),
    (elf(183), STATIC.format("aarch64")),
    (elf(62, (4, KERNEL_5_4)), "linux_x86_64"),
    (elf(62, INTERP, needed=["libc.so.6"], strings=b"GLIBC_2.2.5\0GLIBC_2.35\0GLIBC_2.4"), "manylinux_2_35_x86_64"),
    (elf(62, INTERP, needed=["libm.so.6", "libc.so.6"], strings=b"GLIBC_2.9\0GLIBC_2.17"), "manylinux_2_17_x86_64"),
    (elf(183, INTERP, needed=["libc.so.6"], strings=b"GLIBC_2.34\0GLIBCXX_3.4.29\0xGLIBC_2.99\0GLIBC_2.98x"),
     "manylinux_2_34_aarch64"),
    (elf(62, INTERP, needed=["libswiftCore.so", "libc.so.6"], strings=b"GLIBC_2.17"), "linux_x86_64"),
    (elf(62, INTERP), "linux_x86_64"),
    (elf(62, needed=["libc.so.6"], strings=b"GLIBC_2.17"), "manylinux_2_17_x86_64"),
])
def test_a_linux_binary_is_tagged_by_what_it_needs(setup: Any, binary: bytes, tags: str) -> None:
    assert setup.platform_tags(binary) == tags


@pytest.mark.skipif(shutil.which("readelf") is None, reason="readelf is not installed")
@pytest.mark.parametrize("path", [find_binary(), sys.executable, "/bin/sh"])
def test_needed_libraries_are_those_that_readelf_tells(setup: Any, path: str) -> None:
    text = subprocess.run(["readelf", "-dlW", path], capture_output=True, text=True).stdout
    if not text:
        pytest.skip(f"{path} is no ELF file")
    expected = [line.split("[")[1].rstrip("]") for line in text.splitlines() if "(NEEDED)" in line]
    data = Path(path).read_bytes()
    assert setup.needed_libraries(data) == expected
    assert ("musllinux" in setup.platform_tags(data)) == (not expected and "INTERP" not in text)


@pytest.mark.parametrize("platform, tag", [
    ("macosx-11.0-arm64", "macosx_15_0_arm64"), ("macosx-10.9-x86_64", "macosx_15_0_x86_64")])
def test_a_macos_binary_is_tagged_by_the_system_it_is_built_for(
        setup: Any, monkeypatch: pytest.MonkeyPatch, platform: str, tag: str) -> None:
    monkeypatch.setattr("sysconfig.get_platform", lambda: platform)
    assert setup.platform_tags(b"\xcf\xfa\xed\xfe" + bytes(60)) == tag


def test_the_version_is_the_binarys(setup: Any) -> None:
    shown = subprocess.run([find_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    assert setup.version() == shown.strip()


def test_an_unpacked_source_distribution_knows_its_version(
        setup: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "PKG-INFO").write_text("Metadata-Version: 2.4\nName: masklint\nVersion: 9.8.7\n")
    monkeypatch.setattr(setup, "REPOSITORY", tmp_path)
    monkeypatch.setattr(setup, "HERE", tmp_path)
    assert setup.version() == "9.8.7"


@pytest.mark.parametrize("remote, addresses", [
    ("https://example.org/team/masklint.git", {"Source": "https://example.org/team/masklint"}),
    ("https://user:secret@example.org/masklint", {}), ("/srv/masklint.git", {}), (None, {})])
def test_the_address_is_that_of_a_public_clone(
        setup: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, remote: Any, addresses: Any) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    if remote is not None:
        subprocess.run(["git", "-C", tmp_path, "remote", "add", "origin", remote], check=True)
    monkeypatch.setattr(setup, "REPOSITORY", tmp_path)
    assert setup.addresses() == addresses


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built, so that building leaves nothing in the checkout."""
    root = tmp_path_factory.mktemp("repository")
    shutil.copytree(HERE, root / "Scripts" / "python", ignore=shutil.ignore_patterns("tests", "__pycache__", ".*"))
    version = next((HERE.parents[1] / "Sources").glob("**/AuditVersion.swift"))
    (root / "Sources").mkdir()
    shutil.copyfile(version, root / "Sources" / "AuditVersion.swift")
    return root / "Scripts" / "python"


def build(kind: str, source: Path, output: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    pytest.importorskip("build", reason="build is not installed")
    return subprocess.run(
        [sys.executable, "-m", "build", f"--{kind}", "--no-isolation", "--outdir", str(output), str(source)],
        capture_output=True, text=True, env={**os.environ, **environment})


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("wheel")
    run = build("wheel", source, output, MASKLINT_DIST=find_binary())
    assert run.returncode == 0, run.stdout + run.stderr
    path, = output.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def distribution(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("sdist")
    run = build("sdist", source, output, MASKLINT_DIST="/nowhere")
    assert run.returncode == 0, run.stdout + run.stderr
    path, = output.glob("*.tar.gz")
    return path


def test_a_wheel_names_its_tags_and_holds_the_binary(setup: Any, wheel: Path) -> None:
    binary = Path(find_binary()).read_bytes()
    tags = setup.platform_tags(binary)
    assert wheel.name == f"masklint-{setup.version()}-py3-none-{tags}.whl"
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        info = archive.read(next(name for name in names if name.endswith("/WHEEL"))).decode()
        facts = archive.read(next(name for name in names if name.endswith("/METADATA"))).decode()
        assert archive.read("masklint/masklint") == binary
        assert archive.getinfo("masklint/masklint").external_attr >> 16 & 0o111 == 0o111
    assert sorted(line for line in info.splitlines() if line.startswith("Tag: ")) == sorted(
        f"Tag: py3-none-{tag}" for tag in tags.split("."))
    assert "Root-Is-Purelib: false" in info
    for line in ("Author: The masklint authors", "License-Expression: MIT", "Requires-Dist: numpy",
                 "Classifier: Typing :: Typed", "Provides-Extra: images"):
        assert line in facts, line
    assert any(name.endswith("/LICENSE") for name in names) and "masklint/py.typed" in names
    assert not [name for name in names if "test" in name]


def python_of(folder: Path) -> Tuple[Path, "dict[str, str]"]:
    """A new environment's Python, and a process environment without any other program: no compiler, no binary."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MASKLINT", "PYTHON", "VIRTUAL"))}
    return folder / "bin" / "python", {**kept, "PATH": str(folder / "bin")}


def install(python: Path, environment: Any, *arguments: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([python, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", *arguments],
                          env=environment, capture_output=True, text=True)


USE = """
import numpy as np, masklint
labels = np.array([[[0, 0, 1, 1], [0, 1, 1, 1]]])
of_class_1 = np.array([[[.1, .2, .9, .8], [.1, .1, .7, .9]]])
found = masklint.audit(labels, np.stack([1 - of_class_1, of_class_1], 1))
print(masklint.__version__, masklint.__file__, found.label_issues.sum())
"""


def test_an_installed_wheel_works_in_a_clean_environment(setup: Any, wheel: Path, tmp_path: Path) -> None:
    python, environment = python_of(tmp_path / "env")
    run = install(python, environment, "numpy")
    if run.returncode != 0:
        pytest.skip("NumPy cannot be installed here, which a clean environment needs")
    run = install(python, environment, "--no-index", wheel)
    assert run.returncode == 0, run.stderr
    shown = subprocess.run([tmp_path / "env" / "bin" / "masklint", "--version"], env=environment, cwd=tmp_path,
                           capture_output=True, text=True)
    assert shown.stdout.strip() == setup.version()
    used = subprocess.run([python, "-W", "error", "-c", USE], env=environment, cwd=tmp_path, capture_output=True,
                          text=True)
    version, file, issues = used.stdout.split()
    assert (version, issues, used.stderr) == (setup.version(), "1", "")
    assert file.startswith(str(tmp_path))


def members(distribution: Path) -> List[str]:
    with tarfile.open(distribution) as archive:
        return [name.partition("/")[2] for name in archive.getnames()]


def test_a_source_distribution_holds_no_binary_and_says_what_it_needs(distribution: Path) -> None:
    names = members(distribution)
    assert {"LICENSE", "PKG-INFO", "masklint/filter.py", "setup.py"} <= set(names)
    assert "masklint/masklint" not in names
    with tarfile.open(distribution) as archive:
        facts = archive.extractfile(next(m for m in archive.getmembers() if m.name.endswith("/PKG-INFO")))
        assert facts is not None and b"MASKLINT_DIST=" in facts.read()


def test_a_source_distribution_becomes_a_wheel_with_a_binary_alone(
        setup: Any, distribution: Path, wheel: Path, tmp_path: Path) -> None:
    subprocess.run(["tar", "xzf", distribution, "-C", tmp_path], check=True)
    unpacked, = tmp_path.iterdir()
    run = build("wheel", unpacked, tmp_path / "out", MASKLINT_DIST="")
    assert run.returncode != 0
    assert "written in Swift: build it in the repository with `make dist`" in run.stdout + run.stderr
    run = build("wheel", unpacked, tmp_path / "out", MASKLINT_DIST=find_binary())
    assert run.returncode == 0, run.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == [wheel.name]
