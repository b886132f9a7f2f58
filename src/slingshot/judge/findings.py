"""What the Julia harness reported about one answer, line by line."""

from dataclasses import dataclass, field

from slingshot.judge.evaluation import Evaluation, Failure
from slingshot.suite import TestCase


@dataclass
class Findings:
    """The findings so far; a run that was killed keeps those it reported before."""

    ready: bool = False
    done: bool = False
    parsed: bool = False
    executed: bool = False
    unavailable: str = ""
    out_of_memory: bool = False
    messages: list[str] = field(default_factory=list)
    passed: dict[str, set[int]] = field(default_factory=lambda: {"example": set(), "unit_test": set()})

    @property
    def detail(self) -> str:
        """The first error's message, empty when there was none."""
        return self.messages[0] if self.messages else ""

    def evaluation(self, test_case: TestCase, failure: Failure | None, detail: str) -> Evaluation:
        """The findings as an evaluation that failed for the given reason, or passed if it is None."""
        return Evaluation(
            parsed=self.parsed,
            executed=self.executed,
            unit_tests_passed=len(self.passed["unit_test"]),
            unit_tests_count=len(test_case.unit_tests),
            examples_executed=len(self.passed["example"]),
            examples_count=len(test_case.examples),
            failure=failure,
            detail=detail,
        )


def read_findings(output: bytes, secret: str) -> Findings:
    """Read the lines that begin with the secret; everything else was printed by the answer."""
    findings = Findings()
    for line in output.decode(errors="replace").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == secret:
            _take(findings, rest.split(" ", 3))
    return findings


def _take(findings: Findings, words: list[str]) -> None:
    """Add one reported line to the findings."""
    match words:
        case ["ready", *_]:
            findings.ready = True
        case ["done"]:
            findings.done = True
        case ["unavailable", name, *_]:
            findings.unavailable = name
        case ["parsed", _]:
            findings.parsed = True
        case ["executed", _]:
            findings.executed, findings.out_of_memory = True, False
            findings.messages.clear()  # an earlier candidate's trouble no longer matters
        case ["parse_error", _, *message]:
            findings.messages.append(" ".join(message))
        case ["load_error", _, kind, *message]:
            findings.out_of_memory |= kind == "memory"
            findings.messages.append(" ".join(message))
        case ["example" | "unit_test" as kind, number, "passed"]:
            findings.passed[kind].add(int(number))
        case ["example" | "unit_test" as kind, number, result, *message]:
            findings.out_of_memory |= result == "memory"
            findings.messages.append(f"{kind.replace('_', ' ')} {number}: {' '.join(message)}")
