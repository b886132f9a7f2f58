"""What judging one answer found, and the points it is worth."""

import re
from dataclasses import dataclass
from typing import Literal

from slingshot.suite import TestCase

Failure = Literal[
    "no_code",
    "parse_error",
    "load_error",
    "tests_failed",
    "timeout",
    "memory",
    "crashed",
    "unavailable",
    "harness_error",
]
# Not judged: what is not known has no score.
_WITHOUT_VERDICT = ("unavailable", "harness_error")


@dataclass(frozen=True)
class Evaluation:
    """The verdict on one answer.

    Attributes:
        parsed: whether the code is Julia at all.
        executed: whether it ran, before any unit test or example.
        unit_tests_passed: of `unit_tests_count`.
        examples_executed: of `examples_count`.
        failure: why it failed; None when every unit test and example passed. `unavailable` (a package is
            missing) and `harness_error` (the judge itself failed) say nothing about the answer: no score.
        detail: the first error's message, with the example or unit test that it came from.
        seconds: how long the decisive run took.
        line: of the answer's code, where the first error came from, counted from 1; None if unknown.
        piracy: methods for types that are not the answer's own, which it added to or changed in functions
            that are not its own either, such as `+(String, String)`.
    """

    parsed: bool
    executed: bool
    unit_tests_passed: int
    unit_tests_count: int
    examples_executed: int
    examples_count: int
    failure: Failure | None = None
    detail: str = ""
    seconds: float = 0.0
    line: int | None = None
    piracy: tuple[str, ...] = ()

    @property
    def score(self) -> float | None:
        """0 to 100: four criteria of 25 points; unit tests and examples count by their passed share.

        The Julia LLM Leaderboard's `score_eval`. None when the answer could not be judged.
        """
        if self.failure in _WITHOUT_VERDICT:
            return None
        return score(
            self.parsed,
            self.executed,
            self.unit_tests_passed / self.unit_tests_count,
            self.examples_executed / self.examples_count,
        )

    @property
    def solved(self) -> bool:
        """Whether all unit tests passed."""
        return self.executed and self.unit_tests_passed == self.unit_tests_count


def score(parsed: bool, executed: bool, unit_test_share: float, example_share: float) -> float:
    """Points from 0 to 100, summed in the order that the leaderboard sums them."""
    return 25.0 * parsed + 25.0 * executed + 25.0 * unit_test_share + 25.0 * example_share


def failing_item(test_case: TestCase, found: Evaluation) -> tuple[str, str]:
    """The example or unit test that an evaluation's message is about, and its code; empty if it is about none.

    The judge begins such a message with the kind and the number, counted from 1.
    """
    named = re.match(r"(example|unit test) (\d+)\b", found.detail)
    if not named:
        return "", ""
    pieces = test_case.examples if named[1] == "example" else test_case.unit_tests
    number = int(named[2])
    return (named[0], pieces[number - 1]) if 1 <= number <= len(pieces) else ("", "")
