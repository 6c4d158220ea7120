#!/usr/bin/env python3
"""Measures how many planted label errors masklint's rules and cleanlab find.

usage: quality.py [--binary PATH] [--data FOLDER] [--quick] [--every-rate] [--only TEXT] [--rules R...] [--markdown FILE]

    --binary PATH   the release binary (.build/release/masklint)
    --data FOLDER   packs of real images and models, camvid and camvid_weak (../shared/data); without them drawn scenes alone
    --quick         two scenes, some of the errors, fewer images: about a minute
    --every-rate    each kind alone at 1 and 6 % of the pixels too, not at 3 % only
    --only TEXT     sets whose name contains TEXT
    --rules R...    these rules alone, and not cleanlab unless it is named
    --markdown FILE writes the manual's tables; - for standard output, in place of the rows

Needs numpy, scipy and cleanlab 2.9.0 (`make quality` sets them up). Scenes, errors and samples have fixed seeds, so the
figures depend on the binary alone and not on the machine. Each row goes to .artifacts/quality/quality.csv too.

A set is some images with planted errors: of drawn scenes, or a pack. `Scripts/quality/planter.py` says what the kinds of
errors are, `measures.py` what each figure is, and `finders.py` how cleanlab's regions come about. In brackets stand the
middle 95 % of 400 samples of the images, drawn with replacement. A kind in a row "of those" is one of several that were
planted together: the pixels of the other kinds are left out there.
"""
import argparse
import csv
import importlib.metadata
import os
import sys
import tempfile
import time
from dataclasses import dataclass

import numpy as np

from bench import table
from quality import finders, measures, planter, scenes

FOLDER = ".artifacts/quality"
DEFAULT = "low_self_confidence"
RATES = (0.01, 0.03, 0.06)
PLANTED = "as distributed"
PACKS = ("camvid", "camvid_weak")
PACK_VOID = 11
IMAGES, QUICK_IMAGES = 16, 8
SEED = 20261203


@dataclass
class Result:
    """What one rule found of one kind in one set, and the same for each sample of the images."""
    set: str
    kind: str
    rule: str
    share: float        # planted pixels by counted ones
    images: int
    regions: int
    values: dict
    draws: dict


def say(text):
    print(f"quality: {text}", file=sys.stderr, flush=True)


def figure(value):
    return "-" if value is None or np.isnan(value) else f"{value:.3f}".replace("0.", ".", 1)


def signed(value):
    return f"{round(value, 3) + 0.0:+.3f}".replace("0.", ".", 1)


def around(value, draws):
    low, high = measures.interval(draws)
    return f"{figure(value)} [{figure(low)}, {figure(high)}]"


def plantings(quick, every_rate):
    """The kinds and the rate of each planting."""
    if quick:
        return [((kind,), 0.03) for kind in ("swap", "boundary", "drop")] + [(planter.KINDS, 0.03)]
    alone = [((kind,), rate) for kind in planter.KINDS for rate in (RATES if every_rate else (0.03,))]
    return alone + [(planter.KINDS, rate) for rate in RATES]


def name_of(kinds, rate):
    return f"{kinds[0] if len(kinds) == 1 else 'mixed'} {rate:.0%}"


def planted_sets(labels, probabilities, void, quick, every_rate):
    for kinds, rate in plantings(quick, every_rate):
        planted = planter.Planter(labels, void, (SEED, round(rate * 100), len(kinds), planter.KINDS.index(kinds[0]))).plant(kinds, rate)
        yield name_of(kinds, rate), [finders.Set(planted.labels, probabilities, void, planted.kind, np.zeros(labels.shape, bool))], [""]


def pack_sets(folder, quick, every_rate):
    """The pack's own planted errors, together and kind by kind, and then the planter's in its labels."""
    labels, planted = np.load(f"{folder}/labels.npy"), np.load(f"{folder}/labels_planted.npy")
    with np.load(f"{folder}/pred_probs.npz") as archive:
        probabilities = archive["pred_probs"]
    with np.load(f"{folder}/planted_kind.npz") as archive:
        kind = archive["planted_kind"]
    views, names = [finders.Set(planted, probabilities, PACK_VOID, kind, np.zeros(labels.shape, bool))], [""]
    for number, name in enumerate(planter.KINDS[:3], 1):
        views.append(finders.Set(planted, probabilities, PACK_VOID, kind, (kind > 0) & (kind != number)))
        names.append(f", {name} of those")
    yield PLANTED, views, names
    if not quick:
        yield from planted_sets(labels, probabilities, PACK_VOID, quick, every_rate)


def all_sets(a):
    """The name of each set, and a way to its plantings."""
    for pack in PACKS:
        folder = os.path.join(a.data, pack)
        if a.quick and pack != PACKS[0] or a.only not in pack:
            continue
        if os.path.exists(f"{folder}/labels_planted.npy"):
            yield pack, pack_sets(folder, a.quick, a.every_rate)
        else:
            say(f"{folder} is not there; its rows are left out")
    for scene in scenes.SCENES[:2] if a.quick else scenes.SCENES:
        if a.only in scene.name:
            say(f"drawing {scene.name}")
            drawn = scenes.draw(scene, QUICK_IMAGES if a.quick else IMAGES)
            yield scene.name, planted_sets(*drawn, scenes.VOID, a.quick, a.every_rate)


def results_of(a, rules):
    for name, sets in all_sets(a):
        for planting, views, names in sets:
            data = views[0]
            say(f"{name}, {planting}")
            with tempfile.TemporaryDirectory() as folder:
                paths = f"{folder}/labels.npy", f"{folder}/pred_probs.npy"
                np.save(paths[0], data.labels)
                np.save(paths[1], data.probabilities)
                for rule in rules:
                    what = finders.cleanlab(data) if rule == "cleanlab" else finders.masklint(a.binary, rule, data, paths, folder)
                    for view, of in zip(views, names):
                        found = finders.found(view, *what)
                        yield Result(name, planting + of, rule, found.planted.sum() / view.counted.sum(), len(data.labels),
                                     len(found.area), measures.measures(found), measures.resampled(found))


HEAD = ["rule", "precision", "recall", "IoU", *[f"first {n}" for n in measures.FIRST], "share in 100", "average precision"]


def rule_cells(values, draws):
    v = values
    return [figure(v["precision"]), figure(v["recall"]), around(v["iou"], draws["iou"]),
            *[figure(v[f"first{n}"]) for n in measures.FIRST], figure(v["share100"]),
            around(v["average_precision"], draws["average_precision"])]


LEGEND = """precision, recall, IoU: of pixels, against those that were planted; ignored pixels are left out.
first n: the share of the first n regions (or of all, where fewer are listed) that are right: at least half planted.
share in 100: of all planted pixels, those in the first 100 regions.
average precision: the area under precision against recall of pixels, as regions are taken in order of rank.
[...]: the middle 95 % of 400 samples of the images. cleanlab's regions are components of its mask, by mean self-confidence."""


def mean(results):
    """The mean of several sets, and of their samples."""
    return [{key: np.mean([getattr(r, part)[key] for r in results], axis=0) for key in results[0].values} for part in ("values", "draws")]


def rows_text(results):
    head = ["set", "planted", "share", *HEAD, "regions"]
    return table(head, [[r.set, r.kind, f"{r.share:.1%}", r.rule, *rule_cells(r.values, r.draws), str(r.regions)] for r in results], left=4)


def groups(results):
    """By name and planting the sets that the manual's tables show as one: each pack, and the drawn scenes together."""
    out = {}
    for r in results:
        out.setdefault((r.set if r.set in PACKS else "drawn scenes", r.kind), []).append(r)
    return out


def rules_table(results, rules):
    """All rules, on each pack as distributed and on the drawn scenes with all kinds at 3 %."""
    lines = []
    for (name, kind), some in groups(results).items():
        if kind == (PLANTED if name in PACKS else name_of(planter.KINDS, 0.03)):
            lines += [[name, rule, *rule_cells(*mean([r for r in some if r.rule == rule]))] for rule in rules]
    return table(["set", *HEAD], lines, left=2)


def comparison_table(some, other, first):
    """The other rule beside the default, one row for each pair of the cells that name it and its results."""
    head, lines = [*first], []
    for key, title in (("iou", "IoU"), ("average_precision", "average precision")):
        head += [f"{title} default", other, "difference"]
    for names, results in some:
        mine, theirs = (mean([r for r in results if r.rule == rule]) for rule in (DEFAULT, other))
        cells = [*names]
        for key in ("iou", "average_precision"):
            a, b = mine[0][key], theirs[0][key]
            low, high = measures.interval(theirs[1][key] - mine[1][key])
            cells += [figure(a), figure(b), f"{signed(b - a)} [{signed(low)}, {signed(high)}]"]
        lines.append(cells)
    return table(head, lines, left=len(first))


def markdown(results, rules):
    other = "calibrated" if "calibrated" in rules else next(rule for rule in rules if rule != DEFAULT)
    drawn = [r for r in results if r.set not in PACKS]
    by_scene = {}
    for r in drawn:
        if r.kind == name_of(planter.KINDS, 0.03):
            by_scene.setdefault((r.set,), []).append(r)
    parts = [rules_table(results, rules), comparison_table(groups(results).items(), other, ("set", "planted"))]
    if by_scene:
        parts.append(comparison_table(by_scene.items(), other, ("scene",)))
    return "\n\n".join(parts) + "\n"


def write_rows(results, path):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        names = list(results[0].values)
        out.writerow(["set", "planted", "rule", "share", "images", "regions", *names, "iou_low", "iou_high", "average_precision_low", "average_precision_high"])
        for r in results:
            ends = [*measures.interval(r.draws["iou"]), *measures.interval(r.draws["average_precision"])]
            out.writerow([r.set, r.kind, r.rule, f"{r.share:.6f}", r.images, r.regions, *[f"{x:.6f}" for x in [*r.values.values(), *ends]]])


def main():
    a = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    a.add_argument("--binary", default=".build/release/masklint")
    a.add_argument("--data", default="../shared/data")
    a.add_argument("--quick", action="store_true")
    a.add_argument("--every-rate", action="store_true")
    a.add_argument("--only", default="")
    a.add_argument("--rules", nargs="+")
    a.add_argument("--markdown")
    a = a.parse_args()
    if not os.access(a.binary, os.X_OK):
        raise SystemExit(f"quality: {a.binary} is not there; run `make release` or name it with --binary")
    a.binary = os.path.abspath(a.binary)
    os.makedirs(FOLDER, exist_ok=True)
    start = time.time()
    rules = a.rules or [*finders.rules_of(a.binary), "cleanlab"]
    results = list(results_of(a, rules))
    if not results:
        raise SystemExit(f"quality: there is no set to measure whose name contains {a.only!r}")
    write_rows(results, f"{FOLDER}/quality.csv")
    theirs = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("cleanlab", "numpy", "scipy"))
    if a.markdown != "-":
        print(f"masklint {finders.run([a.binary, '--version']).strip()} beside {theirs}.\n\n{rows_text(results)}\n\n{LEGEND}")
    if a.markdown == "-":
        print(markdown(results, rules), end="")
    elif a.markdown:
        with open(a.markdown, "w") as file:
            file.write(markdown(results, rules))
    say(f"{time.time() - start:.0f} s")


if __name__ == "__main__":
    main()
