"""Do the programs in answers parse and run? Asked of real Julia, without a test case."""

import re
from collections.abc import Callable, Mapping

from slingshot.judge import Evaluation, Judge, Submission, judge_many
from slingshot.judge.julia.extract import extract_blocks
from slingshot.suite import TestCase

# Asks for nothing but that the answer loads.
_LOADS = TestCase(
    name="slingshot_answer_loads",
    prompt="Anything.",
    examples=["nothing"],
    unit_tests=["@test true"],
    reference_solution="nothing",
)
_NO_PACKAGE = re.compile(r"Package (\w+) not found")


def faults_of_programs(
    answers: Mapping[int, str],
    by: Judge,
    jobs: int | None = None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> dict[int, str]:
    """Why the Julia blocks of answers do not run, for those that do not.

    All blocks of an answer run in their order, in one module: a later one may use what an earlier one defines.
    Tests in them (`@test` and its kin) are left out, as the judge does.

    Args:
        answers: by any number, which is that of its fault.
        by: how to judge.
        jobs: answers under way at once.
        on_judged: told how many are done, of how many.

    Raises:
        HarnessError: Julia does not start.
    """
    numbers, faults = list(answers), dict[int, str]()
    work = [Submission(answers[number], _LOADS) for number in numbers]
    for done, (index, found) in enumerate(judge_many(work, by, jobs), 1):
        if found.failure:
            faults[numbers[index]] = _fault(answers[numbers[index]], found)
        on_judged(done, len(work))
    return faults


def _fault(answer: str, found: Evaluation) -> str:
    """What happened, and what to do."""
    if found.failure == "no_code":
        return "the answer has no Julia block"
    if found.failure == "harness_error":
        return (
            f"the judge failed ({found.detail}), which says nothing about the answer; run `slingshot doctor`"
        )
    if package := _NO_PACKAGE.search(found.detail):
        return (
            f"whether the answer runs is unknown: this Julia lacks the package {package[1]}; name a project that has"
            " it with --julia-project"
        )
    word = "does not parse" if found.failure == "parse_error" else "does not run"
    return f"{_place(answer, found.line)} {word}: {found.detail}; correct the code, or label a block that is no Julia"


def _place(answer: str, line: int | None) -> str:
    """The block and its line, from the line of all blocks joined."""
    for number, block in enumerate(extract_blocks(answer) if line else [], 1):
        lines = block.count("\n") + 1
        if line and line <= lines:
            return f"Julia block {number}, line {line}"
        line = (line or 0) - lines
    return "the answer's code"
