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

from masklint import _binary, _progress  # noqa: E402
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


@pytest.mark.parametrize("options, reason", [
    ({"regions": "r.csv"}, "hold no labels"), ({"thresholds": "t.npz"}, "makes its own thresholds"),
    ({"shard": 1}, "numbers the shards itself"), ({"ignore_labels": 1}, "unexpected keyword argument 'ignore_labels'")])
def test_refuses_keywords_that_do_not_serve(
        client: Any, shards: List[sharded.Shard], tmp_path: Path, options: Any, reason: str) -> None:
    with pytest.raises(TypeError, match=reason):
        next(sharded.audit(client, shards, tmp_path / "run", **options))


def test_classes_are_named(client: Any, shards: List[sharded.Shard], tmp_path: Path) -> None:
    names = ["road", "tree", "car", "sky"]
    results = list(sharded.audit(
        client, shards, tmp_path / "out", ignore_label=255, only_class="car", class_names=names, verbose=False))
    for result in results:
        assert result.summary["only_class"] == 2
        assert [row["name"] for row in result.summary["per_class"]] == names
    merged = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [row["name"] for row in merged["per_class"]] == names


def test_a_summary_adds_up_while_shards_are_missing(
        client: Any, shards: List[sharded.Shard], tmp_path: Path) -> None:
    done: List[sharded.ShardMasks] = []
    for result in sharded.audit(client, shards, tmp_path / "out", ignore_label=255):
        done.append(result)
        summary = sharded.summarize(done, len(shards))
        assert summary["shards_done"] == sorted(one.index for one in done)
        assert sorted(summary["shards_done"] + summary["shards_missing"]) == list(range(6))
        for key in ("images", "pixels", "counted_pixels", "issues"):
            assert summary[key] == sum(one.summary[key] for one in done)
        assert summary["issue_rate"] == summary["issues"] / summary["counted_pixels"]
        assert sum(swap["pixels"] for swap in summary["swaps"]) == summary["issues"]
    _, whole_summary = whole(shards, tmp_path, "low_self_confidence")
    for key in ("images", "issues", "per_class", "swaps"):
        assert summary[key] == whole_summary[key]
    assert [image["issues"] for image in summary["worst_images"]] == [
        image["issues"] for image in whole_summary["worst_images"]]
    worst = summary["worst_images"][0]
    mask = np.load(next(one.masks for one in done if one.index == worst["shard"]))["label_issues"]
    assert np.count_nonzero(mask[worst["image"]]) == worst["issues"]


def test_a_summary_of_nothing_or_of_a_shard_twice_is_refused(shards: List[sharded.Shard]) -> None:
    one = sharded.ShardMasks(0, shards[0], "m.npz", {})
    with pytest.raises(ValueError, match="no shard is done yet"):
        sharded.summarize([], 6)
    with pytest.raises(ValueError, match="a shard is named twice"):
        sharded.summarize([one, one], 6)


@pytest.mark.parametrize("rule, total", [("low_self_confidence", 21), ("predicted_neq_given", 14)])
def test_steps_are_counted_to_their_end(
        client: Any, shards: List[sharded.Shard], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: Any,
        total: int) -> None:
    class Display(_progress.Display):
        def count(self, done: int, total: int, what: str) -> None:
            seen.append((done, total, what))

        def close(self) -> None:
            seen.append("closed")

    seen: List[Any] = []
    monkeypatch.setattr(_progress, "display", Display)
    list(sharded.audit(client, shards, tmp_path / "out", ignore_label=255, filter_by=rule))
    assert seen[-1] == "closed"
    assert [step[:2] for step in seen[:-1]] == [(done + 1, total) for done in range(total)]
    assert {step[2] for step in seen[:-1]} == {"part", "merge", "mask"} | ({"rank"} if total == 21 else set())
    seen.clear()
    with pytest.raises(ValueError):
        list(sharded.audit(client, shards, tmp_path / "out", retries=0))
    assert seen[-1] == "closed"
    seen.clear()
    list(sharded.audit(client, shards, tmp_path / "out", ignore_label=255, filter_by=rule, verbose=False))
    assert seen == []


def test_faults_are_told_in_keywords(client: Any, shards: List[sharded.Shard], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="pass ignore_label=255"):
        list(sharded.audit(client, shards, tmp_path / "out", retries=0))


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
