"""What rows are checked against: suites, datasets and recordings, each as test cases that must stay unseen."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from slingshot.dataset.files import Row
from slingshot.dataset.formats import read_dataset
from slingshot.dataset.overlap.targets import Target, targets_of_suite
from slingshot.dataset.overlap.telling import words
from slingshot.errors import RequestError
from slingshot.judge import extract_code
from slingshot.recordings.load import Loaded, read_recordings
from slingshot.recordings.problems import Problem
from slingshot.recordings.scan import PACKED
from slingshot.suite import TestCase, as_answer, load_suite


def is_suite(path: Path) -> bool:
    """Whether there are definitions of test cases below a folder that is no dataset."""
    return _has(path, "definition.toml") and not (path / "train.jsonl").exists()


def targets_at(path: Path) -> tuple[list[Target], Sequence[Problem]]:
    """The test cases that a suite, a dataset's file or folder, or a folder of recordings holds.

    Definitions and recordings may lie in one folder, as in a checkout of the leaderboard. The second value is
    what could not be read, and so cannot be compared with.

    Raises:
        RequestError: it is none of these.
    """
    if not path.exists():
        raise RequestError(f"{path}: there is no such file or folder to compare with; name another")
    is_dataset = path.is_file() or (path / "train.jsonl").exists()
    recorded = not is_dataset and (_has(path, "evaluation__*.json") or _has(path, PACKED))
    defined = not is_dataset and is_suite(path)
    if not recorded and not defined:
        read = read_dataset(path)
        return [
            target for rows in read.splits.values() for target in targets_of_rows(rows, path)
        ], read.problems
    loaded = read_recordings(path) if recorded else Loaded(pl.DataFrame(), (), 0)
    answers, prompts = _by_test_case(loaded.frame, "answer"), _by_test_case(loaded.frame, "prompt")
    targets = [
        replace(target, prompts=[*target.prompts, *prompts.get(target.name, ())])
        for target in targets_of_suite(load_suite(path) if defined else [], answers)
    ]
    names = {target.name for target in targets}
    targets += [
        Target(name, path, prompts[name], [extract_code(answer) for answer in answers[name]])
        for name in sorted(answers.keys() - names)
    ]
    return targets, loaded.problems


def targets_of_rows(rows: Sequence[Row], place: Path) -> list[Target]:
    """Rows as test cases: those of one name together, and without a name those that ask the same."""
    groups: dict[str, list[Row]] = {}
    names: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        name = row.test_case or names.setdefault(" ".join(words(_question(row))), f"row {number}")
        groups.setdefault(name, []).append(row)
    return [
        Target(name, place, list(map(_question, group)), [extract_code(row.answer) for row in group])
        for name, group in groups.items()
    ]


def rows_of_suite(cases: Sequence[TestCase]) -> list[tuple[Path, Row]]:
    """All that a suite says, as rows with the files that hold it, to be checked like a dataset's.

    They name no test case: a suite must not hold what is published even under the same name.
    """
    rows = []
    for case in cases:
        tests = as_answer("\n\n".join([*case.examples, *case.unit_tests]))
        question = {"role": "user", "content": f"{case.prompt}\n\n{tests}"}
        answer = {"role": "assistant", "content": as_answer(case.reference_solution)}
        rows.append((case.folder / "definition.toml", Row([question, answer])))
        for name, code in case.solutions().items():
            answer = {"role": "assistant", "content": as_answer(code)}
            rows.append((case.folder / "solutions" / f"{name}.jl", Row([answer])))
    return rows


def _question(row: Row) -> str:
    return "\n".join(str(message["content"]) for message in row.messages[:-1] if message["role"] == "user")


def _has(folder: Path, pattern: str) -> bool:
    return next(folder.rglob(pattern), None) is not None


def _by_test_case(frame: pl.DataFrame, column: str) -> dict[str, list[str]]:
    """The distinct texts of a column, by test case; none of an empty frame."""
    if frame.is_empty():
        return {}
    texts = frame.select("test_case", column).unique(maintain_order=True)
    return {
        name: part[column].to_list() for (name,), part in texts.group_by("test_case", maintain_order=True)
    }
