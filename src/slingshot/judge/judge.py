"""The judge: does an answer do what its test case asks? Found out by running it in real Julia.

Each answer runs in a Julia process of its own inside the sandbox. The process interprets the code, which
starts three times faster than compiling it; what the interpreter could not finish (a time-out, a crash, a
feature that only the compiler has) is judged again by a compiling process before it may fail.
"""

import os
import secrets
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

from slingshot.errors import SlingshotError
from slingshot.judge.evaluation import Evaluation, Failure
from slingshot.judge.extract import candidate_programs
from slingshot.judge.findings import Findings, read_findings
from slingshot.judge.julia.install import Julia
from slingshot.judge.sandbox import Limits, Outcome, run_limited, sandboxed
from slingshot.suite import TestCase

_HARNESS = Path(__file__).parent / "julia" / "judge_answer.jl"
_INTERPRETED = ["-O0", "--compile=min"]
_COMPILED = ["-O1"]
# Errors that only the interpreter throws: the compiled run decides.
_INTERPRETER_ONLY = ("llvmcall", "must be compiled", "StackOverflowError", "cfunction")


class HarnessError(SlingshotError):
    """The judge itself failed; this is never counted as a failure of the model."""


@dataclass(frozen=True)
class Judge:
    """How answers are judged: which Julia, in which sandbox (None: outside any), under which limits."""

    julia: Julia
    bubblewrap: Path | None
    limits: Limits = field(default_factory=Limits)

    @property
    def description(self) -> dict[str, str]:
        """What to record beside every evaluation, so that unlike judges are never compared."""
        return {
            "judge": "1",
            "mode": "default",
            "julia": self.julia.version,
            "sandbox": "bubblewrap" if self.bubblewrap else "none",
            "timeout": f"{self.limits.seconds:g}",
            "memory": str(self.limits.memory_bytes),
        }


def judge(answer: str, test_case: TestCase, by: Judge) -> Evaluation:
    """Judge one answer against the unit tests and examples of its test case.

    An answer without a Julia block scores 0 and never reaches Julia. A test case that imports a package
    which this Julia lacks is `unavailable`, not failed.

    Raises:
        HarnessError: Julia did not start, twice, or its findings make no sense.
    """
    programs = candidate_programs(answer, test_case.name)
    if not programs:
        return Findings().evaluation(
            test_case, failure="no_code", detail="the answer has no Julia code block"
        )
    first, outcome = _run(programs, test_case, by, _INTERPRETED)
    if not first.unavailable and (outcome.timed_out or not first.done or _needs_compiler(first)):
        second, outcome = _run(programs, test_case, by, _COMPILED)
        return replace(_conclude(second, outcome, test_case), seconds=outcome.seconds)
    return replace(_conclude(first, outcome, test_case), seconds=outcome.seconds)


def _needs_compiler(findings: Findings) -> bool:
    """Whether any error is one that only the interpreter throws."""
    return any(word in message for message in findings.messages for word in _INTERPRETER_ONLY)


def _run(programs: list[str], test_case: TestCase, by: Judge, flags: list[str]) -> tuple[Findings, Outcome]:
    """One Julia process over the programs; a second try if Julia itself does not start."""
    secret = secrets.token_hex(16)
    stdin = _message(secret, programs, test_case)
    command = [str(by.julia.executable), "--startup-file=no", "--history-file=no", *flags, str(_HARNESS)]
    if by.bubblewrap:
        command = sandboxed(command, by.bubblewrap, [*by.julia.roots, _HARNESS.parent])
    for _ in range(2):
        outcome = run_limited(command, stdin, by.julia.environment(), by.limits)
        findings = read_findings(outcome.stdout, secret)
        if findings.ready:
            return findings, outcome
    raise HarnessError(
        f"{test_case.name}: Julia at {by.julia.executable} does not start in the sandbox "
        f"(exit code {outcome.returncode}); run `slingshot doctor`"
    )


def _message(secret: str, programs: list[str], test_case: TestCase) -> bytes:
    """What the harness reads from standard input; its first lines describe the format."""

    def text(content: str) -> bytes:
        raw = content.encode(errors="surrogatepass")  # a model may answer half a character
        return b"%d\n%b" % (len(raw), raw)

    def texts(contents: Sequence[str]) -> bytes:
        return b"%d\n" % len(contents) + b"".join(text(content) for content in contents)

    case = test_case
    examples = [_around(case.examples_setup, code, case.examples_teardown) for code in case.examples]
    unit_tests = [_around(case.unit_tests_setup, code, case.unit_tests_teardown) for code in case.unit_tests]
    return (
        text(secret) + text("\n".join(case.imports)) + texts(programs) + texts(examples) + texts(unit_tests)
    )


def _around(setup: str, code: str, teardown: str) -> str:
    """A piece of test code with what the test case wants run before and after it."""
    return "\n".join(part for part in (setup, code, teardown) if part)


def _conclude(findings: Findings, outcome: Outcome, test_case: TestCase) -> Evaluation:
    """Name why an answer failed, from what was reported and how its process ended."""
    if findings.unavailable:
        detail = f"this Julia cannot load the package {findings.unavailable}"
        return findings.evaluation(test_case, failure="unavailable", detail=detail)
    if outcome.timed_out:
        detail = f"not done after {outcome.seconds:.0f} s"
        return findings.evaluation(test_case, failure="timeout", detail=detail)
    if not findings.done:
        detail = f"the process ended early with exit code {outcome.returncode}"
        return findings.evaluation(test_case, failure="crashed", detail=detail)
    if findings.out_of_memory:
        return findings.evaluation(test_case, failure="memory", detail=findings.detail)
    if not findings.parsed:
        return findings.evaluation(test_case, failure="parse_error", detail=findings.detail)
    if not findings.executed:
        return findings.evaluation(test_case, failure="load_error", detail=findings.detail)
    failure: Failure | None = "tests_failed" if findings.messages else None
    return findings.evaluation(test_case, failure, findings.detail)


def judge_many(
    work: Sequence[tuple[str, TestCase]], by: Judge, jobs: int | None = None
) -> Iterator[tuple[int, Evaluation]]:
    """Judge `(answer, test case)` pairs side by side; yield `(index, evaluation)` as each is done.

    Identical answers to the same test case are judged once. `jobs` defaults to the number of cores.
    """
    places: dict[tuple[str, str], list[int]] = {}
    for index, (answer, test_case) in enumerate(work):
        places.setdefault((answer, test_case.name), []).append(index)
    with ThreadPoolExecutor(jobs or os.cpu_count() or 1) as pool:
        pending: dict[Future[Evaluation], list[int]] = {
            pool.submit(judge, *work[indices[0]], by): indices for indices in places.values()
        }
        try:
            while pending:
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    for index in pending.pop(future):
                        yield index, future.result()
        finally:
            pool.shutdown(cancel_futures=True)
