"""Do the programs in answers parse and run? Asked of real Julia, without a test case."""

import re
from collections.abc import Callable, Mapping

from slingshot.judge import Evaluation, Judge, Submission, judge_many
from slingshot.judge.julia.extract import extract_blocks
from slingshot.suite import TestCase, as_answer

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
    numbers, found = list(answers), dict[int, Evaluation]()
    work = [Submission(answers[number], _LOADS) for number in numbers]
    for index, evaluation in judge_many(work, by, jobs):
        found[numbers[index]] = evaluation
        on_judged(len(found), len(work))
    failed = {number: found[number] for number in numbers if found[number].failure}
    places = {number: _place(answers[number], evaluation.line) for number, evaluation in failed.items()}
    unparsed = [number for number, evaluation in failed.items() if evaluation.failure == "parse_error"]
    places |= _blocks_that_do_not_parse({number: answers[number] for number in unparsed}, by, jobs)
    return {number: _fault(places[number], evaluation) for number, evaluation in failed.items()}


def _fault(place: str, found: Evaluation) -> str:
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
    return f"{place} {word}: {found.detail}; correct the code, or label a block that is no Julia"


def _blocks_that_do_not_parse(answers: Mapping[int, str], by: Judge, jobs: int | None) -> dict[int, str]:
    """The first block of each answer that is no Julia by itself: parse errors do not always name a line."""
    blocks = [
        (number, place, block)
        for number, answer in answers.items()
        for place, block in enumerate(extract_blocks(answer), 1)
    ]
    work = [Submission(as_answer(block), _LOADS) for _, _, block in blocks]
    wrong = [index for index, found in judge_many(work, by, jobs) if found.failure == "parse_error"]
    places: dict[int, str] = {}
    for number, place, _ in (blocks[index] for index in sorted(wrong)):
        places.setdefault(number, f"Julia block {place}")
    return places


def _place(answer: str, line: int | None) -> str:
    """The block and its line, from the line of all blocks joined."""
    for number, block in enumerate(extract_blocks(answer) if line else [], 1):
        lines = block.count("\n") + 1
        if line and line <= lines:
            return f"Julia block {number}, line {line}"
        line = (line or 0) - lines
    return "the answer's code"
