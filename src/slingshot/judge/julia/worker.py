"""One core's judge: it asks Julia about answers one by one and draws the conclusions."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from slingshot.judge.evaluation import Evaluation, Failure
from slingshot.judge.findings import Findings, read_findings
from slingshot.judge.judge import Judge, Submission, eras, programs_of, without_code
from slingshot.judge.julia.forking import server_mode
from slingshot.judge.julia.packages import (
    checked_project,
    precompile_packages,
    project_environment,
    readable_folders,
)
from slingshot.judge.julia.server import HarnessError, Reply, Request, Server, ServerLost, Tier, judge_once
from slingshot.suite import TestCase

# A server is replaced after so many answers: whatever a child can leave behind must not add up.
_ANSWERS_PER_SERVER = 1000
# What the interpreter has not finished by then is judged by the compiler at once.
_INTERPRETER_SECONDS = 2.0
# Errors that only the interpreter throws: the compiled run decides.
_INTERPRETER_ONLY = ("llvmcall", "must be compiled", "StackOverflowError", "cfunction")
_SIGXCPU = 24
# The ways to run Julia that use a server.
_SERVED = ("tiered", "interpreted")


class Worker:
    """Judges answers one after the other, with a server of its own. Use it as a context manager, from one thread."""

    def __init__(self, by: Judge) -> None:
        self._by = by
        self._server: Server | None = None
        self._answers = 0
        self._rehearsed: set[tuple[str, ...]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restart()

    def judge(self, submission: Submission) -> Evaluation:
        """Judge one answer; a second run, compiled and if need be on a fresh server, may overrule the first.

        Raises:
            HarnessError: Julia does not start, twice.
        """
        test_case = submission.test_case
        programs = programs_of(submission, self._by)
        if not programs:
            return without_code(test_case)
        request = self._request(submission, programs)
        if self._way != "compiled":
            quick = replace(request, seconds=min(_INTERPRETER_SECONDS, request.seconds))
            findings, reply, skipped = self._run_through(quick, test_case)
            finished = findings.done and not _needs_compiler(findings)
            if reply is None or findings.unavailable or finished or reply.ended == "deadlock":
                return conclude(findings, reply, test_case, skipped)
        findings, reply, skipped = self._run_through(replace(request, tier="compiled"), test_case)
        return conclude(findings, reply, test_case, skipped)

    def _run_through(
        self, request: Request, test_case: TestCase
    ) -> tuple[Findings, Reply | None, Sequence[str]]:
        """Run until the end, or until nothing more can be found out; also the pieces that were passed over.

        Where each piece has time limits of its own, one that is too slow is passed over in another run, for
        those after it still count. Only the compiler's slowness counts, but waiting for ever does in any tier.
        """
        while True:
            findings, reply = self._run(request, test_case)
            final = ("deadlock",) if request.tier == "interpreted" else ("deadlock", "deadline")
            late = reply is not None and reply.ended in final and request.each_piece and findings.begun
            if not late or findings.begun in (*request.skipped, "load 2"):
                return findings, reply, request.skipped
            request = replace(request, skipped=[*request.skipped, findings.begun])

    @cached_property
    def _way(self) -> str:
        """How Julia runs here: `tiered`, `interpreted` or `cold`."""
        by = self._by
        return server_mode(by.julia, by.bubblewrap).name if by.way == "auto" else by.way

    @cached_property
    def _surroundings(self) -> tuple[dict[str, str], list[Path]]:
        """Julia's environment variables with the project's, and what the sandbox must show for it."""
        julia = self._by.julia
        project = checked_project(julia, self._by.project)
        precompile_packages(julia, project)  # inside the sandbox nothing can be written
        environment = julia.environment() | project_environment(julia, project)
        return environment, readable_folders(julia, project)

    def _request(self, submission: Submission, programs: list[str]) -> Request:
        case, by = submission.test_case, self._by
        early, old_names = eras(submission.recorded_on)
        return Request(
            name=case.asked_for,
            programs=programs,
            examples=[_around(case.examples_setup, code, case.examples_teardown) for code in case.examples],
            unit_tests=[
                _around(case.unit_tests_setup, code, case.unit_tests_teardown) for code in case.unit_tests
            ],
            imports=case.imports,
            reference=case.reference_solution,
            mode=by.mode,
            early=early,
            old_names=old_names,
            seconds=by.limits.seconds,
            each_piece=by.mode == "leaderboard",
            limits=by.limits,
        )

    def _run(self, request: Request, test_case: TestCase) -> tuple[Findings, Reply | None]:
        """One run, and another one on a fresh server if the first says nothing; no reply if the second is none."""
        for attempt in range(2):
            try:
                reply = self._ask(request, test_case)
            except ServerLost:
                self._restart()
                continue
            findings = read_findings(reply.output, reply.secret)
            signalled = reply.ended == "signal" and reply.number != _SIGXCPU
            if reply.odd or signalled or not findings.ready or reply.ended in ("processes", "output"):
                self._restart()
            if findings.ready and (not signalled or attempt):
                return findings, reply
        # Twice nothing: it was the answer, if a server still does its work without it.
        if self._way in _SERVED and self._serves(test_case, request):
            return Findings(), None
        raise HarnessError(
            f"{test_case.name}: Julia at {self._by.julia.executable} does not start; run `slingshot doctor`"
        )

    def _serves(self, test_case: TestCase, request: Request) -> bool:
        """Whether a fresh server can be started and rehearse."""
        self._restart()
        try:
            self._server_for(test_case, request)
        except ServerLost:
            return False
        return True

    def _ask(self, request: Request, test_case: TestCase) -> Reply:
        """Put a request to the server, or to a process of its own where there is to be none."""
        by = self._by
        if self._way not in _SERVED or (self._way == "interpreted" and request.tier == "compiled"):
            return judge_once(request, by.julia, by.bubblewrap, *self._surroundings)
        if self._answers >= _ANSWERS_PER_SERVER:
            self._restart()
        self._answers += 1
        return self._server_for(test_case, request).judge(request)

    def _server_for(self, test_case: TestCase, request: Request) -> Server:
        """The server, started if need be, with the test case rehearsed."""
        if self._server is None:
            self._server = Server(self._by.julia, self._by.bubblewrap, *self._surroundings)
        if test_case.checks not in self._rehearsed:
            self._server.rehearse(self._rehearsal(request, test_case))
            self._rehearsed.add(test_case.checks)
        return self._server

    def _rehearsal(self, request: Request, test_case: TestCase) -> Request:
        """The reference solution as a request: what it loads and compiles, the children need not."""
        answer = f"```julia\n{test_case.reference_solution}\n```"
        tier: Tier = "compiled"
        programs = [answer if self._by.mode == "leaderboard" else test_case.reference_solution]
        return replace(request, tier=tier, programs=programs, skipped=[])

    def _restart(self) -> None:
        if self._server is not None:
            self._server.stop()
        self._server, self._answers = None, 0
        self._rehearsed.clear()


def _needs_compiler(findings: Findings) -> bool:
    """Whether any error is one that only the interpreter throws."""
    return any(word in message for _, message in findings.errors for word in _INTERPRETER_ONLY)


def _around(setup: str, code: str, teardown: str) -> str:
    """A piece of test code with what the test case wants run before and after it, joined as the leaderboard does."""
    return f"{setup}\n\n{code}\n\n{teardown}"


def conclude(
    findings: Findings, reply: Reply | None, test_case: TestCase, skipped: Sequence[str] = ()
) -> Evaluation:
    """Name why an answer failed, from what was reported and how its process ended; no reply: it ended the judge's.

    `skipped` are the pieces that were passed over because they took too long.
    """
    if reply is None:
        return findings.evaluation(test_case, "crashed", "the answer ends the judge's own process", 0.0)
    if findings.broken:
        return findings.evaluation(test_case, "harness_error", findings.broken, reply.seconds)
    if findings.tampered:
        return Findings(parsed=findings.parsed, executed=findings.executed).evaluation(
            test_case, "tests_failed", "the answer wrote findings of its own", reply.seconds
        )
    failure, detail = _why(findings, reply)
    if skipped and failure in (None, "tests_failed"):
        failure, detail = "timeout", f"{skipped[0].replace('_', ' ')} was not done in time"
    return findings.evaluation(test_case, failure, detail, reply.seconds)


def _why(findings: Findings, reply: Reply) -> tuple[Failure | None, str]:
    if findings.unavailable:
        return "unavailable", f"this Julia cannot load the package {findings.unavailable}"
    if reply.ended == "deadline" or (reply.ended == "signal" and reply.number == _SIGXCPU):
        return "timeout", f"not done after {reply.seconds:.0f} s"
    if reply.ended == "deadlock":
        return "timeout", "it waits for something that never comes"
    if not findings.done:
        return "crashed", {
            "signal": f"the process was killed by signal {reply.number}",
            "processes": "too many processes at once",
            "output": "too much written to where findings go",
        }.get(reply.ended, f"the process ended early with exit code {reply.number}")
    if findings.out_of_memory:
        return "memory", findings.detail
    if not findings.parsed:
        return "parse_error", findings.detail
    if not findings.executed:
        return "load_error", findings.detail
    return ("tests_failed" if findings.errors else None), findings.detail
