"""Finds the masklint binary and runs it."""
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path
from typing import IO, Any, List, Optional, Sequence, Tuple

from . import _progress

PACKAGED = Path(__file__).parent / "masklint"
GRACE_SECONDS = 5.0
# What a drawing of the progress line starts with, after a carriage return.
CLEAR_LINE = b"\x1b[K"
MESSAGE = b"masklint: "


def find_binary() -> str:
    """Path of the binary: MASKLINT_BINARY, else the copy in this package, else the first on PATH.

    Errors: FileNotFoundError if MASKLINT_BINARY names no program, or if there is none anywhere.
    """
    chosen = os.environ.get("MASKLINT_BINARY")
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise FileNotFoundError(f"MASKLINT_BINARY is {chosen}, which is no program that can be run")
        return found
    if os.access(PACKAGED, os.X_OK):
        return str(PACKAGED)
    on_path = shutil.which("masklint")
    # The command that comes with this package is a script that looks for the binary here: it would find itself.
    if on_path is not None and not _is_script(on_path):
        return on_path
    raise FileNotFoundError(
        "no masklint binary: this package was installed without one, and none is on PATH; "
        "build it with `make dist` and set MASKLINT_BINARY to it")


def run(
        arguments: Sequence[str], output: IO[bytes], descriptors: Sequence[int] = (),
        verbose: bool = False) -> List[str]:
    """Runs the binary to its end with `output` as its standard output; gives its warnings.

    With `verbose` its progress is shown, as `_progress` does. Anything that is raised here, KeyboardInterrupt too, ends
    the binary first.

    Errors: ValueError with the binary's line if the data or the arguments are at fault; RuntimeError if it crashed.
    """
    display = _progress.display() if verbose else None
    reader, writer = _pair(display is not None)
    process: Optional["subprocess.Popen[bytes]"] = None
    try:
        try:
            process = subprocess.Popen(
                [find_binary(), *arguments], stdin=subprocess.DEVNULL, stdout=output, stderr=writer,
                pass_fds=tuple(descriptors))
        finally:
            os.close(writer)
        text = _drain(reader, display)
        status = process.wait()
    except BaseException:
        if process is not None:
            _end(process)
        raise
    finally:
        os.close(reader)
        if display is not None:
            display.close()
    if status == 0:
        return re.findall(r"^masklint: warning: (.*?)\r?$", text, re.MULTILINE)
    if status in (2, 64):
        raise ValueError(_fault(text))
    raise RuntimeError(f"masklint {_ending(status)}" + (f": {text.strip()}" if text.strip() else ""))


def _is_script(path: str) -> bool:
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def _pair(shown: bool) -> Tuple[int, int]:
    """Ends to read from and to write to.

    The binary draws progress on terminals only, and the line that says what is wrong must reach us and not the
    terminal: it gets a terminal of ours.
    """
    if shown:
        try:
            return os.openpty()
        except (AttributeError, OSError):
            pass
    return os.pipe()


def _drain(reader: int, display: Optional[_progress.Display]) -> str:
    """All messages; progress goes to the display."""
    received = bytearray()
    while True:
        try:
            piece = os.read(reader, 65536)
        except OSError:  # EIO: how Linux tells that the other end of a pseudo-terminal is closed
            break
        if not piece:
            break
        received += piece
        drawn = received.rfind(CLEAR_LINE)
        if drawn >= 0 and display is not None:
            display.draw(received[drawn + len(CLEAR_LINE):].partition(MESSAGE)[0].decode(errors="replace"))
            # What a later drawing wiped is of no use; hours of progress must not pile up.
            del received[:drawn]
    return received.decode(errors="replace").replace(CLEAR_LINE.decode(), "").lstrip("\r")


def _fault(text: str) -> str:
    # The second form is the argument parser's.
    found = re.search(r"(?:masklint: error|^Error): (.*?)\r?$", text, re.MULTILINE)
    return found.group(1) if found else text.strip()


def _ending(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    try:
        return f"was ended by {signal.Signals(-status).name}"
    except ValueError:
        return f"was ended by signal {-status}"


def _end(process: "subprocess.Popen[Any]") -> None:
    """SIGTERM, upon which the binary removes its temporary files; SIGKILL if that takes too long."""
    process.terminate()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
