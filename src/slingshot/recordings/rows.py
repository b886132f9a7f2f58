"""Recordings' files as the rows of a frame: both files read, checked, and put into columns."""

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from slingshot.recordings.answers import recorded_score
from slingshot.recordings.fields import (
    check_tokens,
    field_values,
    optional_number,
    optional_text,
    refuse_constant,
)
from slingshot.recordings.files import ROLES, hash_of_messages
from slingshot.recordings.problems import BROKEN, Problem, broken
from slingshot.recordings.scan import conversation_of, path_below

SCHEMA: dict[str, Any] = {
    "model": pl.String,
    "test_case": pl.String,
    "prompt_label": pl.String,
    "sample": pl.Int64,
    "seed": pl.Int64,
    "strategy": pl.String,
    "experiment": pl.String,
    "parameters": pl.String,
    "prompt_hash": pl.String,
    "prompt": pl.String,
    "answer": pl.String,
    "answer_hash": pl.UInt64,
    "parsed": pl.Boolean,
    "executed": pl.Boolean,
    "unit_tests_passed": pl.Int64,
    "unit_tests_count": pl.Int64,
    "examples_executed": pl.Int64,
    "examples_count": pl.Int64,
    "score": pl.Float64,
    "solved": pl.Boolean,
    "failure": pl.String,
    "detail": pl.String,
    "finish_reason": pl.String,
    "tokens_prompt": pl.Int64,
    "tokens_answer": pl.Int64,
    "elapsed_seconds": pl.Float64,
    "cost_usd": pl.Float64,
    "device": pl.String,
    "schema": pl.String,
    "served": pl.String,
    "version_prompt": pl.String,
    "version_pt": pl.String,
    "judge": pl.String,
    "form": pl.String,
    "timestamp": pl.String,
    "path": pl.String,
}
# The size and the time of both files of a recording, see `Scan`.
STAMPS: dict[str, Any] = {
    "evaluation_size": pl.Int64,
    "evaluation_time": pl.Int64,
    "conversation_size": pl.Int64,
    "conversation_time": pl.Int64,
}
# What a judge's description says (`Judge.description`), beside every evaluation of ours.
JUDGE_KEYS = ("judge", "mode", "julia", "sandbox", "timeout", "memory", "packages")
# What a local model's answers say of the file that was served, and of how many were under way at once.
FORM_KEYS = ("quantization", "file_bytes", "bits_per_weight", "model_sha256", "concurrency")
_AT_ONCE = 2000
_CHECKED = Path()  # for errors about fields that were checked before
_ROLE_OF = {name: role for role, name in ROLES.items()}
_READING = os.O_RDONLY | os.O_CLOEXEC

Prompts = dict[tuple[tuple[str, Any], ...], tuple[str, str]]
"""By roles and contents of the messages sent: their hash, and the first user message among them."""
Said = tuple[str, str, str, int | None, int | None, str | None, list[int] | None]
"""Of a conversation: hash of its messages, prompt, answer, sample, seed, finish reason, tokens."""


def read_rows(folder: Path, evaluations: Iterable[str]) -> tuple[pl.DataFrame, list[Problem]]:
    """Read recordings into a frame with the columns of `SCHEMA` and `STAMPS`, `path` relative to `folder`.

    Args:
        folder: of recordings.
        evaluations: the path of each evaluation relative to it, as text.

    Returns:
        The frame, rows in the given order, and what is wrong with the recordings that are not in it.
    """
    frames, rows, problems = list[pl.DataFrame](), list[tuple[Any, ...]](), list[Problem]()
    prompts: Prompts = {}
    root = path_below(folder, "")
    for name in evaluations:
        if len(rows) == _AT_ONCE:  # a frame needs less memory than texts one by one
            frames.append(frame_of(rows, SCHEMA | STAMPS))
            rows = []
        path = root + conversation_of(name)
        try:
            content, conversation_stamp = read_file(path)
            said = take_conversation(parse(content), prompts)
            path = root + name
            content, stamp = read_file(path)
            rows.append(make_row(parse(content), said, name) + stamp + conversation_stamp)
        except (OSError, *BROKEN) as error:
            problems.append(broken(Path(path), error))
    return pl.concat([*frames, frame_of(rows, SCHEMA | STAMPS)]), problems


def read_file(path: str) -> tuple[bytes, tuple[int, int]]:
    """A file's bytes, its size and its time, in as few system calls as possible."""
    descriptor = os.open(path, _READING)
    try:
        status = os.fstat(descriptor)
        size = status.st_size
        content = os.read(descriptor, size + 1)
    finally:
        os.close(descriptor)
    if len(content) != size:  # written to in between
        content = Path(path).read_bytes()
    return content, (size, status.st_mtime_ns)


def parse(content: bytes) -> Any:
    """The value of a JSON text. What the fast parser refuses, half characters above all, the slow one may take."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(content.decode(), parse_constant=refuse_constant)


def take_conversation(messages: Any, prompts: Prompts) -> Said:
    """What the frame takes from a conversation; `read_conversation` says the same of it.

    Args:
        messages: the content of the file.
        prompts: what was hashed before; what is hashed now is added.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: it is no conversation.
    """
    last = len(messages) - 1
    while last >= 0 and messages[last]["_type"] != "aimessage":
        last -= 1
    if last < 0:
        raise ValueError("there is no answer in it")
    sent = tuple([(m["_type"], m["content"]) for m in messages[:last] if m["_type"] in _ROLE_OF])
    # Few prompts have many answers, so that messages are hashed once, unless there are answers among them.
    asked = prompts.get(sent)
    if asked is None:
        asked = _asked(sent)
        if len(sent) <= 2:
            prompts[sent] = asked
    answer = messages[last]
    content, tokens, beyond = answer["content"], answer.get("tokens"), answer.get("slingshot", {})
    if type(content) is not str:
        raise TypeError(f"the answer is {content!r:.60}, not text")
    if tokens:
        check_tokens(tokens)
    sample = optional_number("sample", beyond.get("sample"))
    seed = optional_number("seed", beyond.get("seed"))
    reason = optional_text("finish_reason", answer.get("finish_reason"))
    return *asked, content, sample, seed, reason, tokens


def _asked(sent: Sequence[tuple[str, Any]]) -> tuple[str, str]:
    """The hash of messages, and the first user message among them."""
    for kind, content in sent:
        if not isinstance(content, str):
            raise TypeError(f"the content of a {kind} is {content!r:.60}, not text")
    messages = [{"role": _ROLE_OF[kind], "content": content} for kind, content in sent]
    first = next((message["content"] for message in messages if message["role"] == "user"), "")
    return hash_of_messages(messages), first


def make_row(found: Any, said: Said, path: str) -> tuple[Any, ...]:
    """One row in the order of `SCHEMA`.

    Args:
        found: the content of the evaluation's file.
        said: see `take_conversation`.
        path: for the column of that name.

    Raises:
        ValueError, KeyError, TypeError, OverflowError: it is no evaluation.
    """
    (
        test_case, parsed, executed, tests, examples, passed, run, tokens, elapsed, cost, model, timestamp,
        strategy, label, device, version_prompt, schema, version_pt, parameters, experiment,
    ) = field_values(found)  # fmt: skip
    prompt_hash, prompt, answer, sample, seed, reason, tokens_said = said
    beyond = found.get("slingshot", {})
    if type(beyond) is not dict:
        raise TypeError(f"slingshot is {beyond!r:.60}, not an object")
    failure = detail = served = None
    judge = form = "{}"
    if beyond:
        failure = optional_text("failure", beyond.get("failure"))
        detail = optional_text("detail", beyond.get("detail"))
        served = optional_text("served", beyond.get("served"))
        judge = json.dumps({key: beyond[key] for key in JUDGE_KEYS if key in beyond})
        form = json.dumps({key: beyond[key] for key in FORM_KEYS if key in beyond})
    tokens_prompt, tokens_answer = tokens_said or tokens
    return (
        model, test_case, label, sample, seed, strategy, experiment,
        json.dumps(parameters, sort_keys=True) if parameters else "{}",
        prompt_hash, prompt, answer, hash_of_answer(answer),
        parsed, executed, passed, tests, run, examples,
        recorded_score(found, _CHECKED), executed and passed == tests,
        failure, detail, reason, tokens_prompt, tokens_answer, float(elapsed), float(cost),
        device, schema, served, version_prompt, version_pt, judge, form, timestamp, path,
    )  # fmt: skip


def hash_of_answer(answer: str) -> int:
    """The first 64 bits of the SHA-256 of an answer's text: to count distinct answers without their texts.

    Two of a cell's million different answers have the same one once in 37 million such cells.
    """
    return int.from_bytes(hashlib.sha256(answer.encode(errors="replace")).digest()[:8])


def frame_of(rows: Sequence[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    """Rows in the order of a schema's columns as a frame."""
    columns = dict(zip(schema, zip(*rows, strict=True) if rows else [()] * len(schema), strict=True))
    try:
        return pl.DataFrame(columns, schema=schema)
    except UnicodeEncodeError:  # half characters, which no frame can hold
        whole = {name: list(map(_whole, column)) for name, column in columns.items()}
        return pl.DataFrame(whole, schema=schema)


def _whole(value: Any) -> Any:
    """A value with a question mark for half a character."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else value
