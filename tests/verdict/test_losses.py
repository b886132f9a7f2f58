"""What losses tell of what was trained on."""

import numpy as np
import pytest
from scipy import stats

from slingshot.verdict.losses import auc_interval, loss_gap


def test_the_auc_counts_pairs_whose_trained_loss_is_smaller_ties_half():
    found = loss_gap([0.1, 0.3], [0.2, 0.3, 0.4])
    # 0.1 is below all three; 0.3 is below one, above one, and a tie with one.
    assert found.auc == pytest.approx((3 + 1.5) / 6)
    assert (found.trained, found.untrained) == (2, 3)
    assert (found.trained_mean, found.untrained_mean) == pytest.approx((0.2, 0.3))


def test_it_is_mann_and_whitneys_u():
    generator = np.random.default_rng(1)
    ours, others = generator.normal(1, 0.5, 30).round(1), generator.normal(1.3, 0.5, 50).round(1)
    expected = stats.mannwhitneyu(others, ours).statistic / (30 * 50)
    assert loss_gap(list(ours), list(others)).auc == pytest.approx(expected)


def test_losses_that_tell_everything_are_no_certainty():
    few, many = loss_gap([0.1] * 3, [0.9] * 3), loss_gap([0.1] * 100, [0.9] * 100)
    assert few.auc == many.auc == few.high == 1
    assert few.low < 0.8
    assert 0.95 < many.low < 1


def test_the_interval_lies_the_same_way_round_on_either_side():
    low, high = auc_interval(0.8, 20, 30)
    mirrored = auc_interval(0.2, 30, 20)
    assert mirrored == pytest.approx((1 - high, 1 - low))
    assert 0 < low < 0.8 < high < 1


def test_about_95_of_100_intervals_contain_the_truth():
    """Normal losses one deviation apart: an AUC of Phi(1 / sqrt(2)), 0.760."""
    generator, hits = np.random.default_rng(2), 0
    for _ in range(1000):
        found = loss_gap(list(generator.normal(0, 1, 20)), list(generator.normal(1, 1, 20)))
        hits += found.low <= 0.7602 <= found.high
    assert 930 <= hits <= 985


@pytest.mark.parametrize(
    "losses", [([], [1.0]), ([1.0], []), ([float("nan")], [1.0]), ([1.0], [float("inf")])]
)
def test_losses_that_do_not_compare_are_refused(losses):
    with pytest.raises(ValueError, match="finite numbers"):
        loss_gap(*losses)
