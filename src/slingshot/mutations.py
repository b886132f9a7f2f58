"""How sharp a suite's unit tests are: small mistakes are put into right programs, and the unit tests must see them.

Each mutant differs from a reference solution in one place: an operator, the bound of a range, a constant, the
branches of a condition. One that still scores 100 has survived: either a unit test is missing, or the change means
the same (`length(x) < 1` for `length(x) <= 0`), which no test can see.
"""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from slingshot.errors import SlingshotError
from slingshot.judge import Judge, judge_many
from slingshot.suite import TestCase, as_answer

_SCRIPT = Path(str(files("slingshot"))) / "mutations.jl"
_SECONDS = 120  # for the mutants of a whole suite to be written down


@dataclass(frozen=True)
class Survivor:
    """A mutant that scores 100.

    Attributes:
        test_case: whose reference solution it comes from; a variant's name where it is a variant's.
        path: its definition.toml.
        change: what was changed, such as `< -> <= in i < n`.
    """

    test_case: str
    path: str
    change: str


@dataclass(frozen=True)
class Sharpness:
    """The mutants of one reference solution: how many there are, and how many were found wrong."""

    test_case: str
    mutants: int
    killed: int


@dataclass(frozen=True)
class MutationCheck:
    """All test cases in the suite's order, and the mutants that survived."""

    test_cases: Sequence[Sharpness]
    survivors: Sequence[Survivor]

    @property
    def mutants(self) -> int:
        """How many there were."""
        return sum(found.mutants for found in self.test_cases)

    @property
    def killed(self) -> int:
        """How many were found wrong."""
        return sum(found.killed for found in self.test_cases)

    @property
    def killed_share(self) -> float:
        """From 0 to 1; 1 if there was nothing to find."""
        return self.killed / self.mutants if self.mutants else 1.0


def check_mutations(
    suite: Sequence[TestCase],
    by: Judge,
    jobs: int | None = None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> MutationCheck:
    """Mutate the reference solution of every test case, and judge all mutants.

    Variants are left out unless they are in `suite`, see `with_variants`. A mutant that runs for ever is stopped
    at the judge's limit and counts as found wrong.

    Raises:
        SlingshotError: a reference solution does not score 100 as Julia prints it, or a mutant was not judged.
    """
    written = mutants_of([test_case.reference_solution for test_case in suite], by)
    work = [(number, change, code) for number, pairs in enumerate(written) for change, code in pairs]
    counts = [[0, 0] for _ in suite]
    survivors: dict[int, Survivor] = {}
    answers = [(as_answer(code), suite[number]) for number, _, code in work]
    for done, (index, found) in enumerate(judge_many(answers, by, jobs), 1):
        number, change, _ = work[index]
        test_case = suite[number]
        place = str(test_case.folder / "definition.toml")
        if found.failure in ("harness_error", "unavailable") or (not change and found.score != 100):
            what = change or "the reference solution as Julia prints it"
            raise SlingshotError(
                f"{place}: {what}: {found.detail or found.failure}; try suite validate first"
            )
        if change:
            counts[number][0] += 1
            counts[number][1] += found.score != 100
            if found.score == 100:
                survivors[index] = Survivor(test_case.name, place, change)
        on_judged(done, len(work))
    table = [Sharpness(case.name, *count) for case, count in zip(suite, counts, strict=True)]
    return MutationCheck(table, [survivors[index] for index in sorted(survivors)])


def mutants_of(programs: Sequence[str], by: Judge) -> list[list[tuple[str, str]]]:
    """For each program what was changed and the code of each mutant; first the program itself, with no change.

    Raises:
        SlingshotError: Julia did not write them.
    """
    command = [str(by.julia.executable), "--startup-file=no", "-O0", "--compile=min", str(_SCRIPT)]
    try:
        done = subprocess.run(
            command,
            input="".join(f"{program}\0" for program in programs).encode(),
            env=by.julia.environment(),
            capture_output=True,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise SlingshotError(
            f"the mutants were not written within {_SECONDS} s; try fewer test cases"
        ) from None
    if done.returncode:
        raise SlingshotError(
            f"the mutants were not written: {done.stderr.decode(errors='replace').strip()[-300:]}"
        )
    fields = done.stdout.decode().split("\0")
    found: list[list[tuple[str, str]]] = [[] for _ in programs]
    for number, change, code in zip(fields[0:-1:3], fields[1::3], fields[2::3], strict=True):
        found[int(number) - 1].append((change, code))
    return found
