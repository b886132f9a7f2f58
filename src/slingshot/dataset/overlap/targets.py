"""What must stay unseen of a test case: its question, programs that solve it, its unit tests and examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slingshot.judge import extract_code
from slingshot.suite import TestCase


@dataclass(frozen=True)
class Target:
    """A test case of which nothing may be seen.

    Attributes:
        name: of the test case.
        place: the file or folder to name.
        prompts: the question in each of its wordings.
        code: programs that solve it, each by itself.
        unit_tests: pieces of Julia code.
        examples: pieces of Julia code.
    """

    name: str
    place: Path
    prompts: Sequence[str] = ()
    code: Sequence[str] = ()
    unit_tests: Sequence[str] = ()
    examples: Sequence[str] = ()


def targets_of_suite(
    cases: Sequence[TestCase], answers: Mapping[str, Sequence[str]] | None = None
) -> list[Target]:
    """What must stay unseen of test cases, with all programs that ship with them.

    Args:
        cases: the test cases.
        answers: by test case, recorded answers whose code must stay unseen too.
    """
    return [
        Target(
            name=case.name,
            place=case.folder / "definition.toml",
            prompts=[case.prompt, *(variant.prompt for variant in case.variants)],
            code=[
                case.reference_solution,
                *case.solutions().values(),
                *(variant.reference_solution for variant in case.variants if variant.reference_solution),
                *(extract_code(answer) for answer in (answers or {}).get(case.name, ())),
            ],
            unit_tests=case.unit_tests,
            examples=case.examples,
        )
        for case in cases
    ]
