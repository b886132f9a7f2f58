"""The interval holds what it says, is honest about few test cases, and cannot be narrowed by copies."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats import multitest

from slingshot.statistics import (
    claim,
    holm,
    interval_over_cells,
    interval_over_test_cases,
    paired_difference,
    sign_flip_p,
    smallest_detectable_difference,
    t_quantile,
)

WIDE = (-1e9, 1e9)


@pytest.mark.parametrize(
    ("degrees", "at_975", "at_80"),
    [
        *[(1, 12.706, 1.376), (2, 4.303, 1.061), (3, 3.182, 0.978), (4, 2.776, 0.941)],
        *[
            (10, 2.228, 0.879),
            (11, 2.201, 0.876),
            (30, 2.042, 0.854),
            (60, 2.000, 0.848),
            (120, 1.980, 0.845),
        ],
    ],
)
def test_t_quantiles_are_those_of_the_printed_table(degrees, at_975, at_80):
    assert t_quantile(0.975, degrees) == pytest.approx(at_975, abs=6e-4)
    assert t_quantile(0.8, degrees) == pytest.approx(at_80, abs=6e-4)
    assert t_quantile(0.025, degrees) == pytest.approx(-at_975, abs=6e-4)


def test_t_quantiles_and_binomial_bounds_are_scipys():
    for degrees in (1, 2, 4, 13, 49, 200):
        assert t_quantile(0.975, degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=1e-9)
    for count in (2, 5, 14, 50):
        high = stats.binomtest(0, count).proportion_ci(0.95, method="exact").high
        none = interval_over_test_cases({str(i): [0.0] for i in range(count)}, scale=(0, 1))
        assert none.high == pytest.approx(high, rel=1e-9)


def bell(generator, count):
    """Chances of success around one half."""
    return np.clip(generator.normal(0.5, 0.12, count), 0, 1)


def skewed(generator, count):
    """Mostly hard test cases."""
    return generator.beta(1, 4, count)


def half_at_the_ends(generator, count):
    """Two in ten never succeed, three in ten always."""
    where = generator.random(count)
    return np.where(where < 0.2, 0.0, np.where(where < 0.5, 1.0, generator.beta(2, 2, count)))


@pytest.mark.parametrize(("shape", "truth"), [(bell, 0.5), (skewed, 0.2), (half_at_the_ends, 0.55)])
@pytest.mark.parametrize("test_cases", [5, 14, 50])
def test_about_95_of_100_intervals_contain_the_truth(shape, truth, test_cases):
    """Five answers to a test case, three in ten test cases answered with copies; benchmarks/coverage.py has more."""
    generator = np.random.default_rng(test_cases)
    hits, trials = 0, 600
    for _ in range(trials):
        answers = generator.binomial(4, np.repeat(shape(generator, test_cases)[:, None], 5, axis=1)) / 4
        copied = generator.random(test_cases) < 0.3
        answers[copied] = answers[copied, :1]
        values = {str(index): of_case.tolist() for index, of_case in enumerate(answers)}
        interval = interval_over_test_cases(values, scale=(0, 1), resamples=1000)
        hits += interval.low <= truth <= interval.high
    # 93 to 97 in truth, and what chance adds to 600 trials.
    assert 0.915 <= hits / trials <= 0.985


def test_an_interval_reaches_further_towards_the_longer_tail():
    interval = interval_over_test_cases({"a": [98.0], "b": [100.0], "c": [97.0], "d": [99.0], "e": [40.0]})
    plain = interval_over_test_cases({"a": [60.0], "b": [100.0], "c": [90.0], "d": [80.0], "e": [70.0]})
    assert plain.mean - plain.low == pytest.approx(plain.high - plain.mean)
    unclipped = interval_over_test_cases(
        {"a": [98.0], "b": [100.0], "c": [97.0], "d": [99.0], "e": [40.0]}, scale=WIDE
    )
    assert unclipped.mean - unclipped.low > 1.3 * (unclipped.high - unclipped.mean)
    assert interval.high == 100


def test_fewer_test_cases_give_a_wider_interval():
    generator = np.random.default_rng(0)
    values = {f"{i:02}": list(generator.normal(50, 20, 5)) for i in range(24)}
    widths = []
    for count in (24, 12, 6, 3):
        interval = interval_over_test_cases(dict(list(values.items())[:count]), resamples=2000)
        widths.append(interval.high - interval.low)
    assert widths == sorted(widths)


def test_the_mean_is_that_of_test_cases_however_many_answers_each_has():
    assert interval_over_test_cases({"a": [100.0] * 99, "b": [0.0]}).mean == 50


def test_with_the_number_of_answers_as_weights_the_mean_is_that_over_all_answers():
    cells = {("a", "P"): [100.0] * 6, ("a", "Q"): [50.0] * 2, ("b", "P"): [0.0]}
    weights = {cell: float(len(values)) for cell, values in cells.items()}
    assert interval_over_cells(cells, weights).mean == pytest.approx(700 / 9)
    assert interval_over_cells(cells, dict.fromkeys(cells, 1.0)).mean == pytest.approx(50)


def test_equal_weights_give_the_interval_of_the_test_case_means():
    values = {f"{i:02}": [float(7 * i % 30), float(11 * i % 40)] for i in range(9)}
    cells = {(name, ""): of_case for name, of_case in values.items()}
    assert interval_over_cells(cells, dict.fromkeys(cells, 2.0)) == interval_over_test_cases(values)


@pytest.mark.parametrize("test_cases", [4, 8, 14])
def test_about_95_of_100_intervals_of_unequally_answered_test_cases_contain_the_truth(test_cases):
    generator = np.random.default_rng(200 + test_cases)
    hits = 0
    for trial in range(300):
        cells = {
            (str(i), label): list(generator.normal(centre, 10, generator.integers(2, 8)))
            for i, centre in enumerate(generator.normal(50, 12, test_cases))
            for label in "PQ"
        }
        weights = {cell: float(len(values)) for cell, values in cells.items()}
        interval = interval_over_cells(cells, weights, scale=WIDE, resamples=600, seed=trial)
        hits += interval.low <= 50 <= interval.high
    assert 0.92 <= hits / 300 <= 0.99


def test_a_test_case_with_nearly_all_of_the_weight_leaves_little_certainty():
    cells = {(str(i), ""): [0.0] for i in range(12)}
    heavy = dict.fromkeys(cells, 1.0) | {("0", ""): 100.0}
    alike = interval_over_cells(cells, dict.fromkeys(cells, 1.0), scale=(0, 1))
    assert interval_over_cells(cells, heavy, scale=(0, 1)).high > 2 * alike.high


def test_copies_of_answers_narrow_nothing():
    once = {"a": [0.0, 100.0], "b": [50.0, 100.0], "c": [25.0, 75.0], "d": [0.0, 25.0], "e": [50.0, 60.0]}
    copied = {name: values * 20 for name, values in once.items()}
    assert interval_over_test_cases(copied) == interval_over_test_cases(once)


def test_one_test_case_has_no_interval():
    interval = interval_over_test_cases({"a": [10.0, 20.0, 30.0]})
    assert (interval.mean, interval.low, interval.high) == (20.0, None, None)


def test_nothing_solved_is_not_certainty():
    """0 of 12 is Clopper and Pearson's [0, 26.5 %], not [0, 0]."""
    none = interval_over_test_cases({str(i): [0.0, 0.0] for i in range(12)}, scale=(0, 1))
    assert (none.mean, none.low) == (0, 0)
    assert none.high == pytest.approx(0.2646, abs=1e-4)
    every = interval_over_test_cases({str(i): [100.0] for i in range(12)})
    assert (every.low, every.high) == (pytest.approx(73.54, abs=0.01), 100)


def test_test_cases_that_are_alike_are_as_uncertain_as_their_answers():
    # Variance 200 of two answers, so 100 of their mean, 25 of the mean of four; t is 3.182.
    alike = {name: [40.0, 60.0] for name in "abcd"}
    interval = interval_over_test_cases(alike)
    assert (interval.low, interval.high) == pytest.approx((50 - 3.182 * 5, 50 + 3.182 * 5), abs=0.01)
    copied = {name: [40.0, 40.0, 60.0, 60.0] for name in "abcd"}
    assert interval_over_test_cases(copied, distinct=dict.fromkeys("abcd", 2)) == interval


def test_intervals_stay_on_the_scale():
    interval = interval_over_test_cases({"a": [100.0], "b": [20.0], "c": [95.0]})
    assert (interval.low, interval.high) == (0, 100)


def test_no_values_are_refused():
    for nothing in ({}, {"a": []}):
        with pytest.raises(ValueError, match="at least one"):
            interval_over_test_cases(nothing)
    with pytest.raises(ValueError, match="at least one"):
        interval_over_cells({("a", "P"): []}, {("a", "P"): 1.0})


def test_the_same_seed_gives_the_same_interval():
    values = {str(i): [float(i), 10.0 * i] for i in range(8)}
    assert interval_over_test_cases(values, seed=3) == interval_over_test_cases(values, seed=3)


def test_a_difference_uses_common_cells_only_and_lists_the_rest():
    a = {("x", "P"): [60.0], ("x", "Q"): [80.0, 100.0], ("y", "P"): [50.0], ("z", "P"): [0.0]}
    b = {("x", "P"): [50.0], ("x", "Q"): [70.0], ("y", "P"): [70.0], ("y", "Q"): [100.0]}
    difference = paired_difference(a, b)
    assert difference.by_test_case == {"x": 15.0, "y": -20.0}
    assert difference.mean == -2.5
    assert difference.only_a == [("z", "P")]
    assert difference.only_b == [("y", "Q")]


def test_pairing_sees_what_unpaired_spread_would_hide():
    levels = [5.0, 20.0, 35.0, 50.0, 65.0, 80.0, 90.0]
    b = {(str(i), "P"): [level] for i, level in enumerate(levels)}
    a = {cell: [values[0] + 5 + index % 3] for index, (cell, values) in enumerate(b.items())}
    difference = paired_difference(a, b)
    assert 4 < difference.low < difference.mean < difference.high < 8


def test_a_difference_on_one_or_no_common_test_case_is_unknown():
    one = paired_difference({("x", "P"): [1.0], ("x", "Q"): [3.0]}, {("x", "P"): [0.0], ("x", "Q"): [0.0]})
    assert (one.mean, one.low, one.high) == (2.0, None, None)
    none = paired_difference({("x", "P"): [1.0]}, {("y", "P"): [1.0]})
    assert (none.mean, none.low, none.high) == (None, None, None)


def test_the_smallest_detectable_difference_is_blooms_formula():
    # s = 10, n = 4: (3.182 + 0.978) * 10 / 2
    spread = [0.0, 0.0, 10 * 3**0.5, 10 * 3**0.5]
    assert np.std(spread, ddof=1) == pytest.approx(10)
    assert smallest_detectable_difference(spread) == pytest.approx(20.80, abs=0.01)


def test_the_smallest_detectable_difference_is_unknown_without_spread():
    assert smallest_detectable_difference([5.0]) is None
    assert smallest_detectable_difference([5.0, 5.0, 5.0]) is None


def test_a_sign_flip_test_goes_through_every_choice_of_signs():
    # Of the eight choices only the one observed and its opposite are as far from zero.
    assert sign_flip_p([1.0, 2.0, 3.0]) == 2 / 8
    # 3, -3 and, with the 1 the other way round, 1: four of four are as far from zero as 1.
    assert sign_flip_p([2.0, -1.0]) == 1
    assert sign_flip_p([0.0, 0.0, 0.0]) == 1
    assert sign_flip_p([0.1] * 6) == 2 / 64


def test_five_test_cases_cannot_rule_out_chance_and_six_can():
    assert sign_flip_p([50.0, 60.0, 70.0, 80.0, 90.0]) == 1 / 16
    assert sign_flip_p([40.0, 50.0, 60.0, 70.0, 80.0, 90.0]) == 1 / 32


def test_the_exact_test_is_scipys():
    generator = np.random.default_rng(5)
    for count in (4, 9, 12):
        values = generator.normal(8, 20, count)
        expected = stats.permutation_test(
            (values,), lambda x, axis: np.mean(x, axis=axis), permutation_type="samples", vectorized=True
        )
        assert sign_flip_p(list(values)) == pytest.approx(expected.pvalue, abs=1e-12)


def test_many_test_cases_are_flipped_at_random_and_give_nearly_the_exact_p_value():
    values = list(np.random.default_rng(7).normal(5, 15, 20))
    exact = sign_flip_p(values)
    drawn = sign_flip_p([*values, *[0.0] * 5])  # a difference of zero changes no sum
    assert drawn == pytest.approx(exact, abs=0.01)
    assert sign_flip_p([30.0] * 60) == 1 / 100_001


def test_p_values_are_those_of_chance_where_there_is_no_difference():
    generator = np.random.default_rng(11)
    found = [sign_flip_p(list(generator.normal(0, 20, 10))) for _ in range(1000)]
    assert 0.035 <= np.mean([p <= 0.05 for p in found]) <= 0.065


def test_holm_corrects_the_smallest_the_most_and_keeps_the_order():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([0.04]) == [0.04]
    assert holm([]) == []


def test_holm_is_statsmodels():
    values = list(np.random.default_rng(3).random(12) ** 3)
    assert holm(values) == pytest.approx(list(multitest.multipletests(values, method="holm")[1]))


@pytest.mark.parametrize(
    ("low", "high", "p_value", "said"),
    [
        (2.0, 9.0, None, "better"),
        (2.0, 9.0, 0.05, "better"),
        (2.0, 9.0, 0.051, "no measurable difference"),
        (-9.0, -2.0, 0.01, "worse"),
        (-1.0, 9.0, 0.01, "no measurable difference"),
        (None, None, None, "unknown"),
    ],
)
def test_a_claim_needs_an_interval_clear_of_zero_and_a_small_p_value(low, high, p_value, said):
    assert claim(5.0, low, high, p_value) == said
