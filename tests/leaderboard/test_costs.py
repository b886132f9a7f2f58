"""What an answer cost: tokens by the price of its day, else what was recorded, else unknown and never 0."""

from datetime import date

import pytest
from made_up_answers import answers, frame

from slingshot.leaderboard import build_leaderboard
from slingshot.models.prices import Price


def price(model="a", prompt=10.0, completion=20.0, since=date(2024, 1, 1)):
    """A price list of one entry: 100 and 200 tokens cost half a cent by default."""
    fields = {"model": model, "prompt": prompt, "completion": completion, "from": since, "source": "a test"}
    return {model: [Price.model_validate(fields)]}


def row_of(made, prices):
    """The only row of the table."""
    (row,) = build_leaderboard(made, prices=prices).rows
    return row


def test_a_listed_price_is_taken_before_the_recorded_cost():
    board = build_leaderboard(frame(answers("a", cost_usd=0.5)), prices=price())
    assert board.rows[0].cost_cents == pytest.approx(0.5)
    assert board.rows[0].cost_samples == 16
    assert [used.source for used in board.prices] == ["a test"]


def test_the_price_is_that_of_the_day_of_the_answer():
    early = {"a": [*price(since=date(2024, 1, 1))["a"], *price(prompt=0.0, since=date(2024, 2, 1))["a"]]}
    made = answers("a", ["x"], timestamp="20240131_120000__100") + answers(
        "a", ["x"], timestamp="20240201_120000__100"
    )
    assert row_of(frame(made), early).cost_cents == pytest.approx((0.5 + 0.4) / 2)


def test_without_a_price_a_recorded_cost_stands_and_a_recorded_zero_is_unknown():
    assert row_of(frame(answers("a", cost_usd=0.002)), {}).cost_cents == pytest.approx(0.2)
    row = row_of(frame(answers("a", cost_usd=0.0)), {})
    assert (row.cost_cents, row.cost_samples) == (None, 0)


def test_a_local_model_has_no_price_per_token():
    local = answers("a", cost_usd=0.0, schema="PromptingTools.OllamaSchema()")
    board = build_leaderboard(frame(local), prices=price())
    assert board.rows[0].cost_cents is None
    assert board.prices == []


def test_answers_whose_tokens_nobody_counted_cost_what_was_recorded_or_unknown():
    assert row_of(frame(answers("a", cost_usd=0.0, tokens_prompt=0)), price()).cost_cents is None
    assert row_of(
        frame(answers("a", cost_usd=0.01, tokens_prompt=None)), price()
    ).cost_cents == pytest.approx(1)


def test_a_cost_of_a_part_of_the_answers_is_said_to_be_one():
    made = frame(answers("a", ["x"], cost_usd=0.01), answers("a", ["y"], cost_usd=0.0))
    board = build_leaderboard(made, prices={})
    assert (board.rows[0].cost_cents, board.rows[0].cost_samples) == (pytest.approx(1), 2)
    assert board.notes == ["The cost of a is the mean of 2 of 4 answers; that of the others is unknown."]


def test_an_answer_without_a_date_has_no_listed_price():
    assert row_of(frame(answers("a", cost_usd=0.0, timestamp="")), price()).cost_cents is None
