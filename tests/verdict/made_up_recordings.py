"""Made-up recordings: a few lines of test say who answered what, and how well."""

from collections.abc import Callable, Iterable
from typing import Any

import polars as pl

from slingshot.recordings.load import SCHEMA
from slingshot.verdict import CostFacts, ModelUnderTest, TrainingFacts, Verdict, build_verdict

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
