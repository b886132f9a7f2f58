"""Made-up answers: a few lines of test say who answered what, how often, and how well."""

from collections.abc import Callable, Iterable
from itertools import count
from typing import Any

import polars as pl

from slingshot.recordings.load import SCHEMA
from slingshot.recordings.rows import hash_of_answer

CASES = [f"case_{index}" for index in range(8)]
_numbers = count()


def answer(model: str, test_case: str, score: float | None, **own: Any) -> dict[str, Any]:
    """One judged answer of a hosted model, recorded by the leaderboard; `score` None could not be judged."""
    number = next(_numbers)
    return {
        "model": model,
        "test_case": test_case,
        "prompt_label": "InJulia",
        "sample": 0,
        "strategy": "1SHOT",
        "experiment": "",
        "parameters": "{}",
        "prompt_hash": "0" * 16,
        "answer": f"answer {number}",
        "score": score,
        "solved": score == 100,
        "finish_reason": "stop",
        "tokens_prompt": 100,
        "tokens_answer": 200,
        "elapsed_seconds": 2.0,
        "cost_usd": 0.001,
        "device": "a machine",
        "schema": "PromptingTools.OpenAISchema()",
        "version_prompt": "1.0",
        "version_pt": "0.10.0",
        "judge": "{}",
        "timestamp": f"20240110_000000__{100 + number % 900}",
        "path": f"{number:06}",
        **own,
    }


def answers(
    model: str,
    test_cases: Iterable[str] = CASES,
    score: float | Callable[[int], float] = 50.0,
    samples: int = 2,
    labels: Iterable[str] = ("InJulia",),
    **own: Any,
) -> list[dict[str, Any]]:
    """`samples` answers of a model to each test case under each label; the score may depend on the test case."""
    return [
        answer(
            model,
            test_case,
            score(place) if callable(score) else score,
            prompt_label=label,
            sample=sample,
            **own,
        )
        for place, test_case in enumerate(test_cases)
        for label in labels
        for sample in range(samples)
    ]


def frame(*groups: Iterable[dict[str, Any]]) -> pl.DataFrame:
    """Answers as the frame of `load_recordings`: its columns and types, null where an answer says nothing."""
    rows = [
        dict.fromkeys(SCHEMA) | {"answer_hash": hash_of_answer(made["answer"])} | made
        for group in groups
        for made in group
    ]
    return pl.DataFrame(rows, schema=SCHEMA)
