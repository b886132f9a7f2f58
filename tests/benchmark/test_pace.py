"""How many questions at once do a server good: found with servers that are simulated, second for second."""

import random

import pytest

from slingshot.benchmark.pace import Pace


def limits(tokens_per_second, answers=1500, most=64, seed=0):
    """The limits after each answer of a server that gives each of n questions at once so many tokens a second."""
    chance, now, pace = random.Random(seed), 0.0, Pace(most, since=0.0)
    under_way, found = [], []
    while len(found) < answers:
        while len(under_way) < pace.limit:
            tokens = chance.lognormvariate(4.5, 0.6)
            filled = len(under_way) == pace.limit - 1
            under_way.append([tokens * chance.lognormvariate(0, 0.3), now, int(tokens), filled])
        full = len(under_way) >= pace.limit
        speed = tokens_per_second(len(under_way))
        ended = min(under_way)
        under_way.remove(ended)
        now += ended[0] / speed
        for other in under_way:
            other[0] -= ended[0]
        pace.answered(ended[1], now, ended[2], now - ended[1], full and ended[3])
        found.append(pace.limit)
    return found


def limits_of_a_queue(slots, answers=1500, most=64, seed=0):
    """The same of a server that answers so many at a time, in the order of asking."""
    chance, now, pace = random.Random(seed), 0.0, Pace(most, since=0.0)
    free = [0.0] * slots
    under_way, found = [], []
    while len(found) < answers:
        while len(under_way) < pace.limit:
            tokens = chance.lognormvariate(4.5, 0.6)
            free.sort()
            free[0] = max(free[0], now) + tokens * chance.lognormvariate(0, 0.3) / 100
            under_way.append((free[0], now, int(tokens), len(under_way) == pace.limit - 1))
        full = len(under_way) >= pace.limit
        ended = min(under_way)
        under_way.remove(ended)
        now = ended[0]
        pace.answered(ended[1], now, ended[2], now - ended[1], full and ended[3])
        found.append(pace.limit)
    return found


def mean_of_last(found, count=1000):
    return sum(found[-count:]) / count


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("tokens_per_second", "low", "high"),
    [
        pytest.param(lambda n: 100 * min(1, 4 / n), 4, 6, id="four slots"),
        pytest.param(lambda n: 100 * min(1, 16 / n), 14, 20, id="sixteen slots"),
        pytest.param(lambda n: 100 / n, 1, 2, id="one after the other"),
        pytest.param(lambda n: 100 * min(1, 8 / n) ** 2, 6, 9, id="slower when overloaded"),
        pytest.param(lambda n: 100 / (1 + n / 32), 45, 64, id="batches that slow each other a little"),
        pytest.param(lambda n: 100, 60, 64, id="as many as one likes"),
    ],
)
def test_a_server_settles_where_more_at_once_gives_no_more(tokens_per_second, low, high, seed):
    assert low <= mean_of_last(limits(tokens_per_second, seed=seed)) <= high


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("slots", "low", "high"), [(1, 1, 2), (4, 3, 6), (16, 13, 21)])
def test_where_questions_wait_in_line_the_line_stays_short(slots, low, high, seed):
    assert low <= mean_of_last(limits_of_a_queue(slots, seed=seed)) <= high


def test_it_is_never_above_what_is_allowed_and_never_below_one():
    assert max(limits(lambda n: 100, most=5)) == 5
    assert set(limits(lambda n: 100, most=1, answers=200)) == {1}
    assert min(limits(lambda n: 100 / n**2, answers=500)) == 1


def test_a_good_server_has_many_after_few_answers():
    assert limits(lambda n: 100, answers=120)[-1] >= 32


def test_a_failure_halves_it_and_growth_is_by_steps_from_then_on():
    pace = Pace(64, limit=32, since=0.0)
    pace.failed(1.0)
    assert pace.limit == 16
    for now in range(2, 200):
        pace.answered(now, now + 1, 100, 1.0, full=True)
    assert 16 < pace.limit < 32


def test_answers_from_before_a_change_and_of_an_idle_server_tell_nothing():
    pace = Pace(64, limit=4, since=10.0)
    for _ in range(100):
        pace.answered(9.0, 11.0, 100, 1.0, full=True)
        pace.answered(10.5, 11.0, 100, 1.0, full=False)
    assert pace.limit == 4
