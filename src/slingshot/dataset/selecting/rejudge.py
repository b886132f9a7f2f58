"""Scores by our own judge in the place of recorded ones, kept as they come so that a stopped run goes on."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import sha256_of_text, write_text
from slingshot.judge import HarnessError, Judge, Submission, judge_many
from slingshot.suite import TestCase

Verdicts = dict[str, tuple[float | None, bool]]
"""By a hash of judge, test case, answer and the day whose rules hold: its score, None where it could not be judged, and whether it solves."""


def rejudged(
    recordings: pl.DataFrame,
    suite: Sequence[TestCase],
    by: Judge,
    store: Path,
    jobs: int | None = None,
    on_judged: Callable[[int, int], None] = lambda done, total: None,
) -> pl.DataFrame:
    """The recordings with `score` and `solved` as our judge has them; nothing else is changed.

    Args:
        recordings: the columns of recordings.
        suite: the test cases they answer.
        by: how to judge.
        store: a file of verdicts, one a line, that is read first and added to; it tells judges apart.
        jobs: answers under way at once.
        on_judged: called with the number of answers judged and of all.

    Raises:
        RequestError: a test case of the recordings is not in the suite.
        HarnessError: the judge itself failed.
    """
    cases = {case.name: case for case in suite}
    if missing := sorted(set(recordings["test_case"]) - cases.keys()):
        raise RequestError(f"--rejudge: no test case of the suite is called {missing[0]}; name its --suite")
    judge = sha256_of_text(json.dumps(by.description, sort_keys=True))
    stamps = {name: f"{judge}/{sha256_of_text(case.model_dump_json())}" for name, case in cases.items()}
    columns = recordings.select("test_case", "answer", "timestamp")
    submissions = [
        Submission(answer, cases[name], time[:8] if by.mode == "leaderboard" else "")
        for name, answer, time in columns.iter_rows()
    ]
    keys = [sha256_of_text(f"{stamps[s.test_case.name]}/{s.recorded_on}/{s.answer}") for s in submissions]
    known = _read(store)
    waiting = {key: work for key, work in zip(keys, submissions, strict=True) if key not in known}
    _judge(waiting, by, store, known, jobs, on_judged)
    return recordings.with_columns(
        score=pl.Series([known[key][0] for key in keys], dtype=pl.Float64),
        solved=pl.Series([known[key][1] for key in keys], dtype=pl.Boolean),
    )


def _judge(
    waiting: dict[str, Submission],
    by: Judge,
    store: Path,
    known: Verdicts,
    jobs: int | None,
    on_judged: Callable[[int, int], None],
) -> None:
    """Judge what is waiting; every verdict is in the store, and in `known`, before the next."""
    if not waiting:
        return
    store.parent.mkdir(parents=True, exist_ok=True)
    with store.open("a", encoding="utf-8") as file:
        keys, work = list(waiting), list(waiting.values())
        for done, (index, evaluation) in enumerate(judge_many(work, by, jobs), 1):
            if evaluation.failure == "harness_error":
                raise HarnessError(
                    f"the judge failed on an answer to {work[index].test_case.name}: {evaluation.detail};"
                    " run `slingshot doctor`, then the same command again to go on"
                )
            known[keys[index]] = evaluation.score, evaluation.solved
            line = {"key": keys[index], "score": evaluation.score, "solved": evaluation.solved}
            file.write(json.dumps(line) + "\n")
            file.flush()
            on_judged(done, len(work))


def _read(store: Path) -> Verdicts:
    """The verdicts in a store; a last line that a killed run left half is cut off."""
    if not store.exists():
        return {}
    text = store.read_text(encoding="utf-8")
    whole, _, half = text.rpartition("\n")
    if half:
        write_text(store, whole + "\n" if whole else "")
    verdicts: Verdicts = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            found: Any = json.loads(line)
            verdicts[found["key"]] = (found["score"], found["solved"])
        except (ValueError, KeyError, TypeError):
            raise SlingshotError(f"{store}:{number}: not a verdict; remove the file to judge anew") from None
    return verdicts
