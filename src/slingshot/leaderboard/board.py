"""A leaderboard: the rows of a table, what must be said beside them, and how it is written as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from slingshot.leaderboard.caveats import Caveat, find_caveats
from slingshot.leaderboard.costs import with_costs
from slingshot.leaderboard.quantizations import (
    compare_with_largest,
    find_form_caveats,
    notes_on_references,
)
from slingshot.leaderboard.rows import Row, measure_rows
from slingshot.leaderboard.selection import Question, select_answers
from slingshot.models.prices import Price, Prices, load_prices


@dataclass(frozen=True)
class Pivot:
    """Test cases by models.

    Attributes:
        models: the models, the best first by their mean over these test cases.
        test_cases: the test cases, the easiest first.
        averages: the mean of the models' means on each test case.
        scores: the mean score of each model on each test case, 0 to 100; a missing key is no answer.
    """

    models: Sequence[str]
    test_cases: Sequence[str]
    averages: Mapping[str, float]
    scores: Mapping[str, Mapping[str, float]]

    def to_json(self) -> dict[str, Any]:
        """`{"models": […], "rows": [{"test_case", "average", "scores": {MODEL: mean or null}}]}`."""
        rows = [
            {
                "test_case": name,
                "average": self.averages[name],
                "scores": {model: self.scores[name].get(model) for model in self.models},
            }
            for name in self.test_cases
        ]
        return {"models": list(self.models), "rows": rows}


@dataclass(frozen=True)
class Leaderboard:
    """The answer to a question.

    Attributes:
        question: what was asked.
        rows: the table's rows, the best first; by quantization model by model, the largest form first.
        warnings: what keeps them from meaning what they seem to mean.
        notes: what was left out.
        prices: the list prices that were used, the latest of each model.
        pivot: test cases by models, in a table by test case only.
        answers: the answers that were counted, for the charts.
    """

    question: Question
    rows: Sequence[Row]
    warnings: Sequence[Caveat]
    notes: Sequence[str]
    prices: Sequence[Price]
    pivot: Pivot | None
    answers: pl.DataFrame

    def to_json(self) -> dict[str, Any]:
        """The leaderboard as a JSON object, numbers unrounded, null for what is unknown.

        `{"by", "question": {"prompts", "last", "group", "like_for_like"}, "rows": [{"model", "strategy",
        "group", "name", "score", "low", "high", "median", "std", "zeros", "full_scores", "samples",
        "distinct_samples", "solved", "solved_low", "solved_high", "elapsed", "cost_cents", "cost_samples",
        "models", "test_cases", "cells"}], "warnings": [{"code", "message", "models"?, "tasks"?}], "notes":
        [sentence], "prices": [{"model", "prompt", "completion", "from", "until", "source"}], "pivot"?}`.
        Instead of `model`, `strategy` and `group`, rows by prompt have `prompt_label`, by test case
        `test_case`, of a scan `model`, `experiment`, `parameters` and `strategy`, by quantization `model`,
        `quantization`, `file_bytes`, `bits_per_weight`, `concurrency`, `tokens_per_second`, `reference`,
        `difference`, `difference_low`, `difference_high`, `p_value`, `p_adjusted`, `solved_difference`,
        `solved_difference_low`, `solved_difference_high`, `common_test_cases`, `smallest_detectable_difference` and `claim`. See `Row`,
        `form_facts` and `Comparison` for what each key means, `caveats` and `quantizations` for the codes.
        """
        asked = {key: value for key, value in asdict(self.question).items() if key != "by"}
        return {
            "by": self.question.by,
            "question": {**asked, "prompts": list(self.question.prompts)},
            "rows": [row.to_json() for row in self.rows],
            "warnings": [warning.to_json() for warning in self.warnings],
            "notes": list(self.notes),
            "prices": [price.model_dump(mode="json", by_alias=True) for price in self.prices],
            **({"pivot": self.pivot.to_json()} if self.pivot else {}),
        }


def build_leaderboard(
    frame: pl.DataFrame, question: Question | None = None, prices: Prices | None = None
) -> Leaderboard:
    """Make a table of recordings.

    Args:
        frame: all recordings, as `load_recordings` gives them.
        question: what is asked of them; by default every plain answer, by model.
        prices: what hosted models ask; by default the bundled list.

    Raises:
        RequestError: the question names something that the recordings do not hold, or nothing is left.
    """
    question = question or Question()
    selection = select_answers(frame, question)
    answers, used = with_costs(selection.answers, load_prices() if prices is None else prices)
    selection = replace(selection, answers=answers)
    rows = measure_rows(answers, question.by)
    notes = [*selection.notes, *_partial_costs(rows)]
    of_forms: list[Caveat] = []
    if question.by == "quantization":
        rows = compare_with_largest(rows, answers)
        notes += notes_on_references(rows)
        of_forms = find_form_caveats(rows, answers)
    return Leaderboard(
        question=question,
        rows=rows,
        warnings=[*of_forms, *find_caveats(selection, rows, question.by)],
        notes=notes,
        prices=used,
        pivot=build_pivot(answers) if question.by == "test-case" else None,
        answers=answers,
    )


def build_pivot(answers: pl.DataFrame) -> Pivot:
    """Test cases by models, from answers with their weights."""
    weighted = (pl.col("score") * pl.col("weight")).sum() / pl.col("weight").sum()
    alike = pl.col("weight").n_unique() == 1  # then the plain mean, to the last bit
    mean = pl.when(alike).then(pl.col("score").mean()).otherwise(weighted)
    cells = answers.group_by("test_case", "model").agg(mean=mean).sort("test_case", "model")
    scores: dict[str, dict[str, float]] = {}
    for test_case, model, mean in cells.iter_rows():
        scores.setdefault(test_case, {})[model] = mean
    averages = {name: sum(own.values()) / len(own) for name, own in scores.items()}
    models = (
        cells.group_by("model").agg(pl.col("mean").mean()).sort("mean", "model", descending=[True, False])
    )
    return Pivot(
        models=models["model"].to_list(),
        test_cases=sorted(averages, key=lambda name: (-averages[name], name)),
        averages=averages,
        scores=scores,
    )


def _partial_costs(rows: Sequence[Row]) -> list[str]:
    """A note for each row of a model whose cost is the mean of a part of its answers."""
    return [
        f"The cost of {row.name} is the mean of {row.cost_samples:,} of {row.samples:,} answers; that of the "
        "others is unknown."
        for row in rows
        if 0 < row.cost_samples < row.samples and "model" in row.about
    ]
