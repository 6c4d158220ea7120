"""Sharded audits on a cluster of two local processes."""
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Iterator, List, Tuple

import numpy as np
import pytest

from conftest import draw

distributed = pytest.importorskip("distributed", reason="needs pip install 'dask[distributed]'")

from masklint import _binary  # noqa: E402
from masklint import dask as sharded  # noqa: E402

# The cluster's own sockets and loops, which it closes late.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster:
        with distributed.Client(cluster) as client:
            yield client


@pytest.fixture
def shards(tmp_path: Path) -> List[sharded.Shard]:
    """Six shards of one to three images; 255 is void."""
    made = []
    for index in range(6):
        labels, probs = draw(index, n=1 + index % 3)
        labels[:, 0, :3] = 255
        np.save(tmp_path / f"labels-{index + 7}.npy", labels)
        np.save(tmp_path / f"probs-{index + 7}.npy", probs.astype(np.float32))
        made.append(sharded.Shard(str(tmp_path / f"labels-{index + 7}.npy"), str(tmp_path / f"probs-{index + 7}.npy")))
    return made


def choose_binary(client: Any, path: str) -> None:
    """Has the workers that there are run another binary."""

    def choose() -> None:
        os.environ["MASKLINT_BINARY"] = path

    client.run(choose)


def whole(shards: List[sharded.Shard], folder: Path, rule: str) -> Tuple[Any, Any]:
    """Masks and summary of one run over all shards."""
    subprocess.run(
        [_binary.find_binary(), "find", "-q", "--ignore-label=255", f"--filter-by={rule}", "--top=1000",
         "--output", str(folder / "whole.npz"), "--json-file", str(folder / "whole.json"),
         "--labels", *(s.labels for s in shards), "--pred-probs", *(s.pred_probs for s in shards)], check=True)
    return np.load(folder / "whole.npz")["label_issues"], json.loads((folder / "whole.json").read_text())


def check(results: List[sharded.ShardMasks], shards: List[sharded.Shard], folder: Path, rule: str) -> None:
    masks, summary = whole(shards, folder, rule)
    assert sorted(result.index for result in results) == list(range(len(shards)))
    assert masks.any()
    found = [np.load(result.masks)["label_issues"] for result in sorted(results, key=lambda result: result.index)]
    np.testing.assert_array_equal(np.concatenate(found), masks)
    merged = json.loads((folder / "out" / "summary.json").read_text())
    for key in ("images", "pixels", "counted_pixels", "issues", "per_class", "swaps", "worst_images"):
        assert merged[key] == summary[key], key
    assert sum(result.summary["issues"] for result in results) == summary["issues"]


@pytest.mark.parametrize("rule", ["low_self_confidence", "confident_learning"])
def test_equals_one_run(client: Any, shards: List[sharded.Shard], tmp_path: Path, rule: Any) -> None:
    results = list(sharded.audit(client, shards, tmp_path / "out", ignore_label=255, filter_by=rule))
    check(results, shards, tmp_path, rule)


def test_survives_a_worker_that_is_killed(
        client: Any, shards: List[sharded.Shard], tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text(f"#!/bin/sh\nsleep 0.3\nexec {_binary.find_binary()} \"$@\"\n")
    slow.chmod(0o755)
    choose_binary(client, str(slow))
    started = time.monotonic()
    found = sharded.audit(client, shards, tmp_path / "out", ignore_label=255)
    results = [next(found)]
    # Between the first shard's masks and the last ones'.
    victim = next(iter(client.run(os.getpid).values()))
    os.kill(victim, signal.SIGKILL)
    results += list(found)
    # Six shards and three steps of 0.3 s on two workers.
    assert time.monotonic() - started > 2.7
    choose_binary(client, _binary.find_binary())
    check(results, shards, tmp_path, "low_self_confidence")


def test_survives_a_worker_that_is_killed_in_the_first_step(
        client: Any, shards: List[sharded.Shard], tmp_path: Path) -> None:
    # The first task to come here kills its worker.
    binary = tmp_path / "deadly"
    binary.write_text(
        f"#!/bin/sh\nmkdir {tmp_path}/dead 2>/dev/null && kill -9 $PPID\nexec {_binary.find_binary()} \"$@\"\n")
    binary.chmod(0o755)
    choose_binary(client, str(binary))
    results = list(sharded.audit(client, shards, tmp_path / "out", ignore_label=255))
    assert (tmp_path / "dead").exists()
    choose_binary(client, _binary.find_binary())
    check(results, shards, tmp_path, "low_self_confidence")


def test_tells_what_is_wrong_with_a_shard(client: Any, shards: List[sharded.Shard], tmp_path: Path) -> None:
    np.save(shards[2].labels, np.full((3, 8, 12), 9, np.uint8))
    with pytest.raises(ValueError, match="labels-9.npy"):
        list(sharded.audit(client, shards, tmp_path / "out", retries=0, ignore_label=255))


def test_refuses_rules_that_take_the_whole_dataset(
        client: Any, shards: List[sharded.Shard], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="prune_by_class"):
        list(sharded.audit(client, shards, tmp_path / "out", retries=0, ignore_label=255, filter_by="prune_by_class"))


def test_refuses_a_table_of_regions(client: Any, shards: List[sharded.Shard], tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="hold no labels"):
        next(sharded.audit(client, shards, tmp_path / "run", regions=tmp_path / "r.csv"))


def test_refuses_no_shards(client: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no shards"):
        list(sharded.audit(client, [], tmp_path / "out"))


def test_patterns_pair_in_natural_order(shards: List[sharded.Shard], tmp_path: Path) -> None:
    assert sharded.match_shards(str(tmp_path / "labels-*.npy"), str(tmp_path / "probs-*.npy")) == shards


def test_patterns_that_match_unlike_numbers_are_told(shards: List[sharded.Shard], tmp_path: Path) -> None:
    Path(shards[0].labels).unlink()
    with pytest.raises(ValueError, match="5 paths and .* 6"):
        sharded.match_shards(str(tmp_path / "labels-*.npy"), str(tmp_path / "probs-*.npy"))


def test_manifest(shards: List[sharded.Shard], tmp_path: Path) -> None:
    lines = [f"{Path(shard.labels).name},{shard.pred_probs}" for shard in shards]
    (tmp_path / "shards.csv").write_text("\n".join(["labels,pred_probs", *lines, ""]))
    assert sharded.read_manifest(tmp_path / "shards.csv") == shards


@pytest.mark.parametrize("text, message", [("a\n", "line 1 has 1 fields"), ("", "no shards")])
def test_bad_manifests_are_told(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "shards.csv").write_text(text)
    with pytest.raises(ValueError, match=message):
        sharded.read_manifest(tmp_path / "shards.csv")
