"""A recording as a row: its messages, checked, since what is wrong in them would be learned."""

import json
from pathlib import Path
from typing import Any

import orjson

from slingshot.dataset.files import Row
from slingshot.recordings.files import ROLES
from slingshot.recordings.packed import file_content
from slingshot.recordings.problems import Problem

_ROLE_OF = {name: role for role, name in ROLES.items()}


def conversation_of(evaluation: str) -> Path:
    """The conversation that belongs to an evaluation's file."""
    path = Path(evaluation)
    return path.with_name(path.name.replace("evaluation__", "conversation__", 1))


def recorded_messages(path: Path) -> list[dict[str, str]] | Problem:
    """The messages of a recorded conversation, the last one the answer; or what is wrong with them."""
    try:
        content = _parse(file_content(path))
        last = max(place for place, message in enumerate(content) if message["_type"] == "aimessage")
        messages = [(message["_type"], message["content"]) for message in content[: last + 1]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Problem(path, f"{path}: not a conversation ({type(error).__name__}: {error}); remove it")
    if fault := _fault(messages):
        return Problem(path, f"{path}: {fault}; mend or remove the recording")
    return [{"role": _ROLE_OF[kind], "content": text} for kind, text in messages]


def recorded_row(messages: list[dict[str, str]], recording: dict[str, Any], licence: str) -> Row:
    """The row of a recording; `recording` is its row in the frame of recordings."""
    return Row(
        messages,
        test_case=recording["test_case"],
        prompt_label=recording["prompt_label"],
        source=recording["model"],
        licence=licence,
    )


def _fault(messages: list[tuple[str, Any]]) -> str:
    """What is wrong with messages that end with the answer: one clause, empty if nothing."""
    expected = ["systemmessage", "usermessage"]
    for number, (kind, text) in enumerate(messages, 1):
        if kind not in _ROLE_OF:
            return f"message {number} has the unknown role {kind!r}"
        if kind not in expected:
            return f"message {number}, {kind}, stands where {' or '.join(expected)} was expected"
        if not isinstance(text, str):
            return f"the content of message {number} is no text"
        if not text.strip() and kind != "systemmessage":
            return f"message {number}, {kind}, is empty"
        expected = ["aimessage"] if kind == "usermessage" else ["usermessage"]
    return ""


def _parse(content: bytes) -> Any:
    """The value of a JSON text; half characters, which the fast parser refuses, become question marks."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(json.dumps(json.loads(content)).encode(errors="replace"))
