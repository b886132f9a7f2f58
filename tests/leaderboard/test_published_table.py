"""The public leaderboard's table comes out of its recordings, to the digit."""

import json
from pathlib import Path

import polars as pl
import pytest

from slingshot.leaderboard import Question, Row, build_leaderboard
from slingshot.leaderboard.costs import with_costs
from slingshot.leaderboard.selection import select_answers
from slingshot.models.prices import cost_usd, load_prices, price_of

TABLE = Path(__file__).parents[3] / "shared" / "data" / "julia-llm-leaderboard" / "published_table.json"
FIVE = ("InJulia", "JuliaExpertAsk", "JuliaExpertCoTTask", "JuliaRecapTask", "JuliaRecapCoTTask")


@pytest.fixture(scope="module")
def computed(recorded: pl.DataFrame) -> dict[tuple[int, str], Row]:
    """The rows of ours by the number of answers kept and the model, with costs as they were recorded."""
    boards = {last: build_leaderboard(recorded, Question(prompts=FIVE, last=last), {}) for last in (10, 5)}
    return {(last, row.name.rsplit("/", 1)[-1]): row for last, board in boards.items() for row in board.rows}


def test_all_46_rows_of_the_published_table_come_out_to_the_digit(computed):
    published = json.loads(TABLE.read_text(encoding="utf-8"))["rows"]
    assert len(published) == 46
    for expected in published:
        # The table of hosted models keeps ten answers a cell and has no medians; the local ones' keeps five.
        last = 5 if "elapsed_median" in expected else 10
        row = computed[last, expected["model"].split("(")[0]]
        found = {
            "score": round(row.score, 1),
            "score_median": round(row.median, 1),
            "score_std_deviation": round(row.std or 0.0, 1),
            "count_zero_score": row.zeros,
            "count_full_score": row.full_scores,
            "elapsed": round(row.elapsed or 0.0, 1),
            "cost_cents": round(row.cost_cents or 0.0, 2),
        }
        checked = found.keys() & expected.keys()
        assert {"score", "score_std_deviation", "count_zero_score", "count_full_score"} <= checked
        assert {key: found[key] for key in checked} == {key: expected[key] for key in checked}, expected[
            "model"
        ]


def test_the_price_list_gives_every_recorded_cost(recorded):
    prices = load_prices()
    priced = recorded.filter(pl.col("cost_usd") > 0)
    assert priced.height == 8159
    days = pl.col("timestamp").str.slice(0, 8).str.to_date("%Y%m%d")
    columns = ["model", "tokens_prompt", "tokens_answer", "cost_usd", "path"]
    for model, prompt, answer, cost, path, day in priced.select(*columns, day=days).iter_rows():
        price = price_of(model, day, prices)
        assert price is not None, model
        assert cost_usd(prompt, answer, price) == pytest.approx(cost, rel=1e-12), path


def test_the_table_has_these_costs_and_no_others_are_guessed(recorded):
    answers, used = with_costs(select_answers(recorded, Question()).answers, load_prices())
    costed = answers.filter(pl.col("cost_usd") > 0)
    assert costed.select(((pl.col("cost") / pl.col("cost_usd") - 1).abs() < 1e-12).all()).item()
    known = set(answers.drop_nulls("cost")["model"])
    assert known == {price.model for price in used}
    assert not answers.filter((pl.col("group") == "local") & pl.col("cost").is_not_null()).height
    assert "gemini-1.0-pro-latest" not in known, "its prompts were not counted"
    assert answers.filter(pl.col("cost") == 0).is_empty()


def test_hosted_and_local_models_are_told_apart_by_the_recorders_schema(recorded):
    hosted = build_leaderboard(recorded, Question("test-case", FIVE, 10, "hosted")).answers
    local = build_leaderboard(recorded, Question("test-case", FIVE, 5, "local")).answers
    assert hosted["model"].n_unique() == 29
    assert local["model"].n_unique() == 23
    assert not set(hosted["model"]) & set(local["model"])
    assert all(":" in name or "mistral" in name or "stablelm" in name for name in local["model"].unique())


def test_forms_of_one_model_in_the_public_recordings_are_told_by_name_and_do_not_differ_measurably(recorded):
    board = build_leaderboard(recorded, Question("quantization", FIVE, 5))
    compared = {row.name: row.about for row in board.rows if row.about["reference"]}
    assert {name: about["reference"] for name, about in compared.items()} == {
        "codellama:70b-instruct · Q2_K": "Q4_K_M",
        "mistral:7b-instruct-v0.2 · Q4_K_M": "Q6_K",
        "mistral:7b-instruct-v0.2 · Q4_0": "Q6_K",
    }
    assert {about["claim"] for about in compared.values()} == {"no measurable difference"}
    assert compared["codellama:70b-instruct · Q2_K"]["difference"] == pytest.approx(-6.66, abs=0.01)
