"""Answers in a JSON Lines file, for those who keep them in no folder of recordings."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError, suggest
from slingshot.judge import Evaluation, Judge, Submission, judge_many
from slingshot.suite import TestCase


def judge_lines(
    path: Path,
    suite: Sequence[TestCase],
    by: Judge,
    jobs: int | None = None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> Iterator[dict[str, Any]]:
    """Judge the answers of a file that has an object with `test_case` and `answer` on each line.

    Yields the objects in the file's order, as they are and with `evaluation` added: see `evaluation_object`.

    Raises:
        RequestError: a line holds something else, or names a test case that the suite does not have.
    """
    by_name = {test_case.name: test_case for test_case in suite}
    lines = _read(path)
    work = [_submission(entry, by_name, f"{path}:{number}") for number, entry in lines]
    judged: dict[int, Evaluation] = {}
    given = 0
    for index, evaluation in judge_many(work, by, jobs):
        judged[index] = evaluation
        on_judged(given + len(judged), len(work))
        while given in judged:  # in order: a slow answer holds back those after it, not their judging
            yield {**lines[given][1], "evaluation": evaluation_object(judged.pop(given))}
            given += 1


def evaluation_object(found: Evaluation) -> dict[str, Any]:
    """An evaluation for JSON: its fields, and `score` (0 to 100, null if it was not judged) and `solved`."""
    return {"score": found.score, "solved": found.solved, **asdict(found), "piracy": list(found.piracy)}


def _read(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a file with the numbers of their lines, counted from 1; empty lines are passed over."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(f"{path}: not UTF-8 ({error}); save it as UTF-8") from None
    entries = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
        except ValueError as error:
            raise RequestError(
                f"{path}:{number}: not JSON ({error}); write one object a line with test_case and answer"
            ) from None
        entries.append((number, entry))
    return entries


def _submission(entry: Any, by_name: dict[str, TestCase], place: str) -> Submission:
    """What one object asks to judge; `place` is its file and line."""
    for key in ("test_case", "answer"):
        if not isinstance(entry, dict) or not isinstance(entry.get(key), str):
            raise RequestError(f"{place}: no text under the key {key}; each line needs test_case and answer")
    name = entry["test_case"]
    if name not in by_name:
        raise RequestError(f"{place}: {name} is no test case of the suite{suggest(name, by_name)}")
    return Submission(entry["answer"], by_name[name])
