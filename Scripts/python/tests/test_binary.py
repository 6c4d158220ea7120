"""Finding the binary, and what its endings become."""
import os
import pty
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

import pytest

from masklint import _binary, _progress

Fake = Callable[[str], Path]
PACKAGE = Path(_binary.__file__).parents[1]


def run(*arguments: str) -> "list[str]":
    with tempfile.TemporaryFile() as output:
        return _binary.run(arguments, output)


def script(path: Path, first: bytes) -> None:
    path.write_bytes(first + b"\n")
    path.chmod(0o755)


def test_the_environment_comes_first(fake_binary: Fake) -> None:
    fake = fake_binary("")
    assert _binary.find_binary() == str(fake)


def test_an_environment_that_names_no_program_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASKLINT_BINARY", "/nowhere/masklint")
    with pytest.raises(FileNotFoundError, match="MASKLINT_BINARY is /nowhere/masklint"):
        _binary.find_binary()


def test_the_copy_in_the_package_comes_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged, other = tmp_path / "packaged", tmp_path / "masklint"
    script(packaged, b"\x7fELF")
    script(other, b"\x7fELF")
    monkeypatch.delenv("MASKLINT_BINARY", raising=False)
    monkeypatch.setattr(_binary, "PACKAGED", packaged)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _binary.find_binary() == str(packaged)
    packaged.unlink()
    assert _binary.find_binary() == str(other)


def test_a_script_on_path_is_passed_over_since_it_may_be_our_own(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script(tmp_path / "masklint", b"#!/usr/bin/python3")
    monkeypatch.delenv("MASKLINT_BINARY", raising=False)
    monkeypatch.setattr(_binary, "PACKAGED", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="no masklint binary.*MASKLINT_BINARY"):
        _binary.find_binary()


@pytest.mark.parametrize("status, text, line", [
    (2, "masklint: error: x.npy: no such file; check the path", "x.npy: no such file; check the path"),
    (2, "masklint: warning: first\nmasklint: error: then", "then"),
    (64, "Error: --threads is from 1 to 1024.\nUsage: masklint find", "--threads is from 1 to 1024."),
    (2, "words of no known form", "words of no known form"),
])
def test_faults_of_data_and_arguments_are_value_errors_with_the_line(
        fake_binary: Fake, status: int, text: str, line: str) -> None:
    fake_binary(f"cat >&2 <<'X'\n{text}\nX\nexit {status}")
    with pytest.raises(ValueError) as error:
        run()
    assert str(error.value) == line


@pytest.mark.parametrize("body, text", [
    ("kill -SEGV $$", "masklint was ended by SIGSEGV"),
    ("kill -KILL $$", "masklint was ended by SIGKILL"),
    ("echo oops >&2; exit 70", "masklint ended with status 70: oops"),
])
def test_a_crash_is_a_runtime_error(fake_binary: Fake, body: str, text: str) -> None:
    fake_binary(body)
    with pytest.raises(RuntimeError, match=text):
        run()


def test_warnings_are_returned(fake_binary: Fake) -> None:
    fake_binary("echo 'masklint: warning: class 3 is absent' >&2; echo 'masklint: warning: b' >&2")
    assert run() == ["class 3 is absent", "b"]


def test_standard_output_goes_to_the_file(fake_binary: Fake) -> None:
    fake_binary('printf "%s " "$@"')
    with tempfile.TemporaryFile() as output:
        _binary.run(["find", "--x=1"], output)
        output.seek(0)
        assert output.read() == b"find --x=1 "


def test_without_a_terminal_nothing_is_shown(fake_binary: Fake, capfd: pytest.CaptureFixture[str]) -> None:
    fake_binary("test -t 2 && printf '\\r\\033[Kpass 1' >&2; echo 'masklint: warning: a' >&2")
    with tempfile.TemporaryFile() as output:
        assert _binary.run([], output, verbose=True) == ["a"]
    assert capfd.readouterr().err == ""


def in_terminal(code: str) -> bytes:
    """What a Python program with standard error on a terminal shows there."""
    reader, writer = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", code], stderr=writer, stdout=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    os.close(writer)
    shown = b""
    while True:
        try:
            piece = os.read(reader, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(reader)
    assert child.wait() == 0
    return shown


PROGRESS = ("test -t 2 || exit 9; printf '\\r\\033[Kpass 1 of 2' >&2; sleep 0.1; printf '\\r\\033[Kpass 2 of 2' >&2; "
            "sleep 0.1; printf '\\r\\033[K' >&2; echo 'masklint: error: the line' >&2; exit 2")


@pytest.mark.parametrize("verbose, shown", [(True, b"pass 1 of 2"), (False, b"")])
def test_progress_is_shown_on_a_terminal_if_verbose(fake_binary: Fake, verbose: bool, shown: bytes) -> None:
    fake_binary(PROGRESS if verbose else PROGRESS.replace("exit 9", "exit 2"))
    code = ("import sys, tempfile; from masklint import _binary\n"
            "sys.modules['tqdm'] = sys.modules['tqdm.auto'] = None\n"
            f"try: _binary.run([], tempfile.TemporaryFile(), verbose={verbose})\n"
            "except ValueError as error: assert str(error) in ('the line', ''), error\n")
    text = in_terminal(code)
    assert shown in text
    assert b"the line" not in text
    assert verbose or text == b""


class Shown(_progress.Display):
    """Keeps what would be drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: "list[str]" = []

    def draw(self, text: str) -> None:
        self.texts.append(text.strip("\r"))


def test_hours_of_progress_do_not_pile_up(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces = [b"\r\x1b[Kpass 1"] * 1000 + [b"\r\x1b[K", b"masklint: error: x\r\n", b""]
    monkeypatch.setattr(os, "read", lambda descriptor, size: pieces.pop(0))
    shown = Shown()
    assert _binary._drain(0, shown) == "masklint: error: x\r\n"
    assert shown.texts == ["pass 1"] * 1000 + [""] * 2


@pytest.mark.parametrize("stubborn", [False, True])
def test_an_interrupt_ends_the_binary_and_goes_on(tmp_path: Path, fake_binary: Fake, stubborn: bool) -> None:
    mark = tmp_path / "pid"
    fake_binary(("trap '' TERM INT\n" if stubborn else "") + f"echo $$ > {mark}.part; mv {mark}.part {mark}\n"
                "while :; do sleep 0.05; done")
    code = ("import tempfile; from masklint import _binary; _binary.GRACE_SECONDS = 0.2\n"
            "try: _binary.run([], tempfile.TemporaryFile())\n"
            "except KeyboardInterrupt: raise SystemExit(7)\n")
    parent = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(PACKAGE)})
    for _ in range(200):
        if mark.exists():
            break
        time.sleep(0.05)
    parent.send_signal(signal.SIGINT)
    assert parent.wait(20) == 7
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
