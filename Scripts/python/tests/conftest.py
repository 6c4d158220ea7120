"""Datasets drawn with fixed seeds, and the binary that tests run.

MASKLINT_BINARY names it; otherwise it is the one that was built last in this checkout.
"""
import builtins
import os
from pathlib import Path
from typing import Any, Callable, Tuple

import numpy as np
import pytest
from numpy.typing import NDArray

Dataset = Tuple[NDArray[np.uint8], NDArray[np.float64]]
BUILDS = Path(__file__).parents[3] / ".build"


def pytest_configure() -> None:
    built = [path for path in (BUILDS / "release" / "masklint", BUILDS / "debug" / "masklint") if path.exists()]
    if built and "MASKLINT_BINARY" not in os.environ:
        os.environ["MASKLINT_BINARY"] = str(max(built, key=lambda path: path.stat().st_mtime))


def draw(seed: int, n: int = 3, k: int = 4, h: int = 8, w: int = 12) -> Dataset:
    """Labels of which a fifth is drawn anew, and probabilities that know most of them. No two scores are equal."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, k, (n, h, w))
    logits = rng.normal(size=(n, k, h, w)) + 3 * (truth[:, None] == np.arange(k)[:, None, None])
    probs = np.exp(logits)
    labels = np.where(rng.random((n, h, w)) < 0.2, rng.integers(0, k, (n, h, w)), truth)
    return labels.astype(np.uint8), probs / probs.sum(1, keepdims=True)


@pytest.fixture
def dataset() -> Dataset:
    return draw(20260501)


@pytest.fixture
def fake_binary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Puts a shell script in the binary's place."""

    def make(body: str) -> Path:
        path = tmp_path / "fake"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        monkeypatch.setenv("MASKLINT_BINARY", str(path))
        return path

    return make


@pytest.fixture
def without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    original = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name == "pandas":
            raise ImportError(name)
        return original(name, *rest)

    monkeypatch.setattr(builtins, "__import__", refuse)
