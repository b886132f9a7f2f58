"""Recorded answers as they lie on disk: which test case, which model, what was found, if anything yet.

Two layouts are read. Ours is `TEST CASE/MODEL/…`; the public leaderboard's has a category before the test
case. A model's name may hold slashes, so neither is told by counting folders: the evaluation says the name
of its test case, and without one it is the part of the path that a test case of the suite is called.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slingshot.errors import SlingshotError
from slingshot.judge import Evaluation, Judge
from slingshot.judge.evaluation import score
from slingshot.models.conversation import Conversation
from slingshot.recordings.files import (
    ONE_SHOT,
    Sample,
    evaluation_path,
    parse_file_name,
    read_conversation,
)
from slingshot.suite import TestCase, bundled_suite, load_suite, with_variants


@dataclass(frozen=True)
class RecordedAnswer:
    """One answer on disk.

    Attributes:
        path: the conversation's file.
        test_case: what was asked.
        model: who answered.
        conversation: the messages and the answer.
        extra: what Slingshot recorded beyond the conversation (empty for the leaderboard's files).
        evaluation: what judging found, as the file says it; None if it was not judged yet.
    """

    path: Path
    test_case: TestCase
    model: str
    conversation: Conversation
    extra: Mapping[str, Any]
    evaluation: Mapping[str, Any] | None

    @property
    def sample(self) -> Sample:
        """Which answer it is."""
        name = parse_file_name(self.path.name)
        label, strategy = (name.prompt_label, name.strategy) if name else ("", ONE_SHOT)
        index, seed = self.extra.get("sample", 0), self.extra.get("seed")
        experiment = self.extra.get("experiment", "")
        return Sample(self.model, self.test_case.name, label, index, seed, strategy, experiment)

    @property
    def recorded_on(self) -> str:
        """The day it was recorded on, as `20240131`; empty if its file does not say."""
        name = parse_file_name(self.path.name)
        return name.timestamp[:8] if name else ""


def recorded_suite(folder: Path) -> list[TestCase]:
    """The test cases that lie among the recordings, as in a checkout of the leaderboard; else the bundled ones.

    Each is followed by its variants: they are recorded under names of their own.
    """
    lies_here = next(folder.rglob("definition.toml"), None)
    return with_variants(load_suite(folder if lies_here else bundled_suite()))


def read_answers(paths: Iterable[Path], folder: Path, suite: Sequence[TestCase]) -> list[RecordedAnswer]:
    """The recorded answers whose conversation files, all below `folder`, are given.

    Raises:
        SlingshotError: a file is broken or belongs to no test case of the suite.
    """
    by_name = {test_case.name: test_case for test_case in suite}
    return [_read_answer(path, folder, by_name) for path in paths]


def read_evaluation(path: Path) -> dict[str, Any]:
    """What judging found, from its file.

    Raises:
        SlingshotError: the file is cut short, or no JSON object.
    """
    return evaluation_from(path.read_bytes(), path)


def evaluation_from(content: bytes, path: Path) -> dict[str, Any]:
    """The same from a file's bytes, wherever they were kept; `path` is for errors.

    Raises:
        SlingshotError: the content is cut short, or no JSON object.
    """
    try:
        found = json.loads(content.decode())
    except ValueError as error:
        raise SlingshotError(
            f"{path}: not an evaluation ({error}); remove the file and judge again"
        ) from None
    if not isinstance(found, dict):
        raise SlingshotError(f"{path}: not an evaluation; remove the file and judge again")
    return found


def recorded_score(found: Mapping[str, Any], path: Path) -> float | None:
    """The points of an evaluation read from `path`, 0 to 100; None where it says that it could not be judged.

    Raises:
        SlingshotError: the evaluation lacks a field.
    """
    try:
        if found.get("slingshot", {}).get("failure") in ("unavailable", "harness_error"):
            return None
        tests, examples = found["unit_tests_count"], found["examples_count"]
        # Not executed means that neither tests nor examples ran: the leaderboard then counts 0 of n.
        return score(
            found["parsed"],
            found["executed"],
            found["unit_tests_passed"] / tests if tests else 0.0,
            found["examples_executed"] / examples if examples else 0.0,
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise _no_evaluation(path, error) from None


def _no_evaluation(path: Path, error: Exception) -> SlingshotError:
    return SlingshotError(
        f"{path}: not an evaluation ({type(error).__name__}: {error}); remove the file and judge again"
    )


def recorded_evaluation(found: Mapping[str, Any], path: Path) -> Evaluation:
    """What judging found, as an evaluation of ours, read from `path`, says it.

    Raises:
        SlingshotError: the evaluation lacks a field.
    """
    try:
        beyond = found["slingshot"]
        return Evaluation(
            parsed=found["parsed"],
            executed=found["executed"],
            unit_tests_passed=found["unit_tests_passed"],
            unit_tests_count=found["unit_tests_count"],
            examples_executed=found["examples_executed"],
            examples_count=found["examples_count"],
            failure=beyond["failure"],
            detail=beyond["detail"],
            seconds=beyond["judge_seconds"],
            line=beyond["line"],
            piracy=tuple(beyond["piracy"]),
        )
    except (KeyError, TypeError) as error:
        raise _no_evaluation(path, error) from None


def judged_by(evaluation: Mapping[str, Any], by: Judge) -> bool:
    """Whether this very judge made an evaluation: the same mode, Julia, sandbox and limits."""
    beyond = evaluation.get("slingshot", {})
    return {key: beyond.get(key) for key in by.description} == by.description


def _read_answer(path: Path, folder: Path, by_name: Mapping[str, TestCase]) -> RecordedAnswer:
    conversation, extra = read_conversation(path)
    file = evaluation_path(path)
    evaluation = read_evaluation(file) if file.exists() else None
    parts = path.relative_to(folder).parts[:-1]
    # Inside a single test case's or model's folder the path alone says nothing: then its evaluation does.
    on_path = next((part for part in parts if part in by_name), parts[0] if parts else "")
    name = (evaluation or {}).get("name") or on_path
    if name not in by_name:
        raise SlingshotError(
            f"{path}: no test case of the suite is called {name}; judge with its own suite (--suite)"
        )
    model = (evaluation or {}).get("model") or extra.get("model")
    if not model:
        model = "/".join(parts[parts.index(name) + 1 :] if name in parts else parts)
    return RecordedAnswer(path, by_name[name], model, conversation, extra, evaluation)
