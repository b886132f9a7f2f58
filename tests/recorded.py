"""Recordings that a line of test makes: one answer to one test case, judged or not."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from slingshot.judge import Evaluation
from slingshot.models.conversation import Conversation
from slingshot.recordings.files import Sample, write_conversation, write_evaluation
from slingshot.suite import TestCase

QUESTION = [{"role": "system", "content": "Be helpful."}, {"role": "user", "content": "In Julia, double."}]


def question(name: str) -> list[dict[str, str]]:
    """What is asked of a test case."""
    return [QUESTION[0], {"role": "user", "content": f"In Julia, {name}."}]


PASSED = Evaluation(True, True, 4, 4, 2, 2, seconds=0.1234)


def doubling(name: str = "double") -> TestCase:
    """A test case that only has to have a name and counts."""
    return TestCase(
        name=name,
        prompt=f"Write a function `{name}(x)`.",
        examples=[f"{name}(1)", f"{name}(2)"],
        unit_tests=[f"@test {name}({x}) == {2 * x}" for x in range(4)],
        reference_solution="",
        version="1.1",
    )


def answered(
    answer: str = "```julia\ndouble(x) = 2x\n```", finish_reason: str | None = "stop"
) -> Conversation:
    """A conversation that ends with the answer."""
    return Conversation(QUESTION, answer, (20, 12), 1.5, finish_reason)


def record(
    folder: Path,
    answer: str = "```julia\ndouble(x) = 2x\n```",
    evaluation: Evaluation | None = PASSED,
    *,
    model: str = "m",
    name: str = "double",
    label: str = "InJulia",
    index: int = 0,
    finish_reason: str | None = "stop",
    strategy: str = "1SHOT",
    experiment: str = "",
    **about: Any,
) -> Path:
    """Write one answer and, unless `evaluation` is None, what judging found; the conversation's path.

    `about` is what the conversation says of itself, such as `parameters` or `device`.
    """
    sample = Sample(model, name, label, index, 7, strategy, experiment)
    conversation = replace(answered(answer, finish_reason), messages=question(name))
    path = write_conversation(folder, sample, conversation, about)
    if evaluation:
        write_evaluation(path, doubling(name), sample, conversation, evaluation, about)
    return path
