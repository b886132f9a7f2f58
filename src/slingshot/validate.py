"""A suite against its own programs: what its authors call correct must score 100, or no answer can be judged."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from slingshot.judge import Evaluation, Judge, judge_many
from slingshot.suite import TestCase, as_answer


@dataclass(frozen=True)
class Problem:
    """A program of a test case that does not score 100.

    Attributes:
        test_case: its name.
        program: `reference_solution`, or the path of one of the other solutions.
        path: the test case's definition.toml.
        item: the first example or unit test that fails, such as `unit test 3`; empty if none ran.
        code: that item's code.
        failure: the judge's word for what happened; `harness_error` says nothing about the program.
        message: the first error's message.
    """

    test_case: str
    program: str
    path: str
    item: str
    code: str
    failure: str
    message: str

    def sentence(self) -> str:
        """The problem for a person: where, what, and the item that fails."""
        item = f"\n  {self.item}: {self.code}" if self.item else ""
        return f"{self.path}: {self.program}: {self.message}{item}"


@dataclass(frozen=True)
class Validation:
    """How many test cases and programs were looked at, and what is wrong, in their order."""

    test_cases: int
    programs: int
    problems: Sequence[Problem]

    @property
    def valid(self) -> bool:
        """Whether every program scores 100."""
        return not self.problems

    def counted(self) -> str:
        """What was looked at, such as `3 programs of 1 test case`."""
        programs = f"{self.programs} program{'s' * (self.programs != 1)}"
        return f"{programs} of {self.test_cases} test case{'s' * (self.test_cases != 1)}"


def validate_suite(
    suite: Sequence[TestCase],
    by: Judge,
    jobs: int | None = None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> Validation:
    """Judge the reference solution and all other solutions of every test case.

    Judge in the default mode: the leaderboard's has quirks that a correct program may stumble over.

    Raises:
        HarnessError: Julia does not start.
    """
    programs = [
        (test_case, program, code)
        for test_case in suite
        for program, code in [
            ("reference_solution", test_case.reference_solution),
            *((f"solutions/{name}.jl", code) for name, code in test_case.solutions().items()),
        ]
    ]
    work = [(as_answer(code), test_case) for test_case, _, code in programs]
    problems: dict[int, Problem] = {}
    for done, (index, found) in enumerate(judge_many(work, by, jobs), 1):
        test_case, program, _ = programs[index]
        if found.score != 100:
            problems[index] = _problem(test_case, program, found)
        on_judged(done, len(work))
    return Validation(len(suite), len(programs), [problems[index] for index in sorted(problems)])


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


def _problem(test_case: TestCase, program: str, found: Evaluation) -> Problem:
    item, code = failing_item(test_case, found)
    message = found.detail
    if item:
        message = message.removeprefix(item).lstrip(": ")
    elif found.failure == "no_code":
        message = "there is no program; write one that scores 100"
    elif found.failure == "unavailable":
        message += f"; add it with `slingshot doctor --fix --suite {test_case.folder}`"
    return Problem(
        test_case=test_case.name,
        program=program,
        path=str(Path(test_case.folder) / "definition.toml"),
        item=item,
        code=code,
        failure=found.failure or "tests_failed",
        message=message,
    )
