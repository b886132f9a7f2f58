"""The warnings of a verdict: what keeps its numbers from meaning what they seem to mean.

| code | when |
|---|---|
| `identical-samples` | on some split fewer than half of a model's answers are distinct |
| `unlike-cells` | a comparison had to drop cells that only one side has |
| `few-test-cases` | a split has fewer than 10 test cases |
| `unavailable-test-cases` | answers could not be judged here, for lack of a Julia package for instance |
| `harness-errors` | answers have no score for another reason |
| `cut-off-answers` | more than 10 % of a model's answers ended at the token limit |
"""

from collections.abc import Sequence

import polars as pl

from slingshot.statistics import PairedDifference
from slingshot.verdict.contract import SPLITS, TRAINING_SPLITS, Split, Verdict, VerdictWarning
from slingshot.verdict.wording import SPLIT_NAMES, count_of, percent

FEW_TEST_CASES = 10
CUT_OFF_SHARE = 0.1
NAMED_CELLS = 6
FEW_NAMES: dict[Split, str] = {
    "all": "test case",
    "seen": "seen test case",
    "variant": "variant",
    "held_out": "held-out test case",
}


def caveats(
    verdict: Verdict, recordings: pl.DataFrame, paired: Sequence[PairedDifference]
) -> list[VerdictWarning]:
    """All warnings that a verdict deserves.

    Args:
        verdict: the verdict, still without warnings.
        recordings: all answers of its models, those without a score too.
        paired: the differences behind `verdict.comparisons`, in their order.
    """
    return [
        *_identical_samples(verdict),
        *_unlike_cells(verdict, paired),
        *_few_test_cases(verdict),
        *_not_judged(recordings),
        *_cut_off(verdict, recordings),
    ]


def _identical_samples(verdict: Verdict) -> list[VerdictWarning]:
    """A warning for each model that repeats itself on some split."""
    found = []
    for model in verdict.models:
        repeated = {
            split: score
            for split, score in model.scores.items()
            if 2 * score.distinct_samples < score.samples
        }
        if not repeated:
            continue
        counts = ", ".join(
            f"{score.distinct_samples} of {score.samples} on {SPLIT_NAMES[split]}"
            for split, score in repeated.items()
        )
        tasks = [name for name, task in model.per_task.items() if 2 * task.distinct_samples < task.samples]
        found.append(
            VerdictWarning(
                code="identical-samples",
                message=f"{model.name}: few of its answers are distinct ({counts}), and copies are no "
                "evidence: its figures rest on the distinct answers only, do not quote the number of samples.",
                models=[model.name],
                tasks=tasks,
            )
        )
    return found


def _unlike_cells(verdict: Verdict, paired: Sequence[PairedDifference]) -> list[VerdictWarning]:
    """A warning for each pair of models whose cells differ, over all its splits at once."""
    sides: dict[tuple[str, str], list[set[tuple[str, str]]]] = {}
    for comparison, difference in zip(verdict.comparisons, paired, strict=True):
        only_a, only_b = sides.setdefault((comparison.a, comparison.b), [set(), set()])
        only_a.update(difference.only_a)
        only_b.update(difference.only_b)
    found = []
    for (a, b), dropped in sides.items():
        parts = [
            f"{count_of(len(cells), 'cell')} only of {name} ({_named(sorted(cells))})"
            for name, cells in zip((a, b), dropped, strict=True)
            if cells
        ]
        if parts:
            found.append(
                VerdictWarning(
                    code="unlike-cells",
                    message=f"{a} and {b} did not answer the same cells: {' and '.join(parts)} dropped from "
                    "their comparison, which holds for the common cells only; their scores stand on "
                    "different cells, do not subtract them.",
                    models=[a, b],
                    tasks=sorted({test_case for cells in dropped for test_case, _ in cells}),
                )
            )
    return found


def _named(cells: list[tuple[str, str]]) -> str:
    """The first cells by name, and how many more there are."""
    named = ", ".join(f"{test_case} {label}" for test_case, label in cells[:NAMED_CELLS])
    more = len(cells) - NAMED_CELLS
    return f"{named} and {more} more" if more > 0 else named


def _few_test_cases(verdict: Verdict) -> list[VerdictWarning]:
    """A warning for each split with few test cases, with the difference that it could show."""
    splits: tuple[Split, ...] = tuple(
        s for s in TRAINING_SPLITS if any(s in m.scores for m in verdict.models)
    )
    found = []
    for split in splits or SPLITS[:1]:
        compared = verdict.comparison(verdict.tuned, verdict.base, split)
        if compared:
            count = compared.tasks
        else:
            count = max((m.scores[split].tasks for m in verdict.models if split in m.scores), default=0)
        if count >= FEW_TEST_CASES:
            continue
        start = f"only {count_of(count, FEW_NAMES[split])}"
        if count < 2:
            rest = "too few for any interval: no claim can rest on this split."
        elif compared is None or compared.smallest_detectable_difference is None:
            rest = "few: which difference they could show is unknown, and the interval is wide for a reason."
        elif compared.smallest_detectable_difference >= 100:
            rest = "so few and so different that no difference could be shown reliably."
        else:
            rest = (
                f"a true difference below about {compared.smallest_detectable_difference:.0f} points would "
                'often go unseen, so "no measurable difference" does not mean none.'
            )
        found.append(VerdictWarning(code="few-test-cases", message=f"{start}: {rest}"))
    return found


def _not_judged(recordings: pl.DataFrame) -> list[VerdictWarning]:
    """Warnings for answers without a score, the harness's failures apart from missing packages."""
    missing = recordings.filter(pl.col("score").is_null())
    unavailable = pl.col("failure").fill_null("") == "unavailable"
    reasons = (
        (
            "unavailable-test-cases",
            unavailable,
            "without a score, because this machine could not judge the test case",
        ),
        ("harness-errors", ~unavailable, "without a score, because judging failed"),
    )
    found = []
    for code, condition, reason in reasons:
        rows = missing.filter(condition)
        if rows.height:
            tasks, models = (sorted(rows[column].unique()) for column in ("test_case", "model"))
            found.append(
                VerdictWarning(
                    code=code,
                    message=f"{count_of(rows.height, 'answer')} {reason} ({', '.join(tasks)}): neither zero nor "
                    "pass, without weight in any figure, and outside every claim.",
                    models=models,
                    tasks=tasks,
                )
            )
    return found


def _cut_off(verdict: Verdict, recordings: pl.DataFrame) -> list[VerdictWarning]:
    """A warning for each model whose answers often end at the token limit."""
    found = []
    for model in verdict.models:
        own = recordings.filter((pl.col("model") == model.name) & pl.col("score").is_not_null())
        cut = own.filter(pl.col("finish_reason") == "length")
        if own.height and cut.height > CUT_OFF_SHARE * own.height:
            found.append(
                VerdictWarning(
                    code="cut-off-answers",
                    message=f"{model.name}: {percent(cut.height / own.height)} of its answers were cut off by "
                    "the token limit, so its score may be too low: raise the limit before claiming a weakness.",
                    models=[model.name],
                    tasks=sorted(cut["test_case"].unique()),
                )
            )
    return found
