"""Saving a conversation and loading it again, in the files of PromptingTools.jl.

A file is the list of messages that `save_conversation` of PromptingTools writes and its `load_conversation` reads.
What else is known (where the conversation is from, who answered, under which licence) stands at the end of the file,
in the last message's key `slingshot`, as in recordings; PromptingTools passes over it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from slingshot.dataset.files import MESSAGE_KEYS, SHAREGPT_KEYS, Fault, conversation_row, shown
from slingshot.dataset.json_files import Record, records, whole_value
from slingshot.errors import RequestError, suggest
from slingshot.files import write_json
from slingshot.recordings.files import ROLES
from slingshot.recordings.problems import Problem

_OWN = "slingshot"
_TO_ROLE = {kind: role for role, kind in ROLES.items()}
# Messages about a conversation, which are sent to no model.
_ABOUT_KINDS = ("metadatamessage", "annotationmessage")
# What PromptingTools needs in a message, and reads as nothing known.
_FILLED: dict[str, dict[str, Any]] = {
    "system": {"variables": []},
    "user": {"variables": []},
    "assistant": {"status": 200, "tokens": [-1, -1], "elapsed": -1.0},
}


@dataclass(frozen=True)
class SavedConversation:
    """A conversation's file.

    Attributes:
        messages: each with `role` (system, user or assistant), `content`, and what else the file says of it.
        about: what is known of the whole, such as `topic`, `source`, `model` and `licence`.
    """

    messages: list[dict[str, Any]]
    about: dict[str, Any] = field(default_factory=dict)


class Found(NamedTuple):
    """A conversation in a file: its place (the file, or file and line), its messages, and what is said of it."""

    place: str
    messages: list[dict[str, Any]]
    about: dict[str, Any]


def save_conversation(path: Path | str, messages: Iterable[Any], /, **about: Any) -> Path:
    """Write a conversation's file, whole or not at all; return its path.

    Args:
        path: of the file, which is replaced.
        messages: as the `openai` client takes and gives them: dictionaries or its own message objects. Of content
            in parts the text parts are kept, one below the other. Other keys of a message are kept too.
        about: what is known of the conversation, such as `topic`, `source`, `model` and `licence`; JSON values.

    Raises:
        RequestError: there is no message, one has another role or no text, or something is no JSON value.
        SlingshotError: the file cannot be written.
    """
    path = Path(path)
    written = [_written(number, message) for number, message in enumerate(messages, 1)]
    if not written:
        raise RequestError(f"{path}: there is no message to save; give at least one")
    own = written[-1].pop(_OWN, {})
    known = {**own, **about} if isinstance(own, dict) else about
    if known:
        written[-1][_OWN] = known
    try:
        json.dumps(written, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestError(
            f"{path}: not all of it can be written as JSON ({error}); give texts and numbers"
        ) from None
    write_json(path, written)
    return path


def load_conversation(path: Path | str) -> list[dict[str, Any]]:
    """The messages of a file, ready for the `openai` client: see `SavedConversation`.

    Raises:
        RequestError: as `open_conversation` does.
    """
    return open_conversation(path).messages


def open_conversation(path: Path | str) -> SavedConversation:
    """The messages of a file, and what it says about them.

    Keys that PromptingTools fills in where it knows nothing are left out, so that a conversation which was saved is
    loaded as it was. Metadata and annotation messages are no messages; what metadata says is part of `about`.

    Raises:
        RequestError: the file is missing or no such list of messages; the message is named.
    """
    path = Path(path)
    if not path.exists():
        raise RequestError(f"{path}: there is no such file; name a conversation")
    whole = whole_value(path)
    if isinstance(whole, Problem):
        raise RequestError(whole.sentence)
    content = whole.value
    if not isinstance(content, list):
        raise RequestError(f"{path}: a conversation is a list of messages; this file holds something else")
    messages, about = list[dict[str, Any]](), dict[str, Any]()
    for number, message in enumerate(content, 1):
        place = f"{path}: message {number}"
        kind = message.get("_type") if isinstance(message, dict) else None
        if not isinstance(kind, str):
            raise RequestError(f"{place} has no _type; write one of {', '.join(_TO_ROLE)}")
        if kind == "metadatamessage":
            about |= {key: message[key] for key in ("description", "source") if message.get(key)}
        if kind in _ABOUT_KINDS:
            continue
        if kind not in _TO_ROLE:
            raise RequestError(f"{place} has the _type {shown(kind)}{suggest(kind, _TO_ROLE)}")
        if not isinstance(message.get("content"), str):
            raise RequestError(f"{place} has no text as its content; write one")
        messages.append(_read(_TO_ROLE[kind], message))
    if not messages:
        raise RequestError(f"{path}: there is no message in it; save the conversation again")
    if isinstance(messages[-1].get(_OWN), dict):
        about |= messages[-1].pop(_OWN)
    return SavedConversation(messages, about)


def conversations_in(path: Path) -> Iterator[Found | Problem]:
    """The conversations in a file of any form, and what is wrong with others.

    A file holds one conversation (PromptingTools' list, a list of `role` and `content`, or one object) or several
    objects, one a line or in one array, with a list under `messages` or `conversations` (ShareGPT). In a row of a
    dataset `source` is who answered: in `about` that is `model`.

    Raises:
        RequestError: the file is missing or may not be read.
    """
    if path.suffix == ".json" and isinstance(whole := whole_value(path), Record):
        value = whole.value
        if _is_list_with(value, "_type"):
            try:
                saved = open_conversation(path)
                yield Found(str(path), saved.messages, saved.about)
            except RequestError as error:
                yield Problem(path, str(error))
            return
        if isinstance(value, dict) or _is_list_with(value, "role"):
            yield _found(path, str(path), value if isinstance(value, dict) else {"messages": value})
            return
    for item in records(path):
        yield item if isinstance(item, Problem) else _found(path, item.place, item.value)


def _is_list_with(value: Any, key: str) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(m, dict) and key in m for m in value)


def _found(path: Path, place: str, value: Any) -> Found | Problem:
    """The conversation that an object holds."""
    key = next(
        (key for key in ("messages", "conversations") if isinstance(value, dict) and key in value), None
    )
    if key is None:
        return Problem(
            path, f"{place}: no conversation; write it as a list under `messages` or `conversations`"
        )
    try:
        if key == "messages" and isinstance(value[key], list):
            value = {**value, key: [plain_message(n, message) for n, message in enumerate(value[key], 1)]}
        row = conversation_row(value, key, MESSAGE_KEYS if key == "messages" else SHAREGPT_KEYS)
    except (Fault, RequestError) as fault:
        return Problem(path, f"{place}: {fault}")
    own = row.messages[-1].pop(_OWN, {}) if row.messages else {}
    known = {
        "model": row.source,
        "licence": row.licence,
        "test_case": row.test_case,
        "prompt_label": row.prompt_label,
    }
    about = {**row.beyond, **own} if isinstance(own, dict) else row.beyond
    return Found(place, row.messages, {**about, **{key: text for key, text in known.items() if text}})


def plain_message(number: int, message: Any) -> dict[str, Any]:
    """A message with a known role and a text as content, from a dictionary or an object of the `openai` client.

    Raises:
        RequestError: it is neither, or has another role or other content; it is named by its number, from 1.
    """
    if hasattr(message, "model_dump"):
        message = message.model_dump(exclude_none=True)
    if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
        hint = (
            "of an endpoint's answer take `choices[0].message`"
            if _is_answer(message)
            else "give a dictionary"
        )
        raise RequestError(f"message {number} has no role and content; {hint}")
    role, content = message["role"], message.get("content")
    if role not in ROLES:
        raise RequestError(f"message {number} has the role {shown(role)}{suggest(role, ROLES)}")
    if isinstance(content, list):
        content = "\n".join(_text_of(number, part) for part in content)
    if not isinstance(content, str):
        raise RequestError(f"message {number} has no text as its content; give one, or leave the message out")
    return {**message, "role": role, "content": content}


def _is_answer(message: Any) -> bool:
    return isinstance(message, Mapping) and "choices" in message


def _text_of(number: int, part: Any) -> str:
    """The text of one part of a content in parts."""
    if isinstance(part, str):
        return part
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    if kind != "text" or not isinstance(part.get("text"), str):
        raise RequestError(
            f"message {number} has a part of the type {shown(kind)}; only text can be kept, leave it out"
        )
    text: str = part["text"]
    return text


def _written(number: int, message: Any) -> dict[str, Any]:
    """A message as the file has it."""
    plain = plain_message(number, message)
    role = plain.pop("role")
    return {"content": plain.pop("content"), **_FILLED[role], **plain, "_type": ROLES[role]}


def _read(role: str, message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as it was before it was written."""
    filled = _FILLED[role]
    rest = {
        key: value
        for key, value in message.items()
        if key not in ("content", "_type", "role") and (key not in filled or value != filled[key])
    }
    return {"role": role, "content": message["content"], **rest}
