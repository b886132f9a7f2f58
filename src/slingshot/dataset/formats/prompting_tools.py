"""Conversations of PromptingTools.jl: a file each, a list of messages with `_type`; recordings' are such files.

What a row knows beside its messages stands in the answer's key `slingshot`, under `row`. Where a recording does
not have that, its evaluation says what was asked and who answered, else its place in the folder.
"""

import json
from pathlib import Path
from typing import Any

from slingshot.dataset.files import MESSAGE_KEYS, Fault, Row, about_row, message_of, shown, without
from slingshot.dataset.formats.shapes import TURN_KEYS, Written
from slingshot.dataset.json_files import Record, whole_value
from slingshot.errors import suggest
from slingshot.recordings.files import conversation_files, evaluation_path, parse_file_name
from slingshot.recordings.packed import refuse_packed
from slingshot.recordings.problems import Problem

_TYPES = {"system": "systemmessage", "user": "usermessage", "assistant": "aimessage", "tool": "toolmessage"}
_ROLES = {name: role for role, name in _TYPES.items()} | {
    "usermessagewithimages": "user",
    "aitoolrequest": "assistant",
}
# What PromptingTools writes in messages of which it knows nothing else.
_USUAL: dict[str, dict[str, Any]] = {
    "systemmessage": {"variables": []},
    "usermessage": {"variables": []},
    "aimessage": {"status": 200, "tokens": [-1, -1], "elapsed": -1.0},
}
_OWN = "slingshot"
_LOOKED_AT = 20  # files, for a conversation


def is_conversation(value: Any) -> bool:
    """Whether a file's value is such a conversation."""
    return (
        isinstance(value, list) and bool(value) and all(isinstance(m, dict) and "_type" in m for m in value)
    )


def conversations_in(folder: Path, sure: bool = False) -> list[Path]:
    """The conversations below a folder: those of recordings, else all JSON files.

    Unless it is `sure` that they are conversations, one among the first has to be.

    Raises:
        RequestError: recordings are packed there.
    """
    refuse_packed(folder, "reading them as conversations")
    if recorded := list(conversation_files(folder)):
        return recorded
    files = sorted(folder.rglob("*.json"))
    return files if sure or any(is_conversation(_value(path)) for path in files[:_LOOKED_AT]) else []


def read_conversation_row(record: Record, folder: Path) -> Row:
    """The row that a file's conversation is.

    Args:
        record: what the file holds.
        folder: the folder of recordings that it may be in.

    Raises:
        Fault: it is no conversation.
    """
    if not isinstance(record.value, list):
        raise Fault("no list of messages")
    messages = [_message(number, message) for number, message in enumerate(record.value, 1)]
    own = messages[-1].get(_OWN) if messages else None
    if not isinstance(own, dict) or not isinstance(own.get("row"), dict):
        return Row(messages, **_recorded(record.path, folder, own if isinstance(own, dict) else {}))
    if others := without(own, ["row"]):
        messages[-1][_OWN] = others
    else:
        del messages[-1][_OWN]
    return Row(messages, **about_row(own["row"]))


def write_conversation_row(row: Row) -> Written:
    """The list of messages that a row is."""
    value, lost = [_written(message) for message in row.messages], set[str]()
    if any(
        "_type" in old and old["_type"] != new["_type"] for old, new in zip(row.messages, value, strict=True)
    ):
        lost.add("_type")
    if row.beyond or any(row.about().values()):
        own = value[-1].get(_OWN, {})
        if not isinstance(own, dict) or "row" in own:
            own = {}
            lost.add(_OWN)
        value[-1][_OWN] = {**own, "row": row.about()}
    return Written(value, {TURN_KEYS: ", ".join(sorted(lost))} if lost else {})


def _value(path: Path) -> Any:
    found = whole_value(path)
    return None if isinstance(found, Problem) else found.value


def _message(number: int, message: Any) -> dict[str, Any]:
    """A message without what says nothing."""
    if not isinstance(message, dict):
        raise Fault(f"message {number} is no object")
    kind = message.get("_type")
    if not isinstance(kind, str) or kind not in _ROLES:
        raise Fault(f"message {number} has the unknown _type {shown(kind)}{suggest(str(kind), _ROLES)}")
    if "role" in message:
        raise Fault(f"message {number} has both `_type` and `role`; keep one")
    role, usual = _ROLES[kind], _USUAL.get(kind, {})
    said = {key: value for key, value in message.items() if key not in usual or value != usual[key]}
    if kind == _TYPES[role]:
        del said["_type"]
    return message_of(number, {"role": role, **said}, "role", "content")


def _written(message: dict[str, Any]) -> dict[str, Any]:
    role, kind = message["role"], message.get("_type")
    if not isinstance(kind, str) or _ROLES.get(kind) != role:
        kind = _TYPES[role]
    usual = {key: value for key, value in _USUAL.get(kind, {}).items() if key not in message}
    return {
        "content": message["content"],
        **usual,
        **without(message, (*MESSAGE_KEYS, "_type")),
        "_type": kind,
    }


def _recorded(path: Path, folder: Path, own: dict[str, Any]) -> dict[str, Any]:
    """Test case, prompt label and model of a recording, model and licence of another conversation; what is known."""
    name = parse_file_name(path.name)
    if name is None:  # one of a collection, perhaps
        said = {"source": own.get("model"), "licence": own.get("licence")}
        return {key: text for key, text in said.items() if isinstance(text, str)}
    try:
        found = json.loads(evaluation_path(path).read_text(encoding="utf-8"))
        said = {key: found[key] for key in ("name", "prompt_label", "model")}
        if all(isinstance(text, str) for text in said.values()):
            return {"test_case": said["name"], "prompt_label": said["prompt_label"], "source": said["model"]}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # a conversation that was not judged yet, or a broken evaluation, which loading recordings names
    parts = path.relative_to(folder).parts if path.is_relative_to(folder) else ()
    test_case, model = (parts[0], "/".join(parts[1:-1])) if len(parts) > 2 else ("", "")
    source = str(own.get("source") or own.get("model") or model)
    return {"test_case": test_case, "prompt_label": name.prompt_label, "source": source}
