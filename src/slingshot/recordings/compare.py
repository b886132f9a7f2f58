"""Judging again what was judged before, to see how far two judges agree and why they do not."""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError
from slingshot.judge import Evaluation, Judge, Submission, judge_many
from slingshot.judge.julia.packages import checked_project, packages_in, packages_to_add
from slingshot.recordings.answers import RecordedAnswer, read_answers, recorded_score
from slingshot.recordings.causes import cause_of_difference
from slingshot.recordings.files import conversation_files, evaluation_path
from slingshot.recordings.packed import refuse_packed
from slingshot.suite import TestCase

# What is compared one by one; the total follows from them and the counts of tests and examples.
FIELDS = ("parsed", "executed", "unit_tests_passed", "examples_executed")
_SAME_POINTS = 1e-9


@dataclass(frozen=True)
class Pair:
    """One answer as it was judged then and now.

    Attributes:
        answer: what is recorded.
        found: what judging it again found.
        recorded_score: the points of the recorded evaluation, 0 to 100.
        cause: why the two scores differ, see `cause_of_difference`; empty when they are equal.
    """

    answer: RecordedAnswer
    found: Evaluation
    recorded_score: float
    cause: str = ""

    @property
    def recorded(self) -> Mapping[str, Any]:
        """The recorded evaluation."""
        assert self.answer.evaluation is not None
        return self.answer.evaluation

    @property
    def score(self) -> float:
        """The points of today."""
        assert self.found.score is not None
        return self.found.score

    def agrees_on(self, field: str) -> bool:
        """Whether both evaluations say the same of one of `FIELDS`."""
        return bool(self.recorded[field] == getattr(self.found, field))


@dataclass(frozen=True)
class Comparison:
    """Answers that were judged twice.

    Attributes:
        pairs: those with points both times, sorted by path.
        unavailable: names of the test cases, one for each answer that lacked a package, then or now.
        failed: what went wrong where the judge itself failed, one sentence an answer.
    """

    pairs: Sequence[Pair]
    unavailable: Sequence[str]
    failed: Sequence[str]

    @property
    def differing(self) -> list[Pair]:
        """The pairs whose points differ."""
        return [pair for pair in self.pairs if pair.cause]

    @property
    def identical(self) -> float | None:
        """The share of pairs with the same points, None if there are no pairs."""
        return _share(not pair.cause for pair in self.pairs)

    @property
    def fields(self) -> dict[str, float | None]:
        """For each of `FIELDS` the share of pairs that agree on it."""
        return {field: _share(pair.agrees_on(field) for pair in self.pairs) for field in FIELDS}

    @property
    def causes(self) -> dict[str, int]:
        """How many differences each cause explains, the largest first."""
        return dict(Counter(pair.cause for pair in self.differing).most_common())

    @property
    def per_task(self) -> dict[str, dict[str, Any]]:
        """The same by test case: answers compared, share identical, mean points then and now, unavailable."""
        table = {}
        missing = Counter(self.unavailable)
        for name in sorted({pair.answer.test_case.name for pair in self.pairs} | missing.keys()):
            pairs = [pair for pair in self.pairs if pair.answer.test_case.name == name]
            table[name] = {
                "compared": len(pairs),
                "identical": _share(not pair.cause for pair in pairs),
                "recorded_score": _mean([pair.recorded_score for pair in pairs]),
                "score": _mean([pair.score for pair in pairs]),
                "unavailable": missing[name],
            }
        return table

    def to_json(self) -> dict[str, Any]:
        """The comparison as `slingshot judge --compare --format json` prints it; shares run from 0 to 1."""
        return {
            "compared": len(self.pairs),
            "identical": self.identical,
            "fields": self.fields,
            "unavailable": len(self.unavailable),
            "harness_errors": len(self.failed),
            "per_task": self.per_task,
            "causes": self.causes,
        }


def compare_recordings(
    folder: Path,
    suite: Sequence[TestCase],
    by: Judge,
    jobs: int | None = None,
    sample: int | None = None,
    seed: int = 0,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> Comparison:
    """Judge again all answers below `folder` that have an evaluation, and compare; nothing is written.

    Args:
        folder: recordings, ours or the leaderboard's.
        suite: their test cases.
        by: the judge of today.
        jobs: answers judged at once; None: one a core.
        sample: how many of them, drawn at random; None: all.
        seed: of that draw: the same seed and the same files give the same answers.
        on_judged: called with the answers that are done and their number.

    Raises:
        RequestError: nothing below the folder has an evaluation, or its recordings are packed.
        SlingshotError: a file is broken or belongs to no test case of the suite.
    """
    refuse_packed(folder, "comparing two judges")
    paths = [path for path in conversation_files(folder) if evaluation_path(path).exists()]
    if not paths:
        raise RequestError(f"{folder}: no evaluations below this folder, so there is nothing to compare with")
    if sample is not None and sample < len(paths):
        paths = sorted(random.Random(seed).sample(paths, sample))
    project = checked_project(by.julia, by.project)
    installed = packages_in(by.julia, project)
    # Without its packages a test case is left out as a whole: answers that never get as far as Julia would
    # else count, and agree.
    lacking = {case.name for case in suite if packages_to_add(by.julia, project, case.imports)}
    answers, unavailable = list[RecordedAnswer](), list[str]()
    for answer in read_answers(paths, folder, suite):
        if answer.test_case.name in lacking or _points(answer) is None:
            unavailable.append(answer.test_case.name)
        else:
            answers.append(answer)

    work = [Submission(a.conversation.answer, a.test_case, a.recorded_on) for a in answers]
    evaluations: dict[int, Evaluation] = {}
    for index, evaluation in judge_many(work, by, jobs):
        evaluations[index] = evaluation
        on_judged(len(evaluations), len(work))

    pairs, failed = list[Pair](), list[str]()
    for index, answer in enumerate(answers):
        found, points = evaluations[index], _points(answer)
        if found.failure == "harness_error":
            failed.append(f"{answer.path}: {found.detail}")
        elif found.score is None or points is None:
            unavailable.append(answer.test_case.name)
        else:
            differs = abs(found.score - points) > _SAME_POINTS
            cause = cause_of_difference(answer, found, by, installed) if differs else ""
            pairs.append(Pair(answer, found, points, cause))
    return Comparison(pairs, unavailable, failed)


def _points(answer: RecordedAnswer) -> float | None:
    """The recorded points of an answer that has an evaluation."""
    return recorded_score(answer.evaluation or {}, evaluation_path(answer.path))


def _share(holds: Any) -> float | None:
    """The share of what holds, to be printed; None of nothing."""
    return _mean([float(one) for one in holds])


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None
