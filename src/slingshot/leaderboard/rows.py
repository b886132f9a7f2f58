"""The rows of a table: score and share solved with their intervals, and everything that stands beside them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from slingshot.leaderboard.forms import form_facts
from slingshot.leaderboard.selection import By
from slingshot.recordings.files import ONE_SHOT
from slingshot.statistics import Cell, Interval, interval_over_cells

FULL = 100.0
UNKNOWN = Interval(0.0, None, None)
Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Row:
    """One row of a table. Figures are of the answers with a score; what is unknown is None.

    Attributes:
        name: what stands at its head.
        about: what it is, with the keys `model`, `strategy` and `group` (by model), `prompt_label`,
            `test_case`, `model`, `experiment`, `parameters` and `strategy` (scan), or those of `form_facts` and
            `Comparison` (quantization).
        score: the mean score, 0 to 100: over all answers by model, else as `selection` says.
        low, high: its 95 % interval over test cases; None with a single one.
        median, std: of the scores, weighted as the mean is; std with the sample's n - 1.
        zeros, full_scores: how many answers scored 0 and 100.
        samples: how many answers there are.
        distinct_samples: how many of them differ in their text from the others of their cell.
        solved: the share of answers that pass all unit tests, 0 to 1, weighted as the score is.
        solved_low, solved_high: its 95 % interval over test cases.
        elapsed: mean seconds for an answer, of those where it is known.
        cost_cents: mean US cents for an answer, of those whose cost is known.
        cost_samples: how many these are.
        models, test_cases, cells: how many the row covers.
    """

    name: str
    about: Mapping[str, Any]
    score: float
    low: float | None
    high: float | None
    median: float
    std: float | None
    zeros: int
    full_scores: int
    samples: int
    distinct_samples: int
    solved: float
    solved_low: float | None
    solved_high: float | None
    elapsed: float | None
    cost_cents: float | None
    cost_samples: int
    models: int
    test_cases: int
    cells: int

    def to_json(self) -> dict[str, Any]:
        """The row as a JSON object: what it is, then its figures, unrounded."""
        figures = asdict(self)
        return {**figures.pop("about"), **figures}


def measure_rows(answers: pl.DataFrame, by: By) -> list[Row]:
    """The rows of a table: the best first, answers with corrections after all others.

    Args:
        answers: those of a `Selection`, with the column `cost`.
        by: what a row is.
    """
    cells = answers.group_by("row", "cell_a", "cell_b", maintain_order=True).agg(
        pl.col("score"),
        pl.col("solved").cast(pl.Float64),
        pl.col("weight").sum(),
        distinct=pl.col("answer_hash").n_unique(),
    )
    of_rows = cells.partition_by("row", as_dict=True)
    rows = [
        _row(str(name), of_row, of_rows[(name,)], by)
        for (name,), of_row in answers.partition_by("row", as_dict=True).items()
    ]
    return sorted(
        rows, key=lambda row: (row.about.get("strategy", ONE_SHOT) != ONE_SHOT, -row.score, row.name)
    )


def _row(name: str, answers: pl.DataFrame, cells: pl.DataFrame, by: By) -> Row:
    """One row from its answers and its cells."""
    weights, scores = answers["weight"].to_numpy(), answers["score"].to_numpy()
    score, solved = _intervals(cells) if by != "test-case" else (UNKNOWN, UNKNOWN)
    costs = answers.drop_nulls("cost")
    timed = answers.filter(pl.col("elapsed_seconds") > 0)  # nothing takes no time: 0 is unknown
    cents = _mean(costs["cost"].to_numpy(), costs["weight"].to_numpy())
    return Row(
        name=name,
        about=_about(answers, by),
        score=_mean(scores, weights) or 0.0,
        low=score.low,
        high=score.high,
        median=_median(scores, weights),
        std=_deviation(scores, weights),
        zeros=int((scores == 0).sum()),
        full_scores=int((scores == FULL).sum()),
        samples=answers.height,
        distinct_samples=int(cells["distinct"].sum()),
        solved=_mean(answers["solved"].to_numpy().astype(np.float64), weights) or 0.0,
        solved_low=solved.low,
        solved_high=solved.high,
        elapsed=_mean(timed["elapsed_seconds"].to_numpy(), timed["weight"].to_numpy()),
        cost_cents=None if cents is None else 100 * cents,
        cost_samples=costs.height,
        models=answers["model"].n_unique(),
        test_cases=answers["test_case"].n_unique(),
        cells=cells.height,
    )


def _about(answers: pl.DataFrame, by: By) -> dict[str, Any]:
    """What a row is, from any of its answers."""
    first = answers.row(0, named=True)
    match by:
        case "prompt":
            return {"prompt_label": first["prompt_label"]}
        case "test-case":
            return {"test_case": first["test_case"]}
        case "scan":
            return {key: first[key] for key in ("model", "experiment", "parameters", "strategy")}
        case "quantization":
            return form_facts(answers)
    groups = answers["group"].unique().to_list()
    return {
        "model": first["row"],
        "strategy": first["strategy"],
        "group": groups[0] if len(groups) == 1 else None,
    }


def _intervals(cells: pl.DataFrame) -> tuple[Interval, Interval]:
    """The intervals of score and share solved over test cases."""
    scores, solved, weights, distinct = (dict[Cell, Any]() for _ in range(4))
    for row in cells.iter_rows(named=True):
        cell = row["cell_a"], row["cell_b"]
        scores[cell], solved[cell] = row["score"], row["solved"]
        weights[cell], distinct[cell] = row["weight"], row["distinct"]
    return (
        interval_over_cells(scores, weights, distinct=distinct),
        interval_over_cells(solved, weights, scale=(0.0, 1.0), distinct=distinct),
    )


def _mean(values: NDArray[Any], weights: Weights) -> float | None:
    """The weighted mean, None of nothing."""
    if not len(values):
        return None
    # Without weights the plain mean: the leaderboard's own figure to the last bit.
    return float(values.mean() if np.ptp(weights) == 0 else np.average(values, weights=weights))


def _deviation(values: NDArray[Any], weights: Weights) -> float | None:
    """The weighted standard deviation with the sample's n - 1, None of a single answer."""
    count = len(values)
    if count < 2:
        return None
    if np.ptp(weights) == 0:
        return float(values.std(ddof=1))
    spread = np.average((values - np.average(values, weights=weights)) ** 2, weights=weights)
    return float(np.sqrt(spread * count / (count - 1)))


def _median(values: NDArray[Any], weights: Weights) -> float:
    """The weighted median: the value that half of the weight lies below; the middle of two where they meet."""
    order = np.argsort(values, kind="stable")
    values, shares = values[order], np.cumsum(weights[order]) / weights.sum()
    place = int(np.searchsorted(shares, 0.5 - 1e-12))
    if abs(shares[place] - 0.5) < 1e-9 and place + 1 < len(values):
        return float(values[place] + values[place + 1]) / 2
    return float(values[place])
