"""A suite against its own programs: what its authors call correct must score 100, and what they call wrong less."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from slingshot.judge import Evaluation, Judge, failing_item, judge_many
from slingshot.suite import TestCase, as_answer

# A wrong program that ends so was not shown to be wrong.
_NOT_JUDGED = ("harness_error", "unavailable", "no_code")


@dataclass(frozen=True)
class Problem:
    """A program that does not score what it should.

    Attributes:
        test_case: its name, or that of a variant.
        program: `reference_solution`, the path of a solution or a wrong program, or, for a variant that must
            reject it, `reference_solution of` the plain form.
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
    """How many test cases and programs were looked at, and what is wrong, in their order.

    `programs` counts all, those in `wrong_programs` that must score below 100 included.
    """

    test_cases: int
    programs: int
    problems: Sequence[Problem]
    variants: int = 0
    wrong_programs: int = 0

    @property
    def valid(self) -> bool:
        """Whether every program scores what it should."""
        return not self.problems

    def counted(self) -> str:
        """What was looked at, such as `3 programs of 1 test case`."""
        programs = f"{self.programs} program{'s' * (self.programs != 1)}"
        variants = f" and {self.variants} variant{'s' * (self.variants != 1)}" if self.variants else ""
        return f"{programs} of {self.test_cases} test case{'s' * (self.test_cases != 1)}{variants}"


@dataclass(frozen=True)
class _Trial:
    """A program, the form that it is judged against, and whether it is right."""

    form: TestCase
    program: str
    code: str
    right: bool = True


def validate_suite(
    suite: Sequence[TestCase],
    by: Judge,
    jobs: int | None = None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> Validation:
    """Judge all programs of every test case and of its variants.

    Reference solutions and solutions must score 100, wrong programs less; and so must the plain form's reference
    solution where a variant is renamed or respecified: a learned answer would do as well there.

    Judge in the default mode: the leaderboard's has quirks that a correct program may stumble over.

    Raises:
        HarnessError: Julia does not start.
    """
    trials = [trial for test_case in suite for trial in _trials(test_case)]
    work = [(as_answer(trial.code), trial.form) for trial in trials]
    problems: dict[int, Problem] = {}
    for done, (index, found) in enumerate(judge_many(work, by, jobs), 1):
        trial = trials[index]
        if (found.score == 100) != trial.right or (not trial.right and found.failure in _NOT_JUDGED):
            problems[index] = _problem(trial, found)
        on_judged(done, len(work))
    return Validation(
        len(suite),
        len(trials),
        [problems[index] for index in sorted(problems)],
        sum(len(test_case.variants) for test_case in suite),
        sum(not trial.right for trial in trials),
    )


def _trials(test_case: TestCase) -> list[_Trial]:
    trials = [_Trial(test_case, "reference_solution", test_case.reference_solution)]
    trials += [
        _Trial(test_case, f"solutions/{name}.jl", code) for name, code in test_case.solutions().items()
    ]
    trials += [
        _Trial(test_case, f"wrong/{name}.jl", code, right=False)
        for name, code in test_case.wrong_programs().items()
    ]
    for variant in test_case.variant_cases():
        trials.append(_Trial(variant, "reference_solution", variant.reference_solution))
        if variant.variant_kind != "paraphrase":
            plain = f"reference_solution of {test_case.name}"
            trials.append(_Trial(variant, plain, test_case.reference_solution, right=False))
    return trials


def _problem(trial: _Trial, found: Evaluation) -> Problem:
    item, code = failing_item(trial.form, found)
    message = found.detail
    if item:
        message = message.removeprefix(item).lstrip(": ")
    elif found.failure == "no_code":
        message = "there is no program; write one that scores 100"
    elif found.failure == "unavailable":
        message += f"; add it with `slingshot doctor --fix --suite {trial.form.folder}`"
    elif not trial.right and found.score == 100:
        message = "scores 100 and should not; add a unit test that finds it wrong"
    name = trial.form.name if trial.form.variant_of else ""
    return Problem(
        test_case=trial.form.name,
        program=f"{name}: {trial.program}" if name else trial.program,
        path=str(Path(trial.form.folder) / "definition.toml"),
        item=item,
        code=code,
        failure=found.failure or ("tests_failed" if trial.right else "not_rejected"),
        message=message,
    )
