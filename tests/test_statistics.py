"""The interval holds what it says, is honest about few test cases, and cannot be narrowed by copies."""

import numpy as np
import pytest

from slingshot.statistics import (
    interval_over_cells,
    interval_over_test_cases,
    paired_difference,
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


@pytest.mark.parametrize("test_cases", [2, 4, 5, 8, 14])
def test_about_95_of_100_intervals_contain_the_truth(test_cases):
    generator = np.random.default_rng(100 + test_cases)
    hits = 0
    for trial in range(400):
        centres = generator.normal(50, 12, test_cases)
        values = {str(i): list(generator.normal(centre, 10, 5)) for i, centre in enumerate(centres)}
        interval = interval_over_test_cases(values, scale=WIDE, resamples=600, seed=trial)
        hits += interval.low <= 50 <= interval.high
    assert 0.92 <= hits / 400 <= 0.99


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
    once = {"a": [0.0, 100.0], "b": [50.0, 100.0], "c": [25.0, 75.0], "d": [0.0, 25.0]} | {
        str(i): [50.0, 60.0] for i in range(4)
    }
    copied = {name: values * 20 for name, values in once.items()}
    plain = interval_over_test_cases(once)
    counted = interval_over_test_cases(copied, distinct=dict.fromkeys(copied, 2))
    assert counted.high - counted.low == pytest.approx(plain.high - plain.low, rel=0.03)
    single = {name: values[:1] for name, values in once.items()}
    repeated = {name: values * 5 for name, values in single.items()}
    assert interval_over_test_cases(repeated) == interval_over_test_cases(single)


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
    assert interval_over_test_cases(values, seed=3) != interval_over_test_cases(values, seed=4)


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
