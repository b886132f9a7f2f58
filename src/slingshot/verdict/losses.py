"""Can a model's losses tell what it was trained on from right answers that it never saw?"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from slingshot.statistics import CONFIDENCE
from slingshot.verdict.contract import LossGap

_NORMAL = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


def loss_gap(trained: Sequence[float], untrained: Sequence[float]) -> LossGap:
    """Compare the losses of answers trained on with those of right answers never trained on.

    `auc` is the probability that an answer trained on has the smaller loss of the two, ties counting half
    (Mann and Whitney's U as a share): 0.5 when losses tell nothing, 1 when they give every answer away. Its
    95 % interval is Newcombe's fifth method, all bounds that the estimate is within two standard errors of
    (Newcombe 2006, "Confidence intervals for an effect size measure based on the Mann-Whitney statistic.
    Part 2", Statistics in Medicine 25(4)); it holds at 0 and 1 too. Answers are taken to be independent:
    several answers to one test case make it too narrow.

    Args:
        trained: mean loss per token (nats) of each answer trained on, at least one.
        untrained: of each right answer never trained on, at best to the same questions; at least one.

    Raises:
        ValueError: one of the lists is empty, or a loss is not a finite number.
    """
    ours, others = np.asarray(trained, dtype=np.float64), np.asarray(untrained, dtype=np.float64)
    if not len(ours) or not len(others) or not np.isfinite(ours.sum() + others.sum()):
        raise ValueError("losses compare only where both lists have some, all of them finite numbers")
    ordered = np.sort(others)
    below = np.searchsorted(ordered, ours, side="left")
    not_above = np.searchsorted(ordered, ours, side="right")
    auc = float((2 * len(others) - below - not_above).sum() / (2 * len(ours) * len(others)))
    low, high = auc_interval(auc, len(ours), len(others))
    return LossGap(
        trained=len(ours),
        untrained=len(others),
        trained_mean=float(ours.mean()),
        untrained_mean=float(others.mean()),
        auc=auc,
        low=low,
        high=high,
    )


def auc_interval(auc: float, first: int, second: int) -> tuple[float, float]:
    """The ends of the 95 % interval of an AUC of groups of two sizes, see `loss_gap`."""
    ends = []
    for furthest in (0.0, 1.0):
        inside, outside = auc, furthest
        for _ in range(60):
            middle = (inside + outside) / 2
            if abs(auc - middle) <= _NORMAL * _standard_error(middle, first, second):
                inside = middle
            else:
                outside = middle
        ends.append(inside)
    return ends[0], ends[1]


def _standard_error(auc: float, first: int, second: int) -> float:
    """Of an AUC whose true value is `auc`: Hanley and McNeil's (1982), with both groups of the mean size."""
    pairs = (first + second) / 2 - 1
    spread = 1 + pairs * (1 - auc) / (2 - auc) + pairs * auc / (1 + auc)
    return math.sqrt(max(0.0, auc * (1 - auc)) * spread / (first * second))
