"""Warnings about answers: copies, single ones, those that nobody judged, those that were judged or made unalike."""

import json
from collections.abc import Sequence

import polars as pl

from slingshot.leaderboard.wording import listed
from slingshot.verdict.contract import Verdict, VerdictWarning
from slingshot.verdict.wording import SPLIT_NAMES, count_of, percent

CUT_OFF_SHARE = 0.1


def caveats_of_answers(verdict: Verdict, recordings: pl.DataFrame) -> list[VerdictWarning]:
    """All warnings that answers deserve, see `slingshot.verdict.caveats`."""
    judged = recordings.drop_nulls("score")
    return [
        *_identical_samples(verdict),
        *_single_samples(judged),
        *_unlike_judges(judged),
        *_mixed_devices(judged),
        *_zero_cost(verdict, judged),
        *_not_judged(recordings),
        *_cut_off(verdict, judged),
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
                "evidence: quote the number of distinct answers, not that of samples.",
                models=[model.name],
                tasks=tasks,
            )
        )
    return found


def _single_samples(judged: pl.DataFrame) -> list[VerdictWarning]:
    """A warning if models answered once in every cell."""
    cells = judged.group_by("model", "test_case", "prompt_label").len()
    most = cells.group_by("model").agg(pl.col("len").max()).filter(pl.col("len") == 1)
    if most.is_empty():
        return []
    models = sorted(most["model"])
    return [
        VerdictWarning(
            code="single-samples",
            message=f"{listed(models)}: one answer to each question, so that the spread within a test case is "
            "unknown: intervals over test cases hold, but what a single test case scores may be chance, claim "
            "nothing of single test cases.",
            models=models,
        )
    ]


def _unlike_judges(judged: pl.DataFrame) -> list[VerdictWarning]:
    """A warning if not all answers were judged by the same judge."""
    judges = (
        judged.with_columns(pl.col("judge").fill_null("{}"))
        .group_by("judge")
        .agg(pl.len(), pl.col("model").unique().sort())
        .sort("len", "judge", descending=[True, False])
    )
    if judges.height < 2:
        return []
    described = [json.loads(judge) for judge in judges["judge"]]
    keys = [key for key in {k: None for one in described for k in one} if _differs(described, key)]
    parts = [
        f"{_judge_in_words(one, keys)} ({count_of(count, 'answer')} of {listed(models)})"
        for one, (_, count, models) in zip(described, judges.iter_rows(), strict=True)
    ]
    return [
        VerdictWarning(
            code="unlike-judges",
            message=f"answers were judged by different judges: {'; '.join(parts)}; their scores do not compare, "
            "so that no claim between them holds: judge all of them again with one.",
            models=sorted({model for models in judges["model"] for model in models}),
        )
    ]


def _differs(described: Sequence[dict[str, object]], key: str) -> bool:
    return len({str(one.get(key)) for one in described if one}) > 1


def _judge_in_words(one: dict[str, object], keys: Sequence[str]) -> str:
    """A judge by what sets it apart from the others; an empty description says nothing of it."""
    if not one:
        return "as recorded, by an unknown judge"
    return ", ".join(f"{key} {one.get(key, 'unknown')}" for key in keys or ["judge"])


def _mixed_devices(judged: pl.DataFrame) -> list[VerdictWarning]:
    """A warning if answers were made on different devices."""
    devices = judged.drop_nulls("device").filter(pl.col("device") != "")
    by_device = devices.group_by("device").agg(pl.col("model").unique().sort()).sort("device")
    if by_device.height < 2:
        return []
    parts = [f"{device} ({listed(models)})" for device, models in by_device.iter_rows()]
    return [
        VerdictWarning(
            code="mixed-devices",
            message=f"answers were made on different devices: {listed(parts)}; seconds and tokens/s compare within "
            "one device only, claim no speed between them.",
            models=sorted(devices["model"].unique()),
        )
    ]


def _zero_cost(verdict: Verdict, judged: pl.DataFrame) -> list[VerdictWarning]:
    """Warnings for hosted models whose recorded costs are zero, and for a run that cost nothing."""
    found = []
    hosted = judged.filter(_is_hosted())
    free = hosted.group_by("model").agg(pl.col("cost_usd").max()).filter(pl.col("cost_usd") == 0)
    if free.height:
        models = sorted(free["model"])
        found.append(
            VerdictWarning(
                code="zero-cost",
                message=f"{listed(models)}: hosted, with a recorded cost of 0 for every answer, which means that "
                "it is unknown: claim nothing about that cost.",
                models=models,
            )
        )
    if verdict.cost.measured_usd == 0:
        found.append(
            VerdictWarning(
                code="zero-cost",
                message="the run is said to have cost $0, because no price per hour is set: its cost is unknown, "
                "do not claim that it was free.",
            )
        )
    return found


def _is_hosted() -> pl.Expr:
    """Whether an answer came from a provider: as recorded, else by the schema of the leaderboard's recorder."""
    ours = pl.col("version_pt").str.starts_with("slingshot").fill_null(value=False)
    local = pl.col("schema").str.contains("Ollama|LocalServer")
    return pl.coalesce(pl.col("served") == "hosted", ~ours & ~local)


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


def _cut_off(verdict: Verdict, judged: pl.DataFrame) -> list[VerdictWarning]:
    """A warning for each model whose answers often end at the token limit."""
    found = []
    for model in verdict.models:
        own = judged.filter(pl.col("model") == model.name)
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
