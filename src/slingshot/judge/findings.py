"""What the Julia harness reported about one answer, line by line."""

from dataclasses import dataclass, field

from slingshot.judge.evaluation import Evaluation, Failure
from slingshot.suite import TestCase


@dataclass
class Findings:
    """The findings so far; a run that was killed keeps those it reported before.

    Attributes:
        ready: whether the harness got as far as the answer.
        done: whether it got to the end.
        unavailable: the package that this Julia lacks, or an empty string.
        out_of_memory: whether any error was that memory ran out.
        untrusted: whether a unit test passed that means nothing any more, after what the answer did.
        errors: pairs of the line of the answer's code (0: unknown) and the message, in the order they came.
        passed: the numbers of the examples and unit tests that passed.
        begun: the last piece that began, such as `unit_test 3`; `open` until its result came.
        tampered: whether lines came that the harness does not write: a piece has one beginning and one
            result, in this order, and nothing follows the end. Whoever learns the secret and adds
            findings of its own meets those of the harness.
        broken: the harness's own error, if it had one.
    """

    ready: bool = False
    done: bool = False
    parsed: bool = False
    executed: bool = False
    unavailable: str = ""
    out_of_memory: bool = False
    untrusted: bool = False
    errors: list[tuple[int, str]] = field(default_factory=list)
    piracy: list[str] = field(default_factory=list)
    passed: dict[str, set[int]] = field(default_factory=lambda: {"example": set(), "unit_test": set()})
    begun: str = ""
    open: bool = False
    tampered: bool = False
    broken: str = ""

    @property
    def detail(self) -> str:
        """The first error's message, empty when there was none."""
        return self.errors[0][1] if self.errors else ""

    @property
    def line(self) -> int | None:
        """The line of the answer's code that the first error came from."""
        return (self.errors[0][0] or None) if self.errors else None

    def evaluation(
        self, test_case: TestCase, failure: Failure | None, detail: str, seconds: float
    ) -> Evaluation:
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
            seconds=seconds,
            line=self.line if detail == self.detail else None,
            piracy=tuple(sorted(self.piracy)),
        )


def read_findings(output: bytes, secret: bytes) -> Findings:
    """Read the lines that begin with the secret; everything else was written by the answer."""
    findings = Findings()
    for line in output.split(b"\n"):
        mark, _, rest = line.partition(b" ")
        if mark == secret:
            _take(findings, rest.decode(errors="replace"))
    return findings


def _take(findings: Findings, line: str) -> None:
    """Add one reported line to the findings."""
    words = line.split(" ", 4)
    findings.tampered |= findings.done or not _in_order(findings, words)
    match words:
        case ["ready", *_]:
            findings.ready = True
        case ["done"]:
            findings.done = True
        case ["broken", *words]:
            findings.broken = " ".join(words)
        case ["unavailable", name, *_]:
            findings.unavailable = name
        case ["parsed", _]:
            findings.parsed = True
        case ["unparsed"]:
            findings.parsed = False
        case ["executed", _]:
            findings.executed, findings.out_of_memory = True, False
            findings.errors.clear()  # an earlier candidate's trouble no longer matters
        case ["parse_error", _, number, *words]:
            findings.errors.append((int(number), " ".join(words)))
        case ["load_error", _, kind, number, *words]:
            findings.out_of_memory |= kind == "memory"
            findings.errors.append((int(number), " ".join(words)))
        case ["piracy", severity, *words]:
            name = " ".join(words)
            findings.piracy.append(name)
            if severity != "extension":
                findings.errors.append((0, f"the answer changes {name}, on which other code relies"))
        case ["begin", kind, number]:
            findings.begun, findings.open = f"{kind} {number}", kind in findings.passed
        case ["example" | "unit_test" as kind, number, "passed"]:
            findings.passed[kind].add(int(number))
        case ["example" | "unit_test" as kind, number, "untrusted"]:
            findings.untrusted = True
            about = f"{kind.replace('_', ' ')} {number}"
            findings.errors.append((0, f"{about} says nothing after what the answer did to other code"))
        case ["example" | "unit_test" as kind, number, result, place, *words]:
            findings.out_of_memory |= result == "memory"
            findings.errors.append((int(place), f"{kind.replace('_', ' ')} {number}: {' '.join(words)}"))


def _in_order(findings: Findings, words: list[str]) -> bool:
    """Whether the harness may write such a line now; closes the piece that it is the result of."""
    match words:
        case ["executed", *_]:
            return not findings.executed
        case ["begin", kind, number] if kind in findings.passed:
            return (
                findings.executed
                and not findings.open
                and _place(f"{kind} {number}") > _place(findings.begun)
            )
        case ["example" | "unit_test" as kind, number, *_]:
            expected = findings.open and findings.begun == f"{kind} {number}"
            findings.open = False
            return expected
        case _:
            return True


def _place(piece: str) -> tuple[str, int]:
    """Pieces in the order they run: examples, then unit tests, each by number."""
    kind, _, number = piece.rpartition(" ")
    return (kind, int(number)) if kind in ("example", "unit_test") else ("", 0)
