"""A small test case whose answers are easy to write down."""

from collections.abc import Callable

import pytest

from slingshot.judge import Evaluation, Judge, judge
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
def judged(by: Judge, double: TestCase) -> Callable[[str], Evaluation]:
    """What the judge finds for a program that is to double numbers."""
    return lambda code: judge(f"Here you are:\n\n```julia\n{code}\n```\n", double, by)
