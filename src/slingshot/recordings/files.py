"""Recordings on disk: the leaderboard's pair of files for every answer, field for field.

`FOLDER/TEST CASE/MODEL/conversation__LABEL__STRATEGY__TIMESTAMP.json` holds the messages,
`evaluation__…json` what judging found. What Slingshot knows beyond the leaderboard's twenty fields
stands in one extra key, `slingshot`. The conversation is written when the answer arrives, the
evaluation when it has been judged: a conversation without an evaluation waits to be judged.
"""

import json
import platform
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import slingshot
from slingshot.errors import SlingshotError
from slingshot.files import sha256_of_text, write_json, write_new_json
from slingshot.judge.evaluation import Evaluation
from slingshot.models.conversation import Conversation
from slingshot.suite import TestCase

ONE_SHOT = (
    "1SHOT"  # the strategy of a single question; others, such as `1CODEFIXER__NAME`, have an `__` inside
)
# The other fields of a message by its role. An answer that was corrected later has no figures of its own: the last
# one's are those of all rounds, and PromptingTools writes -1 for unknown.
_KINDS: dict[str, dict[str, Any]] = {
    "system": {"variables": [], "_type": "systemmessage"},
    "user": {"variables": [], "_type": "usermessage"},
    "assistant": {"status": 200, "tokens": [-1, -1], "elapsed": -1.0, "_type": "aimessage"},
}
ROLES = {role: kind["_type"] for role, kind in _KINDS.items()}
# The fields of an evaluation that judging finds; the others say who was asked what, when, and how.
FINDINGS = (
    "parsed",
    "executed",
    "unit_tests_count",
    "examples_count",
    "unit_tests_passed",
    "examples_executed",
)


# What a conversation says of itself that has a field of its own in the evaluation.
_OWN_FIELDS = ("model", "strategy", "experiment", "parameters", "device", "schema", "cost_usd")
_FILE_NAME = re.compile(
    r"(?:conversation|evaluation)__(?P<label>.+?)__(?P<strategy>.+)__(?P<timestamp>\d{8}_\d{6}(?:__\d+)?)\.json"
)


@dataclass(frozen=True)
class Sample:
    """Which answer a recording is.

    Attributes:
        model: who answers.
        test_case: what is asked; with the prompt label it is the cell.
        prompt_label: how it is asked.
        index: the number of the answer within its cell, from 0.
        seed: of its sampling.
        strategy: `1SHOT`, or `1CODEFIXER__NAME` where the model may correct itself.
        experiment: the name of the experiment it belongs to; empty for a plain benchmark.
    """

    model: str
    test_case: str
    prompt_label: str
    index: int
    seed: int | None = None
    strategy: str = ONE_SHOT
    experiment: str = ""


class FileName(NamedTuple):
    """What the name of a recording's file says."""

    prompt_label: str
    strategy: str
    timestamp: str


def parse_file_name(name: str) -> FileName | None:
    """The parts of the name of an evaluation or a conversation file; None if it is no such name."""
    found = _FILE_NAME.fullmatch(name)
    return FileName(found["label"], found["strategy"], found["timestamp"]) if found else None


def hash_of_messages(messages: Sequence[Mapping[str, str]]) -> str:
    """Sixteen hex digits that name the very messages sent to a model, roles and all."""
    text = json.dumps([[message["role"], message["content"]] for message in messages])
    return sha256_of_text(text)[:16]


def recording_path(folder: Path, sample: Sample, timestamp: str) -> Path:
    """The path of a sample's conversation file.

    Raises:
        SlingshotError: the model's name would lead out of the folder.
    """
    model = PurePosixPath(sample.model)
    if not model.parts or model.is_absolute() or ".." in model.parts:
        raise SlingshotError(
            f"{folder}: no folder below it can be called after the model {sample.model!r}; rename it"
        )
    name = f"conversation__{sample.prompt_label}__{sample.strategy}__{timestamp}.json"
    return folder / sample.test_case / sample.model / name


def evaluation_path(conversation_path: Path) -> Path:
    """The path of the evaluation that belongs to a conversation file."""
    return conversation_path.with_name(conversation_path.name.replace("conversation__", "evaluation__", 1))


def write_conversation(
    folder: Path, sample: Sample, conversation: Conversation, extra: dict[str, Any] | None = None
) -> Path:
    """Write an answer as it arrives; return the file's path.

    The leaderboard's timestamp ends in three digits, 100 to 999, that keep names of one second apart.
    `extra` goes into the key `slingshot` beside the sample itself, see `conversation_record`.
    """
    second = datetime.now().strftime("%Y%m%d_%H%M%S")
    record = conversation_record(sample, conversation, extra)
    for offset in range(900):
        path = recording_path(folder, sample, f"{second}__{100 + (sample.index + offset) % 900}")
        if not path.exists() and write_new_json(path, record):  # other threads write answers, too
            return path
    raise SlingshotError(f"{path.parent}: 900 answers within one second; wait a second and run again")


def about_sample(sample: Sample) -> dict[str, Any]:
    """What a conversation says of the sample it is, in its key `slingshot`."""
    about: dict[str, Any] = {"sample": sample.index, "seed": sample.seed, "model": sample.model}
    about |= {"strategy": sample.strategy} if sample.strategy != ONE_SHOT else {}
    return about | ({"experiment": sample.experiment} if sample.experiment else {})


def conversation_record(
    sample: Sample, conversation: Conversation, extra: dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """The leaderboard's list of messages, the last one the answer with tokens, seconds and status.

    The answer's extra key `slingshot` says which sample it is, and what `extra` holds: the sampling's
    `parameters`, the `device` it ran on, `cost_usd` if known, the model file's hash, and more.
    """
    messages = [{"content": m["content"], **_KINDS[m["role"]]} for m in conversation.messages]
    answer = {
        "content": conversation.answer,
        "status": conversation.status,
        "tokens": list(conversation.tokens),
        "elapsed": conversation.elapsed,
        "finish_reason": conversation.finish_reason,
        "_type": "aimessage",
        "slingshot": {**about_sample(sample), **(extra or {})},
    }
    return [*messages, answer]


def read_conversation(path: Path) -> tuple[Conversation, dict[str, Any]]:
    """Read a conversation file: the conversation and its `slingshot` key (empty when absent).

    Raises:
        SlingshotError: the file is cut short or has no answer in it.
    """
    return conversation_from(path.read_bytes(), path)


def conversation_from(content: bytes, path: Path) -> tuple[Conversation, dict[str, Any]]:
    """The same from a file's bytes, wherever they were kept; `path` is for errors.

    Raises:
        SlingshotError: the content is cut short or has no answer in it.
    """
    try:
        messages = json.loads(content.decode())
        last = max(index for index, m in enumerate(messages) if m["_type"] == "aimessage")
        answer, asked = messages[last], {name: role for role, name in ROLES.items()}
        return (
            Conversation(
                messages=[
                    {"role": asked[m["_type"]], "content": m["content"]}
                    for m in messages[:last]
                    if m["_type"] in asked
                ],
                answer=answer["content"].encode(errors="replace").decode(),  # no half characters beyond here
                tokens=tuple((answer.get("tokens") or (0, 0))[:2]),
                elapsed=answer.get("elapsed") or 0.0,
                finish_reason=answer.get("finish_reason"),
                status=answer.get("status") or 200,
            ),
            answer.get("slingshot", {}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SlingshotError(
            f"{path}: not a conversation ({type(error).__name__}: {error}); remove the file and run again"
        ) from None


def write_evaluation(
    conversation_path: Path,
    test_case: TestCase,
    sample: Sample,
    conversation: Conversation,
    evaluation: Evaluation,
    about: Mapping[str, Any] | None = None,
    judge: Mapping[str, Any] | None = None,
    earlier: Mapping[str, Any] | None = None,
) -> Path:
    """Write what judging found beside its conversation; return the file's path.

    `about` is what the conversation's key `slingshot` says; `judge` describes who judged. `earlier` is what
    the file holds already, from another judge: then only the findings are replaced. The leaderboard's own,
    which have no `slingshot` key, are kept there as `recorded`.
    """
    name, about = parse_file_name(conversation_path.name), about or {}
    path = evaluation_path(conversation_path)
    beyond: dict[str, Any] = {key: value for key, value in about.items() if key not in _OWN_FIELDS}
    beyond |= {
        "sample": sample.index,
        "seed": sample.seed,
        "finish_reason": conversation.finish_reason,
        "failure": evaluation.failure,
        "detail": evaluation.detail,
        "line": evaluation.line,
        "piracy": list(evaluation.piracy),
        "judge_seconds": round(evaluation.seconds, 3),
    }
    if earlier and "slingshot" not in earlier:
        beyond["recorded"] = {key: earlier.get(key) for key in FINDINGS}
    record: dict[str, Any] = {
        "name": test_case.name,
        "parsed": evaluation.parsed,
        "executed": evaluation.executed,
        "unit_tests_count": evaluation.unit_tests_count,
        "examples_count": evaluation.examples_count,
        "unit_tests_passed": evaluation.unit_tests_passed,
        "examples_executed": evaluation.examples_executed,
        "tokens": list(conversation.tokens),
        "elapsed_seconds": conversation.elapsed,
        "cost": about.get("cost_usd") or 0.0,  # the leaderboard's way to say unknown
        "model": sample.model,
        "timestamp": name.timestamp if name else "",
        "prompt_strategy": sample.strategy,
        "prompt_label": sample.prompt_label,
        "device": about.get("device") or platform.machine(),
        "version_prompt": test_case.version,
        "schema": about.get("schema") or "OpenAI",
        "version_pt": f"slingshot {slingshot.__version__}",
        "parameters": about.get("parameters") or {},
        "experiment": sample.experiment,
    }
    kept = {key: value for key, value in (earlier or {}).items() if key not in FINDINGS}
    record |= kept | {"version_prompt": test_case.version}
    record["slingshot"] = {**kept.get("slingshot", {}), **beyond, **(judge or {})}
    write_json(path, record, indent=None)
    return path


def conversation_files(folder: Path) -> Iterator[Path]:
    """All conversation files below `folder`, in the order of their paths."""
    yield from sorted(folder.rglob("conversation__*.json"))
