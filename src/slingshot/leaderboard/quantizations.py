"""Forms of one model compared: each with the largest, on the cells that both have, and what to mind.

| code | when |
|---|---|
| `quantized-better-than-full` | a form scores above the largest: noise, unless the claim says otherwise |
| `few-answers` | fewer than 10 common test cases, or fewer than 5 distinct answers in a cell |
| `unlike-loads` | forms were asked with unlike numbers of answers under way at once |
| `mixed-files` | several files stand behind one model and type |
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial

import polars as pl

from slingshot.leaderboard.caveats import Caveat
from slingshot.leaderboard.forms import nominal_bits
from slingshot.leaderboard.rows import Row
from slingshot.leaderboard.wording import between, count_of, listed
from slingshot.statistics import (
    Cell,
    Claim,
    PairedDifference,
    claim,
    holm,
    paired_difference,
    sign_flip_p,
    smallest_detectable_difference,
)

FEW_TEST_CASES = 10
FEW_ANSWERS = 5
WHOLE_BITS = 16.0


@dataclass(frozen=True)
class Comparison:
    """A form against the largest of its model; everything is None for the largest itself.

    Attributes:
        reference: the type of the largest form.
        difference: by how many points the form is above it, on the cells that both have.
        difference_low, difference_high: the 95 % interval over test cases.
        p_value: of `sign_flip_p`.
        p_adjusted: the same after Holm's correction for all comparisons of the table.
        solved_difference: the same of the shares solved, from -1 to 1.
        solved_difference_low, solved_difference_high: its 95 % interval.
        common_test_cases: how many test cases the cells are of.
        smallest_detectable_difference: the true difference in points that they would show, 8 times in 10.
        claim: what may be said: `better` and `worse` only if the interval excludes 0 and `p_adjusted` is at most
            0.05.
    """

    reference: str | None = None
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    solved_difference: float | None = None
    solved_difference_low: float | None = None
    solved_difference_high: float | None = None
    common_test_cases: int | None = None
    smallest_detectable_difference: float | None = None
    claim: Claim | None = None


@dataclass(frozen=True)
class _Cells:
    """A form's answers by cell: points, solved as 0 or 1, and how many texts differ."""

    points: dict[Cell, list[float]]
    solved: dict[Cell, list[float]]
    distinct: dict[Cell, int]


def compare_with_largest(rows: Sequence[Row], answers: pl.DataFrame) -> list[Row]:
    """The rows with a `Comparison` in what they are about; model by model, the largest form first.

    Args:
        rows: of a table by quantization.
        answers: those of its `Selection`.
    """
    cells = {str(name): _cells(own) for (name,), own in answers.partition_by("row", as_dict=True).items()}
    models: dict[str, list[Row]] = {}
    for row in rows:
        models.setdefault(row.about["model"], []).append(row)
    ordered = [_largest_first(forms) for forms in models.values()]
    compared = _compare([(row, forms[0]) for forms in ordered for row in forms[1:]], cells)
    return [
        replace(row, about={**row.about, **asdict(compared.get(row.name, Comparison()))})
        for forms in ordered
        for row in forms
    ]


def _largest_first(forms: Sequence[Row]) -> list[Row]:
    """Forms by their bits per weight; by what their types promise where those of one are unknown."""
    known = all(row.about["bits_per_weight"] for row in forms)
    return sorted(
        forms,
        key=lambda row: (
            -(row.about["bits_per_weight"] if known else nominal_bits(row.about["quantization"])),
            row.name,
        ),
    )


def _compare(pairs: Sequence[tuple[Row, Row]], cells: Mapping[str, _Cells]) -> dict[str, Comparison]:
    """Each form against the largest of its model; the p values are corrected for how many there are."""
    points, solved = [], []
    for row, largest in pairs:
        one, other = cells[row.name], cells[largest.name]
        paired = partial(paired_difference, a_distinct=one.distinct, b_distinct=other.distinct)
        points.append(paired(one.points, other.points))
        solved.append(paired(one.solved, other.solved, scale=(0.0, 1.0)))
    by_test_case = [list(one.by_test_case.values()) for one in points]
    p_values = [sign_flip_p(differences) if len(differences) > 1 else None for differences in by_test_case]
    corrected = iter(holm([p for p in p_values if p is not None]))
    adjusted = [None if p is None else next(corrected) for p in p_values]
    return {
        row.name: _comparison(largest.about["quantization"], of_points, of_solved, p_value, p_adjusted)
        for (row, largest), of_points, of_solved, p_value, p_adjusted in zip(
            pairs, points, solved, p_values, adjusted, strict=True
        )
    }


def _comparison(
    reference: str,
    points: PairedDifference,
    solved: PairedDifference,
    p_value: float | None,
    p_adjusted: float | None,
) -> Comparison:
    return Comparison(
        reference=reference,
        difference=points.mean,
        difference_low=points.low,
        difference_high=points.high,
        p_value=p_value,
        p_adjusted=p_adjusted,
        solved_difference=solved.mean,
        solved_difference_low=solved.low,
        solved_difference_high=solved.high,
        common_test_cases=len(points.by_test_case),
        smallest_detectable_difference=smallest_detectable_difference(list(points.by_test_case.values())),
        claim=claim(points.mean, points.low, points.high, p_adjusted),
    )


def _cells(answers: pl.DataFrame) -> _Cells:
    cells = answers.group_by("cell_a", "cell_b", maintain_order=True).agg(
        "score", pl.col("solved").cast(pl.Float64), distinct=pl.col("answer_hash").n_unique()
    )
    found = _Cells({}, {}, {})
    for test_case, label, points, solved, distinct in cells.iter_rows():
        cell = test_case, label
        found.points[cell], found.solved[cell], found.distinct[cell] = points, solved, distinct
    return found


def difference_in_words(row: Row) -> str:
    """Such as `-3.1 [-7.0, 0.8]`; empty for the largest form and where nothing is common."""
    value = row.about["difference"]
    if value is None:
        return ""
    interval = between(row.about["difference_low"], row.about["difference_high"], digits=1)
    return f"{value:+.1f} {interval}".rstrip()


def notes_on_references(rows: Sequence[Row]) -> list[str]:
    """A note for each largest form that is a quantized one itself."""
    references = {(row.about["model"], row.about["reference"]) for row in rows if row.about["reference"]}
    return [
        f"{model} is compared with {reference}, the largest form there is; what quantizing to that cost is unknown."
        for model, reference in sorted(references)
        if nominal_bits(reference) < WHOLE_BITS
    ]


def find_form_caveats(rows: Sequence[Row], answers: pl.DataFrame) -> list[Caveat]:
    """The warnings of this module's table.

    Args:
        rows: as `compare_with_largest` gives them.
        answers: those of the `Selection`.
    """
    return [*_better_than_full(rows), *_few_answers(rows), *_unlike_loads(answers), *_mixed_files(answers)]


def _better_than_full(rows: Sequence[Row]) -> list[Caveat]:
    """A warning if forms score above the largest."""
    above = [row for row in rows if (row.about["difference"] or 0) > 0]
    if not above:
        return []
    named = [f"{row.name} by {difference_in_words(row)}" for row in above]
    clear = [row.name for row in above if row.about["claim"] == "better"]
    text = f"Above the largest form: {listed(named)}. "
    if len(clear) < len(above):
        text += "Noise, no gain" + (f", but for {listed(clear)}" if clear else "") + ". "
    if clear:
        text += (
            f"Rounding weights adds no knowledge: see that files, template and parameters of {listed(clear)} are "
            "those of the largest form, and ask again with another seed, before you believe it."
        )
    return [Caveat("quantized-better-than-full", text.rstrip(), [row.name for row in above])]


def _few_answers(rows: Sequence[Row]) -> list[Caveat]:
    """A warning if the comparisons rest on few test cases or on few different answers."""
    compared = [row for row in rows if row.about["reference"]]
    if not compared:
        return []
    test_cases = min(row.about["common_test_cases"] for row in compared)
    models = {row.about["model"] for row in compared}
    distinct = min(row.distinct_samples / row.cells for row in rows if row.about["model"] in models)
    if test_cases >= FEW_TEST_CASES and distinct >= FEW_ANSWERS:
        return []
    detectable = [row.about["smallest_detectable_difference"] for row in compared]
    known = [points for points in detectable if points is not None]
    unseen = f"below about {max(known):.0f} points" if known else "of unknown size"
    timed = any(row.about["tokens_per_second"] for row in rows)
    return [
        Caveat(
            "few-answers",
            f"Compared on {count_of(test_cases, 'test case')} with {distinct:.1f} distinct answers to a cell (the "
            f'fewest): a true difference {unseen} would often go unseen, so "no measurable difference" does not '
            f"mean none{', and tokens a second rest on as few answers' if timed else ''}.",
        )
    ]


def _unlike_loads(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if the forms' speeds were measured under unlike loads."""
    loads = (
        answers.drop_nulls("concurrency")
        .group_by("concurrency")
        .agg(pl.col("row").unique().sort())
        .sort("concurrency")
    )
    if loads.height < 2:
        return []
    named = [f"{number} ({listed(rows)})" for number, rows in loads.iter_rows()]
    return [
        Caveat(
            "unlike-loads",
            f"Answers under way at once: {listed(named)}. Tokens a second compare within one of these numbers only; "
            "ask all forms with the same --concurrency.",
        )
    ]


def _mixed_files(answers: pl.DataFrame) -> list[Caveat]:
    """A warning if a row mixes answers of several files."""
    files = answers.group_by("row").agg(pl.col("model_sha256").drop_nulls().n_unique()).sort("row")
    mixed = files.filter(pl.col("model_sha256") > 1)
    if mixed.is_empty():
        return []
    named = [f"{row} ({count})" for row, count in mixed.iter_rows()]
    return [
        Caveat(
            "mixed-files",
            f"Several files answered under one name: {listed(named)}. Look at their recordings apart.",
            mixed["row"].to_list(),
        )
    ]
