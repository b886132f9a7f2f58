"""Made-up recordings: a few lines of test say who answered what, and how well."""

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

from slingshot.dataset import Row
from slingshot.recordings.load import SCHEMA
from slingshot.verdict import CostFacts, ModelUnderTest, TrainingData, TrainingFacts, Verdict, build_verdict

BASE = ModelUnderTest("base-0.5b", "base")
TUNED = ModelUnderTest("tuned-0.5b", "gguf", file_sha256="ab" * 32, tokens_per_second=41.5)
SEEN = [f"seen_{index}" for index in range(12)]
HELD_OUT = [f"new_{index}" for index in range(12)]


def row(model: str, test_case: str, score: float | None, answer: str, **own: Any) -> dict[str, Any]:
    """One judged answer; `score` None is one that could not be judged."""
    return {
        "model": model,
        "test_case": test_case,
        "prompt_label": "InJulia",
        "sample": 0,
        "answer": answer,
        "score": score,
        "solved": score == 100.0,
        "failure": "unavailable" if score is None else None if score == 100 else "tests_failed",
        "finish_reason": "stop",
        **own,
    }


def frame(rows: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Rows as the frame of `load_recordings`: its columns and types, null where a row says nothing."""
    return pl.DataFrame([dict.fromkeys(SCHEMA) | made for made in rows], schema=SCHEMA)


def answers(
    model: str,
    test_cases: Iterable[str],
    score: float | Callable[[int, int], float],
    samples: int = 3,
    copies: bool = False,
    **own: Any,
) -> list[dict[str, Any]]:
    """`samples` answers of a model to each test case, scored by a number or by (test case, sample)."""
    return [
        row(
            model,
            test_case,
            score(index, sample) if callable(score) else score,
            f"```julia\nf(x) = x + {index}{'' if copies else f' + {sample} * {len(model)}'}\n```",
            sample=sample,
            **own,
        )
        for index, test_case in enumerate(test_cases)
        for sample in range(samples)
    ]


def fenced(answer: str) -> str:
    """The code between the first fences of an answer, "" when there is none."""
    parts = answer.split("```")
    return parts[1].removeprefix("julia\n") if len(parts) > 2 else ""


def verdict_of(rows: Iterable[dict[str, Any]], **own: Any) -> Verdict:
    """A verdict on base and tuned model from made-up rows, quick because of few resamples."""
    arguments: dict[str, Any] = {
        "models": [BASE, TUNED],
        "seen": SEEN,
        "held_out": HELD_OUT,
        "training_answers": [],
        "training": TrainingFacts(),
        "cost": CostFacts(),
        "extract": fenced,
        "resamples": 1000,
    }
    return build_verdict(frame(rows), **(arguments | own))


def level(low: float, spread: int = 10) -> Callable[[int, int], float]:
    """Scores that vary with test case and sample."""
    return lambda index, sample: low + (index * 7 + sample * 3) % spread


def clean() -> list[dict[str, Any]]:
    """Base and tuned model, seen and held-out test cases, nothing to complain of."""
    return [
        made
        for model, on_seen, on_new in ((BASE, 20, 20), (TUNED, 60, 30))
        for names, low in ((SEEN, on_seen), (HELD_OUT, on_new))
        for made in answers(model.name, names, level(low))
    ]


def training_row(question: str, answer: str, test_case: str = "seen_0") -> Row:
    """One row to learn from."""
    return Row([{"role": "user", "content": question}, {"role": "assistant", "content": answer}], test_case)


ROWS = [training_row(f"question {number}", f"answer {number}") for number in range(4)]
FULL = ModelUnderTest("tuned-0.5b", "merged")
SMALL = ModelUnderTest("tuned-0.5b.Q4_K_M", "gguf")
JUDGE = '{"judge": "slingshot", "mode": "default", "julia": "%s"}'


def with_every(rows: Iterable[dict[str, Any]], **own: Any) -> list[dict[str, Any]]:
    """The same rows with other values; a function gets the row's number."""
    return [
        made | {key: value(number) if callable(value) else value for key, value in own.items()}
        for number, made in enumerate(rows)
    ]


def quantized(gain: float) -> list[dict[str, Any]]:
    """The clean rows, and a quantized form of the tuned model that scores so many points more than it."""
    full = [made for made in clean() if made["model"] == FULL.name]
    extra = [
        made | {"model": SMALL.name, "score": made["score"] + gain * (1 + number % 3) / 2}
        for number, made in enumerate(full)
    ]
    return clean() + extra


def defective() -> dict[str, tuple[list[dict[str, Any]], dict[str, Any]]]:
    """By the code of a warning: rows that have its defect and no other, and what the verdict is told besides."""
    first, rest = clean()[0], clean()[1:]
    half = len(clean()) // 2
    forms = {"models": [BASE, FULL, SMALL]}
    data = {name: {"data": TrainingData(**given)} for name, given in _defective_data().items()}
    return {
        "identical-samples": ([*with_every(clean()[:half], answer="the same"), *clean()[half:]], {}),
        "single-samples": ([made for made in clean() if made["sample"] == 0], {}),
        "unlike-cells": (rest[2:], {}),
        "few-test-cases": ([made for made in clean() if made["test_case"] not in HELD_OUT[4:]], {}),
        "quantized-better-than-full": (quantized(1.0), forms),
        "unlike-judges": (
            with_every(clean(), judge=lambda n: JUDGE % ("1.10.2" if n % 2 else "1.5.3")),
            {},
        ),
        "mixed-devices": (with_every(clean(), device=lambda n: "laptop" if n < half else "server"), {}),
        "zero-cost": (with_every(clean(), served="hosted", cost_usd=0.0), {}),
        "unavailable-test-cases": ([*rest, first | {"score": None, "failure": "unavailable"}], {}),
        "harness-errors": ([*rest, first | {"score": None, "failure": "harness_error"}], {}),
        "cut-off-answers": (with_every(clean(), finish_reason=lambda n: "length" if n < 12 else "stop"), {}),
        **{code: (clean(), given) for code, given in data.items()},
    }


def _defective_data() -> dict[str, dict[str, Any]]:
    """Training data with one defect each."""
    return {
        "duplicate-rows": {"rows": [*ROWS, training_row("question 9", "answer 1")]},
        "overlap": {"rows": ROWS, "overlap": {"new_0": 2}},
        "validation-leak": {"rows": ROWS, "validation": [training_row("question 1", "answer 9")]},
    }
