"""The figures of a row: the leaderboard's own, with intervals for the very same quantities."""

import numpy as np
import pytest
from made_up_answers import CASES, answer, answers, frame

from slingshot.leaderboard import Question, build_leaderboard
from slingshot.statistics import interval_over_test_cases


def row_of(made, question=None):
    """The first row of the table."""
    return build_leaderboard(made, question).rows[0]


def test_score_median_std_zeros_and_full_scores_are_those_of_all_answers():
    scores = [0.0, 25.0, 100.0, 100.0, 62.5, 0.0]
    row = row_of(frame([answer("a", f"case {place // 2}", score) for place, score in enumerate(scores)]))
    assert row.score == np.mean(scores)
    assert row.median == np.median(scores)
    assert row.std == np.std(scores, ddof=1)
    assert (row.zeros, row.full_scores, row.samples, row.solved) == (2, 2, 6, 2 / 6)


def test_the_score_is_the_mean_of_all_answers_even_where_test_cases_were_answered_unequally_often():
    made = frame(answers("a", ["x"], 100.0, samples=6), answers("a", CASES, 20.0))
    row = row_of(made)
    assert row.score == pytest.approx((6 * 100 + 16 * 20) / 22)
    assert row.low < row.score < row.high


def test_the_interval_is_that_of_the_score_and_equals_the_verdicts_where_all_are_answered_alike():
    made = answers("a", score=lambda place: 10.0 * place, samples=3)
    values = {case: [10.0 * place] * 3 for place, case in enumerate(CASES)}
    expected = interval_over_test_cases(values, distinct=dict.fromkeys(values, 3))
    row = row_of(frame(made))
    assert (row.low, row.high) == (expected.low, expected.high)


def test_a_single_test_case_has_no_interval_and_a_single_answer_no_std():
    row = row_of(frame([answer("a", "x", 50.0)]))
    assert (row.low, row.high, row.solved_low, row.solved_high, row.std) == (None, None, None, None, None)


def test_nothing_solved_is_no_certainty():
    row = row_of(frame(answers("a", score=50.0)))
    assert (row.solved, row.solved_low) == (0, 0)
    assert row.solved_high > 0.3


def test_distinct_samples_are_counted_by_text_within_a_cell():
    same = [
        answer("a", case, 50.0, prompt_label=label, answer="once")
        for case in "xy"
        for label in "PQ"
        for _ in range(5)
    ]
    row = row_of(frame(same))
    assert (row.samples, row.distinct_samples, row.cells) == (20, 4, 4)


def test_copies_do_not_narrow_the_interval():
    spread = [(case, score) for case in CASES for score in (0.0, 100.0)]
    few = [answer("a", case, score, answer=f"{score}") for case, score in spread]
    many = [answer("a", case, score, answer=f"{score}") for case, score in spread for _ in range(20)]
    one, other = row_of(frame(few)), row_of(frame(many))
    assert other.high - other.low == pytest.approx(one.high - one.low, rel=0.08)


def test_seconds_of_zero_are_unknown():
    timed = answers("a", ["x"], samples=2, elapsed_seconds=4.0)
    row = row_of(frame(timed, answers("a", ["y"], elapsed_seconds=0.0)))
    assert row.elapsed == 4
    assert row_of(frame(answers("a", elapsed_seconds=0.0))).elapsed is None


def test_a_prompt_label_averages_over_models_so_that_busy_models_count_no_more():
    made = frame(
        answers("good", score=100.0, samples=9, labels=("AsIs",)),
        answers("bad", score=0.0, samples=1, labels=("AsIs",)),
    )
    row = row_of(made, Question("prompt"))
    assert row.about == {"prompt_label": "AsIs"}
    assert row.score == pytest.approx(50)
    assert row.median == pytest.approx(50)
    assert row.solved == pytest.approx(0.5)
    assert (row.samples, row.models, row.test_cases) == (80, 2, 8)


def test_a_test_case_averages_over_models_too_and_has_no_interval():
    made = frame(answers("good", ["x"], 90.0, samples=9), answers("bad", ["x"], 30.0, samples=1))
    row = row_of(made, Question("test-case"))
    assert row.about == {"test_case": "x"}
    assert row.score == pytest.approx(60)
    assert (row.low, row.high) == (None, None)


def test_test_cases_by_model_show_every_models_mean_and_the_average():
    made = frame(
        answers("good", ["x", "y"], lambda place: 100.0 - 20 * place, samples=3), answers("bad", ["x"], 40.0)
    )
    pivot = build_leaderboard(made, Question("test-case")).pivot
    assert pivot.to_json() == {
        "models": ["good", "bad"],
        "rows": [
            {"test_case": "y", "average": 80.0, "scores": {"good": 80.0, "bad": None}},
            {"test_case": "x", "average": 70.0, "scores": {"good": 100.0, "bad": 40.0}},
        ],
    }


def test_the_best_row_comes_first_and_equals_are_sorted_by_name():
    board = build_leaderboard(frame(answers("b"), answers("a"), answers("c", score=70.0)))
    assert [row.name for row in board.rows] == ["c", "a", "b"]


def test_the_json_has_stable_keys_and_null_for_what_is_unknown():
    found = build_leaderboard(frame(answers("a", ["x"], cost_usd=0.0, tokens_prompt=0))).to_json()
    assert list(found) == ["by", "question", "rows", "warnings", "notes", "prices"]
    assert list(found["rows"][0]) == [
        *(
            "model",
            "strategy",
            "group",
            "name",
            "score",
            "low",
            "high",
            "median",
            "std",
            "zeros",
            "full_scores",
        ),
        *("samples", "distinct_samples", "solved", "solved_low", "solved_high", "elapsed", "cost_cents"),
        *("cost_samples", "models", "test_cases", "cells"),
    ]
    assert found["rows"][0]["cost_cents"] is None
    assert found["rows"][0]["low"] is None
