"""The command `masklint` and the package's face."""
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

import masklint

PACKAGE = str(Path(masklint.__file__).parents[1])


def python(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *arguments], env={**os.environ, "PYTHONPATH": PACKAGE}, capture_output=True, text=True)


@pytest.mark.parametrize("body, status", [("exit 0", 0), ("exit 2", 2), ("exit 64", 64), ("kill -TERM $$", -15)])
def test_the_command_ends_as_the_binary_does(fake_binary: Callable[[str], Path], body: str, status: int) -> None:
    fake_binary(body)
    assert python("-m", "masklint").returncode == status


def test_the_command_is_the_binary_in_the_same_process_with_the_same_arguments(
        fake_binary: Callable[[str], Path]) -> None:
    fake_binary('echo "$$ $@"')
    child = subprocess.Popen([sys.executable, "-m", "masklint", "find", "--x=a b"], stdout=subprocess.PIPE, text=True,
                             env={**os.environ, "PYTHONPATH": PACKAGE})
    assert child.communicate()[0] == f"{child.pid} find --x=a b\n"


def test_without_a_binary_the_command_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASKLINT_BINARY", "/nowhere/masklint")
    run = python("-m", "masklint")
    assert run.returncode == 1
    assert run.stderr == "masklint: error: MASKLINT_BINARY is /nowhere/masklint, which is no program that can be run\n"


def test_the_command_does_not_wait_for_numpy() -> None:
    assert python("-c", "import sys, masklint.__main__; sys.exit('numpy' in sys.modules)").returncode == 0


@pytest.mark.parametrize("name", masklint.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value: Any = getattr(masklint, name)
    assert value.__doc__


def test_other_names_are_not_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'find_labels'"):
        getattr(masklint, "find_labels")
