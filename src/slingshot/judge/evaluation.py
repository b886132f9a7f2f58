"""What judging one answer found, and the points it is worth."""

from dataclasses import dataclass
from typing import Literal

Failure = Literal[
    "no_code", "parse_error", "load_error", "tests_failed", "timeout", "memory", "crashed", "unavailable"
]


@dataclass(frozen=True)
class Evaluation:
    """The verdict on one answer.

    `failure` is None when every unit test and example passed. `detail` is the first error's message.
    An `unavailable` answer (a missing package) was not judged: it has no score.
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

    @property
    def score(self) -> float | None:
        """0 to 100: four criteria of 25 points; unit tests and examples count by their passed share.

        The Julia LLM Leaderboard's `score_eval`. None when the answer could not be judged.
        """
        if self.failure == "unavailable":
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
