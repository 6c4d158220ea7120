"""The formulas in NumPy, to compare the binary's results with."""
from typing import Any

import numpy as np
from numpy.typing import NDArray


def self_confidence(labels: NDArray[Any], probs: NDArray[Any]) -> NDArray[Any]:
    return np.take_along_axis(probs, labels[:, None].astype(int), 1)[:, 0]


def low_self_confidence(labels: NDArray[Any], probs: NDArray[Any]) -> NDArray[np.bool_]:
    """As many of the least self-confident pixels as are confidently another class, less those predicted as labelled."""
    probs = probs.astype(np.float64)
    score, predicted = self_confidence(labels, probs), probs.argmax(1)
    thresholds = np.array([score[labels == k].mean() for k in range(probs.shape[1])])
    contested = predicted != labels
    count = np.count_nonzero(contested & (probs.max(1) >= thresholds[predicted] - 1e-6))
    mask = np.zeros(labels.size, bool)
    mask[np.argsort(score, axis=None, kind="stable")[:count]] = True
    mask[~contested.reshape(-1)] = False
    return mask.reshape(labels.shape)


def softmin(scores: NDArray[Any], temperature: float) -> float:
    weights = np.exp((1 - scores) / temperature)
    return float((scores * weights).sum() / weights.sum())
