"""Intervals and differences whose unit is the test case, not the answer.

Answers to one test case are alike, so a hundred of them are not a hundred pieces of evidence. Every
interval here resamples test cases, and answers within each test case, and is made as wide as a small
number of test cases deserves.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import fsum
from operator import mul
from statistics import NormalDist, stdev
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95
RESAMPLES = 10_000
# Resamples choose each test case's estimate from a pool of resampled ones. With few answers the pool is as
# large as the resamples are many; with many answers, whose mean hardly moves, drawing them all would cost
# ten times as much and change nothing.
DRAWS_PER_POOL = 50_000
SMALLEST_POOL = 500
# A resampled mean never leaves the span of the test cases. Below six of them that span itself misses
# the truth in more than 5 % of cases (2 * 0.5^n for the median), whatever percentile is taken.
ENOUGH_FOR_PERCENTILES = 6

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


@dataclass(frozen=True)
class _Group:
    """Values that are resampled together: `draws` of them, their mean counted with `weight`."""

    values: NDArray[np.float64]
    draws: int
    weight: float


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
        distinct: the number of distinct answers per test case. Only so many are drawn within it, so that
            copies never narrow the interval. Without it every value counts as distinct.
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
    totals = [sum(weights[cell] for cell in cells) for cells in by_test_case.values()]
    test_cases = [
        [_group(values[cell], (distinct or {}).get(cell), weights[cell] / total) for cell in cells]
        for cells, total in zip(by_test_case.values(), totals, strict=True)
    ]
    return _interval(test_cases, totals, scale, resamples, seed)


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
    test_cases = [
        [
            group
            for cell in cells
            for group in (
                _group(a_cells[cell], (a_distinct or {}).get(cell), 1 / len(cells)),
                _group(b_cells[cell], (b_distinct or {}).get(cell), -1 / len(cells)),
            )
        ]
        for cells in by_test_case.values()
    ]
    span = scale[1] - scale[0]
    interval = _interval(test_cases, [1.0] * len(test_cases), (-span, span), resamples, seed)
    differences = {name: _estimate(groups) for name, groups in zip(by_test_case, test_cases, strict=True)}
    return PairedDifference(interval.mean, interval.low, interval.high, differences, only_a, only_b)


def claim(difference: float | None, low: float | None, high: float | None) -> Claim:
    """The claim that a difference and its interval allow: "better" or "worse" only when it excludes 0."""
    if difference is None or low is None or high is None:
        return "unknown"
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no measurable difference"


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


def _interval(
    test_cases: list[list[_Group]],
    weights: Sequence[float],
    scale: tuple[float, float],
    resamples: int,
    seed: int,
) -> Interval:
    """The 95 % interval of the weighted mean of the test cases' estimates.

    The expanded percentile interval of a nested bootstrap: test cases are drawn with replacement, then
    answers within each drawn test case, and the percentiles are taken at the level
    `Phi(-sqrt(n / (n - 1)) * t[alpha / 2, n - 1])` instead of alpha / 2, because a plain percentile
    interval is too narrow for small n (Hesterberg 2015, "What Teachers Should Know About the Bootstrap",
    The American Statistician 69(4)). A drawn test case brings its weight along. Two cases beyond that:

    - Fewer than six test cases: the wider of this and Student's t interval, see `ENOUGH_FOR_PERCENTILES`;
      the spread is that of the test cases' shares in the mean, which without weights is their own.
    - Every value alike (0 of all answers solved): a resample cannot vary, yet zero width would pretend
      certainty. A share of up to `1 - (alpha / 2)^(1 / n)` of all test cases could be different and stay
      unseen (Clopper and Pearson 1934 for 0 of n), each by as much as the scale allows. Unequal weights
      make n smaller: `sum(w)^2 / sum(w^2)` (Kish 1965, "Survey Sampling").

    One test case gives no interval: `low` and `high` are None.
    """
    estimates = [_estimate(groups) for groups in test_cases]
    mean, count = fsum(map(mul, weights, estimates)) / fsum(weights), len(estimates)
    if count < 2:
        return Interval(mean, None, None)
    tail = (1 - CONFIDENCE) / 2
    shares = np.asarray(weights) / fsum(weights)
    means = _resampled_means(test_cases, shares, resamples, np.random.default_rng(seed))
    if np.ptp(means) < 1e-9 * (scale[1] - scale[0]):
        unseen = 1 - tail ** fsum(shares**2)
        return Interval(mean, mean - unseen * (mean - scale[0]), mean + unseen * (scale[1] - mean))
    t = t_quantile(1 - tail, count - 1)
    level = NormalDist().cdf(-math.sqrt(count / (count - 1)) * t)
    low, high = (float(bound) for bound in np.quantile(means, [level, 1 - level]))
    if count < ENOUGH_FOR_PERCENTILES:
        moves = count * shares * (np.array(estimates) - mean)
        reach = t * math.sqrt(float(moves @ moves) / (count - 1) / count)
        low, high = min(low, mean - reach), max(high, mean + reach)
    return Interval(mean, max(scale[0], low), min(scale[1], high))


def _group(values: Sequence[float], distinct: int | None, weight: float) -> _Group:
    """Values as an array, with the number of draws that they are worth."""
    return _Group(np.asarray(values, dtype=np.float64), distinct or len(values), weight)


def _estimate(groups: list[_Group]) -> float:
    """A test case's value: the weighted sum of the means of its groups."""
    return float(sum(group.weight * group.values.mean() for group in groups))


def _resampled_means(
    test_cases: list[list[_Group]],
    shares: NDArray[np.float64],
    resamples: int,
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """The mean of every resample, an array of shape (resamples,)."""
    count = len(test_cases)
    draws = max(sum(group.draws for group in groups) for groups in test_cases)
    size = min(resamples, max(SMALLEST_POOL, DRAWS_PER_POOL // draws))
    pools = np.stack([_pool(groups, size, generator) for groups in test_cases])
    chosen = generator.integers(count, size=(resamples, count), dtype=np.int32)
    # Pools are drawn at random already, so they are used in turn, each place as often as any other.
    turns = (np.arange(resamples)[:, None] + np.arange(count) * size // count) % size
    drawn = pools[chosen, turns]
    if np.ptp(shares) < 1e-12:
        means: NDArray[np.float64] = drawn.mean(axis=1)
    else:
        weights = shares[chosen]
        means = np.einsum("ij,ij->i", weights, drawn) / weights.sum(axis=1)
    return means


def _pool(groups: list[_Group], size: int, generator: np.random.Generator) -> NDArray[np.float64]:
    """`size` resampled estimates of one test case."""
    # Equal values cannot vary; without this, copies of one answer would cost draws and change nothing.
    varying = [group for group in groups if np.ptp(group.values)]
    fixed = float(sum(group.weight * group.values[0] for group in groups if not np.ptp(group.values)))
    if not varying:
        return np.full(size, fixed)
    # One column a draw: where its group's values begin, how many there are, what the drawn one counts.
    draws, lengths = [group.draws for group in varying], [len(group.values) for group in varying]
    first = np.repeat(np.cumsum([0, *lengths[:-1]]), draws).astype(np.int32)
    number = np.repeat(lengths, draws).astype(np.float32)
    counts = np.repeat([group.weight / group.draws for group in varying], draws)
    values = np.concatenate([group.values for group in varying])
    places = (generator.random((size, len(first)), dtype=np.float32) * number).astype(np.int32)
    estimates: NDArray[np.float64] = values[first + places] @ counts + fixed
    return estimates
