"""A made-up verdict that has something of everything a page can show, and its page."""

from dataclasses import replace
from pathlib import Path

import polars as pl
from made_up_recordings import BASE, answers, frame, level, row, training_row

from recorded import QUESTION, doubling, record
from slingshot.judge import Evaluation, extract_code
from slingshot.recordings.files import evaluation_path
from slingshot.verdict import (
    CostFacts,
    Fold,
    ModelUnderTest,
    PredictedOnGpu,
    Sources,
    StepCost,
    TrainingFacts,
    Verdict,
    build_verdict,
    draw_charts,
    loss_gap,
    pool_folds,
    render_page,
)

SEEN = [f"seen_{number}" for number in range(7)]
HELD_OUT = [f"new_{number}" for number in range(6)]
HOSTILE = "</pre></details><script>alert(1)</script><img src=http://evil.example/x onerror=alert(2)>"
HOSTILE_NAME = 'x"><script>alert(3)</script>'
FULL = ModelUnderTest("tuned-0.5b", "merged", losses=loss_gap([0.1, 0.2, 0.3], [0.4, 0.5, 0.25]))
SMALL = ModelUnderTest("tuned-0.5b.Q4_K_M", "gguf", "ab" * 32, 41.5)
GIANT = ModelUnderTest("giant-4", "recorded")
HOSTILE_MODEL = ModelUnderTest(HOSTILE_NAME, "recorded")
MODELS = [replace(BASE, losses=loss_gap([0.4, 0.5], [0.4, 0.6])), SMALL, FULL, GIANT, HOSTILE_MODEL]
LEARNED = """```julia
function seen_0(x)
    # twice, and never less than nothing
    y = 2 * x
    return y < 0 ? zero(y) : y + zero(x)
end
```"""
COPIED = LEARNED.replace("    # twice, and never less than nothing\n", "").replace("seen_0(x)", "other(z)")
FAILED = Evaluation(True, True, 2, 4, 1, 2, "tests_failed", "unit test 3: 5 is not 4")


def recordings(folder: Path) -> pl.DataFrame:
    """Answers of all models under two prompt labels; one of them lies in `folder` with all its messages."""
    lows = {
        BASE.name: (20, 20),
        SMALL.name: (60, 30),
        FULL.name: (70, 30),
        GIANT.name: (80, 75),
        HOSTILE_NAME: (5, 5),
    }
    rows = [
        made | {"prompt": f"In Julia, {made['test_case']}, please.", "timestamp": f"2026{label}"}
        for label in ("InJulia", "JuliaExpertAsk")
        for name, (on_seen, on_new) in lows.items()
        for names, low in ((SEEN, on_seen), (HELD_OUT, on_new))
        for made in answers(name, names, level(low), prompt_label=label)
    ]
    path = record(folder, COPIED, FAILED, model=SMALL.name, name="seen_0")
    judged = {"parsed": True, "executed": True, "unit_tests_passed": 2, "unit_tests_count": 4}
    judged |= {"examples_executed": 1, "examples_count": 2, "version_prompt": "1.1", "detail": FAILED.detail}
    rows.append(
        row(SMALL.name, "seen_0", 1.0, COPIED, path=str(evaluation_path(path)), prompt_hash="q", **judged)
    )
    rows.append(row(SMALL.name, "new_0", 0.0, HOSTILE, detail=HOSTILE, finish_reason="length"))
    rows.append(row(BASE.name, f"needs<b>{HOSTILE}", None, "x"))
    return frame(rows)


COST = CostFacts(
    price_per_hour_usd=0.39,
    price_source="a list",
    price_date="2026-07-01",
    predicted_usd=0.05,
    measured_usd=0.06,
    predicted_seconds=400.0,
    seconds={"dataset": 2.0, "train": 500.0},
    steps={
        "dataset": StepCost(seconds=2.0, usd=0.0002),
        "train": StepCost(
            predicted_seconds=400.0, seconds=500.0, predicted_usd=0.05, usd=0.0542, joules=7200.0
        ),
    },
    joules=7200.0,
    energy_source="the processor's counters",
    on_gpus=[
        PredictedOnGpu(
            name="a100",
            title="NVIDIA A100 80 GB",
            tflops=312.0,
            tflops_source="its data sheet",
            share_of_peak=0.4,
            fits=True,
            training_seconds=20.0,
            run_seconds=120.0,
            training_usd=0.01,
            run_usd=0.06,
            price_per_hour_usd=1.79,
            price_source="another list",
        )
    ],
)


def folds_of(made: pl.DataFrame) -> list[Fold]:
    """Trainings that left a test case out, whose models answered as the one that left none out."""
    tuned = made.filter(pl.col("model") == SMALL.name)
    return [Fold(name, tuned, [LEARNED], 0.2, 60.0) for name in SEEN[:6]]


def verdict_on(made: pl.DataFrame) -> Verdict:
    """The verdict, with losses, costs and folds."""
    rows = [training_row("In Julia, seen_0.", LEARNED)]
    verdict = build_verdict(
        made,
        MODELS,
        SEEN,
        HELD_OUT,
        [one.answer for one in rows],
        TrainingFacts(rows=545, tokens_per_second=660.0, final_loss=0.12, seconds=500.0),
        COST,
        extract=extract_code,
        resamples=200,
    )
    pooled = pool_folds(folds_of(made), BASE.name, SMALL.name, made, extract=extract_code, parity=SEEN[0])
    return verdict.model_copy(update={"folds": pooled})


def verdict_and_page(folder: Path) -> tuple[Verdict, str]:
    """All that, and its page; the recordings that are files go into `folder`."""
    made = recordings(folder)
    verdict = verdict_on(made)
    rows = [training_row(QUESTION[1]["content"], LEARNED)]
    sources = Sources(rows, [doubling(name) for name in SEEN], folds_of(made))
    return verdict, render_page(verdict, draw_charts(verdict), made, sources)
