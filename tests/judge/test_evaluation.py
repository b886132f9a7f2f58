"""The points an answer is worth, and what its message is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorded import doubling
from slingshot.judge import Evaluation, failing_item
from slingshot.judge.evaluation import score


@pytest.mark.parametrize(
    ("parsed", "executed", "unit_tests", "examples", "points"),
    [
        (False, False, 0, 0, 0),
        (True, False, 0, 0, 25),
        (True, True, 0, 0, 50),
        (True, True, 0, 1, 75),
        (True, True, 1, 0, 75),
        (True, True, 0.4, 1, 85),
        (True, True, 1, 1, 100),
    ],
)
def test_four_criteria_weigh_25_points_each(parsed, executed, unit_tests, examples, points):
    assert score(parsed, executed, unit_tests, examples) == pytest.approx(points, abs=1e-12)


counts = st.integers(1, 12).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count)))


@given(st.booleans(), st.booleans(), counts, counts)
def test_every_score_lies_between_0_and_100_and_only_full_marks_are_100(parsed, executed, tests, examples):
    evaluation = Evaluation(parsed, executed, *tests, *examples)
    assert 0 <= evaluation.score <= 100
    perfect = parsed and executed and tests[0] == tests[1] and examples[0] == examples[1]
    assert (evaluation.score == 100) == perfect
    assert evaluation.solved == (executed and tests[0] == tests[1])


def test_an_answer_that_could_not_be_judged_has_no_score():
    assert Evaluation(False, False, 0, 5, 0, 3, failure="unavailable").score is None
    assert Evaluation(False, False, 0, 5, 0, 3, failure="no_code").score == 0


@pytest.mark.parametrize(
    "detail, item",
    [
        ("unit test 4: it is 7", ("unit test 4", "@test double(3) == 6")),
        ("example 1: UndefVarError", ("example 1", "double(1)")),
        ("unit test 5: there are four", ("", "")),
        ("not done after 10 s", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_message_names_the_item_that_failed(detail, item):
    found = Evaluation(True, True, 0, 4, 0, 2, "tests_failed", detail)
    assert failing_item(doubling(), found) == item
