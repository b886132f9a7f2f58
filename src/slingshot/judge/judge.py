"""The judge: does an answer do what its test case asks? Found out by running it in real Julia.

Every answer runs in a process of its own inside the sandbox: a child of a warm Julia where the fork server's
self-test passes, else a Julia started for it. The code is interpreted first, which for small programs is done
before a compiler would be; what the interpreter could not finish (a time-out, a crash, a feature that only
the compiler has) is judged again by a compiling process before it may fail.
"""

import os
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from slingshot.judge.evaluation import Evaluation
from slingshot.judge.findings import Findings
from slingshot.judge.julia.extract import candidate_programs
from slingshot.judge.julia.install import Julia, find_julia
from slingshot.judge.julia.packages import checked_project, packages_in
from slingshot.judge.sandbox import Limits
from slingshot.judge.tasks import Tasks
from slingshot.suite import TestCase

Mode = Literal["default", "leaderboard"]
Way = Literal["auto", "tiered", "interpreted", "cold", "compiled"]

# Days on which the leaderboard's way to judge changed: quotes in examples and unit tests were escaped, and a
# function's name was found behind other code.
QUOTES_ESCAPED_FROM = "20240812"
NAMES_ANYWHERE_FROM = "20240210"
# Fewer programs than that for each worker are done in cold processes before a server would be warm.
FEW = 3


@dataclass(frozen=True)
class Judge:
    """How answers are judged.

    Attributes:
        julia: which Julia.
        bubblewrap: the sandbox's program; None runs the answers' code unprotected.
        limits: what one answer may use.
        mode: `default`, or `leaderboard`: as the Julia LLM Leaderboard judged, its bugs included.
        project: the Julia project whose packages answers may load; None: Slingshot's own, in the cache.
        way: how Julia runs: `auto` by the self-test, or one of the ways in particular. The verdict is the same.
            `tiered` and `interpreted` are the fork server's (`ServerMode`), `cold` a process for every answer,
            `compiled` the same without interpreting first: the slowest, which the others are checked against.
        ray: the address of a Ray cluster whose nodes judge many answers; None: this machine. The verdict is the same.
    """

    julia: Julia
    bubblewrap: Path | None
    limits: Limits = field(default_factory=Limits)
    mode: Mode = "default"
    project: Path | None = None
    way: Way = "auto"
    ray: str | None = None

    @cached_property
    def description(self) -> dict[str, str]:
        """What to record beside every evaluation, so that unlike judges are never compared."""
        return {
            "judge": "2",
            "mode": self.mode,
            "julia": self.julia.version,
            "sandbox": "bubblewrap" if self.bubblewrap else "none",
            "timeout": f"{self.limits.seconds:g}",
            "memory": str(self.limits.memory_bytes),
            "packages": ", ".join(f"{name} {version}" for name, version in sorted(self._packages().items())),
        }

    def _packages(self) -> dict[str, str]:
        return packages_in(self.julia, checked_project(self.julia, self.project))


class Submission(NamedTuple):
    """One answer to judge.

    `recorded_on` is for mode `leaderboard`: the day as `20240131`, whose rules are followed; empty for the latest.
    """

    answer: str
    test_case: TestCase
    recorded_on: str = ""


def judge(
    answer: str,
    test_case: TestCase,
    mode: Mode = "default",
    *,
    by: Judge | None = None,
    recorded_on: str = "",
) -> Evaluation:
    """Judge one answer against the unit tests and examples of its test case.

    An answer without a Julia block scores 0 and never reaches Julia. A test case that imports a package
    which this Julia lacks is `unavailable`, not failed.

    Args:
        answer: the model's whole answer, in Markdown.
        test_case: what was asked.
        mode: as in `Judge`; ignored when `by` is given.
        by: how to judge; by default with this machine's Julia in bubblewrap.
        recorded_on: as in `Submission`.

    Raises:
        MissingTool: Julia or bubblewrap is not there.
        HarnessError: Julia did not start, twice.
    """
    from slingshot.judge.bubblewrap import find_bubblewrap

    by = by or Judge(find_julia(), find_bubblewrap(), mode=mode)
    ((_, evaluation),) = judge_many([Submission(answer, test_case, recorded_on)], by, jobs=1)
    return evaluation


def judge_many(
    work: Sequence[Submission | tuple[str, TestCase]], by: Judge, jobs: int | None = None
) -> Iterator[tuple[int, Evaluation]]:
    """Judge answers side by side; yield `(index, evaluation)` as each is done.

    Identical programs for the same test case, or for a paraphrase of it, are judged once.

    Args:
        work: the answers and their test cases.
        by: how to judge.
        jobs: answers under way at once; by default one for each core that this process may use, or of the cluster.

    Raises:
        MissingTool: `by.ray` is set and Ray is not installed.
        SlingshotError: there is no cluster at `by.ray`.
        HarnessError: Julia did not start, twice, or on no node of a cluster. What an answer does to its judge raises nothing: it is
            its verdict.
    """
    places: dict[tuple[object, ...], list[int]] = {}
    submissions = [Submission(*item) for item in work]
    for index, submission in enumerate(submissions):
        places.setdefault(identity(submission, by), []).append(index)
    waiting = sorted(places.values(), key=lambda indices: submissions[indices[0]].test_case.name)
    if by.ray is not None:
        from slingshot.judge.on_ray import judge_on_ray

        yield from judge_on_ray(waiting, submissions, by, jobs)
        return
    jobs = max(1, min(jobs or available_cores(), len(waiting)))
    if by.way == "auto" and len(waiting) <= FEW * jobs:
        by = replace(by, way="cold")
    yield from _side_by_side(waiting, submissions, by, jobs)


def _side_by_side(
    waiting: Sequence[list[int]], submissions: Sequence[Submission], by: Judge, jobs: int
) -> Iterator[tuple[int, Evaluation]]:
    """Let `jobs` threads, each with a judge's worker of its own, take from the waiting list."""
    from slingshot.judge.julia.worker import Worker

    asked = [submissions[indices[0]].test_case for indices in waiting]
    tasks = Tasks(waiting, [test_case.variant_of or test_case.name for test_case in asked])
    results: queue.SimpleQueue[tuple[list[int], Evaluation] | BaseException] = queue.SimpleQueue()
    stopped = threading.Event()

    def work() -> None:
        name = None
        try:
            with Worker(by) as worker:
                while not stopped.is_set() and (task := tasks.next_after(name)):
                    name, indices = task
                    results.put((indices, worker.judge(submissions[indices[0]])))
        except BaseException as error:  # it is raised where the results are read
            results.put(error)

    threads = [threading.Thread(target=work, daemon=True) for _ in range(jobs)]
    for thread in threads:
        thread.start()
    try:
        for _ in waiting:
            result = results.get()
            if isinstance(result, BaseException):
                raise result
            for index in result[0]:
                yield index, result[1]
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


def identity(submission: Submission, by: Judge) -> tuple[object, ...]:
    """What two submissions must share to get the same verdict."""
    if by.mode == "leaderboard":
        return (submission.test_case.name, eras(submission.recorded_on), submission.answer)
    return (submission.test_case.checks, *programs_of(submission, by))


def programs_of(submission: Submission, by: Judge) -> list[str]:
    """What Julia gets of an answer: candidate programs, or in mode `leaderboard` the whole answer."""
    if by.mode == "leaderboard":
        return [submission.answer]
    return candidate_programs(submission.answer, submission.test_case.asked_for)


def eras(recorded_on: str) -> tuple[bool, bool]:
    """Which of the leaderboard's former rules held on a day: its quoting of tests, its way to find function names."""
    return (
        bool(recorded_on) and recorded_on < QUOTES_ESCAPED_FROM,
        bool(recorded_on) and recorded_on < NAMES_ANYWHERE_FROM,
    )


def without_code(test_case: TestCase) -> Evaluation:
    """The verdict on an answer that holds no Julia."""
    return Findings().evaluation(test_case, "no_code", "the answer has no Julia code block", 0.0)


def available_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
