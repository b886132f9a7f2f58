"""Intervals and differences whose unit is the test case, not the answer.

Answers to one test case are alike, so a hundred of them are not a hundred pieces of evidence. Every interval
here resamples test cases, each with all its answers, and is made as wide as a small number of test cases
deserves; `benchmarks/coverage.py` measures how often it holds.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import fsum
from operator import mul
from statistics import NormalDist, fmean, stdev
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
RESAMPLES = 10_000
# From so many test cases on, this share of Hall's correction for skewness is enough. With all of it intervals of
# scores that lie at both ends of the scale are too wide (97.5 % at 14); with half of it those of skewed scores
# are too narrow (91 %). Of fewer test cases, whose skewness is underestimated, all of it is needed.
ENOUGH_FOR_SKEWNESS = 10
SKEWNESS_SHARE = 0.75

LEAST_FOR_CLAIMS = 6
"""Test cases that a claim needs at least: five that differ the same way do so by chance in 1 of 16 cases."""

EXACT_UP_TO = 20
DRAWN_SIGNS = 100_000
_SIGNS_AT_ONCE = 5_000
_ROUNDING = 1e-9

Cell = tuple[str, str]
"""A test case and a prompt label."""
Claim = Literal["better", "worse", "no measurable difference", "unknown"]
"""What may be said of a difference."""


@dataclass(frozen=True)
class Interval:
    """A mean over test cases and its 95 % interval; `low` and `high` are None where unknown."""

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class PairedDifference:
    """How far a is above b on the cells that both have.

    `mean`, `low` and `high` are in the values' own unit, None where unknown (`mean` without any common
    cell, `low` and `high` with fewer than two common test cases). `by_test_case` holds the difference of
    every common test case, `only_a` and `only_b` the dropped cells.
    """

    mean: float | None
    low: float | None
    high: float | None
    by_test_case: dict[str, float] = field(default_factory=dict)
    only_a: list[Cell] = field(default_factory=list)
    only_b: list[Cell] = field(default_factory=list)


def interval_over_test_cases(
    values_by_test_case: Mapping[str, Sequence[float]],
    *,
    scale: tuple[float, float] = (0.0, 100.0),
    distinct: Mapping[str, int] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The mean of the test-case means, with a 95 % interval over test cases.

    See `_interval` for the method.

    Args:
        values_by_test_case: the values of each test case's answers, at least one each.
        scale: smallest and largest possible value; the interval is clipped to it.
        distinct: the number of distinct answers per test case, all of them where it is not named. It matters
            only where the answers' own spread does, see `_interval`.
        resamples: how many bootstrap resamples are drawn.
        seed: of the generator; the same seed gives the same interval.

    Raises:
        ValueError: there is no test case, or one has no value.
    """
    if not values_by_test_case or not all(values_by_test_case.values()):
        raise ValueError("an interval needs at least one test case, and at least one value for each")
    cells = {(name, ""): values for name, values in sorted(values_by_test_case.items())}
    weights = dict.fromkeys(cells, 1.0)
    counts = {(name, ""): count for name, count in (distinct or {}).items()}
    return interval_over_cells(cells, weights, scale=scale, distinct=counts, resamples=resamples, seed=seed)


def interval_over_cells(
    values: Mapping[Cell, Sequence[float]],
    weights: Mapping[Cell, float],
    *,
    scale: tuple[float, float] = (0.0, 100.0),
    distinct: Mapping[Cell, int] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Interval:
    """The weighted mean of the cell means, with a 95 % interval over test cases.

    A test case's estimate is the weighted mean of its cells, and counts with the sum of their weights. With
    the number of its answers as the weight of each cell, the mean is that over all answers, and the interval
    is that mean's: a test case that was answered more often moves both.

    Args:
        values: the values of each cell's answers, at least one each.
        weights: what each cell counts in the mean, above 0.
        scale: smallest and largest possible value; the interval is clipped to it.
        distinct: the number of distinct answers per cell, see `interval_over_test_cases`.
        resamples: how many bootstrap resamples are drawn.
        seed: of the generator.

    Raises:
        ValueError: there is no cell, or one has no value.
    """
    if not values or not all(len(of_cell) for of_cell in values.values()):
        raise ValueError("an interval needs at least one cell, and at least one value for each")
    by_test_case: dict[str, list[Cell]] = {}
    for cell in values:
        by_test_case.setdefault(cell[0], []).append(cell)
    totals = [fsum(weights[cell] for cell in cells) for cells in by_test_case.values()]
    estimates = [
        fsum(weights[cell] * fmean(values[cell]) for cell in cells) / total
        for cells, total in zip(by_test_case.values(), totals, strict=True)
    ]

    def noise(shares: NDArray[np.float64]) -> float:
        return fsum(
            (share * weights[cell] / total) ** 2 * _noise(values[cell], (distinct or {}).get(cell))
            for share, total, cells in zip(shares, totals, by_test_case.values(), strict=True)
            for cell in cells
        )

    return _interval(estimates, totals, noise, scale, resamples, seed)


def paired_difference(
    a_cells: Mapping[Cell, Sequence[float]],
    b_cells: Mapping[Cell, Sequence[float]],
    *,
    scale: tuple[float, float] = (0.0, 100.0),
    a_distinct: Mapping[Cell, int] | None = None,
    b_distinct: Mapping[Cell, int] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> PairedDifference:
    """The mean over test cases of a minus b, on the cells that both have, with its 95 % interval.

    A test case's difference is the mean over its common cells of the difference of the cell means; the
    interval is that of `_interval` over these differences.

    Args:
        a_cells: the values of a's answers by test case and prompt label, at least one each.
        b_cells: those of b.
        scale: smallest and largest possible value of an answer.
        a_distinct: the number of distinct answers per cell of a, see `interval_over_test_cases`.
        b_distinct: those of b.
        resamples: how many bootstrap resamples are drawn.
        seed: of the generator.
    """
    common = sorted(a_cells.keys() & b_cells.keys())
    only_a, only_b = sorted(a_cells.keys() - b_cells.keys()), sorted(b_cells.keys() - a_cells.keys())
    if not common:
        return PairedDifference(None, None, None, {}, only_a, only_b)
    by_test_case: dict[str, list[Cell]] = {}
    for cell in common:
        by_test_case.setdefault(cell[0], []).append(cell)
    differences = {
        name: fsum(fmean(a_cells[cell]) - fmean(b_cells[cell]) for cell in cells) / len(cells)
        for name, cells in by_test_case.items()
    }

    def noise(shares: NDArray[np.float64]) -> float:
        return fsum(
            (share / len(cells)) ** 2 * _noise(side[cell], (distinct or {}).get(cell))
            for share, cells in zip(shares, by_test_case.values(), strict=True)
            for cell in cells
            for side, distinct in ((a_cells, a_distinct), (b_cells, b_distinct))
        )

    span, weights = scale[1] - scale[0], [1.0] * len(differences)
    interval = _interval(list(differences.values()), weights, noise, (-span, span), resamples, seed)
    return PairedDifference(interval.mean, interval.low, interval.high, differences, only_a, only_b)


def claim(
    difference: float | None, low: float | None, high: float | None, p_value: float | None = None
) -> Claim:
    """The claim that a difference allows: "better" or "worse" only when its interval excludes 0.

    With a p value, of `sign_flip_p` or corrected by `holm`, it has to be at most 0.05 besides.
    """
    if difference is None or low is None or high is None:
        return "unknown"
    if p_value is not None and p_value > 1 - CONFIDENCE + _ROUNDING:
        return "no measurable difference"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no measurable difference"


def sign_flip_p(differences: Sequence[float], seed: int = 0) -> float:
    """The p value, two-sided, of the differences of test cases when there is none in truth.

    If a and b are alike, each test case could as well have differed the other way. The p value is the share of
    all choices of signs whose mean is as far from zero as the one observed (Fisher 1935, "The Design of
    Experiments", section 21). All choices are gone through for up to `EXACT_UP_TO` test cases; for more,
    `DRAWN_SIGNS` are drawn, and the observed choice counts as one of them (Phipson and Smyth 2010,
    "Permutation P-values should never be zero", Statistical Applications in Genetics and Molecular Biology 9(1)).

    Of n test cases no p value can be below `2 / 2^n`: fewer than `LEAST_FOR_CLAIMS` never get to 0.05.

    Args:
        differences: of each test case, at least one.
        seed: of the generator.
    """
    values = np.abs(np.asarray(differences, dtype=np.float64))
    observed = abs(fsum(differences)) - _ROUNDING * float(values.sum())
    if len(values) <= EXACT_UP_TO:
        sums = values[:1]  # the first sign stays: what has all signs the other way round is as far from zero
        for value in values[1:]:
            sums = np.concatenate([sums + value, sums - value])
        return float(np.mean(np.abs(sums) >= observed))
    generator, further = np.random.default_rng(seed), 0
    for _ in range(DRAWN_SIGNS // _SIGNS_AT_ONCE):
        positive = generator.random((_SIGNS_AT_ONCE, len(values)), dtype=np.float32) < 0.5
        further += int(np.sum(np.abs(2 * (positive @ values) - values.sum()) >= observed))
    return (further + 1) / (DRAWN_SIGNS + 1)


def holm(p_values: Sequence[float]) -> list[float]:
    """The p values corrected for their number, in their order.

    The smallest is multiplied by how many there are, the next by one less, and so on, none below the one
    before (Holm 1979, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6(2)): the chance that any of the claims that remain is false stays below the level.
    """
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def smallest_detectable_difference(differences: Sequence[float], power: float = 0.8) -> float | None:
    """The true difference that this many test cases would show, 8 times in 10, given their spread.

    `(t[0.975] + t[power]) * s / sqrt(n)` with n - 1 degrees of freedom, s the standard deviation of the
    test cases' differences: the minimum detectable effect of Bloom (1995), "Minimum Detectable Effects",
    Evaluation Review 19(5). In the unit of the differences. None with fewer than two test cases, or when
    all differences are equal and the spread is therefore unknown.
    """
    count = len(differences)
    if count < 2 or (spread := stdev(differences)) < 1e-9:
        return None
    multiplier = t_quantile((1 + CONFIDENCE) / 2, count - 1) + t_quantile(power, count - 1)
    return multiplier * spread / math.sqrt(count)


@lru_cache(maxsize=256)
def t_quantile(probability: float, degrees: int) -> float:
    """Student's t quantile for a whole number of degrees of freedom.

    Bisection on the finite series of the distribution function, Abramowitz and Stegun 26.7.3 and 26.7.4.
    """
    if probability < 0.5:
        return -t_quantile(1 - probability, degrees)
    low, high = 0.0, 1.0
    while _t_distribution(high, degrees) < probability:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if _t_distribution(middle, degrees) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _t_distribution(t: float, degrees: int) -> float:
    """Student's t distribution function at `t` >= 0."""
    angle = math.atan(t / math.sqrt(degrees))
    sine, cosine = math.sin(angle), math.cos(angle)
    if degrees % 2:
        term, total = cosine, cosine if degrees > 1 else 0.0
        for k in range(3, degrees - 1, 2):
            term *= cosine**2 * (k - 1) / k
            total += term
        central = 2 / math.pi * (angle + sine * total)
    else:
        term = total = 1.0
        for k in range(2, degrees - 1, 2):
            term *= cosine**2 * (k - 1) / k
            total += term
        central = sine * total
    return 0.5 + central / 2


def _noise(values: Sequence[float], distinct: int | None) -> float:
    """The variance of the mean of answers, by their own spread; copies are one answer."""
    return float(np.var(values)) / max(1, (distinct or len(values)) - 1)


def _interval(
    estimates: Sequence[float],
    weights: Sequence[float],
    noise: Callable[[NDArray[np.float64]], float],
    scale: tuple[float, float],
    resamples: int,
    seed: int,
) -> Interval:
    """The 95 % interval of the weighted mean of the test cases' estimates.

    To either side it reaches as far as the furthest of three:

    - the expanded percentile interval of a bootstrap over test cases. They are drawn with replacement, each with
      its weight and all its answers: drawing answers within them too would count their spread twice, for it is in
      the spread of the test cases already (Davison and Hinkley 1997, "Bootstrap Methods and their Application",
      section 3.8). The percentiles are taken at the level `Phi(-sqrt(n / (n - 1)) * t[alpha / 2, n - 1])` instead
      of alpha / 2, because a plain percentile interval is too narrow for small n (Hesterberg 2015, "What Teachers
      Should Know About the Bootstrap", The American Statistician 69(4));
    - Student's t interval, for a resampled mean never leaves the span of a handful of test cases;
    - Student's t interval moved towards the longer tail by Hall's correction, or most of it,
      `s * g * (1 + 2 t^2) / (6 n)` with the skewness g (Hall 1992, "The Bootstrap and Edgeworth Expansion",
      section 2.6): scores near an end of the scale are skewed, and the mean of a few of them more often misses
      the long tail than it has too much of it.

    When all estimates are alike nothing varies, yet zero width would pretend certainty. Where answers within
    test cases differ, it is Student's t interval with the variance of the mean that they give (`noise`, of the
    shares of the test cases in it). Else, as when nothing is solved, a share of up to `1 - (alpha / 2)^(1 / n)` of
    all test cases could be different and stay unseen (Clopper and Pearson 1934 for 0 of n), each by as much as
    the scale allows. Unequal weights make n smaller: `sum(w)^2 / sum(w^2)` (Kish 1965, "Survey Sampling").

    One test case gives no interval: `low` and `high` are None.

    How often it holds, in 2,000 trials for each of 11 shapes of simulated test cases, five answers each, some of
    them copies (`benchmarks/coverage.py`): mean scores in 93 to 97 % at 5, 14 and 50 test cases, but at 5 in
    91 to 92 % of the two most skewed shapes and 98 % of one with most mass at one end. Shares solved, which have
    few values, in 90 to 100 % at 5, 89 to 98 % at 14, 95 to 97 % at 50. Differences of models that are alike,
    most of them near zero, in 96 to 100 % at 5 and 95 to 98 % at 14 and 50: on the safe side of a claim.
    """
    values, shares = np.asarray(estimates), np.asarray(weights) / fsum(weights)
    count, mean = len(values), fsum(map(mul, weights, estimates)) / fsum(weights)
    if count < 2:
        return Interval(mean, None, None)
    tail = (1 - CONFIDENCE) / 2
    t = t_quantile(1 - tail, count - 1)
    if np.ptp(values) < _ROUNDING * (scale[1] - scale[0]):
        if variance := noise(shares):
            reach = t * math.sqrt(variance)
            return Interval(mean, max(scale[0], mean - reach), min(scale[1], mean + reach))
        unseen = 1 - tail ** fsum(shares**2)
        return Interval(mean, mean - unseen * (mean - scale[0]), mean + unseen * (scale[1] - mean))
    drawn = _resampled_counts(count, resamples, seed)
    moves = shares * (values - mean)
    # Not by matrix products: small ones are slowed down tenfold by threads that wait for a busy core.
    apart = np.einsum("ij,j->i", drawn, moves.astype(np.float32))
    if np.ptp(shares) > _ROUNDING:
        apart /= np.einsum("ij,j->i", drawn, shares.astype(np.float32))
    level = NormalDist().cdf(-math.sqrt(count / (count - 1)) * t)
    low, high = (mean + float(bound) for bound in np.quantile(apart, [level, 1 - level]))
    spread = count * math.sqrt(fsum(moves**2) / (count - 1))
    reach, skewness = t * spread / math.sqrt(count), count**2 * fsum(moves**3) / spread**3
    shift = spread * skewness * (1 + 2 * t**2) / (6 * count)
    shift *= SKEWNESS_SHARE if count >= ENOUGH_FOR_SKEWNESS else 1
    low, high = min(low, mean - reach + min(shift, 0.0)), max(high, mean + reach + max(shift, 0.0))
    return Interval(mean, max(scale[0], low), min(scale[1], high))


@lru_cache(maxsize=4)
def _resampled_counts(count: int, resamples: int, seed: int) -> NDArray[np.float32]:
    """How often each of `count` test cases is in each resample, an array of shape (resamples, count)."""
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=resamples)
    return drawn.astype(np.float32)
