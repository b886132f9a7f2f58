"""Judging what was recorded: every conversation without an evaluation gets one."""

from collections.abc import Callable, Sequence
from pathlib import Path

from slingshot.judge import Evaluation, HarnessError, Judge, Submission, judge_many
from slingshot.recordings.answers import RecordedAnswer, judged_by, read_answers, read_evaluation
from slingshot.recordings.files import conversation_files, evaluation_path, write_evaluation
from slingshot.suite import TestCase


def judge_recordings(
    folder: Path,
    suite: Sequence[TestCase],
    by: Judge,
    jobs: int | None = None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
    others_too: bool = False,
) -> int:
    """Judge the conversations below `folder` that have no evaluation yet; return how many there were.

    Each evaluation is on disk as soon as it is known, so that a killed run loses the ones under way only.
    With `others_too`, what another judge evaluated is judged again and its findings are replaced; the rest
    of the file stays, and what the leaderboard itself had found is kept in `slingshot.recorded`.

    Raises:
        SlingshotError: a conversation is broken or belongs to no test case of the suite.
        HarnessError: the judge itself failed; the answers it failed on are left without evaluation.
    """
    waiting = [path for path in conversation_files(folder) if _waits(path, by, others_too)]
    answers = read_answers(waiting, folder, suite)
    work = [Submission(a.conversation.answer, a.test_case, a.recorded_on) for a in answers]
    failed = list[str]()
    for done, (index, evaluation) in enumerate(judge_many(work, by, jobs), 1):
        answer = answers[index]
        if evaluation.failure == "harness_error":
            failed.append(f"{answer.path}: {evaluation.detail}")
        else:
            record_evaluation(answer, evaluation, by)
        on_judged(done, len(work))
    if failed:
        raise HarnessError(
            f"the judge failed on {len(failed)} of {len(work)} answers, which stay without evaluation: run"
            f" `slingshot doctor`, then judge again (the first is {failed[0]})"
        )
    return len(work)


def record_evaluation(answer: RecordedAnswer, evaluation: Evaluation, by: Judge) -> Path:
    """Write an evaluation beside the answer it is of; return its path."""
    return write_evaluation(
        answer.path,
        answer.test_case,
        answer.sample,
        answer.conversation,
        evaluation,
        answer.extra,
        by.description,
        answer.evaluation,
    )


def _waits(path: Path, by: Judge, others_too: bool) -> bool:
    """Whether a conversation has no evaluation yet; with `others_too`, none by this judge."""
    file = evaluation_path(path)
    return not file.exists() or (others_too and not judged_by(read_evaluation(file), by))


def forget_other_judges(folder: Path, by: Judge) -> int:
    """Remove the evaluations below `folder` that another judge made; return how many.

    Verdicts of unlike judges (another Julia, sandbox or time limit) must not meet in one table.
    """
    count = 0
    for path in list(folder.rglob("evaluation__*.json")):
        if not judged_by(read_evaluation(path), by):
            path.unlink()
            count += 1
    return count
