"""How large batches are: pauses take a fiftieth of the time, nothing large is lost, and all end together."""

import pytest

from slingshot.judge.batches import LONGEST, SHARE, BatchSizes


def sizes(answer, pause, batches=5):
    """Sizes after some batches of ten answers, each of `answer` seconds, with a pause of `pause` seconds after each."""
    found = BatchSizes()
    for _ in range(batches):
        found.note(10, 10 * answer, pause)
    return found


def test_before_anything_is_measured_a_worker_gets_one_answer():
    assert BatchSizes().size(1000, 2) == 1


@pytest.mark.parametrize(
    ("answer", "pause", "size"), [(0.03, 0.0029, 5), (0.03, 0.0001, 1), (0.001, 0.01, 500)]
)
def test_a_batch_is_as_large_as_it_must_be_for_pauses_to_take_a_fiftieth(answer, pause, size):
    assert sizes(answer, pause).size(10**6, 2) == size
    assert pause / (size * answer) <= SHARE


def test_a_batch_takes_no_longer_than_may_be_lost_with_a_machine():
    assert sizes(0.5, 1.0).size(10**6, 2) == LONGEST / 0.5
    assert sizes(10.0, 1.0).size(10**6, 2) == 1


def test_towards_the_end_batches_shrink_so_that_no_worker_waits_long_for_another():
    large = sizes(0.01, 0.01)
    assert [large.size(waiting, 4) for waiting in (1000, 80, 40, 8, 1)] == [50, 10, 5, 1, 1]


def test_a_server_that_starts_slowly_is_no_measure_of_the_answers_after_it():
    found = sizes(0.03, 0.0029)
    found.note(1, 8.0, 0.5)
    assert found.size(10**6, 2) == 5
