"""Judging what was recorded: every conversation without an evaluation gets one."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from slingshot.errors import SlingshotError
from slingshot.judge import Judge, judge_many
from slingshot.recordings.files import (
    Sample,
    conversation_files,
    evaluation_path,
    read_conversation,
    write_evaluation,
)
from slingshot.suite import TestCase


def judge_recordings(
    folder: Path,
    suite: Sequence[TestCase],
    by: Judge,
    jobs: int | None = None,
    parameters: dict[str, Any] | None = None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Judge the conversations below `folder` that have no evaluation yet; return how many there were.

    Each evaluation is on disk as soon as it is known, so that a killed run loses the ones under way only.

    Raises:
        SlingshotError: a conversation is broken or belongs to no test case of the suite.
        HarnessError: the judge itself failed.
    """
    by_name = {test_case.name: test_case for test_case in suite}
    waiting = [path for path in conversation_files(folder) if not evaluation_path(path).exists()]
    work = []
    for path in waiting:
        name = path.relative_to(folder).parts[0]
        if name not in by_name:
            raise SlingshotError(
                f"{path}: no test case of the suite is called {name}; judge with its own suite"
            )
        work.append((*read_conversation(path), by_name[name]))
    pairs = [(conversation.answer, test_case) for conversation, _, test_case in work]
    for done, (index, evaluation) in enumerate(judge_many(pairs, by, jobs), 1):
        path, (conversation, extra, test_case) = waiting[index], work[index]
        label = path.name.split("__")[1]
        sample = Sample(
            extra.get("model") or _model_of(path, folder),
            test_case.name,
            label,
            extra.get("sample", 0),
            extra.get("seed"),
        )
        beyond = {**by.description, **{key: extra[key] for key in ("model_sha256",) if key in extra}}
        write_evaluation(path, test_case, sample, conversation, evaluation, parameters or {}, beyond)
        on_judged(done, len(work))
    return len(work)


def _model_of(path: Path, folder: Path) -> str:
    """The model's name from the path of a recording: it may itself contain slashes."""
    return "/".join(path.relative_to(folder).parts[1:-1])


def forget_other_judges(folder: Path, by: Judge) -> int:
    """Remove the evaluations below `folder` that another judge made; return how many.

    Verdicts of unlike judges (another Julia, sandbox or time limit) must not meet in one table.
    """
    count = 0
    for path in list(folder.rglob("evaluation__*.json")):
        beyond = json.loads(path.read_text(encoding="utf-8")).get("slingshot", {})
        if {key: beyond.get(key) for key in by.description} != by.description:
            path.unlink()
            count += 1
    return count
