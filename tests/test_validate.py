"""A suite against its own programs."""

from recorded import doubling
from slingshot.validate import validate_suite


def test_every_program_is_judged_and_problems_come_in_the_suites_order(by):
    right = doubling().model_copy(update={"reference_solution": "double(x) = 2x"})
    empty = doubling("empty").model_copy(update={"reference_solution": "\n"})
    far = right.model_copy(update={"name": "far", "imports": ["NoSuchPackage"]})
    found = validate_suite([far, right, empty], by)
    assert (found.test_cases, found.programs, found.valid) == (3, 3, False)
    assert [(p.test_case, p.failure) for p in found.problems] == [
        ("far", "unavailable"),
        ("empty", "no_code"),
    ]
    assert "NoSuchPackage; add it with `slingshot doctor --fix --suite" in found.problems[0].message
    assert (
        found.problems[1]
        .sentence()
        .endswith("definition.toml: reference_solution: there is no program; write one that scores 100")
    )
