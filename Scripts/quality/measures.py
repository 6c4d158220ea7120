"""Says how much of what was planted was found. Needs numpy."""
from dataclasses import dataclass

import numpy as np

FIRST = (20, 50, 100)
DRAWS = 400
SEED = 20261202


@dataclass(frozen=True)
class Found:
    """What one rule found in one set: counts of each image, and of each region in order of rank."""
    flagged: np.ndarray     # (N,) flagged pixels
    hit: np.ndarray         # (N,) flagged pixels that are planted
    planted: np.ndarray     # (N,)
    image: np.ndarray       # (R,) of a region
    area: np.ndarray        # (R,) pixels
    wrong: np.ndarray       # (R,) pixels that are planted


def ratio(a, b):
    return float(a / b) if b else float("nan")


def measures(found, times=None):
    """All measures by name; `times` says how often each image counts (once).

    precision, recall, iou      of pixels
    first20, first50, first100  the share of the first regions that are right: at least half of their pixels are planted.
                                Where fewer are listed, of those
    share100                    the share of all planted pixels that lie in the first 100 regions
    average_precision           the area under precision against recall of pixels, as regions are taken in order of rank:
                                the sum over regions of (what the region adds to the recall) x (precision so far). What no
                                region holds adds nothing, so it is at most the recall
    """
    if times is None:
        times = np.ones(len(found.planted), int)
    flagged, hit, planted = ((times * x).sum() for x in (found.flagged, found.hit, found.planted))
    repeat = times[found.image]
    area, wrong = np.repeat(found.area, repeat), np.repeat(found.wrong, repeat)
    right = 2 * wrong >= area
    so_far = wrong.cumsum() / np.maximum(area.cumsum(), 1)
    out = {"precision": ratio(hit, flagged), "recall": ratio(hit, planted), "iou": ratio(hit, flagged + planted - hit)}
    out |= {f"first{n}": ratio(right[:n].sum(), min(n, right.size)) for n in FIRST}
    out["share100"] = ratio(wrong[:100].sum(), planted)
    out["average_precision"] = ratio((wrong * so_far).sum(), planted)
    return out


def resampled(found):
    """The measures of DRAWS samples of the images, drawn with replacement: a dictionary of arrays (DRAWS,).

    The seed is fixed and the draws depend on the number of images alone, so two rules on one set compare draw by draw.
    """
    n = len(found.planted)
    draws = np.random.default_rng((SEED, n)).multinomial(n, np.full(n, 1 / n), DRAWS)
    rows = [measures(found, times) for times in draws]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def interval(values):
    """The middle 95 % of the values."""
    values = values[np.isfinite(values)]
    return tuple(np.percentile(values, (2.5, 97.5))) if values.size else (float("nan"), float("nan"))
