"""A small test case whose answers are easy to write down, and a judge that stays warm."""

from collections.abc import Callable, Iterator

import pytest

from slingshot.judge import Evaluation, Judge, Submission
from slingshot.judge.julia.worker import Worker
from slingshot.suite import TestCase


@pytest.fixture(scope="session")
def double() -> TestCase:
    """Doubling a number: two examples and four unit tests."""
    return TestCase(
        name="double",
        prompt="Write a function `double(x)`.",
        examples=["double(1)", "double(2)"],
        unit_tests=[f"@test double({x}) == {2 * x}" for x in (1, 2, 3, 4)],
        reference_solution="double(x) = 2x",
    )


@pytest.fixture(scope="session")
def worker(by: Judge) -> Iterator[Worker]:
    """A judge with a warm Julia, which forks a child for every answer."""
    with Worker(by) as worker:
        yield worker


@pytest.fixture(scope="session")
def judged(worker: Worker, double: TestCase) -> Callable[[str], Evaluation]:
    """What the judge finds for a program that is to double numbers."""
    return lambda code: worker.judge(Submission(f"Here you are:\n\n```julia\n{code}\n```\n", double))
