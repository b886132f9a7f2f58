"""What an earlier run has recorded already, so that nothing is asked twice and nothing unlike is mixed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slingshot.benchmark.plan import Question
from slingshot.errors import RequestError
from slingshot.models import Conversation
from slingshot.recordings.files import (
    ONE_SHOT,
    Sample,
    conversation_files,
    hash_of_messages,
    parse_file_name,
    read_conversation,
)
from slingshot.recordings.packed import refuse_packed

Place = tuple[str, str, str, int, str, str]
"""Model, test case, prompt label, number of the sample, strategy, experiment."""


@dataclass(frozen=True)
class Found:
    """A conversation on disk, and what it says of itself."""

    path: Path
    conversation: Conversation
    about: Mapping[str, Any]


def place_of(sample: Sample) -> Place:
    """Where a sample stands among all answers."""
    return (
        sample.model,
        sample.test_case,
        sample.prompt_label,
        sample.index,
        sample.strategy,
        sample.experiment,
    )


def recorded_before(folder: Path, models: Iterable[str]) -> dict[Place, Found]:
    """All conversations of these models that were recorded below `folder`.

    Raises:
        RequestError: recordings are packed there.
        SlingshotError: a file is cut short or has no answer in it.
    """
    refuse_packed(folder, "going on with a benchmark")
    wanted, there = set(models), dict[Place, Found]()
    for path in conversation_files(folder):
        conversation, about = read_conversation(path)
        name = parse_file_name(path.name)
        if name is None or about.get("model") not in wanted:
            continue
        test_case = path.relative_to(folder).parts[0]
        place = (
            about["model"],
            test_case,
            name.prompt_label,
            about["sample"],
            name.strategy,
            about.get("experiment", ""),
        )
        there[place] = Found(path, conversation, about)
    return there


def check_alike(found: Found, question: Question, about: Mapping[str, Any]) -> None:
    """Check that an answer on disk is one to this very question.

    Args:
        found: the answer on disk.
        question: what is asked now.
        about: what is known of the model that is asked now.

    Raises:
        RequestError: it was drawn or asked differently, or another file of that name answered.
    """
    sample = question.sample
    before, now = found.about.get("parameters") or {}, question.sampling.parameters
    differences = [
        f"{name} {_words(before.get(name))} instead of {_words(now.get(name))}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    ]
    if found.about.get("seed") is not None and found.about["seed"] != sample.seed:
        differences.append("another seed")
    # Later rounds of a correction hold earlier answers, which may be others.
    if sample.strategy == ONE_SHOT and hash_of_messages(found.conversation.messages) != question.prompt_hash:
        differences.append("another prompt")
    if found.about.get("model_sha256") != about.get("model_sha256"):
        differences.append("another file of that model")
    if differences:
        raise RequestError(
            f"{found.path}: this answer of {sample.model} was recorded with {', '.join(differences)}; choose another"
            " folder with --out, or set the new answers apart with --experiment NAME"
        )


def _words(value: Any) -> str:
    return "unset" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
